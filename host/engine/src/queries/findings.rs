//! What a person has to look at after registers came together.

use aurapos_contract::RecordStore;
use aurapos_domain::money::Currency;

use super::count;
use crate::apply::{Finding, FindingKind};
use crate::error::EngineResult;
use crate::rows::{self, equal};
use crate::schema::DELETED;

/// Everything that was ever found, also what was ticked off or put right since; what was seen last comes first.
///
/// # Errors
/// Those of the store.
pub fn all_findings(store: &dyn RecordStore) -> EngineResult<Vec<Finding>> {
    let mut all: Vec<Finding> = rows::scan_all(store, rows::query::<Finding>(), Currency::EUR)?;
    all.sort_by(|one, other| other.seen.cmp(&one.seen).then_with(|| one.told.cmp(&other.told)));
    Ok(all)
}

/// Everything that somebody still has to look at, in the same order. What was ticked off is left out, and what was put
/// right since (one of two products has another article number now).
///
/// # Errors
/// Those of the store.
pub fn findings(store: &dyn RecordStore) -> EngineResult<Vec<Finding>> {
    let mut all = all_findings(store)?;
    all.retain(|finding| finding.resolved.is_none());
    let mut still = Vec::with_capacity(all.len());
    for finding in all.drain(..) {
        let place = match finding.kind {
            FindingKind::SameSku => Some(("product", "sku")),
            FindingKind::SameCategory => Some(("category", "name_sort")),
            FindingKind::SameOperator => Some(("operator", "name_sort")),
            _ => None,
        };
        let holders = match place {
            Some((table, column)) => {
                count(store, table, vec![equal(column, finding.subject.as_str()), equal(DELETED, false)])?
            }
            None => 2,
        };
        if holders > 1 {
            still.push(finding);
        }
    }
    Ok(still)
}
