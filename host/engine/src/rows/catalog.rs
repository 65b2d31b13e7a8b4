//! Products, their barcodes, categories and tax rates.

use super::{Fields, Record};
use crate::error::EngineResult;
use crate::fold::{search_text, sort_key};
use aurapos_contract::Value;
use aurapos_domain::barcode::Barcode;
use aurapos_domain::catalog::{Category, Colour, Product, Unit};
use aurapos_domain::ids::{CategoryId, ProductId};
use aurapos_domain::tax::{TaxCode, TaxRate};

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
        let tax_code = fields.parsed(TaxCode::parse)?;
        let unit = fields.parsed(Unit::from_code)?;
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
        Ok(Category { id, name, colour: fields.parsed(Colour::parse)?, order: fields.number()? })
    }
}

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
            code: fields.parsed(TaxCode::parse)?,
            rate_bp: fields.int()?,
            valid_from: fields.date()?,
        })
    }
}
