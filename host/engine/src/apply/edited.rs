//! Merges the edits of a feed into the rows that are there.

use super::arrived::{EditedRows, shown};
use super::{FindingKind, Taking};
use crate::edits::write::{Present, present};
use crate::edits::{EditedRow, EditedTable, Fields, Loss, merge};
use crate::error::EngineResult;
use crate::fold::{search_text, sort_key};
use crate::rows;
use crate::rows::catalog::BarcodeRow;
use crate::rows::lookup::IN_MAX;
use crate::schema::{DELETED, EDITED_BY, OLDER_STAMPS, ROW_VERSION};
use aurapos_contract::query::Query;
use aurapos_contract::transaction::OperationKind;
use aurapos_contract::{Uuid, Value};
use aurapos_domain::money::Currency;
use std::collections::{BTreeMap, BTreeSet};

/// Rows as they will be, by key.
type Merged = BTreeMap<Value, EditedRow>;

pub(super) fn take(tables: Vec<(&'static EditedTable, EditedRows)>, taking: &mut Taking<'_>) -> EngineResult<()> {
    let mut barcodes = Merged::new();
    let mut products = Merged::new();
    let mut owners_before = BTreeSet::new();
    for (table, rows) in tables {
        let (merged, before) = merge_table(table, rows, taking)?;
        if merged.is_empty() {
            continue;
        }
        taking.applied.edited += merged.len() as u64;
        taking.touched.insert(table.name);
        match table.name {
            "product_barcode" => {
                owners_before.extend(before.values().filter_map(|row| row.values.get("product").cloned()));
                put(table, &merged, taking, |_, _| Vec::new())?;
                barcodes = merged;
            }
            "product" => products = merged,
            _ => put(table, &merged, taking, |_, row| match table.derived {
                [] => Vec::new(),
                _ => vec![sort_key(text(row, "name")).into()],
            })?,
        }
    }
    put_products(&products, &barcodes, owners_before, taking)?;
    two_of_one(taking)
}

/// What the rows become, only those that change; and those that were there. Tells what lost.
fn merge_table(
    table: &'static EditedTable,
    rows: EditedRows,
    taking: &mut Taking<'_>,
) -> EngineResult<(Merged, BTreeMap<Value, Present>)> {
    let mut known = present(taking.core.store.as_ref(), table, rows.keys().cloned().collect())?;
    let mut merged = Merged::new();
    for (key, theirs) in rows {
        let other_shop = table.name == "shop" && key != Value::Uuid(taking.core.shop.id.uuid());
        let before = known.get(&key).map(|row| EditedRow::of(table, row.values.clone(), row.stamps.clone()));
        let (row, losses) = match &before {
            Some(mine) => merge(mine, &theirs),
            None => (theirs, Vec::new()),
        };
        for loss in losses.into_iter().filter(|_| !other_shop) {
            keep_loss(table, &key, loss, taking);
        }
        if other_shop || before.as_ref() == Some(&row) {
            taking.applied.left_out += 1;
            known.remove(&key);
            continue;
        }
        merged.insert(key, row);
    }
    Ok((merged, known))
}

fn keep_loss(table: &EditedTable, key: &Value, loss: Loss, taking: &mut Taking<'_>) {
    taking.applied.lost += 1;
    let number = i64::try_from(taking.applied.lost).unwrap_or(i64::MAX);
    let by = |register: Uuid| if register.is_nil() { Value::Null } else { Value::Uuid(register) };
    let row = vec![
        taking.transaction.id.into(),
        number.into(),
        table.name.into(),
        shown(key).into(),
        loss.field.into(),
        shown(&loss.lost.0).into(),
        shown(&loss.kept.0).into(),
        loss.lost.1.clock.into(),
        by(loss.lost.1.register),
        loss.kept.1.clock.into(),
        by(loss.kept.1.register),
        rows::time(taking.now),
    ];
    let columns = [
        "transaction",
        "number",
        "edited_table",
        "edited_key",
        "field",
        "lost",
        "kept",
        "lost_clock",
        "lost_by",
        "kept_clock",
        "kept_by",
        "seen",
    ];
    taking.transaction.push(OperationKind::Insert, "lost_edit", &columns, vec![row]);
}

/// Writes rows with their stamps as they are, and what is made of their fields.
fn put(
    table: &EditedTable,
    merged: &Merged,
    taking: &mut Taking<'_>,
    derived: impl Fn(&Value, &Fields) -> Vec<Value>,
) -> EngineResult<()> {
    let Some(first) = merged.values().next() else { return Ok(()) };
    let fields: Vec<&str> = first.fields.keys().map(String::as_str).collect();
    let mut columns = vec![table.key];
    columns.extend(&fields);
    columns.extend([ROW_VERSION, EDITED_BY, OLDER_STAMPS]);
    columns.extend(table.derived);
    let mut rows = Vec::with_capacity(merged.len());
    for (key, row) in merged {
        let mut values = vec![key.clone()];
        values.extend(fields.iter().map(|field| row.fields.get(*field).cloned().unwrap_or_default()));
        values.extend(row.stamps.values()?);
        values.extend(derived(key, &row.fields));
        rows.push(values);
    }
    taking.transaction.push(OperationKind::Upsert, table.name, &columns, rows);
    Ok(())
}

fn text<'a>(fields: &'a Fields, field: &str) -> &'a str {
    fields.get(field).and_then(Value::as_text).unwrap_or_default()
}

fn is_deleted(fields: &Fields) -> bool {
    fields.get(DELETED) == Some(&Value::Bool(true))
}

