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
use std::path::Path;

/// The libraries, and the version of the API that each was built with. `cargo xtask freeze-api` adds those of a release.
const PLUGINS: &[(&str, &str)] = &[
    // Today's and the next.
    (TODAY, "1.0.0"),
    (GROWN, "1.1.0"),
];
/// Built with today's API.
const TODAY: &str = "compat_today";
/// Built with the grown one.
const GROWN: &str = "compat_grown";

fn grown_programs() -> Programs {
    let (admin, probe) = (env!("CARGO_BIN_EXE_aurapos-admin-grown"), env!("CARGO_BIN_EXE_aurapos-plugin-probe-grown"));
    Programs::grown(Path::new(admin), Path::new(probe))
}
