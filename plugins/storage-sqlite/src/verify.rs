//! Proving a copy, or the data in use, with everything SQLite can check by itself.

use crate::catalog::Catalog;
use crate::connect;
use crate::contract::error::{ErrorCode, PluginError, PluginResult};
use crate::contract::host::Progress;
use crate::contract::storage::VerifyReport;
use crate::error::{from_io, from_sqlite};
use crate::place;
use crate::{migrate, seal, snapshot};
use rusqlite::Connection;
use std::fs::File;
use std::path::Path;

/// Problems listed at most; the first says enough.
const PROBLEMS_MAX: usize = 20;

/// Damage is a report that is not `ok`; a file that is not ours, or not there, is an error.
pub(crate) fn file(path: &Path, progress: &dyn Progress) -> PluginResult<VerifyReport> {
    let opened = File::open(path).map_err(|error| from_io(&error, path, "cannot open"))?;
    reported(place::length(path), |report| {
        place::header_of(&opened, path)?;
        let connection = connect::open_copy(path, false)?;
        let catalog = migrate::load(&connection, path)?;
        copy(&opened, path, &connection, &catalog, progress, report)
    })
}

/// The same of a copy that is open.
pub(crate) fn open_copy(
    opened: &File,
    path: &Path,
    connection: &Connection,
    catalog: &Catalog,
    progress: &dyn Progress,
) -> PluginResult<VerifyReport> {
    let bytes = opened.metadata().map_err(|error| from_io(&error, path, "cannot read"))?.len();
    reported(bytes, |report| copy(opened, path, connection, catalog, progress, report))
}

/// The same of data in use, its log included.
pub(crate) fn in_use(
    connection: &Connection,
    catalog: &Catalog,
    progress: &dyn Progress,
) -> PluginResult<VerifyReport> {
    let bytes = connect::bytes(connection).map_err(|error| from_sqlite(&error, "the data cannot be read"))?;
    reported(bytes, |report| content(connection, catalog, progress, report))
}

fn reported(bytes: u64, check: impl FnOnce(&mut VerifyReport) -> PluginResult<()>) -> PluginResult<VerifyReport> {
    let mut report = VerifyReport { bytes, ..Default::default() };
    match check(&mut report) {
        Err(error) if error.code == ErrorCode::Damaged => report.problems.push(error.message),
        Err(error) => return Err(error),
        Ok(()) => {}
    }
    report.ok = report.problems.is_empty();
    Ok(report)
}

fn copy(
    opened: &File,
    path: &Path,
    connection: &Connection,
    catalog: &Catalog,
    progress: &dyn Progress,
    report: &mut VerifyReport,
) -> PluginResult<()> {
    progress.report(0, 3, "reading the header");
    let header = place::header_of(opened, path)?;
    if let Err(fault) = seal::of(opened, &header) {
        report.problems.push(fault);
        return Ok(());
    }
    // What SQLite makes of changed bytes is told as well.
    let changed = seal::fault(opened, path, &header, progress)?;
    if let Some(company) = place::company(path) {
        report.problems.push(company);
        return Ok(());
    }
    let read = content(connection, catalog, progress, report);
    report.problems.splice(0..0, changed);
    read?;
    // What a full disk leaves behind can be a sound database with nothing in it.
    if report.problems.is_empty() && catalog.disk.major == 0 {
        report.problems.push("it holds no shop".to_owned());
    }
    Ok(())
}

fn content(
    connection: &Connection,
    catalog: &Catalog,
    progress: &dyn Progress,
    report: &mut VerifyReport,
) -> PluginResult<()> {
    progress.report(1, 3, "checking pages and indexes");
    integrity(connection, progress, report)?;
    if !report.problems.is_empty() {
        return Ok(());
    }
    progress.report(2, 3, "counting rows");
    let failed = |error| from_sqlite(&error, "the copy cannot be read");
    report.tables = snapshot::count(connection, catalog)?;
    report.position = connect::position(connection).map_err(failed)?;
    (report.schema_major, report.schema_minor) = (catalog.disk.major, catalog.disk.minor);
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
