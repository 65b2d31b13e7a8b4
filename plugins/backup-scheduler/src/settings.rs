//! The owner's settings: where, how many days, how many years.

use crate::contract::{ErrorCode, PluginError, PluginResult, Settings, Value};
use crate::retention::Rules;
use std::path::{Path, PathBuf};

/// Folder below the data folder when none is set.
const FOLDER: &str = "Backups";

/// Reads the rules. Ranges are those of the manifest; a setting that is missing has its default.
pub fn rules(settings: &Settings) -> PluginResult<Rules> {
    let keep_days = number(settings, "keep_days", 10, 3, 366)?;
    let years = number(settings, "years", 7, 1, 100)?;
    Ok(Rules { keep_days: keep_days as usize, weekly_years: years as u32 })
}

/// How old the newest backup may be at closing, in minutes; 0: however old.
pub fn cover_minutes(settings: &Settings) -> PluginResult<i64> {
    number(settings, "cover_minutes", 60, 0, 24 * 60)
}

/// The backup folder: absolute, or below the data folder.
pub fn folder(settings: &Settings, data: &Path) -> PluginResult<PathBuf> {
    match settings.get("folder") {
        None | Some(Value::Null) => Ok(data.join(FOLDER)),
        Some(Value::Text(text)) if text.trim().is_empty() => Ok(data.join(FOLDER)),
        Some(Value::Text(text)) => Ok(data.join(text)),
        Some(_) => Err(wrong("folder", "a folder")),
    }
}

fn number(settings: &Settings, key: &str, default: i64, min: i64, max: i64) -> PluginResult<i64> {
    match settings.get(key) {
        None | Some(Value::Null) => Ok(default),
        Some(value) => value
            .as_int()
            .filter(|number| (min..=max).contains(number))
            .ok_or_else(|| wrong(key, &format!("a whole number from {min} to {max}"))),
    }
}

fn wrong(key: &str, wanted: &str) -> PluginError {
    PluginError::new(ErrorCode::Config, format!("the setting `{key}` of the backups must be {wanted}"))
        .with_next(format!("Set `{key}` in the configuration of backup-scheduler."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_the_seeds() {
        let empty = Settings::default();
        assert_eq!(rules(&empty).unwrap(), Rules { keep_days: 10, weekly_years: 7 });
        assert_eq!(cover_minutes(&empty).unwrap(), 60);
        assert_eq!(folder(&empty, Path::new("/data")).unwrap(), Path::new("/data/Backups"));
        assert_eq!(folder(&empty.clone().with("folder", ""), Path::new("/data")).unwrap(), Path::new("/data/Backups"));
        assert_eq!(folder(&empty.with("folder", "/mnt/nas"), Path::new("/data")).unwrap(), Path::new("/mnt/nas"));
    }

    #[test]
    fn nonsense_is_refused_by_key() {
        for (key, value) in [("years", 0), ("years", 101), ("keep_days", 2), ("keep_days", 367)] {
            let error = rules(&Settings::default().with(key, value)).unwrap_err();
            assert_eq!(error.code, ErrorCode::Config);
            assert!(error.message.contains(key), "{error}");
        }
        for minutes in [-1, 1_441] {
            let error = cover_minutes(&Settings::default().with("cover_minutes", minutes)).unwrap_err();
            assert!(error.message.contains("cover_minutes"), "{error}");
        }
        assert!(folder(&Settings::default().with("folder", 7), Path::new("/data")).is_err());
    }
}
