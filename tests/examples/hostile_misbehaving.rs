//! A plugin that does whatever harm its settings name: `how = "<call> <harm>"`, the calls by the names of the contract.
//!
//! What happens before there are settings (while the library is loaded, in its health) is named by a mark inside the
//! library, which the tests change in the file: see `fixture::mark`.
#![allow(unsafe_code)]

use aurapos_plugin_api::contract::payment::*;
use aurapos_plugin_api::contract::printer::*;
use aurapos_plugin_api::contract::query::*;
use aurapos_plugin_api::contract::schema::Schema;
use aurapos_plugin_api::contract::storage::*;
use aurapos_plugin_api::contract::transaction::*;
use aurapos_plugin_api::*;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

static MADE: AtomicU64 = AtomicU64::new(0);
static PANICKED: AtomicBool = AtomicBool::new(false);

/// Thirty-two characters that the tests write over.
static MARK: [u8; 32 + 16] = *b"AURAPOS-HOSTILE:nothing                         ";

fn mark() -> &'static str {
    let mark: &'static [u8; 48] = black_box(&MARK);
    std::str::from_utf8(&mark[16..]).map_or("", str::trim_end)
}

/// The loader runs this before anybody can ask whether it should.
// SAFETY: a pointer to a function without arguments is what stands in that section.
#[used]
#[cfg_attr(target_os = "linux", unsafe(link_section = ".init_array"))]
static AT_LOADING: extern "C" fn() = at_loading;

extern "C" fn at_loading() {
    match mark() {
        "aborts" => std::process::abort(),
        "exits" => std::process::exit(0),
        "hangs" => hang(),
        "faults" => fault(),
        "lies" => {
            lie();
            std::process::exit(0)
        }
        "leaves a helper at once" if is_trial() => leave_a_helper(),
        "passes the trial, then aborts" if !is_trial() => std::process::abort(),
        "passes the trial, then hangs" if !is_trial() => hang(),
        _ => {}
    }
}

fn is_trial() -> bool {
    std::env::args_os().next().is_some_and(|name| name.to_string_lossy().contains("probe"))
}

/// Writes into every handle of the process: one of them may be believed.
fn lie() {
    for number in 1..64 {
        // SAFETY: the bytes outlive the call; a handle that is not there is refused by the system.
        unsafe { libc::write(number, b"everything is fine".as_ptr().cast(), 18) };
    }
}

/// A process that lives on with every handle of this one, as long as nobody ends it.
fn leave_a_helper() {
    // SAFETY: the child calls nothing but `pause`.
    if unsafe { libc::fork() } == 0 {
        loop {
            // SAFETY: waits for a signal.
            unsafe { libc::pause() };
        }
    }
}

/// Writes so many megabytes to both outputs.
fn talk(megabytes: usize) {
    use std::io::Write;
    let words = vec![b'x'; 1024 * 1024];
    for _ in 0..megabytes {
        let _ = std::io::stdout().write_all(&words);
        let _ = std::io::stderr().write_all(&words);
    }
}

fn health() -> PluginResult<String> {
    match mark() {
        "is unwell" => Err(PluginError::new(ErrorCode::Io, "no reader is connected").with_next("Connect the reader.")),
        "health panics" => panic!("health is a matter of opinion"),
        "leaves a helper" if is_trial() => {
            leave_a_helper();
            Ok("somebody is still here".to_owned())
        }
        "floods" if is_trial() => {
            talk(256);
            Ok("enough said".to_owned())
        }
        "talks for ever" if is_trial() => {
            talk(usize::MAX);
            Ok("never said".to_owned())
        }
        "complains at length" => Err(PluginError::new(ErrorCode::Io, "no reader! ".repeat(20_000_000))),
        _ => Ok("never better".to_owned()),
    }
}

/// For ever.
fn hang() {
    loop {
        std::thread::park();
    }
}

fn fault() {
    // SAFETY: none; a plugin with a wild pointer is what this is. Nothing is ever mapped at the first page.
    unsafe { std::ptr::without_provenance::<u8>(64).read_volatile() };
}

