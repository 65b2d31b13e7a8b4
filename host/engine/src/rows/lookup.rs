//! Reading many rows by key, and every row of a table, within the limits of one question to a store.

use aurapos_contract::query::{IN_VALUES_MAX, Query};
use aurapos_contract::{RecordStore, Value};
use aurapos_domain::barcode::{Barcode, visible};
use aurapos_domain::money::Currency;

use crate::error::EngineResult;
use crate::rows::{self, Record};

pub use super::pages::{each_page, each_row};

/// Most values in one "is one of".
pub const IN_MAX: usize = IN_VALUES_MAX;

/// The rows whose column has one of these values, however many there are. The order is the store's, per thousand.
pub fn rows_in<R: Record>(
    store: &dyn RecordStore,
    column: &str,
    values: impl IntoIterator<Item = Value>,
    currency: Currency,
) -> EngineResult<Vec<R>> {
    let mut found = Vec::new();
    let mut values = values.into_iter().peekable();
    while values.peek().is_some() {
        let chunk: Vec<Value> = values.by_ref().take(IN_MAX).collect();
        found.append(&mut rows::scan_all(store, rows::query::<R>().filter_in(column, chunk), currency)?);
    }
    Ok(found)
}

/// The forms under which a code that was scanned, typed or pasted can stand among the barcodes, the likeliest first: its
/// canonical form, a second one where there are two, and the text itself, for what older rules read otherwise.
pub fn code_forms(code: &str) -> Vec<String> {
    let read = Barcode::parse(code).ok();
    let forms = read.iter().flat_map(|read| [Some(read.canonical()), read.alternative()]).flatten();
    let mut forms: Vec<String> = forms.map(str::to_owned).collect();
    let text = crate::fold::nfc(code);
    if !text.is_empty() && !text.chars().any(char::is_control) && !forms.contains(&text) {
        forms.push(text);
    }
    forms
}

/// The forms under which it can be an article number.
pub fn sku_forms(code: &str) -> Vec<String> {
    let mut forms = vec![crate::fold::nfc(code), crate::fold::nfc(&visible(code))];
    forms.dedup();
    forms.retain(|form| !form.is_empty());
    forms
}

/// As [`each_page`], as records of their type.
pub fn each_record<R: Record>(
    store: &dyn RecordStore,
    query: Query,
    currency: Currency,
    mut records: impl FnMut(Vec<R>) -> EngineResult<()>,
) -> EngineResult<()> {
    each_page(store, query, |batch| records(rows::read_all(batch, currency)?))
}
