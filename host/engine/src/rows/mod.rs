//! Conversion between domain types and records, one file per entity. Only here do column names meet fields.

use aurapos_contract::batch::RowBatch;
use aurapos_contract::query::{Filter, FilterKind, Query};
use aurapos_contract::transaction::{OperationKind, Transaction};
use aurapos_contract::{RecordStore, Uuid, Value};
use aurapos_domain::calendar::{Date, Timestamp};
use aurapos_domain::money::{Currency, Money, Quantity};

use crate::error::{Code, EngineError, EngineResult};
use crate::schema::DELETED;
use crate::schema::edited::EditedTable;

pub mod catalog;
pub mod drawer;
pub mod journal;
pub mod lookup;
mod pages;
pub mod payment;
pub mod people;
pub mod register;
pub mod sale;
pub mod shop;
pub mod stock;
pub mod sync;

/// A type that is stored as rows of one table.
pub trait Record: Sized {
    /// The table.
    const TABLE: &'static str;
    /// Its columns in the order in which `write` gives and `read` takes them; those of stamps are [`crate::edits`]'.
    const COLUMNS: &'static [&'static str];
    /// The row's values.
    fn write(&self) -> Vec<Value>;
    /// The value of a row.
    fn read(fields: &mut Fields<'_>) -> EngineResult<Self>;
}

/// Reads the cells of one row, from left to right.
#[derive(Debug)]
pub struct Fields<'a> {
    batch: &'a RowBatch,
    table: &'static str,
    row: usize,
    column: usize,
    currency: Currency,
}

impl Fields<'_> {
    fn take<T>(&mut self, cell: Option<T>) -> EngineResult<T> {
        self.column += 1;
        cell.ok_or_else(|| self.damaged("a value is missing or of another type"))
    }

    /// The error of a cell that does not hold what it should (the one read last).
    pub fn damaged(&self, why: impl std::fmt::Display) -> EngineError {
        let column = self.batch.columns().nth(self.column.saturating_sub(1)).map_or("?", |(name, _)| name);
        Code::RowDamaged.error(format!("Table {}, column {column}: {why}.", self.table))
    }

    /// A whole number.
    pub fn int(&mut self) -> EngineResult<i64> {
        self.take(self.batch.int(self.row, self.column))
    }

    /// A whole number of another width.
    pub fn number<T: TryFrom<i64>>(&mut self) -> EngineResult<T> {
        let number = self.int()?;
        T::try_from(number).map_err(|_| self.damaged(format_args!("{number} is out of range")))
    }

    /// A truth value.
    pub fn bool(&mut self) -> EngineResult<bool> {
        self.take(self.batch.bool(self.row, self.column))
    }

    /// A text.
    pub fn text(&mut self) -> EngineResult<String> {
        self.take(self.batch.text(self.row, self.column).map(str::to_owned))
    }

    /// A text that a function understands.
    pub fn parsed<T, E: std::fmt::Display>(&mut self, parse: impl FnOnce(&str) -> Result<T, E>) -> EngineResult<T> {
        let text = self.text()?;
        parse(&text).map_err(|error| self.damaged(error))
    }

    /// A text that is one of a list of stable names.
    pub fn coded<T>(&mut self, from_code: impl FnOnce(&str) -> Option<T>) -> EngineResult<T> {
        self.parsed(|text| from_code(text).ok_or_else(|| format!("\"{text}\" is not known here")))
    }

    /// Bytes.
    pub fn bytes(&mut self) -> EngineResult<Vec<u8>> {
        self.take(self.batch.bytes(self.row, self.column).map(<[u8]>::to_vec))
    }

    /// A UUID, as any of the id types.
    pub fn id<T: From<Uuid>>(&mut self) -> EngineResult<T> {
        self.take(self.batch.uuid(self.row, self.column)).map(T::from)
    }

    /// A time.
    pub fn time(&mut self) -> EngineResult<Timestamp> {
        self.take(self.batch.time(self.row, self.column)).map(Timestamp)
    }

    /// A day.
    pub fn date(&mut self) -> EngineResult<Date> {
        self.number::<i32>().map(Date::from_days)
    }

    /// An amount in the shop's currency.
    pub fn money(&mut self) -> EngineResult<Money> {
        self.int().map(|minor| Money::new(minor, self.currency))
    }

    /// A quantity.
    pub fn quantity(&mut self) -> EngineResult<Quantity> {
        self.int().map(Quantity::from_thousandths)
    }

    /// A cell that may be null.
    pub fn maybe<T>(&mut self, read: impl FnOnce(&mut Self) -> EngineResult<T>) -> EngineResult<Option<T>> {
        if self.batch.value(self.row, self.column) == Value::Null {
            self.column += 1;
            return Ok(None);
        }
        read(self).map(Some)
    }

    /// The shop's currency.
    pub const fn currency(&self) -> Currency {
        self.currency
    }
}

