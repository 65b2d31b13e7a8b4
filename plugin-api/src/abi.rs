//! What crosses the boundary between two separately compiled libraries: one prefix-type root and `#[sabi_trait]` objects.
//!
//! Owns: the layouts. A call is the number of a method and the bytes of its request and answer, as the contract's tables and
//! codec make them, so that evolution does not touch a layout: new methods and capabilities are new numbers.
//! Rules: append only. A new trait method goes after `last_prefix_field` with a default body, a new root field after the
//! last one with `missing_field`. Nothing else here ever changes.

// The code that `#[sabi_trait]` and `StableAbi` generate is unsafe and undocumented by nature.
#![allow(unsafe_code, missing_docs, non_local_definitions, clippy::all)]

use abi_stable::StableAbi;
use abi_stable::library::RootModule;
use abi_stable::sabi_trait;
use abi_stable::sabi_types::{RRef, VersionStrings};
use abi_stable::std_types::{RBox, ROption, RSlice, RStr, RVec};

/// How a call ended: [`OK`], or anything else: the answer holds a `PluginError`.
pub type Status = u32;
/// The answer holds what was asked for.
pub const OK: Status = 0;
/// The answer holds an error.
pub const ERROR: Status = 1;

/// What the host offers to a library: the methods of `contract::host::HostTable`.
#[sabi_trait]
pub trait AbiHost: Send + Sync + Debug {
    #[sabi(last_prefix_field)]
    fn call(&self, method: u32, request: RSlice<'_, u8>, answer: &mut RVec<u8>) -> u32;
}

/// Mirror of `contract::Progress`.
#[sabi_trait]
pub trait AbiProgress: Send + Sync + Debug {
    fn report(&self, done: u64, total: u64, text: RStr<'_>);
    #[sabi(last_prefix_field)]
    fn cancelled(&self) -> bool;
}

/// Whom a call can talk to while it goes on: its progress, and the methods of `contract::backup::BackupHostTable`.
#[sabi_trait]
pub trait AbiCaller: Send + Sync + Debug {
    fn report(&self, done: u64, total: u64, text: RStr<'_>);
    fn cancelled(&self) -> bool;
    #[sabi(last_prefix_field)]
    fn ask(&self, method: u32, request: RSlice<'_, u8>, progress: ProgressRef<'_>, answer: &mut RVec<u8>) -> u32;
}

/// An open store: the methods of `contract::storage::StoreTable`.
#[sabi_trait]
pub trait AbiStore: Send + Sync + Debug {
    #[sabi(last_prefix_field)]
    fn call(&self, method: u32, request: RSlice<'_, u8>, caller: CallerRef<'_>, answer: &mut RVec<u8>) -> u32;
}

/// An object of any capability: the methods of its table. A method that opens a store puts it into `opened`.
#[sabi_trait]
pub trait AbiObject: Send + Sync + Debug {
    #[sabi(last_prefix_field)]
    fn call(
        &self,
        method: u32,
        request: RSlice<'_, u8>,
        caller: CallerRef<'_>,
        answer: &mut RVec<u8>,
        opened: &mut ROption<AbiStore_TO<'static, RBox<()>>>,
    ) -> u32;
}

pub type HostBox = AbiHost_TO<'static, RBox<()>>;
pub type ProgressRef<'a> = AbiProgress_TO<'a, RRef<'a, ()>>;
pub type CallerRef<'a> = AbiCaller_TO<'a, RRef<'a, ()>>;
pub type StoreBox = AbiStore_TO<'static, RBox<()>>;
pub type ObjectBox = AbiObject_TO<'static, RBox<()>>;

/// What a plugin library exports, once.
#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = PluginRootRef)))]
#[sabi(missing_field(panic))]
pub struct PluginRoot {
    /// The manifest the library was built with.
    pub manifest: extern "C" fn() -> RStr<'static>,
    /// Gives the library its host, and the version that the host speaks (`ApiVersion::pack`); called once, before everything
    /// below.
    pub attach_host: extern "C" fn(host: AbiHost_TO<'static, RBox<()>>, api: u64, answer: &mut RVec<u8>) -> u32,
    /// Whether the library can work at all, without any instance: answers a text.
    pub health: extern "C" fn(answer: &mut RVec<u8>) -> u32,
    /// One bit for each capability: 1 shifted by the number of its table.
    pub kinds: u64,
    /// Makes an object of a capability from a `contract::host::FactoryRequest`.
    #[sabi(last_prefix_field)]
    pub make: extern "C" fn(
        kind: u32,
        host: AbiHost_TO<'static, RBox<()>>,
        request: RSlice<'_, u8>,
        answer: &mut RVec<u8>,
    ) -> ROption<AbiObject_TO<'static, RBox<()>>>,
}

impl RootModule for PluginRootRef {
    abi_stable::declare_root_module_statics! {PluginRootRef}
    const BASE_NAME: &'static str = "aurapos_plugin";
    const NAME: &'static str = "aurapos_plugin";
    const VERSION_STRINGS: VersionStrings = abi_stable::package_version_strings!();
}
