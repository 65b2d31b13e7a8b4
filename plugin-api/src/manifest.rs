//! `plugin.toml`: what a plugin is, readable without running it.
//!
//! The same text is compiled into the library (`export_plugin!`) and lies beside it; the copy beside it has one more
//! table, `[artifact]`, with the facts of the file ([`pack`]). Parsing is strict: an unknown key, a wrong type or value
//! is an error that names line and key.
//!
//! ```toml
//! id = "acme-pay"                      # a-z, 0-9 and -, at most 40 characters
//! version = "1.2.0"                    # semver, without `+build`
//! kinds = ["payment"]                  # storage, payment, backup, printer, events
//! api = "^1"                           # range of aurapos-plugin-api versions, with an upper end
//! publisher = "Acme SA"
//! name = { en = "Acme terminal", fr = "Terminal Acme" }   # or one text; languages as in `fr` or `fr-BE`
//! description = "Card payments on an Acme terminal."
//! asks = ["network"]                   # what it uses: files, network, serial, usb
//!
//! [[config.field]]
//! key = "port"                         # a-z, 0-9 and _, at most 40 characters
//! type = "int"                         # text, int, bool
//! label = { en = "Port", nl = "Poort" }
//! help = "As printed by the terminal."
//! default = 20007
//! min = 1                              # min and max: of an int only
//! max = 65535
//! # also: required (and then no default), choices = ["a", "b"] (text or int), restart,
//! # secret (text; no default, no choices), show_if = { key = "mode", equals = "tcp" }
//! ```
//!
//! # How the manifest grows
//!
//! Later versions of this API add keys, types of settings, kinds, words of `asks`. So that an older host can tell "made
//! for a later version" from "written wrongly":
//!
//! - `id`, `version` and `api` are read first, and alone. Their names, their types and the rules of their values never
//!   change, nor do TOML and [`MANIFEST_BYTES_MAX`]. A manifest whose `api` does not include this host's version is
//!   [`ManifestError::Api`]; nothing else in it is looked at, for this host cannot know what it means.
//! - Whatever a version of the API adds may be used by a manifest that asks for that version: a key that came with 1.1
//!   needs `api = "^1.1"`. So an unknown key under an `api` that fits is a mistake of the author, always, and
//!   [`ManifestError::Wrong`] by line.
//! - A rule here may be loosened by a later version, never tightened: what was accepted once is accepted for the whole
//!   major version.

mod artifact;
mod config;
mod error;
mod field;
mod head;
mod place;
mod raw;
mod settings;
#[cfg(test)]
mod tests;
mod words;

pub use artifact::{Artifact, pack, same_manifest};
pub use config::{ConfigField, FieldType, ShowIf};
pub use error::{ManifestError, SettingsError};
pub use settings::{FieldState, SettingsLook, complete_settings, look_at_settings, settings_from_toml};

use aurapos_contract::backup::BackupTable;
use aurapos_contract::call::Table;
use aurapos_contract::events::EventsTable;
use aurapos_contract::payment::PaymentTable;
use aurapos_contract::printer::PrinterTable;
use aurapos_contract::storage::StorageTable;
use semver::{Version, VersionReq};
use std::collections::BTreeMap;
use std::fmt;

/// The longest id, in characters.
pub const ID_CHARS_MAX: usize = 40;
/// The longest key of a setting, in characters.
pub const KEY_CHARS_MAX: usize = 40;
/// The longest `version` or `api`, in characters.
pub const VERSION_CHARS_MAX: usize = 64;
/// The longest name, label or publisher, in characters.
pub const NAME_CHARS_MAX: usize = 80;
/// The longest description or help, in characters.
pub const DESCRIPTION_CHARS_MAX: usize = 1_000;
/// Most languages of one text.
pub const LANGUAGES_MAX: usize = 40;
/// Most settings a plugin may have.
pub const FIELDS_MAX: usize = 64;
/// Most choices of one setting.
pub const CHOICES_MAX: usize = 64;
/// The longest text that a setting may have, in bytes.
pub const SETTING_BYTES_MAX: usize = 16 * 1024;
/// The largest manifest, in bytes.
pub const MANIFEST_BYTES_MAX: usize = 64 * 1024;
/// What a plugin may say that it uses, in `asks`.
pub const ASKS: [&str; 4] = ["files", "network", "serial", "usb"];

/// A capability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// Keeps records.
    Storage,
    /// Takes payments.
    Payment,
    /// Decides when and how backups are made.
    Backup,
    /// Prints.
    Printer,
    /// Hears what was committed.
    Events,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 5] = [Kind::Storage, Kind::Payment, Kind::Backup, Kind::Printer, Kind::Events];

    /// The word in manifests, settings and `plugin list`.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Storage => "storage",
            Kind::Payment => "payment",
            Kind::Backup => "backup",
            Kind::Printer => "printer",
            Kind::Events => "events",
        }
    }

    /// The number of its table of methods, for ever.
    pub fn number(self) -> u32 {
        match self {
            Kind::Storage => StorageTable::KIND,
            Kind::Payment => PaymentTable::KIND,
            Kind::Backup => BackupTable::KIND,
            Kind::Printer => PrinterTable::KIND,
            Kind::Events => EventsTable::KIND,
        }
    }

    /// The kind of that word.
    pub fn from_word(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A text for people, in one or several languages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words {
    /// By language (`en`, `fr`); a text without a language stands under the empty one.
    pub by_language: BTreeMap<String, String>,
}

impl Words {
    /// The text in a language, else in English, else in any.
    pub fn get(&self, language: &str) -> &str {
        let found = [language, "", "en"].into_iter().find_map(|wanted| self.by_language.get(wanted));
        found.or_else(|| self.by_language.values().next()).map_or("", String::as_str)
    }
}

/// A parsed manifest.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// Id: the name in the TOML's `use`.
    pub id: String,
    /// The plugin's own version.
    pub version: Version,
    /// Its capabilities, at least one.
    pub kinds: Vec<Kind>,
    /// The versions of this API that it can live with.
    pub api: VersionReq,
    /// Who made it; may be empty.
    pub publisher: String,
    /// Name for people; the id when there is none.
    pub name: Words,
    /// One or two sentences; may be empty.
    pub description: Words,
    /// What it says it uses, words of [`ASKS`].
    pub asks: Vec<String>,
    /// Its settings.
    pub fields: Vec<ConfigField>,
    /// The library beside the manifest; only in sidecars.
    pub artifact: Option<Artifact>,
}

impl Manifest {
    /// Parses a manifest, with or without `[artifact]`, as a host of this version of the API does.
    ///
    /// # Errors
    /// [`ManifestError::Api`] when it was made for another version, whatever else it says; [`ManifestError::Wrong`] with
    /// the line and key that is wrong.
    pub fn parse(text: &str) -> Result<Manifest, ManifestError> {
        Manifest::parse_for(text, crate::API_VERSION)
    }

    /// The same for a host of another version: what the growth rule is tested with.
    pub(crate) fn parse_for(text: &str, own: &str) -> Result<Manifest, ManifestError> {
        if text.len() > MANIFEST_BYTES_MAX {
            return Err(ManifestError::at(text, 0, format!("larger than {MANIFEST_BYTES_MAX} bytes")));
        }
        head::fits(text, own)?;
        raw::parse(text)
    }

    /// The setting of that key.
    pub fn field(&self, key: &str) -> Option<&ConfigField> {
        self.fields.iter().find(|field| field.key == key)
    }
}
