//! The host's side: ABI objects become the contract's traits. Every answer is decoded here, whole or not at all; what
//! cannot be read is an error for the caller and told to the [`Border`].

use crate::abi::*;
use crate::objects::{BackupHostExport, Border, ProgressExport};
use crate::pack::error_of;
use abi_stable::std_types::{RErr, ROk, RResult, RVec};
use aurapos_contract::backup::{BackupInfo, BackupPlan, BackupReport, BackupRequest, RestoredBackup};
use aurapos_contract::codec::{Wire, decode, encode};
use aurapos_contract::events::HostEvent;
use aurapos_contract::payment::{PaymentAnswer, PaymentCapabilities, PaymentIntent, SettleReport};
use aurapos_contract::printer::{PrintJob, PrinterCapabilities, PrinterStatus};
use aurapos_contract::query::{AggregateQuery, ChangeBatch, Query};
use aurapos_contract::schema::Schema;
use aurapos_contract::storage::{RestoreReport, RestoreRequest, SnapshotInfo, StoreInfo, VerifyReport};
use aurapos_contract::transaction::{Committed, Outcome, Transaction};
use aurapos_contract::{
    BackupHost, BackupScheduler, ErrorCode, EventSink, PaymentProvider, PluginError, PluginResult, Printer, Progress,
    RecordStore, RowBatch, Settings, StorageProvider, Timestamp, Uuid,
};
use std::fmt;
use std::sync::Arc;

/// An object of a plugin, and who watches it.
pub(crate) struct Imported<T> {
    object: T,
    border: Arc<dyn Border>,
}

impl<T> fmt::Debug for Imported<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("plugin object")
    }
}

impl<T> Imported<T> {
    pub(crate) fn new(object: T, border: Arc<dyn Border>) -> Self {
        Imported { object, border }
    }

    fn bad(&self, call: &'static str, reason: &str) -> PluginError {
        self.border.bad_answer(call, reason);
        PluginError::new(ErrorCode::BadMessage, format!("the plugin's answer to `{call}` cannot be used: {reason}"))
    }

    fn plain<A>(&self, call: &'static str, answer: RResult<A, RVec<u8>>) -> PluginResult<A> {
        match answer {
            ROk(value) => Ok(value),
            RErr(bytes) => Err(error_of(&bytes).unwrap_or_else(|unreadable| self.bad(call, &unreadable.message))),
        }
    }

    fn value<A: Wire>(&self, call: &'static str, answer: Answer) -> PluginResult<A> {
        let bytes = self.plain(call, answer)?;
        decode(&bytes).map_err(|error| self.bad(call, &error.to_string()))
    }

    fn rows(&self, call: &'static str, answer: Answer) -> PluginResult<RowBatch> {
        let bytes = self.plain(call, answer)?;
        RowBatch::from_bytes(&bytes).map_err(|error| self.bad(call, &error.to_string()))
    }

    fn store(&self, call: &'static str, answer: StoreAnswer) -> PluginResult<Box<dyn RecordStore>> {
        let object = self.plain(call, answer)?;
        Ok(Box::new(Imported::new(object, Arc::clone(&self.border))))
    }
}

impl StorageProvider for Imported<StorageBox> {
    fn validate_config(&self, settings: &Settings) -> PluginResult<()> {
        self.plain("validate_config", self.object.validate_config(encode(settings).as_slice().into()))
    }
    fn open(&self, settings: &Settings) -> PluginResult<Box<dyn RecordStore>> {
        self.store("open", self.object.open(encode(settings).as_slice().into()))
    }
    fn open_copy(&self, file: &str) -> PluginResult<Box<dyn RecordStore>> {
        self.store("open_copy", self.object.open_copy(file.into()))
    }
    fn verify(&self, file: &str, progress: &dyn Progress) -> PluginResult<VerifyReport> {
        self.value("verify", self.object.verify(file.into(), ProgressExport(progress).as_abi()))
    }
    fn restore(
        &self,
        settings: &Settings,
        request: &RestoreRequest,
        progress: &dyn Progress,
    ) -> PluginResult<RestoreReport> {
        let (settings, request) = (encode(settings), encode(request));
        let progress = ProgressExport(progress);
        self.value(
            "restore",
            self.object.restore(settings.as_slice().into(), request.as_slice().into(), progress.as_abi()),
        )
    }
}

impl RecordStore for Imported<StoreBox> {
    fn info(&self) -> PluginResult<StoreInfo> {
        self.value("info", self.object.info())
    }
    fn migrate(&self, schema: &Schema) -> PluginResult<()> {
        self.plain("migrate", self.object.migrate(encode(schema).as_slice().into()))
    }
    fn commit(&self, transaction: &Transaction) -> PluginResult<Committed> {
        self.value("commit", self.object.commit(encode(transaction).as_slice().into()))
    }
    fn outcome(&self, transaction: Uuid) -> PluginResult<Outcome> {
        self.value("outcome", self.object.outcome(encode(&transaction).as_slice().into()))
    }
    fn scan(&self, query: &Query) -> PluginResult<RowBatch> {
        self.rows("scan", self.object.scan(encode(query).as_slice().into()))
    }
    fn search(&self, table: &str, text: &str, limit: u32) -> PluginResult<RowBatch> {
        self.rows("search", self.object.search(table.into(), text.into(), limit))
    }
    fn aggregate(&self, query: &AggregateQuery) -> PluginResult<RowBatch> {
        self.rows("aggregate", self.object.aggregate(encode(query).as_slice().into()))
    }
    fn changes(&self, after: &[u8], max: u32) -> PluginResult<ChangeBatch> {
        self.value("changes", self.object.changes(after.into(), max))
    }
    fn wait(&self, after: &[u8], timeout_ms: u32) -> PluginResult<bool> {
        self.plain("wait", self.object.wait(after.into(), timeout_ms))
    }
    fn snapshot(&self, dest: &str, progress: &dyn Progress) -> PluginResult<SnapshotInfo> {
        self.value("snapshot", self.object.snapshot(dest.into(), ProgressExport(progress).as_abi()))
    }
    fn maintain(&self, now: Timestamp) -> PluginResult<()> {
        self.plain("maintain", self.object.maintain(now))
    }
    fn close(&self) -> PluginResult<()> {
        self.plain("close", self.object.close())
    }
}

