//! One product, saved from a form. The rules of its fields and its rows are those of the import; what is refused names its
//! field, so that the form can show it there.

use aurapos_contract::query::{FilterKind, Query};
use aurapos_contract::{RecordStore, Value};
use aurapos_domain::barcode::{Barcode, BarcodeError};
use aurapos_domain::catalog::{BARCODES_MAX, CatalogError, Category, Product, Unit, check_price};
use aurapos_domain::ids::{CategoryId, ProductId};
use aurapos_domain::journal::EntryKind;
use aurapos_domain::money::{Currency, Money, Quantity};
use aurapos_domain::people::Operator;
use aurapos_domain::tax::TaxCode;

use super::body::ProductChanged;
use super::plan::{Known, change_of, new_category, next_position};
use super::reason::Reason;
use super::slice::ImportSlice;
use super::{apply, cells, row};
use crate::env::Env;
use crate::error::{Code, Detail, EngineError, EngineResult, Holder, ProductField};
use crate::fold::sort_key;
use crate::people::somebody;
use crate::queries::{ProductView, product_by_id};
use crate::rows::catalog::BarcodeRow;
use crate::rows::lookup;
use crate::rows::{self, Record};
use crate::schema::ROW_VERSION;
use crate::state::Core;

/// Article numbers tried at once for a product without one.
const NUMBERS_AT_ONCE: u64 = 100;

/// Where a product stands in the grid.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum CategoryChoice {
    /// In no category.
    #[default]
    None,
    /// In one there is.
    Id(CategoryId),
    /// In the one of this name, in any case; it is made when there is none.
    Named(String),
}

/// A product as a form has it.
#[derive(Debug, Clone, PartialEq)]
pub struct ProductDraft {
    /// Which product; `None` for a new one.
    pub id: Option<ProductId>,
    /// Article number; empty: the one it has, or the next free number.
    pub sku: String,
    /// Name.
    pub name: String,
    /// Price of one.
    pub price: Money,
    /// Code of the VAT rate: `standard`.
    pub tax_code: String,
    /// Piece or kilogram.
    pub unit: Unit,
    /// Where it stands.
    pub category: CategoryChoice,
    /// Codes as they were scanned or typed, in any of their forms.
    pub barcodes: Vec<String>,
    /// Food.
    pub food: bool,
    /// Whether it is sold.
    pub active: bool,
    /// Opening stock of a new product.
    pub stock: Option<Quantity>,
}

/// Adds or changes a product. Tickets that are open keep the prices they have.
pub(crate) fn save(
    core: &mut Core,
    actor: Option<&Operator>,
    draft: &ProductDraft,
    env: &mut dyn Env,
) -> EngineResult<ProductView> {
    let actor = somebody(actor)?.id;
    core.shop.must_be_known()?;
    let store = core.store.clone();
    let store = store.as_ref();
    let existing = draft.id.map(|id| known(store, id, core.currency())).transpose()?;
    let before = existing.as_ref().map(|known| known.product.clone());
    let codes = barcodes(core, draft, existing.as_ref())?;
    unit(draft.unit, before.as_ref())?;
    let stock = opening(draft)?;
    let (category, made) = category(core, &draft.category, env)?;
    let product = Product {
        id: draft.id.unwrap_or_else(|| ProductId::new(env.new_id())),
        sku: sku(core, draft, before.as_ref())?,
        name: row::name(draft.name.trim()).map_err(refused(ProductField::Name))?,
        barcodes: Vec::new(),
        category,
        price: price(core, draft)?,
        tax_code: tax_code(core, draft, before.as_ref(), env)?,
        unit: draft.unit,
        food: draft.food,
        active: draft.active,
    };
    let id = product.id;
    if let Some(mut change) = change_of(existing.as_ref(), product, Some(&codes)) {
        let mut changed = ProductChanged {
            operator: Some(actor),
            product: id,
            sku: change.product.sku.clone(),
            name: change.product.name.clone(),
            price_minor: change.product.price.minor,
            price_before_minor: before.map(|before| before.price.minor),
            tax_code: change.product.tax_code.as_str().to_owned(),
            active: change.product.active,
            opening: Vec::new(),
        };
        change.category = made;
        change.opening = stock;
        let mut slice = ImportSlice::new(env.new_id());
        slice.push(change).map_err(|_| Code::Bug.error("One product does not fit a transaction."))?;
        apply::write(core, slice, env, |opening| {
            changed.opening = opening;
            Ok((EntryKind::PRODUCT_CHANGED, changed.encode()?))
        })?;
    }
    product_by_id(store, id)?.ok_or_else(no_such_product)
}

