//! Storage: one lane for the provider; commits, short reads, long work and waiting apart for each open store.

use super::live::{Live, retire};
use crate::answers;
use crate::calls::Call;
use crate::exchange::{Mailbox, Patience, RelayProgress};
use crate::lane::{Lane, Served};
use crate::options::Deadlines;
use crate::refusal::Code;
use crate::watch::Watch;
use aurapos_contract::query::{AggregateQuery, ChangeBatch, Query};
use aurapos_contract::schema::Schema;
use aurapos_contract::storage::{RestoreReport, RestoreRequest, SnapshotInfo, StoreInfo, VerifyReport};
use aurapos_contract::transaction::{Committed, Outcome, Transaction};
use aurapos_contract::{
    ErrorCode, PluginError, PluginResult, Progress, RecordStore, RowBatch, Settings, StorageProvider, Timestamp, Uuid,
    Value,
};
use aurapos_plugin_api::Border;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A storage plugin's provider.
#[derive(Debug)]
pub(crate) struct LanedStorage {
    pub(crate) live: Arc<Live<dyn StorageProvider>>,
    pub(crate) lane: Lane,
    pub(crate) watch: Arc<Watch>,
    pub(crate) deadlines: Deadlines,
}

impl LanedStorage {
    fn call<R: Send + 'static>(
        &self,
        call: Call,
        patience: Patience,
        served: Served<'_>,
        work: impl FnOnce(&dyn StorageProvider, &dyn Progress) -> PluginResult<R> + Send + 'static,
    ) -> PluginResult<R> {
        if let Some(refused) = self.watch.refused() {
            return Err(refused);
        }
        let live = Arc::clone(&self.live);
        self.lane.call(call, patience, served, move |mailbox| {
            let progress = RelayProgress::new(mailbox);
            live.run(|provider| work(provider, &progress))
        })
    }

    /// Opens a store, and says how to open it again after a panic.
    fn open_with(
        &self,
        call: Call,
        read_only: bool,
        open: impl Fn(&dyn StorageProvider) -> PluginResult<Box<dyn RecordStore>> + Send + Sync + Clone + 'static,
    ) -> PluginResult<Box<dyn RecordStore>> {
        let first = open.clone();
        // Recovering a large write-ahead log takes its time.
        let patience = Patience::while_alive(self.deadlines.quiet);
        let object = self.call(call, patience, Served::default(), move |provider, _| {
            let store = first(provider)?;
            let info = store.info()?;
            Ok((store, info))
        })?;
        let (object, info) = object;
        if info.read_only != read_only {
            let says = if info.read_only {
                "a store for writing is read-only"
            } else {
                "a store for reading is open for writing"
            };
            let refusal = self.watch.quarantine(Code::LyingHealth, call.name(), says);
            return Err(PluginError::new(ErrorCode::BadMessage, refusal.to_string()));
        }
        let (provider, schema) = (Arc::clone(&self.live), Arc::new(Mutex::new(None::<Arc<Schema>>)));
        let known = Arc::clone(&schema);
        let make = move || {
            let store = provider.run(|provider| open(provider))?;
            let schema = known.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if let Some(schema) = schema {
                store.migrate(&schema)?;
            }
            Ok(store)
        };
        let lane = |name: &str| Lane::new(name, &self.watch, true);
        Ok(Box::new(LanedStore {
            live: Live::new(object, Box::new(make), true),
            commits: lane("commit"),
            reads: lane("read"),
            long: lane("long work"),
            waiting: lane("wait"),
            watch: Arc::clone(&self.watch),
            deadlines: self.deadlines,
            schema,
        }))
    }
}

impl StorageProvider for LanedStorage {
    fn validate_config(&self, settings: &Settings) -> PluginResult<()> {
        let settings = settings.clone();
        let patience = Patience::fixed(self.deadlines.start);
        self.call(Call::ValidateConfig, patience, Served::default(), move |provider, _| {
            provider.validate_config(&settings)
        })
    }
    fn open(&self, settings: &Settings) -> PluginResult<Box<dyn RecordStore>> {
        let settings = settings.clone();
        // The host asks so beside the program that has the register open.
        let read_only = settings.get("read_only") == Some(&Value::Bool(true));
        self.open_with(Call::Open, read_only, move |provider| provider.open(&settings))
    }
    fn open_copy(&self, file: &str) -> PluginResult<Box<dyn RecordStore>> {
        let file = file.to_owned();
        self.open_with(Call::OpenCopy, true, move |provider| provider.open_copy(&file))
    }
    fn verify(&self, file: &str, progress: &dyn Progress) -> PluginResult<VerifyReport> {
        let file = file.to_owned();
        let patience = Patience::while_alive(self.deadlines.quiet);
        self.call(Call::VerifyFile, patience, Served::progress(progress), move |provider, progress| {
            provider.verify(&file, progress)
        })
    }
    fn restore(
        &self,
        settings: &Settings,
        request: &RestoreRequest,
        progress: &dyn Progress,
    ) -> PluginResult<RestoreReport> {
        let (settings, request) = (settings.clone(), request.clone());
        let patience = Patience::while_alive(self.deadlines.quiet);
        self.call(Call::RestoreFile, patience, Served::progress(progress), move |provider, progress| {
            provider.restore(&settings, &request, progress)
        })
    }
}

impl Drop for LanedStorage {
    fn drop(&mut self) {
        retire(&self.live, &self.lane, self.deadlines.close);
    }
}

/// An open store.
#[derive(Debug)]
struct LanedStore {
    live: Arc<Live<dyn RecordStore>>,
    commits: Lane,
    reads: Lane,
    long: Lane,
    waiting: Lane,
    watch: Arc<Watch>,
    deadlines: Deadlines,
    /// What `migrate` was given: needed again after a panic, and to check answers.
    schema: Arc<Mutex<Option<Arc<Schema>>>>,
}

