//! What differs between operating systems: the machine's own id, a file's number, who may read and write it.

use std::fs::{File, Metadata};
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

/// Opens a file to read it. Follows no link as its last step, and waits for nobody at the other end of a pipe.
#[cfg(unix)]
pub(crate) fn open_plain(path: &Path) -> io::Result<File> {
    use rustix::fs::OFlags;
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
    let mut options = File::options();
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags.cast_signed());
    options.read(true).open(path)
}

/// Opens a file to read it.
#[cfg(not(unix))]
pub(crate) fn open_plain(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Whether anybody but its owner (and root) may do anything with a file.
#[cfg(unix)]
pub(crate) fn is_open_to_others(metadata: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::mode(metadata) & 0o077 != 0
}

/// Whether anybody but its owner (and root) may write into a folder.
#[cfg(unix)]
pub(crate) fn is_writable_for_others(metadata: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::mode(metadata) & 0o022 != 0
}

/// Elsewhere the user's own folder is what keeps others out.
#[cfg(not(unix))]
pub(crate) fn is_open_to_others(_: &Metadata) -> bool {
    false
}

/// Elsewhere the user's own folder is what keeps others out.
#[cfg(not(unix))]
pub(crate) fn is_writable_for_others(_: &Metadata) -> bool {
    false
}
