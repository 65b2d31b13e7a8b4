//! Where a shop's data is kept, and the server beside it: the plain data of the wizard's step and of Settings → Storage.

use super::Trouble;
use aurapos_domain::calendar::Timestamp;
use std::fmt;

/// What was typed into a plugin's form. Its `Debug` shows no secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Typed {
    /// The setting.
    pub key: String,
    /// The text; of a switch `true` or `false`.
    pub text: String,
    /// It is a secret.
    pub secret: bool,
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = if self.secret { "…" } else { &self.text };
        f.debug_struct("Typed").field("key", &self.key).field("text", &text).finish()
    }
}

/// The storage that a new shop is set up on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum StorageWish {
    /// A file in the data folder.
    #[default]
    File,
    /// The server that was made in this data folder.
    OwnServer,
    /// A server that is made in this data folder first.
    NewServer,
    /// Somebody's server, shared with further registers, with what was typed into its plugin's form.
    Shared {
        /// The plugin's id.
        id: String,
        /// What was typed.
        typed: Vec<Typed>,
    },
    /// What the settings file that lies there names.
    AsSettings,
    /// A plugin, with what was typed into its form.
    Plugin {
        /// Its id.
        id: String,
        /// What was typed.
        typed: Vec<Typed>,
        /// The owner, who was told what it means, lets it run inside the register.
        consent: bool,
    },
}

/// How a field of a plugin's form is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldKind {
    /// A line of text.
    Text,
    /// A text that nobody reads.
    Secret,
    /// A whole number, from and to where there are limits.
    Number(Option<i64>, Option<i64>),
    /// On or off.
    Switch,
    /// One of these.
    Choice(Vec<String>),
}

/// A field of a plugin's form, in the operator's language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingField {
    /// Key.
    pub key: String,
    /// Label.
    pub label: String,
    /// Help; may be empty.
    pub help: String,
    /// How it is filled in.
    pub kind: FieldKind,
    /// What stands there at first: the default.
    pub text: String,
    /// It must be filled in.
    pub required: bool,
    /// Shown only while another field has a value.
    pub show_if: Option<(String, String)>,
}

/// A storage that a shop can be set up on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageOffer {
    /// What it is.
    pub kind: OfferKind,
    /// The plugin's id.
    pub plugin: String,
    /// The plugin's name for people.
    pub name: String,
    /// What the plugin says of itself.
    pub description: String,
    /// What is asked; empty where everything is known.
    pub fields: Vec<SettingField>,
    /// It did not come with AuraPOS: the owner has to let it run inside the register.
    pub needs_consent: bool,
}

/// What an offer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OfferKind {
    /// A file in the data folder.
    File,
    /// The server of this data folder: host and port, the shop it was made for.
    OwnServer {
        /// `localhost:5432`.
        place: String,
        /// The shop.
        shop: String,
        /// Why it cannot be used, where it cannot.
        trouble: Option<Trouble>,
    },
    /// A server that is made first.
    NewServer {
        /// This program may make it whole; otherwise the line does it.
        allowed: bool,
        /// The line of a shell that makes it.
        line: String,
    },
    /// What the settings file names.
    AsSettings,
    /// Another plugin.
    Plugin,
}

/// What is tested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tested {
    /// A storage before there is a shop on it.
    New(StorageWish),
    /// A server at a name or address, as this register would come in.
    Host(String),
    /// The master of a shop that is to be joined. Nothing of the pairing is used.
    Master(super::JoinWish),
}

/// What came of a test, in the operator's language.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConnectionReport {
    /// A register gets in.
    pub good: bool,
    /// Code; empty when all is well.
    pub code: String,
    /// What it is; empty when all is well.
    pub sentence: String,
    /// What to do next.
    pub next: String,
    /// Whom it was asked about: `192.168.1.10:5432`.
    pub place: String,
    /// Who answers: `PostgreSQL 17.2`.
    pub server: String,
    /// The words of system or server, for support.
    pub detail: String,
    /// Lines to type that show more.
    pub lines: Vec<String>,
    /// The setting that is wrong, where it is one.
    pub key: String,
}

/// A shop that was set up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SetUp {
    /// Why the catalog did not come in, where the shop stands without it.
    pub catalog: Option<Trouble>,
}

/// The storage in use and the server of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StorageView {
    /// `SQLite`.
    pub engine: String,
    /// Its version.
    pub version: String,
    /// The plugin's id.
    pub plugin: String,
    /// Where the data is.
    pub location: String,
    /// Why it is not well; `None`: it answers.
    pub trouble: Option<Trouble>,
    /// Where the shop is that several registers share, `192.168.1.10:5432`; empty: this register is by itself.
    pub shared: String,
    /// What this register is in its shop.
    pub role: super::RegisterRole,
    /// It is by itself, and may become the master of several.
    pub may_share: bool,
    /// The server of this data folder.
    pub server: ServerView,
}

/// How far a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub enum ServerState {
    #[default]
    NotMade,
    HalfMade,
    Stopped,
    Running,
}

/// The server of this data folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServerView {
    /// One can be made on this system.
    pub possible: bool,
    /// How far it is.
    pub state: ServerState,
    /// Since when it runs.
    pub since: Option<Timestamp>,
    /// `17.2`.
    pub version: String,
    /// Its port.
    pub port: u16,
    /// Addresses by which registers reach it.
    pub addresses: Vec<String>,
    /// The last day of its certificate.
    pub certificate_until: Option<Timestamp>,
    /// The certificate has to be made anew.
    pub certificate_due: bool,
    /// Connections in use, and how many are possible.
    pub connections: Option<(u64, u64)>,
    /// It starts at boot.
    pub at_boot: bool,
    /// Lines of a shell that have it start at boot.
    pub boot_lines: Vec<String>,
    /// The firewall refuses registers.
    pub firewall_refuses: bool,
    /// Lines of a shell that let registers through it.
    pub firewall_lines: Vec<String>,
    /// Settings that endanger data: `fsync = off`.
    pub dangers: Vec<String>,
    /// A register of this machine gets in; `None`: it was not asked.
    pub reached: Option<ConnectionReport>,
    /// It cannot be looked at.
    pub trouble: Option<Trouble>,
    /// This program may start, stop, renew and make it.
    pub allowed: bool,
    /// The program's way to do it on a command line: `sudo aurapos-admin --data /srv/shop server`.
    pub line: String,
}

/// What is done with the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ServerDeed {
    Start,
    Stop,
    Renew,
    Make,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_shown() {
        let typed = |secret| Typed { key: "password".to_owned(), text: "sesame".to_owned(), secret };
        let wish = StorageWish::Plugin { id: "postgres".to_owned(), typed: vec![typed(true)], consent: false };
        assert!(!format!("{wish:?}").contains("sesame") && format!("{:?}", typed(false)).contains("sesame"));
    }
}
