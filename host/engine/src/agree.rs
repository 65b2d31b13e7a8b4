//! Do two stores hold the same rows? A register compares its own with the shared one: after a shop moved from one register to
//! several or back, and whenever somebody wants to know.
//!
//! Owns the canonical form of a row, so that two engines are compared by one measure. Must not know: what the rows mean. Both
//! stores are read in pages and key order, side by side: memory does not grow with the shop. Rows that are written meanwhile
//! show as differences, and are looked at once more at the end.

use aurapos_contract::query::{ANSWER_ROWS_MAX, FilterKind, Query};
use aurapos_contract::schema::Table;
use aurapos_contract::{RecordStore, RowBatch, Value};
use sha2::{Digest, Sha256};
use std::cmp::Ordering;

use crate::error::EngineResult;
use crate::schema::schema;

/// Rows of one answer.
const PAGE: u32 = 2_000;
const _: () = assert!(PAGE <= ANSWER_ROWS_MAX);
/// Differences named at most; the first few say enough, and a store that lacks everything is told by its count.
pub const NAMED_MAX: usize = 20;
/// Differences looked at once more at most.
const AGAIN_MAX: usize = 10_000;

/// What a table is like on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableAgreement {
    /// Table.
    pub table: String,
    /// Rows here and there.
    pub rows: [u64; 2],
    /// SHA-256 over all rows in key order, here and there, each in its canonical form.
    pub hash: [[u8; 32]; 2],
    /// Rows that differ or that one side lacks, in all.
    pub differences: u64,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Agreement {
    /// Every replicated table.
    pub tables: Vec<TableAgreement>,
    /// The first differences, a sentence each.
    pub named: Vec<String>,
}

impl Agreement {
    /// Whether nothing differs.
    pub fn is_whole(&self) -> bool {
        self.tables.iter().all(|table| table.differences == 0)
    }

    /// Rows here.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows[0]).sum()
    }
}

/// Compares every replicated table. `progress` is told the table and the rows so far, and answers whether to go on.
///
/// # Errors
/// Those of the stores; `None` when it was called off.
pub fn agree(
    here: &dyn RecordStore,
    there: &dyn RecordStore,
    progress: &mut dyn FnMut(&str, u64) -> bool,
) -> EngineResult<Option<Agreement>> {
    let mut agreement = Agreement::default();
    let mut done = 0;
    for table in schema().tables.iter().filter(|table| table.replicated) {
        let mut pair = Pair { sides: [Side::new(here, table), Side::new(there, table)], unlike: Vec::new(), many: 0 };
        while pair.step()? {
            let seen = done + pair.sides[0].rows;
            if seen.is_multiple_of(u64::from(PAGE)) && !progress(&table.name, seen) {
                return Ok(None);
            }
        }
        let Pair { sides: [left, right], unlike, many } = pair;
        done += left.rows;
        let mut differences = many;
        for key in &unlike {
            if let Some(told) = still_unlike(here, there, table, key)? {
                differences += 1;
                if agreement.named.len() < NAMED_MAX {
                    agreement.named.push(told);
                }
            }
        }
        agreement.tables.push(TableAgreement {
            table: table.name.clone(),
            rows: [left.rows, right.rows],
            hash: [left.hash.finalize().into(), right.hash.finalize().into()],
            differences,
        });
    }
    Ok(Some(agreement))
}

/// One store's rows of a table, in key order.
struct Side<'a> {
    store: &'a dyn RecordStore,
    query: Query,
    keys: Vec<usize>,
    page: RowBatch,
    at: usize,
    ended: bool,
    rows: u64,
    hash: Sha256,
}

impl<'a> Side<'a> {
    fn new(store: &'a dyn RecordStore, table: &Table) -> Self {
        let place = |key: &String| table.columns.iter().position(|column| column.name == *key).unwrap_or_default();
        Side {
            store,
            query: all(table),
            keys: table.key.iter().map(place).collect(),
            page: RowBatch::default(),
            at: 0,
            ended: false,
            rows: 0,
            hash: Sha256::new(),
        }
    }

    /// The row it stands at; `None`: no more.
    fn row(&mut self) -> EngineResult<Option<Vec<Value>>> {
        if self.at >= self.page.len() {
            if self.ended {
                return Ok(None);
            }
            self.page = self.store.scan(&self.query)?;
            self.at = 0;
            self.query.after = self.page.next().to_vec();
            self.ended = self.query.after.is_empty();
            if self.page.is_empty() {
                return Ok(None);
            }
        }
        Ok(Some(self.page.row(self.at)))
    }

    fn key(&self, row: &[Value]) -> Vec<Value> {
        self.keys.iter().map(|&at| row[at].clone()).collect()
    }

    fn pass(&mut self, row: &[Value]) {
        self.at += 1;
        self.rows += 1;
        for value in row {
            canonical(value, &mut self.hash);
        }
    }
}

struct Pair<'a> {
    sides: [Side<'a>; 2],
    /// Keys that are looked at once more.
    unlike: Vec<Vec<Value>>,
    /// Further differences.
    many: u64,
}

