//! A store on a snapshot's file, for reading only.
//!
//! What is asked of the whole file (its head, its proof, a restore) needs no server. For questions its rows are loaded into
//! temporary tables of the server that the settings name: they are this session's alone, no log is written for them, and
//! whatever happens nothing of them stays.

use crate::catalog::Catalog;
use crate::container::{Head, Reader, from_io};
use crate::contract::batch::RowBatch;
use crate::contract::error::{ErrorCode, PluginError, PluginResult};
use crate::contract::host::{HostServices, NoProgress, Progress, Settings};
use crate::contract::query::{AggregateQuery, ChangeBatch, Query};
use crate::contract::schema::Schema;
use crate::contract::storage::{RestoreReport, SnapshotInfo, StoreInfo, VerifyReport};
use crate::contract::transaction::{Committed, Outcome, Prune, Pruned, Transaction};
use crate::contract::{RecordStore, Timestamp, Uuid, Value, validate};
use crate::convert::Bound;
use crate::feed::{self, News};
use crate::session::{Asked, Bell, Fault, Io, Purpose, Session, lock};
use crate::settings::Target;
use crate::store::closed;
use crate::{fill, migrate, read, restore, search, snapshot};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tokio_postgres::types::Type;

/// The schema of a session's own tables.
const TEMPORARY: &str = "pg_temp";

/// A copy that is open.
pub(crate) struct CopyStore {
    file: PathBuf,
    host: Arc<dyn HostServices>,
    /// Of the instance: where the rows are loaded.
    settings: Settings,
    inner: Mutex<Option<Inner>>,
    head: Head,
    bytes: u64,
}

impl std::fmt::Debug for CopyStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CopyStore").field("file", &self.file).finish_non_exhaustive()
    }
}

struct Inner {
    opened: File,
    catalog: Catalog,
    /// Made when a question comes.
    loaded: Option<Session>,
    io: Option<Arc<Io>>,
}

impl CopyStore {
    pub fn open(file: &str, host: Arc<dyn HostServices>, settings: Settings) -> PluginResult<Self> {
        let file = PathBuf::from(file);
        let opened = File::open(&file).map_err(|error| from_io(&error, &file, "cannot open"))?;
        let bytes = opened.metadata().map_err(|error| from_io(&error, &file, "cannot open"))?.len();
        let (_, head) = Reader::new(&opened, &file)?;
        let disk = head.schema()?;
        let catalog = Catalog { space: TEMPORARY.to_owned(), active: disk.clone(), disk };
        let inner = Mutex::new(Some(Inner { opened, catalog, loaded: None, io: None }));
        Ok(CopyStore { file, host, settings, inner, head, bytes })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Inner) -> PluginResult<T>) -> PluginResult<T> {
        work(lock(&self.inner).as_mut().ok_or_else(closed)?)
    }

    /// Asks the loaded rows, loading them first.
    fn ask<T>(&self, work: impl FnOnce(&mut Session, &Catalog) -> Asked<T>) -> PluginResult<T> {
        self.with(|inner| {
            if !inner.loaded.as_ref().is_some_and(Session::is_usable) {
                inner.loaded = Some(self.load(inner)?);
            }
            let Some(session) = &mut inner.loaded else {
                return Err(closed());
            };
            let answer = work(session, &inner.catalog);
            if answer.is_err() && session.is_usable() {
                // Whatever it was in the middle of.
                let _ = session.batch("ROLLBACK");
            }
            answer.map_err(|fault| fault.told("the copy cannot be read"))
        })
    }

    fn load(&self, inner: &mut Inner) -> PluginResult<Session> {
        let target = Target::of(&self.settings, &self.host.data_dir())?;
        let io = match &inner.io {
            Some(io) => io.clone(),
            None => inner.io.insert(Io::start()?).clone(),
        };
        let mut session = Session::connect(&io, &target, target.owner(), Purpose::Long, &Arc::<Bell>::default())?;
        let (head, schema) = fill::fill(&mut session, TEMPORARY, &inner.opened, &self.file, &NoProgress)?;
        migrate::remember(&mut session, TEMPORARY, &schema, head.epoch, true)
            .map_err(|fault| fault.told("the copy cannot be loaded"))?;
        Ok(session)
    }
}

fn read_only<T>() -> PluginResult<T> {
    Err(PluginError::new(ErrorCode::ReadOnly, "a copy is for reading only"))
}

