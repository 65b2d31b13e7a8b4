//! What a plugin of AuraPOS is written with, and what its host loads it with.
//!
//! Owns: the stable ABI ([`abi`]), [`export_plugin!`], the manifest `plugin.toml` ([`manifest`]), the adapters of both
//! sides. Must not know: any host crate, files, sockets, threads. No other crate names `abi_stable`.
//!
//! An author implements a plain trait of the [`contract`] and names a factory:
//!
//! ```
//! use aurapos_plugin_api::contract::events::HostEvent;
//! use aurapos_plugin_api::{EventSink, PluginContext, PluginResult, Uuid, export_plugin};
//!
//! #[derive(Debug)]
//! struct Nowhere;
//!
//! impl EventSink for Nowhere {
//!     fn deliver(&self, _: &[HostEvent]) -> PluginResult<()> {
//!         Ok(())
//!     }
//!     fn position(&self, _: Uuid) -> PluginResult<u64> {
//!         Ok(u64::MAX)
//!     }
//! }
//!
//! export_plugin! {
//!     manifest: "id = \"nowhere\"\nversion = \"1.0.0\"\nkinds = [\"events\"]\napi = \"^1\"\n", // or include_str!("../plugin.toml")
//!     events: |_: PluginContext| Ok(Nowhere),
//! }
//! # fn main() {}
//! ```

pub mod abi;
mod entry;
mod export;
mod guard;
mod import;
pub mod loader;
pub mod manifest;
mod objects;
mod pack;

pub use aurapos_contract as contract;
pub use aurapos_contract::host::LogLevel;
pub use aurapos_contract::{
    BackupHost, BackupScheduler, ErrorCode, EventSink, HostServices, PaymentProvider, PluginContext, PluginError,
    PluginResult, Printer, Progress, RecordStore, RowBatch, Settings, StorageProvider, Timestamp, Uuid, Value,
};
pub use objects::Border;

/// Version of this crate: what a manifest's `api` range is compared with.
pub const API_VERSION: &str = env!("CARGO_PKG_VERSION");

/// For [`export_plugin!`] only.
#[doc(hidden)]
pub mod __private {
    pub use crate::abi::PluginRootRef;
    pub use crate::entry::{Entry, Factory, root};
    pub use abi_stable::library::{CheckTypeLayout, LibHeader, RootModuleResult};

    /// Says what a factory answers, so that a closure needs no type annotations.
    pub fn answer<T>(made: crate::PluginResult<T>) -> crate::PluginResult<T> {
        made
    }
}

/// Makes this library a plugin. Once per library.
///
/// `manifest:` is the text of `plugin.toml`; then, in any order, a factory for each capability: `storage:`, `payment:`,
/// `backup:`, `printer:`, `events:`, each a function `fn(PluginContext) -> PluginResult<impl Trait>`, and optionally
/// `health:`, a `fn() -> PluginResult<String>` that says whether the library can work at all.
///
/// Every method and Drop of what the factories make is guarded: a panic becomes an error for the host. A crate that is
/// built with `panic = "abort"` is refused by the compiler. The macro contains `unsafe` code (the exported symbol), so a
/// crate may deny, but not forbid, `unsafe_code`.
#[macro_export]
macro_rules! export_plugin {
    (manifest: $manifest:expr $(, $part:ident : $value:expr)* $(,)?) => {
        #[cfg(panic = "abort")]
        compile_error!("a plugin must be built with panic = \"unwind\": with \"abort\" any panic ends the shop's program");

        #[allow(unsafe_code, missing_docs, clippy::all)]
        const _: () = {
            struct AuraPosPlugin;
            impl $crate::__private::Entry for AuraPosPlugin {
                const MANIFEST: &'static str = $manifest;
                $($crate::__export_part!($part, $value);)*
            }
            extern "C" fn root() -> $crate::__private::RootModuleResult {
                $crate::__private::root::<AuraPosPlugin>()
            }
            // SAFETY: only a host of this API looks for this name, and it checks what it finds.
            #[unsafe(export_name = "_1as_0lib_1header_0root_bmodule_bloader")]
            // SAFETY: `root` answers a `PluginRootRef`.
            pub static ROOT: $crate::__private::LibHeader = unsafe {
                $crate::__private::LibHeader::from_constructor::<$crate::__private::PluginRootRef>(
                    root,
                    $crate::__private::CheckTypeLayout::Yes,
                )
            };
        };
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __export_part {
    (storage, $factory:expr) => {
        $crate::__export_part!(@ STORAGE, StorageProvider, $factory);
    };
    (payment, $factory:expr) => {
        $crate::__export_part!(@ PAYMENT, PaymentProvider, $factory);
    };
    (backup, $factory:expr) => {
        $crate::__export_part!(@ BACKUP, BackupScheduler, $factory);
    };
    (printer, $factory:expr) => {
        $crate::__export_part!(@ PRINTER, Printer, $factory);
    };
    (events, $factory:expr) => {
        $crate::__export_part!(@ EVENTS, EventSink, $factory);
    };
    (health, $health:expr) => {
        const HEALTH: fn() -> $crate::PluginResult<::std::string::String> = $health;
    };
    (@ $constant:ident, $trait:ident, $factory:expr) => {
        const $constant: ::std::option::Option<$crate::__private::Factory<dyn $crate::$trait>> =
            ::std::option::Option::Some(|context: $crate::PluginContext| {
                let made = $crate::__private::answer(($factory)(context))?;
                ::std::result::Result::Ok(::std::boxed::Box::new(made) as ::std::boxed::Box<dyn $crate::$trait>)
            });
    };
}
