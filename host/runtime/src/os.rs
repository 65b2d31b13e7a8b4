//! What differs between operating systems: the machine's own id and a file's number.

use std::fs::Metadata;
use std::io;
use std::path::Path;

/// An id that stays with this installation of the operating system; empty where there is none.
pub(crate) fn machine_id() -> String {
    ["/etc/machine-id", "/var/lib/dbus/machine-id"]
        .iter()
        .find_map(|file| std::fs::read_to_string(file).ok())
        .map(|text| text.trim().to_owned())
        .unwrap_or_default()
}

/// A number that no other file of its disk has or had: its inode number and the moment it was made, where the filesystem
/// keeps that; inode numbers alone are given out again. A copy has another one, a renamed file the same.
#[cfg(unix)]
pub(crate) fn file_number(metadata: &Metadata) -> u64 {
    let made = metadata.created().ok().and_then(|made| made.duration_since(std::time::UNIX_EPOCH).ok());
    let nanoseconds = made.map_or(0, |made| made.as_nanos() as u64);
    std::os::unix::fs::MetadataExt::ino(metadata).rotate_left(40) ^ nanoseconds
}

/// The number of a file within its disk; a copy has another one. Zero where files have none.
#[cfg(not(unix))]
pub(crate) fn file_number(_: &Metadata) -> u64 {
    0
}

/// Room on the disk of a path for this user, in bytes.
#[cfg(unix)]
pub(crate) fn free_bytes(path: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(path)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Room on the disk of a path for this user, in bytes.
#[cfg(not(unix))]
pub(crate) fn free_bytes(_: &Path) -> io::Result<u64> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}
