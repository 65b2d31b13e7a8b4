//! Stock levels move by differences: what a register sold, and what other registers did.

use std::collections::BTreeMap;

use aurapos_contract::transaction::{OperationKind, Transaction};
use aurapos_domain::ids::ProductId;
use aurapos_domain::money::Quantity;

use crate::error::refused;
use crate::error::{Code, EngineResult};
use crate::rows::Record;
use crate::rows::stock::StockLevel;

/// Lets the transaction add these differences to the levels, whatever they are by then: nothing is read for it.
pub(crate) fn move_by(
    transaction: &mut Transaction,
    differences: impl IntoIterator<Item = (ProductId, Quantity)>,
) -> EngineResult<()> {
    let mut moved: BTreeMap<ProductId, Quantity> = BTreeMap::new();
    for (product, difference) in differences {
        let sum = moved.entry(product).or_default();
        *sum = sum.checked_add(difference).map_err(refused(Code::SaleRefused))?;
    }
    let rows = moved.into_iter().map(|(product, quantity)| StockLevel { product, quantity }.write()).collect();
    transaction.push(OperationKind::Add, StockLevel::TABLE, StockLevel::COLUMNS, rows);
    Ok(())
}
