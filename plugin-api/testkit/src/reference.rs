//! The storage contract in its plainest form: maps in memory behind one lock. Clear over fast; what it answers is what
//! every storage must answer.

use aurapos_contract::batch::RowBatch;
use aurapos_contract::error::{ErrorCode, PluginError, PluginResult};
use aurapos_contract::host::{Progress, Settings};
use aurapos_contract::query::{AggregateQuery, ChangeBatch, Query};
use aurapos_contract::schema::Schema;
use aurapos_contract::storage::{RestoreReport, SnapshotInfo, StoreInfo, VerifyReport};
use aurapos_contract::transaction::{Committed, Outcome, Prune, Pruned, Transaction};
use aurapos_contract::validate;
use aurapos_contract::{RecordStore, Timestamp, Uuid};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

mod apply;
mod feed;
mod file;
mod provider;
mod read;
mod snapshot;
mod table;
#[cfg(test)]
mod tests;

pub use file::FileProvider;
pub use provider::ReferenceProvider;

use table::Data;

/// A failure to order from the store, so that its user can be tested.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The next commit fails and did not happen.
    Refused(PluginError),
    /// The next commit happens, but its answer is lost.
    AnswerLost(PluginError),
}

/// What all handles of one data share.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    data: Mutex<Data>,
    changed: Condvar,
    /// Commits that were called and are not over: nothing is said of them yet.
    on_their_way: Mutex<Vec<Uuid>>,
    faults: Mutex<VecDeque<Fault>>,
    /// Every commit fails with it and does not happen: a full disk.
    stuck: Mutex<Option<PluginError>>,
}

/// A store in memory. Clones of it are the same store.
#[derive(Debug, Clone)]
pub struct ReferenceStore {
    shared: Arc<Shared>,
    handle: Arc<Handle>,
}

/// A commit that is on its way, until it is dropped.
#[derive(Debug)]
struct OnItsWay<'a> {
    shared: &'a Shared,
    id: Uuid,
}

impl Drop for OnItsWay<'_> {
    fn drop(&mut self) {
        let mut ids = lock(&self.shared.on_their_way);
        if let Some(at) = ids.iter().position(|id| *id == self.id) {
            ids.swap_remove(at);
        }
    }
}

/// One opening of the data.
#[derive(Debug)]
struct Handle {
    closed: Mutex<bool>,
    read_only: bool,
    location: String,
    /// Of a copy: its size, and where it may be restored to.
    copy: Option<provider::Copy>,
    /// Dropped when closed: the provider counts these to know who has the data open.
    hold: Mutex<Option<Arc<()>>>,
}

impl Default for ReferenceStore {
    fn default() -> Self {
        Self::new()
    }
}

impl ReferenceStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::over(Arc::new(Shared::default()), false, "memory".to_owned(), None)
    }

    pub(crate) fn over(shared: Arc<Shared>, read_only: bool, location: String, hold: Option<Arc<()>>) -> Self {
        let handle = Handle { closed: Mutex::new(false), read_only, location, copy: None, hold: Mutex::new(hold) };
        ReferenceStore { shared, handle: Arc::new(handle) }
    }

    /// A copy's data, for reading.
    pub(crate) fn copy(data: Data, location: String, copy: Option<provider::Copy>) -> Self {
        let shared = Arc::new(Shared { data: Mutex::new(data), ..Default::default() });
        let handle = Handle { closed: Mutex::new(false), read_only: true, location, copy, hold: Mutex::default() };
        ReferenceStore { shared, handle: Arc::new(handle) }
    }

    /// Orders a failure of the next commit that no earlier order applies to.
    pub fn order_fault(&self, fault: Fault) {
        lock(&self.shared.faults).push_back(fault);
    }

    /// From now on every commit fails with this and does not happen; `None`: they go on, and what was ordered is forgotten.
    pub fn refuse_commits(&self, why: Option<PluginError>) {
        if why.is_none() {
            lock(&self.shared.faults).clear();
        }
        *lock(&self.shared.stuck) = why;
    }

    /// The same data opened again, as after a crash or restart of the program: the old handle answers `Closed`.
    #[must_use]
    pub fn reopen(&self) -> Self {
        *lock(&self.handle.closed) = true;
        Self::over(
            self.shared.clone(),
            self.handle.read_only,
            self.handle.location.clone(),
            lock(&self.handle.hold).take(),
        )
    }

    /// A store with the same data and its own life from here on: what a copy of the files would be.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        let data = lock(&self.shared.data).clone();
        let shared = Shared { data: Mutex::new(data), ..Default::default() };
        Self::over(Arc::new(shared), false, self.handle.location.clone(), None)
    }

    /// A store with the same data as the beginning of another epoch: what restoring a copy makes.
    #[must_use]
    pub fn restored(&self) -> Self {
        let mut data = lock(&self.shared.data).clone();
        data.epoch = table::new_epoch();
        let shared = Shared { data: Mutex::new(data), ..Default::default() };
        Self::over(Arc::new(shared), false, self.handle.location.clone(), None)
    }

    /// The position of the last commit: what [`RecordStore::info`] says, without counting bytes.
    #[must_use]
    pub fn position(&self) -> u64 {
        lock(&self.shared.data).position
    }

    fn on_its_way(&self, id: Uuid) -> OnItsWay<'_> {
        lock(&self.shared.on_their_way).push(id);
        OnItsWay { shared: &self.shared, id }
    }

    fn data(&self) -> PluginResult<MutexGuard<'_, Data>> {
        if *lock(&self.handle.closed) {
            return Err(PluginError::new(ErrorCode::Closed, "the store was closed"));
        }
        Ok(lock(&self.shared.data))
    }

    fn writable(&self) -> PluginResult<MutexGuard<'_, Data>> {
        let data = self.data()?;
        if self.handle.read_only {
            return Err(PluginError::new(ErrorCode::ReadOnly, "the store was opened for reading only"));
        }
        Ok(data)
    }
}

