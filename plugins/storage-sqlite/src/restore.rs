//! Putting a snapshot in the place of the data in use.
//!
//! Order: copy beside, sync, prove, then the swap. The old file gets its second name (a hard link) before the new one
//! takes its place by a rename, so that at no moment there is no database.

use crate::connect;
use crate::contract::Uuid;
use crate::contract::error::{ErrorCode, PluginError, PluginResult};
use crate::contract::host::Progress;
use crate::contract::storage::{RestoreReport, RestoreRequest, VerifyReport};
use crate::error::{from_io, from_sqlite};
use crate::place::{self, beside};
use crate::verify;
use rusqlite::{Connection, OpenFlags};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;

/// Bytes copied between two looks at the progress.
const CHUNK_BYTES: usize = 4 * 1024 * 1024;

pub(crate) fn restore(
    database: &Path,
    request: &RestoreRequest,
    fresh_epoch: Uuid,
    progress: &dyn Progress,
) -> PluginResult<RestoreReport> {
    let _hold = place::hold(database)?;
    place::sweep_parts(database);
    let previous = Path::new(&request.previous);
    if previous.exists() {
        return Err(PluginError::new(ErrorCode::Io, format!("{} is there already", previous.display())));
    }
    let part = beside(database, &format!("{}{fresh_epoch}", place::PART));
    let swapped = bring(Path::new(&request.source), &part, fresh_epoch, progress).and_then(|restored| {
        let kept = swap(database, previous, &part)?;
        let previous = if kept { request.previous.clone() } else { String::new() };
        Ok(RestoreReport { previous, restored })
    });
    if swapped.is_err() {
        // It is not in use; a rest of it changes nothing.
        let _ = fs::remove_file(&part);
    }
    swapped
}

/// Copies the snapshot beside the data and proves it there, byte for byte what will be used.
fn bring(source: &Path, part: &Path, fresh_epoch: Uuid, progress: &dyn Progress) -> PluginResult<VerifyReport> {
    for ending in ["-wal", "-journal"] {
        if place::length(&beside(source, ending)) > 0 {
            let message =
                format!("a file `{ending}` beside {} belongs to it: the copy is not complete", source.display());
            return Err(PluginError::new(ErrorCode::Damaged, message));
        }
    }
    place::header(source)?;
    copy(source, part, progress)?;
    let report = verify::verify(part, progress)?;
    if !report.ok {
        let message = format!("{} is damaged: {}", source.display(), report.problems.join("; "));
        return Err(PluginError::new(ErrorCode::Damaged, message).with_next("Choose another backup."));
    }
    begin_new_life(part, fresh_epoch).map_err(|error| from_sqlite(&error, "cannot prepare the restored data"))?;
    place::sync_file(part)?;
    Ok(report)
}

fn copy(source: &Path, part: &Path, progress: &dyn Progress) -> PluginResult<()> {
    let mut from = File::open(source).map_err(|error| from_io(&error, source, "cannot open"))?;
    let mut to = place::create_private(part)?;
    let total = place::length(source);
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut done = 0u64;
    loop {
        if progress.cancelled() {
            return Err(PluginError::new(ErrorCode::Cancelled, "the restore was cancelled"));
        }
        let count = from.read(&mut chunk).map_err(|error| from_io(&error, source, "cannot read"))?;
        if count == 0 {
            break;
        }
        to.write_all(&chunk[..count]).map_err(|error| from_io(&error, part, "cannot write"))?;
        done += count as u64;
        progress.report(done, total, "copying");
    }
    to.sync_all().map_err(|error| from_io(&error, part, "cannot sync"))
}

/// Cursors of the feed from after the snapshot must not be taken for cursors of this history.
fn begin_new_life(part: &Path, fresh_epoch: Uuid) -> rusqlite::Result<()> {
    let connection =
        Connection::open_with_flags(part, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.execute_batch("PRAGMA trusted_schema=OFF; PRAGMA synchronous=EXTRA;")?;
    connect::set_meta(&connection, "epoch", fresh_epoch.as_bytes())?;
    connection.flush_prepared_statement_cache();
    connection.close().map_err(|(_, error)| error)
}

/// Answers whether there was something to keep.
fn swap(database: &Path, previous: &Path, part: &Path) -> PluginResult<bool> {
    let (log, index) = (beside(database, "-wal"), beside(database, "-shm"));
    let kept_log = beside(previous, "-wal");
    if database.exists() {
        settle(database);
    }
    let failed = |error: std::io::Error| from_io(&error, database, "cannot swap");
    let kept = database.exists();
    if kept && fs::hard_link(database, previous).is_err() {
        // A file system without links; then there is a moment without a database, and the way back below.
        fs::rename(database, previous).map_err(failed)?;
    }
    // A log that could not be moved into its file (a damaged database) goes with it: beside the new one it would be
    // taken for the new one's.
    let had_log = place::length(&log) > 0;
    let swapped = (if had_log { fs::rename(&log, &kept_log) } else { remove(&log) })
        .and_then(|()| remove(&index))
        .and_then(|()| fs::rename(part, database));
    if let Err(error) = swapped {
        if had_log && kept_log.exists() {
            let _ = fs::rename(&kept_log, &log);
        }
        if kept && !database.exists() {
            let _ = fs::rename(previous, database);
        } else if kept {
            let _ = fs::remove_file(previous);
        }
        return Err(failed(error));
    }
    place::sync_folder_of(database)?;
    Ok(kept || had_log)
}

fn remove(file: &Path) -> std::io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Moves the log of the old data into its file, so that it is one file. If it cannot be (it is damaged), it stays two.
fn settle(database: &Path) {
    if place::look(database).is_ok_and(|there| there) {
        // The last connection to close does it.
        let _ = connect::open(database, connect::Use::Write, true).map(|connection| {
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map(|()| connection.close())
        });
    }
}
