//! An open store: who may do what when it is closed, and what is done again by itself.

use crate::catalog::{Catalog, within};
use crate::commit::{self, Attempt};
use crate::contract::batch::RowBatch;
use crate::contract::error::{ErrorCode, PluginError, PluginResult};
use crate::contract::host::{HostServices, LogLevel, Progress, Settings};
use crate::contract::query::{AggregateQuery, ChangeBatch, Query};
use crate::contract::schema::Schema;
use crate::contract::storage::{MANY_WRITERS, RestoreReport, SnapshotInfo, StoreInfo, VerifyReport};
use crate::contract::transaction::{Committed, Outcome, Prune, Pruned, Transaction};
use crate::contract::{RecordStore, Timestamp, Uuid, validate};
use crate::error::lost;
use crate::feed::{self, News};
use crate::lanes::{Lane, Lanes};
use crate::locks;
use crate::session::{Asked, Fault, Purpose, Session, lock};
use crate::settings::Target;
use crate::{migrate, read, search, server, snapshot, upkeep, verify};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};
use tokio_postgres::types::Type;

/// How long a commit is tried again while others are in the way, or asked after when the link was lost. The host waits
/// 15 s for a commit.
const COMMIT_TRIES: Duration = Duration::from_secs(11);
/// Pauses between two tries: the first, and the longest.
const PAUSE: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(100));
/// How often others are asked for news that nobody called out.
const POLL: Duration = Duration::from_millis(250);

/// A store in a schema of a database.
#[derive(Debug)]
pub(crate) struct PostgresStore {
    lanes: Arc<Lanes>,
    host: Arc<dyn HostServices>,
    /// False once it is closed; calls hold it, so that a close waits for them.
    open: RwLock<bool>,
    closing: AtomicBool,
    catalog: RwLock<Arc<Catalog>>,
    /// The number by which the server knows this store's commits; 0: none yet.
    ticket: AtomicI64,
    /// The life of the data that this store was brought to; `None` before.
    life: Mutex<Option<Uuid>>,
    /// Commits that were called and are not over: nothing is said of them yet.
    on_their_way: Mutex<Vec<Uuid>>,
    version: String,
}

/// A commit that is on its way, until it is dropped.
struct OnItsWay<'a>(&'a PostgresStore, Uuid);

impl Drop for OnItsWay<'_> {
    fn drop(&mut self) {
        let mut ids = lock(&self.0.on_their_way);
        if let Some(at) = ids.iter().position(|id| *id == self.1) {
            ids.swap_remove(at);
        }
    }
}

impl Drop for PostgresStore {
    fn drop(&mut self) {
        // Closed before, in most cases.
        let _ = self.close();
    }
}

pub(crate) fn closed() -> PluginError {
    PluginError::new(ErrorCode::Closed, "the store was closed")
}

fn read_only() -> PluginError {
    PluginError::new(ErrorCode::ReadOnly, "the store was opened for reading only")
}

/// What each connection that writes begins with.
fn begin_writing(session: &mut Session, target: &Target) -> PluginResult<()> {
    let facts = server::facts(session).map_err(|fault| fault.told("the server does not say what it is"))?;
    facts.check(target)?;
    server::share(session, target)
}

impl PostgresStore {
    /// Opens the data for writing, or for reading only, beside whoever else has it open.
    pub fn open(target: Target, host: Arc<dyn HostServices>) -> PluginResult<Self> {
        let target = target.opened_as(host.new_id());
        let lanes = Lanes::new(target.clone(), target.user.clone(), &host)?;
        let opened = Self::look(&lanes, &target);
        if opened.is_err() {
            lanes.end();
        }
        let (facts, catalog) = opened?;
        Ok(PostgresStore {
            lanes,
            host,
            open: RwLock::new(true),
            closing: AtomicBool::new(false),
            catalog: RwLock::new(Arc::new(catalog)),
            ticket: AtomicI64::new(0),
            life: Mutex::new(None),
            on_their_way: Mutex::default(),
            version: facts.version,
        })
    }

    fn look(lanes: &Lanes, target: &Target) -> PluginResult<(server::Facts, Catalog)> {
        let told = |fault: Fault| fault.told("the server does not say what it is");
        let first = |session: &mut Session| if target.read_only { Ok(()) } else { begin_writing(session, target) };
        let lane = if target.read_only { &lanes.read } else { &lanes.write };
        lanes.holding(lane, first, |session| {
            let facts = server::facts(session).map_err(told)?;
            facts.check(target)?;
            if target.read_only && migrate::meta(session, &target.schema).map_err(told)?.is_none() {
                return Err(PluginError::new(
                    ErrorCode::NotFound,
                    format!("there is no data in {}", target.location()),
                ));
            }
            Ok((facts, migrate::load(session, &target.schema)?))
        })
    }

