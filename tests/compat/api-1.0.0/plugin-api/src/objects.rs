//! Host objects that cross into a plugin: services, progress, the backup host. Both directions of each.

use crate::abi::{AbiBackupHost, AbiBackupHost_TO, AbiHost, AbiHost_TO, AbiProgress, AbiProgress_TO};
use crate::abi::{Answer, BackupHostRef, HostBox, ProgressRef};
use crate::guard::guard;
use crate::pack::{answer, unpack};
use abi_stable::sabi_trait::TD_Opaque;
use abi_stable::sabi_types::RRef;
use abi_stable::std_types::{RSlice, RStr, RString, RVec, Tuple2};
use aurapos_contract::backup::{BackupSource, CopyCheck};
use aurapos_contract::host::{LocalTime, LogLevel};
use aurapos_contract::storage::{RestoreReport, SnapshotInfo};
use aurapos_contract::{BackupHost, HostServices, PluginResult, Progress, Timestamp, Uuid, codec};
use std::sync::Arc;

/// What a host watches at the border with one plugin. Implemented by whoever loads plugins.
pub trait Border: Send + Sync + std::fmt::Debug {
    /// An answer of this call could not be understood; the caller got an error in its place.
    fn bad_answer(&self, call: &str, reason: &str);
    /// The plugin panicked in this call (`drop` and a thread of its own included). A panic in a call is also the error
    /// that the caller gets.
    fn panicked(&self, call: &str, message: &str);
}

/// The log level that carries a panic, outside the contract's levels.
const PANIC_LEVEL: u32 = 100;
/// Between the call and the message of a panic.
const SEPARATOR: char = '\u{1f}';

const LEVELS: [LogLevel; 4] = [LogLevel::Debug, LogLevel::Info, LogLevel::Warn, LogLevel::Error];

/// Host side: services given away.
#[derive(Debug)]
pub(crate) struct HostExport {
    pub(crate) services: Arc<dyn HostServices>,
    pub(crate) border: Arc<dyn Border>,
}

impl HostExport {
    pub(crate) fn into_box(self) -> HostBox {
        AbiHost_TO::from_value(self, TD_Opaque)
    }

    /// A panic of the host's own services must not end the program either: the plugin gets `instead`.
    fn safe<T>(call: &'static str, instead: T, work: impl FnOnce() -> T) -> T {
        guard(call, || Ok(work())).unwrap_or(instead)
    }
}

impl AbiHost for HostExport {
    fn log(&self, level: u32, message: RStr<'_>) {
        Self::safe("host log", (), || {
            let message = message.as_str();
            if level == PANIC_LEVEL {
                let (call, text) = message.split_once(SEPARATOR).unwrap_or(("?", message));
                return self.border.panicked(call, text);
            }
            let level = LEVELS.into_iter().find(|known| *known as u32 == level).unwrap_or(LogLevel::Info);
            self.services.log(level, message);
        });
    }
    fn now(&self) -> i64 {
        Self::safe("host now", 0, || self.services.now())
    }
    fn local_time(&self, time: i64) -> RVec<u8> {
        let local = Self::safe("host local_time", LocalTime::default(), || self.services.local_time(time));
        codec::encode(&local).into()
    }
    fn utc_time(&self, local: RSlice<'_, u8>) -> i64 {
        Self::safe("host utc_time", 0, || {
            let local = codec::decode::<LocalTime>(local.as_slice()).unwrap_or_default();
            self.services.utc_time(&local)
        })
    }
    fn data_dir(&self) -> RString {
        Self::safe("host data_dir", String::new(), || self.services.data_dir()).into()
    }
    fn new_id(&self) -> Tuple2<u64, u64> {
        let (high, low) = Self::safe("host new_id", Uuid::nil(), || self.services.new_id()).as_u64_pair();
        Tuple2(high, low)
    }
}

/// Plugin side: the host as the contract's trait.
#[derive(Debug)]
pub(crate) struct HostProxy(pub(crate) HostBox);

impl HostProxy {
    pub(crate) fn panicked(&self, call: &str, message: &str) {
        self.0.log(PANIC_LEVEL, format!("{call}{SEPARATOR}{message}").as_str().into());
    }
}

