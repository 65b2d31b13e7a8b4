//! Finding products: by code, by words.

use aurapos_contract::RecordStore;
use aurapos_domain::barcode::Barcode;
use aurapos_domain::catalog::{Category, Product};
use aurapos_domain::money::{Currency, Quantity};

use crate::error::EngineResult;
use crate::fold::fold;
use crate::rows::catalog::BarcodeRow;
use crate::rows::lookup;
use crate::rows::{self, stock::StockLevel};

/// Most products that one search answers.
pub const SEARCH_MAX: u32 = 200;
/// How many times more rows than asked for are fetched, so that the best of them can come first.
const SEARCH_SURPLUS: u32 = 4;

/// A product with what stands in other tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductView {
    /// The product with its barcodes.
    pub product: Product,
    /// Name of its category; empty for none.
    pub category: String,
    /// What is in stock.
    pub stock: Quantity,
}

/// The product of a barcode (in any of its written forms, a GS1 element string among them), or else of an article number.
pub fn product_by_code(store: &dyn RecordStore, code: &str) -> EngineResult<Option<Product>> {
    let currency = super::shop(store)?.currency;
    let code = code.trim();
    for form in lookup::code_forms(code) {
        if let Some(row) = rows::find::<BarcodeRow>(store, "code", form.as_str(), currency)? {
            return with_barcodes(store, rows::find(store, "id", row.product.uuid(), currency)?, currency);
        }
    }
    for form in lookup::sku_forms(code) {
        if let Some(product) = rows::find(store, "sku", form.as_str(), currency)? {
            return with_barcodes(store, Some(product), currency);
        }
    }
    Ok(None)
}

fn with_barcodes(
    store: &dyn RecordStore,
    product: Option<Product>,
    currency: Currency,
) -> EngineResult<Option<Product>> {
    let mut products: Vec<Product> = product.into_iter().collect();
    add_barcodes(store, &mut products, currency)?;
    Ok(products.pop())
}

/// Fills in the barcodes, in their order.
pub fn add_barcodes(store: &dyn RecordStore, products: &mut [Product], currency: Currency) -> EngineResult<()> {
    let ids = products.iter().map(|product| product.id.uuid().into());
    let mut codes: Vec<BarcodeRow> = lookup::rows_in(store, "product", ids.collect::<Vec<_>>(), currency)?;
    codes.sort_by(|a, b| (a.product, &a.code).cmp(&(b.product, &b.code)));
    for product in products {
        let first = codes.partition_point(|row| row.product < product.id);
        let own = codes[first..].iter().take_while(|row| row.product == product.id);
        // A code that a newer rule refuses is still the product's: it is shown as free text rather than dropped.
        product.barcodes = own.map(|row| Barcode::stored(&row.code)).collect();
    }
    Ok(())
}

/// Adds category names and stock.
pub fn views(store: &dyn RecordStore, products: Vec<Product>, currency: Currency) -> EngineResult<Vec<ProductView>> {
    let mut ids: Vec<_> = products.iter().filter_map(|product| product.category).collect();
    ids.sort_unstable();
    ids.dedup();
    let categories: Vec<Category> = lookup::rows_in(store, "id", ids.iter().map(|id| id.uuid().into()), currency)?;
    let levels: Vec<StockLevel> =
        lookup::rows_in(store, "product", products.iter().map(|product| product.id.uuid().into()), currency)?;
    let levels: std::collections::HashMap<_, _> =
        levels.into_iter().map(|level| (level.product, level.quantity)).collect();
    let view = |product: Product| {
        let category = categories.iter().find(|category| Some(category.id) == product.category);
        let stock = levels.get(&product.id).copied().unwrap_or_default();
        ProductView { category: category.map_or_else(String::new, |category| category.name.clone()), stock, product }
    };
    Ok(products.into_iter().map(view).collect())
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FoundProducts {
    /// The best matches.
    pub products: Vec<Product>,
    /// There are others: another word finds them.
    pub more: bool,
}

/// Products that are sold and match every word (each the beginning of a word of name, article number or barcode), at
/// most `limit` (and [`SEARCH_MAX`]), and whether there are others. First the one whose code this is, then names that begin so, then the rest by name.
pub fn search_products(store: &dyn RecordStore, text: &str, limit: u32) -> EngineResult<FoundProducts> {
    let currency = super::shop(store)?.currency;
    let limit = limit.clamp(1, SEARCH_MAX);
    let exact = product_by_code(store, text)?.filter(|product| product.active);
    let words = fold(text);
    let mut products: Vec<Product> = Vec::new();
    let mut more = false;
    if !words.is_empty() {
        let wanted = limit.saturating_mul(SEARCH_SURPLUS);
        let found = store.search("product", &words, wanted)?;
        more = found.len() >= wanted as usize;
        products = rows::read_all(&found, currency)?;
    }
    products.retain(|product| product.active && exact.as_ref().is_none_or(|exact| exact.id != product.id));
    products.sort_by_cached_key(|product| {
        let name = fold(&product.name);
        (!name.starts_with(&words), name, product.sku.clone())
    });
    let room = limit as usize - usize::from(exact.is_some());
    more |= products.len() > room;
    products.truncate(room);
    add_barcodes(store, &mut products, currency)?;
    Ok(FoundProducts { products: exact.into_iter().chain(products).collect(), more })
}
