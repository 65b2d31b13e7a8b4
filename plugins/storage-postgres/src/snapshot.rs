//! A consistent copy into one file while registers sell.
//!
//! Commits share a lock; the snapshot has it alone for the moment in which its transaction begins. So every commit with a
//! position up to its own is in it, and none after. From then on the server keeps that state for it, and nobody waits.

use crate::catalog::{Catalog, list, within};
use crate::container::{BLOCK_BYTES, Counter, Head, Writer, from_io};
use crate::contract::codec;
use crate::contract::error::{ErrorCode, PluginError, PluginResult};
use crate::contract::host::Progress;
use crate::contract::schema::Schema;
use crate::contract::storage::{SnapshotInfo, TableCount};
use crate::locks::{Whole, whole};
use crate::migrate;
use crate::session::{Asked, Fault, Session};
use futures_util::StreamExt;
use std::fs::{self, File};
use std::path::Path;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio_postgres::types::Type;

/// File ending of a snapshot.
pub(crate) const EXTENSION: &str = "pgcopy";
/// The bookkeeping's table that is in a snapshot, and its columns there.
pub(crate) const COMMITS: &str = "_commit";
pub(crate) const COMMIT_COLUMNS: [&str; 5] = ["position", "id", "hash", "time", "changes"];

/// Highest position, and the size of everything.
pub(crate) fn position_and_size(session: &mut Session, space: &str) -> Asked<(u64, u64)> {
    let position: i64 =
        session.scalar(&format!("SELECT coalesce(max(\"position\"), 0) FROM {}", within(space, COMMITS)))?;
    const SIZE: &str = "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c \
        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind = 'r'";
    let rows = session.query(SIZE, &[Type::NAME], &[&space])?;
    let bytes: i64 = rows.first().map_or(Ok(0), |row| row.try_get(0)).map_err(Fault::Postgres)?;
    Ok((position.unsigned_abs(), bytes.unsigned_abs()))
}

/// The columns of a table in a snapshot.
pub(crate) fn columns_of(schema: &Schema, table: &str) -> Option<String> {
    if table == COMMITS {
        return Some(list(COMMIT_COLUMNS));
    }
    schema.table(table).map(|table| list(table.columns.iter().map(|column| column.name.as_str())))
}

pub(crate) fn write(
    session: &mut Session,
    catalog: &Catalog,
    dest: &Path,
    progress: &dyn Progress,
    closing: &AtomicBool,
) -> PluginResult<SnapshotInfo> {
    let out = create_private(dest)?;
    let made = copy(session, catalog, out, dest, progress, closing);
    if made.is_err() {
        // Half a copy is of no use; the error that matters is the first one.
        let _ = fs::remove_file(dest);
    }
    made
}

fn create_private(dest: &Path) -> PluginResult<File> {
    crate::os::create_private(dest).map_err(|error| from_io(&error, dest, "cannot create"))
}

fn stopped(progress: &dyn Progress, closing: &AtomicBool) -> PluginResult<()> {
    if closing.load(Ordering::Acquire) {
        return Err(PluginError::new(ErrorCode::Closed, "the copy was stopped"));
    }
    if progress.cancelled() {
        return Err(PluginError::new(ErrorCode::Cancelled, "the copy was stopped"));
    }
    Ok(())
}

const WHAT: &str = "the copy failed";

fn copy(
    session: &mut Session,
    catalog: &Catalog,
    out: File,
    dest: &Path,
    progress: &dyn Progress,
    closing: &AtomicBool,
) -> PluginResult<SnapshotInfo> {
    let told = |fault: Fault| fault.told(WHAT);
    let space = catalog.space.as_str();
    let (head, schema, bytes_about) = begin(session, space).map_err(told)?;
    let mut writer = Writer::new(out, dest, &head)?;
    let (mut tables, mut done) = (Vec::new(), 0);
    for name in &head.tables {
        let columns = columns_of(&schema, name).unwrap_or_default();
        let sql = format!("COPY (SELECT {columns} FROM {}) TO STDOUT (FORMAT binary)", within(space, name));
        let mut report = |bytes: usize| {
            done += bytes as u64;
            progress.report(done.min(bytes_about), bytes_about, "copying");
            stopped(progress, closing)
        };
        report(0)?;
        let rows = copy_table(session, &sql, &mut writer, &mut report)?;
        writer.end_table(rows)?;
        if name != COMMITS {
            tables.push(TableCount { table: name.clone(), rows });
        }
    }
    session.batch("COMMIT").map_err(told)?;
    let bytes = writer.end()?;
    crate::os::sync_folder_of(dest).map_err(|error| from_io(&error, dest, "cannot sync the folder of"))?;
    Ok(SnapshotInfo { bytes, position: head.position, tables, epoch: head.epoch })
}

/// Begins the transaction that sees one state for as long as it is open.
fn begin(session: &mut Session, space: &str) -> Asked<(Head, Schema, u64)> {
    let gate = whole(space, Whole::Gate);
    session.query("SELECT pg_advisory_lock($1)", &[Type::INT8], &[&gate])?;
    let state = (|| {
        session.batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
        position_and_size(session, space)
    })();
    session.query("SELECT pg_advisory_unlock($1)", &[Type::INT8], &[&gate])?;
    let (position, bytes) = state?;
    let meta = migrate::meta(session, space)?
        .ok_or_else(|| PluginError::new(ErrorCode::NotAStore, "there is no data to copy yet"))?;
    let names = meta.disk.tables.iter().map(|table| table.name.clone()).chain([COMMITS.to_owned()]);
    let tables: Vec<String> = names.collect();
    // Nobody changes a table before it was copied.
    let all: Vec<String> = tables.iter().map(|name| within(space, name)).collect();
    session.batch(&format!("LOCK TABLE {} IN ACCESS SHARE MODE", all.join(", ")))?;
    let server: String = session.scalar("SELECT current_setting('server_version')")?;
    let head = Head { epoch: meta.epoch, position, schema: codec::encode(&meta.disk), server, tables };
    Ok((head, meta.disk, bytes))
}

fn copy_table(
    session: &mut Session,
    sql: &str,
    writer: &mut Writer<'_>,
    report: &mut dyn FnMut(usize) -> PluginResult<()>,
) -> PluginResult<u64> {
    let mut counter = Counter::default();
    let mut block: Vec<u8> = Vec::with_capacity(2 * BLOCK_BYTES);
    let client = session.client.clone();
    let stream = session.wait(async { client.copy_out(sql).await }).map_err(|fault| fault.told(WHAT))?;
    let mut stream = pin!(stream);
    loop {
        let part = session.wait(async { stream.next().await.transpose() }).map_err(|fault| fault.told(WHAT))?;
        if let Some(part) = &part {
            block.extend_from_slice(part);
        }
        if part.is_none() || block.len() >= BLOCK_BYTES {
            if !counter.pass(&block) {
                return Err(PluginError::new(ErrorCode::Internal, "the server's copy cannot be read"));
            }
            writer.rows(&block)?;
            report(block.len())?;
            block.clear();
        }
        if part.is_none() {
            break;
        }
    }
    if !counter.is_whole() {
        return Err(PluginError::new(ErrorCode::Internal, "the server's copy ended too early"));
    }
    Ok(counter.rows)
}
