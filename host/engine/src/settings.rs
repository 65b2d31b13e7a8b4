//! Settings of the shop: keys, limits, defaults, reading and changing.
//!
//! Owns the one table of keys ([`registry`]). What was not changed has its default and no row, so that a better default
//! reaches every shop that never chose. Some keys stand in the shop's own row because receipts print them.
//! Must not know: what plugins are configured with (that is `aurapos.toml`).

mod change;
mod registry;
#[cfg(test)]
mod tests;

pub(crate) use change::run;
pub use registry::{Definition, Kind, definitions, embedded_schemes, find};

use std::collections::BTreeMap;

use aurapos_contract::RecordStore;
use aurapos_domain::barcode::EmbeddedScheme;
use aurapos_domain::money::Currency;

use crate::error::EngineResult;
use crate::rows;
use crate::rows::register::Setting;
use crate::rows::shop::Shop;

/// A setting as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingView {
    /// What it is.
    pub definition: &'static Definition,
    /// Its value now.
    pub value: String,
    /// What it is unless it is changed.
    pub default: String,
    /// What is stored, where this program does not take it: changed by hand, or of a newer program. It stays until somebody
    /// sets another value, and the default counts here.
    pub not_taken: Option<String>,
}

/// All settings, by key.
pub fn list(store: &dyn RecordStore) -> EngineResult<Vec<SettingView>> {
    let shop = crate::queries::shop(store)?;
    let changed: Vec<Setting> = rows::scan_all(store, rows::query::<Setting>(), Currency::EUR)?;
    let changed: BTreeMap<String, String> = changed.into_iter().map(|setting| (setting.name, setting.value)).collect();
    Ok(definitions().iter().map(|definition| view(definition, &shop, &changed)).collect())
}

/// One setting.
pub fn get(store: &dyn RecordStore, key: &str) -> EngineResult<SettingView> {
    let definition = find(key)?;
    let shop = crate::queries::shop(store)?;
    let row: Option<Setting> = rows::find(store, "name", definition.key, Currency::EUR)?;
    let changed = row.into_iter().map(|setting| (setting.name, setting.value)).collect();
    Ok(view(definition, &shop, &changed))
}

fn view(definition: &'static Definition, shop: &Shop, changed: &BTreeMap<String, String>) -> SettingView {
    let default = definition.default_for(shop.country);
    let stored =
        changed.get(definition.key).filter(|value| definition.shop.is_none() && definition.check(value).is_err());
    SettingView { definition, value: value_of(definition, shop, changed), default, not_taken: stored.cloned() }
}

/// A setting's value out of the shop's row and the changed settings.
pub(crate) fn value_of(definition: &Definition, shop: &Shop, changed: &BTreeMap<String, String>) -> String {
    if let Some(place) = definition.shop {
        return place.read(shop);
    }
    let stored = changed.get(definition.key).filter(|value| definition.check(value).is_ok());
    // A value that this program refuses (changed by hand, or written by a newer one) counts as not set.
    stored.cloned().unwrap_or_else(|| definition.default_for(shop.country))
}

/// Whether everything but vouchers is rounded, instead of the part paid in cash.
pub fn rounds_all_tenders(shop: &Shop, changed: &BTreeMap<String, String>) -> bool {
    value_by_key("rounding.all_tenders", shop, changed) == "true"
}

/// When the shop's day begins, in minutes after midnight.
pub fn day_begins(shop: &Shop, changed: &BTreeMap<String, String>) -> u32 {
    registry::morning(&value_by_key("day.begins", shop, changed)).unwrap_or_default()
}

/// Lines under every receipt.
pub fn receipt_footer(shop: &Shop, changed: &BTreeMap<String, String>) -> Vec<String> {
    registry::lines(&value_by_key("receipt.footer", shop, changed))
}

/// How the shop's scales lay out their labels.
pub fn scale_labels(shop: &Shop, changed: &BTreeMap<String, String>) -> Vec<EmbeddedScheme> {
    embedded_schemes(&value_by_key("barcode.labels", shop, changed)).unwrap_or_default()
}

/// Years for which weekly backups are kept.
pub fn weekly_years(shop: &Shop, changed: &BTreeMap<String, String>) -> u32 {
    value_by_key("backup.weekly_years", shop, changed).parse().unwrap_or(u32::from(shop.country.retention_years))
}

fn value_by_key(key: &str, shop: &Shop, changed: &BTreeMap<String, String>) -> String {
    find(key).map(|definition| value_of(definition, shop, changed)).unwrap_or_default()
}
