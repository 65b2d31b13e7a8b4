//! Every capability in its smallest well-behaved form: what the host's tests load.
#![deny(unsafe_code)]

use aurapos_plugin_api::contract::backup::*;
use aurapos_plugin_api::contract::events::HostEvent;
use aurapos_plugin_api::contract::payment::*;
use aurapos_plugin_api::contract::printer::*;
use aurapos_plugin_api::contract::query::*;
use aurapos_plugin_api::contract::schema::Schema;
use aurapos_plugin_api::contract::settings::{SettingChoice, SettingProblem};
use aurapos_plugin_api::contract::storage::*;
use aurapos_plugin_api::contract::transaction::*;
use aurapos_plugin_api::contract::{ColumnType, Value};
use aurapos_plugin_api::*;
use std::sync::Mutex;

/// Answers everything, keeps the ids of its commits.
#[derive(Debug)]
struct Well {
    context: PluginContext,
}

#[derive(Debug, Default)]
struct Store {
    commits: Mutex<Vec<Uuid>>,
    read_only: bool,
}

fn unsupported<T>() -> PluginResult<T> {
    Err(PluginError::new(ErrorCode::Unsupported, "not in the smallest form"))
}

impl StorageProvider for Well {
    fn open(&self, _: &Settings) -> PluginResult<Box<dyn RecordStore>> {
        Ok(Box::new(Store::default()))
    }
    fn open_copy(&self, _: &str) -> PluginResult<Box<dyn RecordStore>> {
        Ok(Box::new(Store { read_only: true, ..Store::default() }))
    }
    fn put_back(&self, _: &Settings, _: &str, _: &dyn Progress) -> PluginResult<RestoreReport> {
        unsupported()
    }
}

impl RecordStore for Store {
    fn info(&self) -> PluginResult<StoreInfo> {
        let position = self.commits.lock().map_or(0, |commits| commits.len() as u64);
        Ok(StoreInfo { engine: "Well".into(), read_only: self.read_only, position, ..Default::default() })
    }
    fn migrate(&self, _: &Schema) -> PluginResult<()> {
        Ok(())
    }
    fn commit(&self, transaction: &Transaction) -> PluginResult<Committed> {
        let mut commits = self.commits.lock().map_err(|_| PluginError::new(ErrorCode::Internal, "poisoned"))?;
        commits.push(transaction.id);
        Ok(Committed { position: commits.len() as u64, already: false })
    }
    fn outcome(&self, transaction: Uuid) -> PluginResult<Outcome> {
        let commits = self.commits.lock().map_err(|_| PluginError::new(ErrorCode::Internal, "poisoned"))?;
        let position = commits.iter().position(|known| *known == transaction);
        Ok(Outcome { committed: position.map(|at| Committed { position: at as u64 + 1, already: true }) })
    }
    fn scan(&self, query: &Query) -> PluginResult<RowBatch> {
        let mut batch = RowBatch::with_columns([("id", ColumnType::Int), ("name", ColumnType::Text)]);
        for row in 0..query.limit {
            batch.push(&[Value::Int(i64::from(row)), Value::from("row")]).map_err(PluginError::from)?;
        }
        Ok(batch)
    }
    fn search(&self, _: &str, _: &str, limit: u32) -> PluginResult<RowBatch> {
        self.scan(&Query::over("any").limit(limit))
    }
    fn aggregate(&self, _: &AggregateQuery) -> PluginResult<RowBatch> {
        unsupported()
    }
    fn changes(&self, _: &[u8], _: u32) -> PluginResult<ChangeBatch> {
        Ok(ChangeBatch::default())
    }
    fn wait(&self, _: &[u8], _: u32) -> PluginResult<bool> {
        Ok(false)
    }
    fn snapshot(&self, _: &str, _: &dyn Progress) -> PluginResult<SnapshotInfo> {
        unsupported()
    }
    fn maintain(&self, _: Timestamp) -> PluginResult<()> {
        Ok(())
    }
    fn prune(&self, _: &Prune) -> PluginResult<Pruned> {
        unsupported()
    }
    fn verify(&self, progress: &dyn Progress) -> PluginResult<VerifyReport> {
        for step in 1..=5 {
            progress.report(step, 5, "pages");
        }
        Ok(VerifyReport { ok: true, bytes: 5, ..Default::default() })
    }
    fn restore_to(&self, _: &Settings, _: &dyn Progress) -> PluginResult<RestoreReport> {
        unsupported()
    }
    fn close(&self) -> PluginResult<()> {
        Ok(())
    }
}

