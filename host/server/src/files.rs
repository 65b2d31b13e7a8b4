//! Files of the server: written aside and renamed over, with the rights that PostgreSQL asks for.

use crate::ServerError;
use crate::os::{self, Account};
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    /// Its owner.
    Owner,
    /// Everybody on this machine.
    All,
}

/// Replaces a file whole; whether it changed. What has these bytes, owner and rights already is left alone.
pub(crate) fn put(file: &Path, bytes: &[u8], readers: Readers, owner: Option<&Account>) -> Result<bool, ServerError> {
    let same = fs::read(file).is_ok_and(|present| present == bytes) && os::has_rights(file, readers, owner);
    if same {
        return Ok(false);
    }
    replace(file, bytes, readers, owner).map_err(ServerError::file(file))?;
    Ok(true)
}

fn replace(file: &Path, bytes: &[u8], readers: Readers, owner: Option<&Account>) -> io::Result<()> {
    let aside = file.with_extension(format!("part-{}", std::process::id()));
    // What an earlier program of this number left has the rights that it had then: the new one is made anew.
    let _ = fs::remove_file(&aside);
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    os::readers(&mut options, readers);
    let written = options.open(&aside).and_then(|mut open| open.write_all(bytes).and_then(|()| open.sync_all()));
    let owned = written.and_then(|()| owner.map_or(Ok(()), |owner| os::give(&aside, owner)));
    let result = owned.and_then(|()| fs::rename(&aside, file)).and_then(|()| sync_parent(file));
    if result.is_err() {
        // The first error is the one that matters.
        let _ = fs::remove_file(&aside);
    }
    result
}

/// Makes a rename or a new name last.
pub(crate) fn sync_parent(file: &Path) -> io::Result<()> {
    file.parent().map_or(Ok(()), os::sync_folder)
}

/// Makes a folder that is not there, with these rights and this owner; whether it was made.
pub(crate) fn folder(path: &Path, mode: u32, owner: Option<&Account>) -> Result<bool, ServerError> {
    let failed = || ServerError::file(path);
    let made = !path.is_dir();
    if made {
        let mut builder = fs::DirBuilder::new();
        os::folder_mode(&mut builder, mode);
        builder.create(path).map_err(failed())?;
    }
    let changed = os::settle_folder(path, mode, owner).map_err(failed())?;
    if made {
        sync_parent(path).map_err(failed())?;
    }
    Ok(made || changed)
}

/// Whether a folder has nothing in it, or is not there.
pub(crate) fn is_empty(path: &Path) -> Result<bool, ServerError> {
    match fs::read_dir(path) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(ServerError::file(path)(error)),
    }
}

/// The text of a file; `None` where there is none.
pub(crate) fn text(file: &Path) -> Result<Option<String>, ServerError> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ServerError::file(file)(error)),
    }
}

/// The last lines of a file, for a message.
pub(crate) fn tail(file: &Path, lines: usize) -> String {
    let bytes = fs::read(file).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let all: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    all[all.len().saturating_sub(lines)..].join(" / ")
}
