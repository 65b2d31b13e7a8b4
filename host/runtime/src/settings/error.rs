//! What can be wrong with `aurapos.toml`, and where.

use crate::folder::NOTHING_HERE;
use std::fmt;
use std::io;
use thiserror::Error;

/// A place in the file, counted from 1, and the key that stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Line.
    pub line: usize,
    /// Column, in characters.
    pub column: usize,
    /// Key with its tables: `storage.local.use`; empty where no key can be told.
    pub key: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)?;
        if self.key.is_empty() { Ok(()) } else { write!(f, ", key `{}`", self.key) }
    }
}

/// Why the settings were refused.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// The file is not there although a register is.
    #[error("the settings file {file} is missing")]
    Missing {
        /// The file.
        file: String,
        /// Whether a copy that worked is there.
        last_good: bool,
        /// Nothing else tells of a shop either.
        fresh: bool,
    },
    /// The file cannot be read or written.
    #[error("the settings file {file} cannot be used: {source}")]
    File {
        /// The file.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// Not TOML.
    #[error("{file}, {place}: {message}")]
    Syntax {
        /// The file.
        file: String,
        /// Where.
        place: Place,
        /// What the parser says.
        message: String,
        /// Whether a copy that worked is there.
        last_good: bool,
    },
    /// A value that is not one of those allowed, or of another type.
    #[error("{file}, {place}: {message}")]
    Value {
        /// The file.
        file: String,
        /// Where.
        place: Place,
        /// What is wrong.
        message: String,
        /// Whether a copy that worked is there.
        last_good: bool,
    },
    /// A value of a feature that this version does not have.
    #[error("{file}, {place}: {value} is not offered by this version: {reason}")]
    NotYet {
        /// The file.
        file: String,
        /// Where.
        place: Place,
        /// The value.
        value: String,
        /// Why, and what is offered.
        reason: String,
    },
}

impl SettingsError {
    /// The code of this refusal.
    pub fn code(&self) -> &'static str {
        match self {
            SettingsError::Missing { .. } => "AP-0201",
            SettingsError::File { .. } => "AP-0202",
            SettingsError::Syntax { .. } => "AP-0203",
            SettingsError::Value { .. } => "AP-0204",
            SettingsError::NotYet { .. } => "AP-0205",
        }
    }

    /// What to do next, one sentence.
    pub fn next(&self) -> String {
        const LAST_GOOD: &str = "`aurapos-admin settings use-last-good` puts back the settings that worked last";
        match self {
            SettingsError::Missing { last_good: true, .. } => format!("{LAST_GOOD}."),
            SettingsError::Missing { fresh: true, .. } => NOTHING_HERE.into(),
            SettingsError::Missing { .. } => {
                "Put back the file from a copy, or write a new one with `aurapos-admin settings write-default`.".into()
            }
            SettingsError::File { .. } => "Check who owns the file and whether the disk is readable.".into(),
            SettingsError::Syntax { place, last_good, .. } | SettingsError::Value { place, last_good, .. } => {
                let correct = format!("Correct line {}", place.line);
                if *last_good { format!("{correct}, or: {LAST_GOOD}.") } else { format!("{correct}.") }
            }
            SettingsError::NotYet { place, .. } => format!("Change or remove it in line {}.", place.line),
        }
    }
}
