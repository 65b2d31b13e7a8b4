//! A shop that sold by itself becomes one of several: everything waits, is posted, and is compared row by row. The same is
//! what a register does after a month without its server.

use super::{PRODUCTS, Street, codes, settled};
use crate::BenchResult;
use crate::report::{Figure, Goal};
use crate::shop::{Shop, catalog};
use std::time::Instant;

/// Goal of issue 10.
const RATE: f64 = 1_000.0;

pub fn run(street: &Street<'_>) -> BenchResult<Vec<Figure>> {
    let sales = street.bench.sizes.queued;
    let codes = codes();
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    let shop = Shop::new(street.bench, &street.name("R1"))?;
    shop.import(&catalog(PRODUCTS)?)?;
    let start = Instant::now();
    (0..sales).try_for_each(|_| shop.sell(&codes))?;
    let sold = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let shop = shop.shares(street.bench, &street.shared())?;
    while shop.register.sync().ok_or("it is by itself")?.unsent > 0
        || shop.register.sync().is_some_and(|sync| !sync.online())
    {
        std::thread::sleep(super::LOOK);
    }
    let posted = start.elapsed().as_secs_f64();
    settled(&shop)?;
    let start_agreeing = Instant::now();
    let agreement = shop.register.agree(&mut |_, _| true)?.ok_or("it is by itself")?;
    if !agreement.is_whole() {
        return Err(format!("not everything is there: {:?}", agreement.named).into());
    }
    let agreed = start_agreeing.elapsed().as_secs_f64();
    let whole = start.elapsed().as_secs_f64();
    let figure = |what: String, value, unit, goal| Figure::alone("shared", what, value, unit, goal);
    Ok(vec![
        figure(
            format!("{sales} queued 3-line sales posted, opening the register among it"),
            sales as f64 / posted,
            "/s",
            Goal::AtLeast(RATE),
        )
        .beside(sales as f64 / sold, "selling them, each durable"),
        figure(format!("{sales} sales moved from one register to several, compared"), whole, "s", Goal::Shown),
        figure(format!("of it comparing {} rows on both sides", agreement.rows()), agreed, "s", Goal::Shown),
    ])
}
