//! Misbehaves as its settings say, so that the host's tests see what becomes of it.
#![deny(unsafe_code)]
#![allow(clippy::unwrap_used)]

use aurapos_plugin_api::contract::ColumnType;
use aurapos_plugin_api::contract::payment::*;
use aurapos_plugin_api::contract::query::*;
use aurapos_plugin_api::contract::schema::Schema;
use aurapos_plugin_api::contract::storage::*;
use aurapos_plugin_api::contract::transaction::*;
use aurapos_plugin_api::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex};

static HUNG: (Mutex<bool>, Condvar) = (Mutex::new(false), Condvar::new());
static PANICKED: AtomicBool = AtomicBool::new(false);

/// Hangs until `release` is called, or for ever.
fn hang() {
    let mut released = HUNG.0.lock().unwrap();
    while !*released {
        released = HUNG.1.wait(released).unwrap();
    }
}

fn release() {
    *HUNG.0.lock().unwrap() = true;
    HUNG.1.notify_all();
}

/// Uses up the stack.
#[allow(unconditional_recursion)]
fn deeper(depth: u64) -> u64 {
    let room = std::hint::black_box([depth; 512]);
    std::hint::black_box(deeper(depth + 1)) + room[0]
}

#[derive(Debug)]
struct Unruly {
    how: String,
}

impl Unruly {
    fn new(context: PluginContext) -> PluginResult<Unruly> {
        let how = context.settings.text("how")?.to_owned();
        match how.as_str() {
            "factory panics" => panic!("no start today"),
            "factory hangs" => hang(),
            "factory refuses" => return Err(PluginError::new(ErrorCode::Io, "no cable").with_next("Plug it in.")),
            _ => {}
        }
        Ok(Unruly { how })
    }

    fn misbehave(&self, call: &str) {
        match self.how.strip_prefix(call).map(str::trim) {
            Some("panics") => panic!("{call} went wrong"),
            Some("panics once") if !PANICKED.swap(true, Ordering::Relaxed) => panic!("{call} went wrong once"),
            Some("hangs") => hang(),
            Some("overflows") => drop(deeper(1)),
            Some("aborts") => std::process::abort(),
            Some("exits") => std::process::exit(3),
            Some("thread panics") => drop(std::thread::spawn(|| panic!("in a thread")).join()),
            _ => {}
        }
    }
}

impl Drop for Unruly {
    fn drop(&mut self) {
        self.misbehave("drop");
    }
}

impl PaymentProvider for Unruly {
    fn capabilities(&self) -> PluginResult<PaymentCapabilities> {
        self.misbehave("capabilities");
        Ok(PaymentCapabilities { name: "Unruly".into(), ..Default::default() })
    }
    fn begin(&self, intent: &PaymentIntent, _: &dyn Progress) -> PluginResult<PaymentAnswer> {
        self.misbehave("begin");
        if self.how == "begin is cut" {
            return Err(PluginError::new(ErrorCode::Closed, "the terminal closed the line"));
        }
        let approved_minor = intent.amount_minor;
        Ok(PaymentAnswer { state: PaymentState::Approved, approved_minor, ..Default::default() })
    }
    fn cancel(&self, _: Uuid) -> PluginResult<()> {
        release();
        Ok(())
    }
    fn query_status(&self, _: &PaymentIntent) -> PluginResult<PaymentAnswer> {
        Ok(PaymentAnswer { state: PaymentState::Declined, ..Default::default() })
    }
    fn reverse(&self, _: &PaymentIntent, _: &dyn Progress) -> PluginResult<PaymentAnswer> {
        Err(PluginError::new(ErrorCode::Unsupported, "no"))
    }
    fn refund(&self, _: &PaymentIntent, _: &dyn Progress) -> PluginResult<PaymentAnswer> {
        Err(PluginError::new(ErrorCode::Unsupported, "no"))
    }
    fn settle(&self, _: &dyn Progress) -> PluginResult<SettleReport> {
        Ok(SettleReport::default())
    }
}

impl StorageProvider for Unruly {
    fn open(&self, _: &Settings) -> PluginResult<Box<dyn RecordStore>> {
        Ok(Box::new(Store(Unruly { how: self.how.clone() })))
    }
    fn open_copy(&self, _: &str) -> PluginResult<Box<dyn RecordStore>> {
        // A lie: a copy is read-only.
        Ok(Box::new(Store(Unruly { how: self.how.clone() })))
    }
    fn put_back(&self, _: &Settings, _: &str, _: &dyn Progress) -> PluginResult<RestoreReport> {
        Ok(RestoreReport::default())
    }
}

#[derive(Debug)]
struct Store(Unruly);

impl RecordStore for Store {
    fn info(&self) -> PluginResult<StoreInfo> {
        Ok(StoreInfo { engine: "Unruly".into(), ..Default::default() })
    }
    fn migrate(&self, _: &Schema) -> PluginResult<()> {
        Ok(())
    }
    fn commit(&self, _: &Transaction) -> PluginResult<Committed> {
        self.0.misbehave("commit");
        Ok(Committed { position: 1, already: false })
    }
    fn outcome(&self, transaction: Uuid) -> PluginResult<Outcome> {
        if transaction == Uuid::max() {
            return Ok(Outcome { committed: None });
        }
        Ok(Outcome { committed: Some(Committed { position: 1, already: true }) })
    }
    fn scan(&self, _: &Query) -> PluginResult<RowBatch> {
        let mut batch = RowBatch::with_columns([("id", ColumnType::Int), ("name", ColumnType::Text)]);
        for _ in 0..2 {
            batch.push(&[Value::Int(1), Value::from("abc")]).map_err(PluginError::from)?;
        }
        let mut bytes = batch.to_bytes();
        match self.0.how.as_str() {
            "scan cut" => bytes.truncate(bytes.len() - 7),
            "scan utf8" => {
                let at = bytes.windows(6).position(|part| part == b"abcabc").unwrap_or(0);
                bytes[at] = 0xff;
            }
            "scan columns" => return Ok(RowBatch::with_columns([("id", ColumnType::Int)])),
            _ => {}
        }
        Ok(RowBatch::from_raw(bytes))
    }
    fn search(&self, _: &str, _: &str, _: u32) -> PluginResult<RowBatch> {
        Ok(RowBatch::default())
    }
    fn aggregate(&self, _: &AggregateQuery) -> PluginResult<RowBatch> {
        Ok(RowBatch::default())
    }
    fn changes(&self, _: &[u8], _: u32) -> PluginResult<ChangeBatch> {
        Ok(ChangeBatch::default())
    }
    fn wait(&self, _: &[u8], _: u32) -> PluginResult<bool> {
        // A signal to the test's other call.
        release();
        Ok(true)
    }
    fn snapshot(&self, _: &str, _: &dyn Progress) -> PluginResult<SnapshotInfo> {
        Ok(SnapshotInfo::default())
    }
    fn maintain(&self, _: Timestamp) -> PluginResult<()> {
        Ok(())
    }
    fn prune(&self, _: &Prune) -> PluginResult<Pruned> {
        Ok(Pruned::default())
    }
    fn verify(&self, _: &dyn Progress) -> PluginResult<VerifyReport> {
        Ok(VerifyReport::default())
    }
    fn restore_to(&self, _: &Settings, _: &dyn Progress) -> PluginResult<RestoreReport> {
        Ok(RestoreReport::default())
    }
    fn close(&self) -> PluginResult<()> {
        Ok(())
    }
}

export_plugin! {
    manifest: include_str!("unruly.plugin.toml"),
    payment: Unruly::new,
    storage: Unruly::new,
    health: || Ok("perfectly well".to_owned()),
}
