//! What a sale weighs on the wire, at the register that sells and at one that hears of it, and in PostgreSQL.

use super::super::postgres::weight::bytes;
use super::line::Line;
use super::{Street, codes, settled};
use crate::report::{Figure, Goal};
use crate::shop::Shop;
use crate::{Bench, BenchResult};
use std::time::Duration;

/// As in `seeing`: sales that come one by one.
const PAUSE: Duration = Duration::from_micros(33_333);
const SALES_MAX: usize = 300;

pub fn run(street: &Street<'_>) -> BenchResult<Vec<Figure>> {
    let bench: &Bench = street.bench;
    let lines = [Line::to(street.site.server.port())?, Line::to(street.site.server.port())?];
    let master = street.master()?.close();
    // From now on over a line that counts.
    let way = street.shared_by(lines[0].port());
    let seller = Shop::open(bench, &master)?.shares(bench, &way)?;
    let reader = Shop::joins(bench, &street.name("R2"), "R2", &street.shared_by(lines[1].port()))?;
    let (seller, reader) = (seller, reader);
    settled(&seller)?;
    settled(&reader)?;
    let codes = codes();
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    let sales = bench.sizes.sales.min(SALES_MAX);
    let stored = bytes(street.site, &street.schema)?;
    let before = lines.each_ref().map(Line::bytes);
    for _ in 0..sales {
        seller.sell(&codes)?;
        std::thread::sleep(PAUSE);
    }
    settled(&seller)?;
    settled(&reader)?;
    let after = lines.each_ref().map(Line::bytes);
    let now = bytes(street.site, &street.schema)?;
    let figure = |what: &str, bytes: f64| {
        Figure::alone("shared", format!("a 3-line sale's bytes, {what}"), bytes / sales as f64 / 1e3, "kB", Goal::Shown)
    };
    Ok(vec![
        figure("from its register to the server", after[0].0 - before[0].0),
        figure("from the server to its register", after[0].1 - before[0].1),
        figure("from another register to the server", after[1].0 - before[1].0),
        figure("from the server to another register", after[1].1 - before[1].1),
        figure("tables", now.tables - stored.tables),
        figure("indexes", now.indexes - stored.indexes),
        figure("write-ahead log", now.log - stored.log),
    ])
}
