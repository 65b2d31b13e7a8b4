//! Exports as CSV: products, sales, the journal, stock. Page after page: constant memory over any shop.
//!
//! Products come out in the form that [`crate::import`] reads, so that an exported file imported again changes nothing.
//! No cell of somebody's text is run by a spreadsheet that opens the file ([`crate::spreadsheet`]). Amounts are decimals with a dot, times RFC 3339 with the shop's offset. Must not know: files (a writer is given).

mod facts;
mod products;
#[cfg(test)]
mod tests;

pub use facts::{export_journal, export_sales, export_stock};
pub use products::export_products;

use std::io::Write;

use aurapos_domain::calendar::Timestamp;

use crate::error::{Code, EngineError, EngineResult};
use crate::spreadsheet::to_cell;

/// Which part of the journal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Times {
    /// At or after this time.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub to: Option<Timestamp>,
}

fn writer<W: Write>(out: W, headings: &[&str]) -> EngineResult<csv::Writer<W>> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(headings).map_err(|error| of_csv(&error))?;
    Ok(writer)
}

/// A small table as CSV: what lies in memory anyway. No cell is run by a spreadsheet.
pub fn csv_text(headings: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Into memory: nothing fails.
    let _ = writer.write_record(headings);
    for row in rows {
        let _ = writer.write_record(row.iter().map(|cell| to_cell(cell).into_owned()));
    }
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

fn of_csv(error: &csv::Error) -> EngineError {
    Code::ExportFailed.error(format!("The export could not be written: {error}."))
}

fn finish<W: Write>(mut writer: csv::Writer<W>) -> EngineResult<()> {
    writer.flush().map_err(|error| Code::ExportFailed.error(format!("The export could not be written: {error}.")))
}

/// `2026-11-22T14:05:09+01:00`.
fn rfc3339(time: Timestamp, offset_s: i32) -> String {
    let local = time.local(offset_s);
    let (sign, away) = if offset_s < 0 { ('-', -offset_s) } else { ('+', offset_s) };
    let (hour, minute, second) = (local.hour, local.minute, local.second);
    format!("{}T{hour:02}:{minute:02}:{second:02}{sign}{:02}:{:02}", local.date, away / 3600, away / 60 % 60)
}
