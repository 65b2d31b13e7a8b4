//! The program `aurapos`: the runtime and the screens, put together.
//!
//! Owns: [`RuntimeHost`], which is the screens' [`Host`](aurapos_ui::host::Host) on the runtime, its threads and what they
//! answer. Must not know: widgets, rules of trade, SQL, how a plugin is loaded.

mod host;

pub use host::{CALLED_OFF, HostOptions, RuntimeHost};
