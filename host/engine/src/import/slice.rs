//! A slice of an import: what one transaction will hold, ready to be written.

use aurapos_contract::transaction::{Expectation, Operation, OperationKind, ROWS_MAX, TRANSACTION_BYTES_MAX};
use aurapos_contract::{Uuid, Value};
use aurapos_domain::catalog::{Category, Product};
use aurapos_domain::ids::ProductId;
use aurapos_domain::money::Quantity;

use super::row::Row;
use crate::rows::Record;
use crate::rows::catalog::BarcodeRow;
use crate::schema::ROW_VERSION;

/// Rows that a slice leaves free for the journal: its entry, its head, and whatever the engine adds to every commit.
const ROWS_RESERVED: usize = 100;
/// Bytes that a slice leaves free: the journal's entry has at most 1 MiB of them.
const BYTES_RESERVED: usize = 2 * 1024 * 1024;
/// Bytes of an opening stock: its move and its level.
const STOCK_BYTES: usize = 200;

/// How many rows of the file a slice stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SliceCounts {
    /// New products.
    pub added: u64,
    /// Changed products.
    pub updated: u64,
    /// New categories.
    pub categories: u64,
}

/// What one transaction of an import will hold. Made by [`super::Planner`] only: its rows fit one transaction, and every
/// product of it was compared with the store. The same slice given twice is stored once.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportSlice {
    pub(super) id: Uuid,
    pub(super) counts: SliceCounts,
    pub(super) opening: Vec<(ProductId, Quantity)>,
    pub(super) expectations: Vec<Expectation>,
    pub(super) operations: Vec<Operation>,
    /// The rows of the file that it was planned from, where they are kept.
    pub(super) sources: Vec<Source>,
    rows: usize,
    bytes: usize,
}

/// A row of the file whose change is planned and not stored: it is planned again when somebody else was first.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Source {
    pub row: Box<Row>,
    /// It was counted as a new product.
    pub added: bool,
    /// It was counted with a new category.
    pub category: bool,
}

/// What a slice did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SliceReport {
    /// What was stored.
    pub counts: SliceCounts,
    /// It had been stored before; nothing was written this time.
    pub already: bool,
}

/// What the plan found out about one row of the file, when it changes something.
#[derive(Debug)]
pub(super) struct Change {
    pub product: Product,
    /// The version that an existing product had when it was compared.
    pub version: Option<i64>,
    /// Category to make first.
    pub category: Option<Category>,
    pub codes_gone: Vec<String>,
    pub codes_new: Vec<String>,
    pub opening: Option<Quantity>,
    /// Row of the file, where those are kept.
    pub source: Option<Box<Row>>,
    /// Row of the product, written already: its size is known before it goes into a slice.
    row: Vec<Value>,
}

impl Change {
    pub fn new(product: Product, version: Option<i64>) -> Self {
        let row = product.write();
        let (codes_gone, codes_new) = (Vec::new(), Vec::new());
        Change { product, version, category: None, codes_gone, codes_new, opening: None, source: None, row }
    }

    /// Gives the row of the file back.
    pub fn into_source(self) -> Option<Source> {
        let (added, category) = (self.version.is_none(), self.category.is_some());
        self.source.map(|row| Source { row, added, category })
    }

    fn rows(&self) -> usize {
        1 + self.codes_gone.len()
            + self.codes_new.len()
            + usize::from(self.category.is_some())
            + if self.opening.is_some() { 2 } else { 0 }
    }

    fn bytes(&self) -> usize {
        let codes: usize = self.codes_gone.iter().chain(&self.codes_new).map(|code| code.len() + 32).sum();
        let category = self.category.as_ref().map_or(0, |category| category.write().iter().map(Value::size).sum());
        self.row.iter().map(Value::size).sum::<usize>() + codes + category + STOCK_BYTES
    }
}

/// The operations of a slice, in the order in which they are applied: codes go before they come again elsewhere.
const CATEGORIES: usize = 0;
const PRODUCTS_NEW: usize = 1;
const PRODUCTS_CHANGED: usize = 2;
const CODES_GONE: usize = 3;
const CODES_NEW: usize = 4;