/// A lock whose data stays whole even when a holder panicked: every change is undone or complete before it is dropped.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl RecordStore for ReferenceStore {
    fn info(&self) -> PluginResult<StoreInfo> {
        let data = self.data()?;
        Ok(StoreInfo {
            engine: "Reference".to_owned(),
            engine_version: env!("CARGO_PKG_VERSION").to_owned(),
            epoch: data.epoch,
            schema_major: data.disk.major,
            schema_minor: data.disk.minor,
            position: data.position,
            read_only: self.handle.read_only,
            location: self.handle.location.clone(),
            features: Vec::new(),
            snapshot_extension: "reference".to_owned(),
            bytes: snapshot::size(&data),
        })
    }

    fn migrate(&self, schema: &Schema) -> PluginResult<()> {
        let mut data = self.data()?;
        let plan = validate::plan_migration(&data.disk, schema)?;
        if self.handle.read_only {
            return Ok(());
        }
        data.migrate(schema, plan)
    }

    fn commit(&self, transaction: &Transaction) -> PluginResult<Committed> {
        let _on_its_way = self.on_its_way(transaction.id);
        let mut data = self.writable()?;
        if let Some(error) = lock(&self.shared.stuck).clone() {
            return Err(error);
        }
        let fault = lock(&self.shared.faults).pop_front();
        if let Some(Fault::Refused(error)) = fault {
            return Err(error);
        }
        let committed = data.commit(transaction)?;
        self.shared.changed.notify_all();
        match fault {
            Some(Fault::AnswerLost(error)) => Err(error),
            _ => Ok(committed),
        }
    }

    fn outcome(&self, transaction: Uuid) -> PluginResult<Outcome> {
        // Looked at first: one that ends in between is found among the commits.
        if lock(&self.shared.on_their_way).contains(&transaction) {
            return Err(PluginError::new(ErrorCode::Busy, "the commit is still on its way"));
        }
        let data = self.data()?;
        let committed =
            data.commits.get(&transaction).map(|known| Committed { position: known.position, already: false });
        Ok(Outcome { committed })
    }

    fn scan(&self, query: &Query) -> PluginResult<RowBatch> {
        self.data()?.scan(query)
    }

    fn search(&self, table: &str, text: &str, limit: u32) -> PluginResult<RowBatch> {
        self.data()?.search(table, text, limit)
    }

    fn aggregate(&self, query: &AggregateQuery) -> PluginResult<RowBatch> {
        self.data()?.aggregate(query)
    }

    fn changes(&self, after: &[u8], max: u32) -> PluginResult<ChangeBatch> {
        self.data()?.changes(after, max)
    }

    fn wait(&self, after: &[u8], timeout_ms: u32) -> PluginResult<bool> {
        let until = Instant::now() + Duration::from_millis(u64::from(timeout_ms));
        let mut data = self.data()?;
        loop {
            if data.has_changes(after)? {
                return Ok(true);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            data = self.shared.changed.wait_timeout(data, left).unwrap_or_else(PoisonError::into_inner).0;
            if *lock(&self.handle.closed) {
                return Err(PluginError::new(ErrorCode::Closed, "the store was closed"));
            }
        }
    }

    fn snapshot(&self, dest: &str, progress: &dyn Progress) -> PluginResult<SnapshotInfo> {
        let data = self.data()?.clone();
        snapshot::write(&data, dest, progress)
    }

    fn maintain(&self, now: Timestamp) -> PluginResult<()> {
        self.writable()?.forget(now);
        Ok(())
    }

    fn verify(&self, progress: &dyn Progress) -> PluginResult<VerifyReport> {
        let data = self.data()?;
        if progress.cancelled() {
            return Err(PluginError::new(ErrorCode::Cancelled, "the check was cancelled"));
        }
        // It was read whole, and its checksum held.
        let bytes = self.handle.copy.as_ref().map_or_else(|| snapshot::size(&data), provider::Copy::bytes);
        Ok(snapshot::report(&data, bytes))
    }

    fn restore_to(&self, settings: &Settings, progress: &dyn Progress) -> PluginResult<RestoreReport> {
        let copy = self.handle.copy.as_ref();
        let copy = copy.ok_or_else(|| PluginError::new(ErrorCode::Unsupported, "only a copy can be restored"))?;
        let restored = self.verify(progress)?;
        let data = self.data()?.clone();
        copy.put_in_place(settings, data, restored)
    }

    fn prune(&self, request: &Prune) -> PluginResult<Pruned> {
        self.writable()?.prune(request)
    }

    fn close(&self) -> PluginResult<()> {
        *lock(&self.handle.closed) = true;
        lock(&self.handle.hold).take();
        self.shared.changed.notify_all();
        Ok(())
    }
}
