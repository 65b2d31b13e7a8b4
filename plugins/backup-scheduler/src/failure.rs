//! Failures of files as errors of the contract: which file, what was being done, what to do next.

use crate::contract::{ErrorCode, PluginError, Progress};
use std::io;
use std::path::Path;

/// A failure of the file system while `doing` something with `path`.
pub fn io(doing: &str, path: &Path, error: &io::Error) -> PluginError {
    let message = format!("{doing} {} failed: {error}", path.display());
    let code = ErrorCode::of_io(error);
    let told = PluginError::new(code, message);
    match error.kind() {
        _ if code == ErrorCode::DiskFull => {
            told.with_next("Make room on that disk or choose another backup folder. All earlier backups are kept.")
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            told.with_next("Allow this user to write there, or choose another backup folder.")
        }
        _ => told,
    }
}

/// A backup that is not what it should be.
pub fn damaged(message: impl Into<String>) -> PluginError {
    PluginError::new(ErrorCode::Damaged, message).with_next("Choose another backup from the list.")
}

/// Stops here when the caller wants to.
pub fn stop_if_cancelled(progress: &dyn Progress) -> Result<(), PluginError> {
    if progress.cancelled() {
        Err(PluginError::new(ErrorCode::Cancelled, "the backup work was cancelled; nothing was changed"))
    } else {
        Ok(())
    }
}
