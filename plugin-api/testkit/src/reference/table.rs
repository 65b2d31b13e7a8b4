//! The data itself: tables as maps, indexes as sorted sets, what is remembered of commits.

use aurapos_contract::error::{ErrorCode, PluginError, PluginResult};
use aurapos_contract::schema::{Schema, Table};
use aurapos_contract::transaction::OUTCOME_DAYS;
use aurapos_contract::validate::MigrationPlan;
use aurapos_contract::{Timestamp, Uuid, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};

/// Values of the key columns, in the key's order.
pub(crate) type Key = Vec<Value>;
/// Values of all columns, in the order of the schema on "disk".
pub(crate) type Row = Vec<Value>;

/// Everything a store holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Data {
    pub epoch: Uuid,
    /// What the data is; may be newer than `active`.
    pub disk: Schema,
    /// What the host asked for: what questions and transactions are checked against.
    pub active: Schema,
    pub position: u64,
    pub tables: BTreeMap<String, TableData>,
    pub commits: BTreeMap<Uuid, Known>,
    /// By position: the transaction, and the rows of replicated tables that it touched.
    pub log: BTreeMap<u64, Logged>,
}

/// What is remembered of a transaction's id.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Known {
    pub position: u64,
    pub hash: [u8; 32],
    pub time: Timestamp,
}

/// One transaction in the feed.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Logged {
    pub transaction: Uuid,
    pub touched: Vec<(String, Key)>,
}

/// The rows of one table. Each index holds, for every row, its columns and then the key.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct TableData {
    pub rows: BTreeMap<Key, Row>,
    pub indexes: BTreeMap<String, BTreeSet<Vec<Value>>>,
}

/// The cells of a row that are in these columns.
pub(crate) fn pick(table: &Table, columns: &[String], row: &Row) -> Vec<Value> {
    columns.iter().filter_map(|name| position(table, name).map(|at| row[at].clone())).collect()
}

/// Where a column is in a row.
pub(crate) fn position(table: &Table, column: &str) -> Option<usize> {
    table.columns.iter().position(|candidate| candidate.name == column)
}

impl TableData {
    /// Puts a row, or removes it; answers what was there.
    pub fn replace(&mut self, table: &Table, key: &Key, row: Option<Row>) -> Option<Row> {
        let old = match &row {
            Some(row) => self.rows.insert(key.clone(), row.clone()),
            None => self.rows.remove(key),
        };
        for index in &table.indexes {
            let entries = self.indexes.entry(index.name.clone()).or_default();
            if let Some(old) = &old {
                entries.remove(&[pick(table, &index.columns, old), key.clone()].concat());
            }
            if let Some(row) = &row {
                entries.insert([pick(table, &index.columns, row), key.clone()].concat());
            }
        }
        old
    }

    /// The row of another key that holds the same non-null values in a unique index.
    pub fn unique_holder(&self, table: &Table, key: &Key, row: &Row) -> Option<&Row> {
        table.indexes.iter().filter(|index| index.unique).find_map(|index| {
            let values = pick(table, &index.columns, row);
            if values.contains(&Value::Null) {
                return None;
            }
            let entries = self.indexes.get(&index.name)?;
            let holder = entries
                .range(values.clone()..)
                .take_while(|entry| entry.starts_with(&values))
                .map(|entry| entry[values.len()..].to_vec())
                .find(|other| other != key)?;
            self.rows.get(&holder)
        })
    }
}

impl Data {
    /// Makes the data hold everything of a plan, or changes nothing.
    pub fn migrate(&mut self, wanted: &Schema, plan: MigrationPlan) -> PluginResult<()> {
        if plan.merged == self.disk && *wanted == self.active && !self.epoch.is_nil() {
            return Ok(());
        }
        let mut tables = self.tables.clone();
        for (name, column) in &plan.columns {
            if let Some(data) = tables.get_mut(name) {
                data.rows.values_mut().for_each(|row| row.push(column.default.clone()));
            }
        }
        for table in &plan.merged.tables {
            let old = tables.remove(&table.name).unwrap_or_default();
            let mut data = TableData::default();
            for (key, row) in old.rows {
                if data.unique_holder(table, &key, &row).is_some() {
                    let message = format!("rows of `{}` break a new unique index", table.name);
                    return Err(PluginError::new(ErrorCode::SchemaConflict, message).at(&table.name, "", 0));
                }
                data.replace(table, &key, Some(row));
            }
            tables.insert(table.name.clone(), data);
        }
        self.tables = tables;
        self.disk = plan.merged;
        self.active = wanted.clone();
        if self.epoch.is_nil() {
            self.epoch = new_epoch();
        }
        Ok(())
    }

    /// Forgets the ids of transactions that are too old.
    pub fn forget(&mut self, now: Timestamp) {
        let oldest = now.saturating_sub(OUTCOME_DAYS * 24 * 3600 * 1_000_000);
        self.commits.retain(|_, known| known.time >= oldest);
    }
}

/// An id for the life of some data: different for each in this process, the same in each run.
pub(crate) fn new_epoch() -> Uuid {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    Uuid::from_u64_pair(0x5265_6665_7265_7000, NEXT.fetch_add(1, Ordering::Relaxed) | 1 << 63)
}
