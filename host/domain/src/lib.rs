//! The rules of trade: money, tax, pricing, tickets, tenders, drawers, stock, the journal and receipts.
//!
//! This crate is pure. It reads no clock, makes no id, does no I/O, knows no database, no serialisation framework and
//! no floating point: times and ids are arguments, amounts are integers. Everything else in the house may rely on it.

#![forbid(unsafe_code)]
#![deny(clippy::float_arithmetic)]

pub mod barcode;
pub mod body;
pub mod calendar;
pub mod catalog;
pub mod country;
pub mod drawer;
pub mod ids;
pub mod journal;
pub mod money;
pub mod people;
pub mod pricing;
pub mod receipt;
pub mod sale;
pub mod stock;
pub mod tax;
pub mod tender;
pub mod ticket;
