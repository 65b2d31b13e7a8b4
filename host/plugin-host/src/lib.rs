//! Finds, checks, loads, calls and watches plugins.
//!
//! Owns: discovery and selection, the order of checks and their refusals ([`refusal`]), trust, the bytes that are loaded, the
//! trial in a child process, lanes with deadlines, panic accounting, sentinels and quarantine. Hands out plain traits of
//! the contract. Must not know: the engine, any plugin, what is sold.
//!
//! No code of a plugin runs before its file passed every check; none runs on a caller's thread; no library is unloaded.

mod answers;
mod calls;
mod check;
pub mod discover;
mod elf;
mod exchange;
mod files;
mod format;
mod host;
mod image;
mod lane;
mod lanes;
#[doc(hidden)]
pub mod library;
pub mod locks;
mod manage;
mod options;
mod os;
mod pe;
#[doc(hidden)]
pub mod probe;
pub mod refusal;
mod sentinel;
#[doc(hidden)]
pub mod services;
pub mod spin;
mod state;
mod watch;

pub use aurapos_plugin_api::manifest::Manifest;
pub use aurapos_plugin_api::os::sync_folder;
pub use discover::{Discovery, Found, Standing};
pub use host::PluginHost;
pub use manage::{Installed, PluginState, PluginStatus, pack_library};
pub use options::{Deadlines, Holding, Instance, PluginHostOptions, TARGET, Trust};
pub use os::give_memory_back;
pub use refusal::{Code, Refusal};
pub use state::Quarantined;

pub use aurapos_plugin_api::manifest;
