//! Whether the tables are as AuraPOS made them: somebody may have changed them by hand.

use crate::catalog::{self, index_name, type_name};
use crate::contract::schema::{Schema, Table};
use crate::session::{Asked, Fault, Session};
use std::collections::{HashMap, HashSet};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// A sentence that names it.
    pub words: String,
    /// Statements that mend it; none: only a restore does.
    pub mend: Vec<String>,
}

/// What there is in a schema of PostgreSQL.
#[derive(Debug, Default)]
struct There {
    /// Table, column: type and whether it can be null.
    columns: HashMap<(String, String), (String, bool)>,
    tables: HashSet<String>,
    /// Indexes that can be used: name, and whether unique.
    indexes: HashMap<String, bool>,
    /// Table, trigger: those that always run.
    triggers: HashSet<(String, String)>,
}

fn text(row: &Row, at: usize) -> Asked<String> {
    row.try_get(at).map_err(Fault::Postgres)
}

fn look(session: &mut Session, space: &str) -> Asked<There> {
    let mut there = There::default();
    let columns = "SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull \
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = $1 \
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped WHERE c.relkind = 'r'";
    for row in &session.query(columns, &[Type::NAME], &[&space])? {
        let (table, column) = (text(row, 0)?, text(row, 1)?);
        there.tables.insert(table.clone());
        there.columns.insert((table, column), (text(row, 2)?, row.try_get(3).map_err(Fault::Postgres)?));
    }
    let indexes = "SELECT c.relname::text, i.indisunique FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
        JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = $1 WHERE i.indisvalid AND i.indisready";
    for row in &session.query(indexes, &[Type::NAME], &[&space])? {
        there.indexes.insert(text(row, 0)?, row.try_get(1).map_err(Fault::Postgres)?);
    }
    let triggers = "SELECT c.relname::text, t.tgname::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid \
        JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = $1 WHERE t.tgenabled = 'A'";
    for row in &session.query(triggers, &[Type::NAME], &[&space])? {
        there.triggers.insert((text(row, 0)?, text(row, 1)?));
    }
    Ok(there)
}

/// Everything that is not as the schema says.
pub(crate) fn problems(session: &mut Session, space: &str, schema: &Schema) -> Asked<Vec<Problem>> {
    let there = look(session, space)?;
    let mut found = Vec::new();
    for table in &schema.tables {
        if !there.tables.contains(&table.name) {
            let words = format!("the table `{}` is not there", table.name);
            found.push(Problem { words, mend: Vec::new() });
            continue;
        }
        columns(&there, table, &mut found);
        indexes(&there, space, table, &mut found);
        triggers(&there, space, table, &mut found);
    }
    Ok(found)
}

fn columns(there: &There, table: &Table, found: &mut Vec<Problem>) {
    for column in &table.columns {
        let words = match there.columns.get(&(table.name.clone(), column.name.clone())) {
            None => format!("the column `{}` of the table `{}` is not there", column.name, table.name),
            Some((kind, nullable)) if kind != type_name(column.kind) || *nullable != column.nullable => {
                format!("the column `{}` of the table `{}` was changed: it is {kind} now", column.name, table.name)
            }
            Some(_) => continue,
        };
        found.push(Problem { words, mend: Vec::new() });
    }
}

fn indexes(there: &There, space: &str, table: &Table, found: &mut Vec<Problem>) {
    let key = index_name(&table.name, "", "key");
    if there.indexes.get(&key) != Some(&true) {
        let names = catalog::list(table.key.iter().map(String::as_str));
        let on = catalog::within(space, &table.name);
        let mend = format!("ALTER TABLE {on} ADD CONSTRAINT {} PRIMARY KEY ({names})", catalog::quoted(&key));
        found.push(Problem { words: format!("the key of the table `{}` is not there", table.name), mend: vec![mend] });
    }
    for (name, statement) in catalog::indexes(space, table) {
        let unique = statement.starts_with("CREATE UNIQUE");
        if there.indexes.get(&name) == Some(&unique) {
            continue;
        }
        let words = format!("the index `{name}` of the table `{}` is not there or was changed", table.name);
        let drop = format!("DROP INDEX IF EXISTS {}", catalog::within(space, &name));
        found.push(Problem { words, mend: vec![drop, statement] });
    }
}

fn triggers(there: &There, space: &str, table: &Table, found: &mut Vec<Problem>) {
    for (name, mend) in catalog::keep_triggers(space, table) {
        if !there.triggers.contains(&(table.name.clone(), name.to_owned())) {
            let words =
                format!("the trigger `{name}`, which keeps the rows of `{}`, is not there or switched off", table.name);
            found.push(Problem { words, mend });
        }
    }
}
