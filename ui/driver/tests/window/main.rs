//! The window, driven without a display, on the real runtime and the real plugins. Each test has a shop of its own.

#![allow(clippy::unwrap_used)]

mod audit;
mod catalog;
mod gate;
mod lock;
mod money;
mod people;
mod rights;
mod sale;
mod scans;
mod server;
mod settings;
mod setup;
mod several;
mod start;
mod support;
mod terminal;
mod trouble;
