//! One connection: made, set, asked, dropped; and the thread behind all of them.
//!
//! Every wait has an end: the server's own (`statement_timeout`, `lock_timeout`) and a later one here, for a server or a
//! network that says nothing at all.

use crate::contract::error::{ErrorCode, PluginError, PluginResult};
use crate::error::{from_postgres, is_link, is_silence, late, lost};
use crate::settings::{Login, Target, Way};
use futures_util::future::poll_fn;
use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{AsyncMessage, Client, Connection, Error, Row, Statement};

/// How long a connection may take, over all hosts.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// How much longer than the server we wait for an answer.
const MARGIN: Duration = Duration::from_secs(2);
/// How long threads of the runtime may take to end.
const END: Duration = Duration::from_secs(2);
/// How long a connection may take to say farewell.
const FAREWELL: Duration = Duration::from_millis(300);
/// Statements kept on one connection.
const KEPT_MAX: usize = 400;

/// Every lock here protects data that is whole at each step: a panic in between leaves nothing half-done.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Rings when something may have changed.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    rung: Mutex<u64>,
    heard: Condvar,
}

impl Bell {
    pub fn ring(&self) {
        *lock(&self.rung) += 1;
        self.heard.notify_all();
    }

    pub fn count(&self) -> u64 {
        *lock(&self.rung)
    }

