//! Many writers at once, each with a store of its own: as if one after the other, and nobody starves.
#![allow(clippy::unwrap_used)]

mod common;

use aurapos_plugin_api::contract::error::ErrorCode;
use aurapos_plugin_api::contract::host::NoProgress;
use aurapos_plugin_api::contract::query::{AggregateQuery, Query};
use aurapos_plugin_api::contract::transaction::OperationKind::{Add, Insert, Upsert};
use aurapos_plugin_api::contract::transaction::Transaction;
use aurapos_plugin_api::contract::{RecordStore, Value};
use aurapos_plugin_testkit::conformance::storage::shop::{count, id, number, put_item, transaction};
use aurapos_test_postgres::Version;
use common::{Shop, WRITING};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

const WRITERS: u128 = 32;
const ROUNDS: u128 = 6;

fn stores(shop: &Shop, many: u128) -> Vec<Box<dyn RecordStore>> {
    let settings = shop.settings("t");
    (0..many).map(|_| shop.open(&settings)).collect()
}

/// Raises a counter, again and again until the expectation holds.
fn raise(store: &dyn RecordStore, first: u128) {
    for round in 0..ROUNDS {
        for attempt in 0u128.. {
            let now = number(store, "n").unwrap().unwrap();
            let mut change = transaction(first + round + attempt * 100_000_000);
            change.expect_row("counter", vec!["n".into()], &["number"], vec![Value::Int(now)]);
            change.push(Upsert, "counter", &["name", "number"], vec![vec!["n".into(), Value::Int(now + 1)]]);
            // Every writer has the same second row as well.
            change.push(Upsert, "counter", &["name", "number"], vec![vec!["m".into(), Value::Int(now + 1)]]);
            match store.commit(&change) {
                Ok(_) => break,
                Err(error) if error.code == ErrorCode::Conflict => {}
                Err(error) => panic!("{error:?}"),
            }
        }
    }
}

#[test]
fn thirty_two_writers_on_the_same_rows_lose_no_update() {
    let shop = Shop::new(Version::V18, false);
    // Each has two connections, and the server of the tests sixty.
    let stores = stores(&shop, WRITERS / 2);
    count(stores[0].as_ref(), 1, Insert, &[("n", 0), ("m", 0)]).unwrap();
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let store = stores[(writer / 2) as usize].as_ref();
            scope.spawn(move || raise(store, 1_000 + writer * 1_000));
        }
    });
    for name in ["n", "m"] {
        assert_eq!(number(stores[0].as_ref(), name).unwrap(), Some((WRITERS * ROUNDS) as i64), "{name}");
    }
}

/// Registers that sell one product at once add to one level. None asks what it was, none is refused, and the sum is right:
/// also of the first, which all may find absent.
#[test]
fn sixteen_writers_that_add_to_one_level_make_the_sum() {
    let shop = Shop::new(Version::V15, true);
    let stores = stores(&shop, 16);
    let rounds = 25;
    thread::scope(|scope| {
        for (writer, store) in stores.iter().enumerate() {
            scope.spawn(move || {
                let step = if writer % 4 == 3 { 40 } else { -(writer as i64) - 1 };
                for round in 0..rounds {
                    let own = format!("own {writer}");
                    // One row twice in a commit, and among rows of others.
                    let rows = [("level", step), (own.as_str(), 1), ("level", step), ("other", -step)];
                    count(store.as_ref(), writer as u128 * 1_000 + round, Add, &rows).unwrap();
                }
            });
        }
    });
    let steps: i64 = (0..16).map(|writer| if writer % 4 == 3 { 40 } else { -writer - 1 }).sum();
    let read = |name: &str| number(stores[0].as_ref(), name).unwrap();
    assert_eq!(read("level"), Some(2 * steps * rounds as i64));
    assert_eq!(read("other"), Some(-steps * rounds as i64));
    assert!((0..16).all(|writer| read(&format!("own {writer}")) == Some(rounds as i64)));
}

