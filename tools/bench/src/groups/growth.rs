//! Whether a register grows slower: commit and search with many sales stored, against the same register with none.

use crate::captured::{self, ByHand};
use crate::measure::Times;
use crate::report::{Figure, Goal};
use crate::shop::{Shop, barcodes, catalog, ordered_id};
use crate::{Bench, BenchResult};
use aurapos_engine::queries;
use rusqlite::types::Value as Cell;
use std::path::Path;

const PRODUCTS: u64 = 2_000;
/// Sales written in one transaction while filling.
const SLICE: u64 = 2_000;

pub fn run(bench: &Bench) -> BenchResult<Vec<Figure>> {
    let csv = catalog(PRODUCTS)?;
    let codes = barcodes(PRODUCTS, 3);
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    let empty = Shop::new(bench, "growth-empty")?;
    empty.import(&csv)?;
    let full = Shop::new(bench, "growth-full")?;
    full.import(&csv)?;
    let folder = full.folder().to_owned();
    drop(full);
    let pattern = captured::sales(&csv, &codes, 1)?.remove(0);
    fill(&folder.join("AuraPOS.db"), &pattern, bench.sizes.stored)?;
    let full = Shop::open(bench, &folder)?;

    let (mut with, mut without) = (Times::default(), Times::default());
    let (mut search_with, mut search_without) = (Times::default(), Times::default());
    for turn in 0..bench.sizes.sales {
        with.time(|| full.sell(&codes))?;
        without.time(|| empty.sell(&codes))?;
        let question = ["co", "jus", "pain frais", "zzqx"][turn % 4];
        search_with.time(|| queries::search_products(full.store(), question, 50))?;
        search_without.time(|| queries::search_products(empty.store(), question, 50))?;
    }
    let stored = bench.sizes.stored;
    let figure = |name: &str, ours: &Times, limit: &Times, percent: f64, goal: Goal| {
        Figure::alone(
            "growth",
            format!("{name} with {stored} sales stored"),
            ours.percentile(percent) / 1e6,
            "ms",
            goal,
        )
        .beside(limit.percentile(percent) / 1e6, "with none")
    };
    Ok(vec![
        figure("commit p50", &with, &without, 50.0, Goal::Ratio(1.2)),
        figure("commit p99", &with, &without, 99.0, Goal::Shown),
        figure("search p50", &search_with, &search_without, 50.0, Goal::Ratio(1.2)),
        figure("search p99", &search_with, &search_without, 99.0, Goal::Shown),
    ])
}

/// Copies one sale's rows `count` times, with the keys of an earlier incarnation: what a register that sold for years
/// holds. Rows that are updated (levels, totals, heads) are there already.
fn fill(database: &Path, pattern: &ByHand, count: u64) -> BenchResult<()> {
    let connection = captured::open(database, false)?;
    let inserted: ByHand = pattern.iter().filter(|written| FACTS.contains(&written.table.as_str())).cloned().collect();
    let mut number = 0;
    while number < count {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        for _ in 0..SLICE.min(count - number) {
            number += 1;
            captured::rows(&connection, &renumbered(&inserted, number))?;
        }
        connection.execute_batch("COMMIT")?;
    }
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}

const FACTS: [&str; 6] = ["journal", "sale", "sale_line", "sale_tender", "sale_vat", "stock_move"];

fn renumbered(pattern: &ByHand, number: u64) -> ByHand {
    let id = |number: u64| Cell::Blob(ordered_id(number).as_bytes().to_vec());
    let (sale, incarnation) = (id((1 << 50) + number), id(1 << 60));
    let mut copy = pattern.clone();
    for written in &mut copy {
        for row in &mut written.rows {
            for (column, cell) in written.columns.iter().zip(row) {
                match (written.table.as_str(), column.as_str()) {
                    ("sale", "id") | (_, "sale") => *cell = sale.clone(),
                    (_, "incarnation") => *cell = incarnation.clone(),
                    (_, "seq" | "counter") => *cell = Cell::Integer(i64::try_from(number).unwrap_or(i64::MAX)),
                    (_, "receipt_no") => *cell = Cell::Text(format!("R1-OLD1-{number:06}")),
                    _ => {}
                }
            }
        }
    }
    copy
}
