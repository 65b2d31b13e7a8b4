//! The reference with a file under it: the same tables in memory, and every commit appended and synced to one file before
//! it is answered. Where a storage plugin begins that has no engine of its own yet.
//!
//! Owns: the file, its lock beside it, copies and restores in the same form. Must not know: what tables mean.
//!
//! It is whole in memory and its file only grows (a restore begins it anew): right for a shop that tries something, and the
//! first two things an engine of one's own does better.

use super::{ReferenceStore, Shared, lock, snapshot, table};
use crate::os;
use aurapos_contract::error::{ErrorCode, PluginError, PluginResult};
use aurapos_contract::host::{HostServices, Progress, Settings};
use aurapos_contract::schema::Schema;
use aurapos_contract::storage::{RestoreReport, RestoreRequest, SnapshotInfo, StoreInfo, StoreLayer, VerifyReport};
use aurapos_contract::transaction::{Committed, OUTCOME_DAYS, Transaction};
use aurapos_contract::{RecordStore, StorageProvider, Timestamp, Value};
use log::{Entry, Forgetting, Log, Migration};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

mod log;
#[cfg(test)]
mod tests;

/// Opens stores that are one file each: the setting `path`, below the data folder unless it is absolute.
#[derive(Debug)]
pub struct FileProvider {
    host: Arc<dyn HostServices>,
    default_path: String,
}

impl FileProvider {
    /// A provider; `default_path` is where the data is when the settings name nothing.
    pub fn new(host: Arc<dyn HostServices>, default_path: &str) -> Self {
        FileProvider { host, default_path: default_path.to_owned() }
    }

    /// The file that settings name.
    ///
    /// # Errors
    /// [`ErrorCode::Config`]: `path` is no text, or empty.
    pub fn path(&self, settings: &Settings) -> PluginResult<PathBuf> {
        let path = match settings.get("path") {
            None => self.default_path.as_str(),
            Some(_) => settings.text("path")?,
        };
        if path.is_empty() {
            return Err(PluginError::new(ErrorCode::Config, "the setting `path` is empty"));
        }
        Ok(Path::new(&self.host.data_dir()).join(path))
    }

    /// The data of a file, all of whose bytes must be in order.
    fn read_copy(file: &Path) -> PluginResult<(table::Data, VerifyReport)> {
        let bytes = fs::read(file).map_err(|error| snapshot::failed(&file.display().to_string(), &error))?;
        let found = log::read(&bytes, file)?;
        if found.used < bytes.len() {
            let message = format!("{}: there is something behind its last entry", file.display());
            return Err(PluginError::new(ErrorCode::Damaged, message));
        }
        let report = snapshot::report(&found.data, bytes.len());
        Ok((found.data, report))
    }
}

impl StorageProvider for FileProvider {
    fn open(&self, settings: &Settings) -> PluginResult<Box<dyn RecordStore>> {
        let path = self.path(settings)?;
        let failed = |error| snapshot::failed(&path.display().to_string(), &error);
        let read_only = settings.get("read_only") == Some(&Value::Bool(true));
        let hold = if read_only { None } else { Some(hold(&path)?) };
        if hold.is_some() && !path.exists() {
            // By a rename, so that a file that is there was whole once: an empty one was emptied.
            let part = beside(&path, "part");
            // Of a start that was killed; the lock is ours, so nobody writes it.
            let _ = fs::remove_file(&part);
            log::create(&part, &log::whole(&[])?).and_then(|()| fs::rename(&part, &path)).map_err(failed)?;
            sync_folder(&path).map_err(failed)?;
        }
        let bytes = fs::read(&path).map_err(failed)?;
        let found = log::read(&bytes, &path)?;
        let log = if read_only { None } else { Some(Log::open(&path, found.used).map_err(failed)?) };
        let shared = Arc::new(Shared { data: Mutex::new(found.data), ..Default::default() });
        let tables = ReferenceStore::over(shared, read_only, path.display().to_string(), None);
        Ok(Box::new(FileStore { tables, log, hold: Mutex::new(hold), host: self.host.clone() }))
    }

    fn open_copy(&self, file: &str) -> PluginResult<Box<dyn RecordStore>> {
        let (data, _) = Self::read_copy(Path::new(file))?;
        let shared = Arc::new(Shared { data: Mutex::new(data), ..Default::default() });
        let tables = ReferenceStore::over(shared, true, file.to_owned(), None);
        Ok(Box::new(FileStore { tables, log: None, hold: Mutex::default(), host: self.host.clone() }))
    }

    fn verify(&self, file: &str, progress: &dyn Progress) -> PluginResult<VerifyReport> {
        if progress.cancelled() {
            return Err(PluginError::new(ErrorCode::Cancelled, "the check was cancelled"));
        }
        match Self::read_copy(Path::new(file)) {
            Ok((_, report)) => Ok(report),
            Err(error) if error.code == ErrorCode::Damaged => {
                let bytes = fs::metadata(file).map(|found| found.len()).unwrap_or(0);
                Ok(VerifyReport { problems: vec![error.message], bytes, ..Default::default() })
            }
            Err(error) => Err(error),
        }
    }

