//! What is asked about settings, and the answer.

/// Changes a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingsCommand {
    /// Gives it a value.
    Set {
        /// Key.
        key: String,
        /// Value as text.
        value: String,
    },
    /// Takes the choice back: the default counts, also a later program's.
    Reset {
        /// Key.
        key: String,
    },
}

/// A setting's value now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingReply {
    /// Key.
    pub key: String,
    /// Value.
    pub value: String,
}
