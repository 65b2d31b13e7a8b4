//! Where operating systems differ: how a name lasts, and what it may be.

use std::fs::File;
use std::io;
use std::path::Path;

/// Makes the names in a folder last.
#[cfg(unix)]
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Makes the names in a folder last. Filesystems that cannot (sticks, shares) refuse in one of two ways; what they have is
/// what there is.
#[cfg(windows)]
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    use std::os::windows::fs::OpenOptionsExt as _;
    /// To read and write, which flushing asks for.
    const GENERIC_READ_AND_WRITE: u32 = 0xc000_0000;
    /// Without it a folder cannot be opened.
    const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
    let mut options = File::options();
    options.access_mode(GENERIC_READ_AND_WRITE).custom_flags(FILE_FLAG_BACKUP_SEMANTICS);
    match options.open(folder).and_then(|folder| folder.sync_all()) {
        Err(error) if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::InvalidInput) => Ok(()),
        synced => synced,
    }
}

/// A file's name with everything that this system allows and that something below a storage might take for more than a
/// letter.
#[cfg(unix)]
pub(crate) const ODD_NAME: &str = "a copy %20 with #odd? name";

/// A file's name with everything that this system allows and that something below a storage might take for more than a
/// letter. Question marks are not among it.
#[cfg(windows)]
pub(crate) const ODD_NAME: &str = "a copy %20 with #odd& name";

/// Whether a file that somebody has open may get another name.
pub(crate) const OPEN_FILES_ARE_RENAMED: bool = cfg!(unix);
