//! An open store: one writer, a reader a lane, a background checkpoint; who may do what when it is closed.

use crate::catalog::Catalog;
use crate::checkpoint::Checkpoints;
use crate::commit::Writer;
use crate::connect::{self, Use};
use crate::contract::batch::RowBatch;
use crate::contract::error::{ErrorCode, PluginError, PluginResult};
use crate::contract::host::{HostServices, Progress, Settings};
use crate::contract::query::{AggregateQuery, ChangeBatch, Query};
use crate::contract::schema::Schema;
use crate::contract::storage::{RestoreReport, SnapshotInfo, StoreInfo, VerifyReport};
use crate::contract::transaction::{Committed, Outcome, Prune, Pruned, Transaction};
use crate::contract::{RecordStore, Timestamp, Uuid};
use crate::error::from_sqlite;
use crate::lanes::{Lane, Lanes, Source};
use crate::place::Hold;
use crate::{commit, feed, migrate, provider, read, restore, search, snapshot, verify};
use rusqlite::Connection;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

/// A store in one file.
#[derive(Debug)]
pub(crate) struct SqliteStore {
    database: PathBuf,
    read_only: bool,
    open: RwLock<Option<Open>>,
    /// Of a copy: what it takes to put it in the place of the data.
    copy: Option<Copy>,
    closing: AtomicBool,
    /// Commits that were called and are not over: nothing is said of them yet.
    on_their_way: Mutex<Vec<Uuid>>,
    /// Counts commits; rings for those who wait for changes.
    commits: Mutex<u64>,
    changed: Condvar,
}

/// A copy's file, held open, and whom to ask where the data is.
#[derive(Debug)]
pub(crate) struct Copy {
    pub file: Mutex<File>,
    pub host: Arc<dyn HostServices>,
}

/// A commit that is on its way, until it is dropped.
struct OnItsWay<'a>(&'a SqliteStore, Uuid);

impl Drop for OnItsWay<'_> {
    fn drop(&mut self) {
        let mut ids = lock(&self.0.on_their_way);
        if let Some(at) = ids.iter().position(|id| *id == self.1) {
            ids.swap_remove(at);
        }
    }
}

/// Dropped in this order: the writer's connection is the last, and moves the log into the file.
#[derive(Debug)]
struct Open {
    catalog: RwLock<Arc<Catalog>>,
    readers: Lanes,
    checkpoints: Option<Checkpoints>,
    writer: Option<Arc<Mutex<Writer>>>,
    _hold: Option<Hold>,
}

/// Every lock here protects data that is whole at each step: a panic in between leaves nothing half-done.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        // Closed before, in most cases.
        let _ = self.close();
    }
}

/// Which connection a question has.
const SHORT: fn(&Lanes) -> &Lane = |lanes| &lanes.short;
const SEARCH: fn(&Lanes) -> &Lane = |lanes| &lanes.search;
const LONG: fn(&Lanes) -> &Lane = |lanes| &lanes.long;

fn closed() -> PluginError {
    PluginError::new(ErrorCode::Closed, "the store was closed")
}

impl SqliteStore {
    /// Opens data for writing; what is there was looked at, and the hold taken.
    pub fn open(database: &Path, hold: Hold, synced: bool, fresh_epoch: Uuid, had_log: bool) -> PluginResult<Self> {
        let connection = connect::open(database, Use::Write, synced)?;
        let catalog = migrate::load(&connection, database)?;
        connect::settle(&connection, had_log).map_err(|error| from_sqlite(&error, "the log could not be begun"))?;
        let writer = Arc::new(Mutex::new(Writer::new(connection, database, fresh_epoch)?));
        let checkpoints = Checkpoints::start(database, writer.clone())?;
        let readers = Lanes::new(Source::Live(database.to_owned()));
        Ok(Self::over(database, catalog, readers, Some((writer, checkpoints, hold))))
    }

    /// Opens a copy.
    pub fn open_copy(file: &Path, copy: Copy) -> PluginResult<Self> {
        let readers = Lanes::opened(Source::Copy { file: file.to_owned(), live: false })?;
        let catalog = readers.with(&readers.short, |connection| migrate::load(connection, file))?;
        let mut store = Self::over(file, catalog, readers, None);
        store.copy = Some(copy);
        Ok(store)
    }

    /// Opens data that somebody else writes, or the last one left with its log, for reading only.
    pub fn look(database: &Path) -> PluginResult<Self> {
        let readers = Lanes::new(Source::Copy { file: database.to_owned(), live: true });
        let catalog = readers.with(&readers.short, |connection| migrate::load(connection, database))?;
        Ok(Self::over(database, catalog, readers, None))
    }

