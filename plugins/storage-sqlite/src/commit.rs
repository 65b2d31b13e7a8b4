//! The writer: one transaction, one write of the log, one sync.

use crate::catalog::{self, Catalog, list, quoted};
use crate::connect;
use crate::contract::error::{ErrorCode, PluginError, PluginResult};
use crate::contract::schema::{Column, Schema, Table};
use crate::contract::transaction::{
    Committed, Expectation, OUTCOME_DAYS, Operation, OperationKind, Prune, Pruned, Transaction,
};
use crate::contract::{Timestamp, Uuid, Value, codec, validate};
use crate::convert::{self, Bound};
use crate::error::{from_commit, from_sqlite};
use crate::feed::Touched;
use crate::{mark, migrate};
use rusqlite::{Connection, OptionalExtension, ffi};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

mod statement;

use statement::{Statement, Statements};

/// Ids forgotten in one go; then a waiting commit has its turn.
const FORGET_ROWS: i64 = 500;

/// The one connection that writes.
#[derive(Debug)]
pub(crate) struct Writer {
    connection: Connection,
    database: PathBuf,
    /// Position of the last commit: only this connection makes more.
    position: u64,
    fresh_epoch: Uuid,
    log_pages: Arc<AtomicU32>,
    statements: Statements,
}

/// What can be computed before it is this transaction's turn.
#[derive(Debug)]
pub(crate) struct Prepared {
    hash: [u8; 32],
}

/// Checks a transaction against the schema and computes its content hash, outside the writer's lock.
pub(crate) fn prepare(catalog: &Catalog, transaction: &Transaction) -> PluginResult<Prepared> {
    validate::check_transaction(&catalog.active, transaction)?;
    Ok(Prepared { hash: transaction.content_hash() })
}

/// Position and content hash of a transaction that is remembered.
pub(crate) fn known(connection: &Connection, id: Uuid) -> rusqlite::Result<Option<(u64, Vec<u8>)>> {
    connection
        .prepare_cached(r#"SELECT "position", "hash" FROM "_commit" WHERE "id" = ?1 AND "hash" IS NOT NULL"#)?
        .query_row([id.as_bytes().as_slice()], |row| Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get(1)?)))
        .optional()
}

impl Writer {
    pub fn new(mut connection: Connection, database: &Path, fresh_epoch: Uuid) -> PluginResult<Self> {
        let opening = |error| from_sqlite(&error, "cannot open the database");
        let log_pages = Arc::new(AtomicU32::new(0));
        let theirs = log_pages.clone();
        connection
            .wal_hook(Some(move |_: &mut _, pages: i32| {
                theirs.store(pages.unsigned_abs(), Ordering::Relaxed);
                Ok(())
            }))
            .map_err(opening)?;
        let position = connect::position(&connection).map_err(opening)?;
        Ok(Writer {
            connection,
            database: database.to_owned(),
            position,
            fresh_epoch,
            log_pages,
            statements: Statements::default(),
        })
    }

    /// Pages in the log after the last commit.
    pub fn log_pages(&self) -> u32 {
        self.log_pages.load(Ordering::Relaxed)
    }

    pub fn limit_pages(&mut self, pages: u32) -> PluginResult<()> {
        self.connection
            .query_row(&format!("PRAGMA max_page_count={pages}"), [], |_| Ok(()))
            .map_err(|error| from_sqlite(&error, "cannot limit the file"))
    }

    /// Gives the memory of pages back.
    pub fn forget_pages(&mut self) {
        connect::forget_pages(&self.connection);
    }

    /// Whether the log has more than what it begins with.
    pub fn has_log(&self) -> bool {
        self.log_pages() > 1
    }

    /// What a log begins with.
    pub fn begin_log(&mut self) -> PluginResult<()> {
        self.whole(|connection| {
            mark::turn(connection).map_err(|error| from_sqlite(&error, "the log could not be begun"))
        })
    }

    /// What a log ends with, before the last of it is moved into the file.
    pub fn end_log(&mut self) -> PluginResult<()> {
        self.whole(|connection| {
            mark::renew(connection).map_err(|error| from_sqlite(&error, "the log could not be ended"))
        })
    }

