//! Stock: what there is of a product, and the list of what runs low.

use aurapos_contract::RecordStore;
use aurapos_domain::catalog::Product;
use aurapos_domain::ids::ProductId;
use aurapos_domain::money::Quantity;

use crate::error::EngineResult;
use crate::rows::lookup;
use crate::rows::{self, stock::StockLevel};

/// What there is of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockLine {
    /// The product, without its barcodes.
    pub product: Product,
    /// How much; below zero when more was sold than was known of.
    pub quantity: Quantity,
}

/// What is in stock of a product; nothing when it never moved.
pub fn level_of(store: &dyn RecordStore, product: ProductId) -> EngineResult<Quantity> {
    let currency = super::shop(store)?.currency;
    let level: Option<StockLevel> = rows::find(store, "product", product.uuid(), currency)?;
    Ok(level.map(|level| level.quantity).unwrap_or_default())
}

/// Products whose stock is at most `at_most` (all that ever moved for `None`), lowest first, at most `limit`, and whether
/// there are more.
pub fn stock_list(
    store: &dyn RecordStore,
    at_most: Option<Quantity>,
    limit: usize,
) -> EngineResult<(Vec<StockLine>, bool)> {
    let currency = super::shop(store)?.currency;
    let mut more = false;
    let mut lowest: Vec<StockLevel> = Vec::new();
    lookup::each_record(store, rows::query::<StockLevel>(), currency, |levels: Vec<StockLevel>| {
        lowest.extend(levels.into_iter().filter(|level| at_most.is_none_or(|most| level.quantity <= most)));
        // Never more in memory than the answer and one page.
        lowest.sort_unstable_by_key(|level| (level.quantity, level.product));
        more |= lowest.len() > limit;
        lowest.truncate(limit);
        Ok(())
    })?;
    let products: Vec<Product> =
        lookup::rows_in(store, "id", lowest.iter().map(|level| level.product.uuid().into()), currency)?;
    let mut products: std::collections::HashMap<_, _> =
        products.into_iter().map(|product| (product.id, product)).collect();
    let line = |level: StockLevel| {
        products.remove(&level.product).map(|product| StockLine { product, quantity: level.quantity })
    };
    Ok((lowest.into_iter().filter_map(line).collect(), more))
}
