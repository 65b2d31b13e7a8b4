//! Texts for people in a manifest: their languages, their length, what may stand in them.

use super::{DESCRIPTION_CHARS_MAX, LANGUAGES_MAX, NAME_CHARS_MAX, Words};
use serde::Deserialize;
use std::collections::BTreeMap;

/// One text, or one for each language.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum RawWords {
    One(String),
    Many(BTreeMap<String, String>),
}

/// How long a text may be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Length {
    /// A name, a label, a publisher.
    Name,
    /// A description, a help text.
    Description,
}

/// The texts, checked.
pub(super) fn words(raw: &RawWords, length: Length) -> Result<Words, String> {
    let by_language = match raw {
        RawWords::One(text) => BTreeMap::from([(String::new(), text.clone())]),
        RawWords::Many(texts) if texts.is_empty() => return Err("has no text in any language".to_owned()),
        RawWords::Many(texts) if texts.len() > LANGUAGES_MAX => {
            return Err(format!("has more than {LANGUAGES_MAX} languages"));
        }
        RawWords::Many(texts) => {
            if let Some(language) = texts.keys().find(|language| !is_language(language)) {
                return Err(format!("`{language}` is no language like en, fr-BE or zh-Hant"));
            }
            texts.clone()
        }
    };
    by_language.values().try_for_each(|text| check_text(text, length))?;
    Ok(Words { by_language })
}

/// Length, and nothing in it that a terminal or a receipt would obey instead of showing.
pub(super) fn check_text(text: &str, length: Length) -> Result<(), String> {
    let chars_max = match length {
        Length::Name => NAME_CHARS_MAX,
        Length::Description => DESCRIPTION_CHARS_MAX,
    };
    if text.chars().count() > chars_max {
        return Err(format!("is longer than {chars_max} characters"));
    }
    if text.chars().any(char::is_control) {
        return Err("has a control character; write it in one line".to_owned());
    }
    Ok(())
}

/// A short form of BCP 47: a language, perhaps a script, perhaps a region (`nl`, `fr-BE`, `sr-Latn`, `es-419`).
fn is_language(code: &str) -> bool {
    let mut parts = code.split('-').peekable();
    let language = |part: &str| (2..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let script = |part: &&str| {
        part.len() == 4
            && part.starts_with(|first: char| first.is_ascii_uppercase())
            && part.bytes().skip(1).all(|byte| byte.is_ascii_lowercase())
    };
    let region = |part: &&str| {
        part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_uppercase())
            || part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let starts = parts.next().is_some_and(language);
    parts.next_if(script);
    parts.next_if(region);
    starts && parts.next().is_none()
}
