//! The feed of changes: `_commit.changes` lists, for each transaction, the keys of the replicated rows it touched; the values
//! are read when they are asked for.
//!
//! Several sessions commit at once, and a position that was given earlier may be seen later: a cursor over positions would
//! skip it. So the feed is ordered by PostgreSQL's own number of the transaction, and read only behind the oldest that is
//! still going on: what lies there is complete for ever.

use crate::catalog::{Catalog, list, quoted, types, within};
use crate::contract::error::{ErrorCode, PluginError};
use crate::contract::query::{ANSWER_ROWS_MAX, Change, ChangeBatch, ChangeKind};
use crate::contract::schema::{Column, Table};
use crate::contract::validate::ANSWER_BYTES_MAX;
use crate::contract::{Uuid, Value, codec, wire_struct};
use crate::convert::{self, Bound};
use crate::session::{Asked, Fault, Session};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio_postgres::types::{ToSql, Type};

/// Transactions read at once.
const COMMITS_AT_ONCE: i64 = 200;
/// How long a question waits for a transaction that keeps changes back, and how often it looks.
const PATIENCE: Duration = Duration::from_millis(40);
pub(crate) const TURN: Duration = Duration::from_millis(2);

wire_struct! {
    /// Keys of one table that one commit touched.
    pub struct Touched {
        /// The table's name.
        1 => table: String,
        /// Keys.
        2 => keys: Vec<Vec<Value>>,
    }
}

/// Where a reader is: everything up to this transaction and position was given.
///
/// The commit's own id tells whether it is still the same history: an administrator who puts an older copy of the files or a dump in
/// place brings the epoch back with it, and other commits soon have the same numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cursor {
    epoch: Uuid,
    xid: i64,
    position: i64,
    commit: Uuid,
}

impl Cursor {
    fn to_bytes(self) -> Vec<u8> {
        let (xid, position) = (self.xid.to_be_bytes(), self.position.to_be_bytes());
        [self.epoch.as_bytes().as_slice(), &xid, &position, self.commit.as_bytes()].concat()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (epoch, rest) = bytes.split_first_chunk::<16>()?;
        let (xid, rest) = rest.split_first_chunk::<8>()?;
        let (position, commit) = rest.split_first_chunk::<8>()?;
        let (xid, position) = (i64::from_be_bytes(*xid), i64::from_be_bytes(*position));
        let commit = Uuid::from_bytes(commit.try_into().ok()?);
        Some(Cursor { epoch: Uuid::from_bytes(*epoch), xid, position, commit })
    }
}

/// Before every transaction and position.
const BEFORE: i64 = -1;
/// What all transactions before are over with.
const FENCE: &str = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint";

/// Epoch and fence of a moment, and the cursor that was given, when it is one of this history.
fn now(session: &mut Session, space: &str, after: &[u8]) -> Asked<(i64, Cursor)> {
    let commits = within(space, "_commit");
    let sql = format!(
        "SELECT \"epoch\", {FENCE}, (SELECT \"id\" FROM {commits} WHERE \"position\" = $1 AND \"xid\" = $2) FROM {}",
        within(space, "_meta")
    );
    let given = match after {
        [] => None,
        bytes => Some(
            Cursor::read(bytes)
                .ok_or_else(|| PluginError::new(ErrorCode::BadQuery, "these bytes are no cursor of this feed"))?,
        ),
    };
    let (position, xid) = given.map_or((BEFORE, BEFORE), |cursor| (cursor.position, cursor.xid));
    let rows = session.query(&sql, &[Type::INT8, Type::INT8], &[&position, &xid])?;
    let Some(row) = rows.first() else {
        let nowhere = Cursor { epoch: Uuid::nil(), xid: BEFORE, position: BEFORE, commit: Uuid::nil() };
        return Ok((0, given.unwrap_or(nowhere)));
    };
    let id = |at| Ok::<_, Fault>(convert::value(row, at, &column(crate::contract::value::ColumnType::Uuid))?.as_uuid());
    let (epoch, there) = (id(0)?.unwrap_or_default(), id(2)?.unwrap_or_default());
    let fence = row.try_get(1).map_err(Fault::Postgres)?;
    match given {
        // What was given when there was nothing yet has no commit.
        Some(cursor) if cursor.epoch == epoch && cursor.commit == there => Ok((fence, cursor)),
        Some(_) => {
            Err(PluginError::new(ErrorCode::CursorTooOld, "the cursor belongs to another life of this data").into())
        }
        None => Ok((fence, Cursor { epoch, xid: BEFORE, position: BEFORE, commit: Uuid::nil() })),
    }
}

fn column(kind: crate::contract::value::ColumnType) -> Column {
    Column { kind, ..Default::default() }
}

