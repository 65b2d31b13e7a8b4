//! Several threads at once.

use super::shop::{all, count, id, number, open, transaction};
use super::{Row, StorageFixture};
use crate::conformance::{Check, Failure, holds, same};
use aurapos_contract::error::{ErrorCode, PluginResult};
use aurapos_contract::host::NoProgress;
use aurapos_contract::query::{FilterKind, Query};
use aurapos_contract::transaction::OperationKind::{Insert, Upsert};
use aurapos_contract::{RecordStore, Value};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

pub(super) const CASES: &[Row] = &[
    ("threads-serial", "commits of many threads are as if one after the other: no update is lost", serial),
    ("threads-whole", "readers see whole commits only, in one answer and over the pages of the feed", whole),
    ("threads-feed", "a reader of the feed misses no commit of many writers", feed),
    ("threads-outcome", "a commit that is on its way is never called unknown once it was noticed", outcome),
    ("threads-repeat", "the same transaction sent by many threads at once happens once", repeat),
    ("threads-close", "a close while calls go on lets each finish or answer Closed", close),
    ("threads-maintain", "commits go on while maintain and snapshots run", maintain),
];

const THREADS: u128 = 4;
const ROUNDS: u128 = 25;

/// Raises a counter under an expectation, again and again until it holds.
fn raise(store: &dyn RecordStore, first: u128) -> Check {
    for round in 0..ROUNDS {
        for attempt in 0u128.. {
            let now = number(store, "n")?.ok_or("the counter is gone")?;
            let mut change = transaction(first + round + attempt * 10_000);
            change.expect_row("counter", vec!["n".into()], &["number"], vec![Value::Int(now)]);
            change.push(Upsert, "counter", &["name", "number"], vec![vec!["n".into(), Value::Int(now + 1)]]);
            match store.commit(&change) {
                Ok(_) => break,
                Err(error) if error.code == ErrorCode::Conflict => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}

fn join(result: std::thread::Result<Check>) -> Check {
    result.unwrap_or_else(|_| Err(Failure("a thread panicked".to_owned())))
}

fn serial(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    count(store.as_ref(), 1, Insert, &[("n", 0)])?;
    let store = store.as_ref();
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..THREADS).map(|thread| scope.spawn(move || raise(store, 1000 + thread * 1000))).collect();
        threads.into_iter().try_for_each(|thread| join(thread.join()))
    })?;
    same(number(store, "n")?, Some((THREADS * ROUNDS) as i64), "the counter")
}

fn whole(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    count(store.as_ref(), 1, Insert, &[("left", 0), ("middle", 0), ("right", 0)])?;
    let store = store.as_ref();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = || -> Check {
            while !done.load(Ordering::Acquire) {
                let rows = store.scan(&Query::over("counter").select(&["number"]))?;
                holds(
                    rows.int(0, 0) == rows.int(1, 0) && rows.int(1, 0) == rows.int(2, 0),
                    "a commit was seen by half",
                )?;
                let paged = Query::over("counter").filter("number", FilterKind::AtLeast, 0);
                same(store.scan(&paged)?.len(), 3, "rows")?;
            }
            Ok(())
        };
        let readers: Vec<_> = (0..3).map(|_| scope.spawn(reader)).collect();
        let written = (0..100).try_for_each(|round| {
            let number = i64::from(round);
            let rows = [("right", number), ("left", number), ("middle", number)];
            count(store, 10 + round as u128, Upsert, &rows).map(|_| ())
        });
        done.store(true, Ordering::Release);
        readers.into_iter().try_for_each(|reader| join(reader.join()))?;
        Ok(written?)
    })
}

fn feed(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    let store = store.as_ref();
    let left = AtomicU64::new(THREADS as u64);
    let (written, told) = std::thread::scope(|scope| -> Result<(Vec<u64>, Vec<u64>), Failure> {
        let left = &left;
        let writers: Vec<_> = (0..THREADS)
            .map(|thread| {
                scope.spawn(move || {
                    let put = |round| super::shop::put_item(store, thread * 1000 + round, thread * 1000 + round, &[]);
                    let written: PluginResult<Vec<u64>> =
                        (0..ROUNDS).map(|round| put(round).map(|committed| committed.position)).collect();
                    left.fetch_sub(1, Ordering::AcqRel);
                    written
                })
            })
            .collect();
        let (mut after, mut positions) = (Vec::new(), Vec::new());
        loop {
            let last = left.load(Ordering::Acquire) == 0;
            let batch = store.changes(&after, 3)?;
            positions.extend(batch.changes.iter().map(|change| change.position));
            after = batch.next;
            if last && !batch.more {
                break;
            }
        }
        let mut written = Vec::new();
        for writer in writers {
            let own = writer.join().map_err(|_| "a thread panicked")??;
            holds(own.windows(2).all(|pair| pair[0] < pair[1]), "the positions of one writer do not rise")?;
            written.extend(own);
        }
        written.sort_unstable();
        positions.sort_unstable();
        Ok((written, positions))
    })?;
    same(told, written, "positions in the feed")
}

