//! What differs between operating systems: who owns a file.

use std::io;
use std::path::Path;

/// Gives a file, where it is there, to who owns a folder. Only root can, and only root needs to: it makes files in the folders
/// of others.
///
/// # Errors
/// The folder is not there, or the file's owner cannot be changed although this is root.
#[cfg(unix)]
pub fn give_to_owner_of(folder: &Path, file: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let present = match std::fs::symlink_metadata(file) {
        // Where there is no folder there is nothing to hand over either.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        present => present?,
    };
    let owner = std::fs::metadata(folder)?;
    if present.uid() == owner.uid() {
        return Ok(());
    }
    match std::os::unix::fs::lchown(file, Some(owner.uid()), Some(owner.gid())) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        given => given,
    }
}

/// Who makes a file owns it.
///
/// # Errors
/// None.
#[cfg(windows)]
pub fn give_to_owner_of(_: &Path, _: &Path) -> io::Result<()> {
    Ok(())
}