impl HostServices for HostProxy {
    fn log(&self, level: LogLevel, message: &str) {
        self.0.log(level as u32, message.into());
    }
    fn now(&self) -> Timestamp {
        self.0.now()
    }
    fn local_time(&self, time: Timestamp) -> LocalTime {
        codec::decode(&self.0.local_time(time)).unwrap_or_default()
    }
    fn utc_time(&self, local: &LocalTime) -> Timestamp {
        self.0.utc_time(codec::encode(local).as_slice().into())
    }
    fn data_dir(&self) -> String {
        self.0.data_dir().into()
    }
    fn new_id(&self) -> Uuid {
        let Tuple2(high, low) = self.0.new_id();
        Uuid::from_u64_pair(high, low)
    }
}

/// A progress given away, on either side.
#[derive(Debug)]
pub(crate) struct ProgressExport<'a>(pub(crate) &'a dyn Progress);

impl ProgressExport<'_> {
    pub(crate) fn as_abi(&self) -> ProgressRef<'_> {
        AbiProgress_TO::from_ptr(RRef::new(self), TD_Opaque)
    }
}

impl AbiProgress for ProgressExport<'_> {
    fn report(&self, done: u64, total: u64, text: RStr<'_>) {
        let _ = guard("progress", || {
            self.0.report(done, total, text.as_str());
            Ok(())
        });
    }
    fn cancelled(&self) -> bool {
        // Who asks a broken progress should stop.
        guard("progress", || Ok(self.0.cancelled())).unwrap_or(true)
    }
}

/// A progress received, on either side.
#[derive(Debug)]
pub(crate) struct ProgressProxy<'a>(pub(crate) ProgressRef<'a>);

impl Progress for ProgressProxy<'_> {
    fn report(&self, done: u64, total: u64, text: &str) {
        self.0.report(done, total, text.into());
    }
    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}

/// Host side: the backup host given away.
#[derive(Debug)]
pub(crate) struct BackupHostExport<'a>(pub(crate) &'a dyn BackupHost);

impl BackupHostExport<'_> {
    pub(crate) fn as_abi(&self) -> BackupHostRef<'_> {
        AbiBackupHost_TO::from_ptr(RRef::new(self), TD_Opaque)
    }
}

impl AbiBackupHost for BackupHostExport<'_> {
    fn source(&self) -> Answer {
        answer("host source", || self.0.source())
    }
    fn take_snapshot(&self, dest: RStr<'_>, progress: ProgressRef<'_>) -> Answer {
        answer("host take_snapshot", || self.0.take_snapshot(dest.as_str(), &ProgressProxy(progress)))
    }
    fn check_copy(&self, file: RStr<'_>, progress: ProgressRef<'_>) -> Answer {
        answer("host check_copy", || self.0.check_copy(file.as_str(), &ProgressProxy(progress)))
    }
    fn restore_copy(&self, file: RStr<'_>, previous: RStr<'_>, progress: ProgressRef<'_>) -> Answer {
        answer("host restore_copy", || self.0.restore_copy(file.as_str(), previous.as_str(), &ProgressProxy(progress)))
    }
}

/// Plugin side: the backup host as the contract's trait.
#[derive(Debug)]
pub(crate) struct BackupHostProxy<'a>(pub(crate) BackupHostRef<'a>);

impl BackupHost for BackupHostProxy<'_> {
    fn source(&self) -> PluginResult<BackupSource> {
        unpack(self.0.source())
    }
    fn take_snapshot(&self, dest: &str, progress: &dyn Progress) -> PluginResult<SnapshotInfo> {
        unpack(self.0.take_snapshot(dest.into(), ProgressExport(progress).as_abi()))
    }
    fn check_copy(&self, file: &str, progress: &dyn Progress) -> PluginResult<CopyCheck> {
        unpack(self.0.check_copy(file.into(), ProgressExport(progress).as_abi()))
    }
    fn restore_copy(&self, file: &str, previous: &str, progress: &dyn Progress) -> PluginResult<RestoreReport> {
        unpack(self.0.restore_copy(file.into(), previous.into(), ProgressExport(progress).as_abi()))
    }
}
