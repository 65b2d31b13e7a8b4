//! Windows, beside what [`super::other`] says of every system that is not Linux.

use std::fs::File;
use std::io;
use std::os::windows::fs::OpenOptionsExt as _;
use std::path::Path;

/// The variable of the environment that says where a person's files lie.
pub(crate) const HOME: &str = "USERPROFILE";

/// Shows a folder.
pub(crate) const FILE_MANAGER: &str = "explorer";

/// To read and write, which flushing asks for.
const GENERIC_READ_AND_WRITE: u32 = 0xc000_0000;
/// Without it a folder cannot be opened.
const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;

/// Windows ends a program that has a window through the window; that it ends the session is not heard yet (ADR 0020).
pub(crate) fn on_end(_: impl Fn() + Send + 'static) -> io::Result<()> {
    Ok(())
}

/// Makes the names in a folder last. Filesystems that cannot (sticks, shares) refuse in one of two ways; what they have is
/// what there is.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    let mut options = File::options();
    options.access_mode(GENERIC_READ_AND_WRITE).custom_flags(FILE_FLAG_BACKUP_SEMANTICS);
    match options.open(folder).and_then(|folder| folder.sync_all()) {
        Err(error) if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::InvalidInput) => Ok(()),
        synced => synced,
    }
}
