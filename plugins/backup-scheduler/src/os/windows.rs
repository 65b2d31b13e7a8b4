//! Windows. Who may read a file is inherited from its folder (ADR 0020): nothing here is made for its owner only.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::path::Path;

/// To read and write, which flushing asks for.
const GENERIC_READ_AND_WRITE: u32 = 0xc000_0000;
/// Without it a folder cannot be opened.
const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;

/// Bytes that this user can still write on the disk of `folder`.
pub fn free_space(folder: &Path) -> io::Result<u64> {
    fs4::available_space(folder)
}

/// Makes a folder; it must not exist.
pub fn create_private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().create(path)
}

/// Makes a folder and those above it.
pub fn create_private_folders(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).create(path)
}

/// Makes a file; it must not exist.
pub fn create_private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Here the folder says who may read a file.
pub fn make_private(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Windows has no such hint: the next read may come from memory.
pub fn forget_cached(_: &File) {}

/// Makes the names in a folder durable.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.access_mode(GENERIC_READ_AND_WRITE).custom_flags(FILE_FLAG_BACKUP_SEMANTICS);
    match options.open(path).and_then(|folder| folder.sync_all()) {
        // Some network and stick file systems cannot; what they have is what there is.
        Err(error) if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::InvalidInput) => Ok(()),
        other => other,
    }
}
