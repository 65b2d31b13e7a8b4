//! Help with a plugin's settings, for every kind of plugin, before any instance of it exists: is a draft right, what can be
//! chosen, does the other end answer. From it and the manifest a settings screen draws its form.

use crate::error::{ErrorCode, PluginError};
use crate::host::Settings;

wire_struct! {
    /// What is wrong with a setting.
    pub struct SettingProblem {
        /// Its key; empty: the settings as a whole.
        1 => key: String,
        /// One sentence that says what would be right.
        2 => message: String,
    }
}

wire_struct! {
    /// One of the values that a setting can have here and now: a serial port, a printer, a terminal on the network.
    pub struct SettingChoice {
        /// The value.
        1 => value: String,
        /// How people know it; empty: the value.
        2 => label: String,
    }
}

capability! {
    /// What a plugin knows of its own settings. `kind` is the word of the capability that they are for: `payment`.
    ///
    /// The host has checked the settings against the manifest already: keys, types, ranges, choices. Calls must not open
    /// what an instance holds for itself (a data file, a serial port in use): an instance may be running.
    pub trait SettingsGuide, table SettingsTable, client SettingsClient, layer SettingsLayer, kind 1 {
        /// What is wrong with these settings, beyond what the manifest says. Asks nobody outside.
        1 => fn validate(&self, ref kind: str, ref settings: Settings) -> Vec<SettingProblem> [Main, Start, Freely]
            default { Ok(Vec::new()) };

        /// What this setting can be, with the others as they are. An empty list: anything the manifest allows.
        2 => fn options(&self, ref kind: str, ref key: str, ref settings: Settings) -> Vec<SettingChoice>
            [Main, Device, Freely] default { Ok(Vec::new()) };

        /// Tries whether the other end answers with these settings, and says in one sentence who does.
        /// [`ErrorCode::Unsupported`]: there is no other end to try.
        3 => fn test_connection(&self, ref kind: str, ref settings: Settings; progress) -> String [Main, Long, Freely]
            default { Err(PluginError::new(ErrorCode::Unsupported, "there is nothing to connect to")) };
    }
}

/// The guide of a plugin that has nothing to add to its manifest.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoGuide;

impl SettingsGuide for NoGuide {}