/// What there is after a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum News {
    None,
    /// Only commits that an older transaction, still going on, keeps from being told.
    Behind,
    Ready,
}

pub(crate) fn news(session: &mut Session, catalog: &Catalog, after: &[u8]) -> Asked<News> {
    let (fence, after) = now(session, &catalog.space, after)?;
    if exists(session, &catalog.space, after, fence, "<")? {
        return Ok(News::Ready);
    }
    Ok(if exists(session, &catalog.space, after, fence, ">=")? { News::Behind } else { News::None })
}

/// Whether there are changes on one side of the fence.
fn exists(session: &mut Session, space: &str, after: Cursor, fence: i64, side: &str) -> Asked<bool> {
    let sql = format!(
        "SELECT EXISTS (SELECT FROM {} WHERE \"changes\" IS NOT NULL AND (\"xid\", \"position\") > ($1, $2) AND \"xid\" {side} $3)",
        within(space, "_commit")
    );
    let rows = session.query(&sql, &[Type::INT8, Type::INT8, Type::INT8], &[&after.xid, &after.position, &fence])?;
    rows.first().map_or(Ok(false), |row| row.try_get(0).map_err(Fault::Postgres))
}

/// A commit whose keys are to be told.
struct Told {
    transaction: Uuid,
    position: i64,
    xid: i64,
    touched: Vec<Touched>,
}

/// Changes behind the fence. When there are none but some before it, this waits a moment: mostly the transaction that
/// keeps them back is over at once, and whoever committed finds what he wrote.
pub(crate) fn changes(session: &mut Session, catalog: &Catalog, after: &[u8], max: u32) -> Asked<ChangeBatch> {
    let until = Instant::now() + PATIENCE;
    loop {
        let (mut batch, fence, reached) = behind(session, catalog, after, max)?;
        let held_back = !batch.more && exists(session, &catalog.space, reached, fence, ">=")?;
        if held_back && batch.changes.is_empty() && Instant::now() < until {
            std::thread::sleep(TURN);
            continue;
        }
        batch.more |= held_back && !batch.changes.is_empty();
        return Ok(batch);
    }
}

fn behind(session: &mut Session, catalog: &Catalog, after: &[u8], max: u32) -> Asked<(ChangeBatch, i64, Cursor)> {
    let (fence, mut after) = now(session, &catalog.space, after)?;
    let max = if max == 0 { ANSWER_ROWS_MAX } else { max.min(ANSWER_ROWS_MAX) } as usize;
    let mut batch = ChangeBatch::default();
    let mut bytes = 0;
    loop {
        let (mut told, more) = next(session, catalog, after, fence)?;
        // As many of them as fit; one always does.
        let mut count = batch.changes.len();
        let fits = told.iter().take_while(|one| {
            let before = count;
            count += one.touched.iter().map(|touched| touched.keys.len()).sum::<usize>();
            before == 0 || count <= max
        });
        let fits = fits.count();
        let cut = fits < told.len();
        told.truncate(fits);
        if let Some(last) = told.last() {
            after = Cursor { xid: last.xid, position: last.position, commit: last.transaction, ..after };
        }
        bytes += add(session, catalog, told, &mut batch)?;
        batch.more = cut || more;
        if cut || !more || batch.changes.len() >= max || bytes >= ANSWER_BYTES_MAX {
            break;
        }
    }
    batch.next = after.to_bytes();
    Ok((batch, fence, after))
}

/// The next commits behind the fence; whether there are more.
fn next(session: &mut Session, catalog: &Catalog, after: Cursor, fence: i64) -> Asked<(Vec<Told>, bool)> {
    let sql = format!(
        "SELECT \"id\", \"position\", \"xid\", \"changes\" FROM {} WHERE \"changes\" IS NOT NULL \
         AND (\"xid\", \"position\") > ($1, $2) AND \"xid\" < $3 ORDER BY \"xid\", \"position\" LIMIT $4",
        within(&catalog.space, "_commit")
    );
    let kinds = [Type::INT8, Type::INT8, Type::INT8, Type::INT8];
    let rows = session.query(&sql, &kinds, &[&after.xid, &after.position, &fence, &COMMITS_AT_ONCE])?;
    let mut told = Vec::with_capacity(rows.len());
    for row in &rows {
        let id = convert::value(row, 0, &column(crate::contract::value::ColumnType::Uuid))?;
        let changes: &[u8] = row.try_get(3).map_err(Fault::Postgres)?;
        told.push(Told {
            transaction: id.as_uuid().unwrap_or_default(),
            position: row.try_get(1).map_err(Fault::Postgres)?,
            xid: row.try_get(2).map_err(Fault::Postgres)?,
            touched: codec::decode(changes).map_err(PluginError::from)?,
        });
    }
    let more = told.len() as i64 == COMMITS_AT_ONCE;
    Ok((told, more))
}

