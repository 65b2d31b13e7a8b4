//! The contract between the AuraPOS host and its plugins: the one description of every capability (a plain Rust trait and the
//! table of its methods), and the messages in which they travel, CBOR that can grow.
//!
//! Owns: what a capability promises ([`storage`], [`payment`], [`backup`], [`printer`], [`events`], [`host`]), the values
//! they exchange ([`value`], [`schema`], [`batch`], [`document`]), how those become bytes ([`codec`]) and how a call is carried
//! ([`call`]).
//! Must not know: any workspace crate, FFI, files, sockets, clocks or threads.
//!
//! A plugin author implements one of the traits; the host's engine uses the same traits. What lies between them (a shared
//! library, another process) is an adapter that neither side sees.

#[macro_use]
pub mod codec;
#[macro_use]
mod capability;
pub mod api;
pub mod backup;
pub mod batch;
pub mod call;
pub mod document;
pub mod error;
pub mod events;
pub mod host;
pub mod payment;
pub mod printer;
pub mod query;
pub mod schema;
pub mod settings;
pub mod storage;
pub mod transaction;
pub mod validate;
pub mod value;

pub use api::ApiVersion;
pub use backup::{BackupHost, BackupScheduler};
pub use batch::RowBatch;
pub use error::{ErrorCode, PluginError, PluginResult};
pub use events::EventSink;
pub use host::{HostServices, PluginContext, Progress, Settings};
pub use payment::PaymentProvider;
pub use printer::Printer;
pub use settings::SettingsGuide;
pub use storage::{RecordStore, StorageProvider};
pub use uuid::Uuid;
pub use value::{ColumnType, Timestamp, Value};

/// Version of this contract, as a plugin's manifest names it in `api = "^1"`.
pub const CONTRACT_VERSION: &str = env!("CARGO_PKG_VERSION");
