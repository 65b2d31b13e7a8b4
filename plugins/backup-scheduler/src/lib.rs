//! Decides when a backup is made, names, keeps, copies, deletes and restores it.
//!
//! Owns: the backup folder and everything in it; the rules of when ([`schedule`]) and how long ([`retention`]), both pure.
//! Must not know: how a copy of the data is made or what a sound shop is. Those it asks of the host
//! ([`contract::BackupHost`]).

use aurapos_plugin_api::{contract, export_plugin};

pub mod failure;
pub mod files;
pub mod inspect;
pub mod lease;
pub mod manifest;
pub mod names;
pub mod os;
pub mod retention;
pub mod schedule;
pub mod shelf;

mod copy;
mod restore;
mod run;
mod scheduler;
mod settings;
mod step;

pub use scheduler::{Scheduler, scheduler};

export_plugin! {
    manifest: include_str!("../plugin.toml"),
    backup: scheduler,
}