/// Products, and the search words of those whose barcodes changed.
fn put_products(
    products: &Merged,
    barcodes: &Merged,
    owners_before: BTreeSet<Value>,
    taking: &mut Taking<'_>,
) -> EngineResult<()> {
    let table = EditedTable::find("product").ok_or_else(|| crate::error::Code::Bug.error("No products."))?;
    let mut affected = owners_before;
    affected.extend(barcodes.values().filter_map(|row| row.fields.get("product").cloned()));
    affected.extend(products.keys().cloned());
    let codes = codes_of(&affected, barcodes, taking)?;
    let search = |key: &Value, fields: &Fields| {
        // A tombstone is never found.
        if is_deleted(fields) {
            return String::new();
        }
        let codes = codes.get(key).into_iter().flatten().map(String::as_str);
        search_text([text(fields, "name"), text(fields, "sku")].into_iter().chain(codes))
    };
    put(table, products, taking, |key, fields| {
        vec![sort_key(text(fields, "name")).into(), search(key, fields).into()]
    })?;
    affected.retain(|key| !products.contains_key(key));
    let others = present(taking.core.store.as_ref(), table, affected.into_iter().collect())?;
    let words = others.into_iter().map(|(key, row)| {
        let words = search(&key, &row.values);
        vec![key, words.into()]
    });
    let words: Vec<Vec<Value>> = words.collect();
    if !words.is_empty() {
        taking.transaction.push(OperationKind::Upsert, "product", &["id", "search"], words);
    }
    Ok(())
}

/// The codes that products will have.
fn codes_of(
    products: &BTreeSet<Value>,
    barcodes: &Merged,
    taking: &Taking<'_>,
) -> EngineResult<BTreeMap<Value, BTreeSet<String>>> {
    let store = taking.core.store.as_ref();
    let stored: Vec<BarcodeRow> =
        crate::rows::lookup::rows_in(store, "product", products.iter().cloned(), Currency::EUR)?;
    let mut codes: BTreeMap<Value, BTreeSet<String>> = BTreeMap::new();
    for row in stored.into_iter().filter(|row| !barcodes.contains_key(&Value::from(row.code.as_str()))) {
        codes.entry(row.product.uuid().into()).or_default().insert(row.code);
    }
    for (code, row) in barcodes.iter().filter(|(_, row)| !is_deleted(&row.fields)) {
        let (Some(product), Some(code)) = (row.fields.get("product"), code.as_text()) else { continue };
        codes.entry(product.clone()).or_default().insert(code.to_owned());
    }
    Ok(codes)
}

/// What two registers may both have made: both stay, and a person is told.
fn two_of_one(taking: &mut Taking<'_>) -> EngineResult<()> {
    let kinds = [
        ("product", &["sku"][..], FindingKind::SameSku, "products have the article number"),
        ("category", &["name_sort"], FindingKind::SameCategory, "categories have the name"),
        ("operator", &["name_sort"], FindingKind::SameOperator, "operators have the name"),
        ("tax_rate", &["code", "valid_from"], FindingKind::SameRate, "VAT rates have the code and first day"),
    ];
    for (table, columns, kind, words) in kinds {
        let written = live_rows(taking, table, columns);
        if written.is_empty() {
            continue;
        }
        for (shared, mut keys) in holders(taking, table, columns, &written)? {
            if keys.len() < 2 {
                continue;
            }
            keys.sort_unstable();
            let subject = shared.iter().map(shown).collect::<Vec<_>>().join(" ");
            let both = keys.iter().map(shown).collect::<Vec<_>>().join(" ");
            let told = format!("{} {words} \"{subject}\", made at registers that did not see each other.", keys.len());
            taking.find(kind, subject, both, told);
        }
    }
    Ok(())
}

/// Of the rows that the transaction writes and that are no tombstones: key and the values that only one should have.
fn live_rows(taking: &Taking<'_>, table: &str, columns: &[&str]) -> BTreeMap<Value, Vec<Value>> {
    let mut found = BTreeMap::new();
    for operation in taking.transaction.operations.iter().filter(|operation| operation.table == table) {
        let at = |name: &str| operation.columns.iter().position(|column| column == name);
        let (Some(key), Some(deleted)) = (at("id"), at(DELETED)) else { continue };
        let places: Option<Vec<usize>> = columns.iter().map(|column| at(column)).collect();
        let Some(places) = places else { continue };
        for row in operation.rows.iter().filter(|row| row[deleted] == Value::Bool(false)) {
            found.insert(row[key].clone(), places.iter().map(|&place| row[place].clone()).collect());
        }
    }
    found
}

/// Who will have these values: by values, the keys.
fn holders(
    taking: &Taking<'_>,
    table: &str,
    columns: &[&str],
    written: &BTreeMap<Value, Vec<Value>>,
) -> EngineResult<BTreeMap<Vec<Value>, Vec<Value>>> {
    let mut holders: BTreeMap<Vec<Value>, Vec<Value>> = BTreeMap::new();
    for (key, shared) in written {
        holders.entry(shared.clone()).or_default().push(key.clone());
    }
    let mut firsts: Vec<Value> = holders.keys().map(|shared| shared[0].clone()).collect();
    firsts.dedup();
    let select: Vec<&str> = ["id"].into_iter().chain(columns.iter().copied()).collect();
    for chunk in firsts.chunks(IN_MAX) {
        let query = rows::live(Query::over(table).select(&select).filter_in(columns[0], chunk.to_vec()));
        crate::rows::lookup::each_page(taking.core.store.as_ref(), query, |batch| {
            for row in 0..batch.len() {
                let mut values = batch.row(row);
                let shared = values.split_off(1);
                // What is written now counts as it will be.
                let key = values.swap_remove(0);
                if !written.contains_key(&key)
                    && let Some(keys) = holders.get_mut(&shared)
                {
                    keys.push(key);
                }
            }
            Ok(())
        })?;
    }
    Ok(holders)
}
