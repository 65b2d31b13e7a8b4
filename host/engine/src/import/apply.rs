//! Writing a slice: its rows, the opening stock and the journal's entry, in one transaction.

use std::collections::{HashMap, HashSet};

use aurapos_contract::Value;
use aurapos_domain::catalog::{Category, Product};
use aurapos_domain::ids::ProductId;
use aurapos_domain::journal::EntryKind;
use aurapos_domain::money::Quantity;
use aurapos_domain::people::Operator;
use aurapos_domain::stock::StockMoveKind;

use super::body::CatalogImported;
use super::slice::{ImportSlice, SliceReport};
use crate::command::Reply;
use crate::env::Env;
use crate::error::{Code, EngineResult};
use crate::fold::sort_key;
use crate::rows;
use crate::rows::catalog::BarcodeRow;
use crate::rows::lookup;
use crate::rows::stock::{StockLevel, StockMoveRow};
use crate::state::Core;

/// Stores a slice, or answers what it did when it is stored already (the same slice after an answer was lost).
/// Refused with `Changed` when a product, barcode or category of it was edited since the plan: [`super::write_all`] plans its
/// rows again then.
pub(crate) fn run(
    core: &mut Core,
    actor: Option<&Operator>,
    slice: ImportSlice,
    env: &mut dyn Env,
) -> EngineResult<Reply> {
    let counts = slice.counts();
    if core.store.outcome(slice.id)?.committed.is_some() {
        return Ok(Reply::Import(Box::new(SliceReport { counts, already: true })));
    }
    core.shop.must_be_known()?;
    let operator = actor.map(|actor| actor.id);
    write(core, slice, env, |opening| {
        let imported = CatalogImported { operator, counts, opening };
        Ok((EntryKind::CATALOG_IMPORTED, imported.encode()?))
    })?;
    Ok(Reply::Import(Box::new(SliceReport { counts, already: false })))
}

/// Nothing in the store holds two products of one article number, two owners of a barcode or two categories of one name
/// apart (two registers can make them without knowing of each other), so it is looked at before they are made: whoever
/// planned the slice did not hold the store.
fn nobody_was_first(core: &Core, slice: &ImportSlice) -> EngineResult<()> {
    let store = core.store.as_ref();
    let made: Vec<Product> = lookup::rows_in(store, "sku", slice.new_skus().cloned(), core.currency())?;
    if let Some(product) = made.first() {
        return Err(Code::Changed.error(format!("The product {} was made meanwhile.", product.sku)));
    }
    let gone: HashSet<&Value> = slice.codes_gone().collect();
    let owner: HashMap<&Value, &Value> = slice.new_codes().filter(|(code, _)| !gone.contains(code)).collect();
    let taken: Vec<BarcodeRow> =
        lookup::rows_in(store, "code", owner.keys().map(|code| (*code).clone()), core.currency())?;
    let other = taken.iter().find(|row| {
        owner.get(&Value::from(row.code.as_str())).is_some_and(|product| **product != Value::from(row.product.uuid()))
    });
    if let Some(row) = other {
        return Err(Code::Changed.error(format!("The barcode {} was given to a product meanwhile.", row.code)));
    }
    categories_are_new(core, slice)
}

fn categories_are_new(core: &Core, slice: &ImportSlice) -> EngineResult<()> {
    let mut names = slice.new_categories().map(sort_key).peekable();
    if names.peek().is_none() {
        return Ok(());
    }
    let all: Vec<Category> = rows::scan_all(core.store.as_ref(), rows::query::<Category>(), core.currency())?;
    let known: HashSet<String> = all.iter().map(|category| sort_key(&category.name)).collect();
    match names.find(|name| known.contains(name)) {
        Some(name) => Err(Code::Changed.error(format!("The category \"{name}\" was made meanwhile."))),
        None => Ok(()),
    }
}

/// Writes the rows of a slice with their journal entry, which `entry` makes of the opening stock.
pub(super) fn write(
    core: &mut Core,
    slice: ImportSlice,
    env: &mut dyn Env,
    entry: impl FnOnce(Vec<(ProductId, Quantity)>) -> EngineResult<(EntryKind, Vec<u8>)>,
) -> EngineResult<()> {
    nobody_was_first(core, &slice)?;
    let mut draft = core.draft(env)?;
    // The slice's own id, not the draft's: a slice that is given twice must be known by it.
    draft.transaction.id = slice.id;
    draft.transaction.expectations.extend(slice.expectations);
    let operations = slice.operations.into_iter().filter(|operation| !operation.rows.is_empty());
    draft.transaction.operations.extend(operations);
    let opening = slice.opening;
    let (kind, body) = entry(opening.clone())?;
    let (seq, _) = core.append(&mut draft, kind, body)?;
    let moves = opening_moves(&opening, draft.head.incarnation, seq, draft.time);
    let levels: Vec<StockLevel> =
        opening.iter().map(|(product, quantity)| StockLevel { product: *product, quantity: *quantity }).collect();
    rows::insert(&mut draft.transaction, &moves);
    // New products only, so nothing can be in stock yet.
    rows::insert(&mut draft.transaction, &levels);
    core.commit(draft)
}

/// The stock moves of an entry; the check of a store compares the stored ones with these.
pub(crate) fn opening_moves(
    opening: &[(ProductId, Quantity)],
    incarnation: aurapos_domain::ids::IncarnationId,
    seq: u64,
    time: aurapos_domain::calendar::Timestamp,
) -> Vec<StockMoveRow> {
    let numbered = opening.iter().zip(1_u32..);
    let moves = numbered.map(|((product, quantity), number)| StockMoveRow {
        incarnation,
        seq,
        number,
        product: *product,
        quantity: *quantity,
        kind: StockMoveKind::Initial.code().into(),
        sale: None,
        time,
    });
    moves.collect()
}