impl Pair<'_> {
    /// Goes on by one row, or by one on each side; `false`: both ended.
    fn step(&mut self) -> EngineResult<bool> {
        let [left, right] = &mut self.sides;
        let rows = (left.row()?, right.row()?);
        let order = match &rows {
            (None, None) => return Ok(false),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(here), Some(there)) => left.key(here).cmp(&right.key(there)),
        };
        let (here, there) = rows;
        let same = order == Ordering::Equal && here == there;
        let mut key = Vec::new();
        if let Some(row) = here.filter(|_| order != Ordering::Greater) {
            key = left.key(&row);
            left.pass(&row);
        }
        if let Some(row) = there.filter(|_| order != Ordering::Less) {
            key = right.key(&row);
            right.pass(&row);
        }
        match same {
            true => {}
            false if self.unlike.len() < AGAIN_MAX => self.unlike.push(key),
            false => self.many += 1,
        }
        Ok(true)
    }
}

fn all(table: &Table) -> Query {
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    Query::over(&table.name).select(&columns).limit(PAGE)
}

/// Looks at one row once more; `None`: it was written while the tables were read, and is the same now.
fn still_unlike(
    here: &dyn RecordStore,
    there: &dyn RecordStore,
    table: &Table,
    key: &[Value],
) -> EngineResult<Option<String>> {
    let query = table
        .key
        .iter()
        .zip(key)
        .fold(all(table).limit(1), |query, (column, value)| query.filter(column, FilterKind::Equal, value.clone()));
    let row = |store: &dyn RecordStore| -> EngineResult<Option<Vec<Value>>> {
        let batch = store.scan(&query)?;
        Ok((!batch.is_empty()).then(|| batch.row(0)))
    };
    let (left, right) = (row(here)?, row(there)?);
    let name = format!("{} {key:?}", table.name);
    Ok(match (left, right) {
        (left, right) if left == right => None,
        (Some(_), None) => Some(format!("{name} is missing there")),
        (None, _) => Some(format!("{name} is missing here")),
        (Some(left), Some(right)) => {
            let unlike = table.columns.iter().zip(left.iter().zip(&right)).filter(|(_, (left, right))| left != right);
            let columns: Vec<&str> = unlike.map(|(column, _)| column.name.as_str()).collect();
            Some(format!("{name} differs in {}", columns.join(", ")))
        }
    })
}

/// A value's type and content, so that no two different rows have one form.
fn canonical(value: &Value, hash: &mut Sha256) {
    let mut sized = |tag: u8, bytes: &[u8]| {
        hash.update([tag]);
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    match value {
        Value::Null => sized(0, &[]),
        Value::Int(number) => sized(1, &number.to_be_bytes()),
        Value::Bool(truth) => sized(2, &[u8::from(*truth)]),
        Value::Text(text) => sized(3, text.as_bytes()),
        Value::Bytes(bytes) => sized(4, bytes),
        Value::Uuid(id) => sized(5, id.as_bytes()),
        Value::Time(time) => sized(6, &time.to_be_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aurapos_contract::Uuid;
    use aurapos_contract::transaction::{OperationKind, Transaction};
    use aurapos_plugin_testkit::ReferenceStore;

    const COLUMNS: [&str; 5] = ["sale", "number", "kind", "provider", "tendered"];

    fn store(rows: &[(u128, i64)]) -> ReferenceStore {
        let store = ReferenceStore::new();
        store.migrate(&schema()).unwrap();
        for chunk in rows.chunks(1_000) {
            let rows = chunk.iter().map(|&(sale, tendered)| {
                let id = Uuid::from_u128(sale);
                vec![id.into(), 1.into(), "cash".into(), "".into(), tendered.into(), 0.into(), 0.into(), "".into()]
            });
            let columns = [&COLUMNS[..], &["applied", "change", "reference"]].concat();
            let mut transaction = Transaction { id: Uuid::from_u128(chunk[0].0 << 64 | 1), ..Transaction::default() };
            transaction.push(OperationKind::Insert, "sale_tender", &columns, rows.collect());
            store.commit(&transaction).unwrap();
        }
        store
    }

    fn of(here: &ReferenceStore, there: &ReferenceStore) -> (TableAgreement, Vec<String>) {
        let whole = agree(here, there, &mut |_, _| true).unwrap().unwrap();
        let table = whole.tables.iter().find(|one| one.table == "sale_tender").unwrap().clone();
        assert_eq!(whole.is_whole(), table.differences == 0);
        (table, whole.named)
    }

    #[test]
    fn what_differs_is_counted_and_named_and_the_rest_is_the_same() {
        let rows: Vec<(u128, i64)> = (1..=4_500).map(|number| (number, 500)).collect();
        let (same, named) = of(&store(&rows), &store(&rows));
        assert_eq!((same.rows, same.differences, named.len()), ([4_500, 4_500], 0, 0));
        assert_eq!(same.hash[0], same.hash[1]);
        let mut other = rows.clone();
        other.remove(2_000);
        other[10].1 = 501;
        other.push((9_000, 1));
        let (unlike, named) = of(&store(&rows), &store(&other));
        assert_eq!((unlike.rows, unlike.differences), ([4_500, 4_500], 3));
        assert_ne!(unlike.hash[0], unlike.hash[1]);
        let told = named.join("\n");
        assert!(told.contains("differs in tendered") && told.contains("missing there"), "{told}");
        assert!(told.contains("missing here"), "{told}");
        let (empty, named) = of(&store(&rows), &store(&[]));
        assert_eq!((empty.rows, empty.differences, named.len()), ([4_500, 0], 4_500, NAMED_MAX));
    }

    #[test]
    fn it_can_be_called_off() {
        let rows: Vec<(u128, i64)> = (1..=2_000).map(|number| (number, 500)).collect();
        let store = store(&rows);
        assert_eq!(agree(&store, &store, &mut |_, _| false).unwrap(), None);
    }
}
