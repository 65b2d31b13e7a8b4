//! Folders to choose a file from, without the system's own dialog.

use super::trouble::{of_file, trouble};
use crate::os;
use aurapos_ui::host::{FileEntry, Folder, HostResult};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where the system puts disks that are plugged in.
const DISKS: [&str; 3] = ["/media", "/run/media", "/mnt"];

/// Lists a folder: folders, and files of that ending (any, when it is empty). All of them: a file that is not shown is a file
/// that is not there for whoever looks for it.
pub(super) fn folder(path: Option<PathBuf>, ending: &str) -> HostResult<Folder> {
    let path = path.or_else(usual).unwrap_or_else(|| PathBuf::from("/"));
    let path = std::path::absolute(&path).unwrap_or(path);
    let listing = fs::read_dir(&path).map_err(|error| of_file(&path, &error))?;
    let wanted = |entry: &FileEntry| entry.folder || ending.is_empty() || has_ending(&entry.path, ending);
    let mut entries: Vec<FileEntry> = listing.filter_map(|entry| shown(&entry.ok()?.path())).filter(wanted).collect();
    entries.sort_by_cached_key(|entry| (!entry.folder, entry.name.to_lowercase()));
    Ok(Folder { parent: path.parent().map(Path::to_owned), entries, places: places(), path })
}

fn has_ending(path: &Path, ending: &str) -> bool {
    let wanted = ending.trim_start_matches('.');
    path.extension().is_some_and(|found| found.to_string_lossy().eq_ignore_ascii_case(wanted))
}

/// An entry; hidden ones and what can be neither opened nor read are not shown.
fn shown(path: &Path) -> Option<FileEntry> {
    let name = path.file_name()?.to_string_lossy().into_owned();
    let about = fs::metadata(path).ok().filter(|about| about.is_dir() || about.is_file())?;
    let entry = FileEntry { name, path: path.to_owned(), folder: about.is_dir(), size: about.len() };
    (!entry.name.starts_with('.')).then_some(entry)
}

fn home() -> Option<PathBuf> {
    std::env::var_os(os::HOME).filter(|home| !home.is_empty()).map(PathBuf::from)
}

/// Where a file goes unless somebody says otherwise.
pub(super) fn downloads() -> PathBuf {
    usual().unwrap_or_else(std::env::temp_dir)
}

/// Where people keep what they downloaded.
fn usual() -> Option<PathBuf> {
    let home = home()?;
    let downloads = user_folder(&home, "DOWNLOAD").unwrap_or_else(|| home.join("Downloads"));
    Some(if downloads.is_dir() { downloads } else { home })
}

/// A folder as the desktop names it: `XDG_DOWNLOAD_DIR="$HOME/Téléchargements"`.
fn user_folder(home: &Path, name: &str) -> Option<PathBuf> {
    let config = std::env::var_os("XDG_CONFIG_HOME").map_or_else(|| home.join(".config"), PathBuf::from);
    let text = fs::read_to_string(config.join("user-dirs.dirs")).ok()?;
    let line = format!("XDG_{name}_DIR=");
    let value = text.lines().find_map(|text| text.trim().strip_prefix(&line))?.trim_matches('"');
    Some(match value.strip_prefix("$HOME/") {
        Some(below) => home.join(below),
        None => PathBuf::from(value),
    })
}

/// Places worth going to: home, downloads, desktop, disks that are plugged in.
fn places() -> Vec<FileEntry> {
    let mut found: Vec<PathBuf> = Vec::new();
    if let Some(home) = home() {
        for (name, usual) in [("DOWNLOAD", "Downloads"), ("DESKTOP", "Desktop"), ("DOCUMENTS", "Documents")] {
            found.push(user_folder(&home, name).unwrap_or_else(|| home.join(usual)));
        }
        found.insert(0, home);
    }
    for disks in DISKS {
        found.extend(below(Path::new(disks)));
        // Some systems have a folder for each user in between.
        if disks != "/mnt" {
            found.extend(below(Path::new(disks)).iter().flat_map(|user| below(user)));
        }
    }
    let mut places: Vec<FileEntry> = Vec::new();
    for entry in found.iter().filter_map(|path| shown(path)).filter(|entry| entry.folder) {
        if !places.iter().any(|known| known.path == entry.path) {
            places.push(entry);
        }
    }
    places
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut folders: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_dir()).take(100).collect();
    folders.sort();
    folders
}

/// Shows a folder in the system's file manager. The program does not wait for it.
pub(super) fn show_folder(path: &Path) -> HostResult<()> {
    if !path.is_dir() {
        let message = format!("There is no folder {} yet.", path.display());
        return Err(trouble("AP-0904", &message, "It is made with the first file that goes into it."));
    }
    let quiet =
        |command: &mut Command| command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    match quiet(Command::new(os::FILE_MANAGER).arg(path)) {
        Ok(mut child) => {
            // Waited for on its own thread, so that nothing of it is left when it has ended.
            let _ = std::thread::Builder::new().name("file manager".to_owned()).spawn(move || child.wait());
            Ok(())
        }
        Err(_) => {
            let message = "This system has no file manager that can be started from here.";
            Err(trouble("AP-0905", message, &format!("The folder is {}.", path.display())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_shows_folders_first_and_files_of_the_ending() {
        let place = tempfile::tempdir().unwrap();
        for name in ["b.csv", "A.CSV", "notes.txt", ".hidden.csv"] {
            fs::write(place.path().join(name), "1234").unwrap();
        }
        fs::create_dir(place.path().join("zoo")).unwrap();
        let found = folder(Some(place.path().to_owned()), "csv").unwrap();
        let names: Vec<&str> = found.entries.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, ["zoo", "A.CSV", "b.csv"]);
        assert_eq!((found.entries[0].folder, found.entries[1].size), (true, 4));
        assert_eq!(found.parent.as_deref(), place.path().parent());
        assert_eq!(folder(Some(place.path().to_owned()), "").unwrap().entries.len(), 4, "any ending");
    }

    #[test]
    fn a_folder_that_is_gone_is_named() {
        let place = tempfile::tempdir().unwrap();
        let error = folder(Some(place.path().join("gone")), "").unwrap_err();
        assert!(error.code == "AP-0904" && error.message.contains("gone"), "{error:?}");
        assert!(show_folder(&place.path().join("gone")).is_err());
    }
}
