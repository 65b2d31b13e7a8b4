//! Sales of many registers at once, each with a store of its own, beside `pgbench` with as many clients, in turn.

use super::by_hand::{self, Way};
use super::registers::{FIRST_OF_CROWD, Registers, sell};
use super::{OURS, Site};
use crate::BenchResult;
use crate::report::{Figure, Goal};
use aurapos_contract::RecordStore;
use aurapos_contract::transaction::Transaction;
use std::sync::{Arc, Barrier};
use std::time::Instant;

/// Writers at once, and the goals of issue 9: of `pgbench`, and a second.
const WRITERS: [usize; 4] = [1, 4, 16, 32];
const SHARE: f64 = 0.6;
const RATE: f64 = 1_000.0;
/// Each side takes its turn so often.
const TURNS: usize = 3;
/// Sales that nobody counts, after which all statements are prepared.
const WARM_UP: usize = 2;

/// One line of the table.
struct Case {
    writers: usize,
    protected: bool,
    crowd: bool,
}

/// Sales that one writer posts in one turn.
fn each(sales: usize, writers: usize) -> usize {
    (sales / writers.max(3)).max(1)
}

/// How many sales the busiest register needs over all groups.
pub fn sales_needed(sales: usize) -> usize {
    let all: usize = WRITERS.iter().map(|&writers| each(sales, writers)).sum();
    TURNS * (all + each(sales, 16)) + 6 * WARM_UP + 2 * sales
}

pub fn run(site: &Site, registers: &mut Registers, sales: usize) -> BenchResult<Vec<Figure>> {
    let mut figures = Vec::new();
    for writers in WRITERS {
        figures.extend(one(site, registers, sales, &Case { writers, protected: false, crowd: false })?);
    }
    figures.extend(one(site, registers, sales, &Case { writers: 16, protected: true, crowd: false })?);
    figures.extend(one(site, registers, sales, &Case { writers: 16, protected: false, crowd: true })?);
    Ok(figures)
}

fn one(site: &Site, registers: &mut Registers, sales: usize, case: &Case) -> BenchResult<Vec<Figure>> {
    let (writers, each) = (case.writers, each(sales, case.writers));
    let first = if case.crowd { FIRST_OF_CROWD } else { 0 };
    let stores: Vec<_> = (0..writers).map(|_| site.open(OURS, case.protected)).collect::<Result<_, _>>()?;
    let mut given =
        |count| (0..writers).map(|at| registers.next(first + at as u16, count)).collect::<Result<Vec<_>, _>>();
    let sold = given(WARM_UP)?;
    seconds(&stores, &sold)?;
    let mut turns = Vec::with_capacity(TURNS);
    for _ in 0..TURNS {
        turns.push(given(each)?);
    }
    let sale = registers.pattern()?.clone();
    let (mut ours, mut in_turn, mut pipelined) = (0.0, 0.0, 0.0);
    // Each turn posts as many sales: their mean rate is over the sum of the times.
    for turn in &turns {
        ours += seconds(&stores, turn)?;
        let by_hand = |way| by_hand::rate(site, &sale, writers, each, (way, case.protected), case.crowd);
        in_turn += (writers * each) as f64 / by_hand(Way::InTurn)?;
        pipelined += (writers * each) as f64 / by_hand(Way::Pipelined)?;
    }
    let rate = |seconds: f64| (TURNS * writers * each) as f64 / seconds;
    let more = match (case.protected, case.crowd) {
        (true, _) => ", with TLS",
        (_, true) => ", all of the same 3 products",
        _ => "",
    };
    let name = format!("3-line sales, {writers} writers{more}");
    let goal = if case.crowd { Goal::Shown } else { Goal::Share(SHARE) };
    let figure = |goal| Figure::alone("postgres", name.clone(), rate(ours), "/s", goal);
    let mut figures = vec![
        figure(goal).beside(rate(in_turn), "pgbench, the same rows by hand"),
        figure(Goal::Shown).beside(rate(pipelined), "pgbench, a sale in one pipeline"),
    ];
    if WRITERS.last() == Some(&writers) {
        figures.push(figure(Goal::AtLeast(RATE)));
    }
    stores.iter().try_for_each(|store| store.close())?;
    Ok(figures)
}

/// How long the writers take for all their sales, from the moment in which all begin.
fn seconds(stores: &[Arc<dyn RecordStore>], sales: &[Vec<Transaction>]) -> BenchResult<f64> {
    let begin = Barrier::new(stores.len() + 1);
    let (start, sold) = std::thread::scope(|scope| {
        let writing: Vec<_> = stores
            .iter()
            .zip(sales)
            .map(|(store, sales)| {
                let begin = &begin;
                scope.spawn(move || {
                    begin.wait();
                    sell(store.as_ref(), sales)
                })
            })
            .collect();
        begin.wait();
        let start = Instant::now();
        let sold: Result<Vec<()>, String> =
            writing.into_iter().map(|one| one.join().unwrap_or_else(|_| Err("a writer failed".to_owned()))).collect();
        (start, sold)
    });
    sold?;
    Ok(start.elapsed().as_secs_f64())
}
