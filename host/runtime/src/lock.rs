//! One program at a time writes a register; the second is told who holds it.
//!
//! The lock is the operating system's on `register.lock`: it ends with the process, however that ends. What stands in
//! the file is for people.

use crate::folder::DataFolder;
use crate::{os, zone};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why the lock was not given.
#[derive(Debug, Error)]
pub enum LockError {
    /// Another program has it.
    #[error("the register is in use by {holder}")]
    Held {
        /// Program, process and since when.
        holder: String,
    },
    /// The file cannot be used.
    #[error("the lock file {path} cannot be used: {source}")]
    File {
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
}

/// The right to write one register, until it is dropped.
#[derive(Debug)]
pub struct RegisterLock {
    file: File,
    /// Says who holds it, where the file itself cannot.
    beside: Option<PathBuf>,
}

impl RegisterLock {
    /// Takes the lock for `program`, at `now` (microseconds UTC).
    ///
    /// # Errors
    /// Another program has it, or the file cannot be opened.
    pub fn take(folder: &DataFolder, program: &str, now: i64) -> Result<Self, LockError> {
        let path = folder.register_lock();
        let fail = |source| LockError::File { path: path.display().to_string(), source };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        os::private(&mut options);
        let mut file = options.open(&path).map_err(fail)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LockError::Held { holder: read_holder(&path, &mut file) });
            }
            Err(TryLockError::Error(source)) => return Err(fail(source)),
        }
        let holder = format!("{program}, process {}, since {}\n", std::process::id(), zone::rfc3339_utc(now));
        let beside = os::holder_beside(&path);
        match &beside {
            Some(beside) => std::fs::write(beside, holder),
            None => file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(holder.as_bytes())),
        }
        .map_err(fail)?;
        Ok(RegisterLock { file, beside })
    }

    /// Who holds the register now, if anybody does. Takes nothing.
    pub fn holder(folder: &DataFolder) -> Option<String> {
        let path = folder.register_lock();
        let mut file = File::open(&path).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Some(read_holder(&path, &mut file)),
            _ => None,
        }
    }
}

impl Drop for RegisterLock {
    fn drop(&mut self) {
        // An empty file says that nobody is there; if this fails, the lock itself still tells the truth.
        let _ = self.beside.as_ref().map_or_else(|| self.file.set_len(0), std::fs::remove_file);
        let _ = self.file.unlock();
    }
}

fn read_holder(lock: &Path, file: &mut File) -> String {
    let mut text = String::new();
    let read = match os::holder_beside(lock) {
        Some(beside) => File::open(beside).and_then(|file| file.take(400).read_to_string(&mut text)),
        None => file.rewind().and_then(|()| file.take(400).read_to_string(&mut text)),
    };
    match (read, text.trim()) {
        (Ok(_), holder) if !holder.is_empty() => holder.to_owned(),
        _ => "another program".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_who_holds_it() {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(place.path());
        assert_eq!(RegisterLock::holder(&folder), None);
        let first = RegisterLock::take(&folder, "aurapos", 0).unwrap();
        let error = RegisterLock::take(&folder, "aurapos-admin", 0).unwrap_err().to_string();
        let process = format!("process {}", std::process::id());
        for words in ["aurapos,", &process, "since 1970-01-01T00:00:00Z"] {
            assert!(error.contains(words), "{error}");
        }
        assert!(RegisterLock::holder(&folder).is_some_and(|holder| holder.contains(&process)));
        drop(first);
        assert_eq!(RegisterLock::holder(&folder), None);
        RegisterLock::take(&folder, "aurapos-admin", 0).unwrap();
    }
}
