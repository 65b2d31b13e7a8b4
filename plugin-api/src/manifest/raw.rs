//! From TOML to [`Manifest`], with places in errors.

use super::field::{RawConfig, fields};
use super::place::Place;
use super::words::{Length, RawWords, check_text, words};
use super::{ASKS, Artifact, Kind, Manifest, ManifestError, Words, head};
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
    publisher: Option<Spanned<String>>,
    name: Option<Spanned<RawWords>>,
    description: Option<Spanned<RawWords>>,
    asks: Option<Spanned<Vec<String>>>,
    #[serde(default)]
    config: RawConfig,
    artifact: Option<Spanned<RawArtifact>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawArtifact {
    target: String,
    file: String,
    size: u64,
    sha256: String,
}

/// Reads the whole text strictly. That its `api` fits was found before.
pub(super) fn parse(text: &str) -> Result<Manifest, ManifestError> {
    let raw: Raw = toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        ManifestError::at(text, at, error.message())
    })?;
    let place = Place(text);
    place.checked(&raw.id, |id| head::check_id(id))?;
    let id = raw.id.get_ref().clone();
    let version = place.checked(&raw.version, |text| head::plugin_version(text))?;
    let api = place.checked(&raw.api, |text| head::api_range(text))?;
    let texts = |raw: &Option<Spanned<RawWords>>, length| {
        raw.as_ref().map(|raw| place.checked(raw, |raw| words(raw, length))).transpose()
    };
    let one_text = || Words { by_language: BTreeMap::from([(String::new(), id.clone())]) };
    if let Some(publisher) = &raw.publisher {
        place.checked(publisher, |text| check_text(text, Length::Name))?;
    }
    Ok(Manifest {
        name: texts(&raw.name, Length::Name)?.unwrap_or_else(one_text),
        version,
        kinds: place.checked(&raw.kinds, |words| kinds(words))?,
        api,
        publisher: raw.publisher.map(Spanned::into_inner).unwrap_or_default(),
        description: texts(&raw.description, Length::Description)?.unwrap_or_default(),
        asks: raw.asks.map(|raw| place.checked(&raw, |words| asks(words))).transpose()?.unwrap_or_default(),
        fields: fields(&place, raw.config)?,
        artifact: raw.artifact.map(|raw| artifact(&place, raw)).transpose()?,
        id,
    })
}

fn kinds(words: &[String]) -> Result<Vec<Kind>, String> {
    let mut kinds = Vec::new();
    for word in words {
        let kind = Kind::from_word(word).ok_or_else(|| {
            let known: Vec<&str> = Kind::ALL.into_iter().map(Kind::word).collect();
            format!("`{word}` is no kind of plugin; there are {}", known.join(", "))
        })?;
        if kinds.contains(&kind) {
            return Err(format!("`{word}` stands twice"));
        }
        kinds.push(kind);
    }
    if kinds.is_empty() { Err("names no kind".to_owned()) } else { Ok(kinds) }
}

fn asks(words: &[String]) -> Result<Vec<String>, String> {
    for (index, word) in words.iter().enumerate() {
        if !ASKS.contains(&word.as_str()) {
            return Err(format!("`{word}` is nothing that a plugin can ask for; there are {}", ASKS.join(", ")));
        }
        if words[..index].contains(word) {
            return Err(format!("`{word}` stands twice"));
        }
    }
    Ok(words.to_vec())
}

fn artifact(place: &Place<'_>, raw: Spanned<RawArtifact>) -> Result<Artifact, ManifestError> {
    let at = raw.span().start;
    let RawArtifact { target, file, size, sha256 } = raw.into_inner();
    let refuse = |message: &str| Err(place.error_at(at, message));
    if file.is_empty() || file.contains(['/', '\\']) || file.starts_with('.') {
        return refuse("`file` must be a plain file name in this folder");
    }
    if sha256.len() != 64 || !sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return refuse("`sha256` must be 64 lower-case hexadecimal digits");
    }
    Ok(Artifact { target, file, size, sha256 })
}
