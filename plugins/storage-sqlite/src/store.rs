//! An open store: one writer, a few readers, a background checkpoint; who may do what when it is closed.

use crate::catalog::Catalog;
use crate::checkpoint::Checkpoints;
use crate::commit::Writer;
use crate::connect::{self, Use};
use crate::contract::batch::RowBatch;
use crate::contract::error::{ErrorCode, PluginError, PluginResult};
use crate::contract::host::Progress;
use crate::contract::query::{AggregateQuery, ChangeBatch, Query};
use crate::contract::schema::Schema;
use crate::contract::storage::{SnapshotInfo, StoreInfo};
use crate::contract::transaction::{Committed, Outcome, Transaction};
use crate::contract::{RecordStore, Timestamp, Uuid};
use crate::error::from_sqlite;
use crate::place::Hold;
use crate::{commit, feed, migrate, read, search, snapshot};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

/// Most questions answered at the same time; further ones wait for their turn.
const READERS_MAX: usize = 6;

/// A store in one file.
#[derive(Debug)]
pub(crate) struct SqliteStore {
    database: PathBuf,
    read_only: bool,
    open: RwLock<Option<Open>>,
    closing: AtomicBool,
    /// Counts commits; rings for those who wait for changes.
    commits: Mutex<u64>,
    changed: Condvar,
}

/// Dropped in this order: the writer's connection is the last, and moves the log into the file.
#[derive(Debug)]
struct Open {
    catalog: RwLock<Arc<Catalog>>,
    readers: Readers,
    checkpoints: Option<Checkpoints>,
    writer: Option<Arc<Mutex<Writer>>>,
    _hold: Option<Hold>,
}

/// Every lock here protects data that is whole at each step: a panic in between leaves nothing half-done.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn closed() -> PluginError {
    PluginError::new(ErrorCode::Closed, "the store was closed")
}

impl SqliteStore {
    /// Opens data for writing; what is there was looked at, and the hold taken.
    pub fn open(database: &Path, hold: Hold, synced: bool, fresh_epoch: Uuid) -> PluginResult<Self> {
        let connection = connect::open(database, Use::Write, synced)?;
        let catalog = migrate::load(&connection, database)?;
        let writer = Arc::new(Mutex::new(Writer::new(connection, database, fresh_epoch)?));
        let checkpoints = Checkpoints::start(database, writer.clone())?;
        let readers = Readers::new(Source::Live(database.to_owned()));
        Ok(Self::over(database, catalog, readers, Some((writer, checkpoints, hold))))
    }

    /// Opens a copy, or (`live`) data that somebody else writes, for reading only.
    pub fn open_copy(file: &Path, live: bool) -> PluginResult<Self> {
        let connection = connect::open_copy(file, live)?;
        let catalog = migrate::load(&connection, file)?;
        let readers = Readers::new(Source::Copy { file: file.to_owned(), live });
        readers.give_back(connection);
        Ok(Self::over(file, catalog, readers, None))
    }

    fn over(
        database: &Path,
        catalog: Catalog,
        readers: Readers,
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

    fn reading<T>(&self, work: impl FnOnce(&Connection, &Catalog) -> PluginResult<T>) -> PluginResult<T> {
        self.with(|open, catalog| open.readers.with(|connection| work(connection, catalog)))
    }

    /// For tests of a full disk: the file may not grow beyond so many pages.
    pub fn limit_pages(&self, pages: u32) -> PluginResult<()> {
        self.writing(|writer, _, _| writer.limit_pages(pages))
    }
}

impl RecordStore for SqliteStore {
    fn info(&self) -> PluginResult<StoreInfo> {
        self.reading(|connection, catalog| {
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
        self.reading(|connection, _| {
            let known =
                commit::known(connection, transaction).map_err(|error| from_sqlite(&error, "the read failed"))?;
            Ok(Outcome { committed: known.map(|(position, _)| Committed { position, already: false }) })
        })
    }

    fn scan(&self, query: &Query) -> PluginResult<RowBatch> {
        self.reading(|connection, catalog| read::scan(connection, &catalog.active, query))
    }

    fn search(&self, table: &str, text: &str, limit: u32) -> PluginResult<RowBatch> {
        self.reading(|connection, catalog| search::search(connection, &catalog.active, table, text, limit))
    }

    fn aggregate(&self, query: &AggregateQuery) -> PluginResult<RowBatch> {
        self.reading(|connection, catalog| read::aggregate(connection, &catalog.active, query))
    }

    fn changes(&self, after: &[u8], max: u32) -> PluginResult<ChangeBatch> {
        self.reading(|connection, catalog| feed::changes(connection, catalog, after, max))
    }

    fn wait(&self, after: &[u8], timeout_ms: u32) -> PluginResult<bool> {
        let until = Instant::now() + Duration::from_millis(u64::from(timeout_ms));
        loop {
            let seen = *lock(&self.commits);
            if self.reading(|connection, _| feed::has_changes(connection, after))? {
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
            open.checkpoints.as_ref().map_or(Ok(()), Checkpoints::run_now)
        })
    }

    fn close(&self) -> PluginResult<()> {
        self.closing.store(true, Ordering::Release);
        // Taken so that nobody is between looking at `closing` and beginning to wait.
        *lock(&self.commits) += 1;
        self.changed.notify_all();
        let open = self.open.write().unwrap_or_else(PoisonError::into_inner).take();
        drop(open);
        Ok(())
    }
}

/// Where readers connect to.
#[derive(Debug)]
enum Source {
    Live(PathBuf),
    Copy { file: PathBuf, live: bool },
}

impl Source {
    fn connect(&self) -> PluginResult<Connection> {
        match self {
            Source::Live(database) => connect::open(database, Use::Read, true),
            Source::Copy { file, live } => connect::open_copy(file, *live),
        }
    }
}

/// Connections for reading, made when needed, at most [`READERS_MAX`] in use.
#[derive(Debug)]
struct Readers {
    source: Source,
    pool: Mutex<Pool>,
    returned: Condvar,
}

#[derive(Debug, Default)]
struct Pool {
    idle: Vec<Connection>,
    in_use: usize,
}

/// Gives the place of a reader free, also when the work panics; the connection itself is then dropped.
struct Place<'a>(&'a Readers);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        lock(&self.0.pool).in_use -= 1;
        self.0.returned.notify_one();
    }
}

impl Readers {
    fn new(source: Source) -> Self {
        Readers { source, pool: Mutex::default(), returned: Condvar::new() }
    }

    fn give_back(&self, connection: Connection) {
        lock(&self.pool).idle.push(connection);
    }

    fn with<T>(&self, work: impl FnOnce(&Connection) -> PluginResult<T>) -> PluginResult<T> {
        let mut pool = self
            .returned
            .wait_while(lock(&self.pool), |pool| pool.in_use >= READERS_MAX)
            .unwrap_or_else(PoisonError::into_inner);
        pool.in_use += 1;
        let idle = pool.idle.pop();
        drop(pool);
        let place = Place(self);
        let connection = match idle {
            Some(connection) => connection,
            None => self.source.connect()?,
        };
        let answer = work(&connection);
        // One that is stuck in a transaction would show old data for ever.
        if connection.is_autocommit() {
            self.give_back(connection);
        }
        drop(place);
        answer
    }
}
