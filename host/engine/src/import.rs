//! Imports a catalog: reads the CSV and plans off the engine's thread, applies in slices that can be repeated.
//!
//! [`Planner`] compares the file with the store by article number and yields [`ImportSlice`]s, each the size of one
//! transaction; the engine writes each with one journal entry
//! (`Command::ImportSlice`). A file that is imported again
//! changes nothing; one that was cut off in the middle goes on where it stopped, because what is in is unchanged.
//! One product that is edited at the screen goes the same way: the same rules for its fields, the same rows, one slice.
//! Must not know: files, threads, progress bars.

mod apply;
pub mod body;
mod cells;
mod code_page;
pub mod columns;
mod encoding;
mod entities;
mod foreign;
mod garbled;
mod plan;
mod preview;
mod product;
#[cfg(test)]
mod product_tests;
mod reason;
mod records;
mod row;
mod slice;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use apply::{opening_moves, run};
pub use encoding::TextEncoding;
pub use plan::{Planner, ROWS_MAX};
pub use preview::UnderstoodRow;
pub(crate) use product::save;
pub use product::{CategoryChoice, ProductDraft};
pub use reason::Reason;
pub use slice::{ImportSlice, SliceCounts, SliceReport};
pub use write::write_all;

use crate::error::{Code, EngineError};

/// Refused rows that are kept with their reasons; further ones are counted.
pub const REJECTED_MAX: usize = 1_000;

/// A row that did not go in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Line of the file, from 1.
    pub line: u64,
    /// Why, one sentence.
    pub reason: String,
}

/// What a file would do, or did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportReport {
    /// Rows read, the header not counted.
    pub rows: u64,
    /// New products.
    pub added: u64,
    /// Changed products.
    pub updated: u64,
    /// Products that are as the file says.
    pub unchanged: u64,
    /// New categories.
    pub categories: u64,
    /// Rows that did not go in.
    pub rejected_count: u64,
    /// The first [`REJECTED_MAX`] of them, in the order of the file.
    pub rejected: Vec<Rejected>,
    /// Headings that mean nothing here.
    pub ignored_columns: Vec<String>,
}

impl ImportReport {
    fn reject(&mut self, line: u64, reason: &Reason) {
        self.rejected_count += 1;
        if self.rejected.len() < REJECTED_MAX {
            // Rows are judged in two passes over each thousand; people read them by line.
            let place = self.rejected.partition_point(|rejected| rejected.line <= line);
            self.rejected.insert(place, Rejected { line, reason: reason.to_string() });
        }
    }
}

fn of_file(error: records::FileError) -> EngineError {
    let told = Code::ImportFile.error(format!("The file can't be imported: {error}."));
    match error {
        records::FileError::Foreign { name } => told.with_next(format!(
            "Save the list as CSV (UTF-8) and import it again. Or say what it is with --encoding {name} (or another, such \
             as windows-1252), look at the names with --dry-run, and import it."
        )),
        _ => told,
    }
}

fn of_header(error: columns::HeaderError) -> EngineError {
    Code::ImportFile.error(format!("The file can't be imported: {error}."))
}