    fn target(&self) -> &Target {
        &self.lanes.target
    }

    fn enter(&self) -> PluginResult<RwLockReadGuard<'_, bool>> {
        if self.closing.load(Ordering::Acquire) {
            return Err(closed());
        }
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        if *open { Ok(open) } else { Err(closed()) }
    }

    /// What each new connection that writes begins with: that it still is the data that this store knows. While no
    /// connection of it was there, somebody may have restored a backup.
    fn begin_writing(&self, session: &mut Session) -> PluginResult<()> {
        begin_writing(session, self.target())?;
        let Some(life) = *lock(&self.life) else {
            return Ok(());
        };
        let there =
            migrate::meta(session, &self.target().schema).map_err(|fault| fault.told("cannot read the tables"))?;
        if there.is_some_and(|meta| meta.epoch == life) {
            return Ok(());
        }
        let message = format!("the data in {} was replaced by other data", self.target().location());
        Err(PluginError::new(ErrorCode::Closed, message)
            .with_next("Start AuraPOS again: a backup was restored meanwhile."))
    }

    fn catalog(&self) -> Arc<Catalog> {
        self.catalog.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn reading<T>(&self, lane: &Lane, mut work: impl FnMut(&mut Session, &Catalog) -> Asked<T>) -> PluginResult<T> {
        let _open = self.enter()?;
        let catalog = self.catalog();
        self.lanes.reading(lane, "the read failed", |session| work(session, &catalog))
    }

    /// One try of a commit, with a connection that writes.
    fn attempt(
        &self,
        catalog: &Catalog,
        transaction: &Transaction,
        prepared: &commit::Prepared,
        slowly: bool,
    ) -> PluginResult<Attempt> {
        let first = |session: &mut Session| self.begin_writing(session);
        self.lanes.holding(&self.lanes.write, first, |session| {
            let mut ticket = self.ticket.load(Ordering::Acquire);
            if ticket == 0 {
                let next = format!("SELECT nextval('{}')", within(&catalog.space, "_session"));
                ticket = session.scalar(&next).map_err(|fault| fault.told("the commit could not begin"))?;
                self.ticket.store(ticket, Ordering::Release);
            }
            let attempt = commit::attempt(session, catalog, transaction, prepared, ticket, slowly);
            Ok(if session.is_silent() { attempt.in_silence() } else { attempt })
        })
    }

    /// Commits, and does it again by itself where that can do no harm: others were in the way, or the link was lost. The
    /// id makes a commit that is sent twice happen once.
    fn commit_within(&self, catalog: &Catalog, transaction: &Transaction) -> PluginResult<Committed> {
        let prepared = commit::prepare(catalog, transaction)?;
        if self.target().read_only {
            return Err(read_only());
        }
        let until = Instant::now() + COMMIT_TRIES;
        let (mut pause, mut slowly) = (PAUSE.0, false);
        // Nobody knows what became of what was sent first.
        let mut unsure: Option<PluginError> = None;
        loop {
            let error = match self.attempt(catalog, transaction, &prepared, slowly) {
                Ok(Attempt::Done(committed)) => {
                    return Ok(Committed { already: committed.already && unsure.is_none(), ..committed });
                }
                Ok(Attempt::RowByRow) => {
                    slowly = true;
                    continue;
                }
                Ok(Attempt::NewTicket) if unsure.is_none() => {
                    self.ticket.store(0, Ordering::Release);
                    continue;
                }
                Ok(Attempt::NewTicket) => return Err(lost("the commit was called unknown while it was on its way")),
                Ok(Attempt::Refused(error)) => return self.refused(transaction.id, error, unsure, until),
                Ok(Attempt::Unknown(error)) => unsure.insert(error).clone(),
                Ok(Attempt::Silent(error)) => return Err(unsure.unwrap_or(error)),
                Ok(Attempt::Again(error)) => {
                    slowly = false;
                    error
                }
                Err(error) if unsure.is_none() => return Err(error),
                // What registers share has another way to learn what became of it, and tells at once that it is away. A register's
                // own data bridges the restart of its server: until then nobody sells on it.
                Err(error) if !self.target().alone => return Err(unsure.unwrap_or(error)),
                Err(error) => error,
            };
            if Instant::now() >= until || self.closing.load(Ordering::Acquire) {
                return Err(unsure.unwrap_or(error));
            }
            // Each waits for another time, so that those who met do not meet again.
            std::thread::sleep(pause / 2 + pause * u32::from(transaction.id.as_bytes()[15]) / 255);
            pause = (pause * 2).min(PAUSE.1);
        }
    }

    /// A refusal, when nothing that was sent before can still happen.
    fn refused(
        &self,
        id: Uuid,
        error: PluginError,
        unsure: Option<PluginError>,
        until: Instant,
    ) -> PluginResult<Committed> {
        let Some(unsure) = unsure else {
            return Err(error);
        };
        while Instant::now() < until && !self.closing.load(Ordering::Acquire) {
            match self.ask(id) {
                Ok(Some(position)) => return Ok(Committed { position, already: false }),
                Ok(None) => return Err(error),
                Err(_) => std::thread::sleep(PAUSE.1),
            }
        }
        Err(unsure)
    }

    /// The position of a transaction; when there is none, none can come any more from what was sent until now.
    fn ask(&self, id: Uuid) -> PluginResult<Option<u64>> {
        let catalog = self.catalog();
        if catalog.disk.major == 0 {
            return Ok(None);
        }
        let number = locks::id(&catalog.space, id);
        let id = crate::contract::Value::Uuid(id);
        self.lanes.reading(&self.lanes.read, "the outcome cannot be told", |session| {
            let id = crate::convert::Bound(&id);
            let rows = if self.target().read_only {
                let sql = format!(
                    "SELECT \"position\" FROM {} WHERE \"id\" = $1 AND \"hash\" IS NOT NULL",
                    within(&catalog.space, "_commit")
                );
                session.query(&sql, &[Type::UUID], &[&id])?
            } else {
                let sql = format!("SELECT {}($1, $2)", within(&catalog.space, "_outcome"));
                session.query(&sql, &[Type::INT8, Type::UUID], &[&number, &id])?
            };
            let position: Option<i64> = rows.first().map_or(Ok(None), |row| row.try_get(0)).map_err(Fault::Postgres)?;
            Ok(position.map(i64::unsigned_abs))
        })
    }
}

