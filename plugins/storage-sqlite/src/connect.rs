//! Connections and their settings.

use crate::contract::Uuid;
use crate::contract::error::{ErrorCode, PluginError, PluginResult};
use crate::error::{damaged, from_io, from_sqlite};
use crate::mark;
use crate::place::{self, APPLICATION_ID, LAYOUT, beside};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// The log may be this large after it was moved into the file.
const LOG_KEPT_BYTES: i64 = 32 * 1024 * 1024;
/// Prepared statements kept per connection: more than a register's sales, lists and reports use.
const STATEMENTS: usize = 256;
/// How long to wait for an outsider (`sqlite3` on the command line) who writes.
const OUTSIDER_WAIT: Duration = Duration::from_secs(2);

/// The tables this plugin keeps for itself. `hash` is null once the id is forgotten; `changes` is null when no
/// replicated table was touched.
const OWN_TABLES: &str = r#"
CREATE TABLE "_meta" ("name" TEXT NOT NULL PRIMARY KEY, "value" ANY) STRICT, WITHOUT ROWID;
CREATE TABLE "_commit" (
    "position" INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "hash" BLOB, "time" INTEGER NOT NULL, "changes" BLOB
) STRICT;
CREATE UNIQUE INDEX "_commit.id" ON "_commit" ("id") WHERE "hash" IS NOT NULL;
"#;

/// Makes data ready for the first log of this opening: what a killed program left in one is moved into the file, and the
/// file gets an id of its own where it has none. `had_log` is the answer of [`mark::look`].
pub(crate) fn settle(connection: &Connection, had_log: bool) -> rusqlite::Result<()> {
    let is_nil = mark::ensure(connection)?;
    if is_nil || had_log {
        if !had_log {
            // The log that is begun here has to have the id that the file has alone.
            mark::turn(connection)?;
        }
        mark::renew(connection)?;
        // Whoever else reads it holds it back; then the log goes on, with both ids in it.
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    }
    Ok(())
}

/// Makes a database beside its place and renames it into it, so that there is never half a one.
pub(crate) fn create(database: &Path) -> PluginResult<()> {
    let fresh = beside(database, &format!(".new-{}", std::process::id()));
    let _ = std::fs::remove_file(&fresh);
    place::create_private(&fresh)?;
    let made = fill_new(&fresh).map_err(|error| from_sqlite(&error, "cannot make the database"));
    let placed = made.and_then(|()| {
        std::fs::rename(&fresh, database).map_err(|error| from_io(&error, database, "cannot make"))?;
        place::sync_folder_of(database)
    });
    if placed.is_err() {
        let _ = std::fs::remove_file(&fresh);
    }
    placed
}

fn fill_new(file: &Path) -> rusqlite::Result<()> {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.execute_batch("PRAGMA synchronous=EXTRA; PRAGMA page_size=4096; PRAGMA auto_vacuum=NONE;")?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    connection.pragma_update(None, "user_version", LAYOUT)?;
    connection.execute_batch(&format!("BEGIN; {OWN_TABLES} {} COMMIT;", mark::TABLE))?;
    mark::clear(&connection)?;
    connection.close().map_err(|(_, error)| error)
}

/// How a connection to the data in use is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    Write,
    Read,
}

/// A connection to the data in use.
pub(crate) fn open(database: &Path, usage: Use, synced: bool) -> PluginResult<Connection> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_PRIVATE_CACHE;
    let connection = Connection::open_with_flags(database, flags)
        .map_err(|error| from_sqlite(&error, "cannot open the database"))?;
    prepare(&connection, usage, synced).map_err(|error| {
        let answer = from_sqlite(&error, "cannot open the database");
        if answer.code == ErrorCode::NotAStore { damaged(database, &answer.message) } else { answer }
    })?;
    if usage == Use::Write && synced {
        must_be_synced(&connection)?;
    }
    Ok(connection)
}

