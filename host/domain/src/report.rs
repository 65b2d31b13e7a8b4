//! Reports: folds over committed sales, one sale at a time, so that a year fits into memory.
//!
//! They read what was committed and never change it. How a row is shown, `aurapos-locale` and the programs decide.

mod axis;
mod x;

pub use axis::{Axis, Report, ReportKey, ReportRow};
pub use x::XTotals;
