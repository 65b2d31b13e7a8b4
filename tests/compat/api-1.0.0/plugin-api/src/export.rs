//! The plugin's side: a plain implementation of a contract trait becomes an ABI object whose every method, and Drop, is
//! guarded.

use crate::abi::*;
use crate::guard::guard_drop;
use crate::objects::{BackupHostProxy, ProgressProxy};
use crate::pack::{answer, done, plain, rows};
use abi_stable::sabi_trait::TD_Opaque;
use abi_stable::std_types::{RSlice, RStr};
use aurapos_contract::codec::decode;
use aurapos_contract::{
    BackupScheduler, EventSink, PaymentProvider, PluginResult, Printer, RecordStore, StorageProvider, Uuid,
};
use std::fmt;

/// Owns what an author wrote.
pub(crate) struct Exported<T: ?Sized>(Option<Box<T>>);

impl<T: ?Sized> Exported<T> {
    pub(crate) fn new(inner: Box<T>) -> Self {
        Exported(Some(inner))
    }
    fn inner(&self) -> &T {
        self.0.as_deref().expect("only Drop takes the object out")
    }
}

impl<T: ?Sized> fmt::Debug for Exported<T> {
    // The author's Debug could panic; nobody needs it across the boundary.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("plugin object")
    }
}

impl<T: ?Sized> Drop for Exported<T> {
    fn drop(&mut self) {
        guard_drop(self.0.take());
    }
}

fn id(bytes: RSlice<'_, u8>) -> PluginResult<Uuid> {
    Ok(decode(bytes.as_slice())?)
}

fn store(inner: Box<dyn RecordStore>) -> StoreBox {
    AbiStore_TO::from_value(Exported::new(inner), TD_Opaque)
}

impl AbiStorage for Exported<dyn StorageProvider> {
    fn validate_config(&self, settings: RSlice<'_, u8>) -> Done {
        done("validate_config", || self.inner().validate_config(&decode(settings.as_slice())?))
    }
    fn open(&self, settings: RSlice<'_, u8>) -> StoreAnswer {
        plain("open", || self.inner().open(&decode(settings.as_slice())?).map(store))
    }
    fn open_copy(&self, file: RStr<'_>) -> StoreAnswer {
        plain("open_copy", || self.inner().open_copy(file.as_str()).map(store))
    }
    fn verify(&self, file: RStr<'_>, progress: ProgressRef<'_>) -> Answer {
        answer("verify", || self.inner().verify(file.as_str(), &ProgressProxy(progress)))
    }
    fn restore(&self, settings: RSlice<'_, u8>, request: RSlice<'_, u8>, progress: ProgressRef<'_>) -> Answer {
        answer("restore", || {
            let (settings, request) = (decode(settings.as_slice())?, decode(request.as_slice())?);
            self.inner().restore(&settings, &request, &ProgressProxy(progress))
        })
    }
}

impl AbiStore for Exported<dyn RecordStore> {
    fn info(&self) -> Answer {
        answer("info", || self.inner().info())
    }
    fn migrate(&self, schema: RSlice<'_, u8>) -> Done {
        done("migrate", || self.inner().migrate(&decode(schema.as_slice())?))
    }
    fn commit(&self, transaction: RSlice<'_, u8>) -> Answer {
        answer("commit", || self.inner().commit(&decode(transaction.as_slice())?))
    }
    fn outcome(&self, transaction: RSlice<'_, u8>) -> Answer {
        answer("outcome", || self.inner().outcome(id(transaction)?))
    }
    fn scan(&self, query: RSlice<'_, u8>) -> Answer {
        rows("scan", || self.inner().scan(&decode(query.as_slice())?))
    }
    fn search(&self, table: RStr<'_>, text: RStr<'_>, limit: u32) -> Answer {
        rows("search", || self.inner().search(table.as_str(), text.as_str(), limit))
    }
    fn aggregate(&self, query: RSlice<'_, u8>) -> Answer {
        rows("aggregate", || self.inner().aggregate(&decode(query.as_slice())?))
    }
    fn changes(&self, after: RSlice<'_, u8>, max: u32) -> Answer {
        answer("changes", || self.inner().changes(after.as_slice(), max))
    }
    fn wait(&self, after: RSlice<'_, u8>, timeout_ms: u32) -> YesNo {
        plain("wait", || self.inner().wait(after.as_slice(), timeout_ms))
    }
    fn snapshot(&self, dest: RStr<'_>, progress: ProgressRef<'_>) -> Answer {
        answer("snapshot", || self.inner().snapshot(dest.as_str(), &ProgressProxy(progress)))
    }
    fn maintain(&self, now: i64) -> Done {
        done("maintain", || self.inner().maintain(now))
    }
    fn close(&self) -> Done {
        done("close", || self.inner().close())
    }
}

