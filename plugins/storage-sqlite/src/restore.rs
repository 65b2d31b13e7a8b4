//! Putting a snapshot in the place of the data in use, and back.
//!
//! Order: copy beside, sync, prove, then the swap. Copy, data and what is kept are in the data's own folder, wherever the
//! snapshot is: everything from there on is a rename. The old file gets its second name (a hard link) before the new one
//! takes its place, so that at no moment there is no database.

use crate::connect;
use crate::contract::Uuid;
use crate::contract::error::{ErrorCode, PluginError, PluginResult};
use crate::contract::host::Progress;
use crate::contract::storage::{RestoreReport, VerifyReport};
use crate::error::{damaged, from_io, from_sqlite};
use crate::mark;
use crate::place::{self, PREVIOUS, beside};
use crate::{seal, verify};
use rusqlite::{Connection, OpenFlags};
use std::fs::{self, File};
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};

/// What to do when a snapshot is damaged.
const ANOTHER: &str = "Choose another backup.";

/// `source` is a copy that is open; `name` is for words, and for what may lie beside it.
pub(crate) fn restore(
    database: &Path,
    source: &File,
    name: &Path,
    fresh_epoch: Uuid,
    progress: &dyn Progress,
) -> PluginResult<RestoreReport> {
    let _hold = place::hold(database)?;
    place::sweep_parts(database);
    let part = beside(database, &format!("{}{fresh_epoch}", place::PART));
    let (token, aside) = keep_aside(database, fresh_epoch);
    let swapped = bring(source, name, &part, fresh_epoch, progress)
        .and_then(|restored| Ok(told(swap(database, &aside, &part)?, token, &aside, restored)));
    if swapped.is_err() {
        // It is not in use; a rest of it changes nothing.
        let _ = fs::remove_file(&part);
    }
    swapped
}

/// Puts in use again what a restore kept aside, as it was.
pub(crate) fn put_back(
    database: &Path,
    previous: &str,
    fresh_id: Uuid,
    progress: &dyn Progress,
) -> PluginResult<RestoreReport> {
    let _hold = place::hold(database)?;
    place::sweep_parts(database);
    let named = previous.strip_prefix(PREVIOUS).is_some_and(|id| Uuid::try_parse(id).is_ok());
    let kept = beside(database, &format!(".{previous}"));
    if !named || !kept.exists() {
        return Err(PluginError::new(ErrorCode::NotFound, format!("nothing is kept as `{previous}`")));
    }
    // It may be damaged: then nothing more is said of it.
    let restored = verify::file(&kept, progress).unwrap_or_default();
    let (token, aside) = keep_aside(database, fresh_id);
    Ok(told(swap(database, &aside, &kept)?, token, &aside, restored))
}

fn keep_aside(database: &Path, id: Uuid) -> (String, PathBuf) {
    let token = format!("{PREVIOUS}{id}");
    let aside = beside(database, &format!(".{token}"));
    (token, aside)
}

fn told(kept: bool, token: String, aside: &Path, restored: VerifyReport) -> RestoreReport {
    let (previous, previous_location) = if kept { (token, aside.display().to_string()) } else { Default::default() };
    RestoreReport { previous, restored, previous_location }
}

/// Copies the snapshot beside the data and proves it there, byte for byte what will be used.
fn bring(
    source: &File,
    name: &Path,
    part: &Path,
    fresh_epoch: Uuid,
    progress: &dyn Progress,
) -> PluginResult<VerifyReport> {
    if let Some(company) = place::company(name) {
        return Err(PluginError::new(ErrorCode::Damaged, company));
    }
    place::header_of(source, name)?;
    copy(source, name, part, progress)?;
    let report = verify::file(part, progress)?;
    if !report.ok {
        let message = format!("{} is damaged: {}", name.display(), report.problems.join("; "));
        return Err(PluginError::new(ErrorCode::Damaged, message).with_next(ANOTHER));
    }
    begin_new_life(part, fresh_epoch).map_err(|error| from_sqlite(&error, "cannot prepare the restored data"))?;
    place::sync_file(part)?;
    Ok(report)
}

/// The database that the snapshot holds, without its seal, which must be right.
fn copy(mut from: &File, source: &Path, part: &Path, progress: &dyn Progress) -> PluginResult<()> {
    let header = place::header_of(from, source)?;
    let sealed = seal::of(from, &header).map_err(|fault| damaged(source, &fault).with_next(ANOTHER))?;
    from.rewind().map_err(|error| from_io(&error, source, "cannot read"))?;
    let mut to = place::create_private(part)?;
    let bytes = header.bytes - sealed.as_ref().map_or(0, |_| seal::BYTES);
    let found = seal::digest(&mut from, source, bytes, progress, |chunk| {
        to.write_all(chunk).map_err(|error| from_io(&error, part, "cannot write"))
    })?;
    if let Some(fault) = sealed.and_then(|sealed| seal::differs(&sealed, &found)) {
        return Err(damaged(source, &fault).with_next(ANOTHER));
    }
    to.sync_all().map_err(|error| from_io(&error, part, "cannot sync"))
}

/// Cursors of the feed from after the snapshot must not be taken for cursors of this history.
fn begin_new_life(part: &Path, fresh_epoch: Uuid) -> rusqlite::Result<()> {
    let connection =
        Connection::open_with_flags(part, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.execute_batch("PRAGMA trusted_schema=OFF; PRAGMA synchronous=EXTRA;")?;
    connect::set_meta(&connection, "epoch", fresh_epoch.as_bytes())?;
    mark::ensure(&connection)?;
    mark::renew(&connection)?;
    connection.flush_prepared_statement_cache();
    connection.close().map_err(|(_, error)| error)
}

/// Puts the file `part` (and a log of its own, when it was kept with one) in the place of the database, which becomes
/// `previous`. Answers whether there was something to keep.
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
    let part_log = beside(part, "-wal");
    let with_log = part_log.exists();
    let swapped = (if had_log { fs::rename(&log, &kept_log) } else { remove(&log) })
        .and_then(|()| remove(&index))
        // Before its file: killed in between, a log beside a file that is not its own is noticed; a file without its log
        // would not be.
        .and_then(|()| if with_log { fs::rename(&part_log, &log) } else { Ok(()) })
        .and_then(|()| fs::rename(part, database));
    if let Err(error) = swapped {
        if with_log && log.exists() {
            let _ = fs::rename(&log, &part_log);
        }
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

/// Moves the log of the old data into its file, so that it is one file. If it cannot be (it is damaged, or the log is not
/// its own), it stays two.
fn settle(database: &Path) {
    if place::look(database).is_ok_and(|there| there) && mark::look(database).is_ok() {
        // The last connection to close does it.
        let _ = connect::open(database, connect::Use::Write, true).map(|connection| {
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map(|()| connection.close())
        });
    }
}
