//! Files: where the database is, who has it, what its first bytes say before SQLite is let near it.

use crate::contract::Uuid;
use crate::contract::error::{ErrorCode, PluginError, PluginResult};
use crate::error::{damaged, from_io, not_a_store};
use crate::os;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// `AuPS`, in the header of every database of ours.
pub(crate) const APPLICATION_ID: i32 = 0x4175_5053;
/// Version of what this plugin itself keeps (`_meta`, `_commit`, names of indexes), in SQLite's `user_version`.
pub(crate) const LAYOUT: i32 = 1;

/// The path with something appended to its name: `AuraPOS.db` and `-wal`.
pub(crate) fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(ending);
    name.into()
}

/// Held as long as a store of this file is open for writing, by us or by a restore. The file stays, empty.
#[derive(Debug)]
pub(crate) struct Hold {
    _file: File,
}

/// Takes the file, or says that somebody has it.
pub(crate) fn hold(database: &Path) -> PluginResult<Hold> {
    let path = beside(database, ".lock");
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|error| from_io(&error, &path, "cannot make"))?;
    match file.try_lock() {
        Ok(()) => Ok(Hold { _file: file }),
        Err(TryLockError::WouldBlock) => {
            Err(PluginError::new(ErrorCode::Busy, format!("{} is open already", database.display()))
                .with_next("Close the other AuraPOS that uses this data folder."))
        }
        Err(TryLockError::Error(error)) => Err(from_io(&error, &path, "cannot lock")),
    }
}

/// Before the id of a restore's unfinished copy, after the database's name.
pub(crate) const PART: &str = ".part-";

/// Before the id of data that a restore took out of use; with it, what [`put_back`](crate::restore::put_back) takes.
pub(crate) const PREVIOUS: &str = "previous-";

/// The database itself, where its folder and its log are: settings may name a link to it.
pub(crate) fn real(database: &Path) -> PluginResult<PathBuf> {
    let mut real = database.to_owned();
    // A link to what is not there yet (or no more) names the place all the same.
    for _ in 0..40 {
        match fs::read_link(&real) {
            Ok(target) => real = real.parent().unwrap_or(Path::new("")).join(target),
            Err(_) => return Ok(real),
        }
    }
    let message = format!("{} is a link that leads nowhere", database.display());
    Err(PluginError::new(ErrorCode::Io, message).with_next("Correct the link, or the setting `path`."))
}