impl RecordStore for PostgresStore {
    fn info(&self) -> PluginResult<StoreInfo> {
        self.reading(&self.lanes.read, |session, catalog| {
            let space = &catalog.space;
            let meta = migrate::meta(session, space)?;
            let (position, bytes) = match &meta {
                Some(_) => snapshot::position_and_size(session, space)?,
                None => (0, 0),
            };
            let disk = meta.as_ref().map(|meta| meta.disk.clone()).unwrap_or_default();
            Ok(StoreInfo {
                engine: "PostgreSQL".to_owned(),
                engine_version: self.version.clone(),
                epoch: meta.map(|meta| meta.epoch).unwrap_or_default(),
                schema_major: disk.major,
                schema_minor: disk.minor,
                position,
                read_only: self.target().read_only,
                location: self.target().location(),
                features: vec![MANY_WRITERS.to_owned()],
                snapshot_extension: snapshot::EXTENSION.to_owned(),
                bytes,
            })
        })
    }

    fn migrate(&self, schema: &Schema) -> PluginResult<()> {
        let _open = self.enter()?;
        let (target, told) = (self.target(), |fault: Fault| fault.told("cannot read the tables"));
        let lane = if target.read_only { &self.lanes.read } else { &self.lanes.write };
        let first = |session: &mut Session| if target.read_only { Ok(()) } else { self.begin_writing(session) };
        let due =
            self.lanes.holding(lane, first, |session| migrate::due(session, &target.schema, schema).map_err(told))?;
        let disk = if due.is_nothing() || target.read_only {
            due.merged().clone()
        } else {
            let mut owner = self.lanes.own(Purpose::Own)?;
            let made = migrate::apply(&mut owner, target, schema, self.host.new_id());
            owner.end();
            made?
        };
        if !target.read_only {
            let meta =
                self.lanes.holding(lane, first, |session| migrate::meta(session, &target.schema).map_err(told))?;
            *lock(&self.life) = meta.map(|meta| meta.epoch);
        }
        let made = Catalog { space: target.schema.clone(), disk, active: schema.clone() };
        *self.catalog.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(made);
        Ok(())
    }

