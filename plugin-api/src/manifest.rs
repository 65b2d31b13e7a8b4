//! `plugin.toml`: what a plugin is, readable without running it.
//!
//! The same text is compiled into the library (`export_plugin!`) and lies beside it; the copy beside it has one more
//! table, `[artifact]`, with the facts of the file ([`pack`]). Parsing is strict: an unknown key, a wrong type or value
//! is an error that names line and key.
//!
//! ```toml
//! id = "acme-pay"                      # a-z, 0-9 and -, at most 40 characters
//! version = "1.2.0"                    # semver
//! kinds = ["payment"]                  # storage, payment, backup, printer, events
//! api = "^1"                           # range of aurapos-plugin-api versions
//! publisher = "Acme SA"
//! name = { en = "Acme terminal", fr = "Terminal Acme" }   # or one text
//! description = "Card payments on an Acme terminal."
//! asks = ["network"]                   # what it uses: files, network, serial, usb
//!
//! [[config.field]]
//! key = "port"
//! type = "int"                         # text, int, bool
//! label = { en = "Port", nl = "Poort" }
//! help = "As printed by the terminal."
//! default = 20007
//! min = 1
//! max = 65535
//! # also: required, choices = ["a", "b"], secret, restart, show_if = { key = "mode", equals = "tcp" }
//! ```

mod artifact;
mod config;
mod error;
mod raw;
#[cfg(test)]
mod tests;

pub use artifact::{Artifact, pack, same_manifest};
pub use config::{ConfigField, FieldType, ShowIf};
pub use error::{ManifestError, SettingsError};

use aurapos_contract::Settings;
use semver::{Version, VersionReq};
use std::collections::BTreeMap;
use std::fmt;

/// The longest id, in characters.
pub const ID_CHARS_MAX: usize = 40;
/// Most settings a plugin may have.
pub const FIELDS_MAX: usize = 64;
/// The largest manifest, in bytes.
pub const MANIFEST_BYTES_MAX: usize = 64 * 1024;

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
    /// What it says it uses.
    pub asks: Vec<String>,
    /// Its settings.
    pub fields: Vec<ConfigField>,
    /// The library beside the manifest; only in sidecars.
    pub artifact: Option<Artifact>,
}

impl Manifest {
    /// Parses a manifest, with or without `[artifact]`.
    ///
    /// # Errors
    /// Names the line and key that is wrong.
    pub fn parse(text: &str) -> Result<Manifest, ManifestError> {
        raw::parse(text)
    }

    /// The setting of that key.
    pub fn field(&self, key: &str) -> Option<&ConfigField> {
        self.fields.iter().find(|field| field.key == key)
    }
}

/// The settings of a `config` table: defaults filled in; types, ranges and choices checked.
///
/// # Errors
/// Names the key, and for an unknown one the keys that exist.
pub fn settings_from_toml(table: &toml::Table, manifest: &Manifest) -> Result<Settings, SettingsError> {
    let mut given = Settings::default();
    for (key, value) in table {
        let value = config::value_of(value)
            .ok_or_else(|| SettingsError::new(key, "must be a text, a whole number, true or false"))?;
        given = given.with(key, value);
    }
    complete_settings(&given, manifest)
}

/// The same for settings that were read already.
///
/// # Errors
/// As [`settings_from_toml`].
pub fn complete_settings(given: &Settings, manifest: &Manifest) -> Result<Settings, SettingsError> {
    if let Some(stranger) = given.items.iter().find(|item| manifest.field(&item.key).is_none()) {
        let known: Vec<&str> = manifest.fields.iter().map(|field| field.key.as_str()).collect();
        let known = if known.is_empty() { "it has none".to_owned() } else { format!("it has {}", known.join(", ")) };
        return Err(SettingsError::new(&stranger.key, &format!("is no setting of `{}`; {known}", manifest.id)));
    }
    let mut settings = Settings::default();
    for field in &manifest.fields {
        if let Some(value) = field.accept(given.get(&field.key))? {
            settings = settings.with(&field.key, value);
        }
    }
    Ok(settings)
}
