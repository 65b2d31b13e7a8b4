//! One setting of a plugin, from which a settings screen draws its form.

use super::{SETTING_BYTES_MAX, SettingsError, Words};
use aurapos_contract::Value;
use aurapos_contract::host::Setting;

/// The type of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldType {
    /// Text.
    Text,
    /// Whole number.
    Int,
    /// Yes or no.
    Bool,
}

impl FieldType {
    pub(crate) fn from_word(word: &str) -> Option<FieldType> {
        match word {
            "text" => Some(FieldType::Text),
            "int" => Some(FieldType::Int),
            "bool" => Some(FieldType::Bool),
            _ => None,
        }
    }

    /// The word in manifests.
    pub fn word(self) -> &'static str {
        match self {
            FieldType::Text => "text",
            FieldType::Int => "int",
            FieldType::Bool => "bool",
        }
    }

    fn words(self) -> &'static str {
        match self {
            FieldType::Text => "a text in quotes",
            FieldType::Int => "a whole number",
            FieldType::Bool => "true or false",
        }
    }

    fn fits(self, value: &Value) -> bool {
        matches!(
            (self, value),
            (FieldType::Text, Value::Text(_)) | (FieldType::Int, Value::Int(_)) | (FieldType::Bool, Value::Bool(_))
        )
    }
}

/// When a setting is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct ShowIf {
    /// Key of another setting.
    pub key: String,
    /// The value it must have.
    pub equals: Value,
}

/// One setting.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigField {
    /// Key.
    pub key: String,
    /// Type.
    pub kind: FieldType,
    /// Label; empty: the key.
    pub label: Words,
    /// Help; may be empty.
    pub help: Words,
    /// What it is when the owner says nothing.
    pub default: Option<Value>,
    /// The owner must say it, as long as it is shown.
    pub required: bool,
    /// Lowest number.
    pub min: Option<i64>,
    /// Highest number.
    pub max: Option<i64>,
    /// The only values; empty: any.
    pub choices: Vec<Value>,
    /// Never stands in the TOML, is never shown; given as a secret.
    pub secret: bool,
    /// Takes effect after a restart.
    pub restart: bool,
    /// Shown, asked for and given to the plugin only when another setting is shown and has a value.
    pub show_if: Option<ShowIf>,
}

impl ConfigField {
    /// The value to use, whether or not it is shown: what is given, else the default.
    pub(crate) fn accept(&self, given: Option<&Setting>) -> Result<Option<Value>, SettingsError> {
        let refuse = |message: &str| Err(SettingsError::new(&self.key, message));
        let Some(given) = given.filter(|given| given.value != Value::Null) else {
            return match &self.default {
                None if self.required && self.secret => {
                    refuse("is missing; it is a secret: aurapos-admin plugin set-secret")
                }
                None if self.required => refuse("is missing"),
                default => Ok(default.clone()),
            };
        };
        self.check_place(given)?;
        self.check(&given.value).map(|()| Some(given.value.clone())).or_else(|message| refuse(&message))
    }

    /// A secret comes from where secrets are kept, everything else does not.
    pub(crate) fn check_place(&self, given: &Setting) -> Result<(), SettingsError> {
        match (self.secret, given.secret) {
            (true, false) => Err(SettingsError::new(
                &self.key,
                "is a secret and must not stand in the settings file: take it out there and use aurapos-admin plugin \
                 set-secret",
            )),
            (false, true) => Err(SettingsError::new(&self.key, "is no secret: it stands in the settings file")),
            _ => Ok(()),
        }
    }

    /// A value as it is typed, where there are no quotes to tell a text from a number.
    ///
    /// # Errors
    /// It is not one of this setting.
    pub fn parse(&self, typed: &str) -> Result<Value, SettingsError> {
        let value = match self.kind {
            FieldType::Text => Some(Value::from(typed)),
            FieldType::Int => typed.parse().ok().map(Value::Int),
            FieldType::Bool => typed.parse().ok().map(Value::Bool),
        };
        let refuse = |message: String| SettingsError::new(&self.key, &message);
        let value = value.ok_or_else(|| refuse(format!("must be {}", self.kind.words())))?;
        self.check(&value).map_err(refuse)?;
        Ok(value)
    }

    /// Type, range and choices.
    pub(crate) fn check(&self, value: &Value) -> Result<(), String> {
        if !self.kind.fits(value) {
            return Err(format!("must be {}", self.kind.words()));
        }
        if let Value::Int(number) = value {
            if let Some(min) = self.min.filter(|min| number < min) {
                return Err(format!("is {number}, the lowest is {min}"));
            }
            if let Some(max) = self.max.filter(|max| number > max) {
                return Err(format!("is {number}, the highest is {max}"));
            }
        }
        if value.as_text().is_some_and(|text| text.len() > SETTING_BYTES_MAX) {
            return Err(format!("is longer than {SETTING_BYTES_MAX} bytes"));
        }
        if !self.choices.is_empty() && !self.choices.contains(value) {
            let choices: Vec<String> = self.choices.iter().map(shown).collect();
            return Err(format!("must be one of {}", choices.join(", ")));
        }
        Ok(())
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("`{text}`"),
        Value::Int(number) => number.to_string(),
        other => format!("{other:?}"),
    }
}

/// A TOML value as a setting's value; `None` for dates, floats, lists and tables.
pub(crate) fn value_of(value: &toml::Value) -> Option<Value> {
    match value {
        toml::Value::String(text) => Some(Value::Text(text.clone())),
        toml::Value::Integer(number) => Some(Value::Int(*number)),
        toml::Value::Boolean(truth) => Some(Value::Bool(*truth)),
        _ => None,
    }
}
