//! Proving a copy with everything SQLite can check by itself.

use crate::connect;
use crate::contract::error::{ErrorCode, PluginError, PluginResult};
use crate::contract::host::Progress;
use crate::contract::storage::VerifyReport;
use crate::error::from_sqlite;
use crate::place::{self, beside};
use crate::{migrate, snapshot};
use rusqlite::Connection;
use std::path::Path;

/// Problems listed at most; the first says enough.
const PROBLEMS_MAX: usize = 20;

/// Damage is a report that is not `ok`; a file that is not ours, or not there, is an error.
pub(crate) fn verify(file: &Path, progress: &dyn Progress) -> PluginResult<VerifyReport> {
    progress.report(0, 3, "reading the header");
    let mut report = VerifyReport { bytes: place::length(file), ..Default::default() };
    let checked = check(file, progress, &mut report);
    match checked {
        Err(error) if error.code == ErrorCode::Damaged => report.problems.push(error.message),
        Err(error) => return Err(error),
        Ok(()) => {}
    }
    report.ok = report.problems.is_empty();
    Ok(report)
}

fn check(file: &Path, progress: &dyn Progress, report: &mut VerifyReport) -> PluginResult<()> {
    let header = place::header(file)?;
    if header.bytes != header.pages * header.page_bytes {
        let expected = header.pages * header.page_bytes;
        report.problems.push(format!("the file has {} bytes, its header says {expected}", header.bytes));
        return Ok(());
    }
    for ending in ["-wal", "-journal"] {
        if place::length(&beside(file, ending)) > 0 {
            report.problems.push(format!("a file `{ending}` beside it belongs to it: the copy is not complete"));
            return Ok(());
        }
    }
    let connection = connect::open_copy(file, false)?;
    let catalog = migrate::load(&connection, file)?;
    progress.report(1, 3, "checking pages and indexes");
    integrity(&connection, progress, report)?;
    if !report.problems.is_empty() {
        return Ok(());
    }
    progress.report(2, 3, "counting rows");
    let failed = |error| from_sqlite(&error, "the copy cannot be read");
    report.tables = snapshot::count(&connection, &catalog)?;
    report.position = connect::position(&connection).map_err(failed)?;
    (report.schema_major, report.schema_minor) = (catalog.disk.major, catalog.disk.minor);
    // What a full disk leaves behind can be a sound database with nothing in it.
    if catalog.disk.major == 0 {
        report.problems.push("it holds no shop".to_owned());
    }
    progress.report(3, 3, "checked");
    Ok(())
}

/// Pages, indexes, full-text indexes, types, foreign keys.
fn integrity(connection: &Connection, progress: &dyn Progress, report: &mut VerifyReport) -> PluginResult<()> {
    let failed = |error: rusqlite::Error| {
        let mut answer = from_sqlite(&error, "the copy cannot be read");
        // Behind a header that is ours, whatever cannot be read is damage.
        if matches!(answer.code, ErrorCode::NotAStore | ErrorCode::Internal) {
            answer.code = ErrorCode::Damaged;
        }
        answer
    };
    let lines = |ask: &str| -> rusqlite::Result<Vec<String>> {
        let mut statement = connection.prepare(ask)?;
        let mut rows = statement.query([])?;
        let mut lines = Vec::new();
        while let Some(row) = rows.next()? {
            lines.push(row.get::<_, String>(0)?);
            if progress.cancelled() {
                return Err(rusqlite::Error::SqliteFailure(
                    rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_INTERRUPT),
                    None,
                ));
            }
        }
        Ok(lines)
    };
    if progress.cancelled() {
        return Err(PluginError::new(ErrorCode::Cancelled, "the check was cancelled"));
    }
    let found = lines(&format!("PRAGMA integrity_check({PROBLEMS_MAX})")).map_err(failed)?;
    report.problems.extend(found.into_iter().filter(|line| line != "ok"));
    if report.problems.is_empty() {
        let broken = lines("PRAGMA foreign_key_check").map_err(failed)?;
        report
            .problems
            .extend(broken.into_iter().take(PROBLEMS_MAX).map(|table| format!("a broken reference in `{table}`")));
    }
    Ok(())
}
