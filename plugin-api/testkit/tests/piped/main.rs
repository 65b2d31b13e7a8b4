//! Every capability works over a pipe: calls by id, stores by handle, questions inside a call, a cancel that is pushed. So a
//! runner is a transport and nothing else. Here both ends are threads of this process; nothing is shared but the sockets.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod wire;

use aurapos_contract::backup::*;
use aurapos_contract::host::NoProgress;
use aurapos_contract::payment::*;
use aurapos_contract::storage::{SnapshotInfo, StorageClient, StorageTable};
use aurapos_contract::{
    BackupHost, BackupScheduler, ErrorCode, PaymentProvider, PluginError, PluginResult, Progress, Settings,
    StorageProvider, Timestamp,
};
use aurapos_plugin_testkit::conformance::storage::{Place, StorageFixture, run};
use aurapos_plugin_testkit::{ReferenceProvider, TestProgress};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use wire::{PipedLink, Served};

fn storage() -> (Arc<Served<dyn StorageProvider>>, StorageClient<PipedLink>) {
    let (host, plugin) = UnixStream::pair().unwrap();
    let provider: Arc<dyn StorageProvider> = Arc::new(ReferenceProvider::new());
    (Served::serve::<StorageTable>(provider, plugin), StorageClient(PipedLink::to(host)))
}

struct Piped;

impl StorageFixture for Piped {
    fn fresh(&self) -> Place {
        let folder = tempfile::tempdir().unwrap();
        Place {
            provider: Arc::new(storage().1),
            settings: Settings::default().with("path", "data"),
            folder: folder.path().to_owned(),
            data_file: None,
            keep: Box::new(folder),
        }
    }
}

#[test]
fn a_storage_keeps_every_promise_through_a_pipe() {
    let report = run(&Piped);
    assert!(report.passed(), "{report}");
}

#[test]
fn a_store_that_nobody_has_any_more_is_dropped_on_the_other_side() {
    let (served, client) = storage();
    let settings = Settings::default().with("path", "data");
    let store = client.open(&settings).unwrap();
    assert_eq!(client.open(&settings).unwrap_err().code, ErrorCode::Busy);
    assert_eq!(served.stores(), 1);
    drop(store);
    let deadline = Instant::now() + Duration::from_secs(30);
    while client.open(&settings).is_err() {
        assert!(Instant::now() < deadline, "the store was never dropped");
    }
}

/// A scheduler that asks the host in the middle of its call, and tells what it heard meanwhile.
#[derive(Debug)]
struct Asking;

impl BackupScheduler for Asking {
    fn plan(&self, _: &BackupRequest, host: &dyn BackupHost) -> PluginResult<BackupPlan> {
        Ok(BackupPlan { reasons: vec![host.source()?.shop_name], ..Default::default() })
    }
    fn run(&self, _: &BackupRequest, host: &dyn BackupHost, progress: &dyn Progress) -> PluginResult<BackupReport> {
        progress.report(1, 2, "asking");
        let made = host.take_snapshot("copy.db", progress)?;
        Ok(BackupReport { notes: vec![made.bytes.to_string()], ..Default::default() })
    }
    fn list(&self) -> PluginResult<Vec<BackupInfo>> {
        Err(PluginError::new(ErrorCode::NotFound, "none yet").with_next("Make one."))
    }
    fn verify(&self, name: &str, _: &dyn BackupHost, _: &dyn Progress) -> PluginResult<BackupInfo> {
        Ok(BackupInfo { name: name.to_owned(), ..Default::default() })
    }
    fn copy(&self, name: &str, dest: &str, _: &dyn Progress) -> PluginResult<String> {
        Ok(format!("{name} to {dest}"))
    }
    fn delete(&self, _: &str) -> PluginResult<()> {
        Ok(())
    }
    fn restore(&self, _: &str, now: Timestamp, _: &dyn BackupHost, _: &dyn Progress) -> PluginResult<RestoredBackup> {
        Ok(RestoredBackup { notes: vec![now.to_string()], ..Default::default() })
    }
}

#[derive(Debug)]
struct Shop;

