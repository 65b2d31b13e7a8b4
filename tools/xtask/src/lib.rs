//! The library behind `cargo xtask`, so that tests and other tools can stage the programs the same way.
//!
//! Owns: the checks on this repository (`arrows`, `tidy`), the staging of plugins beside the programs (`stage`), the record of
//! the plugin API (`api`), PostgreSQL's tools (`postgres`),
//! and the commands that string them together. Must not import any crate of the product: it has to compile in
//! seconds, and it has to work while the product does not.

pub mod api;
pub mod arrows;
pub mod commands;
pub mod failure;
pub mod packages;
pub mod packed;
pub mod postgres;
pub mod process;
pub mod sheet;
pub mod source;
pub mod stage;
pub mod tidy;
pub mod windows;
pub mod workspace;
