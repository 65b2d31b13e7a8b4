//! The register's markup, compiled: what `ui/slint/app.slint` exports, and nothing of ours.

// Slint writes this code, not we: its names are documented in the markup, and its safety is Slint's own.
#![allow(missing_docs, unsafe_code, clippy::all, clippy::pedantic, clippy::restriction, unused)]

slint::include_modules!();
