//! The host's schema as data. A storage turns it into real tables with real types, so that an owner can read them with
//! the engine's own tools.

use crate::value::{ColumnType, Value};

/// Most tables a schema may have.
pub const TABLES_MAX: usize = 200;
/// Most columns a table may have.
pub const COLUMNS_MAX: usize = 100;
/// The longest table, column or index name: lower-case letters, digits and `_`, starting with a letter.
pub const NAME_BYTES_MAX: usize = 48;

wire_struct! {
    /// A whole schema.
    pub strict struct Schema, version 1 {
        /// Raised when old programs can no longer read the data. A store with a higher major refuses to open.
        1 => major: u32,
        /// Raised with every additive change. A store with a higher minor is accepted and left alone.
        2 => minor: u32,
        /// The tables.
        3 => tables: Vec<Table>,
    }
}

wire_struct! {
    /// One table.
    pub strict struct Table, version 1 {
        /// Name.
        1 => name: String,
        /// Columns in order.
        2 => columns: Vec<Column>,
        /// The key columns: at least one, none nullable.
        3 => key: Vec<String>,
        /// Indexes beside the key.
        4 => indexes: Vec<Index>,
        /// Rows can be inserted only, by anyone and with any tool; see [`crate::transaction::Prune`] for what may go.
        5 => append_only: bool,
        /// Changes appear in the feed.
        6 => replicated: bool,
        /// The text column that [`crate::RecordStore::search`] looks in; it holds text that the engine has folded. Empty: not searchable.
        7 => search: String,
        // 8 was a column that each store raised by itself. It is in schemas on disk, so the number is not given again.
    }
}

wire_struct! {
    /// One column.
    pub strict struct Column, version 1 {
        /// Name.
        1 => name: String,
        /// Type.
        2 => kind: ColumnType,
        /// Whether null is allowed.
        3 => nullable: bool,
        /// What rows get that do not name the column, those that are there when it is added as well; required to be
        /// non-null for a non-nullable column that is added to an existing table. Null: the column must be named unless
        /// it is nullable. A later schema may give a default or another one: it holds for rows that come after it.
        4 => default: Value,
        /// What the number means (`minor units`, `thousandths`, `basis points`), for people; may be empty.
        5 => unit: String,
    }
}

wire_struct! {
    /// An index over columns, in this order, nulls first. The key is appended to it for a total order. A later schema may
    /// change its columns and whether it is unique, or no longer name it.
    pub strict struct Index, version 1 {
        /// Name, unique within the table.
        1 => name: String,
        /// Columns.
        2 => columns: Vec<String>,
        /// At most one row per non-null combination.
        3 => unique: bool,
    }
}

impl Schema {
    /// The table of that name.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name)
    }
}

impl Table {
    /// Whether the column is in the key or an index.
    pub fn indexes_column(&self, name: &str) -> bool {
        let has = |columns: &[String]| columns.iter().any(|column| column == name);
        has(&self.key) || self.indexes.iter().any(|index| has(&index.columns))
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The columns of the index of that name, or of the key for an empty name.
    pub fn index_columns(&self, index: &str) -> Option<&[String]> {
        if index.is_empty() {
            return Some(&self.key);
        }
        self.indexes.iter().find(|candidate| candidate.name == index).map(|found| found.columns.as_slice())
    }
}
