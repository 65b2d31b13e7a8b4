//! Where operating systems differ: who may read a new file, and how its name lasts.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// A new file for its owner only.
#[cfg(unix)]
pub(crate) fn create_private(file: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)
}

/// A new file; the folder's rights are its own.
#[cfg(windows)]
pub(crate) fn create_private(file: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(file)
}

/// Makes the name of a file last.
#[cfg(unix)]
pub(crate) fn sync_folder_of(file: &Path) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// Makes the name of a file last: the system does it by itself.
#[cfg(windows)]
pub(crate) fn sync_folder_of(_: &Path) -> io::Result<()> {
    Ok(())
}
