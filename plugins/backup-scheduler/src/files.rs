//! Work on files: hash, copy, write so that a cut of power leaves the old or the new one.

use crate::contract::{PluginResult, Progress, Uuid};
use crate::manifest::{Manifest, hex};
use crate::{failure, names, os};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Bytes read at once. Progress is told and cancelling asked once a piece.
const PIECE: usize = 4 * 1024 * 1024;

/// Size and SHA-256 of what the disk holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Size.
    pub bytes: u64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

/// Reads a whole file. `text` tells people what for.
pub fn read_content(path: &Path, text: &str, progress: &dyn Progress) -> PluginResult<Content> {
    let file = File::open(path).map_err(|error| failure::io("opening", path, &error))?;
    os::forget_cached(&file);
    pump(file, path, None, text, progress)
}

/// Copies a whole file into a new one, durably, and says what was copied.
pub fn copy_new(from: &Path, to: &Path, progress: &dyn Progress) -> PluginResult<Content> {
    let source = File::open(from).map_err(|error| failure::io("opening", from, &error))?;
    let mut target = os::create_private_file(to).map_err(|error| failure::io("creating", to, &error))?;
    let content = pump(source, from, Some((&mut target, to)), "copying", progress)?;
    target.sync_all().map_err(|error| failure::io("writing", to, &error))?;
    os::forget_cached(&target);
    Ok(content)
}

fn pump(
    mut from: File,
    path: &Path,
    mut to: Option<(&mut File, &Path)>,
    text: &str,
    progress: &dyn Progress,
) -> PluginResult<Content> {
    let total = from.metadata().map_err(|error| failure::io("reading", path, &error))?.len();
    let mut piece = vec![0; PIECE];
    let mut hash = Sha256::new();
    let mut bytes = 0u64;
    loop {
        failure::stop_if_cancelled(progress)?;
        let count = from.read(&mut piece).map_err(|error| failure::io("reading", path, &error))?;
        if count == 0 {
            return Ok(Content { bytes, sha256: hex(&hash.finalize()) });
        }
        hash.update(&piece[..count]);
        if let Some((file, target)) = &mut to {
            file.write_all(&piece[..count]).map_err(|error| failure::io("writing", target, &error))?;
        }
        bytes += count as u64;
        progress.report(bytes, total.max(bytes), text);
    }
}

/// Writes a new file durably; it must not exist. The folder is not synced.
pub fn write_new(path: &Path, content: &[u8]) -> PluginResult<()> {
    let mut file = os::create_private_file(path).map_err(|error| failure::io("creating", path, &error))?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(|error| failure::io("writing", path, &error))
}

/// Renames, and never over something that is there.
pub fn rename_new(from: &Path, to: &Path) -> PluginResult<()> {
    if fs::symlink_metadata(to).is_ok() {
        let error = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
        return Err(failure::io("naming", to, &error));
    }
    fs::rename(from, to).map_err(|error| failure::io("naming", to, &error))
}

/// Makes the names in a folder durable.
pub fn sync_folder(path: &Path) -> PluginResult<()> {
    os::sync_folder(path).map_err(|error| failure::io("syncing the folder", path, &error))
}

/// Replaces a manifest: after a cut of power the old or the new one is there, whole.
pub fn replace_manifest(path: &Path, manifest: &Manifest, id: Uuid) -> PluginResult<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let part = folder.join(names::part(id));
    let written = write_new(&part, &manifest.to_bytes())
        .and_then(|()| fs::rename(&part, path).map_err(|error| failure::io("naming", path, &error)));
    if written.is_err() {
        let _ = fs::remove_file(&part);
    }
    written.and_then(|()| sync_folder(folder))
}

/// Unfinished work in a folder of its own, private, in the same file system as what it becomes. Removed when dropped.
#[derive(Debug)]
pub struct Part {
    path: PathBuf,
}

impl Part {
    /// Makes it; it must not exist.
    pub fn create(folder: &Path, id: Uuid) -> PluginResult<Self> {
        let path = folder.join(names::part(id));
        os::create_private_folder(&path).map_err(|error| failure::io("creating", &path, &error))?;
        Ok(Part { path })
    }

    /// A file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Nothing depends on it: what remains is swept by the next run.
        let _ = fs::remove_dir_all(&self.path);
    }
}