/// The rows of an answer to a query that selected [`Record::COLUMNS`].
pub fn read_all<R: Record>(batch: &RowBatch, currency: Currency) -> EngineResult<Vec<R>> {
    let mut records = Vec::with_capacity(batch.len());
    for row in 0..batch.len() {
        records.push(R::read(&mut Fields { batch, table: R::TABLE, row, column: 0, currency })?);
    }
    Ok(records)
}

/// A query over the record's table that selects its columns and no tombstones.
pub fn query<R: Record>() -> Query {
    live(Query::over(R::TABLE).select(R::COLUMNS))
}

/// The same question without the tombstones of an edited table.
pub fn live(query: Query) -> Query {
    match EditedTable::find(&query.table) {
        Some(_) => query.filter(DELETED, FilterKind::Equal, false),
        None => query,
    }
}

/// The first rows of a query, `max` at most, over as many answers as it takes: a store may answer fewer than it was asked
/// for. Says whether there are more.
pub fn scan_up_to<R: Record>(
    store: &dyn RecordStore,
    query: Query,
    max: usize,
    currency: Currency,
) -> EngineResult<(Vec<R>, bool)> {
    let mut records = Vec::new();
    let more = pages::each_row(store, query, max, |batch, row| {
        records.push(R::read(&mut Fields { batch, table: R::TABLE, row, column: 0, currency })?);
        Ok(())
    })?;
    Ok((records, more))
}

/// One answer to a query: for those that name one row, or as many as prove that something is wrong.
pub fn scan<R: Record>(store: &dyn RecordStore, query: &Query, currency: Currency) -> EngineResult<Vec<R>> {
    read_all(&store.scan(query)?, currency)
}

/// Every row of a query, over as many answers as it takes. For tables that are known to be small.
pub fn scan_all<R: Record>(store: &dyn RecordStore, mut query: Query, currency: Currency) -> EngineResult<Vec<R>> {
    let mut records = Vec::new();
    loop {
        let batch = store.scan(&query)?;
        records.append(&mut read_all(&batch, currency)?);
        if batch.next().is_empty() {
            return Ok(records);
        }
        query.after = batch.next().to_vec();
    }
}

/// The row whose column has this value.
pub fn find<R: Record>(
    store: &dyn RecordStore,
    column: &str,
    value: impl Into<Value>,
    currency: Currency,
) -> EngineResult<Option<R>> {
    let query = query::<R>().filter(column, FilterKind::Equal, value).limit(1);
    Ok(scan(store, &query, currency)?.pop())
}

/// A condition that a column equals a value.
pub fn equal(column: &str, value: impl Into<Value>) -> Filter {
    Filter { column: column.to_owned(), kind: FilterKind::Equal, values: vec![value.into()] }
}

/// Adds rows that must not be there yet.
pub fn insert<R: Record>(transaction: &mut Transaction, records: &[R]) {
    write(transaction, OperationKind::Insert, records);
}

/// Adds or replaces rows.
pub fn upsert<R: Record>(transaction: &mut Transaction, records: &[R]) {
    write(transaction, OperationKind::Upsert, records);
}

fn write<R: Record>(transaction: &mut Transaction, kind: OperationKind, records: &[R]) {
    if !records.is_empty() {
        transaction.push(kind, R::TABLE, R::COLUMNS, records.iter().map(Record::write).collect());
    }
}

/// A time as a value.
pub fn time(time: Timestamp) -> Value {
    Value::Time(time.0)
}

/// A count as a value; counts stay far below 2^63.
pub fn count(count: u64) -> Value {
    Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
}
