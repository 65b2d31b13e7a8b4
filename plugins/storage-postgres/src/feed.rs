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
use crate::pipeline::{self, Step};
use crate::session::{Asked, Fault, Session};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio_postgres::types::{ToSql, Type};

/// Transactions read at once.
const COMMITS_AT_ONCE: i64 = 200;
/// About so many bytes lists a key at least: what cannot fit into an answer is not read, or a feed of large commits would
/// be read fifty times over.
const KEY_BYTES: i64 = 16;
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

/// What is there of a feed, of one moment.
struct Now {
    /// Where the reader is, of the life that the data has.
    after: Cursor,
    fence: i64,
    /// Whether there are changes behind the fence, and whether some wait before it.
    ready: bool,
    held: bool,
}

/// In one question: twenty registers ask it with every sale.
fn now(session: &mut Session, space: &str, after: &[u8]) -> Asked<Now> {
    let known = match after {
        [] => None,
        bytes => Some(
            Cursor::read(bytes)
                .ok_or_else(|| PluginError::new(ErrorCode::BadQuery, "these bytes are no cursor of this feed"))?,
        ),
    };
    let (xid, position) = known.map_or((BEFORE, BEFORE), |cursor| (cursor.xid, cursor.position));
    let commits = within(space, "_commit");
    let some = |side: &str| {
        format!(
            "EXISTS (SELECT FROM {commits} WHERE \"changes\" IS NOT NULL AND (\"xid\", \"position\") > ($1, $2) \
             AND \"xid\" {side} {FENCE})"
        )
    };
    let sql = format!(
        "SELECT \"epoch\", {FENCE}, (SELECT \"id\" FROM {commits} WHERE \"xid\" = $1 AND \"position\" = $2), {}, {} FROM {}",
        some("<"),
        some(">="),
        within(space, "_meta")
    );
    let rows = session.query(&sql, &[Type::INT8, Type::INT8], &[&xid, &position])?;
    let Some(row) = rows.first() else {
        let nowhere = Cursor { epoch: Uuid::nil(), xid, position, commit: Uuid::nil() };
        return Ok(Now { after: known.unwrap_or(nowhere), fence: 0, ready: false, held: false });
    };
    let id = |at| Ok::<_, Fault>(convert::value(row, at, &column(crate::contract::value::ColumnType::Uuid))?.as_uuid());
    // What was given when there was nothing yet has no commit.
    let (epoch, commit) = (id(0)?.unwrap_or_default(), id(2)?.unwrap_or_default());
    if known.is_some_and(|known| known.epoch != epoch || known.commit != commit) {
        return Err(PluginError::new(ErrorCode::CursorTooOld, "the cursor belongs to another life of this data").into());
    }
    let fence = row.try_get(1).map_err(Fault::Postgres)?;
    let truth = |at| row.try_get(at).map_err(Fault::Postgres);
    let after = Cursor { epoch, xid, position, commit };
    Ok(Now { after, fence, ready: truth(3)?, held: truth(4)? })
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
    let now = now(session, &catalog.space, after)?;
    Ok(match (now.ready, now.held) {
        (true, _) => News::Ready,
        (false, true) => News::Behind,
        (false, false) => News::None,
    })
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
        let (mut batch, held) = behind(session, catalog, after, max)?;
        let held_back = !batch.more && held;
        if held_back && batch.changes.is_empty() && Instant::now() < until {
            std::thread::sleep(TURN);
            continue;
        }
        batch.more |= held_back && !batch.changes.is_empty();
        return Ok(batch);
    }
}

