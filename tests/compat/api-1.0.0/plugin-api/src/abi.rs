//! What crosses the boundary between two separately compiled libraries: one prefix-type root and `#[sabi_trait]` objects.
//!
//! Owns: the layouts. Only strings, byte slices, integers and handles appear; every request and answer is bytes of the
//! contract's codec or of a `RowBatch`, so that most evolution never touches a layout.
//! Rules: append only. A new trait method goes after `last_prefix_field` with a default body, a new root field after the
//! last one with `missing_field`. Nothing else here ever changes.

// The code that `#[sabi_trait]` and `StableAbi` generate is unsafe and undocumented by nature.
#![allow(unsafe_code, missing_docs, non_local_definitions, clippy::all)]

use abi_stable::StableAbi;
use abi_stable::library::RootModule;
use abi_stable::sabi_trait;
use abi_stable::sabi_types::{RRef, VersionStrings};
use abi_stable::std_types::{RBox, RResult, RSlice, RStr, RString, RVec, Tuple2};

/// A codec message or a `RowBatch`.
pub type Bytes = RVec<u8>;
/// The answer of a call: bytes, or a `PluginError` in codec bytes.
pub type Answer = RResult<RVec<u8>, RVec<u8>>;
/// The answer of a call that has nothing to say.
pub type Done = RResult<(), RVec<u8>>;
/// The answer of a call that counts something.
pub type Count = RResult<u64, RVec<u8>>;
/// The answer of a call that says yes or no.
pub type YesNo = RResult<bool, RVec<u8>>;
/// The answer of a call that hands out a store.
pub type StoreAnswer = RResult<AbiStore_TO<'static, RBox<()>>, RVec<u8>>;