    fn restore(
        &self,
        settings: &Settings,
        request: &RestoreRequest,
        progress: &dyn Progress,
    ) -> PluginResult<RestoreReport> {
        let path = self.path(settings)?;
        let _hold = hold(&path)?;
        let (mut data, mut restored) = Self::read_copy(Path::new(&request.source))?;
        let previous = Path::new(&request.previous);
        if previous.exists() {
            return Err(PluginError::new(ErrorCode::Io, format!("{} is there already", request.previous)));
        }
        data.epoch = self.host.new_id();
        let content = log::whole(&snapshot::bytes(&data, progress)?)?;
        restored.bytes = content.len() as u64;
        let there = path.exists();
        swap(&path, &content, there.then_some(previous))?;
        Ok(RestoreReport { previous: if there { request.previous.clone() } else { String::new() }, restored })
    }
}

/// Puts new content in the place of a file and moves the old one away; a failure anywhere leaves the old one in its place.
fn swap(path: &Path, content: &[u8], previous: Option<&Path>) -> PluginResult<()> {
    let part = beside(path, "part");
    // Of a restore that was killed; the lock is ours, so nobody writes it.
    let _ = fs::remove_file(&part);
    log::create(&part, content).map_err(|error| snapshot::failed("writing the restored store", &error))?;
    if let Some(previous) = previous {
        keep_whole(path);
        if let Err(error) = fs::rename(path, previous) {
            let _ = fs::remove_file(&part);
            return Err(snapshot::failed(&previous.display().to_string(), &error));
        }
    }
    let swapped = fs::rename(&part, path).and_then(|()| sync_folder(path));
    swapped.map_err(|error| {
        // Back to what there was: if even that fails, the data is under the name that the caller chose.
        let _ = previous.map(|previous| fs::rename(previous, path));
        snapshot::failed("putting the restored store in its place", &error)
    })
}

/// Cuts off what a crash left behind the last entry, so that what is moved away can be opened as a copy.
fn keep_whole(path: &Path) {
    if let Ok(bytes) = fs::read(path)
        && let Ok(found) = log::read(&bytes, path)
        && found.used < bytes.len()
    {
        // Only tidier: it stays as it is otherwise.
        let _ = Log::open(path, found.used);
    }
}

/// The file's name with another ending behind it.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

/// Takes the data for one writer, in this program and every other.
fn hold(path: &Path) -> PluginResult<File> {
    let file = beside(path, "lock");
    let failed = |error| snapshot::failed(&file.display().to_string(), &error);
    let open = OpenOptions::new().write(true).create(true).truncate(false).open(&file).map_err(failed)?;
    match open.try_lock() {
        Ok(()) => Ok(open),
        Err(TryLockError::WouldBlock) => {
            Err(PluginError::new(ErrorCode::Busy, format!("{} is open already", path.display())))
        }
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// A new name lasts when its folder was synced.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), os::sync_folder)
}

/// An open store: the tables answer, the file remembers.
#[derive(Debug)]
struct FileStore {
    tables: ReferenceStore,
    /// `None` for copies and for whoever only looks.
    log: Option<Log>,
    /// Freed by `close`, or with the store.
    hold: Mutex<Option<File>>,
    host: Arc<dyn HostServices>,
}

/// What is not here is the tables' to answer.
impl StoreLayer for FileStore {
    fn inner(&self) -> &dyn RecordStore {
        &self.tables
    }

    fn info(&self) -> PluginResult<StoreInfo> {
        let engine = "Tables over one file".to_owned();
        Ok(StoreInfo { engine, snapshot_extension: "data".to_owned(), ..self.tables.info()? })
    }

    fn migrate(&self, schema: &Schema) -> PluginResult<()> {
        let Some(log) = &self.log else {
            return self.tables.migrate(schema);
        };
        if self.tables.data()?.active == *schema {
            return Ok(());
        }
        let migration = Migration { schema: schema.clone(), epoch: self.host.new_id() };
        log.append(&Entry::Migrate(migration.clone()), || log::migrate(&mut *self.tables.data()?, &migration))
    }

    fn commit(&self, transaction: &Transaction) -> PluginResult<Committed> {
        let known = self.tables.writable()?.commits.contains_key(&transaction.id);
        match &self.log {
            // Nothing new is going to be written: it is the answer of before, or a refusal.
            Some(log) if !known => log.append(&Entry::Commit(transaction), || self.tables.commit(transaction)),
            _ => self.tables.commit(transaction),
        }
    }

    fn snapshot(&self, dest: &str, progress: &dyn Progress) -> PluginResult<SnapshotInfo> {
        // A copy of the tables: commits go on while it is written.
        let data = self.tables.data()?.clone();
        let content = log::whole(&snapshot::bytes(&data, progress)?)?;
        log::create(Path::new(dest), &content).map_err(|error| snapshot::failed(dest, &error))?;
        let tables = snapshot::counts(&data);
        Ok(SnapshotInfo { bytes: content.len() as u64, position: data.position, tables, epoch: data.epoch })
    }

    fn maintain(&self, now: Timestamp) -> PluginResult<()> {
        let oldest = now.saturating_sub(OUTCOME_DAYS * 24 * 3600 * 1_000_000);
        let old = self.tables.writable()?.commits.values().any(|known| known.time < oldest);
        match &self.log {
            Some(log) if old => log.append(&Entry::Forget(Forgetting { now }), || self.tables.maintain(now)),
            _ => Ok(()),
        }
    }

    fn close(&self) -> PluginResult<()> {
        self.tables.close()?;
        lock(&self.hold).take();
        Ok(())
    }
}