fn overflow(depth: u64) -> u64 {
    let room = black_box([depth; 512]);
    if room[7] == u64::MAX { 0 } else { overflow(depth + 1) + room[3] }
}

struct Grenade;

impl Drop for Grenade {
    fn drop(&mut self) {
        panic!("a panic in the panic");
    }
}

#[derive(Debug, Clone)]
struct Misbehaving {
    how: String,
    rows: String,
    /// Counted from 1, over the life of the library.
    number: u64,
}

impl Misbehaving {
    fn new(context: PluginContext) -> PluginResult<Misbehaving> {
        let text = |key: &str| context.settings.text(key).map(str::to_owned);
        let made = Misbehaving { how: text("how")?, rows: text("rows")?, number: MADE.fetch_add(1, Relaxed) + 1 };
        made.misbehave("constructor");
        match made.how.as_str() {
            "constructor refuses" => Err(PluginError::new(ErrorCode::Io, "no cable").with_next("Plug the cable in.")),
            "constructor dislikes the settings" => Err(PluginError::new(ErrorCode::Config, "the port is taken")),
            _ => Ok(made),
        }
    }

    fn misbehave(&self, call: &str) {
        let harm = self.how.strip_prefix(call).map(str::trim);
        match harm {
            Some("panics") => panic!("{call} went wrong"),
            Some("panics the first time") if !PANICKED.swap(true, Relaxed) => panic!("{call} went wrong once"),
            Some("panics with a grenade") => std::panic::panic_any(Grenade),
            Some("panics in a thread") => drop(std::thread::spawn(|| panic!("in the background")).join()),
            Some("hangs") => hang(),
            Some("aborts") => std::process::abort(),
            Some("exits") => std::process::exit(3),
            Some("faults") => fault(),
            Some("overflows the stack") => drop(black_box(overflow(0))),
            _ => {}
        }
    }

    fn fails<T>(&self, call: &str) -> PluginResult<T> {
        self.misbehave(call);
        Err(PluginError::new(ErrorCode::Unsupported, "not this one"))
    }

    fn rows(&self) -> RowBatch {
        let digits = self.rows.as_bytes().chunks(2);
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap_or(""), 16).unwrap_or(0);
        RowBatch::from_raw(digits.map(byte).collect())
    }
}

/// The stores share one; only what the host made has a Drop that misbehaves.
#[derive(Debug)]
struct Made(Misbehaving);

impl Drop for Made {
    fn drop(&mut self) {
        self.0.misbehave("drop");
    }
}

impl PaymentProvider for Made {
    fn capabilities(&self) -> PluginResult<PaymentCapabilities> {
        self.0.misbehave("capabilities");
        if self.0.how == "everything fails" {
            return self.0.fails("capabilities");
        }
        Ok(PaymentCapabilities { name: "Misbehaving".into(), gives_change: true, refunds: true, ..Default::default() })
    }
    fn begin(&self, intent: &PaymentIntent, progress: &dyn Progress) -> PluginResult<PaymentAnswer> {
        progress.report(0, 1, "begun");
        self.0.misbehave("begin");
        let (due, tendered) = (intent.amount_minor, intent.tendered_minor);
        let (approved_minor, change_minor) = match self.0.how.as_str() {
            "change too much" => (due, tendered - due + 100),
            "change negative" => (due, -1),
            "approves more" => (due + 1, tendered - due),
            "approves a negative amount" => (-due, 0),
            "approves absurdly" => (i64::MAX, i64::MIN),
            "approves nothing" => (0, 0),
            _ => (due, tendered - due),
        };
        let reference = format!("object {}", self.0.number);
        Ok(PaymentAnswer {
            state: PaymentState::Approved,
            approved_minor,
            change_minor,
            reference,
            ..Default::default()
        })
    }
    fn cancel(&self, _: Uuid) -> PluginResult<()> {
        self.0.misbehave("cancel");
        Ok(())
    }
    fn query_status(&self, _: &PaymentIntent) -> PluginResult<PaymentAnswer> {
        self.0.misbehave("query_status");
        Ok(PaymentAnswer { state: PaymentState::Declined, ..Default::default() })
    }
    fn reverse(&self, _: &PaymentIntent, _: &dyn Progress) -> PluginResult<PaymentAnswer> {
        self.0.fails("reverse")
    }
    fn refund(&self, _: &PaymentIntent, _: &dyn Progress) -> PluginResult<PaymentAnswer> {
        self.0.fails("refund")
    }
    fn settle(&self, _: &dyn Progress) -> PluginResult<SettleReport> {
        self.0.fails("settle")
    }
}

