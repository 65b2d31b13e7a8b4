//! Plugins and programs of different versions of the API: what was built once keeps working, in both directions.
//!
//! | plugin built with | today's host | the grown host |
//! |---|---|---|
//! | today's API       | x            | x              |
//! | the grown API     | x            | x              |
//!
//! [`border`]: everything that crosses, the same for both hosts; [`today`] and [`grown`] say what is particular to each.
//! [`shop`]: the same table in a shop, by the programs: sells, and finds out about a payment that was interrupted.
//! The next major and a changed layout are refused: see `tests/tests/hostile/files.rs`.
#![allow(clippy::unwrap_used)]
// The border is looked at twice: with the types of each host.
#![allow(clippy::duplicate_mod)]

mod grown;
mod shop;
mod today;

use aurapos_compat::programs::Programs;
use aurapos_tests::plugins::example;
use std::path::Path;

/// The libraries, and the version of the API that each was built with.
const PLUGINS: [(&str, &str); 2] = [("compat_today", "1.0.0"), ("compat_grown", "1.1.0")];

fn grown_programs() -> Programs {
    let (admin, probe) = (env!("CARGO_BIN_EXE_aurapos-admin-grown"), env!("CARGO_BIN_EXE_aurapos-plugin-probe-grown"));
    Programs::grown(Path::new(admin), Path::new(probe))
}

/// The bytes of the terminal, built with today's API and with the grown one.
fn terminals() -> [Vec<u8>; 2] {
    PLUGINS.map(|(library, _)| example(library))
}