/// Mirror of `contract::HostServices`.
#[sabi_trait]
pub trait AbiHost: Send + Sync + Debug {
    fn log(&self, level: u32, message: RStr<'_>);
    fn now(&self) -> i64;
    fn local_time(&self, time: i64) -> RVec<u8>;
    fn utc_time(&self, local: RSlice<'_, u8>) -> i64;
    fn data_dir(&self) -> RString;
    #[sabi(last_prefix_field)]
    fn new_id(&self) -> Tuple2<u64, u64>;
}

/// Mirror of `contract::Progress`.
#[sabi_trait]
pub trait AbiProgress: Send + Sync + Debug {
    fn report(&self, done: u64, total: u64, text: RStr<'_>);
    #[sabi(last_prefix_field)]
    fn cancelled(&self) -> bool;
}

/// Mirror of `contract::BackupHost`.
#[sabi_trait]
pub trait AbiBackupHost: Send + Sync + Debug {
    fn source(&self) -> RResult<RVec<u8>, RVec<u8>>;
    fn take_snapshot(&self, dest: RStr<'_>, progress: ProgressRef<'_>) -> RResult<RVec<u8>, RVec<u8>>;
    fn check_copy(&self, file: RStr<'_>, progress: ProgressRef<'_>) -> RResult<RVec<u8>, RVec<u8>>;
    #[sabi(last_prefix_field)]
    fn restore_copy(
        &self,
        file: RStr<'_>,
        previous: RStr<'_>,
        progress: ProgressRef<'_>,
    ) -> RResult<RVec<u8>, RVec<u8>>;
}

/// Mirror of `contract::StorageProvider`.
#[sabi_trait]
pub trait AbiStorage: Send + Sync + Debug {
    fn validate_config(&self, settings: RSlice<'_, u8>) -> RResult<(), RVec<u8>>;
    fn open(&self, settings: RSlice<'_, u8>) -> RResult<AbiStore_TO<'static, RBox<()>>, RVec<u8>>;
    fn open_copy(&self, file: RStr<'_>) -> RResult<AbiStore_TO<'static, RBox<()>>, RVec<u8>>;
    fn verify(&self, file: RStr<'_>, progress: ProgressRef<'_>) -> RResult<RVec<u8>, RVec<u8>>;
    #[sabi(last_prefix_field)]
    fn restore(
        &self,
        settings: RSlice<'_, u8>,
        request: RSlice<'_, u8>,
        progress: ProgressRef<'_>,
    ) -> RResult<RVec<u8>, RVec<u8>>;
}

/// Mirror of `contract::RecordStore`.
#[sabi_trait]
pub trait AbiStore: Send + Sync + Debug {
    fn info(&self) -> RResult<RVec<u8>, RVec<u8>>;
    fn migrate(&self, schema: RSlice<'_, u8>) -> RResult<(), RVec<u8>>;
    fn commit(&self, transaction: RSlice<'_, u8>) -> RResult<RVec<u8>, RVec<u8>>;
    fn outcome(&self, transaction: RSlice<'_, u8>) -> RResult<RVec<u8>, RVec<u8>>;
    fn scan(&self, query: RSlice<'_, u8>) -> RResult<RVec<u8>, RVec<u8>>;
    fn search(&self, table: RStr<'_>, text: RStr<'_>, limit: u32) -> RResult<RVec<u8>, RVec<u8>>;
    fn aggregate(&self, query: RSlice<'_, u8>) -> RResult<RVec<u8>, RVec<u8>>;
    fn changes(&self, after: RSlice<'_, u8>, max: u32) -> RResult<RVec<u8>, RVec<u8>>;
    fn wait(&self, after: RSlice<'_, u8>, timeout_ms: u32) -> RResult<bool, RVec<u8>>;
    fn snapshot(&self, dest: RStr<'_>, progress: ProgressRef<'_>) -> RResult<RVec<u8>, RVec<u8>>;
    fn maintain(&self, now: i64) -> RResult<(), RVec<u8>>;
    #[sabi(last_prefix_field)]
    fn close(&self) -> RResult<(), RVec<u8>>;
}

/// Mirror of `contract::PaymentProvider`.
#[sabi_trait]
pub trait AbiPayment: Send + Sync + Debug {
    fn capabilities(&self) -> RResult<RVec<u8>, RVec<u8>>;
    fn begin(&self, intent: RSlice<'_, u8>, progress: ProgressRef<'_>) -> RResult<RVec<u8>, RVec<u8>>;
    fn cancel(&self, intent: RSlice<'_, u8>) -> RResult<(), RVec<u8>>;
    fn query_status(&self, intent: RSlice<'_, u8>) -> RResult<RVec<u8>, RVec<u8>>;
    fn reverse(&self, intent: RSlice<'_, u8>, progress: ProgressRef<'_>) -> RResult<RVec<u8>, RVec<u8>>;
    fn refund(&self, intent: RSlice<'_, u8>, progress: ProgressRef<'_>) -> RResult<RVec<u8>, RVec<u8>>;
    #[sabi(last_prefix_field)]
    fn settle(&self, progress: ProgressRef<'_>) -> RResult<RVec<u8>, RVec<u8>>;
}

/// Mirror of `contract::BackupScheduler`.
#[sabi_trait]
pub trait AbiBackup: Send + Sync + Debug {
    fn plan(&self, request: RSlice<'_, u8>, host: BackupHostRef<'_>) -> RResult<RVec<u8>, RVec<u8>>;
    fn run(
        &self,
        request: RSlice<'_, u8>,
        host: BackupHostRef<'_>,
        progress: ProgressRef<'_>,
    ) -> RResult<RVec<u8>, RVec<u8>>;
    fn list(&self) -> RResult<RVec<u8>, RVec<u8>>;
    fn verify(&self, name: RStr<'_>, host: BackupHostRef<'_>, progress: ProgressRef<'_>)
    -> RResult<RVec<u8>, RVec<u8>>;
    fn copy(&self, name: RStr<'_>, dest: RStr<'_>, progress: ProgressRef<'_>) -> RResult<RVec<u8>, RVec<u8>>;
    fn delete(&self, name: RStr<'_>) -> RResult<(), RVec<u8>>;
    #[sabi(last_prefix_field)]
    fn restore(
        &self,
        name: RStr<'_>,
        now: i64,
        host: BackupHostRef<'_>,
        progress: ProgressRef<'_>,
    ) -> RResult<RVec<u8>, RVec<u8>>;
}

/// Mirror of `contract::Printer`.
#[sabi_trait]
pub trait AbiPrinter: Send + Sync + Debug {
    fn capabilities(&self) -> RResult<RVec<u8>, RVec<u8>>;
    fn print(&self, job: RSlice<'_, u8>) -> RResult<(), RVec<u8>>;
    fn status(&self) -> RResult<RVec<u8>, RVec<u8>>;
    #[sabi(last_prefix_field)]
    fn open_drawer(&self) -> RResult<(), RVec<u8>>;
}

/// Mirror of `contract::EventSink`.
#[sabi_trait]
pub trait AbiEvents: Send + Sync + Debug {
    fn deliver(&self, events: RSlice<'_, u8>) -> RResult<(), RVec<u8>>;
    #[sabi(last_prefix_field)]
    fn position(&self, incarnation_high: u64, incarnation_low: u64) -> RResult<u64, RVec<u8>>;
}

pub type HostBox = AbiHost_TO<'static, RBox<()>>;
pub type ProgressRef<'a> = AbiProgress_TO<'a, RRef<'a, ()>>;
pub type BackupHostRef<'a> = AbiBackupHost_TO<'a, RRef<'a, ()>>;
pub type StorageBox = AbiStorage_TO<'static, RBox<()>>;
pub type StoreBox = AbiStore_TO<'static, RBox<()>>;
pub type PaymentBox = AbiPayment_TO<'static, RBox<()>>;
pub type BackupBox = AbiBackup_TO<'static, RBox<()>>;
pub type PrinterBox = AbiPrinter_TO<'static, RBox<()>>;
pub type EventsBox = AbiEvents_TO<'static, RBox<()>>;

/// Bits of [`PluginRoot::kinds`]: which factories are real.
pub mod kinds {
    pub const STORAGE: u64 = 1;
    pub const PAYMENT: u64 = 2;
    pub const BACKUP: u64 = 4;
    pub const PRINTER: u64 = 8;
    pub const EVENTS: u64 = 16;
}

/// What a plugin library exports, once.
#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = PluginRootRef)))]
#[sabi(missing_field(panic))]
pub struct PluginRoot {
    /// The manifest the library was built with.
    pub manifest: extern "C" fn() -> RStr<'static>,
    /// Gives the library its host; called once, before everything below.
    pub attach_host: extern "C" fn(host: AbiHost_TO<'static, RBox<()>>) -> RResult<(), RVec<u8>>,
    /// Whether the library can work at all, without any instance.
    pub health: extern "C" fn() -> RResult<RString, RVec<u8>>,
    /// Which factories below are real.
    pub kinds: u64,
    pub storage: extern "C" fn(
        AbiHost_TO<'static, RBox<()>>,
        RStr<'_>,
        RSlice<'_, u8>,
    ) -> RResult<AbiStorage_TO<'static, RBox<()>>, RVec<u8>>,
    pub payment: extern "C" fn(
        AbiHost_TO<'static, RBox<()>>,
        RStr<'_>,
        RSlice<'_, u8>,
    ) -> RResult<AbiPayment_TO<'static, RBox<()>>, RVec<u8>>,
    pub backup: extern "C" fn(
        AbiHost_TO<'static, RBox<()>>,
        RStr<'_>,
        RSlice<'_, u8>,
    ) -> RResult<AbiBackup_TO<'static, RBox<()>>, RVec<u8>>,
    pub printer: extern "C" fn(
        AbiHost_TO<'static, RBox<()>>,
        RStr<'_>,
        RSlice<'_, u8>,
    ) -> RResult<AbiPrinter_TO<'static, RBox<()>>, RVec<u8>>,
    #[sabi(last_prefix_field)]
    pub events: extern "C" fn(
        AbiHost_TO<'static, RBox<()>>,
        RStr<'_>,
        RSlice<'_, u8>,
    ) -> RResult<AbiEvents_TO<'static, RBox<()>>, RVec<u8>>,
}

impl RootModule for PluginRootRef {
    abi_stable::declare_root_module_statics! {PluginRootRef}
    const BASE_NAME: &'static str = "aurapos_plugin";
    const NAME: &'static str = "aurapos_plugin";
    const VERSION_STRINGS: VersionStrings = abi_stable::package_version_strings!();
}
