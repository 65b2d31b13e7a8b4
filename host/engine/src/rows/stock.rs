//! Stock moves, and the level that they add up to.

use super::{Fields, Record, count, time};
use crate::error::EngineResult;
use aurapos_contract::Value;
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::ids::{IncarnationId, ProductId, SaleId};
use aurapos_domain::money::Quantity;
use std::borrow::Cow;

/// A movement, named by its place in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockMoveRow {
    /// Whose journal.
    pub incarnation: IncarnationId,
    /// Which entry.
    pub seq: u64,
    /// Which move of that entry, from 1.
    pub number: u32,
    /// What moved.
    pub product: ProductId,
    /// How much the stock grew.
    pub quantity: Quantity,
    /// Why, by its stable name: also one that only a newer program knows.
    pub kind: Cow<'static, str>,
    /// The sale, when it was one.
    pub sale: Option<SaleId>,
    /// When.
    pub time: Timestamp,
}

impl Record for StockMoveRow {
    const TABLE: &'static str = "stock_move";
    const COLUMNS: &'static [&'static str] =
        &["incarnation", "seq", "number", "product", "quantity", "kind", "sale", "time"];

    fn write(&self) -> Vec<Value> {
        vec![
            self.incarnation.uuid().into(),
            count(self.seq),
            i64::from(self.number).into(),
            self.product.uuid().into(),
            self.quantity.thousandths().into(),
            self.kind.as_ref().into(),
            self.sale.map(SaleId::uuid).into(),
            time(self.time),
        ]
    }

    fn read(fields: &mut Fields<'_>) -> EngineResult<Self> {
        Ok(StockMoveRow {
            incarnation: fields.id()?,
            seq: fields.number()?,
            number: fields.number()?,
            product: fields.id()?,
            quantity: fields.quantity()?,
            kind: Cow::Owned(fields.text()?),
            sale: fields.maybe(Fields::id)?,
            time: fields.time()?,
        })
    }
}

/// What is in stock: a projection of the moves, this register's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockLevel {
    /// Of what.
    pub product: ProductId,
    /// How much; may be below zero.
    pub quantity: Quantity,
}

impl Record for StockLevel {
    const TABLE: &'static str = "stock_level";
    const COLUMNS: &'static [&'static str] = &["product", "quantity"];

    fn write(&self) -> Vec<Value> {
        vec![self.product.uuid().into(), self.quantity.thousandths().into()]
    }

    fn read(fields: &mut Fields<'_>) -> EngineResult<Self> {
        Ok(StockLevel { product: fields.id()?, quantity: fields.quantity()? })
    }
}
