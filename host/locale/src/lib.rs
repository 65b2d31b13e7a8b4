//! Receipts and messages as text in the languages of the shop: English, French, Dutch, German.
//!
//! Owns words and formats. Knows the domain's facts and the contract's `Document`; knows no window, no printer, no store.

#![forbid(unsafe_code)]
#![deny(clippy::float_arithmetic)]

pub mod errors;
pub mod format;
pub mod language;
pub mod messages;
pub mod names;
pub mod parse;
pub mod proof;
pub mod receipt;
pub mod words;

pub use language::Language;
pub use messages::Messages;
