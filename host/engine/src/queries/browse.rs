//! Browsing the catalog: categories, the tiles of a screen, the list of products, one product.

use std::collections::HashMap;

use aurapos_contract::query::{ANSWER_ROWS_MAX, AggregateQuery, FilterKind, Query};
use aurapos_contract::{RecordStore, Uuid};
use aurapos_domain::calendar::{Date, Timestamp};
use aurapos_domain::catalog::{Category, Colour, Product};
use aurapos_domain::ids::{CategoryId, ProductId};
use aurapos_domain::money::Currency;
use aurapos_domain::tax::{TaxCode, TaxTable};

use super::catalog::{ProductView, add_barcodes, product_by_code, views};
use crate::error::EngineResult;
use crate::fold::{fold, sort_key};
use crate::rows::lookup;
use crate::rows::{self, equal};
use crate::schema::DELETED;

/// Most tiles or products in one page.
pub const PAGE_MAX: u32 = 500;
/// Most tiles of the page without a category.
pub const FAVOURITES_MAX: usize = 96;
/// How many of the newest lines of sales say what is sold most: what a busy shop sells in a week.
pub const LINES_LOOKED_AT: usize = 5_000;
/// Most products that the list finds by words.
pub const FOUND_MAX: u32 = 1_000;

/// A category as a button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryView {
    /// Its id.
    pub id: CategoryId,
    /// What stands on the button.
    pub name: String,
    /// Its colour.
    pub colour: Colour,
    /// Its place, smallest first.
    pub position: i32,
    /// Products of it that are sold.
    pub products: u64,
}

/// Some tiles, and how many there are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TilePage {
    /// The products, without their barcodes.
    pub tiles: Vec<Product>,
    /// Tiles of all pages.
    pub total: u64,
}

/// Which products a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProductFilter {
    /// Words of name, article number or barcode; empty for all.
    pub text: String,
    /// Only of this category.
    pub category: Option<CategoryId>,
    /// Also those that are no longer sold.
    pub include_inactive: bool,
}

/// A product in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductRow {
    /// The product with barcodes, category and stock.
    pub view: ProductView,
    /// Its VAT rate today in basis points; `None` when none is valid.
    pub rate_bp: Option<i64>,
}

/// Some rows of a list of products, and how many there are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProductPage {
    /// The rows.
    pub rows: Vec<ProductRow>,
    /// Rows of all pages.
    pub total: u64,
    /// The words fit more products than [`FOUND_MAX`]: these are some of them.
    pub more: bool,
}

/// A VAT rate to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxChoice {
    /// `standard`, `reduced`.
    pub code: TaxCode,
    /// Its rate today in basis points.
    pub rate_bp: i64,
}

/// The categories in their order, with how many products of each are sold.
pub fn categories(store: &dyn RecordStore) -> EngineResult<Vec<CategoryView>> {
    let query = AggregateQuery {
        table: "product".to_owned(),
        filters: vec![equal("active", true)],
        group_by: vec!["category".to_owned()],
        ..AggregateQuery::default()
    };
    let answer = store.aggregate(&query)?;
    let count = |row| answer.int(row, 1).and_then(|count| u64::try_from(count).ok()).unwrap_or_default();
    let counts: HashMap<Uuid, u64> =
        (0..answer.len()).filter_map(|row| Some((answer.uuid(row, 0)?, count(row)))).collect();
    // No amounts in a category, so any currency reads it.
    let mut found: Vec<Category> = rows::scan_all(store, rows::query::<Category>(), Currency::EUR)?;
    found.sort_by_cached_key(|category| (category.order, sort_key(&category.name)));
    let view = |category: Category| CategoryView {
        products: counts.get(&category.id.uuid()).copied().unwrap_or_default(),
        id: category.id,
        name: category.name,
        colour: category.colour,
        position: category.order,
    };
    Ok(found.into_iter().map(view).collect())
}

/// The products of a category that are sold, by name. Without a category: what was sold most lately, then others by
/// name, [`FAVOURITES_MAX`] in all.
pub fn tiles(store: &dyn RecordStore, category: Option<CategoryId>, offset: u64, limit: u32) -> EngineResult<TilePage> {
    let currency = super::shop(store)?.currency;
    let limit = limit.clamp(1, PAGE_MAX);
    let Some(category) = category else { return favourites(store, offset, limit, currency) };
    let filters = vec![equal("category", category.uuid()), equal("active", true), equal(DELETED, false)];
    let total = super::count(store, "product", filters.clone())?;
    let query = Query { filters, ..Query::over("product").order_by("category", false) };
    let ids = ids_of_page(store, query, offset, limit, total)?;
    Ok(TilePage { tiles: products_of(store, &ids, currency)?, total })
}

