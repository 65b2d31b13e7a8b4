//! The groups of figures.

use crate::report::Figure;
use crate::{Bench, BenchResult};

mod abi;
mod commit;
mod growth;
mod load;
mod lookup;
mod nothing;
#[cfg(unix)]
mod postgres;
mod script;
mod window;

pub use load::load_once;

/// The servers that are measured are begun on Unix only.
#[cfg(not(unix))]
mod postgres {
    pub fn run(_: &crate::Bench) -> crate::BenchResult<Vec<crate::report::Figure>> {
        Err("PostgreSQL is measured on Unix only".into())
    }
}

/// A group.
pub type Group = fn(&Bench) -> BenchResult<Vec<Figure>>;

/// All groups, in the order in which they run.
pub const ALL: [(&str, Group); 8] = [
    ("abi", abi::run),
    ("load", load::run),
    ("commit", commit::run),
    ("script", script::run),
    ("lookup", lookup::run),
    ("growth", growth::run),
    ("postgres", postgres::run),
    ("window", window::run),
];