/// Adds the rows of transactions, each once a transaction, as they are now; answers their size.
fn add(session: &mut Session, catalog: &Catalog, told: Vec<Told>, batch: &mut ChangeBatch) -> Asked<usize> {
    let mut wanted: HashMap<String, Vec<Vec<Value>>> = HashMap::new();
    for touched in told.iter().flat_map(|one| &one.touched) {
        wanted.entry(touched.table.clone()).or_default().extend(touched.keys.iter().cloned());
    }
    let mut rows: HashMap<(String, Vec<Value>), Vec<Value>> = HashMap::new();
    for (name, keys) in wanted {
        // What a newer program added is nothing that this one knows.
        let Some(table) = table_of(catalog, &name) else { continue };
        for (key, row) in rows_at(session, &catalog.space, table, &keys)? {
            rows.insert((name.clone(), key), row);
        }
    }
    let mut bytes = 0;
    for one in told {
        let mut seen = std::collections::HashSet::new();
        for Touched { table: name, keys } in one.touched {
            let Some(table) = table_of(catalog, &name) else { continue };
            for key in keys {
                if !seen.insert((name.clone(), key.clone())) {
                    continue;
                }
                let found = rows.get(&(name.clone(), key.clone()));
                let (kind, columns, row) = match found {
                    // A fact that is gone was pruned here, and nobody else is told.
                    None if table.append_only => continue,
                    Some(row) => {
                        (ChangeKind::Put, table.columns.iter().map(|column| column.name.clone()).collect(), row.clone())
                    }
                    None => (ChangeKind::Deleted, table.key.clone(), key),
                };
                bytes += row.iter().map(Value::size).sum::<usize>();
                let (position, transaction) = (one.position.unsigned_abs(), one.transaction);
                batch.changes.push(Change { kind, table: name.clone(), columns, row, position, transaction });
            }
        }
    }
    Ok(bytes)
}

fn table_of<'a>(catalog: &'a Catalog, name: &str) -> Option<&'a Table> {
    catalog.active.table(name).or_else(|| catalog.disk.table(name))
}

/// The rows with these keys, by key.
fn rows_at(
    session: &mut Session,
    space: &str,
    table: &Table,
    keys: &[Vec<Value>],
) -> Asked<Vec<(Vec<Value>, Vec<Value>)>> {
    let columns: Vec<&Column> = table.columns.iter().collect();
    let key: Vec<&Column> = table.key.iter().filter_map(|name| table.column(name)).collect();
    let marks: Vec<String> = (1..=key.len()).map(|at| format!("${at}")).collect();
    let names = list(table.key.iter().map(String::as_str));
    let same: Vec<String> = table.key.iter().map(|name| format!("t.{0} = k.{0}", quoted(name))).collect();
    let all: Vec<String> = columns.iter().map(|column| format!("t.{}", quoted(&column.name))).collect();
    let sql = format!(
        "SELECT {} FROM unnest({}) AS k ({names}) JOIN {} AS t ON {}",
        all.join(", "),
        marks.join(", "),
        within(space, &table.name),
        same.join(" AND ")
    );
    let kinds: Vec<Type> = key.iter().map(|column| types(column.kind).1).collect();
    let mut found = Vec::new();
    let places: Vec<usize> =
        table.key.iter().filter_map(|name| columns.iter().position(|column| column.name == *name)).collect();
    for keys in keys.chunks(ANSWER_ROWS_MAX as usize) {
        let arrays: Vec<Vec<Bound<'_>>> =
            (0..key.len()).map(|at| keys.iter().map(|key| Bound(&key[at])).collect()).collect();
        let parameters: Vec<&(dyn ToSql + Sync)> = arrays.iter().map(|array| array as _).collect();
        for row in &session.query(&sql, &kinds, &parameters)? {
            let row = convert::values(row, 0, &columns)?;
            found.push((places.iter().map(|&at| row[at].clone()).collect(), row));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::query::CURSOR_BYTES_MAX;

    #[test]
    fn a_cursor_is_short_and_comes_back() {
        let cursor = Cursor { epoch: Uuid::max(), xid: i64::MAX, position: 7, commit: Uuid::from_u128(9) };
        let bytes = cursor.to_bytes();
        assert!(bytes.len() <= CURSOR_BYTES_MAX);
        assert_eq!(Cursor::read(&bytes), Some(cursor));
        for wrong in [&bytes[1..], &[], &[0; 64][..]] {
            assert_eq!(Cursor::read(wrong), None);
        }
    }
}
