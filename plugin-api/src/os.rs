//! What differs between operating systems and every plugin with a file meets.

use std::io;
use std::path::{Path, PathBuf};

/// Makes the names in a folder last: after a file was made, renamed or removed in it. What is *in* a file lasts after
/// [`std::fs::File::sync_all`] on a handle that may write; Windows refuses any other.
///
/// # Errors
/// The folder cannot be opened or synced. On Windows a filesystem that cannot sync a folder (a stick, a share) is no error:
/// what it has is what there is.
#[cfg(unix)]
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    std::fs::File::open(folder)?.sync_all()
}

/// Makes the names in a folder last: after a file was made, renamed or removed in it. What is *in* a file lasts after
/// [`std::fs::File::sync_all`] on a handle that may write; Windows refuses any other.
///
/// # Errors
/// The folder cannot be opened or synced. A filesystem that cannot sync a folder (a stick, a share) is no error: what it has
/// is what there is.
#[cfg(windows)]
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    use std::os::windows::fs::OpenOptionsExt as _;
    /// To read and write, which flushing asks for.
    const GENERIC_READ_AND_WRITE: u32 = 0xc000_0000;
    /// Without it a folder cannot be opened.
    const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
    let mut options = std::fs::File::options();
    options.access_mode(GENERIC_READ_AND_WRITE).custom_flags(FILE_FLAG_BACKUP_SEMANTICS);
    match options.open(folder).and_then(|folder| folder.sync_all()) {
        Err(error) if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::InvalidInput) => Ok(()),
        synced => synced,
    }
}

/// The file that is locked in another one's stead: here anybody can read a file that is locked, and none is needed.
#[cfg(unix)]
pub(crate) fn lock_beside(_: &Path) -> Option<PathBuf> {
    None
}

/// The file that is locked in another one's stead: here nobody else can read a file that is locked.
#[cfg(windows)]
pub(crate) fn lock_beside(file: &Path) -> Option<PathBuf> {
    Some(file.with_extension("lock"))
}