/// The product there is, with the version it must still have at the commit.
fn known(store: &dyn RecordStore, id: ProductId, currency: Currency) -> EngineResult<Known> {
    let mut columns = Product::COLUMNS.to_vec();
    columns.push(ROW_VERSION);
    let query = rows::live(Query::over(Product::TABLE).select(&columns));
    let batch = store.scan(&query.filter("id", FilterKind::Equal, id.uuid()).limit(1))?;
    let product = rows::read_all::<Product>(&batch, currency)?.pop().ok_or_else(no_such_product)?;
    let version = batch.int(0, columns.len() - 1).unwrap_or_default();
    let codes: Vec<BarcodeRow> = lookup::rows_in(store, "product", [Value::from(id.uuid())], currency)?;
    Ok(Known { product, version, codes: codes.into_iter().map(|row| row.code).collect() })
}

fn sku(core: &Core, draft: &ProductDraft, before: Option<&Product>) -> EngineResult<String> {
    let typed = draft.sku.trim();
    if typed.is_empty() {
        return before.map_or_else(|| next_number(core), |before| Ok(before.sku.clone()));
    }
    let sku = cells::sku(typed).map_err(refused(ProductField::Sku))?;
    let holder = rows::find::<Product>(core.store.as_ref(), "sku", sku.as_str(), core.currency())?;
    match holder.filter(|holder| Some(holder.id) != draft.id) {
        Some(holder) => Err(taken(ProductField::Sku, &format!("article number {sku}"), holder)),
        None => Ok(sku),
    }
}

/// The first free number above the count of products: in a catalog numbered from 1 it is the next one.
fn next_number(core: &Core) -> EngineResult<String> {
    let store = core.store.as_ref();
    let mut first = crate::queries::count(store, Product::TABLE, Vec::new())? + 1;
    loop {
        let numbers: Vec<String> = (first..first + NUMBERS_AT_ONCE).map(|number| number.to_string()).collect();
        let values = numbers.iter().map(|number| Value::from(number.as_str()));
        let used: Vec<Product> = lookup::rows_in(store, "sku", values.collect::<Vec<_>>(), core.currency())?;
        let free = numbers.into_iter().find(|number| used.iter().all(|product| product.sku != *number));
        if let Some(free) = free {
            return Ok(free);
        }
        first += NUMBERS_AT_ONCE;
    }
}

/// What only a newer program can sell in stays as it is, and nobody chooses it here.
fn unit(unit: Unit, before: Option<&Product>) -> EngineResult<()> {
    match unit {
        Unit::Newer(newer) if before.is_none_or(|before| before.unit != unit) => {
            Err(Code::NeedsUpdate.error(format!("The unit \"{}\" is not known to this program.", newer.code())))
        }
        _ => Ok(()),
    }
}

fn price(core: &Core, draft: &ProductDraft) -> EngineResult<Money> {
    draft.price.same_currency(Money::zero(core.currency())).map_err(refused(ProductField::Price))?;
    check_price(draft.price).map_err(refused(ProductField::Price))?;
    Ok(draft.price)
}

fn tax_code(core: &Core, draft: &ProductDraft, before: Option<&Product>, env: &mut dyn Env) -> EngineResult<TaxCode> {
    let today = crate::local_time::local(core.zone, env.now()).date;
    if let Some(before) = before.filter(|before| before.tax_code.as_str() == draft.tax_code.trim())
        && TaxCode::parse(before.tax_code.as_str()).is_err()
    {
        // Only a newer program understands it: it stays as it is.
        return Ok(before.tax_code.clone());
    }
    let code = TaxCode::parse(draft.tax_code.trim()).map_err(refused(ProductField::Vat))?;
    core.taxes.rate_on(&code, today).map_err(refused(ProductField::Vat))?;
    Ok(code)
}

