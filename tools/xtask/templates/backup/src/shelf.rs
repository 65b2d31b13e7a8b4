//! The folder of backups: files, and the line beside each.
//!
//! Owns: names, sums, copies on the disk. Must not know: when a backup is due or goes.

use aurapos_plugin_api::contract::backup::*;
use aurapos_plugin_api::*;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub(crate) struct Shelf {
    pub(crate) folder: PathBuf,
}

impl Shelf {
    /// Newest first. A file without its line is none of ours, or one that was never finished.
    pub(crate) fn list(&self) -> PluginResult<Vec<BackupInfo>> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(|error| failed(&self.folder, &error))?,
        };
        let files = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| sum_of(path).is_file());
        let mut all: Vec<BackupInfo> = files.map(|path| info(&path)).collect::<PluginResult<_>>()?;
        all.sort_by(|left, right| (right.time, &right.name).cmp(&(left.time, &left.name)));
        Ok(all)
    }

    /// A name of the list, or the path of any copy.
    pub(crate) fn find(&self, name: &str) -> PluginResult<BackupInfo> {
        match self.list()?.into_iter().find(|info| info.name == name) {
            Some(info) => Ok(info),
            None if Path::new(name).is_absolute() => info(Path::new(name)),
            None => Err(PluginError::new(ErrorCode::NotFound, format!("there is no backup `{name}`"))),
        }
    }

    /// Makes one and checks it; it has its name only then.
    pub(crate) fn make(
        &self,
        name: &str,
        now: Timestamp,
        host: &dyn BackupHost,
        progress: &dyn Progress,
    ) -> PluginResult<BackupInfo> {
        fs::create_dir_all(&self.folder).map_err(|error| failed(&self.folder, &error))?;
        let file = unused(&self.folder, name, &host.source()?.extension);
        let part = with_ending(&file, "part");
        // Of a run that was killed in this very second.
        let _ = fs::remove_file(&part);
        let made = self.fill(&part, &file, now, host, progress);
        if made.is_err() {
            // Half a copy is of no use; that it could not be removed changes nothing about the answer.
            let _ = fs::remove_file(&part);
        }
        made
    }

    fn fill(
        &self,
        part: &Path,
        file: &Path,
        now: Timestamp,
        host: &dyn BackupHost,
        progress: &dyn Progress,
    ) -> PluginResult<BackupInfo> {
        let taken = host.take_snapshot(&part.display().to_string(), progress)?;
        let check = host.check_copy(&part.display().to_string(), progress)?;
        if !check.ok {
            return Err(PluginError::new(ErrorCode::Damaged, check.problems.join("; ")));
        }
        let line = format!("{} {now} {}\n", sum(part, progress)?, taken.position);
        // The copy first: a line without its copy is seen as nothing, and never the other way round.
        fs::rename(part, file).map_err(|error| failed(file, &error))?;
        let sum = sum_of(file);
        let written =
            File::create(&sum).and_then(|mut open| open.write_all(line.as_bytes()).and_then(|()| open.sync_all()));
        written.map_err(|error| failed(&sum, &error))?;
        Ok(BackupInfo { state: BackupState::Verified, note: check.summary, sales: check.sales, ..info(file)? })
    }

    /// Reads one whole: its sum, then the host's check.
    pub(crate) fn verify(
        &self,
        known: &BackupInfo,
        host: &dyn BackupHost,
        progress: &dyn Progress,
    ) -> PluginResult<BackupInfo> {
        let sum = sum(Path::new(&known.path), progress)?;
        let (state, note, sales, position) = if !known.sha256.is_empty() && known.sha256 != sum {
            (BackupState::Refused, "its bytes are not those that were written".to_owned(), 0, known.position)
        } else {
            let check = host.check_copy(&known.path, progress)?;
            let state = if check.ok { BackupState::Verified } else { BackupState::Refused };
            (state, check.summary, check.sales, check.position)
        };
        Ok(BackupInfo { state, note, sales, position, sha256: sum, ..known.clone() })
    }

    /// Copies one into a folder or a new file, reads it back and compares; its line goes along.
    pub(crate) fn copy(&self, name: &str, dest: &Path, progress: &dyn Progress) -> PluginResult<String> {
        let from = PathBuf::from(self.find(name)?.path);
        let to = if dest.is_dir() { dest.join(from.file_name().unwrap_or_default()) } else { dest.to_owned() };
        if to.exists() {
            return Err(PluginError::new(ErrorCode::Io, format!("{} is there already", to.display())));
        }
        // For writing: Windows syncs nothing through a handle that may only read.
        let copied = fs::copy(&from, &to).and_then(|_| File::options().write(true).open(&to)?.sync_all());
        copied.map_err(|error| failed(&to, &error))?;
        if sum(&to, progress)? != sum(&from, progress)? {
            return Err(PluginError::new(ErrorCode::Damaged, format!("{} came back with other bytes", to.display())));
        }
        if sum_of(&from).is_file() {
            fs::copy(sum_of(&from), sum_of(&to)).map_err(|error| failed(&to, &error))?;
        }
        Ok(to.display().to_string())
    }

    pub(crate) fn delete(&self, name: &str) -> PluginResult<()> {
        let known = self.list()?.into_iter().find(|info| info.name == name);
        let known =
            known.ok_or_else(|| PluginError::new(ErrorCode::NotFound, format!("there is no backup `{name}`")))?;
        let file = Path::new(&known.path);
        // The line last: as long as it is there, the backup is listed and can be deleted again.
        fs::remove_file(file).and_then(|()| fs::remove_file(sum_of(file))).map_err(|error| failed(file, &error))
    }
}

