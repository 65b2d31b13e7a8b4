//! Storage: what is opened has lanes of its own, rows are held against the question, and a commit in doubt is not called
//! forgotten while it may still happen.

use super::laned::Laned;
use super::live::Live;
use crate::answers;
use crate::exchange::Patience;
use crate::options::Deadlines;
use crate::refusal::Code;
use crate::watch::Watch;
use aurapos_contract::call::{Bytes, Caller, Lane, Link, Method};
use aurapos_contract::query::{AggregateQuery, Query};
use aurapos_contract::schema::Schema;
use aurapos_contract::storage::{StorageClient, StorageLayer, StorageTable, StoreClient, StoreLayer, StoreTable};
use aurapos_contract::transaction::Outcome;
use aurapos_contract::{
    ErrorCode, PluginError, PluginResult, RecordStore, RowBatch, Settings, StorageProvider, Uuid, Value, codec,
};
use aurapos_plugin_api::Border;
use std::sync::{Arc, Mutex, PoisonError};

/// A storage plugin's provider.
#[derive(Debug)]
pub(crate) struct LanedStorage(pub(crate) StorageClient<Laned>);

/// The schema that a store was migrated to: needed again after a panic, and to check answers.
type Known = Arc<Mutex<Option<Arc<Schema>>>>;

impl LanedStorage {
    fn watch(&self) -> &Arc<Watch> {
        &self.0.0.watch
    }
    fn deadlines(&self) -> Deadlines {
        self.0.0.deadlines
    }

    /// Opens a store, and says how to open it again after a panic.
    fn open_with(
        &self,
        method: &'static Method,
        request: Vec<u8>,
        read_only: bool,
    ) -> PluginResult<Box<dyn RecordStore>> {
        if let Some(refused) = self.watch().refused() {
            return Err(refused);
        }
        let (provider, request) = (Arc::clone(&self.0.0.live), Arc::new(request));
        let open = move || provider.run(|link| opened(link, method, &request));
        let first = open.clone();
        // Recovering a large write-ahead log takes its time.
        let patience = Patience::fixed(self.deadlines().quiet);
        let (store, info) = self.0.0.lane(method.lane).call(method, patience, Caller::NOBODY, move |_| {
            let store = first()?;
            let info = StoreClient(&store).info()?;
            Ok((store, info))
        })?;
        if info.read_only != read_only {
            let says = if info.read_only {
                "a store for writing is read-only"
            } else {
                "a store for reading is open for writing"
            };
            let refusal = self.watch().quarantine(Code::LyingHealth, method.name, says);
            return Err(PluginError::new(ErrorCode::BadMessage, refusal.to_string()));
        }
        let schema = Known::default();
        let known = Arc::clone(&schema);
        let make = move || {
            let store = open()?;
            let schema = known.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if let Some(schema) = schema {
                StoreClient(&store).migrate(&schema)?;
            }
            Ok(store)
        };
        let live = Live::new(store, Box::new(make), true);
        let laned = Laned::new(live, "store", self.watch(), self.deadlines(), true);
        Ok(Box::new(LanedStore { client: StoreClient(laned), schema }))
    }
}

/// The store that an opening call answers.
fn opened(link: &dyn Link, method: &'static Method, request: &[u8]) -> PluginResult<Arc<dyn Link>> {
    let none = || PluginError::new(ErrorCode::BadMessage, format!("`{}` answered no store", method.name));
    link.call(method, request, Caller::NOBODY, &mut Bytes::default())?.ok_or_else(none)
}

/// One argument as a request.
fn request_of<T: codec::Encode + ?Sized>(argument: &T, link: &Laned) -> Vec<u8> {
    let mut request = Vec::new();
    let mut out = codec::Writer::new(&mut request, link.peer());
    out.list(1);
    argument.write(&mut out);
    request
}

impl StorageLayer for LanedStorage {
    fn inner(&self) -> &dyn StorageProvider {
        &self.0
    }
    fn open(&self, settings: &Settings) -> PluginResult<Box<dyn RecordStore>> {
        // The host asks so beside the program that has the register open.
        let read_only = settings.get("read_only") == Some(&Value::Bool(true));
        self.open_with(StorageTable::open(), request_of(settings, &self.0.0), read_only)
    }
    fn open_copy(&self, file: &str) -> PluginResult<Box<dyn RecordStore>> {
        self.open_with(StorageTable::open_copy(), request_of(file, &self.0.0), true)
    }
}

/// An open store.
#[derive(Debug)]
struct LanedStore {
    client: StoreClient<Laned>,
    schema: Known,
}

impl LanedStore {
    fn watch(&self) -> &Watch {
        &self.client.0.watch
    }

    /// Rows that were read whole already, held against the question.
    fn fits(
        &self,
        method: &Method,
        batch: RowBatch,
        check: impl FnOnce(&Schema, &RowBatch) -> Result<(), String>,
    ) -> PluginResult<RowBatch> {
        let schema = self.schema.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match schema.map_or(Ok(()), |schema| check(&schema, &batch)) {
            Ok(()) => Ok(batch),
            Err(reason) => {
                self.watch().bad_answer(method.name, &reason);
                Err(answers::error(method, &reason))
            }
        }
    }
}

impl StoreLayer for LanedStore {
    fn inner(&self) -> &dyn RecordStore {
        &self.client
    }
    fn migrate(&self, schema: &Schema) -> PluginResult<()> {
        self.client.migrate(schema)?;
        *self.schema.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(schema.clone()));
        Ok(())
    }
    fn outcome(&self, transaction: Uuid) -> PluginResult<Outcome> {
        // Asked before the store is: a commit that was given up may still happen, as long as it has not come back.
        let going_on = self.client.0.lane(Lane::Commit).is_stuck();
        let outcome = self.client.outcome(transaction)?;
        if going_on && outcome.committed.is_none() {
            let message =
                format!("{} is still busy with a commit: what became of it is not known yet", self.watch().id);
            return Err(PluginError::new(ErrorCode::Busy, message));
        }
        Ok(outcome)
    }
    fn scan(&self, query: &Query) -> PluginResult<RowBatch> {
        let batch = self.client.scan(query)?;
        self.fits(StoreTable::scan(), batch, |schema, batch| answers::check_scan(schema, query, batch))
    }
    fn search(&self, table: &str, text: &str, limit: u32) -> PluginResult<RowBatch> {
        let batch = self.client.search(table, text, limit)?;
        self.fits(StoreTable::search(), batch, |schema, batch| answers::check_search(schema, table, limit, batch))
    }
    fn aggregate(&self, query: &AggregateQuery) -> PluginResult<RowBatch> {
        let batch = self.client.aggregate(query)?;
        self.fits(StoreTable::aggregate(), batch, |schema, batch| answers::check_aggregate(schema, query, batch))
    }
}