    fn over(
        database: &Path,
        catalog: Catalog,
        readers: Lanes,
        write: Option<(Arc<Mutex<Writer>>, Checkpoints, Hold)>,
    ) -> Self {
        let read_only = write.is_none();
        let (writer, checkpoints, hold) = match write {
            Some((writer, checkpoints, hold)) => (Some(writer), Some(checkpoints), Some(hold)),
            None => (None, None, None),
        };
        let open = Open { catalog: RwLock::new(Arc::new(catalog)), readers, checkpoints, writer, _hold: hold };
        SqliteStore {
            database: database.to_owned(),
            read_only,
            open: RwLock::new(Some(open)),
            copy: None,
            on_their_way: Mutex::default(),
            closing: AtomicBool::new(false),
            commits: Mutex::new(0),
            changed: Condvar::new(),
        }
    }

    fn with<T>(&self, work: impl FnOnce(&Open, &Catalog) -> PluginResult<T>) -> PluginResult<T> {
        if self.closing.load(Ordering::Acquire) {
            return Err(closed());
        }
        let guard: RwLockReadGuard<'_, Option<Open>> = self.open.read().unwrap_or_else(PoisonError::into_inner);
        let open = guard.as_ref().ok_or_else(closed)?;
        let catalog = open.catalog.read().unwrap_or_else(PoisonError::into_inner).clone();
        work(open, &catalog)
    }

    fn writing<T>(&self, work: impl FnOnce(&mut Writer, &Open, &Catalog) -> PluginResult<T>) -> PluginResult<T> {
        self.with(|open, catalog| {
            let writer = open
                .writer
                .as_ref()
                .ok_or_else(|| PluginError::new(ErrorCode::ReadOnly, "the store was opened for reading only"))?;
            work(&mut lock(writer), open, catalog)
        })
    }

    fn reading<T>(
        &self,
        lane: impl FnOnce(&Lanes) -> &Lane,
        work: impl FnOnce(&Connection, &Catalog) -> PluginResult<T>,
    ) -> PluginResult<T> {
        self.with(|open, catalog| open.readers.with(lane(&open.readers), |connection| work(connection, catalog)))
    }

    /// For tests of a full disk: the file may not grow beyond so many pages.
    pub fn limit_pages(&self, pages: u32) -> PluginResult<()> {
        self.writing(|writer, _, _| writer.limit_pages(pages))
    }
}

impl RecordStore for SqliteStore {
    fn info(&self) -> PluginResult<StoreInfo> {
        self.reading(SHORT, |connection, catalog| {
            let ask = |error| from_sqlite(&error, "the database does not answer");
            Ok(StoreInfo {
                engine: "SQLite".to_owned(),
                engine_version: rusqlite::version().to_owned(),
                epoch: connect::epoch(connection).map_err(ask)?,
                schema_major: catalog.disk.major,
                schema_minor: catalog.disk.minor,
                position: connect::position(connection).map_err(ask)?,
                read_only: self.read_only,
                location: self.database.display().to_string(),
                features: Vec::new(),
                snapshot_extension: "db".to_owned(),
                bytes: connect::bytes(connection).map_err(ask)?,
            })
        })
    }

    fn migrate(&self, schema: &Schema) -> PluginResult<()> {
        if self.read_only {
            // A copy is as old as it is: it is only refused when this program cannot understand it.
            return self
                .with(|_, catalog| crate::contract::validate::plan_migration(&catalog.disk, schema).map(|_| ()));
        }
        // The writer is held until the new catalog is in place: no commit is checked against the old one.
        self.writing(|writer, open, _| {
            let made = writer.migrate(schema)?;
            *open.catalog.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(made);
            Ok(())
        })
    }

    fn commit(&self, transaction: &Transaction) -> PluginResult<Committed> {
        lock(&self.on_their_way).push(transaction.id);
        let _on_its_way = OnItsWay(self, transaction.id);
        let (committed, log_pages) = self.with(|open, catalog| {
            let prepared = commit::prepare(catalog, transaction)?;
            let writer = open
                .writer
                .as_ref()
                .ok_or_else(|| PluginError::new(ErrorCode::ReadOnly, "the store was opened for reading only"))?;
            let mut writer = lock(writer);
            let committed = writer.commit(catalog, transaction, &prepared)?;
            Ok((committed, writer.log_pages()))
        })?;
        self.with(|open, _| {
            if let Some(checkpoints) = &open.checkpoints {
                checkpoints.wake_if_large(log_pages);
            }
            Ok(())
        })
        .or_else(|error| if error.code == ErrorCode::Closed { Ok(()) } else { Err(error) })?;
        *lock(&self.commits) += 1;
        self.changed.notify_all();
        Ok(committed)
    }