/// Each of two expects that the other's row is not there: one of them must be refused, however close they come.
#[test]
fn two_that_expect_each_others_absence_never_both_happen() {
    let shop = Shop::new(Version::V15, true);
    let stores = stores(&shop, 2);
    for round in 0..60u128 {
        let names = [format!("a{round}"), format!("b{round}")];
        let done: Vec<bool> = thread::scope(|scope| {
            let commit = |own: usize| {
                let (store, names) = (stores[own].as_ref(), &names);
                scope.spawn(move || {
                    let mut change = transaction(round * 2 + own as u128);
                    change.expect_absent("counter", vec![names[1 - own].as_str().into()]);
                    let row = vec![names[own].as_str().into(), Value::Int(1)];
                    change.push(Insert, "counter", &["name", "number"], vec![row]);
                    match store.commit(&change) {
                        Ok(_) => true,
                        Err(error) if error.code == ErrorCode::Conflict => false,
                        Err(error) => panic!("{error:?}"),
                    }
                })
            };
            let both = [commit(0), commit(1)];
            both.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert_eq!(done.iter().filter(|done| **done).count(), 1, "round {round}");
    }
    assert_eq!(stores[0].scan(&Query::over("counter")).unwrap().len(), 60);
}

/// Transactions that write the same rows in opposite orders, and a unique value that two want: nobody waits in a circle.
#[test]
fn opposite_orders_end() {
    let shop = Shop::new(Version::V18, false);
    let stores = stores(&shop, 4);
    thread::scope(|scope| {
        for (writer, store) in stores.iter().enumerate() {
            scope.spawn(move || {
                for round in 0..40u128 {
                    let mut change = transaction(round * 10 + writer as u128);
                    let mut rows: Vec<u128> = (0..10).collect();
                    if writer % 2 == 1 {
                        rows.reverse();
                    }
                    // Codes are unique, and of other rows: no lock of ours is for them.
                    let row = |at: u128| vec![id(at + 100 * (round % 3)).into(), format!("c{at}").into()];
                    change.push(Upsert, "item", &["id", "code"], rows.into_iter().map(row).collect());
                    match store.commit(&change) {
                        Ok(_) => {}
                        Err(error) if error.code == ErrorCode::Conflict => {}
                        Err(error) => panic!("{error:?}"),
                    }
                }
            });
        }
    });
}

/// Somebody holds the row of the first item.
const HOLD: &str = "BEGIN; SELECT FROM t.item FOR UPDATE; SELECT pg_sleep(3); ROLLBACK";
const HOLDS: &str = "query LIKE '%pg_sleep%' AND wait_event = 'PgSleep'";
/// A commit that wants it has begun, and has its number and its position.
const BLOCKED: &str = "wait_event_type = 'Lock' AND backend_xid IS NOT NULL";

fn blocked() -> Transaction {
    let mut change = transaction(2);
    change.push(Insert, "item", &["id"], vec![vec![id(50).into()]]);
    change.push(Upsert, "item", &["id", "price"], vec![vec![id(1).into(), Value::Int(5)]]);
    change
}

fn waits(shop: &Shop, what: &str) {
    let sql = format!("SELECT count(*) FROM pg_stat_activity WHERE {what}");
    let start = std::time::Instant::now();
    while shop.server.sql("aurapos", &sql) == "0" {
        assert!(start.elapsed().as_secs() < 20, "{what} does not come");
    }
}

/// A commit that was begun earlier and ends later than others is not skipped by a reader that came between.
#[test]
fn the_feed_waits_for_a_transaction_that_is_held_open() {
    let shop = Shop::new(Version::V15, false);
    let stores = stores(&shop, 2);
    let (first, second) = (stores[0].as_ref(), stores[1].as_ref());
    put_item(first, 1, 1, &[]).unwrap();
    let start = first.changes(&[], 0).unwrap().next;
    thread::scope(|scope| {
        let holder = scope.spawn(|| shop.server.sql("aurapos", HOLD));
        waits(&shop, HOLDS);
        let held = scope.spawn(|| first.commit(&blocked()).unwrap());
        waits(&shop, &format!("{WRITING} AND {BLOCKED}"));
        let later = put_item(second, 3, 2, &[]).unwrap();
        let early = second.changes(&start, 0).unwrap();
        assert!(early.changes.is_empty() && !early.more, "a later commit is told before an earlier one is over");
        assert!(!second.wait(&start, 20).unwrap());
        let held = held.join().unwrap();
        holder.join().unwrap();
        assert!(second.wait(&early.next, 10_000).unwrap());
        let told: Vec<u64> = second.changes(&early.next, 0).unwrap().changes.iter().map(|one| one.position).collect();
        assert_eq!(told, [held.position, held.position, later.position]);
    });
}

/// A snapshot that begins while a commit with an earlier position still goes on has that commit in it.
#[test]
fn a_snapshot_has_every_commit_up_to_its_position() {
    let shop = Shop::new(Version::V15, false);
    let stores = stores(&shop, 2);
    let (first, second) = (stores[0].as_ref(), stores[1].as_ref());
    put_item(first, 1, 1, &[]).unwrap();
    let (host, provider) = shop.provider(&shop.settings("t"));
    let file = host.folder().join("copy").display().to_string();
    thread::scope(|scope| {
        let holder = scope.spawn(|| shop.server.sql("aurapos", HOLD));
        waits(&shop, HOLDS);
        let held = scope.spawn(|| first.commit(&blocked()).unwrap());
        waits(&shop, &format!("{WRITING} AND {BLOCKED}"));
        let later = put_item(second, 3, 2, &[]).unwrap();
        let info = second.snapshot(&file, &NoProgress).unwrap();
        let held = held.join().unwrap();
        holder.join().unwrap();
        assert!(held.position < later.position && later.position <= info.position);
        let copy = provider.open_copy(&file).unwrap();
        assert_eq!(copy.scan(&Query::over("item")).unwrap().len(), 3, "rows in the copy");
    });
}

/// A reader of the feed and a waiting one in another program, while many write.
#[test]
fn another_program_hears_of_every_commit() {
    let shop = Shop::new(Version::V18, false);
    let stores = stores(&shop, 5);
    let left = AtomicBool::new(true);
    let (reader, writers) = stores.split_first().unwrap();
    let told = thread::scope(|scope| {
        let reading = scope.spawn(|| {
            let (mut after, mut told) = (Vec::new(), HashSet::new());
            loop {
                let last = !left.load(Ordering::Acquire);
                let _ = reader.wait(&after, 250).unwrap();
                let batch = reader.changes(&after, 7).unwrap();
                told.extend(batch.changes.iter().map(|change| change.position));
                let came = !batch.changes.is_empty();
                after = batch.next;
                if last && !batch.more && !came {
                    return told;
                }
            }
        });
        let writing: Vec<_> = writers
            .iter()
            .enumerate()
            .map(|(writer, store)| {
                scope.spawn(move || {
                    for round in 0..50u128 {
                        put_item(store.as_ref(), writer as u128 * 1_000 + round, writer as u128 * 1_000 + round, &[])
                            .unwrap();
                    }
                })
            })
            .collect();
        writing.into_iter().for_each(|one| one.join().unwrap());
        left.store(false, Ordering::Release);
        reading.join().unwrap()
    });
    assert_eq!(told.len(), 200);
}

/// More rows than are locked one by one.
#[test]
fn a_large_commit_has_the_store_for_itself() {
    let shop = Shop::new(Version::V18, false);
    let stores = stores(&shop, 2);
    let large = |store: &dyn RecordStore, first: u128| {
        for round in 0..3u128 {
            let mut change = transaction(first + round);
            let rows =
                (0..3_000).map(|row| vec![format!("{row}").into(), Value::Int((first + round) as i64)]).collect();
            change.push(Upsert, "counter", &["name", "number"], rows);
            store.commit(&change).unwrap();
        }
    };
    thread::scope(|scope| {
        for (at, store) in stores.iter().enumerate() {
            scope.spawn(move || large(store.as_ref(), 100 * (at as u128 + 1)));
            scope.spawn(move || {
                for round in 0..20 {
                    count(store.as_ref(), 1_000 * (at as u128 + 1) + round, Upsert, &[("5", 1)]).unwrap();
                }
            });
        }
    });
    let all = AggregateQuery { table: "counter".to_owned(), group_by: vec!["number".to_owned()], ..Default::default() };
    let groups = stores[0].aggregate(&all).unwrap();
    // All of one of them, and perhaps the one row that others wrote.
    assert!(groups.len() <= 2, "{groups:?}");
}

/// What a register keeps for itself is opened by one, also when the line of that one is cut and it comes again.
#[test]
fn a_registers_own_data_is_opened_once() {
    let shop = Shop::new(Version::V15, false);
    let own = shop.settings("t").with("alone", true);
    let store = shop.open(&own);
    let busy = |settings: &aurapos_plugin_api::contract::Settings| {
        let (_host, provider) = shop.provider(settings);
        provider.open(settings).err().map(|error| error.code)
    };
    assert_eq!((busy(&own), busy(&shop.settings("t"))), (Some(ErrorCode::Busy), Some(ErrorCode::Busy)));
    assert_eq!(busy(&shop.settings("t").with("read_only", true)), None, "who only looks may");
    // Its own lost session is in its way for no longer than it takes to end it.
    let proxy = common::proxy::Proxy::to(shop.server.port());
    store.close().unwrap();
    let behind = own.clone().with("port", i64::from(proxy.port()));
    let store = shop.open(&behind);
    count(store.as_ref(), 1, Insert, &[("n", 0)]).unwrap();
    // The server does not hear that the line is gone.
    proxy.cut();
    count(store.as_ref(), 2, Upsert, &[("n", 7)]).unwrap();
    assert_eq!(number(store.as_ref(), "n").unwrap(), Some(7));
    store.close().unwrap();
    assert_eq!(busy(&own), None);
}