fn favourites(store: &dyn RecordStore, offset: u64, limit: u32, currency: Currency) -> EngineResult<TilePage> {
    let mut chosen = products_of(store, &sold_most(store)?, currency)?;
    chosen.retain(|product| product.active);
    chosen.truncate(FAVOURITES_MAX);
    if chosen.len() < FAVOURITES_MAX {
        // As many as could be among the chosen already are read on top.
        let wanted = FAVOURITES_MAX + chosen.len();
        let query = rows::query::<Product>().filter("active", FilterKind::Equal, true).order_by("name", false);
        let (by_name, _) = rows::scan_up_to::<Product>(store, query, wanted, currency)?;
        let others: Vec<Product> =
            by_name.into_iter().filter(|product| chosen.iter().all(|known| known.id != product.id)).collect();
        chosen.extend(others);
        chosen.truncate(FAVOURITES_MAX);
    }
    let total = chosen.len() as u64;
    let skipped = usize::try_from(offset).unwrap_or(usize::MAX);
    Ok(TilePage { tiles: chosen.into_iter().skip(skipped).take(limit as usize).collect(), total })
}

/// Products of the newest lines, those on most of them first. Ids of sales rise with time, so that the newest lines are
/// the last of their table.
fn sold_most(store: &dyn RecordStore) -> EngineResult<Vec<ProductId>> {
    let mut query = Query::over("sale_line").select(&["product", "quantity"]);
    query.descending = true;
    // How often, and how far back last.
    let mut often: HashMap<Uuid, (i64, usize)> = HashMap::new();
    let mut back = 0;
    lookup::each_row(store, query, LINES_LOOKED_AT, |batch, row| {
        back += 1;
        if let (Some(product), Some(quantity)) = (batch.uuid(row, 0), batch.int(row, 1)) {
            often.entry(product).or_insert((0, back)).0 += quantity.signum();
        }
        Ok(())
    })?;
    let mut ranked: Vec<(Uuid, (i64, usize))> = often.into_iter().filter(|(_, (lines, _))| *lines > 0).collect();
    ranked.sort_unstable_by_key(|(_, (lines, last))| (-lines, *last));
    // Some may no longer be sold.
    Ok(ranked.into_iter().take(2 * FAVOURITES_MAX).map(|(product, _)| ProductId::new(product)).collect())
}

/// Products for a list, by name; those that words find as the search ranks them.
pub fn products_page(
    store: &dyn RecordStore,
    filter: &ProductFilter,
    offset: u64,
    limit: u32,
    now: Timestamp,
) -> EngineResult<ProductPage> {
    let shop = super::shop(store)?;
    let today = crate::local_time::local(crate::local_time::zone(&shop.timezone)?, now).date;
    let limit = limit.clamp(1, PAGE_MAX);
    let (mut products, total, more) = if filter.text.trim().is_empty() {
        listed(store, filter, offset, limit, shop.currency)?
    } else {
        found(store, filter, offset, limit, shop.currency)?
    };
    add_barcodes(store, &mut products, shop.currency)?;
    let taxes = rows::catalog::tax_table(store, shop.currency)?;
    let rate = |code: &TaxCode| taxes.rate_on(code, today).ok().map(|rate| rate.rate_bp);
    let views = views(store, products, shop.currency)?;
    let rows = views.into_iter().map(|view| ProductRow { rate_bp: rate(&view.product.tax_code), view });
    Ok(ProductPage { rows: rows.collect(), total, more })
}

fn listed(
    store: &dyn RecordStore,
    filter: &ProductFilter,
    offset: u64,
    limit: u32,
    currency: Currency,
) -> EngineResult<(Vec<Product>, u64, bool)> {
    let mut filters = vec![equal(DELETED, false)];
    filters.extend(filter.category.map(|category| equal("category", category.uuid())));
    filters.extend((!filter.include_inactive).then(|| equal("active", true)));
    let total = super::count(store, "product", filters.clone())?;
    let order = if filter.category.is_some() { "category" } else { "name" };
    let query = Query { filters, ..Query::over("product").order_by(order, false) };
    let ids = ids_of_page(store, query, offset, limit, total)?;
    Ok((products_of(store, &ids, currency)?, total, false))
}

