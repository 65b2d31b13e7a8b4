//! How the window looks on this machine: `[ui]` in `aurapos.toml`.

use super::{Inner, trouble};
use aurapos_runtime::settings::{self, MachineSettings, Theme, UiSettings};
use aurapos_ui::host::{HostResult, Preferences, ThemeChoice};

/// What the settings say; the defaults where there are none.
pub(super) fn of(settings: Option<&MachineSettings>) -> Preferences {
    let Some(ui) = settings.map(|settings| &settings.ui) else { return Preferences::default() };
    Preferences {
        language: ui.language.clone().unwrap_or_default(),
        theme: match ui.theme {
            Theme::System => ThemeChoice::System,
            Theme::Light => ThemeChoice::Light,
            Theme::Dark => ThemeChoice::Dark,
        },
        reduced_motion: ui.reduced_motion,
        idle_lock_minutes: ui.idle_lock_minutes,
        fullscreen: ui.fullscreen,
    }
}

impl Inner {
    /// Keeps them for the next start. Before there is a shop they are kept in memory, and written with the shop.
    pub(super) fn keep_preferences(&self, preferences: Preferences) -> HostResult<()> {
        *self.lock(&self.preferences) = preferences.clone();
        if !self.options.folder.settings_file().exists() {
            return Ok(());
        }
        settings::save_ui(&self.options.folder, &written(preferences)).map_err(|error| trouble::of_runtime(&error))
    }

    /// Puts what was chosen in the wizard into the settings of the shop that was just made.
    pub(super) fn write_preferences(&self) {
        let chosen = self.lock(&self.preferences).clone();
        if let Err(error) = settings::save_ui(&self.options.folder, &written(chosen)) {
            tracing::warn!(code = error.code(), "how the window looks is not written: {error}");
        }
    }
}

fn written(preferences: Preferences) -> UiSettings {
    UiSettings {
        language: Some(preferences.language).filter(|language| !language.is_empty()),
        theme: match preferences.theme {
            ThemeChoice::System => Theme::System,
            ThemeChoice::Light => Theme::Light,
            ThemeChoice::Dark => Theme::Dark,
        },
        reduced_motion: preferences.reduced_motion,
        idle_lock_minutes: preferences.idle_lock_minutes,
        fullscreen: preferences.fullscreen,
    }
}
