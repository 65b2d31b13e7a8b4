//! Failures of files as errors of the contract: which file, what was being done, what to do next.

use crate::contract::{ErrorCode, PluginError, Progress};
use std::io;
use std::path::Path;

/// A failure of the file system while `doing` something with `path`.
pub fn io(doing: &str, path: &Path, error: &io::Error) -> PluginError {
    let message = format!("{doing} {} failed: {error}", path.display());
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => PluginError::new(ErrorCode::DiskFull, message)
            .with_next("Make room on that disk or choose another backup folder. All earlier backups are kept."),
        io::ErrorKind::NotFound => PluginError::new(ErrorCode::NotFound, message),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => PluginError::new(ErrorCode::Io, message)
            .with_next("Allow this user to write there, or choose another backup folder."),
        _ => PluginError::new(ErrorCode::Io, message),
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
