//! `[ui]`: how the register's window looks on this machine.

use super::{Check, SettingsEdit, SettingsError, file, read_text, shown, write_text};
use crate::RuntimeError;
use crate::folder::DataFolder;
use aurapos_engine::setup::LANGUAGES;
use toml_edit::{Item, Table, Value};

/// The longest time after which an idle register can be told to lock itself: a day.
pub const IDLE_LOCK_MINUTES_MAX: u32 = 1_440;

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Theme {
    /// As the system is.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// All of them.
    pub const ALL: [Theme; 3] = [Theme::System, Theme::Light, Theme::Dark];

    /// The word in the file.
    pub const fn code(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// The theme of a word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.code() == code)
    }
}

/// How the window looks and behaves on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UiSettings {
    /// Language of the screens: `fr`; `None`: the shop's.
    pub language: Option<String>,
    /// Light or dark.
    pub theme: Theme,
    /// No movement that is only for the eye.
    pub reduced_motion: bool,
    /// After so many minutes without a touch or key the register locks itself; 0: never.
    pub idle_lock_minutes: u32,
    /// The window takes the whole screen.
    pub fullscreen: bool,
}

/// Writes how the window looks into the settings file; everything else in it stays as it is.
///
/// # Errors
/// The file cannot be read, is no longer valid, or cannot be written; a value is not possible.
pub fn save_ui(folder: &DataFolder, ui: &UiSettings) -> Result<(), RuntimeError> {
    let text = read_text(folder)?;
    let mut edit = SettingsEdit::of(&text)?;
    edit.set_ui(ui)?;
    let changed = edit.text();
    if changed != text {
        // What could not be read again at the next start is not written.
        super::MachineSettings::parse(&changed, &shown(folder), folder.last_good_file().exists())?;
        write_text(folder, &changed)?;
    }
    Ok(())
}

impl Check<'_> {
    pub(super) fn ui(&self, ui: file::Ui) -> Result<UiSettings, SettingsError> {
        let language = match ui.language {
            Some(word) if !LANGUAGES.contains(&word.get_ref().as_str()) => {
                let message = format!("\"{}\" is not {}", word.get_ref(), LANGUAGES.join(", "));
                return Err(self.wrong(word.span(), message));
            }
            word => word.map(toml::Spanned::into_inner),
        };
        let theme = match ui.theme {
            None => Theme::System,
            Some(word) => Theme::from_code(word.get_ref()).ok_or_else(|| {
                let message = format!("\"{}\" is not system, light or dark", word.get_ref());
                self.wrong(word.span(), message)
            })?,
        };
        let idle_lock_minutes = match ui.idle_lock_minutes {
            None => 0,
            Some(minutes) => {
                let fits = u32::try_from(*minutes.get_ref()).ok().filter(|minutes| *minutes <= IDLE_LOCK_MINUTES_MAX);
                let message = || format!("an idle register locks after 1 to {IDLE_LOCK_MINUTES_MAX} minutes, 0: never");
                fits.ok_or_else(|| self.wrong(minutes.span(), message()))?
            }
        };
        let (reduced_motion, fullscreen) = (ui.reduced_motion.unwrap_or(false), ui.fullscreen.unwrap_or(false));
        Ok(UiSettings { language, theme, reduced_motion, idle_lock_minutes, fullscreen })
    }
}

/// The keys with the values that they have, `None` where the file need not say anything.
pub(super) fn write(table: &mut Table, ui: &UiSettings) {
    let text = |text: &str| Some(Value::from(text));
    let default = UiSettings::default();
    set(table, "language", ui.language.as_deref().and_then(text), ui.language == default.language);
    set(table, "theme", text(ui.theme.code()), ui.theme == default.theme);
    set(table, "reduced_motion", Some(ui.reduced_motion.into()), ui.reduced_motion == default.reduced_motion);
    let minutes = i64::from(ui.idle_lock_minutes);
    set(table, "idle_lock_minutes", Some(minutes.into()), ui.idle_lock_minutes == default.idle_lock_minutes);
    set(table, "fullscreen", Some(ui.fullscreen.into()), ui.fullscreen == default.fullscreen);
}

/// Puts a value in unless it is there already, or is what a file without it means. Comments stay.
fn set(table: &mut Table, key: &str, value: Option<Value>, is_default: bool) {
    let old = table.get(key).and_then(Item::as_value);
    let Some(mut value) = value else {
        table.remove(key);
        return;
    };
    let plain = |value: &Value| value.clone().decorated("", "").to_string();
    match old {
        None if is_default => return,
        Some(old) if plain(old) == plain(&value) => return,
        Some(old) => *value.decor_mut() = old.decor().clone(),
        None => {}
    }
    table[key] = Item::Value(value);
}
