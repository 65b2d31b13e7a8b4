//! The register's screens: presenters, wiring, translations, fonts around the markup of `ui/slint`.
//!
//! Owns: everything between the engine's views and the pixels. May import engine, locale, domain, contract. Must not
//! know: the runtime, storage, plugins' loading; what it needs of them comes through [`host::Host`].

#![deny(unsafe_code)]

pub mod focus;
pub mod host;
mod mail;
pub mod models;
pub mod presenter;
mod run;
pub mod scan;
pub mod shell;
mod slint_log;
mod ui;
mod wiring;

pub use aurapos_ui_markup as markup;
pub use mail::Wake;
pub use run::{RunOptions, run};
pub use ui::Ui;