impl AbiPayment for Exported<dyn PaymentProvider> {
    fn capabilities(&self) -> Answer {
        answer("capabilities", || self.inner().capabilities())
    }
    fn begin(&self, intent: RSlice<'_, u8>, progress: ProgressRef<'_>) -> Answer {
        answer("begin", || self.inner().begin(&decode(intent.as_slice())?, &ProgressProxy(progress)))
    }
    fn cancel(&self, intent: RSlice<'_, u8>) -> Done {
        done("cancel", || self.inner().cancel(id(intent)?))
    }
    fn query_status(&self, intent: RSlice<'_, u8>) -> Answer {
        answer("query_status", || self.inner().query_status(&decode(intent.as_slice())?))
    }
    fn reverse(&self, intent: RSlice<'_, u8>, progress: ProgressRef<'_>) -> Answer {
        answer("reverse", || self.inner().reverse(&decode(intent.as_slice())?, &ProgressProxy(progress)))
    }
    fn refund(&self, intent: RSlice<'_, u8>, progress: ProgressRef<'_>) -> Answer {
        answer("refund", || self.inner().refund(&decode(intent.as_slice())?, &ProgressProxy(progress)))
    }
    fn settle(&self, progress: ProgressRef<'_>) -> Answer {
        answer("settle", || self.inner().settle(&ProgressProxy(progress)))
    }
}

impl AbiBackup for Exported<dyn BackupScheduler> {
    fn plan(&self, request: RSlice<'_, u8>, host: BackupHostRef<'_>) -> Answer {
        answer("plan", || self.inner().plan(&decode(request.as_slice())?, &BackupHostProxy(host)))
    }
    fn run(&self, request: RSlice<'_, u8>, host: BackupHostRef<'_>, progress: ProgressRef<'_>) -> Answer {
        answer("run", || {
            self.inner().run(&decode(request.as_slice())?, &BackupHostProxy(host), &ProgressProxy(progress))
        })
    }
    fn list(&self) -> Answer {
        answer("list", || self.inner().list())
    }
    fn verify(&self, name: RStr<'_>, host: BackupHostRef<'_>, progress: ProgressRef<'_>) -> Answer {
        answer("verify", || self.inner().verify(name.as_str(), &BackupHostProxy(host), &ProgressProxy(progress)))
    }
    fn copy(&self, name: RStr<'_>, dest: RStr<'_>, progress: ProgressRef<'_>) -> Answer {
        answer("copy", || self.inner().copy(name.as_str(), dest.as_str(), &ProgressProxy(progress)))
    }
    fn delete(&self, name: RStr<'_>) -> Done {
        done("delete", || self.inner().delete(name.as_str()))
    }
    fn restore(&self, name: RStr<'_>, now: i64, host: BackupHostRef<'_>, progress: ProgressRef<'_>) -> Answer {
        answer("restore", || self.inner().restore(name.as_str(), now, &BackupHostProxy(host), &ProgressProxy(progress)))
    }
}

impl AbiPrinter for Exported<dyn Printer> {
    fn capabilities(&self) -> Answer {
        answer("capabilities", || self.inner().capabilities())
    }
    fn print(&self, job: RSlice<'_, u8>) -> Done {
        done("print", || self.inner().print(&decode(job.as_slice())?))
    }
    fn status(&self) -> Answer {
        answer("status", || self.inner().status())
    }
    fn open_drawer(&self) -> Done {
        done("open_drawer", || self.inner().open_drawer())
    }
}

impl AbiEvents for Exported<dyn EventSink> {
    fn deliver(&self, events: RSlice<'_, u8>) -> Done {
        done("deliver", || {
            let events: Vec<_> = decode(events.as_slice())?;
            self.inner().deliver(&events)
        })
    }
    fn position(&self, incarnation_high: u64, incarnation_low: u64) -> Count {
        plain("position", || self.inner().position(Uuid::from_u64_pair(incarnation_high, incarnation_low)))
    }
}
