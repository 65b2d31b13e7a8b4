//! Products, their barcodes, categories and tax rates.

use super::{Fields, Record};
use crate::error::{Code, EngineResult};
use crate::fold::{search_text, sort_key};
use crate::schema::{EDITED_BY, ROW_VERSION};
use aurapos_contract::query::Query;
use aurapos_contract::{RecordStore, Value};
use aurapos_domain::barcode::Barcode;
use aurapos_domain::calendar::Date;
use aurapos_domain::catalog::{Category, Colour, Product, Unit};
use aurapos_domain::ids::{CategoryId, ProductId, TaxRateId};
use aurapos_domain::money::Currency;
use aurapos_domain::tax::{TaxCode, TaxRate, TaxTable};
use std::collections::BTreeMap;

impl Record for Product {
    const TABLE: &'static str = "product";
    const COLUMNS: &'static [&'static str] =
        &["id", "sku", "name", "name_sort", "category", "price", "tax_code", "unit", "food", "active", "search"];

    fn write(&self) -> Vec<Value> {
        let codes = self.barcodes.iter().map(Barcode::canonical);
        vec![
            self.id.uuid().into(),
            self.sku.as_str().into(),
            self.name.as_str().into(),
            sort_key(&self.name).into(),
            self.category.map(CategoryId::uuid).into(),
            self.price.minor.into(),
            self.tax_code.as_str().into(),
            self.unit.code().into(),
            self.food.into(),
            self.active.into(),
            search_text([self.name.as_str(), self.sku.as_str()].into_iter().chain(codes)).into(),
        ]
    }

    /// The barcodes stand in their own table ([`BarcodeRow`]) and are left empty.
    fn read(fields: &mut Fields<'_>) -> EngineResult<Self> {
        let id = fields.id()?;
        let sku = fields.text()?;
        let name = fields.text()?;
        let _name_sort = fields.text()?;
        let category = fields.maybe(Fields::id)?;
        let price = fields.money()?;
        let tax_code = TaxCode::stored(&fields.text()?);
        let unit = fields.parsed(Unit::stored)?;
        let (food, active) = (fields.bool()?, fields.bool()?);
        let _search = fields.text()?;
        Ok(Product { id, sku, name, barcodes: Vec::new(), category, price, tax_code, unit, food, active })
    }
}

/// A code by which a product is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BarcodeRow {
    /// Canonical form.
    pub code: String,
    /// Whose.
    pub product: ProductId,
}

impl Record for BarcodeRow {
    const TABLE: &'static str = "product_barcode";
    const COLUMNS: &'static [&'static str] = &["code", "product"];

    fn write(&self) -> Vec<Value> {
        vec![self.code.as_str().into(), self.product.uuid().into()]
    }

    fn read(fields: &mut Fields<'_>) -> EngineResult<Self> {
        Ok(BarcodeRow { code: fields.text()?, product: fields.id()? })
    }
}

impl Record for Category {
    const TABLE: &'static str = "category";
    const COLUMNS: &'static [&'static str] = &["id", "name", "name_sort", "colour", "position"];

    fn write(&self) -> Vec<Value> {
        vec![
            self.id.uuid().into(),
            self.name.as_str().into(),
            sort_key(&self.name).into(),
            self.colour.to_string().into(),
            i64::from(self.order).into(),
        ]
    }

    fn read(fields: &mut Fields<'_>) -> EngineResult<Self> {
        let (id, name) = (fields.id()?, fields.text()?);
        let _name_sort = fields.text()?;
        // No category that is there is ever written again: the text of a colour of a newer program stays in its row.
        let colour = Colour::parse(&fields.text()?).unwrap_or(Colour::UNREAD);
        Ok(Category { id, name, colour, order: fields.number()? })
    }
}

/// The shop's VAT rates. Two registers may both have added one for the same day: the later edit counts, as everywhere, and
/// a person is told ([`crate::apply::FindingKind::SameRate`]).
///
/// # Errors
/// The storage's codes. A rate that only a newer program understands is in the table, and nothing is taxed with it.
pub fn tax_table(store: &dyn RecordStore, currency: Currency) -> EngineResult<TaxTable> {
    let columns: Vec<&str> = TaxRate::COLUMNS.iter().copied().chain([ROW_VERSION, EDITED_BY]).collect();
    let mut query = super::live(Query::over(TaxRate::TABLE).select(&columns));
    let mut rates: BTreeMap<(TaxCode, Date), (Stamped, TaxRate)> = BTreeMap::new();
    loop {
        let batch = store.scan(&query)?;
        for (row, rate) in super::read_all::<TaxRate>(&batch, currency)?.into_iter().enumerate() {
            let at = TaxRate::COLUMNS.len();
            let stamped = (batch.value(row, at), batch.value(row, at + 1), rate.id);
            let place =
                rates.entry((rate.code.clone(), rate.valid_from)).or_insert_with(|| (stamped.clone(), rate.clone()));
            if place.0 < stamped {
                *place = (stamped, rate);
            }
        }
        if batch.next().is_empty() {
            break;
        }
        query.after = batch.next().to_vec();
    }
    let rates = rates.into_values().map(|(_, rate)| rate).collect();
    TaxTable::stored(rates).map_err(|error| Code::RowDamaged.error(format!("The tax rates can't be used: {error}.")))
}

/// What decides between two rates of one day: clock, register, id.
type Stamped = (Value, Value, TaxRateId);

impl Record for TaxRate {
    const TABLE: &'static str = "tax_rate";
    const COLUMNS: &'static [&'static str] = &["id", "code", "rate", "valid_from"];

    fn write(&self) -> Vec<Value> {
        vec![
            self.id.uuid().into(),
            self.code.as_str().into(),
            self.rate_bp.into(),
            i64::from(self.valid_from.days()).into(),
        ]
    }

    fn read(fields: &mut Fields<'_>) -> EngineResult<Self> {
        Ok(TaxRate {
            id: fields.id()?,
            code: TaxCode::stored(&fields.text()?),
            rate_bp: fields.int()?,
            valid_from: fields.date()?,
        })
    }
}
