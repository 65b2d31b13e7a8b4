//! A host for tests: the clock, the ids, the folder and the log in the test's hands.

use aurapos_contract::backup::{BackupHost, BackupSource, CopyCheck};
use aurapos_contract::error::{PluginError, PluginResult};
use aurapos_contract::host::{HostServices, LocalTime, LogLevel, PluginContext, Progress, Settings};
use aurapos_contract::storage::{RestoreReport, SnapshotInfo, VerifyReport};
use aurapos_contract::{ApiVersion, RecordStore, StorageProvider, Timestamp, Uuid};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

mod calendar;

/// 2026-04-26 18:00:42 UTC: where a test's clock begins.
pub const START: Timestamp = 1_777_226_442_000_000;

/// What a plugin may ask of the host, answered from fields that a test sets.
#[derive(Debug)]
pub struct TestHost {
    now: AtomicI64,
    offset_s: AtomicI64,
    next_id: AtomicU64,
    folder: PathBuf,
    /// Removes the folder at the end, when this host made it.
    _temporary: Option<tempfile::TempDir>,
    log: Mutex<Vec<(LogLevel, String)>>,
}

impl TestHost {
    /// A host with a folder of its own that goes when the host goes.
    pub fn new() -> Arc<Self> {
        let temporary = tempfile::tempdir().expect("a test needs a temporary folder");
        let folder = temporary.path().to_owned();
        Arc::new(Self::made(folder, Some(temporary)))
    }

    /// A host over a folder that stays.
    pub fn over(folder: &Path) -> Arc<Self> {
        Arc::new(Self::made(folder.to_owned(), None))
    }

    fn made(folder: PathBuf, temporary: Option<tempfile::TempDir>) -> Self {
        // Two hosts over one folder must not give the same ids: two programs do not either.
        static HOSTS: AtomicU64 = AtomicU64::new(0);
        let host = HOSTS.fetch_add(1, Ordering::Relaxed);
        TestHost {
            now: AtomicI64::new(START),
            offset_s: AtomicI64::new(2 * 3600),
            next_id: AtomicU64::new((u64::from(std::process::id()) << 40) | (host << 28)),
            folder,
            _temporary: temporary,
            log: Mutex::default(),
        }
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Sets the clock.
    pub fn set_now(&self, now: Timestamp) {
        self.now.store(now, Ordering::Relaxed);
    }

    /// Moves the clock, in microseconds.
    pub fn advance(&self, by: i64) {
        self.now.fetch_add(by, Ordering::Relaxed);
    }

    /// Sets the shop's offset from UTC, in seconds (two hours unless set).
    pub fn set_offset(&self, seconds: i64) {
        self.offset_s.store(seconds, Ordering::Relaxed);
    }

    /// What was logged so far.
    pub fn logged(&self) -> Vec<(LogLevel, String)> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What a plugin's factory is given: the same folder each time, as at each start of a shop.
    ///
    /// # Panics
    /// The instance's folder cannot be made.
    pub fn context(self: &Arc<Self>, settings: Settings) -> PluginContext {
        let folder = self.folder.join("plugin-data");
        std::fs::create_dir_all(&folder).expect("a temporary folder can be written");
        let folder = folder.display().to_string();
        PluginContext { host: self.clone(), api: ApiVersion::OWN, instance: "test".to_owned(), folder, settings }
    }
}

impl HostServices for TestHost {
    fn log(&self, level: LogLevel, message: &str) {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).push((level, message.to_owned()));
    }

    fn now(&self) -> Timestamp {
        self.now.load(Ordering::Relaxed)
    }

    fn local_time(&self, time: Timestamp) -> LocalTime {
        calendar::local(time, self.offset_s.load(Ordering::Relaxed))
    }

    fn utc_time(&self, local: &LocalTime) -> Timestamp {
        calendar::utc(local, self.offset_s.load(Ordering::Relaxed))
    }

    fn data_dir(&self) -> String {
        self.folder.display().to_string()
    }

    fn new_id(&self) -> Uuid {
        let milliseconds = self.now().div_euclid(1000).unsigned_abs();
        let number = self.next_id.fetch_add(1, Ordering::Relaxed);
        // UUIDv7: 48 bits of time, version 7, variant 2.
        Uuid::from_u64_pair((milliseconds << 16) | 0x7000, (number & (u64::MAX >> 2)) | 1 << 63)
    }
}

/// A progress that remembers what it was told, and cancels when it was told so.
#[derive(Debug, Default)]
pub struct TestProgress {
    reports: Mutex<Vec<(u64, u64, String)>>,
    cancelled: AtomicBool,
    cancel_after: Option<usize>,
}