/// What is known of a file without reading it.
fn info(path: &Path) -> PluginResult<BackupInfo> {
    let bytes = fs::metadata(path).map_err(|error| failed(path, &error))?.len();
    let line = fs::read_to_string(sum_of(path)).unwrap_or_default();
    let mut words = line.split_whitespace();
    Ok(BackupInfo {
        name: path.file_name().unwrap_or_default().display().to_string(),
        kind: BackupKind::Daily,
        bytes,
        path: path.display().to_string(),
        sha256: words.next().unwrap_or_default().to_owned(),
        time: words.next().and_then(|word| word.parse().ok()).unwrap_or(0),
        position: words.next().and_then(|word| word.parse().ok()).unwrap_or(0),
        ..Default::default()
    })
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    path.with_added_extension(ending)
}

fn sum_of(path: &Path) -> PathBuf {
    with_ending(path, "sum")
}

/// A name that nothing has yet.
pub(crate) fn unused(folder: &Path, name: &str, extension: &str) -> PathBuf {
    let named = |turn: u32| {
        folder.join(if turn == 1 { format!("{name}.{extension}") } else { format!("{name}-{turn}.{extension}") })
    };
    (1..).map(named).find(|path| !path.exists()).unwrap_or_else(|| named(1))
}

/// SHA-256 of a file, hexadecimal.
fn sum(path: &Path, progress: &dyn Progress) -> PluginResult<String> {
    let mut file = File::open(path).map_err(|error| failed(path, &error))?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        if progress.cancelled() {
            return Err(PluginError::new(ErrorCode::Cancelled, "it was cancelled"));
        }
        match file.read(&mut buffer).map_err(|error| failed(path, &error))? {
            0 => return Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()),
            count => hash.update(&buffer[..count]),
        }
    }
}

pub(crate) fn failed(path: &Path, error: &io::Error) -> PluginError {
    let code = if error.kind() == io::ErrorKind::NotFound { ErrorCode::NotFound } else { ErrorCode::Io };
    PluginError::new(code, format!("{}: {error}", path.display())).with_next("Check the folder and the disk.")
}
