//! Products, in the columns that an import reads.

use std::collections::HashMap;
use std::io::Write;

use aurapos_contract::RecordStore;
use aurapos_domain::calendar::Date;
use aurapos_domain::catalog::{Category, Product};
use aurapos_domain::ids::{CategoryId, ProductId};
use aurapos_domain::money::Quantity;
use aurapos_domain::tax::percent;

use super::{finish, of_csv, writer};
use crate::error::EngineResult;
use crate::import::columns::Field;
use crate::queries::catalog::add_barcodes;
use crate::rows::lookup;
use crate::rows::{self, stock::StockLevel};
use crate::spreadsheet::{to_cell, to_code_cell};

/// Products of one page.
const PAGE: u32 = 1_000;

/// Writes every product that is sold, by name; returns how many. `today` decides which percentage a tax code has.
pub fn export_products(store: &dyn RecordStore, out: impl Write, today: Date) -> EngineResult<u64> {
    let currency = crate::queries::shop(store)?.currency;
    let categories: Vec<Category> = rows::scan_all(store, rows::query::<Category>(), currency)?;
    let categories: HashMap<CategoryId, String> =
        categories.into_iter().map(|category| (category.id, category.name)).collect();
    let rates = rows::catalog::tax_table(store, currency)?;
    let mut writer = writer(out, &Field::ALL.map(Field::name))?;
    let mut written = 0;
    let query = rows::query::<Product>().order_by("name", false).limit(PAGE);
    lookup::each_record(store, query, currency, |mut products: Vec<Product>| {
        products.retain(|product| product.active);
        add_barcodes(store, &mut products, currency)?;
        let ids = products.iter().map(|product| product.id.uuid().into()).collect::<Vec<_>>();
        let levels: Vec<StockLevel> = lookup::rows_in(store, "product", ids, currency)?;
        let levels: HashMap<ProductId, Quantity> =
            levels.into_iter().map(|level| (level.product, level.quantity)).collect();
        for product in &products {
            let rate = rates.rate_on(&product.tax_code, today).map(|rate| percent(rate.rate_bp));
            let codes: Vec<_> = product.barcodes.iter().map(|code| to_code_cell(code.canonical())).collect();
            let category = product.category.and_then(|id| categories.get(&id));
            writer
                .write_record([
                    to_code_cell(&product.sku).as_ref(),
                    &to_cell(&product.name),
                    &codes.join("|"),
                    &to_cell(category.map_or("", String::as_str)),
                    &product.price.to_decimal(),
                    // A code without a rate today is written as the code, which the import understands too.
                    rate.as_deref().unwrap_or(product.tax_code.as_str()),
                    product.unit.code(),
                    &levels.get(&product.id).copied().unwrap_or_default().to_string(),
                    if product.food { "yes" } else { "no" },
                ])
                .map_err(|error| of_csv(&error))?;
            written += 1;
        }
        Ok(())
    })?;
    finish(writer)?;
    Ok(written)
}