impl BackupHost for Shop {
    fn source(&self) -> PluginResult<BackupSource> {
        Ok(BackupSource { shop_name: "Épicerie".into(), ..Default::default() })
    }
    fn take_snapshot(&self, dest: &str, progress: &dyn Progress) -> PluginResult<SnapshotInfo> {
        progress.report(5, 10, dest);
        Ok(SnapshotInfo { bytes: 4711, ..Default::default() })
    }
    fn check_copy(&self, _: &str, _: &dyn Progress) -> PluginResult<CopyCheck> {
        Ok(CopyCheck::default())
    }
    fn restore_copy(&self, _: &str, _: &dyn Progress) -> PluginResult<aurapos_contract::storage::RestoreReport> {
        Ok(Default::default())
    }
}

#[test]
fn a_plugin_asks_its_host_inside_a_call() {
    let (host, plugin) = UnixStream::pair().unwrap();
    let scheduler: Arc<dyn BackupScheduler> = Arc::new(Asking);
    let _served = Served::serve::<BackupTable>(scheduler, plugin);
    let client = BackupClient(PipedLink::to(host));
    let request = BackupRequest::default();
    assert_eq!(client.plan(&request, &Shop).unwrap().reasons, ["Épicerie"]);
    let progress = TestProgress::default();
    assert_eq!(client.run(&request, &Shop, &progress).unwrap().notes, ["4711"]);
    let heard = progress.reports();
    assert_eq!(
        heard,
        [(1, 2, "asking".to_owned()), (5, 10, "copy.db".to_owned())],
        "the host's own work is heard, too"
    );
    let error = client.list().unwrap_err();
    assert_eq!((error.code, error.detail.next.as_str()), (ErrorCode::NotFound, "Make one."));
    assert_eq!(client.copy("a", "é", &NoProgress).unwrap(), "a to é");
    assert_eq!(client.restore("a", 77, &Shop, &NoProgress).unwrap().notes, ["77"]);
}

/// A terminal at which the customer never pays.
#[derive(Debug)]
struct Waiting(Mutex<Vec<aurapos_contract::Uuid>>);

impl PaymentProvider for Waiting {
    fn capabilities(&self) -> PluginResult<PaymentCapabilities> {
        Ok(PaymentCapabilities::default())
    }
    fn begin(&self, _: &PaymentIntent, progress: &dyn Progress) -> PluginResult<PaymentAnswer> {
        progress.report(0, 0, "insert card");
        while !progress.cancelled() {
            std::thread::yield_now();
        }
        Ok(PaymentAnswer { state: PaymentState::Aborted, ..Default::default() })
    }
    fn cancel(&self, intent: aurapos_contract::Uuid) -> PluginResult<()> {
        self.0.lock().unwrap().push(intent);
        Ok(())
    }
    fn query_status(&self, _: &PaymentIntent) -> PluginResult<PaymentAnswer> {
        Ok(PaymentAnswer::default())
    }
}

#[test]
fn a_cancel_is_pushed_into_a_call_and_beside_it() {
    let (host, plugin) = UnixStream::pair().unwrap();
    let terminal: Arc<dyn PaymentProvider> = Arc::new(Waiting(Mutex::default()));
    let _served = Served::serve::<PaymentTable>(terminal, plugin);
    let client = Arc::new(PaymentClient(PipedLink::to(host)));
    let progress = Arc::new(TestProgress::default());
    let going_on = std::thread::spawn({
        let (client, progress) = (Arc::clone(&client), Arc::clone(&progress));
        move || client.begin(&PaymentIntent::default(), &*progress).unwrap().state
    });
    while progress.reports().is_empty() {
        std::thread::yield_now();
    }
    // Beside the call that goes on.
    client.cancel(aurapos_contract::Uuid::nil()).unwrap();
    assert_eq!(client.query_status(&PaymentIntent::default()).unwrap().state, PaymentState::Unknown);
    progress.cancel();
    assert_eq!(going_on.join().unwrap(), PaymentState::Aborted);
    assert_eq!(client.settle(&NoProgress).unwrap_err().code, ErrorCode::Unsupported, "a default body is a method, too");
}
