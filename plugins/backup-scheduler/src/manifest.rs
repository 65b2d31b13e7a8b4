//! The manifest beside each backup: what the file is, sealed, and what the last check of it said.
//!
//! Two parts. The record never changes once written; its seal is what the next manifest of the series points to, so the
//! manifests of a series form a chain. The check changes with every verification and has a seal of its own, over the
//! record's seal and itself. The seals find accidents and careless edits; they are no signature.

use crate::contract::backup::{BackupInfo, BackupKind, BackupState};
use crate::contract::value::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use thiserror::Error;

/// The only form this version reads and writes.
const FORMAT: u32 = 1;
/// A manifest is a few kilobytes; anything larger is not one.
pub const MANIFEST_BYTES_MAX: u64 = 1024 * 1024;

/// Why a manifest cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ManifestError {
    /// Not our JSON.
    #[error("cannot be read ({0})")]
    Unreadable(String),
    /// Written by a newer program.
    #[error("has the form {0}, this version knows {FORMAT}")]
    Format(u32),
    /// Changed after it was written.
    #[error("was changed after it was written")]
    Changed,
}

/// The series of a backup, as it stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Series {
    /// One a day.
    Daily,
    /// One a week.
    Weekly,
    /// Before a restore.
    Safety,
}

/// What is known of the file, as it stands in the manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Not checked yet: the run that made it did not get that far.
    Unchecked,
    /// Passed the host's check.
    Verified,
    /// Did not.
    Refused,
}

/// Rows of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableRows {
    /// Table.
    pub table: String,
    /// Rows.
    pub rows: u64,
}

/// Another manifest of the same series, or the one this is a renamed copy of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// File name.
    pub name: String,
    /// Number in the series.
    pub number: u64,
    /// Seal of its record.
    pub seal: String,
}

/// What the file is. Never changes once written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// File name.
    pub name: String,
    /// Series.
    pub series: Series,
    /// When it was made, microseconds UTC.
    pub time: Timestamp,
    /// The same for people: local time.
    pub local_time: String,
    /// Number in the series, from 1.
    pub number: u64,
    /// The manifest before, in the series.
    pub previous: Option<Link>,
    /// Set in a copy under another name.
    pub copy_of: Option<Link>,
    /// Size of the file.
    pub bytes: u64,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// Position of the last commit in it.
    pub position: u64,
    /// Rows per table, by the storage that made it.
    pub tables: Vec<TableRows>,
    /// The store's epoch.
    pub epoch: String,
    /// Storage engine and version.
    pub engine: String,
    /// Version of the program.
    pub program: String,
    /// The shop's id.
    pub shop: String,
    /// The shop's name.
    pub shop_name: String,
    /// Register code.
    pub register: String,
}

/// What the last check said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Verdict.
    pub verdict: Verdict,
    /// When, microseconds UTC.
    pub time: Timestamp,
    /// One sentence.
    pub summary: String,
    /// Sales counted.
    pub sales: u64,
    /// Journal entries counted.
    pub entries: u64,
    /// Schema of the data, `major.minor`.
    pub schema: String,
    /// What differs.
    pub problems: Vec<String>,
}

/// A manifest. Private fields: the seals fit what they seal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    format: u32,
    backup: Record,
    seal: String,
    check: Check,
    check_seal: String,
}

impl Manifest {
    /// Seals a record that has not been checked.
    pub fn new(record: Record) -> Self {
        let seal = hash_of(&[&json(&record)]);
        let check = Check {
            verdict: Verdict::Unchecked,
            time: record.time,
            summary: "not checked yet".to_owned(),
            sales: 0,
            entries: 0,
            schema: String::new(),
            problems: Vec::new(),
        };
        let check_seal = hash_of(&[seal.as_bytes(), &json(&check)]);
        Manifest { format: FORMAT, backup: record, seal, check, check_seal }
    }

    /// The same backup with another verdict.
    #[must_use]
    pub fn with_check(mut self, check: Check) -> Self {
        self.check_seal = hash_of(&[self.seal.as_bytes(), &json(&check)]);
        self.check = check;
        self
    }

    /// The manifest of a copy under another name.
    #[must_use]
    pub fn renamed(&self, name: &str) -> Self {
        let origin = Link { name: self.backup.name.clone(), number: self.backup.number, seal: self.seal.clone() };
        let record = Record {
            name: name.to_owned(),
            copy_of: Some(self.backup.copy_of.clone().unwrap_or(origin)),
            ..self.backup.clone()
        };
        Manifest::new(record).with_check(self.check.clone())
    }