impl ImportSlice {
    pub(super) fn new(id: Uuid) -> Self {
        let operation = |kind, table: &str, columns: &[&str]| Operation {
            kind,
            table: table.to_owned(),
            columns: columns.iter().map(|&column| column.to_owned()).collect(),
            rows: Vec::new(),
        };
        let operations = vec![
            operation(OperationKind::Insert, Category::TABLE, Category::COLUMNS),
            operation(OperationKind::Insert, Product::TABLE, Product::COLUMNS),
            operation(OperationKind::Upsert, Product::TABLE, Product::COLUMNS),
            operation(OperationKind::Delete, BarcodeRow::TABLE, &["code"]),
            operation(OperationKind::Upsert, BarcodeRow::TABLE, BarcodeRow::COLUMNS),
        ];
        let (counts, opening, expectations) = (SliceCounts::default(), Vec::new(), Vec::new());
        let (rows, bytes) = (ROWS_RESERVED, BYTES_RESERVED);
        ImportSlice { id, counts, opening, expectations, operations, sources: Vec::new(), rows, bytes }
    }

    /// Takes a change in, or gives it back when the slice is full.
    pub(super) fn push(&mut self, mut change: Change) -> Result<(), Box<Change>> {
        let (rows, bytes) = (self.rows + change.rows(), self.bytes + change.bytes());
        if rows > ROWS_MAX || bytes > TRANSACTION_BYTES_MAX {
            return Err(Box::new(change));
        }
        (self.rows, self.bytes) = (rows, bytes);
        let id = change.product.id;
        let (added, with_category) = (change.version.is_none(), change.category.is_some());
        let source = change.source.take().map(|row| Source { row, added, category: with_category });
        self.sources.extend(source);
        if let Some(category) = &change.category {
            self.counts.categories += 1;
            self.operations[CATEGORIES].rows.push(category.write());
        }
        match change.version {
            None => {
                self.counts.added += 1;
                self.operations[PRODUCTS_NEW].rows.push(change.row);
            }
            Some(version) => {
                self.counts.updated += 1;
                self.operations[PRODUCTS_CHANGED].rows.push(change.row);
                // Somebody may edit the product between the comparison and the commit: then the slice is refused.
                self.expectations.push(Expectation {
                    table: Product::TABLE.to_owned(),
                    key: vec![id.uuid().into()],
                    absent: false,
                    columns: vec![ROW_VERSION.to_owned()],
                    values: vec![version.into()],
                });
            }
        }
        self.operations[CODES_GONE].rows.extend(change.codes_gone.into_iter().map(|code| vec![code.into()]));
        let codes = change.codes_new.into_iter().map(|code| BarcodeRow { code, product: id }.write());
        self.operations[CODES_NEW].rows.extend(codes);
        self.opening.extend(change.opening.map(|quantity| (id, quantity)));
        Ok(())
    }

    /// Names of the categories that it makes.
    pub(super) fn new_categories(&self) -> impl Iterator<Item = &str> {
        let name = Category::COLUMNS.iter().position(|column| *column == "name").unwrap_or_default();
        self.operations[CATEGORIES].rows.iter().filter_map(move |row| row.get(name)?.as_text())
    }

    /// Article numbers of the products that it makes.
    pub(super) fn new_skus(&self) -> impl Iterator<Item = &Value> {
        let sku = Product::COLUMNS.iter().position(|column| *column == "sku").unwrap_or_default();
        self.operations[PRODUCTS_NEW].rows.iter().filter_map(move |row| row.get(sku))
    }

    /// The codes that it gives, and whose they become.
    pub(super) fn new_codes(&self) -> impl Iterator<Item = (&Value, &Value)> {
        self.operations[CODES_NEW].rows.iter().filter_map(|row| Some((row.first()?, row.get(1)?)))
    }

    /// The codes that its products give away.
    pub(super) fn codes_gone(&self) -> impl Iterator<Item = &Value> {
        self.operations[CODES_GONE].rows.iter().filter_map(|row| row.first())
    }

    /// Whether the slice changes nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.counts == SliceCounts::default()
    }

    /// What the slice will do.
    pub const fn counts(&self) -> SliceCounts {
        self.counts
    }
}