impl LanedStore {
    fn call<R: Send + 'static>(
        &self,
        lane: &Lane,
        call: Call,
        quiet: Duration,
        work: impl FnOnce(&dyn RecordStore) -> PluginResult<R> + Send + 'static,
    ) -> PluginResult<R> {
        let live = Arc::clone(&self.live);
        lane.call(call, Patience::fixed(quiet), Served::default(), move |_| live.run(|store| work(store)))
    }

    fn read<R: Send + 'static>(
        &self,
        call: Call,
        work: impl FnOnce(&dyn RecordStore) -> PluginResult<R> + Send + 'static,
    ) -> PluginResult<R> {
        self.call(&self.reads, call, self.deadlines.read, work)
    }

    /// Rows that were read whole already, held against the question.
    fn fits(
        &self,
        call: Call,
        batch: RowBatch,
        check: impl FnOnce(&Schema, &RowBatch) -> Result<(), String>,
    ) -> PluginResult<RowBatch> {
        let schema = self.schema.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match schema.map_or(Ok(()), |schema| check(&schema, &batch)) {
            Ok(()) => Ok(batch),
            Err(reason) => {
                self.watch.bad_answer(call.name(), &reason);
                Err(answers::error(call, &reason))
            }
        }
    }
}

impl RecordStore for LanedStore {
    fn info(&self) -> PluginResult<StoreInfo> {
        self.read(Call::Info, |store| store.info())
    }
    fn migrate(&self, schema: &Schema) -> PluginResult<()> {
        let (theirs, own) = (schema.clone(), Arc::new(schema.clone()));
        self.call(&self.commits, Call::Migrate, self.deadlines.quiet, move |store| store.migrate(&theirs))?;
        *self.schema.lock().unwrap_or_else(PoisonError::into_inner) = Some(own);
        Ok(())
    }
    fn commit(&self, transaction: &Transaction) -> PluginResult<Committed> {
        // Reads and the question what became of a commit go on; nothing new is written by a storage in quarantine.
        if let Some(refused) = self.watch.refused() {
            return Err(refused);
        }
        let transaction = transaction.clone();
        self.call(&self.commits, Call::Commit, self.deadlines.commit, move |store| store.commit(&transaction))
    }
    fn outcome(&self, transaction: Uuid) -> PluginResult<Outcome> {
        // Asked before the store is: a commit that was given up may still happen, as long as it has not come back.
        let going_on = self.commits.is_stuck();
        let outcome = self.read(Call::Outcome, move |store| store.outcome(transaction))?;
        if going_on && outcome.committed.is_none() {
            let message = format!("{} is still busy with a commit: what became of it is not known yet", self.watch.id);
            return Err(PluginError::new(ErrorCode::Busy, message));
        }
        Ok(outcome)
    }
    fn scan(&self, query: &Query) -> PluginResult<RowBatch> {
        let theirs = query.clone();
        let batch = self.read(Call::Scan, move |store| store.scan(&theirs))?;
        self.fits(Call::Scan, batch, |schema, batch| answers::check_scan(schema, query, batch))
    }
    fn search(&self, table: &str, text: &str, limit: u32) -> PluginResult<RowBatch> {
        let (theirs, text) = (table.to_owned(), text.to_owned());
        let batch = self.read(Call::Search, move |store| store.search(&theirs, &text, limit))?;
        self.fits(Call::Search, batch, |schema, batch| answers::check_search(schema, table, limit, batch))
    }
    fn aggregate(&self, query: &AggregateQuery) -> PluginResult<RowBatch> {
        let theirs = query.clone();
        let batch =
            self.call(&self.long, Call::Aggregate, self.deadlines.quiet, move |store| store.aggregate(&theirs))?;
        self.fits(Call::Aggregate, batch, |schema, batch| answers::check_aggregate(schema, query, batch))
    }
    fn changes(&self, after: &[u8], max: u32) -> PluginResult<ChangeBatch> {
        let after = after.to_vec();
        self.read(Call::Changes, move |store| store.changes(&after, max))
    }
    fn wait(&self, after: &[u8], timeout_ms: u32) -> PluginResult<bool> {
        let after = after.to_vec();
        let quiet = Duration::from_millis(u64::from(timeout_ms)) + self.deadlines.read;
        self.call(&self.waiting, Call::Wait, quiet, move |store| store.wait(&after, timeout_ms))
    }
    fn snapshot(&self, dest: &str, progress: &dyn Progress) -> PluginResult<SnapshotInfo> {
        let (live, dest) = (Arc::clone(&self.live), dest.to_owned());
        let patience = Patience::while_alive(self.deadlines.quiet);
        let work = move |mailbox: &Arc<Mailbox<PluginResult<SnapshotInfo>>>| {
            let progress = RelayProgress::new(mailbox);
            live.run(|store| store.snapshot(&dest, &progress))
        };
        self.long.call(Call::Snapshot, patience, Served::progress(progress), work)
    }
    fn maintain(&self, now: Timestamp) -> PluginResult<()> {
        self.call(&self.long, Call::Maintain, self.deadlines.quiet, move |store| store.maintain(now))
    }
    fn close(&self) -> PluginResult<()> {
        self.call(&self.commits, Call::Close, self.deadlines.quiet, |store| store.close())
    }
}

impl Drop for LanedStore {
    fn drop(&mut self) {
        let lane = if self.commits.is_stuck() { &self.reads } else { &self.commits };
        retire(&self.live, lane, self.deadlines.close);
    }
}
