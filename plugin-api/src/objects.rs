//! Host objects that cross into a plugin: services, and whom a call can talk to. Both directions of each.

use crate::abi::{AbiCaller, AbiCaller_TO, AbiHost, AbiHost_TO, AbiProgress, AbiProgress_TO};
use crate::abi::{CallerRef, HostBox, ProgressRef};
use crate::border::{Border, OUTSIDE};
use crate::guard::{HearsPanics, caught};
use crate::inside::is_inside;
use crate::pack::{Out, answer, trusted};
use abi_stable::sabi_trait::TD_Opaque;
use abi_stable::sabi_types::RRef;
use abi_stable::std_types::{RSlice, RStr, RVec};
use aurapos_contract::backup::BackupHostTable;
use aurapos_contract::call::{Bytes, Caller, Link, Method, Opened, Reply, Serve};
use aurapos_contract::host::{HostClient, HostPort, HostTable, LocalTime, LogLevel};
use aurapos_contract::{ApiVersion, HostServices, PluginResult, Progress, Timestamp, Uuid};
use std::sync::Arc;

/// Host side: services given away.
#[derive(Debug)]
pub(crate) struct HostExport {
    pub(crate) services: Arc<dyn HostServices>,
    pub(crate) border: Arc<dyn Border>,
    /// The version that the plugin speaks.
    pub(crate) peer: ApiVersion,
}

impl HostExport {
    pub(crate) fn into_box(self) -> HostBox {
        AbiHost_TO::from_value(self, TD_Opaque)
    }
}

impl AbiHost for HostExport {
    fn call(&self, method: u32, request: RSlice<'_, u8>, out: &mut RVec<u8>) -> u32 {
        // A panic of the host's own services must not end the program either.
        answer(
            out,
            self.peer,
            || "a host service",
            |out| {
                HostTable::serve(self, method, request.as_slice(), Caller::NOBODY, &mut Reply::new(Out(out), self.peer))
            },
        )
    }
}

impl HostPort for HostExport {
    fn log(&self, level: LogLevel, message: &str) -> PluginResult<()> {
        self.services.log(level, message);
        Ok(())
    }
    fn now(&self) -> PluginResult<Timestamp> {
        Ok(self.services.now())
    }
    fn local_time(&self, time: Timestamp) -> PluginResult<LocalTime> {
        Ok(self.services.local_time(time))
    }
    fn utc_time(&self, local: &LocalTime) -> PluginResult<Timestamp> {
        Ok(self.services.utc_time(local))
    }
    fn data_dir(&self) -> PluginResult<String> {
        Ok(self.services.data_dir())
    }
    fn new_id(&self) -> PluginResult<Uuid> {
        Ok(self.services.new_id())
    }
    fn panicked(&self, call: &str, message: &str) -> PluginResult<()> {
        // In a call, its answer tells; a plugin that caught its own panic has nothing to tell.
        if !call.is_empty() {
            self.border.panicked(call, message);
        } else if !is_inside() {
            self.border.panicked(OUTSIDE, message);
        }
        Ok(())
    }
}

/// Plugin side: the link to the host's services.
#[derive(Debug)]
pub(crate) struct HostLink {
    host: HostBox,
    peer: ApiVersion,
}

impl Link for HostLink {
    fn call(&self, method: &'static Method, request: &[u8], _: Caller<'_>, answer: &mut Bytes) -> PluginResult<Opened> {
        let mut out = RVec::from(answer.take_buffer());
        let status = self.host.call(method.number, request.into(), &mut out);
        answer.put(out.into_vec());
        trusted(status, answer).map(|()| None)
    }
    fn peer(&self) -> ApiVersion {
        self.peer
    }
    fn unreadable(&self, _: &'static Method, _: &str) {}
}

/// Plugin side: the host as the contract's trait. A host that cannot answer is a bug of the host; the plugin goes on with
/// the value that means nothing.
#[derive(Debug)]
pub(crate) struct HostProxy(HostClient<HostLink>);

impl HostProxy {
    pub(crate) fn new(host: HostBox, peer: ApiVersion) -> Self {
        HostProxy(HostClient(HostLink { host, peer }))
    }
}

impl HearsPanics for HostProxy {
    fn panicked(&self, call: &str, message: &str) {
        let _ = self.0.panicked(call, message);
    }
}

impl HostServices for HostProxy {
    fn log(&self, level: LogLevel, message: &str) {
        let _ = self.0.log(level, message);
    }
    fn now(&self) -> Timestamp {
        self.0.now().unwrap_or_default()
    }
    fn local_time(&self, time: Timestamp) -> LocalTime {
        self.0.local_time(time).unwrap_or_default()
    }
    fn utc_time(&self, local: &LocalTime) -> Timestamp {
        self.0.utc_time(local).unwrap_or_default()
    }
    fn data_dir(&self) -> String {
        self.0.data_dir().unwrap_or_default()
    }
    fn new_id(&self) -> Uuid {
        self.0.new_id().unwrap_or_default()
    }
}

/// A progress given away, on the plugin's side: of a question to the backup host.
#[derive(Debug)]
struct ProgressExport<'a>(&'a dyn Progress);