    /// Until it rang more than `seen` times, or so long.
    pub fn wait(&self, seen: u64, limit: Duration) {
        let until = Instant::now() + limit;
        let mut rung = lock(&self.rung);
        while *rung == seen {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            rung = self.heard.wait_timeout(rung, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// The thread that reads and writes all connections of a store.
#[derive(Debug)]
pub(crate) struct Io {
    runtime: Mutex<Option<Runtime>>,
    handle: Handle,
}

impl Io {
    pub fn start() -> PluginResult<Arc<Self>> {
        let made = Builder::new_multi_thread().worker_threads(1).thread_name("aurapos-postgres").enable_all().build();
        let runtime =
            made.map_err(|error| PluginError::new(ErrorCode::Io, format!("no thread for connections: {error}")))?;
        let handle = runtime.handle().clone();
        Ok(Arc::new(Io { runtime: Mutex::new(Some(runtime)), handle }))
    }

    /// Waits for something, but not longer than the limit.
    pub fn wait<F: Future>(&self, limit: Duration, work: F) -> Option<F::Output> {
        self.handle.block_on(async { tokio::time::timeout(limit, work).await.ok() })
    }

    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        drop(self.handle.spawn(work));
    }

    /// Ends all connections and the thread.
    pub fn end(&self) {
        if let Some(runtime) = lock(&self.runtime).take() {
            runtime.shutdown_timeout(END);
        }
    }
}

impl Drop for Io {
    fn drop(&mut self) {
        self.end();
    }
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Commits.
    Write,
    /// Short reads, the feed, and the bell of others' commits.
    Read,
    /// Searches.
    Search,
    /// Counts, snapshots, proofs.
    Long,
    /// Tables and rights.
    Own,
}

impl Purpose {
    /// How long one statement may take: on the server.
    fn statement(self) -> Duration {
        match self {
            Purpose::Write | Purpose::Read | Purpose::Search => Duration::from_secs(8),
            // As long as the host lets long work go on.
            Purpose::Long | Purpose::Own => Duration::from_secs(6 * 3600),
        }
    }

    /// How long a statement may wait for a lock.
    fn lock(self) -> Duration {
        match self {
            // An outcome whose commit is still on its way is Busy soon.
            Purpose::Read | Purpose::Search => Duration::from_secs(2),
            Purpose::Write => Duration::from_secs(5),
            Purpose::Long | Purpose::Own => Duration::from_secs(30),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Purpose::Write => "write",
            Purpose::Read => "read",
            Purpose::Search => "search",
            Purpose::Long => "long",
            Purpose::Own => "own",
        }
    }

    /// What the server's list of sessions calls it.
    pub fn name(self, target: &Target) -> String {
        format!("aurapos {} {}", self.word(), target.opening.simple())
    }

    /// The session's settings. Those of the server are not believed where they would break a promise.
    fn settings(self, target: &Target) -> String {
        let milliseconds = |time: Duration| time.as_millis();
        let mut text = format!(
            "SET search_path = pg_catalog; SET statement_timeout = {}; SET lock_timeout = {}; \
             SET idle_in_transaction_session_timeout = 60000; SET client_min_messages = warning; SET timezone = 'UTC'; \
             SET default_transaction_isolation = 'read committed'; SET max_parallel_workers_per_gather = 0; \
             SET jit = off; SET bytea_output = hex; SET datestyle = 'ISO'; SET standard_conforming_strings = on; \
             SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; \
             SET application_name = '{}'",
            milliseconds(self.statement()),
            milliseconds(self.lock()),
            self.name(target)
        );
        if self == Purpose::Write || self == Purpose::Own {
            // What a stricter server asks for (a replica that confirms) stays.
            text += "; SELECT set_config('synchronous_commit', 'on', false) \
                     WHERE current_setting('synchronous_commit') IN ('off', 'local')";
        } else {
            // A wake-up, or that an unknown commit stays unknown, needs no disk.
            text += "; SET synchronous_commit = off";
        }
        if self == Purpose::Search {
            text += "; SET enable_seqscan = off";
        }
        if target.read_only {
            text += "; SET default_transaction_read_only = on";
        }
        text
    }
}

/// Why something asked of a session failed.
#[derive(Debug)]
pub(crate) enum Fault {
    Postgres(Error),
    /// Nothing came back in time.
    Late,
    /// Not the server's: an answer that makes no sense, or what our own rules refuse.
    Own(PluginError),
}

impl Fault {
    /// As the contract's error; `what` says what was being done.
    pub fn told(self, what: &str) -> PluginError {
        match self {
            Fault::Postgres(error) => from_postgres(&error, what),
            Fault::Late => late(what),
            Fault::Own(error) => error,
        }
    }

    /// Whether the connection is of no use any more.
    pub fn is_link(&self) -> bool {
        match self {
            Fault::Postgres(error) => is_link(error),
            Fault::Late => true,
            Fault::Own(_) => false,
        }
    }

    /// The state that the server told, as five characters.
    pub fn state(&self) -> &str {
        match self {
            Fault::Postgres(error) => error.code().map_or("", |state| state.code()),
            _ => "",
        }
    }

    /// What the server told.
    pub fn message(&self) -> &str {
        match self {
            Fault::Postgres(error) => error.as_db_error().map_or("", |told| told.message()),
            _ => "",
        }
    }
}

impl From<PluginError> for Fault {
    fn from(error: PluginError) -> Self {
        Fault::Own(error)
    }
}

impl From<crate::convert::WrongCell> for Fault {
    fn from(wrong: crate::convert::WrongCell) -> Self {
        Fault::Own(wrong.into())
    }
}

pub(crate) type Asked<T> = Result<T, Fault>;

/// One connection.
pub(crate) struct Session {
    pub client: Arc<Client>,
    task: JoinHandle<()>,
    kept: HashMap<String, Statement>,
    io: Arc<Io>,
    purpose: Purpose,
    /// When it was last given back.
    pub used: Instant,
    /// Nothing can be asked of it any more.
    broken: bool,
    /// Because nothing comes back from the network: said by whoever reads the connection.
    silent: Arc<AtomicBool>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("purpose", &self.purpose).field("broken", &self.broken).finish_non_exhaustive()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.broken {
            // Its link may be dead: nobody waits for a farewell.
            self.task.abort();
        }
    }
}

/// Reads a connection until it ends; notices of others ring the bell. Says when it ended in silence before anybody is told that it
/// ended.
async fn drive<S, T>(mut connection: Connection<S, T>, bell: Arc<Bell>, silent: Arc<AtomicBool>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
        match message {
            Ok(AsyncMessage::Notification(_)) => bell.ring(),
            Ok(_) => {}
            Err(error) => return silent.store(is_silence(&error), Ordering::Release),
        }
    }
}

impl Session {
    /// Connects as somebody.
    pub fn connect(
        io: &Arc<Io>,
        target: &Target,
        login: &Login,
        purpose: Purpose,
        bell: &Arc<Bell>,
    ) -> PluginResult<Self> {
        let (config, way) = target.config(login)?;
        let what = format!("no connection to {}", target.location());
        let silent = Arc::new(AtomicBool::new(false));
        let connecting = async {
            let (ours, silence) = (bell.clone(), silent.clone());
            match way {
                Way::Tls(tls) => {
                    config.connect(tls).await.map(|(client, line)| (client, tokio::spawn(drive(line, ours, silence))))
                }
                Way::Plain(none) => {
                    config.connect(none).await.map(|(client, line)| (client, tokio::spawn(drive(line, ours, silence))))
                }
            }
        };
        let made = io.wait(CONNECT_MAX, connecting).ok_or_else(|| lost(&format!("{what}: no answer")))?;
        let (client, task) = made.map_err(|error| from_postgres(&error, &what))?;
        let mut session = Session {
            client: Arc::new(client),
            task,
            kept: HashMap::new(),
            io: io.clone(),
            purpose,
            used: Instant::now(),
            broken: false,
            silent,
        };
        session.batch(&purpose.settings(target)).map_err(|fault| fault.told(&what))?;
        Ok(session)
    }

