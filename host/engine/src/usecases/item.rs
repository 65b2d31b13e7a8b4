//! From a scanned or typed code to a line: barcode, weight or price label, article number.

use std::collections::{BTreeMap, BTreeSet};

use aurapos_contract::Value;
use aurapos_contract::query::{IN_VALUES_MAX, Query};
use aurapos_domain::barcode::{Barcode, BarcodeError, EmbeddedCode};
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::catalog::{NewerUnit, Product, Unit};
use aurapos_domain::ids::ProductId;
use aurapos_domain::money::Quantity;
use aurapos_domain::pricing::quantity_of_label;
use aurapos_domain::tax::{TaxCode, TaxError};
use aurapos_domain::ticket::NewLine;

use crate::command::ItemRequest;
use crate::error::refused;
use crate::error::{Code, EngineError, EngineResult};
use crate::rows::catalog::BarcodeRow;
use crate::rows::lookup;
use crate::rows::{Record, find, query, scan_all};
use crate::state::Core;

/// What a code stands for.
struct Found {
    product: Product,
    barcode: Option<String>,
    label: Option<EmbeddedCode>,
}

/// The line of an item, at the rates of this moment.
pub(crate) fn line(core: &mut Core, item: &ItemRequest, now: Timestamp) -> EngineResult<NewLine> {
    let found = look_up(core, item.code.trim())?;
    line_of(core, item, found, now)
}

/// The lines of many items. Plain barcodes that were not sold lately are looked up together, so that a sale asks the store
/// twice at most and not twice an item.
pub(crate) fn lines(core: &mut Core, items: &[ItemRequest], now: Timestamp) -> EngineResult<Vec<NewLine>> {
    let mut lines = Vec::with_capacity(items.len());
    for items in items.chunks(IN_VALUES_MAX) {
        let known = by_barcodes(core, items)?;
        for item in items {
            let form = Barcode::parse(item.code.trim()).ok().map(|barcode| barcode.canonical().to_owned());
            let found = match form.and_then(|form| known.get(&form).map(|product| (form, product.clone()))) {
                Some((form, product)) => Found { product, barcode: Some(form), label: None },
                None => look_up(core, item.code.trim())?,
            };
            lines.push(line_of(core, item, found, now)?);
        }
    }
    Ok(lines)
}

/// The products of those items that are a barcode as it stands.
fn by_barcodes(core: &mut Core, items: &[ItemRequest]) -> EngineResult<BTreeMap<String, Product>> {
    let forms: BTreeSet<String> = items
        .iter()
        .filter_map(|item| Barcode::parse(item.code.trim()).ok())
        .map(|barcode| barcode.canonical().to_owned())
        .collect();
    let mut known = BTreeMap::new();
    let mut asked = Vec::new();
    for form in forms {
        match core.known.get(&form) {
            Some(product) => drop(known.insert(form, product.clone())),
            None => asked.push(Value::Text(form)),
        }
    }
    if asked.is_empty() {
        return Ok(known);
    }
    let (store, currency) = (core.store.as_ref(), core.currency());
    let codes = scan_all::<BarcodeRow>(store, in_query::<BarcodeRow>("code", asked), currency)?;
    if codes.is_empty() {
        return Ok(known);
    }
    let ids: BTreeSet<ProductId> = codes.iter().map(|code| code.product).collect();
    let products = in_query::<Product>("id", ids.iter().map(|id| id.uuid().into()).collect());
    let products = scan_all::<Product>(store, products, currency)?;
    let by_id: BTreeMap<ProductId, Product> = products.into_iter().map(|product| (product.id, product)).collect();
    for (code, product) in codes.into_iter().filter_map(|code| Some((code.code, by_id.get(&code.product)?))) {
        core.known.keep(&code, product);
        known.insert(code, product.clone());
    }
    Ok(known)
}

fn in_query<R: Record>(column: &str, values: Vec<Value>) -> Query {
    query::<R>().filter_in(column, values)
}

fn line_of(core: &Core, item: &ItemRequest, found: Found, now: Timestamp) -> EngineResult<NewLine> {
    let product = &found.product;
    if !product.active {
        return Err(Code::TicketRefused.error(format!("{} is no longer sold.", product.name)));
    }
    core.shop.must_be_known()?;
    if let Unit::Newer(unit) = product.unit {
        return Err(newer_unit(product, unit));
    }
    let today = crate::local_time::local(core.zone, now).date;
    let rate_bp = core.taxes.rate_on(&product.tax_code, today).map_err(|error| no_rate(product, error))?.rate_bp;
    let (quantity, fixed_gross) = amount(core, &found, item)?;
    let mut line = NewLine::of_product(product, quantity, rate_bp);
    line.barcode = found.barcode;
    line.fixed_gross = fixed_gross;
    if let Some(price) = item.price {
        if line.fixed_gross.is_some() {
            return Err(Code::BadRequest.error(format!("The label of {} fixes its price.", product.name)));
        }
        line.unit_price = price;
    }
    Ok(line)
}

