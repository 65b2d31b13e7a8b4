//! The record schema of a register as data. A storage turns it into real tables, so that an owner can read them with the
//! engine's own tools. A test pins it as text ([`golden`]): a change is deliberate and raises [`MINOR`].
//!
//! Facts (journal, sales, moves) are append-only and replicated; the catalog, people and settings are edited and carry
//! stamps; counters, heads, levels and drawer totals belong to this register alone. What two registers can do at one time
//! without knowing of each other has no unique index: the engine's rules see to it ([`crate::apply`]).

use aurapos_contract::schema::{Column, Index, Schema, Table};
use aurapos_contract::{ColumnType, Value};
use std::sync::OnceLock;

pub mod edited;
pub mod older;
mod tables;

pub use tables::schema;

/// The schema of this version, made once: for whoever looks at it often and keeps nothing of it.
pub(crate) fn known() -> &'static Schema {
    static KNOWN: OnceLock<Schema> = OnceLock::new();
    KNOWN.get_or_init(schema)
}

/// Raised when older programs could no longer read the data.
pub const MAJOR: u32 = 1;
/// Raised with each additive change.
pub const MINOR: u32 = 3;

/// Of an edited row: the clock of its last edit. Rows of before the stamps count from 1 here, older than every stamp.
pub const ROW_VERSION: &str = "row_version";
/// The index of every edited table by the clock of the last edit.
pub const EDITED: &str = "edited";
/// Of an edited row: the register that made its last edit; null for rows of before the stamps.
pub const EDITED_BY: &str = "edited_by";
/// Of an edited row: the stamps of the fields that were edited earlier than the row.
pub const OLDER_STAMPS: &str = "older_stamps";
/// Of an edited row: it is a tombstone.
pub const DELETED: &str = "deleted";

/// Builds one table; the order of calls is the order of columns.
pub(crate) struct TableBuilder(Table);

/// Starts a table.
pub(crate) fn table(name: &str) -> TableBuilder {
    TableBuilder(Table { name: name.to_owned(), ..Table::default() })
}

impl TableBuilder {
    fn column(mut self, name: &str, kind: ColumnType, nullable: bool, unit: &str) -> Self {
        let (name, unit) = (name.to_owned(), unit.to_owned());
        self.0.columns.push(Column { name, kind, nullable, default: Value::Null, unit });
        self
    }

    /// Columns that are always there.
    pub(crate) fn has(self, kind: ColumnType, names: &str) -> Self {
        names.split_whitespace().fold(self, |table, name| table.column(name, kind, false, ""))
    }

    /// Columns that may be null.
    pub(crate) fn may_have(self, kind: ColumnType, names: &str) -> Self {
        names.split_whitespace().fold(self, |table, name| table.column(name, kind, true, ""))
    }

    /// Whole numbers in a unit.
    pub(crate) fn numbers(self, unit: &str, names: &str) -> Self {
        names.split_whitespace().fold(self, |table, name| table.column(name, ColumnType::Int, false, unit))
    }

    /// The key.
    pub(crate) fn key(mut self, names: &str) -> Self {
        self.0.key = names.split_whitespace().map(str::to_owned).collect();
        self
    }

    fn add_index(mut self, name: &str, columns: &str, unique: bool) -> Self {
        let columns = columns.split_whitespace().map(str::to_owned).collect();
        self.0.indexes.push(Index { name: name.to_owned(), columns, unique });
        self
    }

    /// An index.
    pub(crate) fn index(self, name: &str, columns: &str) -> Self {
        self.add_index(name, columns, false)
    }

    /// Rows are only ever added, and other registers get them.
    pub(crate) fn facts(mut self) -> Table {
        (self.0.append_only, self.0.replicated) = (true, true);
        self.0
    }

    /// Rows are edited by any register. They carry the stamps of their fields and whether they are deleted
    /// ([`crate::edits`]): the engine writes both, a store keeps them as they are.
    pub(crate) fn edited(mut self) -> Table {
        self = self.has(ColumnType::Int, ROW_VERSION);
        self = self.may_have(ColumnType::Uuid, EDITED_BY).may_have(ColumnType::Bytes, OLDER_STAMPS);
        self = self.with_default(ColumnType::Bool, DELETED, Value::Bool(false));
        // What was edited after a stamp, for whoever brings it to other registers.
        self = self.index(EDITED, ROW_VERSION);
        self.0.replicated = true;
        self.0
    }

    /// A column that rows of earlier programs don't have.
    pub(crate) fn with_default(mut self, kind: ColumnType, name: &str, default: Value) -> Self {
        self = self.column(name, kind, false, "");
        if let Some(column) = self.0.columns.last_mut() {
            column.default = default;
        }
        self
    }

    /// Rows are only ever added, and stay in this register.
    pub(crate) fn kept(mut self) -> Table {
        self.0.append_only = true;
        self.0
    }

    /// Rows of this register alone.
    pub(crate) fn local(self) -> Table {
        self.0
    }

    /// The column that search looks in.
    pub(crate) fn searched(mut self, column: &str) -> Self {
        self.0.search = column.to_owned();
        self
    }
}

/// The schema as text, one line a column, for the test that pins it and for people.
pub fn golden() -> String {
    use std::fmt::Write;
    let schema = schema();
    let mut out = format!("schema {}.{}\n", schema.major, schema.minor);
    for table in &schema.tables {
        let mut flags = String::new();
        for (flag, set) in [("append_only", table.append_only), ("replicated", table.replicated)] {
            if set {
                flags = format!("{flags} {flag}");
            }
        }
        if !table.search.is_empty() {
            flags = format!("{flags} search={}", table.search);
        }
        let _ = writeln!(out, "\n{} key({}){flags}", table.name, table.key.join(" "));
        for column in &table.columns {
            let null = if column.nullable { "?" } else { "" };
            let kind = format!("{:?}{null}", column.kind).to_lowercase();
            let default = if column.default == Value::Null { String::new() } else { format!("= {:?}", column.default) };
            let _ = writeln!(out, "{}", format!("  {} {kind} {}{default}", column.name, column.unit).trim_end());
        }
        for index in &table.indexes {
            let kind = if index.unique { "unique" } else { "index" };
            let _ = writeln!(out, "  {kind} {} ({})", index.name, index.columns.join(" "));
        }
    }
    out
}

/// The whole schema at its present version.
pub(crate) fn of_tables(tables: Vec<Table>) -> Schema {
    Schema { major: MAJOR, minor: MINOR, tables }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_pinned_one() {
        let pinned = include_str!("golden.txt");
        assert_eq!(golden(), pinned, "the schema changed: raise MINOR (additive) or MAJOR, then update golden.txt");
    }

    #[test]
    fn is_well_formed() {
        for table in schema().tables {
            assert!(!table.key.is_empty(), "{}", table.name);
            let columns = |names: &[String]| names.iter().all(|name| table.column(name).is_some());
            assert!(columns(&table.key), "{}: key", table.name);
            assert!(table.key.iter().all(|key| !table.column(key).unwrap().nullable), "{}: nullable key", table.name);
            assert!(table.indexes.iter().all(|index| columns(&index.columns)), "{}: index", table.name);
            assert!(table.search.is_empty() || table.column(&table.search).is_some(), "{}: search", table.name);
            let mut names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), table.columns.len(), "{}: a column stands twice", table.name);
        }
    }
}