    /// Runs work in a transaction: all of it is there afterwards, or nothing.
    fn whole<T>(&mut self, work: impl FnOnce(&Connection) -> PluginResult<T>) -> PluginResult<T> {
        let begin = self.connection.prepare_cached("BEGIN IMMEDIATE").and_then(|mut begin| begin.execute([]));
        begin.map_err(|error| from_sqlite(&error, "the database cannot be written now"))?;
        let worked = work(&self.connection).and_then(|answer| {
            self.connection
                .prepare_cached("COMMIT")
                .and_then(|mut commit| commit.execute([]))
                .map_err(|error| from_commit(&error, &self.database))?;
            Ok(answer)
        });
        // Some errors roll back by themselves, a failed COMMIT may not.
        if worked.is_err() && !self.connection.is_autocommit() {
            self.connection.execute_batch("ROLLBACK").map_err(|error| from_sqlite(&error, "cannot roll back"))?;
        }
        worked
    }

    pub fn migrate(&mut self, wanted: &Schema) -> PluginResult<Catalog> {
        let (_, plan) = migrate::plan(&self.connection, &self.database, wanted)?;
        let raised = connect::epoch(&self.connection).is_ok_and(|epoch| epoch.is_nil())
            || migrate::load(&self.connection, &self.database)?.disk != plan.merged
            || !migrate::unkept(&self.connection, &plan.merged)?.is_empty();
        if raised {
            let fresh_epoch = self.fresh_epoch;
            self.whole(|connection| migrate::apply(connection, &plan, fresh_epoch))?;
        }
        self.statements.forget();
        Ok(Catalog { disk: plan.merged, active: wanted.clone() })
    }

    pub fn commit(
        &mut self,
        catalog: &Catalog,
        transaction: &Transaction,
        prepared: &Prepared,
    ) -> PluginResult<Committed> {
        let failed = |error| from_sqlite(&error, "the read failed");
        if let Some((position, hash)) = known(&self.connection, transaction.id).map_err(failed)? {
            if hash == prepared.hash {
                return Ok(Committed { position, already: true });
            }
            let message = format!("the transaction id {} was used before with other content", transaction.id);
            return Err(PluginError::new(ErrorCode::IdReused, message));
        }
        let position = self.position + 1;
        let mut statements = std::mem::take(&mut self.statements);
        let written = self.whole(|connection| {
            write(&mut Writing { connection, statements: &mut statements }, catalog, transaction, prepared, position)
        });
        self.statements = statements;
        written?;
        self.position = position;
        Ok(Committed { position, already: false })
    }

    /// Removes old facts of others. The triggers let it pass because this very transaction says so, and takes the word back.
    pub fn prune(&mut self, catalog: &Catalog, request: &Prune) -> PluginResult<Pruned> {
        let plan = validate::check_prune(&catalog.active, request)?;
        let sql = catalog::prune_sql(plan.table, &plan.owner.name, &plan.age.name, request.own.len());
        let limit = Value::Int(plan.limit as i64);
        let parameters = request.own.iter().chain([&request.below, &limit]).map(Bound);
        let failed = |error| from_sqlite(&error, "old rows could not be removed").at(&plan.table.name, "", 0);
        let rows = self.whole(|connection| {
            connect::set_meta_number(connection, catalog::PRUNING, 1).map_err(failed)?;
            let gone = connection.execute(&sql, rusqlite::params_from_iter(parameters)).map_err(failed)?;
            connection.execute(r#"DELETE FROM "_meta" WHERE "name" = ?1"#, [catalog::PRUNING]).map_err(failed)?;
            Ok(gone)
        })?;
        Ok(Pruned { rows: rows as u64, more: rows == plan.limit })
    }

    /// Forgets some of the ids that are too old; true when there may be more. The last commit stays: it holds the position.
    pub fn forget(&mut self, now: Timestamp) -> PluginResult<bool> {
        let oldest = now.saturating_sub(OUTCOME_DAYS * 24 * 3600 * 1_000_000);
        let failed = |error| from_sqlite(&error, "old transaction ids could not be forgotten");
        let from = connect::meta_number(&self.connection, "forgotten").map_err(failed)?;
        let until = {
            let mut next = self
                .connection
                .prepare_cached(
                    r#"SELECT "position", "time" FROM "_commit" WHERE "position" > ?1 ORDER BY "position" LIMIT ?2"#,
                )
                .map_err(failed)?;
            let rows = next.query_map((from, FORGET_ROWS), |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)));
            let rows: Vec<(i64, i64)> = rows.and_then(Iterator::collect).map_err(failed)?;
            let last = i64::try_from(self.position).unwrap_or(i64::MAX);
            rows.into_iter().take_while(|&(position, time)| time < oldest && position < last).last()
        };
        let Some((until, _)) = until else {
            return Ok(false);
        };
        self.whole(|connection| {
            let run = |sql: &str| connection.prepare_cached(sql).and_then(|mut found| found.execute((from, until)));
            run(r#"DELETE FROM "_commit" WHERE "position" > ?1 AND "position" <= ?2 AND "changes" IS NULL"#)
                .map_err(failed)?;
            run(r#"UPDATE "_commit" SET "hash" = NULL WHERE "position" > ?1 AND "position" <= ?2"#).map_err(failed)?;
            connect::set_meta_number(connection, "forgotten", until).map_err(failed)
        })?;
        Ok(true)
    }
}

/// A transaction that is open.
struct Writing<'a> {
    connection: &'a Connection,
    statements: &'a mut Statements,
}

