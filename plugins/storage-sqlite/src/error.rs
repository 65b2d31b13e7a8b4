//! SQLite's errors as the contract's.

use crate::contract::error::{ErrorCode, PluginError, Retry};
use rusqlite::ffi;
use std::io;
use std::path::Path;

/// `what` says what was being done.
pub(crate) fn from_sqlite(error: &rusqlite::Error, what: &str) -> PluginError {
    let Some(failure) = error.sqlite_error() else {
        return PluginError::new(ErrorCode::Internal, format!("{what}: {error}"));
    };
    let code = match failure.extended_code & 0xff {
        ffi::SQLITE_FULL => ErrorCode::DiskFull,
        ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => ErrorCode::Busy,
        ffi::SQLITE_CORRUPT => ErrorCode::Damaged,
        ffi::SQLITE_NOTADB => ErrorCode::NotAStore,
        ffi::SQLITE_IOERR | ffi::SQLITE_CANTOPEN | ffi::SQLITE_READONLY | ffi::SQLITE_PERM => ErrorCode::Io,
        ffi::SQLITE_INTERRUPT => ErrorCode::Cancelled,
        ffi::SQLITE_TOOBIG => ErrorCode::TooLarge,
        _ => ErrorCode::Internal,
    };
    let next = match code {
        ErrorCode::DiskFull => "Make room on the disk of the data folder, then try again.",
        ErrorCode::Damaged => "Restore a backup: `aurapos-admin backup list`, then `backup restore`.",
        ErrorCode::Busy => "Close the other program that has the database open.",
        _ => "",
    };
    PluginError::new(code, format!("{what}: {error}")).with_next(next)
}

/// The same for a failed `COMMIT`: when the disk itself failed, nobody knows what it kept.
pub(crate) fn from_commit(error: &rusqlite::Error, database: &Path) -> PluginError {
    let mut answer = from_sqlite(error, "the commit failed");
    if answer.code == ErrorCode::Io {
        if is_full(database) {
            return PluginError::new(ErrorCode::DiskFull, answer.message)
                .with_next("Make room on the disk of the data folder, then try again.");
        }
        answer.retry = Retry::AskFirst;
    }
    answer
}

/// Some file systems say "input/output error" where they mean "no room": a small file tells.
fn is_full(database: &Path) -> bool {
    let probe = database.with_extension("room");
    let written = std::fs::write(&probe, [0u8; 65_536]);
    // A probe that stays is empty or 64 KiB, and the next probe takes its place.
    let _ = std::fs::remove_file(&probe);
    written.is_err_and(|error| ErrorCode::of_io(&error) == ErrorCode::DiskFull)
}

/// A failure with a file.
pub(crate) fn from_io(error: &io::Error, file: &Path, what: &str) -> PluginError {
    PluginError::new(ErrorCode::of_io(error), format!("{what} {}: {error}", file.display()))
}

pub(crate) fn damaged(file: &Path, what: &str) -> PluginError {
    PluginError::new(ErrorCode::Damaged, format!("the database {} is damaged: {what}", file.display()))
        .with_next("Restore a backup: `aurapos-admin backup list`, then `backup restore`.")
}

pub(crate) fn not_a_store(file: &Path, what: &str) -> PluginError {
    PluginError::new(ErrorCode::NotAStore, format!("{} is not a database of AuraPOS: {what}", file.display()))
}
