//! A large catalog on the server: import, 10,000 rows, barcode and search, as the register asks.

use super::Site;
use crate::BenchResult;
use crate::captured::Seller;
use crate::groups::lookup::{SHOWN, questions};
use crate::measure::Times;
use crate::report::{Figure, Goal};
use crate::shop::{barcodes, catalog};
use aurapos_contract::RecordStore;
use aurapos_contract::query::{ANSWER_ROWS_MAX, Query};
use aurapos_engine::queries;
use std::time::Instant;

/// Goals of issue 9, p99, in milliseconds.
const BARCODE_MS: f64 = 2.0;
const SEARCH_MS: f64 = 20.0;
const COLUMNS: [&str; 5] = ["id", "sku", "name", "price", "active"];

pub fn run(site: &Site, count: u64, lookups: usize) -> BenchResult<Vec<Figure>> {
    let schema = format!("catalog_{count}");
    let csv = catalog(count)?;
    let store = site.open(&schema, false)?;
    let mut seller = Seller::new(store.clone())?;
    let start = Instant::now();
    let added = seller.import(store.as_ref(), &csv)?;
    let rate = added as f64 / start.elapsed().as_secs_f64();
    if added != count {
        return Err(format!("{added} of {count} products were imported").into());
    }
    drop(csv);
    let mut figures = vec![Figure::alone("postgres", format!("import of {count} products"), rate, "/s", Goal::Shown)];
    // What the server does by itself soon after so many new rows.
    site.server.try_sql(super::DATABASE, "VACUUM ANALYZE")?;
    figures.push(many_rows(site, store.as_ref(), &schema, lookups.clamp(1, 50))?);
    figures.push(barcode(site, store.as_ref(), &schema, count, lookups)?);
    for (class, questions) in questions(count) {
        let mut times = Times::default();
        for turn in 0..lookups {
            let question = &questions[turn % questions.len()];
            times.time(|| queries::search_products(store.as_ref(), question, SHOWN))?;
        }
        for (percent, label, goal) in [(50.0, "p50", Goal::Shown), (99.0, "p99", Goal::AtMost(SEARCH_MS))] {
            let name = format!("search, {class} in {count}, {label}");
            figures.push(Figure::alone("postgres", name, times.percentile(percent) / 1e6, "ms", goal));
        }
    }
    store.close()?;
    if count > 1_000 {
        site.server.try_sql(super::DATABASE, &format!("DROP SCHEMA {schema} CASCADE"))?;
    }
    Ok(figures)
}

/// As many rows as an answer may have, beside the client's own answer with each cell read.
fn many_rows(site: &Site, store: &dyn RecordStore, schema: &str, rounds: usize) -> BenchResult<Figure> {
    let query =
        Query { columns: COLUMNS.map(str::to_owned).to_vec(), limit: ANSWER_ROWS_MAX, ..Query::over("product") };
    let sql = format!(
        "SELECT \"id\", \"sku\", \"name\", \"price\", \"active\" FROM {schema}.product ORDER BY \"id\" LIMIT {ANSWER_ROWS_MAX}"
    );
    let (mut ours, mut bare_times, mut rows) = (Times::default(), Times::default(), 0);
    site.bare(async |bare| {
        let client = bare.connect(|| {}).await?;
        let statement = client.prepare(&sql).await?;
        for _ in 0..rounds {
            rows = tokio::task::block_in_place(|| ours.time(|| store.scan(&query)))?.len();
            let start = Instant::now();
            let answer = client.query(&statement, &[]).await?;
            for row in &answer {
                let texts = (row.try_get::<_, &str>(1)?, row.try_get::<_, &str>(2)?);
                let others = (row.try_get::<_, i64>(3)?, row.try_get::<_, bool>(4)?);
                std::hint::black_box((texts.0.to_owned(), texts.1.to_owned(), others));
            }
            bare_times.add(start.elapsed());
        }
        Ok(())
    })?;
    let ms = |times: &Times| times.percentile(50.0) / 1e6;
    Ok(Figure::alone("postgres", format!("{rows} rows of 5 columns, p50"), ms(&ours), "ms", Goal::Shown)
        .beside(ms(&bare_times), "a bare query of tokio-postgres"))
}

/// A product by its barcode, which asks for the code and then for the product, beside one bare question for both.
fn barcode(site: &Site, store: &dyn RecordStore, schema: &str, count: u64, lookups: usize) -> BenchResult<Figure> {
    let codes = barcodes(count, lookups.min(count as usize / 2));
    let sql = format!(
        "SELECT p.* FROM {schema}.product_barcode b JOIN {schema}.product p ON p.\"id\" = b.\"product\" WHERE b.\"code\" = $1"
    );
    let (mut ours, mut bare_times) = (Times::default(), Times::default());
    site.bare(async |bare| {
        let client = bare.connect(|| {}).await?;
        let statement = client.prepare(&sql).await?;
        for code in &codes {
            let found = tokio::task::block_in_place(|| ours.time(|| queries::product_by_code(store, code)))?;
            let start = Instant::now();
            let rows = client.query(&statement, &[code]).await?;
            bare_times.add(start.elapsed());
            if found.is_none() || rows.len() != 1 {
                return Err(format!("{code} was not found").into());
            }
        }
        Ok(())
    })?;
    let ms = |times: &Times| times.percentile(99.0) / 1e6;
    Ok(Figure::alone("postgres", format!("barcode in {count}, p99"), ms(&ours), "ms", Goal::AtMost(BARCODE_MS))
        .beside(ms(&bare_times), "a bare query of tokio-postgres"))
}