fn outcome(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    let store = store.as_ref();
    for round in 0..ROUNDS {
        let mut change = transaction(round);
        let rows = (0..500).map(|row| vec![id(round * 1000 + row).into(), "tea".into()]).collect();
        change.push(Insert, "item", &["id", "folded"], rows);
        let done = AtomicBool::new(false);
        let (committed, unknown) = std::thread::scope(|scope| -> Result<(bool, bool), Failure> {
            let asking = scope.spawn(|| -> PluginResult<bool> {
                // Once the store said that it happened, or cannot say it yet, it never says again that it did not.
                let (mut seen, mut unknown) = (false, false);
                while !done.load(Ordering::Acquire) {
                    match store.outcome(change.id) {
                        Ok(told) => unknown |= seen && told.committed.is_none(),
                        Err(error) if error.code == ErrorCode::Busy => {}
                        Err(error) => return Err(error),
                    }
                    seen |= !matches!(store.outcome(change.id), Ok(told) if told.committed.is_none());
                }
                Ok(unknown)
            });
            let committed = store.commit(&change);
            done.store(true, Ordering::Release);
            let unknown = asking.join().map_err(|_| "a thread panicked")??;
            Ok((committed.is_ok(), unknown))
        })?;
        holds(committed, "the commit failed")?;
        holds(!unknown, "a commit that was on its way was called unknown")?;
        holds(store.outcome(change.id)?.committed.is_some(), "what became of it")?;
    }
    Ok(())
}

fn repeat(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    let store = store.as_ref();
    let fresh = AtomicU64::new(0);
    std::thread::scope(|scope| {
        let fresh = &fresh;
        let send = move || -> Check {
            for number in 0..ROUNDS {
                let mut change = transaction(number);
                change.push(Insert, "item", &["id"], vec![vec![id(number).into()]]);
                let answer = store.commit(&change)?;
                fresh.fetch_add(u64::from(!answer.already), Ordering::AcqRel);
            }
            Ok(())
        };
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(send)).collect();
        threads.into_iter().try_for_each(|thread| join(thread.join()))
    })?;
    same(fresh.into_inner(), ROUNDS as u64, "commits that were not repetitions")?;
    same(all(store, &Query::over("item"))?.len(), ROUNDS as usize, "rows")
}

fn close(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    let acknowledged = std::thread::scope(|scope| -> Result<Vec<u128>, Failure> {
        let store = store.as_ref();
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                scope.spawn(move || -> Result<Vec<u128>, Failure> {
                    let mut done = Vec::new();
                    for round in 0u128.. {
                        let item = thread * 1_000_000 + round;
                        match super::shop::put_item(store, item, item, &[]) {
                            Ok(_) => done.push(item),
                            Err(error) if error.code == ErrorCode::Closed => break,
                            Err(error) => return Err(error.into()),
                        }
                    }
                    Ok(done)
                })
            })
            .collect();
        let waiting = scope.spawn(move || {
            let after = store.changes(&[], 0).map(|batch| batch.next).unwrap_or_default();
            store.wait(&after, 10).map(|_| ())
        });
        while store.aggregate(&super::reading::count_of("item"))?.int(0, 0) < Some(20) {}
        store.close()?;
        // It came before or after the close; it must only come.
        let _ = waiting.join().map_err(|_| "wait panicked")?;
        let mut all = Vec::new();
        for thread in threads {
            all.extend(thread.join().map_err(|_| "a thread panicked")??);
        }
        Ok(all)
    })?;
    let store = open(&place)?;
    let there = all(store.as_ref(), &Query::over("item").select(&["id"]))?;
    holds(acknowledged.iter().all(|&item| there.contains(&vec![id(item).into()])), "an acknowledged commit is gone")
}

fn maintain(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    let store = store.as_ref();
    std::thread::scope(|scope| {
        let writer = scope.spawn(move || -> Check {
            (0..200)
                .try_for_each(|number| super::shop::put_item(store, number, number, &[]).map(|_| ()))
                .map_err(Into::into)
        });
        for round in 0..5 {
            store.maintain(crate::host::START)?;
            store.snapshot(&place.path(&format!("copy{round}")), &NoProgress)?;
        }
        join(writer.join())
    })?;
    store.maintain(crate::host::START)?;
    same(all(store, &Query::over("item"))?.len(), 200, "rows")
}
