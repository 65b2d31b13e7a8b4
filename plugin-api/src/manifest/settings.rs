//! The settings of one instance against the manifest of its plugin.
//!
//! A setting that `show_if` hides is not there for the plugin: what the owner gave it stays in the settings file, is not
//! checked and not handed over, nor is its default, and it is never missing. A secret in the settings file and a key
//! that the plugin does not have are refused, hidden or not: those are mistakes in the file itself.

use super::config::value_of;
use super::{ConfigField, FIELDS_MAX, Manifest, SettingsError};
use aurapos_contract::{Settings, Value};

/// How one setting stands.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldState<'a> {
    /// The setting.
    pub field: &'a ConfigField,
    /// Whether its `show_if` holds.
    pub shown: bool,
    /// Whether the owner gave a value.
    pub given: bool,
    /// The value that the plugin gets. `None` where it is hidden, has none, has a problem, or is a secret: those are in
    /// no list that may be shown.
    pub value: Option<Value>,
    /// What is wrong with it.
    pub problem: Option<SettingsError>,
}

/// How all settings of an instance stand.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingsLook<'a> {
    /// Those of the manifest, in its order.
    pub fields: Vec<FieldState<'a>>,
    /// Given, and none of the plugin's.
    pub strangers: Vec<SettingsError>,
}

/// The settings of a `config` table: defaults filled in; types, ranges and choices checked.
///
/// # Errors
/// Names the key, and for an unknown one the keys that exist.
pub fn settings_from_toml(table: &toml::Table, manifest: &Manifest) -> Result<Settings, SettingsError> {
    let mut given = Settings::default();
    for (key, value) in table {
        let value =
            value_of(value).ok_or_else(|| SettingsError::new(key, "must be a text, a whole number, true or false"))?;
        given = given.with(key, value);
    }
    complete_settings(&given, manifest)
}

/// The same for settings that were read already, secrets marked as such.
///
/// # Errors
/// As [`settings_from_toml`].
pub fn complete_settings(given: &Settings, manifest: &Manifest) -> Result<Settings, SettingsError> {
    let look = look_at_settings(given, manifest);
    if let Some(stranger) = look.strangers.into_iter().next() {
        return Err(stranger);
    }
    let mut settings = Settings::default();
    for state in look.fields {
        let key = &state.field.key;
        match (state.problem, state.value) {
            (Some(problem), _) => return Err(problem),
            (None, Some(value)) => settings = settings.with(key, value),
            (None, None) if state.field.secret && state.shown => {
                if let Some(text) = given.get(key).and_then(Value::as_text) {
                    settings = settings.with_secret(key, text);
                }
            }
            (None, None) => {}
        }
    }
    Ok(settings)
}

/// How each setting stands, and everything that is wrong: what a form shows.
pub fn look_at_settings<'a>(given: &Settings, manifest: &'a Manifest) -> SettingsLook<'a> {
    let strangers = given.items.iter().filter(|item| manifest.field(&item.key).is_none());
    let known: Vec<&str> = manifest.fields.iter().map(|field| field.key.as_str()).collect();
    let known = if known.is_empty() { "it has none".to_owned() } else { format!("it has {}", known.join(", ")) };
    let told = |key: &str| SettingsError::new(key, &format!("is no setting of `{}`; {known}", manifest.id));
    SettingsLook {
        fields: manifest.fields.iter().map(|field| state(field, given, manifest)).collect(),
        strangers: strangers.map(|item| told(&item.key)).collect(),
    }
}

fn state<'a>(field: &'a ConfigField, given: &Settings, manifest: &Manifest) -> FieldState<'a> {
    let item = given.items.iter().find(|item| item.key == field.key);
    let shown = is_shown(field, given, manifest);
    let judged = match item {
        _ if shown => field.accept(item),
        Some(item) if field.secret => field.check_place(item).map(|()| None),
        _ => Ok(None),
    };
    let (value, problem) = match judged {
        Ok(value) => (value.filter(|_| !field.secret), None),
        Err(problem) => (None, Some(problem)),
    };
    FieldState { field, shown, given: item.is_some(), value, problem }
}

/// Whether every condition above a setting holds. What is hidden itself shows nothing.
fn is_shown(field: &ConfigField, given: &Settings, manifest: &Manifest) -> bool {
    let mut field = field;
    for _ in 0..=FIELDS_MAX {
        let Some(condition) = &field.show_if else { return true };
        let Some(target) = manifest.field(&condition.key) else { return false };
        let item = given.items.iter().find(|item| item.key == target.key);
        if target.accept(item).ok().flatten().as_ref() != Some(&condition.equals) {
            return false;
        }
        field = target;
    }
    // A circle, which no parsed manifest has.
    false
}
