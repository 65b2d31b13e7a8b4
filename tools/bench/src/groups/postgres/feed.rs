//! How soon others know of a sale: from the commit's answer until another store hands its change over.

use super::registers::Registers;
use super::{OURS, Site};
use crate::BenchResult;
use crate::measure::Times;
use crate::report::{Figure, Goal};
use aurapos_contract::{RecordStore, Uuid};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

/// Stores that wait for news.
const READERS: usize = 20;
/// Pause between two sales: a busy shop, and nobody who queues.
const PAUSE: Duration = Duration::from_millis(20);
/// Goal of issue 9, p99.
const GOAL_MS: f64 = 100.0;
/// How long a reader waits at once, and how long for the last sale.
const WAIT_MS: u32 = 1_000;
const PATIENCE: Duration = Duration::from_secs(10);

/// When a sale was answered, by its id.
type Answered = Mutex<HashMap<Uuid, Instant>>;

pub fn run(site: &Site, registers: &mut Registers, sales: usize) -> BenchResult<Vec<Figure>> {
    let rounds = sales.clamp(1, 500);
    let ours = ours(site, registers, rounds)?;
    let bare = site.bare(async |bare| bare_notices(bare, READERS, rounds).await)?;
    let figure = |percent: f64, label: &str, goal| {
        let ms = |times: &Times| times.percentile(percent) / 1e6;
        Figure::alone("postgres", format!("a sale's change at {READERS} readers, {label}"), ms(&ours), "ms", goal)
            .beside(ms(&bare), "bare LISTEN/NOTIFY")
    };
    Ok(vec![figure(50.0, "p50", Goal::Shown), figure(99.0, "p99", Goal::AtMost(GOAL_MS))])
}

fn ours(site: &Site, registers: &mut Registers, rounds: usize) -> BenchResult<Times> {
    let writer = site.open(OURS, false)?;
    let sales = registers.next(0, rounds)?;
    let (answered, over) = (Answered::default(), AtomicBool::new(false));
    let readers: Vec<Arc<dyn RecordStore>> = (0..READERS).map(|_| site.open(OURS, false)).collect::<Result<_, _>>()?;
    // All begin where the feed ends now.
    let mut start = Vec::new();
    loop {
        let batch = writer.changes(&start, 0)?;
        let is_end = batch.changes.is_empty() && !batch.more;
        start = batch.next;
        if is_end {
            break;
        }
    }
    // Each has its connection, and listens.
    for reader in &readers {
        reader.wait(&start, 0)?;
    }
    let times = std::thread::scope(|scope| {
        let reading: Vec<_> = readers
            .iter()
            .map(|reader| {
                let (start, answered, over) = (start.clone(), &answered, &over);
                scope.spawn(move || read(reader.as_ref(), start, rounds, answered, over))
            })
            .collect();
        let sold = sales.iter().try_for_each(|sale| {
            std::thread::sleep(PAUSE);
            writer.commit(sale).map_err(|error| error.to_string())?;
            answered.lock().unwrap_or_else(PoisonError::into_inner).insert(sale.id, Instant::now());
            Ok::<(), String>(())
        });
        if sold.is_err() {
            over.store(true, Ordering::Release);
        }
        let seen = reading.into_iter().map(|one| one.join().unwrap_or_else(|_| Err("a reader failed".to_owned())));
        let seen: Result<Vec<Vec<(Uuid, Instant)>>, String> = seen.collect();
        sold.and(seen)
    })?;
    let answered = answered.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut all = Times::default();
    for (sale, moment) in times.into_iter().flatten() {
        let answer = answered.get(&sale).ok_or("a change of nobody's")?;
        // Heard of before its own register had the answer: at once.
        all.add(moment.saturating_duration_since(*answer));
    }
    Ok(all)
}

/// The moment in which each sale's change was in hand.
fn read(
    store: &dyn RecordStore,
    mut after: Vec<u8>,
    rounds: usize,
    answered: &Answered,
    over: &AtomicBool,
) -> Result<Vec<(Uuid, Instant)>, String> {
    let mut seen: Vec<(Uuid, Instant)> = Vec::with_capacity(rounds);
    let mut last = Instant::now();
    while seen.len() < rounds && !over.load(Ordering::Acquire) {
        let news = store.wait(&after, WAIT_MS).map_err(|error| error.to_string())?;
        if !news {
            if last.elapsed() > PATIENCE {
                let known = answered.lock().unwrap_or_else(PoisonError::into_inner).len();
                return Err(format!("{known} sales were made, {} were heard of", seen.len()));
            }
            continue;
        }
        let batch = store.changes(&after, 0).map_err(|error| error.to_string())?;
        last = Instant::now();
        for change in &batch.changes {
            if seen.last().is_none_or(|(sale, _)| *sale != change.transaction) {
                seen.push((change.transaction, last));
            }
        }
        after = batch.next;
    }
    Ok(seen)
}

/// From the answer to `NOTIFY` until each of as many connections has heard it.
pub async fn bare_notices(bare: &super::Bare, readers: usize, rounds: usize) -> BenchResult<Times> {
    let (heard, hearing) = mpsc::channel();
    let mut listening = Vec::with_capacity(readers);
    for _ in 0..readers {
        let heard = heard.clone();
        let client = bare
            .connect(move || {
                // Nobody counts any more at the end.
                let _ = heard.send(Instant::now());
            })
            .await?;
        client.batch_execute("LISTEN bare").await?;
        listening.push(client);
    }
    let caller = bare.connect(|| {}).await?;
    let mut times = Times::default();
    for _ in 0..rounds {
        tokio::time::sleep(PAUSE).await;
        caller.batch_execute("NOTIFY bare").await?;
        let answer = Instant::now();
        for _ in 0..readers {
            let moment = hearing.recv_timeout(PATIENCE)?;
            times.add(moment.saturating_duration_since(answer));
        }
    }
    Ok(times)
}
