//! The rules of the storage contract that need a schema and no data, once for every storage: is a schema sound, is a
//! change of it additive, does a transaction or a question fit it.
//!
//! Owns: which error code each broken rule has, and where in the data it points. Must not know: any store's rows.

use crate::error::{ErrorCode, PluginError, PluginResult};
use crate::schema::{COLUMNS_MAX, Column, Index, NAME_BYTES_MAX, Schema, TABLES_MAX, Table};
use crate::value::{BYTES_MAX, ColumnType, INDEX_ROW_BYTES_MAX, INDEXED_BYTES_MAX, TEXT_BYTES_MAX, Value};

mod conflict;
mod prune;
mod question;
#[cfg(test)]
mod tests;
mod transaction;

pub use conflict::{check_expected, in_the_way, key_taken, values_taken};
pub use prune::{PrunePlan, check_prune};
pub use question::{
    AggregatePlan, ScanPlan, check_aggregate, check_query, check_search, matches, search_words, text_matches,
};
pub use transaction::{check_epoch, check_transaction, missing_required, row_after, row_problem};

/// Most bytes of values (by [`Value::size`]) a store puts into one answer; it then ends early and says where to go on.
/// One row is always given.
pub const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// What [`plan_migration`] found to add to the data.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MigrationPlan {
    /// Names of new tables.
    pub tables: Vec<String>,
    /// New columns of tables that are there: table, column.
    pub columns: Vec<(String, Column)>,
    /// Indexes to drop first, as they are on disk: those that are no longer named or differ. Table, index.
    pub dropped: Vec<(String, Index)>,
    /// Indexes to make of tables that are there, behind their new columns: table, index.
    pub indexes: Vec<(String, Index)>,
    /// The data's schema afterwards: never less than what was there.
    pub merged: Schema,
}

impl MigrationPlan {
    /// Whether tables, columns and indexes stay as they are. Even then `merged` may have other defaults and units than
    /// the data's schema.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.columns.is_empty() && self.dropped.is_empty() && self.indexes.is_empty()
    }
}

fn refuse(table: &str, column: &str, message: String) -> PluginError {
    PluginError::new(ErrorCode::SchemaConflict, message).at(table, column, 0)
}

/// Whether a schema is sound: names, limits, keys, indexes, defaults, flags.
pub fn check_schema(schema: &Schema) -> PluginResult<()> {
    if schema.major == 0 {
        return Err(refuse("", "", "a schema's major is counted from 1".to_owned()));
    }
    if schema.tables.len() > TABLES_MAX {
        return Err(PluginError::new(ErrorCode::TooLarge, format!("a schema has at most {TABLES_MAX} tables")));
    }
    for (at, table) in schema.tables.iter().enumerate() {
        if schema.tables[..at].iter().any(|other| other.name == table.name) {
            return Err(refuse(&table.name, "", "two tables have this name".to_owned()));
        }
        check_table(table)?;
    }
    Ok(())
}

fn check_table(table: &Table) -> PluginResult<()> {
    check_name(&table.name, &table.name, "")?;
    if table.columns.len() > COLUMNS_MAX {
        return Err(PluginError::new(ErrorCode::TooLarge, format!("a table has at most {COLUMNS_MAX} columns")).at(
            &table.name,
            "",
            0,
        ));
    }
    for (at, column) in table.columns.iter().enumerate() {
        check_name(&column.name, &table.name, &column.name)?;
        if table.columns[..at].iter().any(|other| other.name == column.name) {
            return Err(refuse(&table.name, &column.name, "two columns have this name".to_owned()));
        }
        check_value(column, &column.default, true)
            .map_err(|(_, problem)| refuse(&table.name, &column.name, format!("its default {problem}")))?;
    }
    if table.key.is_empty() {
        return Err(refuse(&table.name, "", "a table needs a key".to_owned()));
    }
    check_columns_of(table, &table.key, "the key")?;
    for name in &table.key {
        if table.column(name).is_some_and(|column| column.nullable) {
            return Err(refuse(&table.name, name, "a key column cannot be nullable".to_owned()));
        }
    }
    for (at, index) in table.indexes.iter().enumerate() {
        check_name(&index.name, &table.name, &index.name)?;
        if table.indexes[..at].iter().any(|other| other.name == index.name) {
            return Err(refuse(&table.name, &index.name, "two indexes have this name".to_owned()));
        }
        if index.columns.is_empty() {
            return Err(refuse(&table.name, &index.name, "an index needs columns".to_owned()));
        }
        check_columns_of(table, &index.columns, "an index")?;
        check_width(table, &index.name)?;
    }
    check_width(table, "")?;
    let searchable = |name: &str| table.column(name).is_some_and(|column| column.kind == ColumnType::Text);
    if !table.search.is_empty() && !searchable(&table.search) {
        return Err(refuse(&table.name, &table.search, "the searched column must be Text".to_owned()));
    }
    Ok(())
}