    fn commit(&self, transaction: &Transaction) -> PluginResult<Committed> {
        lock(&self.on_their_way).push(transaction.id);
        let _on_its_way = OnItsWay(self, transaction.id);
        let _open = self.enter()?;
        let committed = self.commit_within(&self.catalog(), transaction)?;
        self.lanes.call();
        Ok(committed)
    }

    fn outcome(&self, transaction: Uuid) -> PluginResult<Outcome> {
        // Looked at first: one that ends in between is found among the commits.
        if lock(&self.on_their_way).contains(&transaction) {
            return Err(PluginError::new(ErrorCode::Busy, "the commit is still on its way"));
        }
        let _open = self.enter()?;
        let known = self.ask(transaction)?;
        if known.is_none() {
            // Sessions with the ticket of now may not commit this id any more: who asks before each part of an import would
            // send each part twice.
            self.ticket.store(0, Ordering::Release);
        }
        Ok(Outcome { committed: known.map(|position| Committed { position, already: false }) })
    }

    fn scan(&self, query: &Query) -> PluginResult<RowBatch> {
        self.reading(&self.lanes.read, |session, catalog| read::scan(session, catalog, query))
    }

    fn search(&self, table: &str, text: &str, limit: u32) -> PluginResult<RowBatch> {
        self.reading(&self.lanes.search, |session, catalog| search::search(session, catalog, table, text, limit))
    }

    fn aggregate(&self, query: &AggregateQuery) -> PluginResult<RowBatch> {
        self.reading(&self.lanes.long, |session, catalog| read::aggregate(session, catalog, query))
    }

    fn changes(&self, after: &[u8], max: u32) -> PluginResult<ChangeBatch> {
        self.reading(&self.lanes.read, |session, catalog| feed::changes(session, catalog, after, max))
    }

    fn wait(&self, after: &[u8], timeout_ms: u32) -> PluginResult<bool> {
        let until = Instant::now() + Duration::from_millis(u64::from(timeout_ms));
        loop {
            let seen = self.lanes.bell.count();
            let news = self.reading(&self.lanes.read, |session, catalog| feed::news(session, catalog, after))?;
            let left = until.saturating_duration_since(Instant::now());
            match news {
                News::Ready => return Ok(true),
                _ if left.is_zero() => return Ok(false),
                // It is there, and only waits for somebody's end: nobody calls that out.
                News::Behind => std::thread::sleep(feed::TURN.min(left)),
                News::None => self.lanes.bell.wait(seen, POLL.min(left)),
            }
        }
    }

    fn snapshot(&self, dest: &str, progress: &dyn Progress) -> PluginResult<SnapshotInfo> {
        let _open = self.enter()?;
        let mut session = self.lanes.own(Purpose::Long)?;
        let made = snapshot::write(&mut session, &self.catalog(), Path::new(dest), progress, &self.closing);
        session.end();
        made
    }

    fn maintain(&self, now: Timestamp) -> PluginResult<()> {
        let catalog = self.catalog();
        loop {
            let more = self.reading(&self.lanes.long, |session, _| {
                if self.target().read_only {
                    return Err(read_only().into());
                }
                upkeep::forget(session, &catalog, now)
            })?;
            if !more || self.closing.load(Ordering::Acquire) {
                return Ok(());
            }
        }
    }

    fn prune(&self, request: &Prune) -> PluginResult<Pruned> {
        let _open = self.enter()?;
        let catalog = self.catalog();
        validate::check_prune(&catalog.active, request)?;
        if self.target().read_only {
            return Err(read_only());
        }
        self.lanes.reading(&self.lanes.long, "old rows could not be removed", |session| {
            upkeep::prune(session, &catalog, request)
        })
    }

    fn verify(&self, progress: &dyn Progress) -> PluginResult<VerifyReport> {
        self.reading(&self.lanes.long, |session, catalog| verify::in_use(session, catalog, progress))
    }

    fn restore_to(&self, _: &Settings, _: &dyn Progress) -> PluginResult<RestoreReport> {
        let _open = self.enter()?;
        Err(PluginError::new(ErrorCode::Unsupported, "only a copy can be restored"))
    }

    fn close(&self) -> PluginResult<()> {
        self.closing.store(true, Ordering::Release);
        self.lanes.bell.ring();
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        if std::mem::replace(&mut *open, false) {
            self.lanes.end();
            self.host.log(LogLevel::Debug, "storage closed");
        }
        Ok(())
    }
}
