//! The window, driven without a display, on the real runtime and the real plugins. Each test has a shop of its own.

#![allow(clippy::unwrap_used)]

mod catalog;
mod money;
mod people;
mod sale;
mod settings;
mod start;
mod support;