fn found(
    store: &dyn RecordStore,
    filter: &ProductFilter,
    offset: u64,
    limit: u32,
    currency: Currency,
) -> EngineResult<(Vec<Product>, u64, bool)> {
    let exact = product_by_code(store, &filter.text)?;
    let words = fold(&filter.text);
    let mut products: Vec<Product> = Vec::new();
    if !words.is_empty() {
        products = rows::read_all(&store.search("product", &words, FOUND_MAX)?, currency)?;
    }
    let more = products.len() >= FOUND_MAX as usize;
    products.retain(|product| exact.as_ref().is_none_or(|exact| exact.id != product.id));
    products.sort_by_cached_key(|product| {
        let name = sort_key(&product.name);
        (!name.starts_with(&words), name, product.sku.clone())
    });
    let fits = |product: &Product| {
        (filter.include_inactive || product.active)
            && filter.category.is_none_or(|category| product.category == Some(category))
    };
    let all: Vec<Product> = exact.into_iter().chain(products).filter(fits).collect();
    let total = all.len() as u64;
    let skipped = usize::try_from(offset).unwrap_or(usize::MAX);
    Ok((all.into_iter().skip(skipped).take(limit as usize).collect(), total, more))
}

/// The product of an id, as a screen shows it.
pub fn product_by_id(store: &dyn RecordStore, id: ProductId) -> EngineResult<Option<ProductView>> {
    let currency = super::shop(store)?.currency;
    let mut products = products_of(store, &[id], currency)?;
    add_barcodes(store, &mut products, currency)?;
    Ok(views(store, products, currency)?.pop())
}

/// The VAT rates of today, highest first.
pub fn tax_choices(store: &dyn RecordStore, now: Timestamp) -> EngineResult<Vec<TaxChoice>> {
    let shop = super::shop(store)?;
    let today = crate::local_time::local(crate::local_time::zone(&shop.timezone)?, now).date;
    choices(&rows::catalog::tax_table(store, shop.currency)?, today)
}

fn choices(taxes: &TaxTable, today: Date) -> EngineResult<Vec<TaxChoice>> {
    let mut choices: Vec<TaxChoice> = Vec::new();
    for rate in taxes.rates() {
        if choices.iter().any(|known| known.code == rate.code) {
            continue;
        }
        let valid = taxes.rate_on(&rate.code, today).ok();
        choices.extend(valid.map(|valid| TaxChoice { code: valid.code.clone(), rate_bp: valid.rate_bp }));
    }
    choices.sort_by(|a, b| b.rate_bp.cmp(&a.rate_bp).then_with(|| a.code.as_str().cmp(b.code.as_str())));
    Ok(choices)
}

/// The ids of one page of a query with `total` rows. Rows before it are read as ids only, from the nearer end.
fn ids_of_page(
    store: &dyn RecordStore,
    query: Query,
    offset: u64,
    limit: u32,
    total: u64,
) -> EngineResult<Vec<ProductId>> {
    let end = offset.saturating_add(u64::from(limit)).min(total);
    if offset >= end {
        return Ok(Vec::new());
    }
    let from_behind = offset > total / 2;
    let mut query = query.select(&["id"]);
    query.descending = from_behind;
    let mut skip = if from_behind { total - end } else { offset };
    let wanted = (end - offset) as usize;
    let mut ids = Vec::with_capacity(wanted);
    loop {
        let missing = skip.saturating_add((wanted - ids.len()) as u64);
        query.limit = u32::try_from(missing).unwrap_or(u32::MAX).min(ANSWER_ROWS_MAX);
        let batch = store.scan(&query)?;
        let before = usize::try_from(skip).unwrap_or(usize::MAX).min(batch.len());
        skip -= before as u64;
        ids.extend((before..batch.len()).filter_map(|row| batch.uuid(row, 0)).map(ProductId::new));
        if batch.next().is_empty() || ids.len() >= wanted {
            break;
        }
        query.after = batch.next().to_vec();
    }
    if from_behind {
        ids.reverse();
    }
    Ok(ids)
}

/// The products of these ids, in this order.
fn products_of(store: &dyn RecordStore, ids: &[ProductId], currency: Currency) -> EngineResult<Vec<Product>> {
    let found: Vec<Product> = lookup::rows_in(store, "id", ids.iter().map(|id| id.uuid().into()), currency)?;
    let mut found: HashMap<ProductId, Product> = found.into_iter().map(|product| (product.id, product)).collect();
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}
