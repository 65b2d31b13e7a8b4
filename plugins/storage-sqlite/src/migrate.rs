//! The schema in the file: reading it, adding to it, and its indexes as the host's schema has them.

use crate::catalog::{self, Catalog};
use crate::connect;
use crate::contract::Uuid;
use crate::contract::codec;
use crate::contract::error::{ErrorCode, PluginError, PluginResult};
use crate::contract::schema::Schema;
use crate::contract::validate::{self, MigrationPlan};
use crate::error::{damaged, from_sqlite};
use rusqlite::{Connection, OptionalExtension, ffi};
use std::path::Path;

/// What the file says it holds; also proves that its first pages can be read.
pub(crate) fn load(connection: &Connection, file: &Path) -> PluginResult<Catalog> {
    let unreadable = |error: rusqlite::Error| {
        let answer = from_sqlite(&error, "cannot read the database");
        // The header was ours, so whatever does not fit behind it is damage.
        match answer.code {
            ErrorCode::NotAStore | ErrorCode::Internal | ErrorCode::Damaged => damaged(file, &answer.message),
            _ => answer,
        }
    };
    let stored = connect::meta(connection, "schema").map_err(unreadable)?;
    connect::position(connection).map_err(unreadable)?;
    let disk: Schema = match stored {
        Some(bytes) => codec::decode(&bytes).map_err(|_| damaged(file, "its schema cannot be read"))?,
        None => Schema::default(),
    };
    for table in &disk.tables {
        let columns = catalog::list(table.columns.iter().map(|column| column.name.as_str()));
        let ask = format!("SELECT {columns} FROM {} LIMIT 1", catalog::quoted(&table.name));
        connection.prepare(&ask).and_then(|mut found| found.query([])?.next().map(|_| ())).map_err(unreadable)?;
    }
    Ok(Catalog { active: disk.clone(), disk })
}

/// Does what the plan says, inside a transaction that the caller began.
pub(crate) fn apply(connection: &Connection, plan: &MigrationPlan, fresh_epoch: Uuid) -> PluginResult<()> {
    for (table, index) in &plan.dropped {
        for statement in catalog::drop_index(table, index) {
            run(connection, &statement, table)?;
        }
    }
    for (table, column) in &plan.columns {
        run(connection, &catalog::add_column(table, column), table)?;
    }
    for name in &plan.tables {
        if let Some(table) = plan.merged.table(name) {
            for statement in catalog::create_table(table) {
                run(connection, &statement, name)?;
            }
        }
    }
    for (name, index) in &plan.indexes {
        if let Some(table) = plan.merged.table(name) {
            for statement in catalog::create_index(table, index) {
                run(connection, &statement, name)?;
            }
        }
    }
    keep(connection, &plan.merged)?;
    let remember = || -> rusqlite::Result<()> {
        connect::set_meta(connection, "schema", &codec::encode(&plan.merged))?;
        for (name, number) in [("schema_major", plan.merged.major), ("schema_minor", plan.merged.minor)] {
            connection.execute(
                r#"INSERT INTO "_meta" VALUES (?1, ?2) ON CONFLICT DO UPDATE SET "value" = excluded."value""#,
                (name, number),
            )?;
        }
        if connect::epoch(connection)?.is_nil() {
            connect::set_meta(connection, "epoch", fresh_epoch.as_bytes())?;
        }
        Ok(())
    };
    remember().map_err(|error| from_sqlite(&error, "cannot remember the schema"))
}

/// Triggers of append-only tables that are missing or not those of today: name, and the statement that makes it.
pub(crate) fn unkept(connection: &Connection, schema: &Schema) -> PluginResult<Vec<(String, String)>> {
    let failed = |error| from_sqlite(&error, "cannot read the schema");
    let mut find = connection
        .prepare_cached(r#"SELECT "sql" FROM "sqlite_schema" WHERE "type" = 'trigger' AND "name" = ?1"#)
        .map_err(failed)?;
    let mut missing = Vec::new();
    for (name, statement) in schema.tables.iter().flat_map(catalog::keep_triggers) {
        let there: Option<String> = find.query_row([&name], |row| row.get(0)).optional().map_err(failed)?;
        if there.as_ref() != Some(&statement) {
            missing.push((name, statement));
        }
    }
    Ok(missing)
}

fn keep(connection: &Connection, schema: &Schema) -> PluginResult<()> {
    for (name, statement) in unkept(connection, schema)? {
        run(connection, &format!("DROP TRIGGER IF EXISTS {}", catalog::quoted(&name)), "")?;
        run(connection, &statement, "")?;
    }
    Ok(())
}

fn run(connection: &Connection, statement: &str, table: &str) -> PluginResult<()> {
    connection.execute_batch(statement).map_err(|error| {
        if error.sqlite_error().is_some_and(|failure| failure.extended_code == ffi::SQLITE_CONSTRAINT_UNIQUE) {
            let message = format!("rows of `{table}` break a new unique index");
            return PluginError::new(ErrorCode::SchemaConflict, message).at(table, "", 0);
        }
        from_sqlite(&error, "cannot change the schema").at(table, "", 0)
    })
}

/// What to do so that the file holds everything of `wanted`.
pub(crate) fn plan(connection: &Connection, file: &Path, wanted: &Schema) -> PluginResult<(Schema, MigrationPlan)> {
    let disk = load(connection, file)?.disk;
    let plan = validate::plan_migration(&disk, wanted)?;
    Ok((disk, plan))
}