/// The changes behind the fence; whether there are others before it.
fn behind(session: &mut Session, catalog: &Catalog, after: &[u8], max: u32) -> Asked<(ChangeBatch, bool)> {
    let Now { mut after, fence, ready, held } = now(session, &catalog.space, after)?;
    let max = if max == 0 { ANSWER_ROWS_MAX } else { max.min(ANSWER_ROWS_MAX) } as usize;
    let mut batch = ChangeBatch::default();
    if !ready {
        batch.next = after.to_bytes();
        return Ok((batch, held));
    }
    let mut bytes = 0;
    loop {
        let left = max.saturating_sub(batch.changes.len());
        let (mut told, more) = next(session, catalog, after, fence, left)?;
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
    Ok((batch, held))
}

/// The next commits behind the fence, until about so many keys; whether there are more.
fn next(session: &mut Session, catalog: &Catalog, after: Cursor, fence: i64, keys: usize) -> Asked<(Vec<Told>, bool)> {
    // Sizes are known without reading what is kept beside the rows.
    let sql = format!(
        "SELECT \"id\", \"position\", \"xid\", CASE WHEN \"before\" < $5 THEN \"changes\" END FROM \
         (SELECT *, coalesce(sum(octet_length(\"changes\")) OVER (ORDER BY \"xid\", \"position\" \
         ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS \"before\" FROM \
         (SELECT \"id\", \"position\", \"xid\", \"changes\" FROM {} WHERE \"changes\" IS NOT NULL \
         AND (\"xid\", \"position\") > ($1, $2) AND \"xid\" < $3 ORDER BY \"xid\", \"position\" LIMIT $4) AS \"some\") AS \"some\" \
         ORDER BY \"xid\", \"position\"",
        within(&catalog.space, "_commit")
    );
    let kinds = [Type::INT8; 5];
    let bytes = i64::try_from(keys).unwrap_or(i64::MAX).saturating_mul(KEY_BYTES).max(1);
    let rows = session.query(&sql, &kinds, &[&after.xid, &after.position, &fence, &COMMITS_AT_ONCE, &bytes])?;
    let mut told = Vec::with_capacity(rows.len());
    for row in &rows {
        let changes: Option<&[u8]> = row.try_get(3).map_err(Fault::Postgres)?;
        let Some(changes) = changes else { return Ok((told, true)) };
        let id = convert::value(row, 0, &column(crate::contract::value::ColumnType::Uuid))?;
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
    // What a newer program added is nothing that this one knows.
    let known = wanted.iter().filter_map(|(name, keys)| Some((table_of(catalog, name)?, keys.as_slice())));
    for (table, found) in rows_at(session, &catalog.space, &known.collect::<Vec<_>>())? {
        rows.extend(found.into_iter().map(|(key, row)| ((table.name.clone(), key), row)));
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

/// A row, by its key.
type Keyed = (Vec<Value>, Vec<Value>);

/// The rows with these keys, table by table: all are asked for at once.
fn rows_at<'a>(
    session: &mut Session,
    space: &str,
    wanted: &[(&'a Table, &[Vec<Value>])],
) -> Asked<Vec<(&'a Table, Vec<Keyed>)>> {
    let mut asked = Vec::new();
    for (table, keys) in wanted {
        let (sql, kinds) = rows_sql(space, table);
        asked.extend(keys.chunks(ANSWER_ROWS_MAX as usize).map(|keys| (*table, keys, sql.clone(), kinds.clone())));
    }
    let statements: Vec<(&str, Vec<Type>)> =
        asked.iter().map(|(_, _, sql, kinds)| (sql.as_str(), kinds.clone())).collect();
    let statements = pipeline::kept(session, &statements)?;
    let arrays: Vec<Vec<Vec<Bound<'_>>>> = asked
        .iter()
        .map(|(table, keys, _, _)| {
            (0..table.key.len()).map(|at| keys.iter().map(|key| Bound(&key[at])).collect()).collect()
        })
        .collect();
    let steps: Vec<Step<'_>> = statements
        .into_iter()
        .zip(&arrays)
        .map(|(statement, arrays)| {
            Step::Kept(statement, arrays.iter().map(|array| array as &(dyn ToSql + Sync)).collect())
        })
        .collect();
    let answers = pipeline::run(session, &steps).map_err(|broken| broken.fault)?;
    let mut all = Vec::with_capacity(answers.len());
    for ((table, _, _, _), rows) in asked.iter().zip(answers) {
        let columns: Vec<&Column> = table.columns.iter().collect();
        let place = |name: &String| columns.iter().position(|column| column.name == *name);
        let places: Vec<usize> = table.key.iter().filter_map(place).collect();
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            let row = convert::values(row, 0, &columns)?;
            found.push((places.iter().map(|&at| row[at].clone()).collect(), row));
        }
        all.push((*table, found));
    }
    Ok(all)
}

/// The question for rows of a table by their keys, an array for each column of the key.
fn rows_sql(space: &str, table: &Table) -> (String, Vec<Type>) {
    let marks: Vec<String> = (1..=table.key.len()).map(|at| format!("${at}")).collect();
    let names = list(table.key.iter().map(String::as_str));
    let same: Vec<String> = table.key.iter().map(|name| format!("t.{0} = k.{0}", quoted(name))).collect();
    let all: Vec<String> = table.columns.iter().map(|column| format!("t.{}", quoted(&column.name))).collect();
    let sql = format!(
        "SELECT {} FROM unnest({}) AS k ({names}) JOIN {} AS t ON {}",
        all.join(", "),
        marks.join(", "),
        within(space, &table.name),
        same.join(" AND ")
    );
    let key = table.key.iter().filter_map(|name| table.column(name));
    (sql, key.map(|column| types(column.kind).1).collect())
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
