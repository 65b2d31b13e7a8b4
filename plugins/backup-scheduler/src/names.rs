//! Names of backups: sortable by their local time, one pattern for all.

use chrono::{NaiveDateTime, TimeDelta};

/// Daily and weekly backups.
pub const BACKUP_PREFIX: &str = "AuraPOS_backup_";
/// The state before a restore. French in every language: the seed names it so, and shops know the name.
pub const SAFETY_PREFIX: &str = "AuraPOS_avant_restauration_";
/// Follows the whole file name: `…_180042.db.json`, so that a `.db` and a `.sql` never share a manifest.
pub const MANIFEST_SUFFIX: &str = ".json";
/// Follows the whole file name of a copy that did not pass its check: nothing opens it by mistake.
pub const REFUSED_SUFFIX: &str = ".refused";
/// Before the id of a run's unfinished work.
const PART_PREFIX: &str = ".part-";
const STAMP: &str = "%Y%m%d_%H%M%S";

/// What a name says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupName {
    /// Made before a restore.
    pub safety: bool,
    /// Local time.
    pub local: NaiveDateTime,
    /// Ending without the dot: `db`.
    pub extension: String,
}

/// `AuraPOS_backup_20260426_180042.db`.
pub fn compose(prefix: &str, local: NaiveDateTime, extension: &str) -> String {
    format!("{prefix}{}.{extension}", local.format(STAMP))
}

/// Reads a name of ours; anything else is not a backup.
pub fn parse(name: &str) -> Option<BackupName> {
    let (safety, rest) = match name.strip_prefix(BACKUP_PREFIX) {
        Some(rest) => (false, rest),
        None => (true, name.strip_prefix(SAFETY_PREFIX)?),
    };
    let (stamp, extension) = rest.split_once('.')?;
    let plain =
        !extension.is_empty() && extension.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if stamp.len() != 15 || !plain || extension == "json" {
        return None;
    }
    let local = NaiveDateTime::parse_from_str(stamp, STAMP).ok()?;
    Some(BackupName { safety, local, extension: extension.to_owned() })
}

/// A name nobody has. Two backups in one second: the later one is named a second later, so that every name keeps the
/// pattern and the order; the exact time stands in the manifest.
pub fn free(prefix: &str, local: NaiveDateTime, extension: &str, taken: impl Fn(&str) -> bool) -> String {
    (0..)
        .filter_map(|second| local.checked_add_signed(TimeDelta::seconds(second)))
        .map(|local| compose(prefix, local, extension))
        .find(|name| !taken(name))
        .expect("a folder holds fewer names than there are seconds until the year 262142")
}

/// The folder of unfinished work of one run.
pub fn part(id: crate::contract::Uuid) -> String {
    format!("{PART_PREFIX}{id}")
}

/// Whether a name is unfinished work of ours.
pub fn is_part(name: &str) -> bool {
    name.strip_prefix(PART_PREFIX).is_some_and(|id| crate::contract::Uuid::try_parse(id).is_ok() && id.len() == 36)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: &str) {
        let got = parse(name).map_or("-".to_owned(), |parsed| {
            format!("{} {} {}", if parsed.safety { "safety" } else { "backup" }, parsed.local, parsed.extension)
        });
        assert_eq!(got, expected, "{name}");
    }

    #[test]
    fn reads_only_its_own_pattern() {
        check("AuraPOS_backup_20260426_180042.db", "backup 2026-04-26 18:00:42 db");
        check("AuraPOS_backup_20260426_180042.sql", "backup 2026-04-26 18:00:42 sql");
        check("AuraPOS_avant_restauration_20260426_180042.db", "safety 2026-04-26 18:00:42 db");
        check("AuraPOS_backup_20260431_180042.db", "-");
        check("AuraPOS_backup_20260426_250042.db", "-");
        check("AuraPOS_backup_2026426_180042.db", "-");
        check("AuraPOS_backup_20260426_180042.db.json", "-");
        check("AuraPOS_backup_20260426_180042.json", "-");
        check("AuraPOS_backup_20260426_180042.db.refused", "-");
        check("AuraPOS_backup_20260426_180042.", "-");
        check("AuraPOS_backup_20260426_180042.db-wal", "-");
        check("AuraPOS.db", "-");
        check("copy of AuraPOS_backup_20260426_180042.db", "-");
    }

    #[test]
    fn sorts_by_time_and_never_collides() {
        let local = NaiveDateTime::parse_from_str("20261231_235959", STAMP).unwrap();
        let first = free(BACKUP_PREFIX, local, "db", |_| false);
        assert_eq!(first, "AuraPOS_backup_20261231_235959.db");
        let second = free(BACKUP_PREFIX, local, "db", |name| name == first);
        assert_eq!(second, "AuraPOS_backup_20270101_000000.db");
        assert!(first < second);
    }

    #[test]
    fn parts_are_only_ours() {
        assert!(is_part(&part(crate::contract::Uuid::from_u128(7))));
        assert!(!is_part(".part-"));
        assert!(!is_part(".part-download"));
        assert!(!is_part("part-00000000-0000-0000-0000-000000000007"));
    }
}