    /// Reads and proves a manifest.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let unreadable = |error: serde_json::Error| ManifestError::Unreadable(error.to_string());
        let head: Head = serde_json::from_slice(bytes).map_err(unreadable)?;
        if head.format != FORMAT {
            return Err(ManifestError::Format(head.format));
        }
        let manifest: Manifest = serde_json::from_slice(bytes).map_err(unreadable)?;
        let sealed = manifest.seal == hash_of(&[&json(&manifest.backup)])
            && manifest.check_seal == hash_of(&[manifest.seal.as_bytes(), &json(&manifest.check)]);
        if sealed { Ok(manifest) } else { Err(ManifestError::Changed) }
    }

    /// The manifest as a file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("plain structs of text and numbers always become JSON");
        bytes.push(b'\n');
        bytes
    }

    /// What the file is.
    pub fn record(&self) -> &Record {
        &self.backup
    }

    /// What the last check said.
    pub fn check(&self) -> &Check {
        &self.check
    }

    /// What the next manifest points to.
    pub fn link(&self) -> Link {
        Link { name: self.backup.name.clone(), number: self.backup.number, seal: self.seal.clone() }
    }

    /// The seal under which the series knows this backup, also in a renamed copy.
    pub fn series_seal(&self) -> &str {
        self.backup.copy_of.as_ref().map_or(&self.seal, |origin| &origin.seal)
    }

    /// The contract's view of it.
    pub fn info(&self, path: &str) -> BackupInfo {
        BackupInfo {
            name: self.backup.name.clone(),
            kind: self.backup.series.into(),
            time: self.backup.time,
            bytes: self.backup.bytes,
            path: path.to_owned(),
            state: self.check.verdict.into(),
            note: self.check.summary.clone(),
            sha256: self.backup.sha256.clone(),
            number: self.backup.number,
            sales: self.check.sales,
            position: self.backup.position,
        }
    }
}

impl From<Series> for BackupKind {
    fn from(series: Series) -> Self {
        match series {
            Series::Daily => BackupKind::Daily,
            Series::Weekly => BackupKind::Weekly,
            Series::Safety => BackupKind::Safety,
        }
    }
}

impl From<Verdict> for BackupState {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Unchecked => BackupState::Unchecked,
            Verdict::Verified => BackupState::Verified,
            Verdict::Refused => BackupState::Refused,
        }
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("plain structs of text and numbers always become JSON")
}

fn hash_of(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    parts.iter().for_each(|part| hash.update(part));
    hex(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn sample() -> Manifest {
        Manifest::new(Record {
            name: "AuraPOS_backup_20260426_180042.db".to_owned(),
            series: Series::Daily,
            time: 1_777_219_242_000_000,
            local_time: "2026-04-26 18:00:42".to_owned(),
            number: 3,
            previous: Some(Link {
                name: "AuraPOS_backup_20260425_180042.db".to_owned(),
                number: 2,
                seal: "ab".repeat(32),
            }),
            copy_of: None,
            bytes: 4096,
            sha256: "cd".repeat(32),
            position: 17,
            tables: vec![TableRows { table: "sale".to_owned(), rows: 5 }],
            epoch: "e".to_owned(),
            engine: "SQLite 3.51.1".to_owned(),
            program: "0.1.0".to_owned(),
            shop: "s".to_owned(),
            shop_name: "Épicerie".to_owned(),
            register: "R1".to_owned(),
        })
    }

    #[test]
    fn reads_what_it_wrote() {
        let manifest = sample();
        assert_eq!(Manifest::parse(&manifest.to_bytes()).unwrap(), manifest);
    }

    /// Every bit of the file: it is refused, or it says exactly the same (a space that became a tab or a newline).
    #[test]
    fn no_flipped_bit_changes_what_it_says() {
        let bytes = sample().to_bytes();
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            if let Ok(read) = Manifest::parse(&flipped) {
                assert_eq!(read, sample(), "bit {bit}");
            }
        }
    }

    #[test]
    fn a_cut_or_newer_manifest_is_refused() {
        let bytes = sample().to_bytes();
        assert!((0..bytes.len() - 1).all(|end| Manifest::parse(&bytes[..end - end % 7]).is_err()));
        let newer = String::from_utf8(bytes).unwrap().replacen("\"format\": 1", "\"format\": 2", 1);
        assert_eq!(Manifest::parse(newer.as_bytes()), Err(ManifestError::Format(2)));
    }

    #[test]
    fn a_new_verdict_keeps_the_seal_and_a_new_name_remembers_it() {
        let first = sample();
        let check = Check { verdict: Verdict::Verified, sales: 5, ..first.check().clone() };
        let checked = first.clone().with_check(check);
        assert_eq!(checked.link(), first.link());
        let copy = checked.renamed("stick.db").renamed("other.db");
        assert_eq!(copy.series_seal(), first.series_seal());
        assert_eq!(Manifest::parse(&copy.to_bytes()).unwrap(), copy);
    }
}