impl PaymentProvider for Well {
    fn capabilities(&self) -> PluginResult<PaymentCapabilities> {
        Ok(PaymentCapabilities { name: self.context.instance.clone(), ..Default::default() })
    }
    fn begin(&self, intent: &PaymentIntent, progress: &dyn Progress) -> PluginResult<PaymentAnswer> {
        progress.report(0, 0, self.context.settings.text("greeting")?);
        self.context.host.log(LogLevel::Info, "paid");
        let approved_minor = intent.amount_minor;
        Ok(PaymentAnswer { state: PaymentState::Approved, approved_minor, ..Default::default() })
    }
    fn cancel(&self, _: Uuid) -> PluginResult<()> {
        Ok(())
    }
    fn query_status(&self, _: &PaymentIntent) -> PluginResult<PaymentAnswer> {
        Ok(PaymentAnswer { state: PaymentState::Aborted, ..Default::default() })
    }
    fn reverse(&self, _: &PaymentIntent, _: &dyn Progress) -> PluginResult<PaymentAnswer> {
        unsupported()
    }
    fn refund(&self, _: &PaymentIntent, _: &dyn Progress) -> PluginResult<PaymentAnswer> {
        unsupported()
    }
    fn settle(&self, _: &dyn Progress) -> PluginResult<SettleReport> {
        Ok(SettleReport::default())
    }
}

impl BackupScheduler for Well {
    fn plan(&self, _: &BackupRequest, host: &dyn BackupHost) -> PluginResult<BackupPlan> {
        Ok(BackupPlan { reasons: vec![host.source()?.shop_name], ..Default::default() })
    }
    fn run(&self, _: &BackupRequest, host: &dyn BackupHost, progress: &dyn Progress) -> PluginResult<BackupReport> {
        let made = host.take_snapshot("copy.db", progress)?;
        let checked = host.check_copy("copy.db", progress)?;
        Ok(BackupReport { notes: vec![format!("{} bytes, {}", made.bytes, checked.summary)], ..Default::default() })
    }
    fn list(&self) -> PluginResult<Vec<BackupInfo>> {
        Ok(vec![BackupInfo { name: "copy.db".into(), ..Default::default() }])
    }
    fn verify(&self, _: &str, _: &dyn BackupHost, _: &dyn Progress) -> PluginResult<BackupInfo> {
        unsupported()
    }
    fn copy(&self, _: &str, _: &str, _: &dyn Progress) -> PluginResult<String> {
        unsupported()
    }
    fn delete(&self, _: &str) -> PluginResult<()> {
        Ok(())
    }
    fn restore(&self, _: &str, _: Timestamp, _: &dyn BackupHost, _: &dyn Progress) -> PluginResult<RestoredBackup> {
        unsupported()
    }
}

impl Printer for Well {
    fn capabilities(&self) -> PluginResult<PrinterCapabilities> {
        Ok(PrinterCapabilities { columns: 42, ..Default::default() })
    }
    fn print(&self, job: &PrintJob) -> PluginResult<()> {
        self.context.host.log(LogLevel::Info, &job.document.to_text(42));
        Ok(())
    }
    fn status(&self) -> PluginResult<PrinterStatus> {
        Ok(PrinterStatus { state: PrinterState::Ready, ..Default::default() })
    }
    fn open_drawer(&self) -> PluginResult<()> {
        Ok(())
    }
}

impl EventSink for Well {
    fn deliver(&self, events: &[HostEvent]) -> PluginResult<()> {
        self.context.host.log(LogLevel::Info, &format!("{} events", events.len()));
        Ok(())
    }
    fn position(&self, incarnation: Uuid) -> PluginResult<u64> {
        Ok(incarnation.as_u64_pair().1)
    }
}

/// A greeting has to be one.
#[derive(Debug)]
struct Guide;

impl SettingsGuide for Guide {
    fn validate(&self, kind: &str, settings: &Settings) -> PluginResult<Vec<SettingProblem>> {
        let rude = settings.text("greeting")? == "go away";
        let problem = || SettingProblem { key: "greeting".into(), message: format!("is no greeting for a {kind}") };
        Ok(rude.then(problem).into_iter().collect())
    }
    fn options(&self, _: &str, key: &str, _: &Settings) -> PluginResult<Vec<SettingChoice>> {
        Ok(vec![SettingChoice { value: "bonjour".into(), label: format!("the French {key}") }])
    }
    fn test_connection(&self, _: &str, settings: &Settings, progress: &dyn Progress) -> PluginResult<String> {
        progress.report(1, 1, "knocking");
        Ok(format!("somebody says {}", settings.text("greeting")?))
    }
}

export_plugin! {
    manifest: include_str!("well.plugin.toml"),
    storage: |context| Ok(Well { context }),
    payment: |context| Ok(Well { context }),
    backup: |context| Ok(Well { context }),
    printer: |context| Ok(Well { context }),
    events: |context| Ok(Well { context }),
    settings: Guide,
    health: || Ok("well".to_owned()),
}
