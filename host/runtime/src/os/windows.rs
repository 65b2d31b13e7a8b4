//! Windows. Owner-only files are not made here: a file inherits who may read it from its folder, and what lies in the user's
//! own folder (`%AppData%`) is closed to other users already (ADR 0020).

use super::variable;
use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Opens a link itself instead of what it leads to.
const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;

/// An id that stays with this installation of the operating system; empty where there is none.
pub(crate) fn machine_id() -> String {
    let key = windows_registry::LOCAL_MACHINE.open(r"SOFTWARE\Microsoft\Cryptography");
    key.and_then(|key| key.get_string("MachineGuid")).unwrap_or_default()
}

/// The folder of this user's data: `%AppData%`.
pub(crate) fn user_data() -> Option<PathBuf> {
    variable("APPDATA")
}

/// A number that no other file of its disk has or had: the volume's serial number and the file's index, which on NTFS counts
/// how often its entry was used. A copy has another one, a renamed file the same. The moment a file was made is no part of
/// it: Windows gives a file that takes another one's name that one's moment ("tunneling").
///
/// # Errors
/// The system does not say.
pub(crate) fn file_number(file: &File) -> io::Result<u64> {
    let about = winapi_util::file::information(file)?;
    Ok(about.file_index() ^ about.volume_serial_number().rotate_left(32))
}

/// Room on the disk of a path for this user, in bytes.
pub(crate) fn free_bytes(path: &Path) -> io::Result<u64> {
    fs4::available_space(path)
}

/// Opens a file to read it. Follows no link as its last step: a link is opened itself, and is no file.
pub(crate) fn open_plain(path: &Path) -> io::Result<File> {
    File::options().read(true).custom_flags(FILE_FLAG_OPEN_REPARSE_POINT).open(path)
}

/// Here the user's own folder is what keeps others out.
pub(crate) fn is_open_to_others(_: &Metadata) -> bool {
    false
}

/// Here the user's own folder is what keeps others out.
pub(crate) fn is_writable_for_others(_: &Metadata) -> bool {
    false
}

/// Here the user's own folder is what keeps others out.
pub(crate) fn private(_: &mut OpenOptions) {}

/// Here the user's own folder is what keeps others out.
pub(crate) fn private_folder(_: &mut DirBuilder) {}

/// The file that says who holds a lock: here nobody else can read a file that is locked.
pub(crate) fn holder_beside(lock: &Path) -> Option<PathBuf> {
    Some(lock.with_extension("holder"))
}