fn write(
    writing: &mut Writing<'_>,
    catalog: &Catalog,
    transaction: &Transaction,
    prepared: &Prepared,
    position: u64,
) -> PluginResult<()> {
    let connection = writing.connection;
    if transaction.epoch.is_some() {
        let epoch = connect::epoch(connection).map_err(|error| from_sqlite(&error, "the read failed"))?;
        validate::check_epoch(transaction, epoch)?;
    }
    for (index, expectation) in transaction.expectations.iter().enumerate() {
        expect(connection, &catalog.active, expectation).map_err(|error| numbered(error, index))?;
    }
    let mut touched: Vec<Touched> = Vec::new();
    for (index, operation) in transaction.operations.iter().enumerate() {
        let number = catalog.disk.tables.iter().position(|table| table.name == operation.table).unwrap_or(0);
        let table = &catalog.disk.tables[number];
        let keys = apply(writing, table, operation).map_err(|error| numbered(error, index))?;
        if table.replicated && !keys.is_empty() {
            touched.push(Touched { table: number as u32, keys });
        }
    }
    let changes = if touched.is_empty() { None } else { Some(codec::encode(&touched)) };
    connection
        .prepare_cached(
            r#"INSERT INTO "_commit" ("position", "id", "hash", "time", "changes") VALUES (?1, ?2, ?3, ?4, ?5)"#,
        )
        .and_then(|mut insert| {
            let position = i64::try_from(position).unwrap_or(i64::MAX);
            insert.execute((
                position,
                transaction.id.as_bytes().as_slice(),
                prepared.hash.as_slice(),
                transaction.time,
                changes,
            ))
        })
        .map_err(|error| from_sqlite(&error, "the transaction could not be remembered"))?;
    Ok(())
}

fn numbered(mut error: PluginError, index: usize) -> PluginError {
    error.detail.index = index as u64;
    error
}

/// All columns of the row with this key.
pub(crate) fn row_at(
    connection: &Connection,
    table: &Table,
    by: &[String],
    values: &[Value],
) -> PluginResult<Option<Vec<Value>>> {
    let columns: Vec<&Column> = table.columns.iter().collect();
    let conditions: Vec<String> = by.iter().map(|name| format!("{} = ?", quoted(name))).collect();
    let ask = format!(
        "SELECT {} FROM {} WHERE {} LIMIT 1",
        list(columns.iter().map(|column| column.name.as_str())),
        quoted(&table.name),
        conditions.join(" AND ")
    );
    let failed = |error| from_sqlite(&error, "the read failed");
    let mut found = connection.prepare_cached(&ask).map_err(failed)?;
    let mut rows = found.query(rusqlite::params_from_iter(values.iter().map(Bound))).map_err(failed)?;
    let Some(row) = rows.next().map_err(failed)? else {
        return Ok(None);
    };
    let cells: Result<Vec<Value>, _> =
        columns.iter().enumerate().map(|(at, column)| convert::value(row, at, column)).collect();
    Ok(Some(cells?))
}

