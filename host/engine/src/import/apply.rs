//! Writing a slice: its rows, the opening stock and the journal's entry, in one transaction.

use aurapos_domain::ids::ProductId;
use aurapos_domain::journal::EntryKind;
use aurapos_domain::money::Quantity;
use aurapos_domain::people::{Operator, Permission};
use aurapos_domain::stock::StockMoveKind;

use super::body::CatalogImported;
use super::slice::{ImportSlice, SliceReport};
use crate::command::Reply;
use crate::env::Env;
use crate::error::EngineResult;
use crate::people::require;
use crate::rows;
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
    // The program itself imports without anybody signed in: the sample shop, a script on the machine.
    if let Some(actor) = actor {
        require(Some(actor), Permission::ManageCatalog)?;
    }
    let counts = slice.counts();
    if core.store.outcome(slice.id)?.committed.is_some() {
        return Ok(Reply::Import(Box::new(SliceReport { counts, already: true })));
    }
    let operator = actor.map(|actor| actor.id);
    write(core, slice, env, |opening| {
        let imported = CatalogImported { operator, counts, opening };
        Ok((EntryKind::CATALOG_IMPORTED, imported.encode()?))
    })?;
    Ok(Reply::Import(Box::new(SliceReport { counts, already: false })))
}

/// Writes the rows of a slice with their journal entry, which `entry` makes of the opening stock.
pub(super) fn write(
    core: &mut Core,
    slice: ImportSlice,
    env: &mut dyn Env,
    entry: impl FnOnce(Vec<(ProductId, Quantity)>) -> EngineResult<(EntryKind, Vec<u8>)>,
) -> EngineResult<()> {
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
        kind: StockMoveKind::Initial,
        sale: None,
        time,
    });
    moves.collect()
}
