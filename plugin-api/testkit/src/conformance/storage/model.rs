//! Random operations on the storage and on the reference store: both must answer the same.

use super::shop::{id, open, schema};
use super::{Place, Row, StorageFixture};
use crate::conformance::{Check, Failure, same};
use crate::reference::ReferenceStore;
use aurapos_contract::error::PluginResult;
use aurapos_contract::query::{AggregateQuery, Change, Filter, FilterKind, Query};
use aurapos_contract::transaction::{Committed, Operation, OperationKind, Transaction};
use aurapos_contract::value::{ColumnType, Value};
use aurapos_contract::{RecordStore, RowBatch};
use std::fmt::Debug;

pub(super) const CASES: &[Row] =
    &[("model", "random transactions and questions are answered as by the reference store", model)];

/// Seeds and steps of the suite's own run. More: [`run_seed`].
const SEEDS: u64 = 8;
const STEPS: usize = 150;

fn model(fixture: &dyn StorageFixture) -> Check {
    (0..SEEDS).try_for_each(|seed| run_seed(&fixture.fresh(), seed, STEPS))
}

/// A small generator of numbers (SplitMix64): the same seed, the same run, everywhere.
#[derive(Debug)]
pub struct Dice(u64);

impl Dice {
    /// Starts from a seed.
    pub fn new(seed: u64) -> Self {
        Dice(seed)
    }

    /// A number below `sides`.
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides.max(1)
    }

    fn of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.roll(choices.len() as u64) as usize]
    }

    fn value(&mut self, kind: ColumnType, nullable: bool) -> Value {
        if self.roll(5) == 0 && (nullable || self.roll(20) == 0) {
            return Value::Null;
        }
        match kind {
            ColumnType::Int => Value::Int(*self.of(&[0, 1, 2, 3, -1, 7, 1 << 40, i64::MIN / 4])),
            ColumnType::Bool => Value::Bool(self.roll(2) == 0),
            ColumnType::Text => {
                (*self.of(&["", "a", "b", "ab", "a b", "tea green", "Tea", "gre te", "é", "c'"])).into()
            }
            ColumnType::Bytes => Value::Bytes(vec![7; self.roll(4) as usize]),
            ColumnType::Uuid => id(u128::from(self.roll(6))).into(),
            _ => Value::Time(self.roll(4) as i64),
        }
    }

    fn transaction(&mut self, number: u128) -> Transaction {
        let mut change = super::shop::transaction(number);
        for _ in 0..self.roll(3) {
            let tables = schema().tables;
            let table = self.of(&tables);
            let key: Vec<Value> = table
                .key
                .iter()
                .filter_map(|name| table.column(name))
                .map(|column| self.value(column.kind, false))
                .collect();
            if self.roll(2) == 0 {
                change.expect_absent(&table.name, key);
            } else {
                let column = self.of(&table.columns).clone();
                let value = self.value(column.kind, true);
                change.expect_row(&table.name, key, &[&column.name], vec![value]);
            }
        }
        if self.roll(3) > 0 {
            // Most random expectations fail; without them most transactions go through.
            change.expectations.clear();
        }
        for _ in 0..=self.roll(3) {
            let operation = self.operation();
            change.operations.push(operation);
        }
        change
    }

    fn operation(&mut self) -> Operation {
        let tables = schema().tables;
        let table = self.of(&tables);
        use OperationKind::{Add, Delete, Insert, Upsert};
        let kinds = [Insert, Upsert, Upsert, Add, Delete];
        let kind = if table.append_only && self.roll(10) > 0 { Insert } else { *self.of(&kinds) };
        let mut columns: Vec<_> = table
            .columns
            .iter()
            .filter(|column| table.key.contains(&column.name) || (kind != Delete && self.roll(3) > 0))
            .filter(|column| table.key.contains(&column.name) || kind != Add || column.kind == ColumnType::Int)
            .collect();
        if self.roll(2) == 0 {
            columns.reverse();
        }
        let row = |dice: &mut Self| columns.iter().map(|column| dice.value(column.kind, column.nullable)).collect();
        let rows = (0..=self.roll(3)).map(|_| row(self)).collect();
        Operation {
            kind,
            table: table.name.clone(),
            columns: columns.iter().map(|column| column.name.clone()).collect(),
            rows,
        }
    }

    fn filters(&mut self, table: usize) -> Vec<Filter> {
        use FilterKind::{AtLeast, AtMost, Equal, Greater, In, Less, NotEqual};
        let columns = &schema().tables[table].columns;
        (0..self.roll(3))
            .map(|_| {
                let column = self.of(columns).clone();
                let kind = *self.of(&[Equal, NotEqual, Less, AtMost, Greater, AtLeast, In]);
                let count = if kind == In { self.roll(4) } else { 1 };
                let values = (0..count).map(|_| self.value(column.kind, true)).collect();
                Filter { column: column.name, kind, values }
            })
            .collect()
    }

    fn query(&mut self) -> Query {
        let tables = schema().tables;
        let at = self.roll(tables.len() as u64) as usize;
        let orders: Vec<&str> =
            std::iter::once("").chain(tables[at].indexes.iter().map(|index| index.name.as_str())).collect();
        let order = *self.of(&orders);
        let mut query = Query::over(&tables[at].name).order_by(order, self.roll(2) == 0).limit(self.roll(6) as u32);
        query.filters = self.filters(at);
        query
    }

    fn aggregate(&mut self) -> AggregateQuery {
        let tables = schema().tables;
        let at = self.roll(tables.len() as u64) as usize;
        let some = |dice: &mut Self, wanted: &dyn Fn(ColumnType) -> bool| -> Vec<String> {
            let columns = tables[at].columns.iter().filter(|column| wanted(column.kind));
            columns.filter(|_| dice.roll(4) == 0).map(|column| column.name.clone()).collect()
        };
        let group_by = some(self, &|_| true);
        let sums = some(self, &|kind| kind == ColumnType::Int);
        AggregateQuery { table: tables[at].name.clone(), filters: self.filters(at), group_by, sums }
    }
}

