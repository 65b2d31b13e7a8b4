//! How soon a sale of one register is seen at the others: from its commit until it can be read in another register's own data.

use super::super::postgres::feed::bare_notices;
use super::{Street, codes, settled};
use crate::BenchResult;
use crate::measure::Times;
use crate::report::{Figure, Goal};
use crate::shop::Shop;
use aurapos_contract::query::{IN_VALUES_MAX, Query};
use aurapos_contract::{RecordStore, Uuid, Value};
use aurapos_engine::Event;
use aurapos_runtime::Notice;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// All registers together: 30 sales a second.
const PAUSE: Duration = Duration::from_micros(33_333);
/// Goal of issue 10, p99.
const GOAL_MS: f64 = 100.0;
/// Most sales of one line.
const SALES_MAX: usize = 600;
/// Between two looks of a register that hears nothing.
const LOOK: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(30);

/// Who sold what, and when that was answered.
type Sold = Mutex<Vec<(usize, Uuid, Instant)>>;

pub fn run(street: &Street<'_>) -> BenchResult<Vec<Figure>> {
    let rounds = street.bench.sizes.sales.min(SALES_MAX);
    let mut shops: Vec<Shop> = vec![street.master()?];
    let mut figures = Vec::new();
    for &count in &street.bench.sizes.seeing {
        while shops.len() < count {
            shops.push(street.joins(shops.len() + 1)?);
        }
        // Nobody is busy with another's joining any more.
        for shop in &shops {
            settled(shop)?;
        }
        let ours = measured(&shops, rounds)?;
        let bare = street.site.bare(async |bare| bare_notices(bare, count - 1, rounds.min(200)).await)?;
        for (percent, label) in [(50.0, "p50"), (99.0, "p99")] {
            let name = format!("a sale seen at {} other registers, all at 30 sales/s together, {label}", count - 1);
            let goal = if label == "p99" { Goal::AtMost(GOAL_MS) } else { Goal::Shown };
            let ms = |times: &Times| times.percentile(percent) / 1e6;
            figures.push(Figure::alone("shared", name, ms(&ours), "ms", goal).beside(ms(&bare), "bare LISTEN/NOTIFY"));
        }
    }
    Ok(figures)
}

fn measured(shops: &[Shop], rounds: usize) -> BenchResult<Times> {
    let codes = codes();
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    let (sold, over) = (Sold::default(), AtomicBool::new(false));
    let seen = std::thread::scope(|scope| {
        let looking: Vec<_> = (0..shops.len())
            .map(|at| {
                let (sold, over, shop) = (&sold, &over, &shops[at]);
                scope.spawn(move || look(at, shop, sold, over).map_err(|error| error.to_string()))
            })
            .collect();
        let start = Instant::now();
        let selling = (0..rounds).try_for_each(|round| {
            let due = PAUSE * u32::try_from(round).unwrap_or(u32::MAX);
            std::thread::sleep(due.saturating_sub(start.elapsed()));
            let seller = round % shops.len();
            let id = shops[seller].sell_one(&codes).map_err(|error| error.to_string())?;
            sold.lock().unwrap_or_else(PoisonError::into_inner).push((seller, id, Instant::now()));
            Ok::<(), String>(())
        });
        over.store(true, Ordering::SeqCst);
        let seen: Result<Vec<Vec<Duration>>, String> =
            looking.into_iter().map(|one| one.join().unwrap_or_else(|_| Err("a register failed".to_owned()))).collect();
        selling.and(seen)
    })?;
    let mut times = Times::default();
    seen.into_iter().flatten().for_each(|time| times.add(time));
    Ok(times)
}

/// How long each sale of another took until it was here.
fn look(at: usize, shop: &Shop, sold: &Sold, over: &AtomicBool) -> BenchResult<Vec<Duration>> {
    let notices = shop.register.subscribe();
    let (mut seen, mut times, mut ended) = (HashSet::new(), Vec::new(), None);
    loop {
        let heard = notices.recv_timeout(LOOK);
        let moment = Instant::now();
        let is_over = over.load(Ordering::SeqCst);
        let took_in = matches!(&heard, Ok(Notice::Event(event)) if matches!(event.as_ref(), Event::Applied(_)));
        let last_looks = is_over && heard.is_err();
        if !took_in && !last_looks {
            continue;
        }
        let waited: Vec<(Uuid, Instant)> = {
            let sold = sold.lock().unwrap_or_else(PoisonError::into_inner);
            let of_others = sold.iter().filter(|(seller, id, _)| *seller != at && !seen.contains(id));
            of_others.map(|(_, id, when)| (*id, *when)).collect()
        };
        if waited.is_empty() {
            if last_looks {
                return Ok(times);
            }
            continue;
        }
        let here = there(shop.store(), &waited)?;
        for (id, when) in waited.iter().filter(|(id, _)| here.contains(id)) {
            seen.insert(*id);
            times.push(moment.saturating_duration_since(*when));
        }
        if is_over && ended.get_or_insert_with(Instant::now).elapsed() > PATIENCE {
            return Err(format!("{} sales were not seen, {} were", waited.len(), times.len()).into());
        }
    }
}

/// Those of the sales that the register's own data has.
fn there(store: &dyn RecordStore, waited: &[(Uuid, Instant)]) -> BenchResult<HashSet<Uuid>> {
    let mut here = HashSet::new();
    for some in waited.chunks(IN_VALUES_MAX) {
        let ids: Vec<Value> = some.iter().map(|(id, _)| (*id).into()).collect();
        let batch = store.scan(&Query::over("sale").select(&["id"]).filter_in("id", ids))?;
        here.extend((0..batch.len()).filter_map(|row| batch.uuid(row, 0)));
    }
    Ok(here)
}
