//! The sale's transaction as a careful person would write it by hand for SQLite: the same tables, rows and settings,
//! prepared statements, values bound beforehand, one `BEGIN IMMEDIATE … COMMIT`.
//!
//! The rows come from the engine itself, which sells on the reference store while each transaction is kept. What a plugin
//! adds for the host (the transaction's id, its hash, the feed) is not in it: that is ours to pay.

use crate::BenchResult;
use crate::shop::{OPERATOR, eur, new_shop, ordered_id, sale};
use aurapos_contract::payment::{PaymentAnswer, PaymentCapabilities, PaymentState};
use aurapos_contract::storage::StoreLayer;
use aurapos_contract::transaction::{Committed, Operation, OperationKind, Transaction};
use aurapos_contract::{PluginResult, RecordStore, Uuid, Value};
use aurapos_domain::calendar::{Date, Timestamp};
use aurapos_engine::Event;
use aurapos_engine::command::{Command, CommandId, Reply, SessionId};
use aurapos_engine::effect::{Devices, Effect, EffectAnswer, PaymentInstance};
use aurapos_engine::env::Env;
use aurapos_engine::import::Planner;
use aurapos_engine::setup::create_shop;
use aurapos_engine::step::Input;
use aurapos_engine::{Engine, schema};
use aurapos_plugin_testkit::reference::ReferenceStore;
use rusqlite::Connection;
use rusqlite::types::Value as Cell;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// One prepared statement and the rows to run it with.
#[derive(Debug, Clone)]
pub struct Written {
    /// The table, for whoever changes the rows.
    pub table: String,
    /// The columns of each row.
    pub columns: Vec<String>,
    sql: String,
    /// Values in the order of `columns`.
    pub rows: Vec<Vec<Cell>>,
}

/// A sale's transaction by hand.
pub type ByHand = Vec<Written>;

/// `count` sales of these codes from a catalog, as transactions by hand.
pub fn sales(csv: &[u8], codes: &[&str], count: usize) -> BenchResult<Vec<ByHand>> {
    let sold = shop(csv, codes, count)?.sales;
    Ok(sold.iter().map(|transaction| transaction.operations.iter().map(by_hand).collect()).collect())
}

/// A shop as its engine wrote it.
#[derive(Debug)]
pub struct Kept {
    /// Everything until the first sale, the catalog among it.
    pub before: Vec<Transaction>,
    /// The sales, each after the one before.
    pub sales: Vec<Transaction>,
}

/// A new shop with a catalog that sells these codes `count` times.
pub fn shop(csv: &[u8], codes: &[&str], count: usize) -> BenchResult<Kept> {
    let store = Arc::new(Keeping { inner: ReferenceStore::new(), kept: Mutex::default() });
    let mut seller = Seller::new(store.clone())?;
    seller.import(store.as_ref(), csv)?;
    let before = store.take();
    for _ in 0..count {
        seller.call(Command::Sell(sale(codes)))?;
    }
    Ok(Kept { before, sales: store.take() })
}

fn by_hand(operation: &Operation) -> Written {
    let quoted = |names: &[String]| names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let marks = vec!["?"; operation.columns.len()].join(", ");
    let table = &operation.table;
    let mut sql = format!("INSERT INTO \"{table}\" ({}) VALUES ({marks})", quoted(&operation.columns));
    if matches!(operation.kind, OperationKind::Upsert | OperationKind::Add) {
        let schema = schema::schema();
        let key = schema.table(table).map(|table| table.key.clone()).unwrap_or_default();
        let others = operation.columns.iter().filter(|column| !key.contains(column));
        let there = |column: &str| match operation.kind {
            OperationKind::Add => format!("\"{table}\".\"{column}\" + "),
            _ => String::new(),
        };
        let after = |column: &String| format!("\"{column}\" = {}excluded.\"{column}\"", there(column));
        let updates: Vec<String> = others.map(after).collect();
        sql.push_str(&format!(" ON CONFLICT ({}) DO UPDATE SET {}", quoted(&key), updates.join(", ")));
    }
    let rows = operation.rows.iter().map(|row| row.iter().map(cell).collect()).collect();
    Written { table: table.clone(), columns: operation.columns.clone(), sql, rows }
}

/// A value as storage-sqlite keeps it.
pub fn cell(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::Int(number) | Value::Time(number) => Cell::Integer(*number),
        Value::Bool(truth) => Cell::Integer(i64::from(*truth)),
        Value::Text(text) => Cell::Text(text.clone()),
        Value::Bytes(bytes) => Cell::Blob(bytes.clone()),
        Value::Uuid(id) => Cell::Blob(id.as_bytes().to_vec()),
    }
}

