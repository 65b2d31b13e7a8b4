//! The locks of commits: numbers that PostgreSQL's advisory locks go by.
//!
//! A commit reads and writes rows by their keys, and all of them are known before it begins. So it takes a lock for each
//! key, in one order for all, before it looks at any: two commits with a key in common come one after the other, also when
//! the row is not there, and none waits for another in a circle (ADR 0028).

use crate::contract::schema::Schema;
use crate::contract::transaction::{OperationKind, Transaction};
use crate::contract::{Uuid, Value, codec};
use sha2::{Digest, Sha256};

/// More keys than this are not locked one by one: the commit then has the whole store for itself. The server has room for
/// some thousands of locks over all sessions.
pub(crate) const KEYS_MAX: usize = 1_000;

/// What a lock is for, beside the rows.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Whole {
    /// Commits share it; a snapshot has it alone for the moment in which it begins.
    Gate,
    /// Open stores share it; who puts other data in their place has it alone.
    Open,
    /// Changes of tables.
    Migrate,
}

fn number(space: &str, what: &[u8]) -> i64 {
    let hash = Sha256::new().chain_update(space).chain_update([0]).chain_update(what).finalize();
    i64::from_be_bytes(std::array::from_fn(|at| hash[at]))
}

/// The number of one of the locks that are for everything.
pub(crate) fn whole(space: &str, what: Whole) -> i64 {
    number(space, format!("{what:?}").as_bytes())
}

/// The number of a transaction's id.
pub(crate) fn id(space: &str, id: Uuid) -> i64 {
    number(space, &[b"id ".as_slice(), id.as_bytes()].concat())
}

fn row(space: &str, table: &str, key: &[Value]) -> i64 {
    let mut bytes = format!("row {table}").into_bytes();
    bytes.push(0);
    bytes.extend(codec::encode(&key.to_vec()));
    number(space, &bytes)
}

/// What a commit locks.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Locks {
    /// Everything, instead of the keys.
    pub alone: bool,
    /// In the order of all commits, each once.
    pub numbers: Vec<i64>,
}

/// The locks of a transaction that fits the schema.
pub(crate) fn of(space: &str, schema: &Schema, transaction: &Transaction) -> Locks {
    let rows = transaction.row_count() + transaction.expectations.len();
    let mut numbers = vec![id(space, transaction.id)];
    if rows > KEYS_MAX {
        return Locks { alone: true, numbers };
    }
    numbers.extend(transaction.expectations.iter().map(|one| row(space, &one.table, &one.key)));
    for operation in &transaction.operations {
        let Some(table) = schema.table(&operation.table) else { continue };
        let places: Vec<Option<usize>> =
            table.key.iter().map(|name| operation.columns.iter().position(|column| column == name)).collect();
        debug_assert!(operation.kind == OperationKind::Insert || places.iter().all(Option::is_some), "checked before");
        for cells in &operation.rows {
            let part = |(name, place): (&String, &Option<usize>)| match place {
                Some(at) => cells[*at].clone(),
                None => table.column(name).map_or(Value::Null, |column| column.default.clone()),
            };
            let key: Vec<Value> = table.key.iter().zip(&places).map(part).collect();
            numbers.push(row(space, &table.name, &key));
        }
    }
    numbers.sort_unstable();
    numbers.dedup();
    Locks { alone: false, numbers }
}