/// Removes what killed restores left beside the database. Only with the [`Hold`]: then no restore is alive. What cannot
/// be removed takes room and does no harm.
pub(crate) fn sweep_parts(database: &Path) {
    let Some(name) = database.file_name().and_then(|name| name.to_str()) else { return };
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let file = entry.file_name();
        let id = file.to_str().and_then(|file| file.strip_prefix(name)).and_then(|rest| rest.strip_prefix(PART));
        // `-wal` and the like follow the id when SQLite was at work in it.
        if id.is_some_and(|id| id.get(..36).is_some_and(|id| Uuid::try_parse(id).is_ok())) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether somebody has it now.
pub(crate) fn is_held(database: &Path) -> bool {
    let lock = File::open(beside(database, ".lock"));
    lock.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Bytes in a file, 0 when there is none.
pub(crate) fn length(file: &Path) -> u64 {
    fs::metadata(file).map(|found| found.len()).unwrap_or(0)
}

/// What lies beside a copy and would have to be part of it, in words.
pub(crate) fn company(copy: &Path) -> Option<String> {
    let ending = ["-wal", "-journal"].into_iter().find(|ending| length(&beside(copy, ending)) > 0)?;
    Some(format!("a file `{ending}` beside {} belongs to it: the copy is not complete", copy.display()))
}

/// What a database header says.
#[derive(Debug)]
pub(crate) struct Header {
    pub bytes: u64,
    pub page_bytes: u64,
    pub pages: u64,
}

impl Header {
    /// What is wrong with the file's size, in words.
    pub(crate) fn fault(&self) -> Option<String> {
        let expected = self.pages * self.page_bytes;
        (self.bytes != expected).then(|| format!("the file has {} bytes, its header says {expected}", self.bytes))
    }
}

/// Reads the first 100 bytes: an SQLite database, and one of ours?
pub(crate) fn header(file: &Path) -> PluginResult<Header> {
    let opened = File::open(file).map_err(|error| from_io(&error, file, "cannot open"))?;
    header_of(&opened, file)
}

/// The same of a file that is open; `file` is for the words of a refusal.
pub(crate) fn header_of(mut opened: &File, file: &Path) -> PluginResult<Header> {
    let mut first = [0u8; 100];
    opened.rewind().map_err(|error| from_io(&error, file, "cannot read"))?;
    let bytes = opened.metadata().map_err(|error| from_io(&error, file, "cannot read"))?.len();
    if bytes == 0 {
        return Err(damaged(file, "the file is empty"));
    }
    if bytes < 100 {
        return Err(not_a_store(file, "it is too short"));
    }
    opened.read_exact(&mut first).map_err(|error| from_io(&error, file, "cannot read"))?;
    if !first.starts_with(b"SQLite format 3\0") {
        return Err(not_a_store(file, "it does not begin as an SQLite database does"));
    }
    let number = |at: usize| u32::from_be_bytes([first[at], first[at + 1], first[at + 2], first[at + 3]]);
    if number(68) != APPLICATION_ID as u32 {
        return Err(not_a_store(file, "it belongs to another program"));
    }
    if number(60) != LAYOUT as u32 {
        let message = format!("{} was written by a newer storage plugin (layout {})", file.display(), number(60));
        return Err(PluginError::new(ErrorCode::SchemaNewer, message).with_next("Update AuraPOS."));
    }
    let page_bytes = match u64::from(u16::from_be_bytes([first[16], first[17]])) {
        1 => 65_536,
        bytes => bytes,
    };
    if !page_bytes.is_power_of_two() || page_bytes < 512 {
        return Err(damaged(file, "its page size is impossible"));
    }
    Ok(Header { bytes, page_bytes, pages: u64::from(number(28)) })
}

/// Checks what is there before it is opened for writing. `Ok(false)`: nothing is there.
pub(crate) fn look(database: &Path) -> PluginResult<bool> {
    let log = length(&beside(database, "-wal"));
    if !database.exists() {
        if log > 0 {
            return Err(damaged(database, "the file is gone, its log is there").with_next(
                "Put the file back beside its -wal, or restore a backup; to start over, move the -wal elsewhere.",
            ));
        }
        return Ok(false);
    }
    let header = header(database)?;
    if log == 0 && header.bytes < header.pages * header.page_bytes {
        return Err(damaged(database, "it was cut short"));
    }
    Ok(true)
}

/// Makes the header say "log beside me" in a file that is one by itself (a snapshot, a new database). SQLite would do it
/// with a journal; so none is ever beside the database that is AuraPOS's own. Nobody may have it open.
pub(crate) fn expect_log(database: &Path) -> PluginResult<()> {
    let failed = |error: std::io::Error| from_io(&error, database, "cannot prepare");
    let mut file = OpenOptions::new().read(true).write(true).open(database).map_err(failed)?;
    let mut versions = [0u8; 2];
    file.seek(SeekFrom::Start(18)).and_then(|_| file.read_exact(&mut versions)).map_err(failed)?;
    if versions != [2, 2] {
        file.seek(SeekFrom::Start(18)).and_then(|_| file.write_all(&[2, 2])).map_err(failed)?;
        file.sync_all().map_err(failed)?;
    }
    Ok(())
}

/// Makes what was written in a folder (names, renames) lasting.
pub(crate) fn sync_folder_of(file: &Path) -> PluginResult<()> {
    os::sync_folder(file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")))
        .map_err(|error| from_io(&error, file, "cannot sync the folder of"))
}

/// Makes what is in a file lasting.
pub(crate) fn sync_file(file: &Path) -> PluginResult<()> {
    // For writing: Windows syncs nothing through a handle that may only read.
    let opened = OpenOptions::new().write(true).open(file).map_err(|error| from_io(&error, file, "cannot open"))?;
    opened.sync_all().map_err(|error| from_io(&error, file, "cannot sync"))
}

/// A new file that only its owner can read; an error if there is one.
pub(crate) fn create_private(file: &Path) -> PluginResult<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    os::private(&mut options);
    options.open(file).map_err(|error| from_io(&error, file, "cannot make"))
}