impl PaymentProvider for Imported<PaymentBox> {
    fn capabilities(&self) -> PluginResult<PaymentCapabilities> {
        self.value("capabilities", self.object.capabilities())
    }
    fn begin(&self, intent: &PaymentIntent, progress: &dyn Progress) -> PluginResult<PaymentAnswer> {
        let progress = ProgressExport(progress);
        self.value("begin", self.object.begin(encode(intent).as_slice().into(), progress.as_abi()))
    }
    fn cancel(&self, intent: Uuid) -> PluginResult<()> {
        self.plain("cancel", self.object.cancel(encode(&intent).as_slice().into()))
    }
    fn query_status(&self, intent: &PaymentIntent) -> PluginResult<PaymentAnswer> {
        self.value("query_status", self.object.query_status(encode(intent).as_slice().into()))
    }
    fn reverse(&self, intent: &PaymentIntent, progress: &dyn Progress) -> PluginResult<PaymentAnswer> {
        let progress = ProgressExport(progress);
        self.value("reverse", self.object.reverse(encode(intent).as_slice().into(), progress.as_abi()))
    }
    fn refund(&self, intent: &PaymentIntent, progress: &dyn Progress) -> PluginResult<PaymentAnswer> {
        let progress = ProgressExport(progress);
        self.value("refund", self.object.refund(encode(intent).as_slice().into(), progress.as_abi()))
    }
    fn settle(&self, progress: &dyn Progress) -> PluginResult<SettleReport> {
        self.value("settle", self.object.settle(ProgressExport(progress).as_abi()))
    }
}

impl BackupScheduler for Imported<BackupBox> {
    fn plan(&self, request: &BackupRequest, host: &dyn BackupHost) -> PluginResult<BackupPlan> {
        let host = BackupHostExport(host);
        self.value("plan", self.object.plan(encode(request).as_slice().into(), host.as_abi()))
    }
    fn run(
        &self,
        request: &BackupRequest,
        host: &dyn BackupHost,
        progress: &dyn Progress,
    ) -> PluginResult<BackupReport> {
        let (host, progress) = (BackupHostExport(host), ProgressExport(progress));
        self.value("run", self.object.run(encode(request).as_slice().into(), host.as_abi(), progress.as_abi()))
    }
    fn list(&self) -> PluginResult<Vec<BackupInfo>> {
        self.value("list", self.object.list())
    }
    fn verify(&self, name: &str, host: &dyn BackupHost, progress: &dyn Progress) -> PluginResult<BackupInfo> {
        let (host, progress) = (BackupHostExport(host), ProgressExport(progress));
        self.value("verify", self.object.verify(name.into(), host.as_abi(), progress.as_abi()))
    }
    fn copy(&self, name: &str, dest: &str, progress: &dyn Progress) -> PluginResult<String> {
        self.value("copy", self.object.copy(name.into(), dest.into(), ProgressExport(progress).as_abi()))
    }
    fn delete(&self, name: &str) -> PluginResult<()> {
        self.plain("delete", self.object.delete(name.into()))
    }
    fn restore(
        &self,
        name: &str,
        now: Timestamp,
        host: &dyn BackupHost,
        progress: &dyn Progress,
    ) -> PluginResult<RestoredBackup> {
        let (host, progress) = (BackupHostExport(host), ProgressExport(progress));
        self.value("restore", self.object.restore(name.into(), now, host.as_abi(), progress.as_abi()))
    }
}

impl Printer for Imported<PrinterBox> {
    fn capabilities(&self) -> PluginResult<PrinterCapabilities> {
        self.value("capabilities", self.object.capabilities())
    }
    fn print(&self, job: &PrintJob) -> PluginResult<()> {
        self.plain("print", self.object.print(encode(job).as_slice().into()))
    }
    fn status(&self) -> PluginResult<PrinterStatus> {
        self.value("status", self.object.status())
    }
    fn open_drawer(&self) -> PluginResult<()> {
        self.plain("open_drawer", self.object.open_drawer())
    }
}

impl EventSink for Imported<EventsBox> {
    fn deliver(&self, events: &[HostEvent]) -> PluginResult<()> {
        self.plain("deliver", self.object.deliver(encode(&events.to_vec()).as_slice().into()))
    }
    fn position(&self, incarnation: Uuid) -> PluginResult<u64> {
        let (high, low) = incarnation.as_u64_pair();
        self.plain("position", self.object.position(high, low))
    }
}
