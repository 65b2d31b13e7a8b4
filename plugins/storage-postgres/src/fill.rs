//! Rows of a snapshot's file into tables that were made for them.

use crate::bookkeeping;
use crate::catalog::{self, within};
use crate::container::{Block, Counter, Head, Reader, damaged};
use crate::contract::error::{ErrorCode, PluginError, PluginResult};
use crate::contract::host::Progress;
use crate::contract::schema::Schema;
use crate::contract::storage::{TableCount, VerifyReport};
use crate::session::{Fault, Session};
use crate::snapshot::{COMMITS, columns_of};
use bytes::Bytes;
use futures_util::SinkExt;
use std::fs::File;
use std::path::Path;
use std::pin::pin;

const WHAT: &str = "the copy cannot be loaded";

/// Proves a file without any server: every block, and that the rows are as many as it says.
pub(crate) fn prove(opened: &File, file: &Path, progress: &dyn Progress) -> PluginResult<VerifyReport> {
    let bytes = opened.metadata().map_or(0, |file| file.len());
    let (mut reader, head) = Reader::new(opened, file)?;
    let schema = head.schema()?;
    let mut report = VerifyReport {
        bytes,
        position: head.position,
        schema_major: schema.major,
        schema_minor: schema.minor,
        ..Default::default()
    };
    for name in &head.tables {
        let rows = table(&mut reader, file, bytes, progress, &mut |_| Ok(()))?;
        if name != COMMITS {
            report.tables.push(TableCount { table: name.clone(), rows });
        }
    }
    end(&mut reader, file)?;
    report.ok = true;
    Ok(report)
}

fn end(reader: &mut Reader<'_>, file: &Path) -> PluginResult<()> {
    match reader.next()? {
        Block::End => Ok(()),
        _ => Err(damaged(file, "it has more tables than its head says")),
    }
}

/// Reads the rows of one table; answers how many they are.
fn table(
    reader: &mut Reader<'_>,
    file: &Path,
    total: u64,
    progress: &dyn Progress,
    take: &mut dyn FnMut(Vec<u8>) -> PluginResult<()>,
) -> PluginResult<u64> {
    let mut counter = Counter::default();
    loop {
        progress.report(reader.done.min(total), total, "reading the copy");
        if progress.cancelled() {
            return Err(PluginError::new(ErrorCode::Cancelled, "it was cancelled"));
        }
        match reader.next()? {
            Block::Rows(bytes) => {
                if !counter.pass(&bytes) {
                    return Err(damaged(file, "its rows cannot be read"));
                }
                take(bytes)?;
            }
            Block::TableEnd(rows) if counter.is_whole() && rows == counter.rows => return Ok(rows),
            _ => return Err(damaged(file, "a table ends where it should not")),
        }
    }
}

/// Makes the tables of a schema and fills them. Indexes come behind the rows, which is quicker.
pub(crate) fn fill(
    session: &mut Session,
    space: &str,
    opened: &File,
    file: &Path,
    progress: &dyn Progress,
) -> PluginResult<(Head, Schema)> {
    let told = |fault: Fault| fault.told(WHAT);
    let bytes = opened.metadata().map_or(0, |file| file.len());
    let (mut reader, head) = Reader::new(opened, file)?;
    let schema = head.schema()?;
    session.batch(&bookkeeping::tables(space)).map_err(told)?;
    session.batch(&bookkeeping::functions(space)).map_err(told)?;
    // What the order of a feed goes by on another server means nothing here: the positions do.
    let unset = format!("ALTER TABLE {} ALTER COLUMN \"xid\" SET DEFAULT 0", within(space, COMMITS));
    session.batch(&unset).map_err(told)?;
    for table in &schema.tables {
        session.batch(&catalog::create_table(space, table).join("; ")).map_err(told)?;
    }
    for name in &head.tables {
        let columns = columns_of(&schema, name).ok_or_else(|| damaged(file, "it has a table that its schema lacks"))?;
        let sql = format!("COPY {} ({columns}) FROM STDIN (FORMAT binary)", within(space, name));
        copy_in(session, &sql, &mut |take| table(&mut reader, file, bytes, progress, take))?;
    }
    end(&mut reader, file)?;
    for (_, statement) in schema.tables.iter().flat_map(|table| catalog::indexes(space, table)) {
        session.batch(&statement).map_err(told)?;
    }
    session
        .batch(&format!("ALTER TABLE {} ALTER COLUMN \"xid\" DROP DEFAULT", within(space, COMMITS)))
        .map_err(told)?;
    for statement in
        schema.tables.iter().flat_map(|table| catalog::keep_triggers(space, table)).flat_map(|(_, make)| make)
    {
        session.batch(&statement).map_err(told)?;
    }
    if head.position > 0 {
        let set = format!("SELECT setval('{}', {})", within(space, "_position"), head.position);
        session.scalar::<i64>(&set).map_err(told)?;
    }
    Ok((head, schema))
}

/// What gives the rows of one table, part by part.
type Give<'a> = dyn FnMut(&mut dyn FnMut(Vec<u8>) -> PluginResult<()>) -> PluginResult<u64> + 'a;

fn copy_in(session: &mut Session, sql: &str, give: &mut Give<'_>) -> PluginResult<()> {
    let told = |fault: Fault| fault.told(WHAT);
    let client = session.client.clone();
    let sink = session.wait(async { client.copy_in::<_, Bytes>(sql).await }).map_err(told)?;
    let mut sink = pin!(sink);
    // Dropped without its end, the sink tells the server that nothing of it counts.
    give(&mut |bytes| session.wait(async { sink.send(Bytes::from(bytes)).await }).map_err(told))?;
    session.wait(async { sink.as_mut().finish().await }).map_err(told).map(drop)
}