impl RecordStore for CopyStore {
    fn info(&self) -> PluginResult<StoreInfo> {
        self.with(|inner| {
            Ok(StoreInfo {
                engine: "PostgreSQL".to_owned(),
                engine_version: self.head.server.clone(),
                epoch: self.head.epoch,
                schema_major: inner.catalog.disk.major,
                schema_minor: inner.catalog.disk.minor,
                position: self.head.position,
                read_only: true,
                location: self.file.display().to_string(),
                features: Vec::new(),
                snapshot_extension: snapshot::EXTENSION.to_owned(),
                bytes: self.bytes,
            })
        })
    }

    fn migrate(&self, schema: &Schema) -> PluginResult<()> {
        // A copy is as old as it is: it is only refused when this program cannot understand it.
        self.with(|inner| validate::plan_migration(&inner.catalog.disk, schema).map(|_| ()))
    }

    fn commit(&self, transaction: &Transaction) -> PluginResult<Committed> {
        self.with(|inner| validate::check_transaction(&inner.catalog.active, transaction))?;
        read_only()
    }

    fn outcome(&self, transaction: Uuid) -> PluginResult<Outcome> {
        let id = Value::Uuid(transaction);
        const ASK: &str = r#"SELECT "position" FROM "pg_temp"."_commit" WHERE "id" = $1 AND "hash" IS NOT NULL"#;
        let position = self.ask(|session, _| {
            let rows = session.query(ASK, &[Type::UUID], &[&Bound(&id)])?;
            rows.first().map(|row| row.try_get::<_, i64>(0)).transpose().map_err(Fault::Postgres)
        })?;
        let committed = position.map(|position| Committed { position: position.unsigned_abs(), already: false });
        Ok(Outcome { committed })
    }

    fn scan(&self, query: &Query) -> PluginResult<RowBatch> {
        self.ask(|session, catalog| read::scan(session, catalog, query))
    }

    fn search(&self, table: &str, text: &str, limit: u32) -> PluginResult<RowBatch> {
        self.ask(|session, catalog| search::search(session, catalog, table, text, limit))
    }

    fn aggregate(&self, query: &AggregateQuery) -> PluginResult<RowBatch> {
        self.ask(|session, catalog| read::aggregate(session, catalog, query))
    }

    fn changes(&self, after: &[u8], max: u32) -> PluginResult<ChangeBatch> {
        self.ask(|session, catalog| feed::changes(session, catalog, after, max))
    }

    fn wait(&self, after: &[u8], _: u32) -> PluginResult<bool> {
        // Nothing will come.
        self.ask(|session, catalog| feed::news(session, catalog, after)).map(|news| news == News::Ready)
    }

    fn snapshot(&self, dest: &str, progress: &dyn Progress) -> PluginResult<SnapshotInfo> {
        self.with(|inner| {
            let report = fill::prove(&inner.opened, &self.file, progress)?;
            restore::copy_file(&inner.opened, &self.file, Path::new(dest))?;
            Ok(SnapshotInfo {
                bytes: report.bytes,
                position: report.position,
                tables: report.tables,
                epoch: self.head.epoch,
            })
        })
    }

    fn maintain(&self, _: Timestamp) -> PluginResult<()> {
        self.with(|_| read_only())
    }

    fn prune(&self, request: &Prune) -> PluginResult<Pruned> {
        self.with(|inner| validate::check_prune(&inner.catalog.active, request).map(|_| ()))?;
        read_only()
    }

    fn verify(&self, progress: &dyn Progress) -> PluginResult<VerifyReport> {
        self.with(|inner| match fill::prove(&inner.opened, &self.file, progress) {
            Err(error) if error.code == ErrorCode::Damaged => {
                Ok(VerifyReport { bytes: self.bytes, problems: vec![error.message], ..Default::default() })
            }
            proved => proved,
        })
    }

    fn restore_to(&self, settings: &Settings, progress: &dyn Progress) -> PluginResult<RestoreReport> {
        self.with(|inner| {
            let target = Target::of(settings, &self.host.data_dir())?;
            restore::restore(&target, &inner.opened, &self.file, self.host.new_id(), progress)
        })
    }

    fn close(&self) -> PluginResult<()> {
        if let Some(inner) = lock(&self.inner).take() {
            drop(inner.loaded);
            if let Some(io) = inner.io {
                io.end();
            }
        }
        Ok(())
    }
}

impl Drop for CopyStore {
    fn drop(&mut self) {
        // Closed before, in most cases.
        let _ = self.close();
    }
}
