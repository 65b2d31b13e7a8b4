//! The groups of figures.

use crate::report::Figure;
use crate::{Bench, BenchResult};

mod abi;
mod commit;
mod growth;
mod load;
mod lookup;
mod nothing;
mod postgres;
mod script;
mod window;

pub use load::load_once;

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
