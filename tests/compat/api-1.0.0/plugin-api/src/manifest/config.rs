//! One setting of a plugin, from which a settings screen draws its form.

use super::{SettingsError, Words};
use aurapos_contract::Value;

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
    /// The owner must say it.
    pub required: bool,
    /// Lowest number.
    pub min: Option<i64>,
    /// Highest number.
    pub max: Option<i64>,
    /// The only values; empty: any.
    pub choices: Vec<Value>,
    /// Never stands in the TOML.
    pub secret: bool,
    /// Takes effect after a restart.
    pub restart: bool,
    /// Shown only when another setting has a value.
    pub show_if: Option<ShowIf>,
}

impl ConfigField {
    /// The value to use: what is given, else the default.
    pub(crate) fn accept(&self, given: Option<&Value>) -> Result<Option<Value>, SettingsError> {
        let refuse = |message: &str| Err(SettingsError::new(&self.key, message));
        let Some(value) = given.filter(|value| **value != Value::Null) else {
            return match &self.default {
                None if self.required => refuse("is missing"),
                default => Ok(default.clone()),
            };
        };
        if self.secret {
            return refuse("is a secret and must not stand in the settings file");
        }
        self.check(value).map(|()| Some(value.clone())).or_else(|message| refuse(&message))
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
