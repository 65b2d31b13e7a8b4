//! The register's markup, compiled.
#![allow(missing_docs, clippy::all)]
slint::include_modules!();