/// Whether the longest row of an index fits every engine's.
fn check_width(table: &Table, index: &str) -> PluginResult<()> {
    let width = |name: &&str| match table.column(name).map(|column| column.kind) {
        Some(ColumnType::Text | ColumnType::Bytes) => INDEXED_BYTES_MAX + 4,
        _ => 16,
    };
    let bytes: usize = order_columns(table, index).unwrap_or_default().iter().map(width).sum();
    if bytes <= INDEX_ROW_BYTES_MAX {
        return Ok(());
    }
    let message = format!("a row of an index and its key may take {bytes} bytes, at most {INDEX_ROW_BYTES_MAX} fit");
    Err(refuse(&table.name, index, message))
}

fn check_name(name: &str, table: &str, column: &str) -> PluginResult<()> {
    let good = name.len() <= NAME_BYTES_MAX
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    // Engines keep these for themselves.
    let reserved = name.starts_with("sqlite_") || name.starts_with("pg_");
    if good && !reserved {
        return Ok(());
    }
    Err(refuse(
        table,
        column,
        format!("`{name}` is no name: lower-case letters, digits and _, at most {NAME_BYTES_MAX}"),
    ))
}

fn check_columns_of(table: &Table, columns: &[String], what: &str) -> PluginResult<()> {
    for (at, name) in columns.iter().enumerate() {
        if table.column(name).is_none() {
            return Err(refuse(&table.name, name, format!("{what} names a column that is not there")));
        }
        if columns[..at].contains(name) {
            return Err(refuse(&table.name, name, format!("{what} names a column twice")));
        }
    }
    Ok(())
}

/// What is wrong with a value in a column, as the code and the end of a sentence that begins with the column.
/// A null default (`null_is_none`) means "none" even for a column that is not nullable.
pub(crate) fn check_value(column: &Column, value: &Value, null_is_none: bool) -> Result<(), (ErrorCode, String)> {
    match (value, value.column_type()) {
        (_, None) if column.nullable || null_is_none => Ok(()),
        (_, None) => Err((ErrorCode::BadValue, "cannot be null".to_owned())),
        (_, Some(kind)) if kind != column.kind => {
            Err((ErrorCode::BadValue, format!("is {:?}, not {kind:?}", column.kind)))
        }
        (Value::Text(text), _) if text.len() > TEXT_BYTES_MAX => {
            Err((ErrorCode::TooLarge, format!("has {} bytes of text, at most {TEXT_BYTES_MAX}", text.len())))
        }
        (Value::Text(text), _) if text.contains('\0') => {
            Err((ErrorCode::BadValue, "holds the character U+0000".to_owned()))
        }
        (Value::Bytes(bytes), _) if bytes.len() > BYTES_MAX => {
            Err((ErrorCode::TooLarge, format!("has {} bytes, at most {BYTES_MAX}", bytes.len())))
        }
        _ => Ok(()),
    }
}

