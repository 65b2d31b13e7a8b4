//! One at a time: only the holder of the lease writes into the backup folder.

use crate::contract::{ErrorCode, PluginError, PluginResult};
use crate::{failure, os};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::Path;

const LEASE: &str = ".lease";

/// The right to write into a backup folder, until dropped. The system's own lock on an open file: it ends with the
/// process that holds it, however that ends, so no lease is ever left behind by the dead.
#[derive(Debug)]
pub struct Lease {
    _file: File,
}

impl Lease {
    /// Takes the lease of a folder (made when missing), or says that somebody has it.
    pub fn take(root: &Path) -> PluginResult<Self> {
        if !root.is_dir() {
            os::create_private_folders(root).map_err(|error| failure::io("making the folder", root, &error))?;
            root.parent().map_or(Ok(()), crate::files::sync_folder)?;
        }
        let path = root.join(LEASE);
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| failure::io("opening", &path, &error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let message = format!("another backup or restore is working in {}", root.display());
                return Err(PluginError::new(ErrorCode::Busy, message).with_next("Wait until it is done."));
            }
            Err(TryLockError::Error(error)) => return Err(failure::io("locking", &path, &error)),
        }
        // Only for people who look into the folder; nothing reads it.
        let _ = file.set_len(0).and_then(|()| writeln!(file, "process {}", std::process::id()));
        Ok(Lease { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_and_free_when_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("Backups");
        let first = Lease::take(&root).unwrap();
        assert_eq!(Lease::take(&root).unwrap_err().code, ErrorCode::Busy);
        drop(first);
        assert!(Lease::take(&root).is_ok());
    }

    #[test]
    fn a_lease_file_of_a_dead_run_stops_nobody() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(LEASE), "process 1").unwrap();
        assert!(Lease::take(folder.path()).is_ok());
    }
}
