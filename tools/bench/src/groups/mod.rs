//! The groups of figures.

use crate::report::Figure;
use crate::{Bench, BenchResult};

mod abi;
mod commit;
mod growth;
mod lookup;
mod script;
mod window;

pub use abi::{load_bare, load_once};

/// A group.
pub type Group = fn(&Bench) -> BenchResult<Vec<Figure>>;

/// All groups, in the order in which they run.
pub const ALL: [(&str, Group); 6] = [
    ("abi", abi::run),
    ("commit", commit::run),
    ("script", script::run),
    ("lookup", lookup::run),
    ("growth", growth::run),
    ("window", window::run),
];