impl Printer for Made {
    fn capabilities(&self) -> PluginResult<PrinterCapabilities> {
        Ok(PrinterCapabilities { columns: 42, ..Default::default() })
    }
    fn print(&self, _: &PrintJob) -> PluginResult<()> {
        self.0.fails("print")
    }
    fn status(&self) -> PluginResult<PrinterStatus> {
        self.0.fails("status")
    }
    fn open_drawer(&self) -> PluginResult<()> {
        self.0.fails("open_drawer")
    }
}

impl StorageProvider for Made {
    fn open(&self, _: &Settings) -> PluginResult<Box<dyn RecordStore>> {
        self.0.misbehave("open");
        Ok(Box::new(Store(self.0.clone())))
    }
    fn open_copy(&self, _: &str) -> PluginResult<Box<dyn RecordStore>> {
        self.0.fails("open_copy")
    }
    fn put_back(&self, _: &Settings, _: &str, _: &dyn Progress) -> PluginResult<RestoreReport> {
        self.0.fails("put_back")
    }
}

#[derive(Debug)]
struct Store(Misbehaving);

impl RecordStore for Store {
    fn info(&self) -> PluginResult<StoreInfo> {
        self.0.misbehave("info");
        Ok(StoreInfo { engine: "Misbehaving".into(), ..Default::default() })
    }
    fn migrate(&self, _: &Schema) -> PluginResult<()> {
        self.0.misbehave("migrate");
        Ok(())
    }
    fn commit(&self, _: &Transaction) -> PluginResult<Committed> {
        self.0.misbehave("commit");
        Ok(Committed { position: 1, already: false })
    }
    fn outcome(&self, _: Uuid) -> PluginResult<Outcome> {
        self.0.misbehave("outcome");
        Ok(Outcome::default())
    }
    fn scan(&self, _: &Query) -> PluginResult<RowBatch> {
        self.0.misbehave("scan");
        Ok(self.0.rows())
    }
    fn search(&self, _: &str, _: &str, _: u32) -> PluginResult<RowBatch> {
        self.0.misbehave("search");
        Ok(self.0.rows())
    }
    fn aggregate(&self, _: &AggregateQuery) -> PluginResult<RowBatch> {
        self.0.misbehave("aggregate");
        Ok(self.0.rows())
    }
    fn changes(&self, _: &[u8], _: u32) -> PluginResult<ChangeBatch> {
        self.0.fails("changes")
    }
    fn wait(&self, _: &[u8], _: u32) -> PluginResult<bool> {
        self.0.misbehave("wait");
        Ok(false)
    }
    fn snapshot(&self, _: &str, _: &dyn Progress) -> PluginResult<SnapshotInfo> {
        self.0.fails("snapshot")
    }
    fn maintain(&self, _: Timestamp) -> PluginResult<()> {
        self.0.misbehave("maintain");
        Ok(())
    }
    fn prune(&self, _: &Prune) -> PluginResult<Pruned> {
        self.0.misbehave("prune");
        Ok(Pruned::default())
    }
    fn verify(&self, _: &dyn Progress) -> PluginResult<VerifyReport> {
        self.0.fails("verify")
    }
    fn restore_to(&self, _: &Settings, _: &dyn Progress) -> PluginResult<RestoreReport> {
        self.0.fails("restore_to")
    }
    fn close(&self) -> PluginResult<()> {
        self.0.misbehave("close");
        Ok(())
    }
}

export_plugin! {
    manifest: include_str!("hostile_misbehaving.plugin.toml"),
    storage: |context| Misbehaving::new(context).map(Made),
    payment: |context| Misbehaving::new(context).map(Made),
    printer: |context| Misbehaving::new(context).map(Made),
    health: health,
}