/// One answer or refusal, in a form that must be the same on both sides: the code and where, not the words.
fn told<T: Debug>(result: PluginResult<T>) -> Result<T, String> {
    result.map_err(|error| {
        let detail = &error.detail;
        format!(
            "{:?} {} {} {} {} {:?}",
            error.code, detail.table, detail.column, detail.row, detail.index, detail.found
        )
    })
}

/// A commit's answer without its position, which is the store's own.
fn again(result: PluginResult<Committed>) -> Result<bool, String> {
    told(result).map(|committed| committed.already)
}

fn rows(batch: RowBatch) -> Vec<Vec<Value>> {
    (0..batch.len()).map(|row| batch.row(row)).collect()
}

/// Runs one seed: a failure names seed and step.
pub fn run_seed(place: &Place, seed: u64, steps: usize) -> Check {
    let mut dice = Dice(seed);
    let reference = ReferenceStore::new();
    reference.migrate(&schema())?;
    let mut store = open(place)?;
    let mut sent: Vec<Transaction> = Vec::new();
    for step in 0..steps {
        let compared = match dice.roll(20) {
            0 => {
                store.close()?;
                store = open(place)?;
                Ok(())
            }
            1 if !sent.is_empty() => {
                let mut change = dice.of(&sent).clone();
                if dice.roll(4) == 0 {
                    change.time += 1;
                }
                same(again(store.commit(&change)), again(reference.commit(&change)), "a transaction sent again")
            }
            2..10 => {
                let change = dice.transaction(step as u128);
                let found = again(store.commit(&change));
                let what = format!("{change:?}");
                sent.push(change);
                same(found, again(reference.commit(&sent[sent.len() - 1])), &what)
            }
            10..15 => compare_scan(&mut dice, store.as_ref(), &reference),
            15 => {
                let words = *dice.of(&["t", "te", "a", "g te", "tea", "T", "é", "", "c'", "b a"]);
                let sorted = |store: &dyn RecordStore| {
                    told(store.search("item", words, 0)).map(|batch| {
                        let mut rows = rows(batch);
                        rows.sort();
                        rows
                    })
                };
                same(sorted(store.as_ref()), sorted(&reference), &format!("search {words:?}"))
            }
            16 | 17 => {
                let query = dice.aggregate();
                let what = format!("{query:?}");
                same(told(store.aggregate(&query)).map(rows), told(reference.aggregate(&query)).map(rows), &what)
            }
            _ => compare_feed(&mut dice, store.as_ref(), &reference),
        };
        compared.map_err(|failure| Failure(format!("seed {seed}, step {step}: {}", failure.0)))?;
    }
    same(
        super::shop::everything(store.as_ref())?,
        super::shop::everything(&reference)?,
        &format!("seed {seed}: all rows"),
    )?;
    store.close().map_err(Into::into)
}

fn compare_scan(dice: &mut Dice, store: &dyn RecordStore, reference: &ReferenceStore) -> Check {
    let mut query = dice.query();
    for _ in 0..4 {
        let (found, expected) = (told(store.scan(&query)), told(reference.scan(&query)));
        let next = found.as_ref().map(|batch| batch.next().to_vec()).unwrap_or_default();
        let expected_next = expected.as_ref().map(|batch| batch.next().is_empty()).unwrap_or(true);
        same(found.map(rows), expected.map(rows), &format!("{query:?}"))?;
        same(next.is_empty(), expected_next, &format!("whether it goes on: {query:?}"))?;
        if next.is_empty() {
            break;
        }
        query.after = next;
    }
    Ok(())
}

fn compare_feed(dice: &mut Dice, store: &dyn RecordStore, reference: &ReferenceStore) -> Check {
    let max = dice.roll(5) as u32;
    let drain = |store: &dyn RecordStore| -> Result<Vec<_>, Failure> {
        let (mut after, mut told) = (Vec::new(), Vec::new());
        loop {
            let batch = store.changes(&after, max)?;
            told.extend(batch.changes);
            after = batch.next;
            if !batch.more {
                // Positions, and the order within one transaction, are the store's own.
                let mut positions: Vec<u64> = told.iter().map(|change: &Change| change.position).collect();
                positions.dedup();
                for change in &mut told {
                    let at = positions.iter().position(|position| *position == change.position);
                    change.position = at.unwrap_or_default() as u64;
                }
                told.sort_by_key(|change| (change.position, change.table.clone(), change.row.clone()));
                return Ok(told);
            }
        }
    };
    same(drain(store)?, drain(reference)?, "the feed")
}
