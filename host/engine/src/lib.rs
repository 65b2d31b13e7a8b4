//! The use cases of a register as a step function: a command or an answer goes in; state, events and effects come out.
//!
//! Owns: the record schema ([`schema`]) and its rows ([`rows`]), who edited them ([`edits`]), opening a register ([`boot`], [`setup`]), the journal's
//! writing ([`journal`]), selling ([`usecases`]), what screens and programs are shown ([`view`]), and around it the
//! catalog's import and export, people, settings, reads and the check of a store.
//! Must not know: threads, clocks, files, sockets, databases, plugins' loading, languages of receipts. Time, ids and
//! randomness come through [`env::Env`]; the store is a [`aurapos_contract::RecordStore`].

#![forbid(unsafe_code)]
#![deny(clippy::float_arithmetic)]

pub mod boot;
pub mod command;
pub mod edits;
pub mod effect;
pub mod engine;
pub mod env;
pub mod error;
pub mod event;
pub mod fold;
pub mod identity;
pub mod journal;
mod known;
pub mod local_time;
pub mod rows;
pub mod schema;
pub(crate) mod sessions;
pub mod setup;
mod spreadsheet;
pub mod state;
pub mod step;
pub mod sync;
pub mod usecases;
pub mod view;
pub mod went_back;
pub(crate) mod work;

pub mod agree;
pub mod apply;
pub mod check;
pub mod export;
pub mod import;
pub mod people;
pub mod queries;
pub mod rights;
pub mod settings;

#[cfg(test)]
mod newer_tests;
#[cfg(test)]
pub(crate) mod testing;

pub use command::{Command, CommandId, Reply, SessionId, TypedPin};
pub use effect::{Devices, Effect, EffectAnswer, EffectId, PaymentAction, PaymentInstance, PrintRequest};
pub use engine::Engine;
pub use env::Env;
pub use error::EngineError;
pub use event::Event;
pub use identity::{LastKnown, MachineIdentity};
pub use step::{Input, Step};
pub use usecases::{stored, tell};
