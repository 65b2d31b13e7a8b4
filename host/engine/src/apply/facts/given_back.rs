//! Two registers that gave one line back without seeing each other: nobody refuses what happened, a person is told. The sale
//! may come after what came back of it, so both are looked at.

use super::super::arrived::{Fact, shown};
use super::super::{FindingKind, Taking};
use super::{Key, New, place};
use crate::error::EngineResult;
use crate::rows::lookup::{IN_MAX, each_page};
use aurapos_contract::query::Query;
use aurapos_contract::schema::Table;
use aurapos_contract::{RowBatch, Value};
use aurapos_domain::money::Quantity;
use std::collections::{BTreeMap, BTreeSet};

/// Thousandths by sale and line.
type Lines = BTreeMap<(Value, Value), i64>;

const SOLD: [&str; 3] = ["sale", "line", "quantity"];
const BACK: [&str; 3] = ["origin", "origin_line", "quantity"];

/// Tells the lines of which more came back than was sold, among those that this feed says something of.
pub(super) fn check(new: &New, taking: &mut Taking<'_>) -> EngineResult<()> {
    let arrived = |table: &str| new.iter().find(|(known, _)| known.name == table);
    let (mut sold, mut back) = (Lines::new(), Lines::new());
    if let Some((table, facts)) = arrived("sale_line") {
        add_arrived(&mut sold, table, facts, SOLD);
    }
    if let Some((table, facts)) = arrived("refund_line") {
        add_arrived(&mut back, table, facts, BACK);
    }
    let sales: BTreeSet<Value> = sold.keys().chain(back.keys()).map(|(sale, _)| sale.clone()).collect();
    let sales: Vec<Value> = sales.into_iter().collect();
    for chunk in sales.chunks(IN_MAX) {
        add_stored(&mut back, "refund_line", BACK, chunk, taking)?;
    }
    let asked: BTreeSet<Value> = back.keys().map(|(sale, _)| sale.clone()).collect();
    let asked: Vec<Value> = asked.into_iter().collect();
    for chunk in asked.chunks(IN_MAX) {
        add_stored(&mut sold, "sale_line", SOLD, chunk, taking)?;
    }
    for (line, sum) in back {
        // A sale that is not here can't be compared: it is when it comes.
        let Some(most) = sold.get(&line).copied().filter(|most| sum > *most) else { continue };
        let (sum, most) = (Quantity::from_thousandths(sum), Quantity::from_thousandths(most));
        let receipt = receipt_of(&line.0, arrived("sale"), taking)?;
        let (sale, line) = (shown(&line.0), shown(&line.1));
        let told = format!(
            "Of line {line} of {receipt} {most} were sold and {sum} came back: registers that did not see each other gave it \
             back more than once."
        );
        taking.find(FindingKind::OverRefund, sale, line, told);
    }
    Ok(())
}

/// The number on a sale's receipt, which is here or comes with this feed.
fn receipt_of(
    sale: &Value,
    arrived: Option<&(Table, BTreeMap<Key, Fact>)>,
    taking: &Taking<'_>,
) -> EngineResult<String> {
    let came = arrived.and_then(|(table, facts)| {
        let (id, number) = (place(table, "id"), place(table, "receipt_no"));
        facts.values().find(|fact| fact.row[id] == *sale).map(|fact| shown(&fact.row[number]))
    });
    if let Some(number) = came {
        return Ok(number);
    }
    let query = Query::over("sale").select(&["receipt_no"]).filter_in("id", vec![sale.clone()]).limit(1);
    let stored = taking.core.store.scan(&query)?;
    Ok(stored.text(0, 0).map_or_else(|| "a sale".to_owned(), str::to_owned))
}

fn add(lines: &mut Lines, row: &[Value; 3]) {
    let [sale, line, quantity] = row;
    // What came back counts below zero in some rows and above in others; only how much matters.
    let quantity = quantity.as_int().unwrap_or_default().saturating_abs();
    let sum = lines.entry((sale.clone(), line.clone())).or_default();
    *sum = sum.saturating_add(quantity);
}

fn add_arrived(lines: &mut Lines, table: &Table, facts: &BTreeMap<Key, Fact>, columns: [&str; 3]) {
    for fact in facts.values() {
        add(lines, &columns.map(|column| fact.row[place(table, column)].clone()));
    }
}

fn add_stored(
    lines: &mut Lines,
    table: &str,
    columns: [&str; 3],
    sales: &[Value],
    taking: &Taking<'_>,
) -> EngineResult<()> {
    let query = Query::over(table).select(&columns).filter_in(columns[0], sales.to_vec());
    each_page(taking.core.store.as_ref(), query, |batch: &RowBatch| {
        for row in 0..batch.len() {
            add(lines, &[0, 1, 2].map(|column| batch.value(row, column)));
        }
        Ok(())
    })
}