impl TestProgress {
    /// Cancels once so many reports came; 0 is at once.
    pub fn cancelling_after(reports: usize) -> Self {
        TestProgress { cancel_after: Some(reports), ..Default::default() }
    }

    /// What was reported: done, total, text.
    pub fn reports(&self) -> Vec<(u64, u64, String)> {
        self.reports.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Cancels.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

impl Progress for TestProgress {
    fn report(&self, done: u64, total: u64, text: &str) {
        self.reports.lock().unwrap_or_else(PoisonError::into_inner).push((done, total, text.to_owned()));
    }

    fn cancelled(&self) -> bool {
        let reports = self.reports.lock().unwrap_or_else(PoisonError::into_inner).len();
        self.cancelled.load(Ordering::Relaxed) || self.cancel_after.is_some_and(|after| reports >= after)
    }
}

/// The host of a backup plugin, over any storage: copies are checked by the storage alone, as a shop they are always right.
pub struct TestBackupHost {
    provider: Arc<dyn StorageProvider>,
    settings: Settings,
    store: Mutex<Option<Box<dyn RecordStore>>>,
    prepare: Prepare,
}

/// What a store needs each time it is opened: the schema.
type Prepare = Box<dyn Fn(&dyn RecordStore) -> PluginResult<()> + Send + Sync>;

impl std::fmt::Debug for TestBackupHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TestBackupHost").field("provider", &self.provider).finish_non_exhaustive()
    }
}

impl TestBackupHost {
    /// Opens the store that the settings name; `prepare` is called with it now and after each restore.
    pub fn new(
        provider: Arc<dyn StorageProvider>,
        settings: Settings,
        prepare: impl Fn(&dyn RecordStore) -> PluginResult<()> + Send + Sync + 'static,
    ) -> PluginResult<Self> {
        let host = TestBackupHost { provider, settings, store: Mutex::default(), prepare: Box::new(prepare) };
        host.open()?;
        Ok(host)
    }

    fn open(&self) -> PluginResult<()> {
        let store = self.provider.open(&self.settings)?;
        (self.prepare)(store.as_ref())?;
        *self.store.lock().unwrap_or_else(PoisonError::into_inner) = Some(store);
        Ok(())
    }

    /// Works with the open store.
    pub fn with_store<T>(&self, work: impl FnOnce(&dyn RecordStore) -> PluginResult<T>) -> PluginResult<T> {
        let store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let closed = || PluginError::new(aurapos_contract::ErrorCode::Closed, "the store is closed");
        work(store.as_deref().ok_or_else(closed)?)
    }
}

impl BackupHost for TestBackupHost {
    fn source(&self) -> PluginResult<BackupSource> {
        let info = self.with_store(|store| store.info())?;
        Ok(BackupSource {
            shop: Uuid::from_u128(1),
            shop_name: "Test".to_owned(),
            register: "R1".to_owned(),
            engine: format!("{} {}", info.engine, info.engine_version),
            extension: info.snapshot_extension,
            position: info.position,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            bytes: info.bytes,
        })
    }

    fn take_snapshot(&self, dest: &str, progress: &dyn Progress) -> PluginResult<SnapshotInfo> {
        self.with_store(|store| store.snapshot(dest, progress))
    }

    fn check_copy(&self, file: &str, progress: &dyn Progress) -> PluginResult<CopyCheck> {
        let report = match self.provider.open_copy(file).and_then(|copy| copy.verify(progress)) {
            Err(error) if error.code == aurapos_contract::ErrorCode::Damaged => {
                VerifyReport { problems: vec![error.message], ..Default::default() }
            }
            other => other?,
        };
        let summary = if report.ok { "checked, 0 differences".to_owned() } else { report.problems.join("; ") };
        Ok(CopyCheck {
            ok: report.ok,
            problems: report.problems,
            position: report.position,
            tables: report.tables,
            shop: Uuid::from_u128(1),
            shop_name: "Test".to_owned(),
            schema_major: report.schema_major,
            schema_minor: report.schema_minor,
            summary,
            ..Default::default()
        })
    }

    fn restore_copy(&self, file: &str, progress: &dyn Progress) -> PluginResult<RestoreReport> {
        let copy = self.provider.open_copy(file)?;
        if let Some(store) = self.store.lock().unwrap_or_else(PoisonError::into_inner).take() {
            store.close()?;
        }
        let restored = copy.restore_to(&self.settings, progress);
        self.open()?;
        restored
    }
}
