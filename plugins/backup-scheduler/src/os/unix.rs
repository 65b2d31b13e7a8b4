//! Systems of the Unix kind.

use rustix::fs::{Advice, fadvise, statvfs};
use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Bytes that this user can still write on the disk of `folder`.
pub fn free_space(folder: &Path) -> io::Result<u64> {
    let answer = statvfs(folder)?;
    Ok(answer.f_bavail.saturating_mul(answer.f_frsize))
}

/// Makes a folder that only its owner can enter; it must not exist.
pub fn create_private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

/// Makes a folder and those above it, for its owner only.
pub fn create_private_folders(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes a file that only its owner can read; it must not exist.
pub fn create_private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Makes a file readable and writable for its owner only.
pub fn make_private(path: &Path) -> io::Result<()> {
    std::fs::set_permissions(path, Permissions::from_mode(0o600))
}

/// Asks that the next read comes from the disk, not from memory: a copy is proved by what the disk gives back. Only a
/// hint; file systems that don't know it lose nothing but the hint.
pub fn forget_cached(file: &File) {
    let _ = fadvise(file, 0, None, Advice::DontNeed);
}

/// Makes the names in a folder durable.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    match File::open(path)?.sync_all() {
        // Some network and stick file systems cannot; what they have is what there is.
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        other => other,
    }
}