impl ProgressExport<'_> {
    fn as_abi(&self) -> ProgressRef<'_> {
        AbiProgress_TO::from_ptr(RRef::new(self), TD_Opaque)
    }
}

impl AbiProgress for ProgressExport<'_> {
    fn report(&self, done: u64, total: u64, text: RStr<'_>) {
        report(self.0, done, total, text);
    }
    fn cancelled(&self) -> bool {
        cancelled(self.0)
    }
}

fn report(progress: &dyn Progress, done: u64, total: u64, text: RStr<'_>) {
    let _ = caught(|| progress.report(done, total, text.as_str()));
}

fn cancelled(progress: &dyn Progress) -> bool {
    // Who asks a broken progress should stop.
    caught(|| progress.cancelled()).unwrap_or(true)
}

/// A progress received, on the host's side.
#[derive(Debug)]
struct ProgressProxy<'a>(ProgressRef<'a>);

impl Progress for ProgressProxy<'_> {
    fn report(&self, done: u64, total: u64, text: &str) {
        self.0.report(done, total, text.into());
    }
    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}

/// Host side: whom a call can talk to.
#[derive(Debug)]
pub(crate) struct CallerExport<'a> {
    pub(crate) caller: Caller<'a>,
    pub(crate) peer: ApiVersion,
}

impl CallerExport<'_> {
    pub(crate) fn as_abi(&self) -> CallerRef<'_> {
        AbiCaller_TO::from_ptr(RRef::new(self), TD_Opaque)
    }
}

impl AbiCaller for CallerExport<'_> {
    fn report(&self, done: u64, total: u64, text: RStr<'_>) {
        report(self.caller.progress, done, total, text);
    }
    fn cancelled(&self) -> bool {
        cancelled(self.caller.progress)
    }
    fn ask(&self, method: u32, request: RSlice<'_, u8>, progress: ProgressRef<'_>, out: &mut RVec<u8>) -> u32 {
        answer(
            out,
            self.peer,
            || "the backup host",
            |out| {
                let progress = ProgressProxy(progress);
                let caller = Caller::NOBODY.progress(&progress);
                let mut reply = Reply::new(Out(out), self.peer);
                BackupHostTable::serve(self.caller.host, method, request.as_slice(), caller, &mut reply)
            },
        )
    }
}

/// Plugin side: whom a call can talk to.
#[derive(Debug)]
pub(crate) struct CallerProxy<'a>(pub(crate) CallerRef<'a>);

impl Progress for CallerProxy<'_> {
    fn report(&self, done: u64, total: u64, text: &str) {
        self.0.report(done, total, text.into());
    }
    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}

/// The questions of a backup, carried through the caller of the call that asks them.
impl Link for CallerProxy<'_> {
    fn call(
        &self,
        method: &'static Method,
        request: &[u8],
        caller: Caller<'_>,
        answer: &mut Bytes,
    ) -> PluginResult<Opened> {
        let progress = ProgressExport(caller.progress);
        let mut out = RVec::from(answer.take_buffer());
        let status = self.0.ask(method.number, request.into(), progress.as_abi(), &mut out);
        answer.put(out.into_vec());
        trusted(status, answer).map(|()| None)
    }
    fn peer(&self) -> ApiVersion {
        crate::guard::host_api()
    }
    fn unreadable(&self, _: &'static Method, _: &str) {}
}
