//! From TOML to [`Manifest`], with places in errors.

use super::config::value_of;
use super::{Artifact, ConfigField, FieldType, Kind, Manifest, ManifestError, ShowIf, Words};
use super::{FIELDS_MAX, ID_CHARS_MAX, MANIFEST_BYTES_MAX};
use aurapos_contract::Value;
use semver::{Version, VersionReq};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    id: Spanned<String>,
    version: Spanned<String>,
    kinds: Spanned<Vec<String>>,
    api: Spanned<String>,
    #[serde(default)]
    publisher: String,
    name: Option<RawWords>,
    description: Option<RawWords>,
    #[serde(default)]
    asks: Vec<String>,
    #[serde(default)]
    config: RawConfig,
    artifact: Option<Spanned<RawArtifact>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawConfig {
    #[serde(default)]
    field: Vec<Spanned<RawField>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawWords {
    One(String),
    Many(BTreeMap<String, String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawField {
    key: Spanned<String>,
    r#type: Spanned<String>,
    label: Option<RawWords>,
    help: Option<RawWords>,
    default: Option<Spanned<toml::Value>>,
    #[serde(default)]
    required: bool,
    min: Option<i64>,
    max: Option<i64>,
    #[serde(default)]
    choices: Vec<Spanned<toml::Value>>,
    #[serde(default)]
    secret: bool,
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawArtifact {
    target: String,
    file: String,
    size: u64,
    sha256: String,
}

impl From<RawWords> for Words {
    fn from(raw: RawWords) -> Self {
        match raw {
            RawWords::One(text) => Words { by_language: BTreeMap::from([(String::new(), text)]) },
            RawWords::Many(by_language) => Words { by_language },
        }
    }
}

fn words(raw: Option<RawWords>) -> Words {
    raw.map(Words::from).unwrap_or_default()
}

/// The text being parsed, for places in errors.
struct Place<'a>(&'a str);

impl Place<'_> {
    fn error<T>(&self, at: &Spanned<T>, message: impl Into<String>) -> ManifestError {
        ManifestError::at(self.0, at.span().start, message)
    }
}

pub(super) fn parse(text: &str) -> Result<Manifest, ManifestError> {
    if text.len() > MANIFEST_BYTES_MAX {
        return Err(ManifestError::at(text, 0, format!("larger than {MANIFEST_BYTES_MAX} bytes")));
    }
    let raw: Raw = toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        ManifestError::at(text, at, error.message())
    })?;
    let place = Place(text);
    let id = raw.id.get_ref().clone();
    if !is_id(&id) {
        return Err(place.error(
            &raw.id,
            format!("an id has a-z, 0-9 and -, starts with a letter and has at most {ID_CHARS_MAX} characters"),
        ));
    }
    let version = Version::parse(raw.version.get_ref())
        .map_err(|error| place.error(&raw.version, format!("not a version like 1.2.0: {error}")))?;
    let api = VersionReq::parse(raw.api.get_ref())
        .map_err(|error| place.error(&raw.api, format!("not a range like ^1: {error}")))?;
    let mut fields: Vec<ConfigField> = Vec::new();
    for raw_field in raw.config.field {
        if fields.len() == FIELDS_MAX {
            return Err(place.error(&raw_field, format!("more than {FIELDS_MAX} settings")));
        }
        let at = raw_field.span().start;
        let field = field(&place, raw_field.into_inner())?;
        if fields.iter().any(|known| known.key == field.key) {
            return Err(ManifestError::at(text, at, format!("the setting `{}` stands twice", field.key)));
        }
        fields.push(field);
    }
    Ok(Manifest {
        name: raw.name.map_or_else(|| Words::from(RawWords::One(id.clone())), Words::from),
        id,
        version,
        kinds: kinds(&place, &raw.kinds)?,
        api,
        publisher: raw.publisher,
        description: words(raw.description),
        asks: raw.asks,
        fields,
        artifact: raw.artifact.map(|raw| artifact(&place, raw)).transpose()?,
    })
}

/// Whether a text is an id.
fn is_id(id: &str) -> bool {
    id.starts_with(|first: char| first.is_ascii_lowercase())
        && id.len() <= ID_CHARS_MAX
        && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

fn kinds(place: &Place<'_>, raw: &Spanned<Vec<String>>) -> Result<Vec<Kind>, ManifestError> {
    let mut kinds = Vec::new();
    for word in raw.get_ref() {
        let kind = Kind::from_word(word).ok_or_else(|| {
            let known: Vec<&str> = Kind::ALL.into_iter().map(Kind::word).collect();
            place.error(raw, format!("`{word}` is no kind of plugin; there are {}", known.join(", ")))
        })?;
        if kinds.contains(&kind) {
            return Err(place.error(raw, format!("`{word}` stands twice")));
        }
        kinds.push(kind);
    }
    if kinds.is_empty() { Err(place.error(raw, "names no kind")) } else { Ok(kinds) }
}

fn field(place: &Place<'_>, raw: RawField) -> Result<ConfigField, ManifestError> {
    let kind = FieldType::from_word(raw.r#type.get_ref())
        .ok_or_else(|| place.error(&raw.r#type, "a type is text, int or bool"))?;
    if raw.key.get_ref().is_empty() {
        return Err(place.error(&raw.key, "is empty"));
    }
    let plain = |value: &Spanned<toml::Value>| -> Result<Value, ManifestError> {
        value_of(value.get_ref()).ok_or_else(|| place.error(value, "must be a text, a whole number, true or false"))
    };
    let choices = raw.choices.iter().map(plain).collect::<Result<Vec<_>, _>>()?;
    let show_if = match &raw.show_if {
        None => None,
        Some(raw) => Some(ShowIf {
            key: raw.get_ref().key.clone(),
            equals: value_of(&raw.get_ref().equals)
                .ok_or_else(|| place.error(raw, "`equals` must be a text, a whole number, true or false"))?,
        }),
    };
    let mut field = ConfigField {
        key: raw.key.into_inner(),
        kind,
        label: words(raw.label),
        help: words(raw.help),
        default: None,
        required: raw.required,
        min: raw.min,
        max: raw.max,
        choices,
        secret: raw.secret,
        restart: raw.restart,
        show_if,
    };
    if let Some(default) = &raw.default {
        let value = plain(default)?;
        field.check(&value).map_err(|message| place.error(default, format!("the default {message}")))?;
        field.default = Some(value);
    }
    Ok(field)
}

fn artifact(place: &Place<'_>, raw: Spanned<RawArtifact>) -> Result<Artifact, ManifestError> {
    let at = raw.span().start;
    let RawArtifact { target, file, size, sha256 } = raw.into_inner();
    let refuse = |message: &str| Err(ManifestError::at(place.0, at, message));
    if file.is_empty() || file.contains(['/', '\\']) || file.starts_with('.') {
        return refuse("`file` must be a plain file name in this folder");
    }
    if sha256.len() != 64 || !sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return refuse("`sha256` must be 64 lower-case hexadecimal digits");
    }
    Ok(Artifact { target, file, size, sha256 })
}
