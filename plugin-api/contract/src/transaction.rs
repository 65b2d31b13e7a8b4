//! Transactions: what is written together, under which expectations, and the answer.

use crate::codec;
use crate::value::{Timestamp, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Most rows in one transaction, over all its operations.
pub const ROWS_MAX: usize = 10_000;
/// Most bytes in one transaction, by [`Value::size`].
pub const TRANSACTION_BYTES_MAX: usize = 16 * 1024 * 1024;
/// How long a store remembers a transaction's id and answer, in days.
pub const OUTCOME_DAYS: i64 = 90;

wire_enum! {
    /// What an operation does with its rows.
    pub strict enum OperationKind {
        /// Adds rows whose keys are not there; a key that is there is a [`crate::ErrorCode::Conflict`].
        1 => Insert,
        /// Adds rows, or replaces the named columns of the rows that are there.
        2 => Upsert,
        /// Removes the rows with these keys; a key that is not there is no error.
        3 => Delete,
        /// Adds to numbers: each row gives the key and Int columns. Where the key is there, each is added to what the row
        /// has (null counts as 0), so that differences need no read and cannot overwrite each other; elsewhere it is a new
        /// row with these values, as of an upsert. A sum outside i64 is [`crate::ErrorCode::BadValue`].
        4 => Add,
    }
}

wire_struct! {
    /// Rows of one table to insert, upsert, delete, or add to.
    pub strict struct Operation, version 1 {
        /// What to do.
        1 => kind: OperationKind,
        /// Table.
        2 => table: String,
        /// The columns that each row gives, in any order; for a delete the key columns.
        3 => columns: Vec<String>,
        /// Rows, each as long as `columns`.
        4 => rows: Vec<Vec<Value>>,
    }
}

wire_struct! {
    /// What must be true before the transaction for it to happen.
    pub strict struct Expectation, version 1 {
        /// Table.
        1 => table: String,
        /// Values of the table's key columns, in the key's order.
        2 => key: Vec<Value>,
        /// No row with this key may be there. `columns` and `values` are empty then.
        3 => absent: bool,
        /// Columns to compare; the row itself must be there.
        4 => columns: Vec<String>,
        /// The values they must have (null equals null).
        5 => values: Vec<Value>,
    }
}

wire_struct! {
    /// All or nothing, durable when `commit` returns.
    pub strict struct Transaction, version 1 {
        /// Chosen by the engine: a UUIDv7. The same id and content answers with the first answer; the same id with other
        /// content is [`crate::ErrorCode::IdReused`].
        1 => id: Uuid,
        /// When, by the engine's clock. Decides when the id is forgotten ([`OUTCOME_DAYS`]).
        2 => time: Timestamp,
        /// Checked first, in order; the first that fails is answered.
        3 => expectations: Vec<Expectation>,
        /// Applied in order.
        4 => operations: Vec<Operation>,
        /// The life of the data ([`crate::storage::StoreInfo::epoch`]) for which it was made; `None`: any. Checked before
        /// the other expectations: data of another life is a [`crate::ErrorCode::Conflict`] that names it
        /// ([`crate::error::ErrorDetail::epoch`]).
        5 => epoch: Option<Uuid>,
    }
}

wire_struct! {
    /// Facts of others that are old enough to go: the one way by which rows leave a table that is append-only. They go
    /// from this store alone: a pruned row is no [`crate::query::Change`], and the feed no longer tells that it was added.
    pub strict struct Prune, version 1 {
        /// A table that is append-only and replicated.
        1 => table: String,
        /// The column that says whose a row is.
        2 => owner: String,
        /// Whose rows stay, whatever their age: at least one value. Rows that are nobody's (null) stay as well.
        3 => own: Vec<Value>,
        /// The column by which a row is old: an Int, a Time, or a UUIDv7, which begins with its time.
        4 => age: String,
        /// Rows with a lower value go. Rows without one (null) stay.
        5 => below: Value,
        /// At most so many rows in this call; 0, or more than [`ROWS_MAX`], means that.
        6 => limit: u32,
    }
}

wire_struct! {
    /// What a prune did.
    pub struct Pruned {
        /// Rows that are gone.
        1 => rows: u64,
        /// There may be more of them.
        2 => more: bool,
    }
}

wire_struct! {
    /// A committed transaction.
    pub struct Committed {
        /// Position among the store's commits, above 0: a commit that begins after this answer has a higher one. Numbers
        /// may be left out, and of commits that go on at the same time a higher one may be seen first: no engine has to
        /// hold others up while it syncs one. Only a snapshot is exact ([`crate::storage::SnapshotInfo::position`]).
        1 => position: u64,
        /// This id had been committed before; nothing was written this time.
        2 => already: bool,
    }
}

wire_struct! {
    /// What the store knows of a transaction's id.
    pub struct Outcome {
        /// The answer it was given, or `None` when this store does not know the id: it did not happen, or longer than
        /// [`OUTCOME_DAYS`] ago. `None` is a promise: no commit of this id that had been called by then will appear later.
        /// Where one may be still on its way (in this store, or in a session of a server) the store waits for its end, ends
        /// it, or answers [`crate::ErrorCode::Busy`].
        1 => committed: Option<Committed>,
    }
}

impl Transaction {
    /// SHA-256 over the encoding: what "the same content" means.
    pub fn content_hash(&self) -> [u8; 32] {
        Sha256::digest(codec::encode(self)).into()
    }

    /// Rows over all operations.
    pub fn row_count(&self) -> usize {
        self.operations.iter().map(|operation| operation.rows.len()).sum()
    }

    /// Bytes over all operations, by [`Value::size`].
    pub fn byte_count(&self) -> usize {
        self.operations.iter().flat_map(|operation| &operation.rows).flatten().map(Value::size).sum()
    }

    /// Appends an operation.
    pub fn push(&mut self, kind: OperationKind, table: &str, columns: &[&str], rows: Vec<Vec<Value>>) {
        let columns = columns.iter().map(|&column| column.to_owned()).collect();
        self.operations.push(Operation { kind, table: table.to_owned(), columns, rows });
    }

    /// Expects that a row with this key has these values.
    pub fn expect_row(&mut self, table: &str, key: Vec<Value>, columns: &[&str], values: Vec<Value>) {
        let columns = columns.iter().map(|&column| column.to_owned()).collect();
        self.expectations.push(Expectation { table: table.to_owned(), key, absent: false, columns, values });
    }

    /// Expects that no row has this key.
    pub fn expect_absent(&mut self, table: &str, key: Vec<Value>) {
        self.expectations.push(Expectation { table: table.to_owned(), key, absent: true, ..Default::default() });
    }
}
