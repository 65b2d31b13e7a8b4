//! Systems of the Unix kind.

use super::variable;
use rustix::fs::OFlags;
use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// An id that stays with this installation of the operating system; empty where there is none.
pub(crate) fn machine_id() -> String {
    ["/etc/machine-id", "/var/lib/dbus/machine-id"]
        .iter()
        .find_map(|file| std::fs::read_to_string(file).ok())
        .map(|text| text.trim().to_owned())
        .unwrap_or_default()
}

/// The folder of this user's data: `$XDG_DATA_HOME`, otherwise `~/.local/share`.
pub(crate) fn user_data() -> Option<PathBuf> {
    variable("XDG_DATA_HOME").or_else(|| variable("HOME").map(|home| home.join(".local/share")))
}

/// A number that no other file of its disk has or had: its inode number and the moment it was made, where the filesystem
/// keeps that; inode numbers alone are given out again. A copy has another one, a renamed file the same.
///
/// # Errors
/// The system does not say.
pub(crate) fn file_number(file: &File) -> io::Result<u64> {
    let metadata = file.metadata()?;
    let made = metadata.created().ok().and_then(|made| made.duration_since(std::time::UNIX_EPOCH).ok());
    let nanoseconds = made.map_or(0, |made| made.as_nanos() as u64);
    Ok(metadata.ino().rotate_left(40) ^ nanoseconds)
}

/// Room on the disk of a path for this user, in bytes.
pub(crate) fn free_bytes(path: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(path)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Opens a file to read it. Follows no link as its last step, and waits for nobody at the other end of a pipe.
pub(crate) fn open_plain(path: &Path) -> io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
    File::options().custom_flags(flags.cast_signed()).read(true).open(path)
}

/// Whether anybody but its owner (and root) may do anything with a file.
pub(crate) fn is_open_to_others(metadata: &Metadata) -> bool {
    metadata.mode() & 0o077 != 0
}

/// Whether anybody but its owner (and root) may write into a folder.
pub(crate) fn is_writable_for_others(metadata: &Metadata) -> bool {
    metadata.mode() & 0o022 != 0
}

/// Lets only its owner read and write a file that is made.
pub(crate) fn private(options: &mut OpenOptions) {
    options.mode(0o600);
}

/// Lets only its owner enter a folder that is made.
pub(crate) fn private_folder(builder: &mut DirBuilder) {
    builder.mode(0o700);
}

/// The file that says who holds a lock, where that is not the lock's own: here anybody can read a file that is locked.
pub(crate) fn holder_beside(_: &Path) -> Option<PathBuf> {
    None
}