/// Opens a database made by storage-sqlite with its settings.
pub fn open(database: &Path, synced: bool) -> BenchResult<Connection> {
    let connection = Connection::open(database)?;
    connection.set_prepared_statement_cache_capacity(256);
    connection.execute_batch(
        "PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=ON; PRAGMA cache_size=-16384;",
    )?;
    connection.query_row("PRAGMA journal_mode=WAL", [], |_| Ok(()))?;
    connection.query_row("PRAGMA wal_autocheckpoint=0", [], |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", if synced { "FULL" } else { "OFF" })?;
    Ok(connection)
}

/// Writes one sale in a transaction of its own.
pub fn write(connection: &Connection, sale: &ByHand) -> BenchResult<()> {
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    rows(connection, sale)?;
    connection.prepare_cached("COMMIT")?.execute([])?;
    Ok(())
}

/// Writes the rows of a sale into the transaction that is open.
pub fn rows(connection: &Connection, sale: &ByHand) -> BenchResult<()> {
    for written in sale {
        let mut statement = connection.prepare_cached(&written.sql)?;
        for row in &written.rows {
            statement.execute(rusqlite::params_from_iter(row))?;
        }
    }
    Ok(())
}

/// Ids of the catalog are above this number, those of everything else below.
pub const FIRST_OF_CATALOG: u64 = 1 << 40;

/// An engine that answers its own effects, on any store.
pub struct Seller {
    engine: Engine,
    env: Clock,
    session: Option<SessionId>,
    commands: u64,
}

/// A clock that goes on by a second each time it is read.
struct Clock {
    now: i64,
    ids: u64,
}

impl Env for Clock {
    fn now(&self) -> Timestamp {
        Timestamp(self.now)
    }
    fn new_id(&mut self) -> Uuid {
        self.ids += 1;
        ordered_id(self.ids)
    }
    fn random(&mut self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

impl Seller {
    /// A new shop with its operator signed in and its drawer open.
    pub fn new(store: Arc<dyn RecordStore>) -> BenchResult<Seller> {
        let mut env = Clock { now: 1_795_000_000_000_000, ids: 0 };
        create_shop(&store, &new_shop(), &mut env)?;
        let (mut engine, _) = Engine::open(store, &Default::default(), &mut env)?;
        let cash = PaymentCapabilities {
            name: "Cash".to_owned(),
            rounds_cash: true,
            gives_change: true,
            ..PaymentCapabilities::default()
        };
        let devices = Devices { payments: vec![PaymentInstance::new("cash", cash)], ..Devices::default() };
        engine.set_devices(devices, &mut env)?;
        let mut seller = Seller { engine, env, session: None, commands: 0 };
        let sign_in = Command::SignIn { operator: OPERATOR.0.to_owned(), pin: OPERATOR.1.into() };
        if let Reply::SignedIn { session, .. } = seller.call(sign_in)? {
            seller.session = Some(session);
        }
        seller.call(Command::OpenDrawer { float: eur(10_000) })?;
        Ok(seller)
    }

    /// Imports a catalog as the program does, one slice written while the next is planned; answers how many products are
    /// new.
    pub fn import(&mut self, store: &dyn RecordStore, csv: &[u8]) -> BenchResult<u64> {
        let mut ids = Clock { now: 0, ids: FIRST_OF_CATALOG };
        let day = Date::parse("2026-11-22")?;
        let mut planner = Planner::open(store, csv, day, move || ids.new_id())?;
        let (give, slices) = std::sync::mpsc::sync_channel(0);
        std::thread::scope(|scope| {
            let writing = scope.spawn(move || {
                slices.into_iter().try_for_each(|slice| {
                    self.call(Command::ImportSlice(slice)).map(drop).map_err(|error| error.to_string())
                })
            });
            while let Some(slice) = planner.next_slice()? {
                if give.send(Box::new(slice)).is_err() {
                    break;
                }
            }
            drop(give);
            writing.join().map_err(|_| "the writer failed")??;
            Ok(planner.report().added)
        })
    }

    fn call(&mut self, command: Command) -> BenchResult<Reply> {
        self.commands += 1;
        self.env.now += 1_000_000;
        let (id, session) = (CommandId(self.commands), self.session);
        let mut step = self.engine.step(Input::Command { id, session, command }, &mut self.env);
        loop {
            for event in step.events.drain(..) {
                if let Event::Done { result, .. } = event {
                    return Ok(result?);
                }
            }
            let Some(Effect::Payment { id, intent, .. }) = step.effects.pop() else { return Err("no answer".into()) };
            let answer = PaymentAnswer {
                state: PaymentState::Approved,
                approved_minor: intent.amount_minor,
                change_minor: intent.tendered_minor - intent.amount_minor,
                ..PaymentAnswer::default()
            };
            let answer = EffectAnswer::Payment(Ok(answer));
            step = self.engine.step(Input::Answer { effect: id, answer }, &mut self.env);
        }
    }
}

/// The reference store, and every transaction it was given.
#[derive(Debug)]
struct Keeping {
    inner: ReferenceStore,
    kept: Mutex<Vec<Transaction>>,
}

impl Keeping {
    fn take(&self) -> Vec<Transaction> {
        std::mem::take(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl StoreLayer for Keeping {
    fn inner(&self) -> &dyn RecordStore {
        &self.inner
    }
    fn commit(&self, transaction: &Transaction) -> PluginResult<Committed> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(transaction.clone());
        self.inner.commit(transaction)
    }
}
