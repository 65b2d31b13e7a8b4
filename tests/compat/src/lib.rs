//! What the tests of compatibility share: the folder of programs of a later version, the shops that programs of one version
//! keep, and the plugin of both.
//!
//! Owns nothing that a user runs. Sees plugins and programs from outside only; the borders are looked at by the tests.

pub mod programs;
pub mod shop;

/// The manifest of the terminal, the plugin of every version (`terminal.rs`).
pub const TERMINAL: &str = include_str!("../terminal.plugin.toml");