/// What must be done to data of the schema `disk` (major 0: none yet) so that it serves `wanted`: tables and columns are
/// added, and where `wanted` is not the older one, indexes and defaults become its own. A newer major on disk is
/// [`ErrorCode::SchemaNewer`]; anything else that differs is [`ErrorCode::SchemaConflict`].
pub fn plan_migration(disk: &Schema, wanted: &Schema) -> PluginResult<MigrationPlan> {
    check_schema(wanted)?;
    if disk.major > wanted.major {
        let message = format!("the data has schema {}.{}, this program knows {}", disk.major, disk.minor, wanted.major);
        return Err(PluginError::new(ErrorCode::SchemaNewer, message)
            .with_next("Open the shop with the newer version of AuraPOS that wrote it."));
    }
    let older = (wanted.major, wanted.minor) < (disk.major, disk.minor);
    let mut plan = MigrationPlan { merged: disk.clone(), ..Default::default() };
    let mut merged = std::mem::take(&mut plan.merged);
    for table in &wanted.tables {
        match merged.tables.iter_mut().find(|there| there.name == table.name) {
            Some(there) => {
                merge_columns(there, table, older, &mut plan)?;
                // An older program's questions are answered in its order without an index of its own, only slower.
                if !older {
                    merge_indexes(there, table, &mut plan);
                }
            }
            None => {
                plan.tables.push(table.name.clone());
                merged.tables.push(table.clone());
            }
        }
    }
    if !older {
        (merged.major, merged.minor) = (wanted.major, wanted.minor);
    } else if !plan.is_empty() {
        return Err(refuse(
            "",
            "",
            format!("the data has the newer schema {}.{} and lacks parts", disk.major, disk.minor),
        ));
    }
    check_schema(&merged)?;
    plan.merged = merged;
    Ok(plan)
}

fn merge_columns(there: &mut Table, wanted: &Table, older: bool, plan: &mut MigrationPlan) -> PluginResult<()> {
    let same = there.key == wanted.key
        && there.append_only == wanted.append_only
        && there.replicated == wanted.replicated
        && there.search == wanted.search;
    if !same {
        return Err(refuse(&wanted.name, "", "its key or its flags differ from the data's".to_owned()));
    }
    for column in &wanted.columns {
        let Some(old) = there.columns.iter_mut().find(|old| old.name == column.name) else {
            if !column.nullable && column.default == Value::Null {
                let message = "a column that is added must be nullable or have a default".to_owned();
                return Err(refuse(&wanted.name, &column.name, message));
            }
            plan.columns.push((wanted.name.clone(), column.clone()));
            there.columns.push(column.clone());
            continue;
        };
        // A default that is gone would leave programs that rely on it without one.
        let lost = !older && old.default != Value::Null && column.default == Value::Null;
        if (old.kind, old.nullable) != (column.kind, column.nullable) || lost {
            return Err(refuse(&wanted.name, &column.name, "it differs from the data's".to_owned()));
        }
        if !older {
            *old = column.clone();
        }
    }
    Ok(())
}

fn merge_indexes(there: &mut Table, wanted: &Table, plan: &mut MigrationPlan) {
    let named = |table: &str, index: &Index| (table.to_owned(), index.clone());
    let gone = there.indexes.iter().filter(|index| !wanted.indexes.contains(index));
    plan.dropped.extend(gone.map(|index| named(&wanted.name, index)));
    let new = wanted.indexes.iter().filter(|index| !there.indexes.contains(index));
    plan.indexes.extend(new.map(|index| named(&wanted.name, index)));
    there.indexes.clone_from(&wanted.indexes);
}

/// The columns that give an index its total order: its own, then those of the key that it does not have. A cursor
/// ([`crate::query::Query::after`]) holds the values of these. `None` when there is no such index.
pub fn order_columns<'a>(table: &'a Table, index: &str) -> Option<Vec<&'a str>> {
    let mut columns: Vec<&str> = table.index_columns(index)?.iter().map(String::as_str).collect();
    for key in &table.key {
        if !columns.contains(&key.as_str()) {
            columns.push(key);
        }
    }
    Some(columns)
}

pub(crate) fn table_of<'a>(schema: &'a Schema, name: &str) -> PluginResult<&'a Table> {
    schema
        .table(name)
        .ok_or_else(|| PluginError::new(ErrorCode::UnknownTable, format!("there is no table `{name}`")).at(name, "", 0))
}

pub(crate) fn column_of<'a>(table: &'a Table, name: &str) -> PluginResult<&'a Column> {
    let message = || format!("the table `{}` has no column `{name}`", table.name);
    table.column(name).ok_or_else(|| PluginError::new(ErrorCode::UnknownColumn, message()).at(&table.name, name, 0))
}