fn newer_unit(product: &Product, unit: NewerUnit) -> EngineError {
    let (name, unit) = (&product.name, unit.code());
    Code::NeedsUpdate.error(format!("{name} is sold by \"{unit}\", which this program does not know."))
}

/// Why a product can't be taxed: nobody gave it a rate, or only a newer program knows what its rate is.
fn no_rate(product: &Product, error: TaxError) -> EngineError {
    let code = &product.tax_code;
    if matches!(error, TaxError::RateOutOfRange { .. }) || TaxCode::parse(code.as_str()).is_err() {
        let name = &product.name;
        return Code::NeedsUpdate.error(format!("The VAT of {name} (\"{code}\") is not known to this program."));
    }
    refused(Code::TicketRefused)(error)
}

fn amount(
    core: &Core,
    found: &Found,
    item: &ItemRequest,
) -> EngineResult<(Quantity, Option<aurapos_domain::money::Money>)> {
    let product = &found.product;
    let Some(label) = &found.label else {
        return match (item.quantity, product.unit) {
            (Some(quantity), _) => Ok((quantity, None)),
            (None, Unit::Piece) => Ok((Quantity::ONE, None)),
            (None, Unit::Kilogram) => Err(Code::BadRequest.error(format!("{} needs a weight.", product.name))),
            (None, Unit::Newer(unit)) => Err(newer_unit(product, unit)),
        };
    };
    if item.quantity.is_some() {
        return Err(Code::BadRequest.error(format!("The label of {} says how much it is.", product.name)));
    }
    if let Some(weight) = label.weight() {
        return Ok((weight, None));
    }
    let price = label.price(core.currency()).transpose().map_err(refused(Code::BadRequest))?;
    let price = price.ok_or_else(|| Code::BadRequest.error("The label says neither a weight nor a price."))?;
    let quantity = match product.unit {
        Unit::Piece => Quantity::ONE,
        Unit::Kilogram => quantity_of_label(price, product.price)
            .filter(|quantity| !quantity.is_zero())
            .ok_or_else(|| Code::BadRequest.error(format!("{} has no price per kilogram.", product.name)))?,
        Unit::Newer(unit) => return Err(newer_unit(product, unit)),
    };
    Ok((quantity, Some(price)))
}

fn look_up(core: &mut Core, code: &str) -> EngineResult<Found> {
    let currency = core.currency();
    let parsed = Barcode::parse(code);
    for form in lookup::code_forms(code) {
        if let Some(product) = by_barcode(core, &form)? {
            return Ok(Found { product, barcode: Some(form), label: None });
        }
    }
    if let Ok(barcode) = &parsed {
        for scheme in crate::settings::scale_labels(&core.shop, &core.settings) {
            let read = scheme.read(barcode.canonical()).map_err(refused(Code::BadRequest))?;
            let Some(label) = read else { continue };
            let product = match by_barcode(core, &label.base_code)? {
                Some(product) => Some(product),
                None => find::<Product>(core.store.as_ref(), "sku", label.item.as_str(), currency)?,
            };
            if let Some(product) = product {
                return Ok(Found { product, barcode: Some(barcode.canonical().to_owned()), label: Some(label) });
            }
        }
    }
    for form in lookup::sku_forms(code) {
        if let Some(product) = find::<Product>(core.store.as_ref(), "sku", form.as_str(), currency)? {
            return Ok(Found { product, barcode: None, label: None });
        }
    }
    Err(not_found(code, parsed.err()))
}

fn not_found(code: &str, error: Option<BarcodeError>) -> EngineError {
    let shown: String = code.chars().take(64).collect();
    match error {
        Some(error) => Code::NoSuchItem.error(format!("There is no product \"{shown}\": {error}.")),
        None => Code::NoSuchItem.error(format!("There is no product with the code \"{shown}\".")),
    }
}

fn by_barcode(core: &mut Core, code: &str) -> EngineResult<Option<Product>> {
    if let Some(product) = core.known.get(code) {
        return Ok(Some(product.clone()));
    }
    let (store, currency) = (core.store.as_ref(), core.currency());
    let Some(row) = find::<BarcodeRow>(store, "code", code, currency)? else { return Ok(None) };
    let product = find::<Product>(store, "id", row.product.uuid(), currency)?;
    if let Some(product) = &product {
        core.known.keep(code, product);
    }
    Ok(product)
}
