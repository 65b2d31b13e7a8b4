//! Every promise of [`aurapos_contract::StorageProvider`] and [`aurapos_contract::RecordStore`].

use super::{Case, CaseResult, Report, run_cases};
use aurapos_contract::{Settings, StorageProvider};
use std::any::Any;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

mod concurrency;
mod copies;
mod feed;
mod migration;
pub mod model;
mod opening;
mod pruning;
mod reading;
pub mod shop;
mod writing;

/// Makes fresh places for a storage to be tested in.
pub trait StorageFixture: Sync {
    /// A provider and settings of data that does not exist yet.
    fn fresh(&self) -> Place;
}

/// Where one case works.
pub struct Place {
    /// The storage under test.
    pub provider: Arc<dyn StorageProvider>,
    /// Settings that name empty data.
    pub settings: Settings,
    /// A folder for copies, on the same disk as the data.
    pub folder: PathBuf,
    /// The file that holds the data, when there is one: cases that damage it are tried then.
    pub data_file: Option<PathBuf>,
    /// Kept until the case is over.
    pub keep: Box<dyn Any>,
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Place {
    /// A path for a copy.
    pub fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }
}

/// All cases, in order.
pub fn cases<'a>() -> Vec<Case<dyn StorageFixture + 'a>> {
    let mut all = Vec::new();
    for cases in [
        opening::CASES,
        migration::CASES,
        writing::CASES,
        reading::CASES,
        feed::CASES,
        pruning::CASES,
        copies::CASES,
        concurrency::CASES,
        model::CASES,
    ] {
        all.extend(cases.iter().map(|&(name, promise, run)| Case { name, promise, run }));
    }
    all
}

/// A row of a table of cases.
type Row = (&'static str, &'static str, fn(&dyn StorageFixture) -> super::Check);

/// Runs all cases.
pub fn run(fixture: &dyn StorageFixture) -> Report {
    run_some(fixture, &|_| true, &mut |_| {})
}

/// Runs the cases that `wanted` chooses, and tells each result as it comes.
pub fn run_some(
    fixture: &dyn StorageFixture,
    wanted: &dyn Fn(&str) -> bool,
    heard: &mut dyn FnMut(&CaseResult),
) -> Report {
    run_cases("storage", &cases(), fixture, wanted, heard)
}
