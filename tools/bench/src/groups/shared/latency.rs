//! Whether selling waits for the server: a register that shares its shop beside one that is by itself, in turn, with the link
//! up, cut, with a server that hangs, and with one that has more to do than it can.

use super::super::postgres::by_hand::{self, Way};
use super::super::postgres::{BY_HAND, Site};
use super::line::Line;
use super::{PRODUCTS, Street, codes, settled};
use crate::measure::Times;
use crate::report::{Figure, Goal};
use crate::shop::{Shop, catalog};
use crate::{Bench, BenchResult, captured};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Clients that keep the server busy, and their sales in one go.
const CLIENTS: usize = 16;
const GO: usize = 50;
/// Between two sales: the register brings what it has meanwhile.
const PAUSE: Duration = Duration::from_millis(5);
/// What counts as noise between two registers of one machine.
const NOISE: f64 = 1.25;

pub fn run(bench: &Bench, site: &mut Site) -> BenchResult<Vec<Figure>> {
    let csv = catalog(PRODUCTS)?;
    let codes = codes();
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    let pattern = captured::shop(&csv, &codes, 1)?.sales.pop().ok_or("no sale")?;
    site.open(BY_HAND, true)?.close()?;
    let line = Line::to(site.server.port())?;
    let street = Street::new(bench, site, "latency");
    let linked = Shop::master(bench, &street.name("R1"), &street.shared_by(line.port()))?;
    let alone = Shop::new(bench, "latency-alone")?;
    for shop in [&linked, &alone] {
        shop.import(&csv)?;
    }
    settled(&linked)?;
    let measured = |what: &str| measured(&linked, &alone, &codes, bench.sizes.sales, what);
    measured("")?;
    let mut figures = measured("the link up")?;
    line.cut(true);
    figures.extend(measured("the link cut")?);
    line.cut(false);
    settled(&linked)?;
    street.site.server.freeze();
    let hung = measured("a server that hangs");
    street.site.server.thaw();
    figures.extend(hung?);
    settled(&linked)?;
    let over = AtomicBool::new(false);
    let busy = std::thread::scope(|scope| {
        let site = street.site;
        let (over, pattern) = (&over, &pattern);
        let work = scope.spawn(move || {
            while !over.load(Ordering::SeqCst) {
                by_hand::rate(site, pattern, CLIENTS, GO, (Way::InTurn, true), false)
                    .map_err(|error| error.to_string())?;
            }
            Ok::<(), String>(())
        });
        let busy = measured("a server with too much to do (on the same two cores)");
        over.store(true, Ordering::SeqCst);
        work.join().unwrap_or_else(|_| Err("pgbench failed".to_owned()))?;
        busy
    })?;
    figures.extend(busy);
    settled(&linked)?;
    Ok(figures)
}

fn measured(linked: &Shop, alone: &Shop, codes: &[&str], sales: usize, what: &str) -> BenchResult<Vec<Figure>> {
    let (mut ours, mut theirs) = (Times::default(), Times::default());
    for _ in 0..sales {
        ours.time(|| linked.sell(codes))?;
        theirs.time(|| alone.sell(codes))?;
        std::thread::sleep(PAUSE);
    }
    let figure = |percent: f64, label: &str, goal| {
        let ms = |times: &Times| times.percentile(percent) / 1e6;
        Figure::alone("shared", format!("3-line cash sale, {what}, {label}"), ms(&ours), "ms", goal)
            .beside(ms(&theirs), "a register by itself, in turn")
    };
    Ok(vec![figure(50.0, "p50", Goal::Ratio(NOISE)), figure(99.0, "p99", Goal::Shown)])
}
