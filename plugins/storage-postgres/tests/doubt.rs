//! Commits whose line is held, made deaf or cut: nothing happens twice, and what was called unknown never happens.
#![allow(clippy::unwrap_used)]

mod common;

use aurapos_plugin_api::contract::error::{ErrorCode, Retry};
use aurapos_plugin_api::contract::query::Query;
use aurapos_plugin_api::contract::transaction::{OperationKind, Transaction};
use aurapos_plugin_api::contract::{RecordStore, Settings, Value};
use aurapos_plugin_testkit::conformance::storage::shop::{count, number, transaction};
use aurapos_test_postgres::Version;
use common::proxy::Proxy;
use common::{Shop, WRITING};
use std::thread;

struct Behind {
    shop: Shop,
    proxy: Proxy,
    /// The way through the proxy.
    settings: Settings,
    /// A store with a way of its own.
    direct: Box<dyn RecordStore>,
}

fn behind(version: Version) -> Behind {
    let shop = Shop::new(version, false);
    let proxy = Proxy::to(shop.server.port());
    let settings = shop.settings("t");
    let direct = shop.open(&settings);
    let settings = settings.with("port", i64::from(proxy.port()));
    Behind { shop, proxy, settings, direct }
}

fn insert(at: u128, name: &str) -> Transaction {
    let mut change = transaction(at);
    change.push(OperationKind::Insert, "counter", &["name", "number"], vec![vec![name.into(), Value::Int(1)]]);
    change
}

fn rows(store: &dyn RecordStore) -> usize {
    store.scan(&Query::over("counter")).unwrap().len()
}

#[test]
fn what_was_called_unknown_never_happens_though_its_bytes_come_later() {
    let behind = behind(Version::V15);
    let store = behind.shop.open(&behind.settings);
    count(store.as_ref(), 1, OperationKind::Insert, &[("warm", 1)]).unwrap();
    behind.proxy.refuse(true);
    behind.proxy.hold();
    let turns = behind.proxy.turns();
    thread::scope(|scope| {
        let commit = scope.spawn(|| store.commit(&insert(2, "late")));
        behind.proxy.wait_until(|| behind.proxy.turns() > turns);
        behind.proxy.cut();
        // Another program asks, whose way is open.
        assert_eq!(behind.direct.outcome(transaction(2).id).unwrap().committed, None);
        behind.proxy.release();
        let error = commit.join().unwrap().unwrap_err();
        assert_eq!((error.code, error.retry), (ErrorCode::Unreachable, Retry::AskFirst), "{error:?}");
    });
    // The server has read it all by the time that it says the session is over.
    let others = format!("SELECT count(*) FROM pg_stat_activity WHERE {WRITING}");
    behind.proxy.wait_until(|| behind.shop.server.sql("aurapos", &others) == "1");
    assert_eq!(rows(behind.direct.as_ref()), 1, "it happened after all");
    // Called anew, it may.
    behind.proxy.refuse(false);
    let again = loop {
        // A line that failed a moment ago is not tried again at once.
        match store.commit(&insert(2, "late")) {
            Err(error) if error.retry == Retry::Later => {}
            answer => break answer.unwrap(),
        }
    };
    assert!(!again.already && rows(behind.direct.as_ref()) == 2);
}

#[test]
fn a_commit_whose_answer_was_lost_is_found_and_happened_once() {
    let behind = behind(Version::V18);
    let store = behind.shop.open(&behind.settings);
    count(store.as_ref(), 1, OperationKind::Insert, &[("warm", 1)]).unwrap();
    behind.proxy.deafen();
    let committed = thread::scope(|scope| {
        let commit = scope.spawn(|| store.commit(&insert(2, "deaf")));
        behind.proxy.wait_until(|| rows(behind.direct.as_ref()) == 2);
        behind.proxy.cut();
        commit.join().unwrap().unwrap()
    });
    assert!(!committed.already, "this call did it");
    assert_eq!(store.outcome(transaction(2).id).unwrap().committed.unwrap().position, committed.position);
    assert_eq!(rows(store.as_ref()), 2);
    assert!(store.commit(&insert(2, "deaf")).unwrap().already);
}

/// Whoever asks first and commits then, as an import does with each part, sends it once.
#[test]
fn a_commit_that_was_asked_after_is_sent_once() {
    let shop = Shop::new(Version::V15, false);
    let store = shop.open(&shop.settings("t"));
    // The very first ticket is one that nobody has had: an outcome before it counts it as given.
    store.commit(&insert(9, "first")).unwrap();
    for at in 1..5 {
        assert_eq!(store.outcome(transaction(at).id).unwrap().committed, None);
        assert!(!store.commit(&insert(at, &format!("part {at}"))).unwrap().already);
    }
    assert_eq!(rows(store.as_ref()), 5);
    assert!(!shop.server.log().contains("called unknown already"), "{}", shop.server.log());
}