    fn outcome(&self, transaction: Uuid) -> PluginResult<Outcome> {
        // Looked at first: one that ends in between is found among the commits.
        if lock(&self.on_their_way).contains(&transaction) {
            return Err(PluginError::new(ErrorCode::Busy, "the commit is still on its way"));
        }
        self.reading(SHORT, |connection, _| {
            let known =
                commit::known(connection, transaction).map_err(|error| from_sqlite(&error, "the read failed"))?;
            Ok(Outcome { committed: known.map(|(position, _)| Committed { position, already: false }) })
        })
    }

    fn scan(&self, query: &Query) -> PluginResult<RowBatch> {
        self.reading(SHORT, |connection, catalog| read::scan(connection, &catalog.active, query))
    }

    fn search(&self, table: &str, text: &str, limit: u32) -> PluginResult<RowBatch> {
        self.reading(SEARCH, |connection, catalog| search::search(connection, &catalog.active, table, text, limit))
    }

    fn aggregate(&self, query: &AggregateQuery) -> PluginResult<RowBatch> {
        self.reading(LONG, |connection, catalog| read::aggregate(connection, &catalog.active, query))
    }

    fn changes(&self, after: &[u8], max: u32) -> PluginResult<ChangeBatch> {
        self.reading(SHORT, |connection, catalog| feed::changes(connection, catalog, after, max))
    }

    fn wait(&self, after: &[u8], timeout_ms: u32) -> PluginResult<bool> {
        let until = Instant::now() + Duration::from_millis(u64::from(timeout_ms));
        loop {
            let seen = *lock(&self.commits);
            if self.reading(SHORT, |connection, _| feed::has_changes(connection, after))? {
                return Ok(true);
            }
            let mut commits = lock(&self.commits);
            while *commits == seen {
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Ok(false);
                }
                commits = self.changed.wait_timeout(commits, left).unwrap_or_else(PoisonError::into_inner).0;
                if self.closing.load(Ordering::Acquire) {
                    return Err(closed());
                }
            }
        }
    }

    fn snapshot(&self, dest: &str, progress: &dyn Progress) -> PluginResult<SnapshotInfo> {
        self.with(|open, catalog| {
            let source = open.readers.source.connect()?;
            snapshot::write(&source, catalog, Path::new(dest), progress, &self.closing)
        })
    }

    fn maintain(&self, now: Timestamp) -> PluginResult<()> {
        self.with(|open, _| {
            let writer = open
                .writer
                .as_ref()
                .ok_or_else(|| PluginError::new(ErrorCode::ReadOnly, "the store was opened for reading only"))?;
            loop {
                // The writer is free between two goes.
                if self.closing.load(Ordering::Acquire) || !lock(writer).forget(now)? {
                    break;
                }
            }
            open.checkpoints.as_ref().map_or(Ok(()), |checkpoints| checkpoints.run_now(writer))?;
            // An import or a report leaves every connection with all the pages it may keep.
            lock(writer).forget_pages();
            open.readers.forget_pages();
            Ok(())
        })
    }

    fn prune(&self, request: &Prune) -> PluginResult<Pruned> {
        self.writing(|writer, _, catalog| writer.prune(catalog, request))
    }

    fn verify(&self, progress: &dyn Progress) -> PluginResult<VerifyReport> {
        self.reading(LONG, |connection, catalog| match &self.copy {
            Some(copy) => verify::open_copy(&lock(&copy.file), &self.database, connection, catalog, progress),
            None => verify::in_use(connection, catalog, progress),
        })
    }

    fn restore_to(&self, settings: &Settings, progress: &dyn Progress) -> PluginResult<RestoreReport> {
        self.with(|_, _| {
            let copy = self.copy.as_ref();
            let copy = copy.ok_or_else(|| PluginError::new(ErrorCode::Unsupported, "only a copy can be restored"))?;
            let database = provider::database(copy.host.as_ref(), settings)?;
            restore::restore(&database, &lock(&copy.file), &self.database, copy.host.new_id(), progress)
        })
    }

    fn close(&self) -> PluginResult<()> {
        self.closing.store(true, Ordering::Release);
        // Taken so that nobody is between looking at `closing` and beginning to wait.
        *lock(&self.commits) += 1;
        self.changed.notify_all();
        let open = self.open.write().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = open.as_ref().and_then(|open| open.writer.as_ref()) {
            // The last connection that closes moves the log into the file. Without this (a full disk) a later log is beside
            // a file with the id of this one: then only a copy from in between is not told from it.
            let _ = lock(writer).end_log();
        }
        drop(open);
        Ok(())
    }
}
