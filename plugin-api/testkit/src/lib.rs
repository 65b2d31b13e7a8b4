//! What a plugin's author tests against: a reference store in memory, a host for tests, and the conformance suites.
//!
//! Owns: [`reference`] (the oracle: the storage contract in its plainest form), [`host`] (clock, ids, folder, log in the
//! tests' hands), [`conformance`] (every promise of the traits as a named case).
//! Must not know: any engine, host crate or plugin.

pub mod conformance;
pub mod host;
mod os;
pub mod reference;

pub use host::{TestBackupHost, TestHost, TestProgress};
pub use reference::{Fault, FileProvider, ReferenceProvider, ReferenceStore};
