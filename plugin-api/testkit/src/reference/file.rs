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
use aurapos_contract::storage::{RestoreReport, SnapshotInfo, StoreInfo, StoreLayer, VerifyReport};
use aurapos_contract::transaction::{Committed, OUTCOME_DAYS, Prune, Pruned, Transaction};
use aurapos_contract::{RecordStore, StorageProvider, Timestamp, Uuid, Value};
use log::{Entry, Forgetting, Log, Migration};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

mod log;
#[cfg(test)]
mod tests;

/// Opens stores that are one file each: the setting `path`, below the data folder unless it is absolute.
#[derive(Debug, Clone)]
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
        let report = snapshot::report(&found.data, bytes.len() as u64);
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
        Ok(Box::new(FileStore { tables, log, hold: Mutex::new(hold), provider: self.clone(), copy: None }))
    }

    fn open_copy(&self, file: &str) -> PluginResult<Box<dyn RecordStore>> {
        let (data, report) = Self::read_copy(Path::new(file))?;
        let tables = ReferenceStore::copy(data, file.to_owned(), None);
        Ok(Box::new(FileStore {
            tables,
            log: None,
            hold: Mutex::default(),
            provider: self.clone(),
            copy: Some(report),
        }))
    }

    fn put_back(&self, settings: &Settings, previous: &str, _: &dyn Progress) -> PluginResult<RestoreReport> {
        let path = self.path(settings)?;
        let _hold = hold(&path)?;
        let kept = kept_as(&path, previous)?;
        let restored = Self::read_copy(&kept).map_or_else(|_| VerifyReport::default(), |(_, report)| report);
        let (token, aside) = keep_aside(&path, self.host.new_id());
        swap(&path, &kept, &aside).map(|kept| told(kept, token, &aside, restored))
    }
}

/// Data that is kept aside has this behind its name, and an id.
const PREVIOUS: &str = "previous-";

/// Where the data that is in use is moved to, and what it is called then.
fn keep_aside(path: &Path, id: Uuid) -> (String, PathBuf) {
    let token = format!("{PREVIOUS}{id}");
    let aside = beside(path, &token);
    (token, aside)
}

/// The file that is kept under this name.
fn kept_as(path: &Path, previous: &str) -> PluginResult<PathBuf> {
    let named = previous.strip_prefix(PREVIOUS).is_some_and(|id| Uuid::try_parse(id).is_ok());
    let kept = beside(path, previous);
    if named && kept.exists() {
        return Ok(kept);
    }
    Err(PluginError::new(ErrorCode::NotFound, format!("nothing is kept as `{previous}`")))
}

fn told(kept: bool, token: String, aside: &Path, restored: VerifyReport) -> RestoreReport {
    let (previous, previous_location) = if kept { (token, aside.display().to_string()) } else { Default::default() };
    RestoreReport { previous, restored, previous_location }
}

/// Puts a new file in the place of one and moves the old one away; a failure anywhere leaves the old one in its place.
/// Answers whether there was an old one.
fn swap(path: &Path, new: &Path, aside: &Path) -> PluginResult<bool> {
    let there = path.exists();
    if there {
        keep_whole(path);
        fs::rename(path, aside).map_err(|error| snapshot::failed(&aside.display().to_string(), &error))?;
    }
    let swapped = fs::rename(new, path).and_then(|()| sync_folder(path));
    swapped.map_err(|error| {
        // Back to what there was: if even that fails, the data is in the same folder, under the name it was to have.
        let _ = there.then(|| fs::rename(aside, path));
        snapshot::failed("putting the restored store in its place", &error)
    })?;
    Ok(there)
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
    provider: FileProvider,
    /// Of a copy: what reading all of it proved.
    copy: Option<VerifyReport>,
}

/// What is not here is the tables' to answer.
impl StoreLayer for FileStore {
    fn inner(&self) -> &dyn RecordStore {
        &self.tables
    }

    fn info(&self) -> PluginResult<StoreInfo> {
        let (engine, mut info) = ("Tables over one file".to_owned(), self.tables.info()?);
        info.bytes = fs::metadata(&info.location).map_or(info.bytes, |file| file.len());
        Ok(StoreInfo { engine, snapshot_extension: "data".to_owned(), ..info })
    }

    fn migrate(&self, schema: &Schema) -> PluginResult<()> {
        let Some(log) = &self.log else {
            return self.tables.migrate(schema);
        };
        if self.tables.data()?.active == *schema {
            return Ok(());
        }
        let migration = Migration { schema: schema.clone(), epoch: self.provider.host.new_id() };
        log.append(&Entry::Migrate(migration.clone()), || log::migrate(&mut *self.tables.data()?, &migration))
    }

    fn commit(&self, transaction: &Transaction) -> PluginResult<Committed> {
        let _on_its_way = self.tables.on_its_way(transaction.id);
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

    fn verify(&self, progress: &dyn Progress) -> PluginResult<VerifyReport> {
        let report = self.tables.verify(progress)?;
        Ok(self.copy.clone().unwrap_or(report))
    }

    fn restore_to(&self, settings: &Settings, progress: &dyn Progress) -> PluginResult<RestoreReport> {
        let Some(restored) = &self.copy else {
            return self.tables.restore_to(settings, progress);
        };
        let path = self.provider.path(settings)?;
        let _hold = hold(&path)?;
        let mut data = self.tables.data()?.clone();
        data.epoch = self.provider.host.new_id();
        let content = log::whole(&snapshot::bytes(&data, progress)?)?;
        let restored = VerifyReport { bytes: content.len() as u64, ..restored.clone() };
        let part = beside(&path, "part");
        // Of a restore that was killed; the lock is ours, so nobody writes it.
        let _ = fs::remove_file(&part);
        log::create(&part, &content).map_err(|error| snapshot::failed("writing the restored store", &error))?;
        let (token, aside) = keep_aside(&path, data.epoch);
        let swapped = swap(&path, &part, &aside).inspect_err(|_| {
            let _ = fs::remove_file(&part);
        });
        swapped.map(|kept| told(kept, token, &aside, restored))
    }

    fn prune(&self, request: &Prune) -> PluginResult<Pruned> {
        match &self.log {
            Some(log) => log.append(&Entry::Prune(request), || self.tables.prune(request)),
            None => self.tables.prune(request),
        }
    }

    fn close(&self) -> PluginResult<()> {
        self.tables.close()?;
        lock(&self.hold).take();
        Ok(())
    }
}
