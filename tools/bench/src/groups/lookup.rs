//! Import, barcode and search in large catalogs, through lanes and ABI, as the register asks.

use crate::measure::Times;
use crate::report::{Figure, Goal};
use crate::shop::{Shop, barcodes, catalog};
use crate::{Bench, BenchResult};
use aurapos_engine::queries;
use std::time::Instant;

/// Rows that a search on the screen shows.
pub(super) const SHOWN: u32 = 50;

pub fn run(bench: &Bench) -> BenchResult<Vec<Figure>> {
    let mut figures = Vec::new();
    for &count in &bench.sizes.catalogs {
        figures.extend(one(bench, count)?);
    }
    Ok(figures)
}

fn one(bench: &Bench, count: u64) -> BenchResult<Vec<Figure>> {
    let csv = catalog(count)?;
    let shop = Shop::new(bench, &format!("lookup-{count}"))?;
    let start = Instant::now();
    let added = shop.import(&csv)?;
    let rate = added as f64 / start.elapsed().as_secs_f64();
    let mut figures =
        vec![Figure::alone("import", format!("{count} products from CSV"), rate, "/s", Goal::AtLeast(20_000.0))];
    let codes = barcodes(count, bench.sizes.lookups.min(count as usize / 2));
    let mut times = Times::default();
    for code in &codes {
        if times.time(|| queries::product_by_code(shop.store(), code))?.is_none() {
            return Err(format!("{code} was not found").into());
        }
    }
    let p99 = times.percentile(99.0) / 1e6;
    figures.push(Figure::alone("lookup", format!("barcode in {count}, p99"), p99, "ms", Goal::AtMost(1.0)));
    for (class, questions) in questions(count) {
        let mut times = Times::default();
        for turn in 0..bench.sizes.lookups {
            let question = &questions[turn % questions.len()];
            times.time(|| queries::search_products(shop.store(), question, SHOWN))?;
        }
        for (percent, label, goal) in [(50.0, "p50", Goal::Shown), (99.0, "p99", Goal::AtMost(20.0))] {
            let value = times.percentile(percent) / 1e6;
            figures.push(Figure::alone("search", format!("{class} in {count}, {label}"), value, "ms", goal));
        }
    }
    Ok(figures)
}

/// Questions by class, made from the catalog's own words.
pub(super) fn questions(count: u64) -> Vec<(&'static str, Vec<String>)> {
    let step = (count / 200).max(1) as usize;
    let names: Vec<String> = aurapos_sample::generate(count, 7).step_by(step).map(|product| product.name).collect();
    let start = |word: &str, letters: usize| word.chars().take(letters).collect::<String>();
    let words = |name: &str| name.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let first = |letters: usize| names.iter().map(|name| start(&words(name)[0], letters)).collect::<Vec<_>>();
    let two = names.iter().filter_map(|name| {
        let words = words(name);
        Some(format!("{} {}", start(&words[0], 4), start(words.get(2)?, 3)))
    });
    vec![
        ("1 letter", first(1)),
        ("2 letters", first(2)),
        ("3 letters", first(3)),
        ("a word", first(20)),
        ("two words", two.collect()),
        ("no hit", vec!["zzqx".to_owned(), "confiture zzqx".to_owned(), "q zz".to_owned()]),
    ]
}