fn prepare(connection: &Connection, usage: Use, synced: bool) -> rusqlite::Result<()> {
    connection.busy_timeout(OUTSIDER_WAIT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Plans do not depend on what is bound: otherwise each new value lets SQLite prepare the statement anew, a third of the
    // time of a short read.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // A schema from a strange file may name functions; it is never trusted to call them.
    connection.execute_batch("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY;")?;
    connection.query_row("PRAGMA journal_mode=WAL", [], |_| Ok(()))?;
    connection.query_row("PRAGMA wal_autocheckpoint=0", [], |_| Ok(()))?;
    connection.query_row(&format!("PRAGMA journal_size_limit={LOG_KEPT_BYTES}"), [], |_| Ok(()))?;
    connection.execute_batch("PRAGMA foreign_keys=ON; PRAGMA cache_size=-16384;")?;
    connection.pragma_update(None, "synchronous", if synced { "FULL" } else { "OFF" })?;
    if usage == Use::Read {
        connection.execute_batch("PRAGMA query_only=ON;")?;
    }
    Ok(())
}

/// Gives the memory of pages that are not in use back.
pub(crate) fn forget_pages(connection: &Connection) {
    // When it fails the pages stay in memory, and nothing is lost by it.
    let _ = connection.execute_batch("PRAGMA shrink_memory;");
}

/// An acknowledged sale is on the disk only under these two settings; without them the store does not open.
fn must_be_synced(connection: &Connection) -> PluginResult<()> {
    let ask = |pragma: &str| {
        connection
            .query_row(pragma, [], |row| row.get::<_, rusqlite::types::Value>(0))
            .map_err(|error| from_sqlite(&error, "cannot read a setting"))
    };
    let mode = ask("PRAGMA journal_mode")?;
    let synchronous = ask("PRAGMA synchronous")?;
    if mode == rusqlite::types::Value::from("wal".to_owned()) && synchronous == rusqlite::types::Value::from(2) {
        return Ok(());
    }
    let message =
        format!("the file system does not allow a lasting log (journal {mode:?}, synchronous {synchronous:?})");
    Err(PluginError::new(ErrorCode::Io, message).with_next("Put the data folder on a local disk."))
}

/// A connection to a copy: nothing is written, no file appears beside it. `live`: somebody has it open, so its log
/// counts, and the files beside it are there already.
pub(crate) fn open_copy(file: &Path, live: bool) -> PluginResult<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let mode = if live { "mode=ro" } else { "mode=ro&immutable=1" };
    let connection = Connection::open_with_flags(format!("file:{}?{mode}", escaped(file)), flags)
        .map_err(|error| from_sqlite(&error, "cannot open the copy"))?;
    let prepared = connection.busy_timeout(OUTSIDER_WAIT).and_then(|()| {
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.execute_batch("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY;")
    });
    prepared.map_err(|error| from_sqlite(&error, "cannot open the copy"))?;
    Ok(connection)
}

