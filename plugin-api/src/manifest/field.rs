//! From `[[config.field]]` to [`ConfigField`]: what a setting of a plugin may be, alone and among the others.

use super::config::value_of;
use super::place::Place;
use super::words::{Length, RawWords, words};
use super::{CHOICES_MAX, ConfigField, FIELDS_MAX, FieldType, KEY_CHARS_MAX, ManifestError, ShowIf, Words};
use aurapos_contract::Value;
use serde::Deserialize;
use toml::Spanned;

/// Keys that the host adds to the settings of a storage itself.
const HOSTS_KEYS: [&str; 1] = ["read_only"];

/// `[config]`
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct RawConfig {
    #[serde(default)]
    field: Vec<Spanned<RawField>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawField {
    key: Spanned<String>,
    r#type: Spanned<String>,
    label: Option<Spanned<RawWords>>,
    help: Option<Spanned<RawWords>>,
    default: Option<Spanned<toml::Value>>,
    required: Option<Spanned<bool>>,
    min: Option<Spanned<i64>>,
    max: Option<Spanned<i64>>,
    choices: Option<Spanned<Vec<Spanned<toml::Value>>>>,
    secret: Option<Spanned<bool>>,
    #[serde(default)]
    restart: bool,
    show_if: Option<Spanned<RawShowIf>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawShowIf {
    key: String,
    equals: toml::Value,
}

/// All settings, in the order of the manifest.
pub(super) fn fields(place: &Place<'_>, config: RawConfig) -> Result<Vec<ConfigField>, ManifestError> {
    let mut fields: Vec<ConfigField> = Vec::new();
    let mut conditions: Vec<usize> = Vec::new();
    for raw in config.field {
        if fields.len() == FIELDS_MAX {
            return Err(place.error(&raw, format!("more than {FIELDS_MAX} settings")));
        }
        let raw = raw.into_inner();
        check_key(raw.key.get_ref()).map_err(|message| place.error(&raw.key, message))?;
        if fields.iter().any(|known| known.key == *raw.key.get_ref()) {
            return Err(place.error(&raw.key, format!("the setting `{}` stands twice", raw.key.get_ref())));
        }
        conditions.push(raw.show_if.as_ref().map_or(0, |condition| condition.span().start));
        fields.push(field(place, &raw)?);
    }
    for (field, at) in fields.iter().zip(conditions) {
        check_condition(field, &fields).map_err(|message| place.error_at(at, message))?;
    }
    Ok(fields)
}

fn check_key(key: &str) -> Result<(), String> {
    let starts = key.starts_with(|first: char| first.is_ascii_lowercase());
    if !starts
        || key.len() > KEY_CHARS_MAX
        || !key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    {
        return Err(format!(
            "the key of a setting has a-z, 0-9 and _, starts with a letter and has at most {KEY_CHARS_MAX} characters"
        ));
    }
    if HOSTS_KEYS.contains(&key) { Err(format!("`{key}` is the host's own; choose another key")) } else { Ok(()) }
}

fn field(place: &Place<'_>, raw: &RawField) -> Result<ConfigField, ManifestError> {
    let kind = FieldType::from_word(raw.r#type.get_ref())
        .ok_or_else(|| place.error(&raw.r#type, "a type is text, int or bool"))?;
    let truth = |flag: &Option<Spanned<bool>>| flag.as_ref().is_some_and(|flag| *flag.get_ref());
    let mut field = ConfigField {
        key: raw.key.get_ref().clone(),
        kind,
        label: texts(place, raw.label.as_ref(), Length::Name)?,
        help: texts(place, raw.help.as_ref(), Length::Description)?,
        default: None,
        required: truth(&raw.required),
        min: None,
        max: None,
        choices: Vec::new(),
        secret: truth(&raw.secret),
        restart: raw.restart,
        show_if: None,
    };
    secrecy(place, raw, kind)?;
    range(place, raw, &mut field)?;
    choices(place, raw, &mut field)?;
    if let Some(default) = &raw.default {
        if let Some(required) = raw.required.as_ref().filter(|required| *required.get_ref()) {
            return Err(place.error(required, "what has a default is never missing: leave out one of the two"));
        }
        field.default = Some(accepted(place, default, &field, "the default")?);
    }
    if let Some(condition) = &raw.show_if {
        let RawShowIf { key, equals } = condition.get_ref();
        let equals = value_of(equals)
            .ok_or_else(|| place.error(condition, "`equals` must be a text, a whole number, true or false"))?;
        field.show_if = Some(ShowIf { key: key.clone(), equals });
    }
    Ok(field)
}

fn texts(place: &Place<'_>, raw: Option<&Spanned<RawWords>>, length: Length) -> Result<Words, ManifestError> {
    let Some(raw) = raw else { return Ok(Words::default()) };
    words(raw.get_ref(), length).map_err(|message| place.error(raw, message))
}

/// A secret has nothing that would give it away, or that would be shown of it.
fn secrecy(place: &Place<'_>, raw: &RawField, kind: FieldType) -> Result<(), ManifestError> {
    let Some(secret) = raw.secret.as_ref().filter(|secret| *secret.get_ref()) else { return Ok(()) };
    let refuse = |message: &str| Err(place.error(secret, message));
    if kind != FieldType::Text {
        refuse("a secret is a text")
    } else if raw.default.is_some() {
        refuse("a secret has no default: everybody could read it")
    } else if raw.choices.is_some() {
        refuse("a secret has no choices: everybody could read them")
    } else {
        Ok(())
    }
}

fn range(place: &Place<'_>, raw: &RawField, field: &mut ConfigField) -> Result<(), ManifestError> {
    for bound in raw.min.iter().chain(&raw.max) {
        if field.kind != FieldType::Int {
            return Err(place.error(bound, "only an int has min and max"));
        }
    }
    let number = |bound: &Option<Spanned<i64>>| bound.as_ref().map(|bound| *bound.get_ref());
    (field.min, field.max) = (number(&raw.min), number(&raw.max));
    match (field.min, field.max, &raw.min) {
        (Some(min), Some(max), Some(at)) if min > max => {
            Err(place.error(at, format!("the lowest, {min}, is above the highest, {max}")))
        }
        _ => Ok(()),
    }
}

fn choices(place: &Place<'_>, raw: &RawField, field: &mut ConfigField) -> Result<(), ManifestError> {
    let Some(choices) = &raw.choices else { return Ok(()) };
    if field.kind == FieldType::Bool {
        return Err(place.error(choices, "a bool has its two choices already"));
    }
    if choices.get_ref().is_empty() || choices.get_ref().len() > CHOICES_MAX {
        return Err(place.error(choices, format!("there are 1 to {CHOICES_MAX} choices")));
    }
    let mut known: Vec<Value> = Vec::new();
    for choice in choices.get_ref() {
        let value = accepted(place, choice, field, "the choice")?;
        if known.contains(&value) {
            return Err(place.error(choice, "a choice stands twice"));
        }
        known.push(value);
    }
    field.choices = known;
    Ok(())
}

/// A value that stands in the manifest, and that the owner could have given.
fn accepted(
    place: &Place<'_>,
    value: &Spanned<toml::Value>,
    field: &ConfigField,
    what: &str,
) -> Result<Value, ManifestError> {
    let plain =
        value_of(value.get_ref()).ok_or_else(|| place.error(value, "must be a text, a whole number, true or false"))?;
    field.check(&plain).map_err(|message| place.error(value, format!("{what} {message}")))?;
    Ok(plain)
}

/// A condition names another setting, a value that this one can have, and does not come back to itself.
fn check_condition(field: &ConfigField, all: &[ConfigField]) -> Result<(), String> {
    let Some(condition) = &field.show_if else { return Ok(()) };
    let of_key = |key: &str| all.iter().find(|other| other.key == key);
    let Some(target) = of_key(&condition.key) else {
        return Err(format!("`{}` is none of the settings", condition.key));
    };
    if target.secret {
        return Err(format!("`{}` is a secret, and what is shown would give it away", target.key));
    }
    let mut next = Some(target);
    for _ in 0..all.len() {
        match next {
            None => break,
            Some(above) if above.key == field.key => {
                return Err(format!("whether `{}` is shown depends on itself", field.key));
            }
            Some(above) => next = above.show_if.as_ref().and_then(|condition| of_key(&condition.key)),
        }
    }
    target.check(&condition.equals).map_err(|message| format!("`{}` never equals that: it {message}", target.key))
}
