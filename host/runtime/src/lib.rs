//! Opens a register from its data folder: settings, plugins, stores, engine, threads, clock, ids.

pub mod folder;
pub mod lock;
pub mod logs;
pub mod settings;
pub mod zone;