    /// Says farewell, so that the server knows at once that what it held is free.
    pub fn end(mut self) {
        let task = std::mem::replace(&mut self.task, self.io.handle.spawn(async {}));
        let io = self.io.clone();
        drop(self);
        // A link that is gone does not hold anybody up.
        let _ = io.wait(FAREWELL, task);
    }

    /// Whether something can still be asked of it.
    pub fn is_usable(&self) -> bool {
        !self.broken && !self.client.is_closed()
    }

    /// Whether nothing came back any more.
    pub fn is_silent(&self) -> bool {
        self.silent.load(Ordering::Acquire)
    }

    /// Waits for what was asked; a fault of the link ends the session.
    pub fn wait<T>(&mut self, work: impl Future<Output = Result<T, Error>>) -> Asked<T> {
        self.wait_longer(self.purpose.statement() + MARGIN, work)
    }

    /// The same with another limit.
    pub fn wait_longer<T>(&mut self, limit: Duration, work: impl Future<Output = Result<T, Error>>) -> Asked<T> {
        let answer = match self.io.wait(limit, work) {
            Some(answer) => answer.map_err(Fault::Postgres),
            None => Err(Fault::Late),
        };
        self.broken |= answer.as_ref().is_err_and(Fault::is_link);
        // The client only knows that its connection is gone, not why.
        if self.broken && self.is_silent() { answer.map_err(|_| Fault::Late) } else { answer }
    }

    /// Runs statements without parameters.
    pub fn batch(&mut self, sql: &str) -> Asked<()> {
        let client = self.client.clone();
        self.wait(async { client.batch_execute(sql).await })
    }

    /// A statement that is kept on this connection.
    pub fn statement(&mut self, sql: &str, types: &[Type]) -> Asked<Statement> {
        if let Some(kept) = self.kept.get(sql) {
            return Ok(kept.clone());
        }
        let client = self.client.clone();
        let made = self.wait(async { client.prepare_typed(sql, types).await })?;
        if self.kept.len() >= KEPT_MAX {
            self.kept.clear();
        }
        self.kept.insert(sql.to_owned(), made.clone());
        Ok(made)
    }

    /// Prepares all that are not kept yet in one round trip.
    pub fn statements(&mut self, wanted: &[(&str, Vec<Type>)]) -> Asked<Vec<Statement>> {
        if self.kept.len() + wanted.len() > KEPT_MAX {
            self.kept.clear();
        }
        let mut new: Vec<&(&str, Vec<Type>)> = Vec::new();
        for one in wanted {
            if !self.kept.contains_key(one.0) && !new.iter().any(|known| known.0 == one.0) {
                new.push(one);
            }
        }
        if !new.is_empty() {
            let client = self.client.clone();
            let asked: Vec<_> = new.iter().map(|(sql, types)| client.prepare_typed(sql, types)).collect();
            let made = self.wait(futures_util::future::try_join_all(asked))?;
            for ((sql, _), statement) in new.iter().zip(made) {
                self.kept.insert((*sql).to_owned(), statement);
            }
        }
        wanted.iter().map(|(sql, types)| self.statement(sql, types)).collect()
    }

    /// Forgets a statement that the server refuses since the tables changed.
    pub fn forget_statements(&mut self) {
        self.kept.clear();
    }

    /// Rows of a kept statement.
    pub fn query(&mut self, sql: &str, types: &[Type], parameters: &[&(dyn ToSql + Sync)]) -> Asked<Vec<Row>> {
        let statement = self.statement(sql, types)?;
        let client = self.client.clone();
        self.wait(async { client.query(&statement, parameters).await })
    }

    /// Rows of a statement that is asked once.
    pub fn once(&mut self, sql: &str) -> Asked<Vec<Row>> {
        let client = self.client.clone();
        self.wait(async { client.query(sql, &[]).await })
    }

    /// The first cell of the first row.
    pub fn scalar<T: for<'a> tokio_postgres::types::FromSql<'a>>(&mut self, sql: &str) -> Asked<T> {
        let rows = self.once(sql)?;
        let row = rows.first().ok_or_else(|| PluginError::new(ErrorCode::Internal, "the server answered no row"))?;
        row.try_get(0).map_err(Fault::Postgres)
    }
}