/// The canonical forms, each once, none of another product. What the product has already stays as it is.
fn barcodes(core: &Core, draft: &ProductDraft, existing: Option<&Known>) -> EngineResult<Vec<String>> {
    let refuse = |reason: Reason| refused(ProductField::Barcodes)(reason);
    let mut codes: Vec<String> = Vec::new();
    for text in draft.barcodes.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
        let code = if existing.is_some_and(|known| known.codes.iter().any(|code| code == text)) {
            text.to_owned()
        } else {
            let read = Barcode::parse(text).map_err(|error: BarcodeError| refuse(Reason::Barcode(error)))?;
            read.canonical().to_owned()
        };
        if codes.contains(&code) {
            return Err(refuse(CatalogError::BarcodeTwice { code }.into()));
        }
        codes.push(code);
    }
    if codes.len() > BARCODES_MAX {
        return Err(refuse(CatalogError::TooManyBarcodes { count: codes.len() }.into()));
    }
    let store = core.store.as_ref();
    let values = codes.iter().map(|code| Value::from(code.as_str()));
    let owners: Vec<BarcodeRow> = lookup::rows_in(store, "code", values.collect::<Vec<_>>(), core.currency())?;
    let Some(owned) = owners.into_iter().find(|row| Some(row.product) != draft.id) else { return Ok(codes) };
    let holder = rows::find::<Product>(store, "id", owned.product.uuid(), core.currency())?;
    let holder = holder.ok_or_else(|| Code::RowDamaged.error(format!("The barcode {} is nobody's.", owned.code)))?;
    Err(taken(ProductField::Barcodes, &format!("barcode {}", owned.code), holder))
}

fn opening(draft: &ProductDraft) -> EngineResult<Option<Quantity>> {
    let Some(stock) = draft.stock else { return Ok(None) };
    if draft.id.is_some() {
        return Err(refused(ProductField::Stock)("only a new product has an opening stock"));
    }
    row::check_stock(stock, draft.unit).map_err(refused(ProductField::Stock))?;
    Ok(Some(stock).filter(|stock| !stock.is_zero()))
}

fn category(
    core: &Core,
    choice: &CategoryChoice,
    env: &mut dyn Env,
) -> EngineResult<(Option<CategoryId>, Option<Category>)> {
    let refuse = refused(ProductField::Category);
    let all = || rows::scan_all::<Category>(core.store.as_ref(), rows::query::<Category>(), core.currency());
    match choice {
        CategoryChoice::None => Ok((None, None)),
        CategoryChoice::Id(id) => match all()?.into_iter().find(|category| category.id == *id) {
            Some(category) => Ok((Some(category.id), None)),
            None => Err(refuse(Reason::Missing { column: "category" })),
        },
        CategoryChoice::Named(name) => {
            let name = row::name(name.trim()).map_err(refuse)?;
            let all = all()?;
            if let Some(known) = all.iter().find(|category| sort_key(&category.name) == sort_key(&name)) {
                return Ok((Some(known.id), None));
            }
            let made = new_category(CategoryId::new(env.new_id()), &name, next_position(&all));
            Ok((Some(made.id), Some(made)))
        }
    }
}

fn refused<E: std::fmt::Display>(field: ProductField) -> impl Fn(E) -> EngineError {
    move |error| {
        let told = crate::error::refused::<E>(Code::BadProduct)(error);
        told.with_detail(Detail::Product { field, holder: None })
    }
}

fn taken(field: ProductField, what: &str, holder: Product) -> EngineError {
    let message = format!("The {what} belongs to {} ({}).", holder.name, holder.sku);
    let holder = Holder { id: holder.id, sku: holder.sku, name: holder.name };
    Code::ProductTaken.error(message).with_detail(Detail::Product { field, holder: Some(holder) })
}

fn no_such_product() -> EngineError {
    Code::NoSuchProduct.error("This product is not in the catalog.")
}
