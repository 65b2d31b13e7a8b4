//! A consistent copy while the register sells.
//!
//! SQLite's backup copies pages; a read transaction held on the source for the whole copy keeps it on one commit, so that
//! writers neither wait for it nor make it begin again. The result is one plain file, without a log beside it and with a
//! [`seal`] at its end.

use crate::catalog::{Catalog, quoted};
use crate::connect;
use crate::contract::error::{ErrorCode, PluginError, PluginResult};
use crate::contract::host::Progress;
use crate::contract::storage::{SnapshotInfo, TableCount};
use crate::error::from_sqlite;
use crate::mark;
use crate::place::{self, beside};
use crate::seal;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// A copy reads every page once: what the connection would keep of them serves nobody. In KiB, with SQLite's sign.
const PAGES_KEPT: &str = "PRAGMA cache_size=-1024;";
/// Pages copied between two looks at the progress: 4 MiB.
const PAGES_A_STEP: i32 = 1024;

pub(crate) fn write(
    source: &Connection,
    catalog: &Catalog,
    dest: &Path,
    progress: &dyn Progress,
    closing: &AtomicBool,
) -> PluginResult<SnapshotInfo> {
    // Made here and not by SQLite: it must not exist, and is for its owner only.
    place::create_private(dest)?;
    let made = copy(source, catalog, dest, progress, closing);
    if made.is_err() {
        for ending in ["", "-journal", "-wal", "-shm"] {
            // Most of these do not exist.
            let _ = fs::remove_file(beside(dest, ending));
        }
    }
    made
}

fn copy(
    source: &Connection,
    catalog: &Catalog,
    dest: &Path,
    progress: &dyn Progress,
    closing: &AtomicBool,
) -> PluginResult<SnapshotInfo> {
    let failed = |error| from_sqlite(&error, "the copy failed");
    source.execute_batch(PAGES_KEPT).map_err(failed)?;
    let whole = source.unchecked_transaction().map_err(failed)?;
    let position = connect::position(source).map_err(failed)?;
    let epoch = connect::epoch(source).map_err(failed)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut target = Connection::open_with_flags(dest, flags).map_err(failed)?;
    // Half a copy is thrown away: no journal; and one sync at the end is enough.
    target
        .execute_batch("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE;")
        .map_err(failed)?;
    {
        let backup = Backup::new(source, &mut target).map_err(failed)?;
        loop {
            let stopped = closing.load(Ordering::Acquire);
            if stopped || progress.cancelled() {
                let code = if stopped { ErrorCode::Closed } else { ErrorCode::Cancelled };
                return Err(PluginError::new(code, "the copy was stopped"));
            }
            let step = backup.step(PAGES_A_STEP).map_err(failed)?;
            let pages = backup.progress();
            let done = (pages.pagecount - pages.remaining).unsigned_abs();
            progress.report(u64::from(done), u64::from(pages.pagecount.unsigned_abs()), "copying");
            match step {
                StepResult::Done => break,
                StepResult::More => {}
                _ => return Err(PluginError::new(ErrorCode::Busy, "the copy is held up by another program")),
            }
        }
    }
    let tables = count(source, catalog)?;
    drop(whole);
    // The header came with the pages and says "log beside me"; a copy has none.
    target.query_row("PRAGMA journal_mode=DELETE", [], |_| Ok(())).map_err(failed)?;
    // Nor is any log its own.
    mark::clear(&target).map_err(failed)?;
    target.flush_prepared_statement_cache();
    target.close().map_err(|(_, error)| failed(error))?;
    seal::put(dest, progress)?;
    place::sync_file(dest)?;
    place::sync_folder_of(dest)?;
    Ok(SnapshotInfo { bytes: place::length(dest), position, tables, epoch })
}

/// Rows per table.
pub(crate) fn count(connection: &Connection, catalog: &Catalog) -> PluginResult<Vec<TableCount>> {
    let count = |name: &str| {
        let ask = format!("SELECT count(*) FROM {}", quoted(name));
        let rows = connection.query_row(&ask, [], |row| row.get::<_, i64>(0));
        rows.map_err(|error| from_sqlite(&error, "the rows could not be counted"))
    };
    catalog
        .disk
        .tables
        .iter()
        .map(|table| Ok(TableCount { table: table.name.clone(), rows: count(&table.name)?.unsigned_abs() }))
        .collect()
}
