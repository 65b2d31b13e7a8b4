//! What is read first, by every host of every version: `id`, `version`, `api`. Whether the rest is for this host at all.

use super::{ID_CHARS_MAX, Kind, ManifestError, VERSION_CHARS_MAX};
use semver::{Comparator, Op, Version, VersionReq};

/// Ids that would be something else: this program, a device of Windows (an id is a folder's name). Those of kinds are
/// refused too, for where an instance is named, `backup` is the one of that kind.
const RESERVED_IDS: [&str; 5] = ["aurapos", "con", "prn", "aux", "nul"];

/// Refuses a manifest whose `api` does not include the host's version. Says nothing of one that it cannot judge: what is
/// wrong with it is found, by line, when it is read whole.
pub(super) fn fits(text: &str, own: &str) -> Result<(), ManifestError> {
    let Ok(table) = text.parse::<toml::Table>() else { return Ok(()) };
    let word = |key: &str| table.get(key).and_then(toml::Value::as_str).unwrap_or_default();
    let asked = word("api");
    let (Ok(range), Ok(version)) = (api_range(asked), Version::parse(own)) else { return Ok(()) };
    if range.matches(&version) {
        return Ok(());
    }
    // What is no id or version is not repeated: it may be anything.
    let id = Some(word("id")).filter(|id| check_id(id).is_ok()).unwrap_or_default().to_owned();
    let version = plugin_version(word("version")).map(|version| version.to_string()).unwrap_or_default();
    Err(ManifestError::Api { id, version, asked: asked.to_owned(), own: own.to_owned() })
}

/// Whether a text may be an id.
pub(super) fn check_id(id: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let starts = id.starts_with(|first: char| first.is_ascii_lowercase());
    if !starts || id.ends_with('-') || id.len() > ID_CHARS_MAX || !id.chars().all(plain) {
        return Err(format!(
            "an id has a-z, 0-9 and -, starts with a letter, does not end with - and has at most {ID_CHARS_MAX} characters"
        ));
    }
    let is_port = |device: &str| {
        id.strip_prefix(device)
            .is_some_and(|number| number.len() == 1 && number.starts_with(|c: char| c.is_ascii_digit()))
    };
    if RESERVED_IDS.contains(&id) || Kind::from_word(id).is_some() || is_port("com") || is_port("lpt") {
        return Err(format!("`{id}` means something else already; choose another id"));
    }
    Ok(())
}

/// The version of a plugin.
pub(super) fn plugin_version(text: &str) -> Result<Version, String> {
    bounded(text)?;
    let version = Version::parse(text).map_err(|error| format!("not a version like 1.2.0: {error}"))?;
    // Versions that differ in `+build` alone are neither the same nor one after the other.
    if version.build.is_empty() {
        Ok(version)
    } else {
        Err("has a +build part; a version like 1.2.0 has none".to_owned())
    }
}

/// The range of API versions of a plugin.
pub(super) fn api_range(text: &str) -> Result<VersionReq, String> {
    bounded(text)?;
    let range = VersionReq::parse(text).map_err(|error| format!("not a range like ^1: {error}"))?;
    // Nobody can promise to fit every version to come.
    let ends = |one: &Comparator| !matches!(one.op, Op::Greater | Op::GreaterEq);
    if range.comparators.iter().any(ends) {
        Ok(range)
    } else {
        Err("has no upper end; write a range like ^1".to_owned())
    }
}

fn bounded(text: &str) -> Result<(), String> {
    if text.len() <= VERSION_CHARS_MAX { Ok(()) } else { Err(format!("longer than {VERSION_CHARS_MAX} characters")) }
}