/// What adds shows whether it happened twice, where an insert would be refused and an upsert would not tell.
#[test]
fn what_adds_and_whose_answer_was_lost_adds_once() {
    let behind = behind(Version::V18);
    let store = behind.shop.open(&behind.settings);
    // The statement is known to the server by then.
    count(store.as_ref(), 1, OperationKind::Add, &[("level", 100)]).unwrap();
    let add = || count(store.as_ref(), 2, OperationKind::Add, &[("level", -3)]);
    let level = || number(behind.direct.as_ref(), "level").unwrap();
    behind.proxy.deafen();
    let committed = thread::scope(|scope| {
        let commit = scope.spawn(add);
        behind.proxy.wait_until(|| level() == Some(97));
        behind.proxy.cut();
        commit.join().unwrap().unwrap()
    });
    assert!(!committed.already);
    assert_eq!(level(), Some(97));
    assert!(add().unwrap().already);
    assert_eq!(level(), Some(97));
}

/// It lay in the line, was sent anew, and came after all.
#[test]
fn what_adds_and_was_sent_twice_adds_once() {
    let behind = behind(Version::V15);
    let store = behind.shop.open(&behind.settings);
    // The statement is known to the server by then.
    count(store.as_ref(), 1, OperationKind::Add, &[("level", 100)]).unwrap();
    behind.proxy.hold();
    let turns = behind.proxy.turns();
    thread::scope(|scope| {
        let commit = scope.spawn(|| count(store.as_ref(), 2, OperationKind::Add, &[("level", -5)]));
        behind.proxy.wait_until(|| behind.proxy.turns() > turns);
        behind.proxy.cut();
        assert!(!commit.join().unwrap().unwrap().already);
    });
    behind.proxy.release();
    let others = format!("SELECT count(*) FROM pg_stat_activity WHERE {WRITING}");
    behind.proxy.wait_until(|| behind.shop.server.sql("aurapos", &others) == "2");
    assert_eq!(number(behind.direct.as_ref(), "level").unwrap(), Some(95));
}

#[test]
fn a_commit_whose_line_was_cut_before_the_server_heard_it_happens_once() {
    let behind = behind(Version::V18);
    let store = behind.shop.open(&behind.settings);
    count(store.as_ref(), 1, OperationKind::Insert, &[("warm", 1)]).unwrap();
    behind.proxy.hold();
    let turns = behind.proxy.turns();
    let committed = thread::scope(|scope| {
        let commit = scope.spawn(|| store.commit(&insert(2, "held")));
        behind.proxy.wait_until(|| behind.proxy.turns() > turns);
        behind.proxy.cut();
        commit.join().unwrap().unwrap()
    });
    // What was held comes behind the one that was sent anew.
    behind.proxy.release();
    let others = format!("SELECT count(*) FROM pg_stat_activity WHERE {WRITING}");
    behind.proxy.wait_until(|| behind.shop.server.sql("aurapos", &others) == "2");
    assert!(!committed.already);
    assert_eq!(rows(behind.direct.as_ref()), 2);
    assert_eq!(number(behind.direct.as_ref(), "held").unwrap(), Some(1));
}

#[test]
fn a_commit_is_one_round_trip() {
    let behind = behind(Version::V18);
    let store = behind.shop.open(&behind.settings);
    let sale = |at: u128| {
        let mut change = insert(at, &format!("sale {at}"));
        change.expect_absent("counter", vec!["nobody".into()]);
        let item = |number: u128| vec![aurapos_plugin_testkit::conformance::storage::shop::id(at * 10 + number).into()];
        change.push(OperationKind::Insert, "item", &["id"], (0..3).map(item).collect());
        change
    };
    store.commit(&sale(1)).unwrap();
    store.commit(&sale(2)).unwrap();
    // Only the two lines that stay; the one that wakes others up may speak whenever it likes.
    store.close().unwrap();
    let before = behind.shop.server.sql("aurapos", "SELECT 1");
    assert_eq!(before, "1");
    let store = behind.shop.open(&behind.settings);
    store.commit(&sale(3)).unwrap();
    behind.proxy.wait_until(|| behind.proxy.turns() > 0);
    let mut fewest = u64::MAX;
    for at in 4..12 {
        // The wake-up of the commit before has long gone.
        thread::sleep(std::time::Duration::from_millis(30));
        let turns = behind.proxy.turns();
        store.commit(&sale(at)).unwrap();
        fewest = fewest.min(behind.proxy.turns() - turns);
    }
    assert_eq!(fewest, 1, "round trips of a commit");
}

#[test]
fn a_terminated_session_is_made_anew_by_itself() {
    let behind = behind(Version::V15);
    let store = behind.shop.open(&behind.settings);
    for round in 0..5 {
        count(store.as_ref(), 10 + round, OperationKind::Upsert, &[("a", round as i64)]).unwrap();
        let ended =
            "SELECT count(pg_terminate_backend(pid)) > 0 FROM pg_stat_activity WHERE application_name LIKE 'aurapos%'";
        assert_eq!(behind.shop.server.sql("aurapos", ended), "t");
        assert_eq!(number(store.as_ref(), "a").unwrap(), Some(round as i64));
    }
}
