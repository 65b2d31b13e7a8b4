//! The program `aurapos`: the runtime and the screens, put together.
//!
//! Owns: [`RuntimeHost`], which is the screens' [`Host`](aurapos_ui::host::Host) on the runtime, its threads and what they
//! answer; the command line ([`args`]); one window a data folder ([`instance`]); the [`sample`] shop. Must not know:
//! widgets, rules of trade, SQL, how a plugin is loaded.

#![deny(unsafe_code)]

pub mod args;
mod host;
pub mod instance;
mod os;
pub mod program;
pub mod sample;

pub use host::{HostOptions, RuntimeHost};
