//! Questions to a store: scans, searches, aggregates, and the feed of changes.

use crate::value::Value;
use uuid::Uuid;

/// Most rows in one answer. A query asks for fewer with `limit` and goes on with `after`.
pub const ANSWER_ROWS_MAX: u32 = 10_000;
/// Most values in one `In` filter.
pub const IN_VALUES_MAX: usize = 1_000;
/// Most filters in one query.
pub const FILTERS_MAX: usize = 16;
/// The longest cursor, in bytes.
pub const CURSOR_BYTES_MAX: usize = 64;

wire_enum! {
    /// How a filter compares. Null compares equal to null and lower than everything else.
    pub strict enum FilterKind {
        /// Equal to the one value.
        1 => Equal,
        /// Not equal to the one value.
        2 => NotEqual,
        /// Lower than the one value.
        3 => Less,
        /// Lower or equal.
        4 => AtMost,
        /// Greater.
        5 => Greater,
        /// Greater or equal.
        6 => AtLeast,
        /// One of up to [`IN_VALUES_MAX`] values.
        7 => In,
    }
}

wire_struct! {
    /// One condition; a query's conditions must all hold.
    pub strict struct Filter, version 1 {
        /// Column.
        1 => column: String,
        /// Comparison.
        2 => kind: FilterKind,
        /// One value, or any number for `In`.
        3 => values: Vec<Value>,
    }
}

wire_struct! {
    /// Rows of one table that satisfy all filters, in the order of an index.
    pub strict struct Query, version 1 {
        /// Table.
        1 => table: String,
        /// Columns of the answer, in this order; empty: all, in the schema's order.
        2 => columns: Vec<String>,
        /// Conditions.
        3 => filters: Vec<Filter>,
        /// Index whose order the rows have (ties by key); empty: the key's.
        4 => order: String,
        /// Backwards.
        5 => descending: bool,
        /// At most this many rows; 0 means [`ANSWER_ROWS_MAX`].
        6 => limit: u32,
        /// Go on after the last row of an earlier answer to the same query: that answer's `next`. Empty: from the start.
        7 => after: Vec<Value>,
    }
}

wire_struct! {
    /// Counts and sums, grouped. Groups come in the order of their values.
    pub strict struct AggregateQuery, version 1 {
        /// Table.
        1 => table: String,
        /// Conditions.
        2 => filters: Vec<Filter>,
        /// Columns to group by; empty: one group over all rows, present even if there are none.
        3 => group_by: Vec<String>,
        /// Int columns to sum; nulls count as 0. A sum outside i64 is [`crate::ErrorCode::BadValue`]. The answer has the
        /// group columns, then `count` (Int), then `sum_<column>` each (Int).
        4 => sums: Vec<String>,
    }
}

wire_enum! {
    /// What happened to a row.
    pub strict enum ChangeKind {
        /// It is there with these values now.
        1 => Put,
        /// It is gone; only the key columns are given.
        2 => Deleted,
    }
}

wire_struct! {
    /// One change of a replicated table.
    pub struct Change {
        /// What happened.
        1 => kind: ChangeKind,
        /// Table.
        2 => table: String,
        /// Columns of `row`.
        3 => columns: Vec<String>,
        /// Values. For `Put` as of some time at or after the change: a later change of the same row may show already.
        4 => row: Vec<Value>,
        /// The commit's position ([`crate::transaction::Committed::position`]).
        5 => position: u64,
        /// The transaction.
        6 => transaction: Uuid,
    }
}

wire_struct! {
    /// Changes in the order of commits, ending at the end of a transaction.
    pub struct ChangeBatch {
        /// Changes.
        1 => changes: Vec<Change>,
        /// Where to go on: opaque, at most [`CURSOR_BYTES_MAX`] bytes.
        2 => next: Vec<u8>,
        /// There is more right now.
        3 => more: bool,
    }
}

impl Query {
    /// A query over a table, all columns, in key order.
    pub fn over(table: &str) -> Self {
        Query { table: table.to_owned(), ..Default::default() }
    }

    /// Adds a condition.
    #[must_use]
    pub fn filter(mut self, column: &str, kind: FilterKind, value: impl Into<Value>) -> Self {
        self.filters.push(Filter { column: column.to_owned(), kind, values: vec![value.into()] });
        self
    }

    /// Adds "is one of".
    #[must_use]
    pub fn filter_in(mut self, column: &str, values: Vec<Value>) -> Self {
        self.filters.push(Filter { column: column.to_owned(), kind: FilterKind::In, values });
        self
    }

    /// Chooses the answer's columns.
    #[must_use]
    pub fn select(mut self, columns: &[&str]) -> Self {
        self.columns = columns.iter().map(|&column| column.to_owned()).collect();
        self
    }

    /// Chooses the order.
    #[must_use]
    pub fn order_by(mut self, index: &str, descending: bool) -> Self {
        self.order = index.to_owned();
        self.descending = descending;
        self
    }

    /// Limits the answer.
    #[must_use]
    pub fn limit(mut self, rows: u32) -> Self {
        self.limit = rows;
        self
    }
}
