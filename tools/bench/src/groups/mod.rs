//! The groups of figures.

use crate::report::Figure;
use crate::{Bench, BenchResult};

mod abi;
mod backup;
mod commit;
mod growth;
mod load;
mod lookup;
mod nothing;
#[cfg(unix)]
mod postgres;
mod script;
#[cfg(unix)]
mod shared;
mod window;

pub use load::load_once;
pub use shared::join_once;

/// The servers that are measured are begun on Unix only.
#[cfg(not(unix))]
mod postgres {
    pub fn run(_: &crate::Bench) -> crate::BenchResult<Vec<crate::report::Figure>> {
        Err("PostgreSQL is measured on Unix only".into())
    }
}

#[cfg(not(unix))]
mod shared {
    pub use super::postgres::run;

    pub fn join_once(_: &std::path::Path, _: &std::path::Path, _: u64) -> crate::BenchResult<()> {
        Err("PostgreSQL is measured on Unix only".into())
    }
}

/// A group.
pub type Group = fn(&Bench) -> BenchResult<Vec<Figure>>;

/// All groups, in the order in which they run.
pub const ALL: [(&str, Group); 10] = [
    ("abi", abi::run),
    ("load", load::run),
    ("commit", commit::run),
    ("script", script::run),
    ("lookup", lookup::run),
    ("growth", growth::run),
    ("backup", backup::run),
    ("postgres", postgres::run),
    ("shared", shared::run),
    ("window", window::run),
];
