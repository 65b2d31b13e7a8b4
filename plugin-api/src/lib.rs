//! What a plugin of AuraPOS is written with, and what its host loads it with.
//!
//! Owns: the stable ABI ([`abi`]), [`export_plugin!`], the manifest `plugin.toml` ([`manifest`]), the adapters of both
//! sides, and what keeps a payment from being made twice ([`once`]). Must not know: any host crate, sockets, threads. No
//! other crate names `abi_stable`.
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
mod border;
mod entry;
mod export;
mod guard;
mod import;
mod inside;
pub mod loader;
pub mod manifest;
mod objects;
pub mod once;
pub mod os;
mod pack;

pub use aurapos_contract as contract;
pub use aurapos_contract::host::LogLevel;
pub use aurapos_contract::{
    ApiVersion, BackupHost, BackupScheduler, ErrorCode, EventSink, HostServices, PaymentProvider, PluginContext,
    PluginError, PluginResult, Printer, Progress, RecordStore, RowBatch, Settings, SettingsGuide, StorageProvider,
    Timestamp, Uuid, Value,
};
pub use border::{Border, OUTSIDE};
pub use import::AbiLink;

/// Version of this crate: what a manifest's `api` range is compared with.
pub const API_VERSION: &str = env!("CARGO_PKG_VERSION");

/// For [`export_plugin!`] only.
#[doc(hidden)]
pub mod __private {
    pub use crate::abi::PluginRootRef;
    pub use crate::entry::{Entry, Factory, root};
    pub use crate::export::{export, export_made};
    pub use abi_stable::library::{CheckTypeLayout, LibHeader, RootModuleResult};
    pub use aurapos_contract::backup::BackupTable;
    pub use aurapos_contract::events::EventsTable;
    pub use aurapos_contract::payment::PaymentTable;
    pub use aurapos_contract::printer::PrinterTable;
    pub use aurapos_contract::settings::SettingsTable;
    pub use aurapos_contract::storage::StorageTable;
}

/// Makes this library a plugin. Once per library.
///
/// `manifest:` is the text of `plugin.toml`; then, in any order, a factory for each capability: `storage:`, `payment:`,
/// `backup:`, `printer:`, `events:`, each a function `fn(PluginContext) -> PluginResult<impl Trait>`, and optionally
/// `settings:`, a value that implements [`SettingsGuide`] for the settings of all of them, and `health:`, a
/// `fn() -> PluginResult<String>` that says whether the library can work at all.
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
        $crate::__export_part!(@ STORAGE, StorageTable, $factory);
    };
    (payment, $factory:expr) => {
        $crate::__export_part!(@ PAYMENT, PaymentTable, $factory);
    };
    (backup, $factory:expr) => {
        $crate::__export_part!(@ BACKUP, BackupTable, $factory);
    };
    (printer, $factory:expr) => {
        $crate::__export_part!(@ PRINTER, PrinterTable, $factory);
    };
    (events, $factory:expr) => {
        $crate::__export_part!(@ EVENTS, EventsTable, $factory);
    };
    (health, $health:expr) => {
        const HEALTH: fn() -> $crate::PluginResult<::std::string::String> = $health;
    };
    (settings, $guide:expr) => {
        const SETTINGS: $crate::__private::Factory =
            |_| ::std::result::Result::Ok($crate::__private::export::<_, $crate::__private::SettingsTable>($guide));
    };
    (@ $constant:ident, $table:ident, $factory:expr) => {
        const $constant: ::std::option::Option<$crate::__private::Factory> =
            ::std::option::Option::Some(|context: $crate::PluginContext| {
                $crate::__private::export_made::<_, $crate::__private::$table>(($factory)(context))
            });
    };
}
