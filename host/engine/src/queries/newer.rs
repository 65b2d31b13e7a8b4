//! What of the shop's data only a newer program understands: kept and shown as it is, and nothing is sold or decided with it.

use aurapos_contract::RecordStore;
use aurapos_contract::query::AggregateQuery;
use aurapos_domain::catalog::Unit;
use aurapos_domain::tax::{TaxCode, check_rate};

use crate::error::EngineResult;
use crate::rows::equal;
use crate::schema::DELETED;
use crate::{rows, settings};

/// One English sentence for each thing that only a newer program understands.
///
/// # Errors
/// The storage's codes.
pub fn of_newer_programs(store: &dyn RecordStore) -> EngineResult<Vec<String>> {
    let shop = super::shop(store)?;
    let mut told: Vec<String> = Vec::new();
    for (column, value) in &shop.newer {
        told.push(format!(
            "The shop's {} \"{value}\" is not known here: nothing can be sold.",
            column.replace('_', " ")
        ));
    }
    for setting in settings::list(store)? {
        if let Some(value) = setting.not_taken {
            let (key, now) = (setting.definition.key, setting.value);
            told.push(format!(
                "The setting {key} has the value \"{value}\", which is not taken here; \"{now}\" counts."
            ));
        }
    }
    for (unit, products) in products_by(store, "unit")? {
        if !Unit::stored(&unit).is_ok_and(Unit::is_known) {
            told.push(format!(
                "{products} products are sold by \"{unit}\", which is not known here: they can't be sold."
            ));
        }
    }
    for (code, products) in products_by(store, "tax_code")? {
        if TaxCode::parse(&code).is_err() {
            told.push(format!(
                "{products} products have the VAT \"{code}\", which is not known here: they can't be sold."
            ));
        }
    }
    for rate in rows::catalog::tax_table(store, shop.currency)?.rates() {
        if check_rate(rate.rate_bp).is_err() {
            let (code, from) = (&rate.code, rate.valid_from);
            told.push(format!("The VAT rate \"{code}\" from {from} on is not known here: nothing is taxed with it."));
        }
    }
    for role in super::roles(store)?.into_iter().filter(|role| !role.permissions.newer.is_empty()) {
        let newer: Vec<&str> = role.permissions.newer.iter().map(String::as_str).collect();
        let (code, newer) = (role.code, newer.join(", "));
        told.push(format!("The role {code} has rights that are not known here and allow nothing: {newer}."));
    }
    Ok(told)
}

/// How many products have each value of a column.
fn products_by(store: &dyn RecordStore, column: &str) -> EngineResult<Vec<(String, i64)>> {
    let query = AggregateQuery {
        table: "product".to_owned(),
        filters: vec![equal(DELETED, false)],
        group_by: vec![column.to_owned()],
        ..AggregateQuery::default()
    };
    let answer = store.aggregate(&query)?;
    let group = |row| Some((answer.text(row, 0)?.to_owned(), answer.int(row, 1)?));
    Ok((0..answer.len()).filter_map(group).collect())
}
