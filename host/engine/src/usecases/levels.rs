//! Stock levels move by differences: what a register sold, and what other registers did.

use std::collections::BTreeMap;

use aurapos_contract::Value;
use aurapos_domain::ids::ProductId;
use aurapos_domain::money::Quantity;

use crate::error::refused;
use crate::error::{Code, EngineResult};
use crate::rows::stock::StockLevel;
use crate::state::Core;

/// The levels after these differences, read in one question.
pub(crate) fn after(
    core: &Core,
    differences: impl IntoIterator<Item = (ProductId, Quantity)>,
) -> EngineResult<Vec<StockLevel>> {
    let mut moved: BTreeMap<ProductId, Quantity> = BTreeMap::new();
    for (product, difference) in differences {
        let sum = moved.entry(product).or_default();
        *sum = sum.checked_add(difference).map_err(refused(Code::SaleRefused))?;
    }
    let products = moved.keys().map(|product| Value::from(product.uuid())).collect::<Vec<_>>();
    let levels: Vec<StockLevel> =
        crate::rows::lookup::rows_in(core.store.as_ref(), "product", products, core.currency())?;
    for level in levels {
        if let Some(sum) = moved.get_mut(&level.product) {
            *sum = sum.checked_add(level.quantity).map_err(refused(Code::SaleRefused))?;
        }
    }
    Ok(moved.into_iter().map(|(product, quantity)| StockLevel { product, quantity }).collect())
}
