//! The file as it stands: one struct a table, known keys typed, everything else ignored here.

use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// A text with its place.
pub(super) type Word = Spanned<String>;

/// `aurapos.toml`.
#[derive(Debug, Deserialize)]
pub(super) struct File {
    #[serde(default)]
    pub plugins: Plugins,
    #[serde(default)]
    pub register: Register,
    #[serde(default)]
    pub log: Log,
    pub storage: Storage,
    #[serde(default)]
    pub payment: Vec<Spanned<Instance>>,
    pub backup: Option<Spanned<Instance>>,
    #[serde(default)]
    pub printer: Vec<Spanned<Instance>>,
    #[serde(default)]
    pub events: Vec<Spanned<Instance>>,
    #[serde(default)]
    pub ui: Ui,
}

/// `[plugins]`
#[derive(Debug, Default, Deserialize)]
pub(super) struct Plugins {
    pub dirs: Option<Vec<String>>,
    pub trust: Option<Word>,
}

/// `[register]`
#[derive(Debug, Default, Deserialize)]
pub(super) struct Register {
    pub code: Option<Word>,
    pub mode: Option<Word>,
    pub time_zone: Option<Word>,
}

/// `[log]`
#[derive(Debug, Default, Deserialize)]
pub(super) struct Log {
    pub level: Option<Word>,
}

/// `[ui]`
#[derive(Debug, Default, Deserialize)]
pub(super) struct Ui {
    pub language: Option<Word>,
    pub theme: Option<Word>,
    pub reduced_motion: Option<bool>,
    pub idle_lock_minutes: Option<Spanned<i64>>,
    pub fullscreen: Option<bool>,
}

/// `[storage.*]`
#[derive(Debug, Deserialize)]
pub(super) struct Storage {
    pub local: Spanned<Instance>,
    pub shared: Option<Spanned<Instance>>,
}

/// A table that chooses a plugin.
#[derive(Debug, Deserialize)]
pub(super) struct Instance {
    pub name: Option<Word>,
    #[serde(rename = "use")]
    pub selector: Word,
    pub enabled: Option<bool>,
    pub isolation: Option<Word>,
    pub deadline_ms: Option<Spanned<i64>>,
    #[serde(default)]
    pub config: BTreeMap<String, Spanned<toml::Value>>,
}

/// The keys that this version knows, by table (`*` stands for any instance); what is not here is kept and told.
pub(super) const KNOWN: &[(&str, &[&str])] = &[
    ("", &["plugins", "register", "log", "storage", "payment", "backup", "printer", "events", "ui"]),
    ("plugins", &["dirs", "trust"]),
    ("register", &["code", "mode", "time_zone"]),
    ("log", &["level"]),
    ("ui", &["language", "theme", "reduced_motion", "idle_lock_minutes", "fullscreen"]),
    ("storage", &["local", "shared"]),
    ("storage.local", INSTANCE),
    ("storage.shared", INSTANCE),
    ("payment", INSTANCE),
    ("backup", INSTANCE),
    ("printer", INSTANCE),
    ("events", INSTANCE),
];

const INSTANCE: &[&str] = &["name", "use", "enabled", "isolation", "deadline_ms", "config"];
