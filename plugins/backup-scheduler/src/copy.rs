//! Copies a backup elsewhere: a stick, a share. Read back and compared before it has its name.

use crate::contract::{ErrorCode, HostServices, PluginError, PluginResult, Progress};
use crate::failure;
use crate::files;
use crate::inspect::Subject;
use crate::names;
use crate::os;
use crate::shelf::{self, Shelf};
use std::fs;
use std::path::{Path, PathBuf};

/// Copies the file and its manifest to a folder or a new file, and answers where the copy is.
pub fn copy(
    shelf: &Shelf,
    subject: &Subject,
    dest: &str,
    services: &dyn HostServices,
    progress: &dyn Progress,
) -> PluginResult<String> {
    if let Some(flaw) = &subject.flaw {
        return Err(failure::damaged(flaw.clone()));
    }
    let target = target(shelf, subject, dest)?;
    let (folder, name) = (target.parent().unwrap_or(Path::new(".")), file_name(&target)?);
    check_space(&subject.path, folder)?;
    let part = folder.join(names::part(services.new_id()));
    let copied = copy_and_compare(subject, &part, progress).and_then(|()| {
        if let Some(manifest) = &subject.manifest {
            let manifest = if manifest.record().name == name { manifest.clone() } else { manifest.renamed(&name) };
            files::write_new(&shelf::manifest_path(&target), &manifest.to_bytes())?;
        }
        files::rename_new(&part, &target).inspect_err(|_| {
            let _ = fs::remove_file(shelf::manifest_path(&target));
        })
    });
    if copied.is_err() {
        let _ = fs::remove_file(&part);
    }
    copied?;
    files::sync_folder(folder)?;
    Ok(target.to_string_lossy().into_owned())
}

/// Where the copy goes. Nothing is overwritten, and the backup folder itself is no place for copies: the next run would
/// count them.
fn target(shelf: &Shelf, subject: &Subject, dest: &str) -> PluginResult<PathBuf> {
    let refuse = |code, message: String| Err(PluginError::new(code, message));
    let dest = Path::new(dest);
    let target = if dest.is_dir() { dest.join(&subject.name) } else { dest.to_path_buf() };
    let folder = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let Ok(folder) = folder.canonicalize() else {
        return refuse(ErrorCode::NotFound, format!("there is no folder {}", folder.display()));
    };
    if shelf.root().canonicalize().is_ok_and(|root| folder.starts_with(root)) {
        return refuse(ErrorCode::BadValue, format!("{} is the backup folder itself", folder.display()));
    }
    let target = folder.join(file_name(&target)?);
    if target.exists() || shelf::manifest_path(&target).exists() {
        return refuse(ErrorCode::BadValue, format!("{} is there already; it is not overwritten", target.display()));
    }
    Ok(target)
}

fn file_name(path: &Path) -> PluginResult<String> {
    path.file_name()
        .and_then(|name| name.to_str())
        .map(str::to_owned)
        .ok_or_else(|| PluginError::new(ErrorCode::BadValue, format!("{} does not name a file", path.display())))
}

fn check_space(source: &Path, folder: &Path) -> PluginResult<()> {
    let needed = fs::metadata(source).map_err(|error| failure::io("opening", source, &error))?.len();
    let free = os::free_space(folder).map_err(|error| failure::io("asking the free space of", folder, &error))?;
    if free > needed {
        return Ok(());
    }
    let message = format!(
        "{} has {} MB free, the copy needs {} MB",
        folder.display(),
        free / 1_000_000,
        needed.div_ceil(1_000_000)
    );
    Err(PluginError::new(ErrorCode::DiskFull, message).with_next("Make room there, or take another stick or folder."))
}

fn copy_and_compare(subject: &Subject, part: &Path, progress: &dyn Progress) -> PluginResult<()> {
    let written = files::copy_new(&subject.path, part, progress)?;
    if subject.manifest.as_ref().is_some_and(|manifest| manifest.record().sha256 != written.sha256) {
        let message = format!("{} was changed: its bytes are not those that were backed up", subject.name);
        return Err(failure::damaged(message));
    }
    let read = files::read_content(part, "reading the copy back", progress)?;
    if read != written {
        let message = format!("the copy of {} came back different from {}", subject.name, part.display());
        return Err(
            PluginError::new(ErrorCode::Io, message).with_next("Take another stick or disk: this one loses data.")
        );
    }
    Ok(())
}
