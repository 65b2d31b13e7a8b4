//! Opens a register from its data folder: settings, plugins, stores, engine, threads, clock, ids.
//!
//! Owns: the data folder and its lock ([`folder`], [`lock`]), `aurapos.toml` ([`settings`]), which plugins a register
//! stands on ([`site`]), what plugins know and nobody may read ([`secrets`]), what a form shows of an instance ([`form`]), whether a database is the one that ran here last ([`identity`]), the engine's thread and its
//! workers ([`register`]), reading beside it ([`reader`]), setting up ([`setup`], [`joining`]) and on what ([`storage_offers`]), backups ([`backup`]) and what must be told of them ([`alarm`]), the log
//! ([`logs`]). Must not know: rules of trade (the engine's), how a plugin is loaded (the plugin host's), screens.
//!
//! For programs on top of it, the crates below are re-exported.

pub mod alarm;
pub mod backup;
mod devices;
mod error;
mod first_open;
pub mod folder;
pub mod form;
mod head_file;
pub mod identity;
pub mod ids;
pub mod joining;
pub mod lock;
pub mod logs;
pub mod looked;
mod os;
pub mod proof;
pub mod reader;
pub mod receipt;
pub mod register;
pub mod registers;
pub mod secrets;
pub mod services;
pub mod settings;
pub mod setup;
pub mod site;
pub mod standing;
pub mod storage_choice;
pub mod storage_offers;
mod traces;
pub mod zone;

pub use backup::{Backups, series_name};
pub use error::RuntimeError;
pub use folder::DataFolder;
pub use reader::Reader;
pub use register::{CallResult, Callback, Notice, Pending, Register, RegisterFacts};
pub use site::{OpenOptions, RefusedInstance, Site};

pub use aurapos_contract as contract;
pub use aurapos_domain as domain;
pub use aurapos_engine as engine;
pub use aurapos_locale as locale;
pub use aurapos_plugin_host as plugin_host;
pub use aurapos_sample as sample;