/// A path as part of a URI: everything but plain letters, digits and separators as %XX.
fn escaped(file: &Path) -> String {
    let path = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    path.as_os_str()
        .as_encoded_bytes()
        .iter()
        .map(|&byte| match byte {
            b'/' | b'.' | b'-' | b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// A setting of ours, or `None` when it was never set.
pub(crate) fn meta(connection: &Connection, name: &str) -> rusqlite::Result<Option<Vec<u8>>> {
    use rusqlite::OptionalExtension;
    connection
        .prepare_cached(r#"SELECT "value" FROM "_meta" WHERE "name" = ?1"#)?
        .query_row([name], |row| row.get(0))
        .optional()
}

/// Sets one.
pub(crate) fn set_meta(connection: &Connection, name: &str, value: &[u8]) -> rusqlite::Result<()> {
    connection
        .prepare_cached(r#"INSERT INTO "_meta" VALUES (?1, ?2) ON CONFLICT DO UPDATE SET "value" = excluded."value""#)?
        .execute((name, value))
        .map(|_| ())
}

/// The life of this data; nil before the first `migrate`.
pub(crate) fn epoch(connection: &Connection) -> rusqlite::Result<Uuid> {
    let bytes = meta(connection, "epoch")?.and_then(|bytes| <[u8; 16]>::try_from(bytes).ok());
    Ok(bytes.map_or(Uuid::nil(), Uuid::from_bytes))
}

/// Position of the last commit.
pub(crate) fn position(connection: &Connection) -> rusqlite::Result<u64> {
    let position = connection
        .prepare_cached(r#"SELECT coalesce(max("position"), 0) FROM "_commit""#)?
        .query_row([], |row| row.get::<_, i64>(0))?;
    Ok(position.unsigned_abs())
}

/// Size of the database, its log included.
pub(crate) fn bytes(connection: &Connection) -> rusqlite::Result<u64> {
    let ask = "SELECT p.page_count * s.page_size FROM pragma_page_count() AS p, pragma_page_size() AS s";
    let bytes = connection.prepare_cached(ask)?.query_row([], |row| row.get::<_, i64>(0))?;
    Ok(bytes.unsigned_abs())
}

/// A number of ours; 0 when it was never set.
pub(crate) fn meta_number(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    use rusqlite::OptionalExtension;
    let found = connection
        .prepare_cached(r#"SELECT "value" FROM "_meta" WHERE "name" = ?1"#)?
        .query_row([name], |row| row.get(0))
        .optional()?;
    Ok(found.unwrap_or(0))
}

/// Sets one.
pub(crate) fn set_meta_number(connection: &Connection, name: &str, value: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(r#"INSERT INTO "_meta" VALUES (?1, ?2) ON CONFLICT DO UPDATE SET "value" = excluded."value""#)?
        .execute((name, value))
        .map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_connection_has_its_settings() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("AuraPOS.db");
        create(&file).unwrap();
        let check = |usage: Use, pragma: &str, expected: &str| {
            let connection = open(&file, usage, true).unwrap();
            let found: rusqlite::types::Value =
                connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get(0)).unwrap();
            let expected =
                expected.parse().map_or(rusqlite::types::Value::Text(expected.into()), rusqlite::types::Value::Integer);
            assert_eq!(found, expected, "{pragma} of {usage:?}");
        };
        for usage in [Use::Write, Use::Read] {
            check(usage, "journal_mode", "wal");
            check(usage, "synchronous", "2");
            check(usage, "wal_autocheckpoint", "0");
            check(usage, "trusted_schema", "0");
            check(usage, "foreign_keys", "1");
            check(usage, "cell_size_check", "1");
        }
        check(Use::Read, "query_only", "1");
        check(Use::Write, "query_only", "0");
    }

    #[test]
    fn statements_stay_prepared_whatever_is_bound() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("AuraPOS.db");
        create(&file).unwrap();
        for connection in [open(&file, Use::Write, true).unwrap(), open_copy(&file, true).unwrap()] {
            let mut statement =
                connection.prepare(r#"SELECT "value" FROM "_meta" WHERE "name" > ?1 LIMIT ?2"#).unwrap();
            for limit in 0..5 {
                let _: Vec<i64> =
                    statement.query_map(("x", limit), |row| row.get(0)).unwrap().map(Result::unwrap).collect();
            }
            assert_eq!(statement.get_status(rusqlite::StatementStatus::RePrepare), 0);
        }
    }

    #[test]
    fn a_connection_that_does_not_sync_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("AuraPOS.db");
        create(&file).unwrap();
        let connection = open(&file, Use::Write, true).unwrap();
        must_be_synced(&connection).unwrap();
        connection.execute_batch("PRAGMA synchronous=NORMAL;").unwrap();
        assert_eq!(must_be_synced(&connection).unwrap_err().code, ErrorCode::Io);
    }
}
