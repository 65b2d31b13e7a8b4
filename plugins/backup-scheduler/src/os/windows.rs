//! Windows. Who may read a file is inherited from its folder (ADR 0020): nothing here is made for its owner only.

pub use aurapos_plugin_api::os::sync_folder;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::path::Path;

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