fn expect(connection: &Connection, schema: &Schema, expectation: &Expectation) -> PluginResult<()> {
    let Some(table) = schema.table(&expectation.table) else {
        return Err(PluginError::new(ErrorCode::UnknownTable, format!("there is no table `{}`", expectation.table)));
    };
    let found = row_at(connection, table, &table.key, &expectation.key)?;
    validate::check_expected(table, expectation, found)
}

/// Runs an operation; answers the keys of the rows that it changed when the table is replicated.
fn apply(writing: &mut Writing<'_>, table: &Table, operation: &Operation) -> PluginResult<Vec<Vec<Value>>> {
    let (connection, statement) = (writing.connection, writing.statements.of(table, operation));
    let mut keys = Vec::new();
    let mut done = 0;
    for size in statement.many_rows() {
        let rest = &operation.rows[done..];
        if rest.len() < size {
            continue;
        }
        let Some(sql) = statement.many(table, operation, size) else { break };
        let prepared = connection.prepare(&sql);
        let mut prepared = prepared.map_err(|error| from_sqlite(&error, "the write failed"))?;
        for rows in rest.chunks_exact(size) {
            if !apply_many(&mut prepared, table, &statement, rows)? {
                // One of them is refused: in smaller parts, in the end row by row, it is found which.
                break;
            }
            done += rows.len();
            if table.replicated {
                keys.extend(rows.iter().map(|row| key_of(&statement, row)));
            }
        }
    }
    for at in done..operation.rows.len() {
        apply_one(connection, table, &statement, operation, at, &mut keys)?;
    }
    Ok(keys)
}

fn key_of(statement: &Statement, row: &[Value]) -> Vec<Value> {
    statement.key.iter().map(|key| key.value(row)).collect()
}

/// Writes rows with one statement. False: one of them is refused, and none is written.
fn apply_many(
    prepared: &mut rusqlite::Statement<'_>,
    table: &Table,
    statement: &Statement,
    rows: &[Vec<Value>],
) -> PluginResult<bool> {
    let failed = |error| from_sqlite(&error, "the write failed").at(&table.name, "", 0);
    let cells = rows.iter().flat_map(|row| statement.columns.iter().map(move |&column| &row[column]));
    for (parameter, cell) in cells.enumerate() {
        prepared.raw_bind_parameter(parameter + 1, Bound(cell)).map_err(failed)?;
    }
    match prepared.raw_execute() {
        Ok(_) => Ok(true),
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation) => Ok(false),
        Err(error) => Err(failed(error)),
    }
}

fn apply_one(
    connection: &Connection,
    table: &Table,
    statement: &Statement,
    operation: &Operation,
    at: usize,
    keys: &mut Vec<Vec<Value>>,
) -> PluginResult<()> {
    let failed = |error| from_sqlite(&error, "the write failed");
    let mut prepared = connection.prepare_cached(&statement.sql).map_err(failed)?;
    let row = &operation.rows[at];
    for (parameter, &column) in statement.columns.iter().enumerate() {
        prepared.raw_bind_parameter(parameter + 1, Bound(&row[column])).map_err(failed)?;
    }
    match prepared.raw_execute() {
        Ok(0) if statement.missing.is_some() => {
            let missing = statement.missing.as_deref().unwrap_or_default();
            let message = format!("the row is new, so the column `{missing}` needs a value");
            return Err(PluginError::new(ErrorCode::BadValue, message).at(&table.name, missing, at));
        }
        Ok(0) if operation.kind == OperationKind::Delete => return Ok(()),
        Ok(_) => {}
        Err(error) if is_taken(&error) || (operation.kind == OperationKind::Add && is_no_number(&error)) => {
            return Err(validate::in_the_way(table, operation, at, |by, values| {
                row_at(connection, table, by, values)
            })?);
        }
        Err(error) => return Err(failed(error).at(&table.name, "", at)),
    }
    if table.replicated {
        keys.push(key_of(statement, row));
    }
    Ok(())
}

fn is_taken(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|failure| {
        matches!(
            failure.extended_code,
            // The last: a row of an append-only table that would be replaced.
            ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_TRIGGER
        )
    })
}

/// A sum that is no longer a whole number of 64 bits.
fn is_no_number(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|failure| failure.extended_code == ffi::SQLITE_CONSTRAINT_DATATYPE)
}
