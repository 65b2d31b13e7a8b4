//! Servers as they are on bad days: killed, full, read-only, out of connections, changed by hand.
#![allow(clippy::unwrap_used)]

mod common;

use aurapos_plugin_api::contract::error::{ErrorCode, PluginError, Retry};
use aurapos_plugin_api::contract::host::NoProgress;
use aurapos_plugin_api::contract::query::Query;
use aurapos_plugin_api::contract::transaction::OperationKind::{Insert, Upsert};
use aurapos_plugin_api::contract::{RecordStore, Settings, Value};
use aurapos_plugin_testkit::conformance::storage::shop::{count, id, number, put_item, schema, transaction};
use aurapos_test_postgres::{Options, Server, Version};
use common::Shop;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Asks again while the server comes back.
fn patiently<T>(mut work: impl FnMut() -> Result<T, PluginError>) -> T {
    let start = Instant::now();
    loop {
        match work() {
            Ok(answer) => return answer,
            Err(error) => assert!(start.elapsed().as_secs() < 60, "{error:?}"),
        }
    }
}

/// Writers go on while the server is killed again and again. What was acknowledged is there, what was refused is not, and
/// nothing is there twice.
fn killed(version: Version) {
    let mut shop = Shop::with(version, false, Options { fsync: true, ..Options::default() });
    let settings = shop.settings("t");
    let stores: Vec<_> = (0..2).map(|_| shop.open(&settings)).collect();
    let done = AtomicU64::new(0);
    let acknowledged: Vec<u128> = std::thread::scope(|scope| {
        let writing: Vec<_> = stores
            .iter()
            .enumerate()
            .map(|(writer, store)| {
                let done = &done;
                scope.spawn(move || {
                    let mut acknowledged = Vec::new();
                    for round in 0..u128::MAX {
                        let item = writer as u128 * 1_000_000 + round;
                        let mut change = transaction(item);
                        change.push(Insert, "item", &["id"], vec![vec![id(item).into()]]);
                        let row = vec![format!("{writer}").into(), Value::Int(round as i64 + 1)];
                        change.push(Upsert, "counter", &["name", "number"], vec![row]);
                        let happened = match store.commit(&change) {
                            Ok(committed) => {
                                assert!(!committed.already, "{item}");
                                true
                            }
                            // The register asks until somebody knows.
                            Err(error) if error.retry != Retry::Never => {
                                patiently(|| store.outcome(change.id)).committed.is_some()
                            }
                            Err(error) => panic!("{error:?}"),
                        };
                        if happened {
                            acknowledged.push(item);
                            done.fetch_add(1, Ordering::AcqRel);
                        }
                        if done.load(Ordering::Acquire) > 400 {
                            break;
                        }
                    }
                    acknowledged
                })
            })
            .collect();
        for kill in 1..=4 {
            while done.load(Ordering::Acquire) < kill * 70 {}
            shop.server.kill();
            shop.server.restart();
        }
        writing.into_iter().flat_map(|one| one.join().unwrap()).collect()
    });
    let there = patiently(|| stores[0].scan(&Query::over("item").select(&["id"])));
    let ids: std::collections::HashSet<Value> = (0..there.len()).map(|row| there.value(row, 0)).collect();
    assert_eq!(ids.len(), acknowledged.len(), "what happened is what was told");
    assert!(acknowledged.iter().all(|&item| ids.contains(&id(item).into())));
    assert!(patiently(|| stores[0].verify(&NoProgress)).ok);
    // The feed tells each of them, once.
    let (mut after, mut told) = (Vec::new(), 0);
    loop {
        let batch = patiently(|| stores[1].changes(&after, 100));
        told += batch.changes.len();
        after = batch.next;
        if !batch.more {
            break;
        }
    }
    assert_eq!(told, acknowledged.len());
}

#[test]
fn a_server_15_that_is_killed_loses_and_doubles_nothing() {
    killed(Version::V15);
}

#[test]
fn a_server_18_that_is_killed_loses_and_doubles_nothing() {
    killed(Version::V18);
}

fn refused<T: std::fmt::Debug>(answer: Result<T, PluginError>, code: ErrorCode, words: &str) -> PluginError {
    let error = answer.unwrap_err();
    assert!(error.code == code && error.message.contains(words), "{code:?} {words:?}: {error:?}");
    assert!(!format!("{error:?}").contains("sesame"), "a password is in {error:?}");
    error
}

fn try_open(shop: &Shop, settings: &Settings) -> Result<Box<dyn RecordStore>, PluginError> {
    shop.provider(settings).1.open(settings)
}

#[test]
fn what_a_server_refuses_is_said_with_what_to_do() {
    let shop = Shop::new(Version::V15, true);
    let good = shop.settings("t");
    let with = |key: &str, value: &str| good.clone().with(key, value);
    drop(shop.open(&good));
    let open = |settings: &Settings, code, words: &str| {
        let error = refused(try_open(&shop, settings), code, words);
        assert!(!error.detail.next.is_empty(), "{error:?}");
        error
    };
    open(&good.clone().with_secret("password", "wrong"), ErrorCode::Config, "password authentication failed");
    open(&with("user", "nobody"), ErrorCode::Config, "password authentication failed");
    open(&with("database", "nowhere"), ErrorCode::Config, "nowhere");
    open(&good.clone().with("port", 1i64), ErrorCode::Unreachable, "refused");
    let other = aurapos_test_postgres::Authority::new("Another shop");
    open(&with("authority", other.pem()), ErrorCode::Config, "not of the shop's authority");
    open(&with("authority", "no/such/file.pem"), ErrorCode::Config, "authority");
    open(&with("authority", "-----BEGIN nothing"), ErrorCode::Config, "is not PEM");
    open(&with("host", "127.0.0.2"), ErrorCode::Unreachable, "refused");
    open(&with("host", "no-such-host.invalid"), ErrorCode::Unreachable, "");
    open(&good.clone().with("tls", false), ErrorCode::Config, "pg_hba.conf");
    // Without an owner, nobody makes tables.
    let mut alone = with("schema", "other");
    alone.items.retain(|item| !item.key.starts_with("owner"));
    let store = try_open(&shop, &alone).unwrap();
    refused(store.migrate(&schema()), ErrorCode::Config, "permission denied");
    // Who looks only, finds nothing there.
    refused(try_open(&shop, &with("schema", "none").with("read_only", true)), ErrorCode::NotFound, "no data");
    shop.server.sql("aurapos", "REVOKE INSERT ON t.item FROM till");
    let store = shop.open(&good);
    refused(put_item(store.as_ref(), 1, 1, &[]), ErrorCode::Config, "permission denied");
    assert!(!shop.server.log().contains("sesame"), "the password is in the server's log");
}

#[test]
fn a_certificate_that_does_not_fit_is_refused_by_name() {
    let shop = Shop::new(Version::V17, false);
    let settings = |server: &Server| shop.settings("t").with("port", i64::from(server.port()));
    let server = |names: &[&str], year: i32| {
        let identity = shop.authority.issue_until(names, year);
        Server::start(Version::V17, Options { tls: Some(identity), ..Options::default() })
    };
    let expired = server(&["127.0.0.1"], 2024);
    refused(try_open(&shop, &settings(&expired)), ErrorCode::Config, "expired");
    let other = server(&["till-2.lan", "10.0.0.2"], 2090);
    refused(try_open(&shop, &settings(&other)), ErrorCode::Config, "for another name or address");
    let open = Server::start(Version::V18, Options::default());
    refused(try_open(&shop, &settings(&open)), ErrorCode::Config, "offers no protected connection");
}

#[test]
fn a_server_is_found_by_its_socket_and_behind_one_that_is_gone() {
    let shop = Shop::new(Version::V15, false);
    let settings = shop.settings("t");
    count(shop.open(&settings).as_ref(), 1, Insert, &[("a", 1)]).unwrap();
    let socket = shop.server.folder().display().to_string();
    let several = format!("127.0.0.1:1, 127.0.0.2:{0}, 127.0.0.1:{0}", shop.server.port());
    for host in [socket, several] {
        let store = shop.open(&settings.clone().with("host", host.as_str()));
        assert_eq!(number(store.as_ref(), "a").unwrap(), Some(1), "{host}");
    }
}

/// A password goes only to a server that proves, by the same password and in the same protected line, that it knows it.
#[test]
fn a_server_that_asks_for_the_password_itself_does_not_get_it() {
    for method in ["password", "md5", "trust"] {
        let hba = vec![format!("hostssl all till 127.0.0.1/32 {method}")];
        let shop = Shop::with(Version::V15, false, Options { hba, ..Options::default() });
        if method == "md5" {
            shop.server.sql("postgres", "SET password_encryption = 'md5'; ALTER ROLE till PASSWORD 'sesame of till'");
        }
        refused(try_open(&shop, &shop.settings("t")), ErrorCode::Config, "channel binding");
    }
}

#[test]
fn a_store_whose_data_was_replaced_says_so() {
    let shop = Shop::new(Version::V15, true);
    let settings = shop.settings("t");
    let store = shop.open(&settings);
    count(store.as_ref(), 1, Insert, &[("a", 1)]).unwrap();
    let (host, provider) = shop.provider(&settings);
    let file = host.folder().join("copy").display().to_string();
    store.snapshot(&file, &NoProgress).unwrap();
    let restore = || provider.open_copy(&file).unwrap().restore_to(&settings, &NoProgress);
    refused(restore(), ErrorCode::Busy, "in use by a register");
    // Its line is lost, and before it comes back somebody restores.
    shop.server.sql("postgres", "ALTER ROLE till NOLOGIN");
    shop.server.sql("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'till'");
    patiently(|| shop.provider(&settings).1.open_copy(&file)?.restore_to(&settings, &NoProgress));
    shop.server.sql("postgres", "ALTER ROLE till LOGIN");
    let start = Instant::now();
    let error = loop {
        match count(store.as_ref(), 2, Insert, &[("b", 1)]) {
            Err(error) if error.code != ErrorCode::Closed && start.elapsed().as_secs() < 30 => {}
            answer => break answer.unwrap_err(),
        }
    };
    assert!(error.message.contains("replaced"), "{error:?}");
    assert_eq!(number(shop.open(&settings).as_ref(), "b").unwrap(), None);
}

#[test]
fn a_server_that_would_lose_sales_is_told_by_name() {
    let with = |line: &str| {
        let settings = vec![line.to_owned()];
        Shop::with(
            Version::V18,
            false,
            Options { place: common::quick_place(), fsync: true, settings, ..Options::default() },
        )
    };
    let off = Shop::with(Version::V18, false, Options::default());
    refused(try_open(&off, &off.settings("t")), ErrorCode::Config, "fsync is off");
    let torn = with("full_page_writes = off");
    refused(try_open(&torn, &torn.settings("t")), ErrorCode::Config, "full_page_writes is off");
    // This one is a session's own affair: it is switched on.
    let lazy = with("synchronous_commit = off");
    let store = lazy.open(&lazy.settings("t"));
    count(store.as_ref(), 1, Insert, &[("a", 1)]).unwrap();
}

#[test]
fn a_server_that_only_reads_is_told_and_comes_back() {
    let shop = Shop::new(Version::V15, false);
    let settings = shop.settings("t");
    drop(shop.open(&settings));
    shop.server.sql("aurapos", "ALTER DATABASE aurapos SET default_transaction_read_only = on");
    refused(try_open(&shop, &settings), ErrorCode::ReadOnly, "");
    shop.server.sql("postgres", "ALTER DATABASE aurapos RESET default_transaction_read_only");
    let store = shop.open(&settings);
    count(store.as_ref(), 1, Insert, &[("a", 1)]).unwrap();
}

#[test]
fn without_a_free_connection_the_store_says_so_and_goes_on_later() {
    let options = Options {
        place: common::quick_place(),
        fsync: true,
        settings: vec!["max_connections = 8".to_owned(), "superuser_reserved_connections = 3".to_owned()],
        ..Options::default()
    };
    let shop = Shop::with(Version::V15, false, options);
    let settings = shop.settings("t");
    let stores: Vec<_> = (0..2).map(|_| shop.open(&settings)).collect();
    stores.iter().for_each(|store| drop(patiently(|| store.info())));
    // Two each stay, and one is left.
    let busy = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'aurapos%'";
    assert_eq!(shop.server.sql("aurapos", busy), "4");
    let third = try_open(&shop, &settings).unwrap();
    let error = refused(third.info(), ErrorCode::Busy, "");
    assert!(error.retry == Retry::Later && error.detail.next.contains("max_connections"), "{error:?}");
    count(stores[0].as_ref(), 1, Insert, &[("a", 1)]).unwrap();
    drop(stores);
    patiently(|| third.info());
}

#[test]
fn what_was_changed_by_hand_is_named_and_what_can_be_is_mended() {
    let shop = Shop::new(Version::V15, true);
    let settings = shop.settings("t");
    let store = shop.open(&settings);
    put_item(store.as_ref(), 1, 1, &[("code", "x".into()), ("folded", "tea".into())]).unwrap();
    let check = |sql: &str, words: &str| {
        shop.server.sql("aurapos", sql);
        let report = store.verify(&NoProgress).unwrap();
        assert!(!report.ok && report.problems.iter().any(|problem| problem.contains(words)), "{sql}: {report:?}");
        store.migrate(&schema()).unwrap();
        let report = store.verify(&NoProgress).unwrap();
        assert!(report.ok, "{sql}: {report:?}");
    };
    check("DROP INDEX t.\"item.by_code.unique\"", "item.by_code.unique");
    check("DROP INDEX t.\"item._search\"", "item._search");
    check("ALTER TABLE t.item DROP CONSTRAINT \"item.key\"", "the key of the table `item`");
    check("DROP TRIGGER _keep_rows ON t.entry", "_keep_rows");
    check("ALTER TABLE t.entry DISABLE TRIGGER ALL", "_keep_table");
    check("DROP INDEX t.\"item.by_name\"; CREATE UNIQUE INDEX \"item.by_name\" ON t.item (name)", "item.by_name");
    shop.server.sql("aurapos", "ALTER TABLE t.item ALTER COLUMN price TYPE integer");
    refused(
        store.verify(&NoProgress).map(|report| assert!(!report.ok)).and_then(|()| try_open(&shop, &settings)),
        ErrorCode::Damaged,
        "`price`",
    );
    shop.server
        .sql("aurapos", "ALTER TABLE t.item ALTER COLUMN price TYPE bigint; ALTER TABLE t.counter DROP COLUMN note");
    refused(try_open(&shop, &settings), ErrorCode::Damaged, "`note`");
    shop.server.sql("aurapos", "DROP TABLE t.counter");
    refused(try_open(&shop, &settings), ErrorCode::Damaged, "`counter`");
}

#[test]
fn the_books_are_kept_from_everybody() {
    let shop = Shop::new(Version::V15, true);
    let settings = shop.settings("t");
    let store = shop.open(&settings);
    let mut change = transaction(1);
    let row = |register: u128| vec![id(register).into(), Value::Int(1), vec![7u8].into(), Value::Time(5)];
    change.push(Insert, "entry", &["register", "sequence", "body", "at"], vec![row(1), row(2)]);
    store.commit(&change).unwrap();
    let attacks =
        ["UPDATE t.entry SET body = ''", "DELETE FROM t.entry", "TRUNCATE t.entry", "TRUNCATE t.entry CASCADE"];
    // Who sells has not even the right.
    for attack in attacks {
        let words = shop.server.try_sql("aurapos", &format!("SET ROLE till; {attack}")).unwrap_err();
        assert!(words.contains("permission denied"), "{attack}: {words}");
        for other in ["SET ROLE owner", "SELECT 1", "SET session_replication_role = replica"] {
            let words = shop.server.try_sql("aurapos", &format!("{other}; {attack}")).unwrap_err();
            assert!(words.contains("are kept as they are"), "{other}; {attack}: {words}");
        }
    }
    // Nor may anybody else call what prunes.
    shop.server.sql("aurapos", "CREATE ROLE stranger; GRANT USAGE ON SCHEMA t TO stranger");
    let prune = "SELECT t._prune('entry', 'register', '{}', 'at', '2030-01-01', 10)";
    let words = shop.server.try_sql("aurapos", &format!("SET ROLE stranger; {prune}")).unwrap_err();
    assert!(words.contains("permission denied"), "{words}");
    for table in ["_meta", "_commit", "_pruning"] {
        let words = shop.server.try_sql("aurapos", &format!("SET ROLE till; DELETE FROM t.{table}")).unwrap_err();
        assert!(words.contains("permission denied"), "{words}");
    }
    assert_eq!(shop.server.sql("aurapos", "SELECT count(*) FROM t.entry"), "2");
    // An owner reads it.
    let shown = shop.server.sql("aurapos", "SET timezone = 'UTC'; SELECT sequence, at FROM t.entry LIMIT 1");
    assert_eq!(shown, "1|1970-01-01 00:00:00.000005+00");
}

/// A disk of its own that is soon full. Only root may make one.
#[test]
fn a_full_disk_is_told_and_nothing_is_lost() {
    let place = Path::new("/dev/shm/aurapos-small");
    let mount = |words: &[&str]| Command::new("mount").args(words).status().is_ok_and(|status| status.success());
    std::fs::create_dir_all(place).unwrap();
    let _ = Command::new("umount").arg(place).output();
    if !mount(&["-t", "tmpfs", "-o", "size=110m,mode=777", "tmpfs", &place.display().to_string()]) {
        println!("no small disk can be made here: this needs root");
        return;
    }
    {
        let options = Options { place: Some(place.to_owned()), fsync: true, ..Options::default() };
        let mut shop = Shop::with(Version::V15, false, options);
        let settings = shop.settings("t");
        let store = shop.open(&settings);
        let photo = |item: u128| put_item(store.as_ref(), item, item, &[("photo", noise(item).into())]);
        let mut stored = 0;
        let error = loop {
            match photo(stored) {
                Ok(_) => stored += 1,
                Err(error) => break error,
            }
        };
        // A log that cannot grow ends the server itself: then it is asked for, and is not there.
        let told = match error.code {
            ErrorCode::DiskFull => error,
            _ => PluginError::new(
                ErrorCode::DiskFull,
                patiently(|| store.outcome(transaction(stored).id).map(|told| format!("{:?}", told.committed))),
            ),
        };
        assert!(stored > 3 && (told.message.contains("No space") || told.message == "None"), "{stored}: {told:?}");
        // With room again it goes on.
        assert!(mount(&["-o", "remount,size=400m", &place.display().to_string()]));
        if !shop.server.runs() {
            shop.server.restart();
        }
        patiently(|| count(store.as_ref(), 90_000, Insert, &[("a", 1)]));
        let there = patiently(|| store.scan(&Query::over("item").select(&["id"])));
        assert_eq!(there.len() as u128, stored, "what was acknowledged, and nothing else");
        assert_eq!(number(store.as_ref(), "a").unwrap(), Some(1));
    }
    let _ = Command::new("umount").arg(place).output();
    let _ = std::fs::remove_dir(place);
}

/// Bytes that cannot be packed.
fn noise(seed: u128) -> Vec<u8> {
    let mut state = seed as u64 + 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u8
    };
    (0..1024 * 1024).map(|_| next()).collect()
}

/// Data that was dumped and loaded elsewhere by an administrator: its numbers of transactions mean nothing there.
#[test]
fn data_that_was_moved_by_hand_begins_another_life() {
    let shop = Shop::new(Version::V15, false);
    let settings = shop.settings("t");
    let store = shop.open(&settings);
    put_item(store.as_ref(), 1, 1, &[]).unwrap();
    let (epoch, cursor) = (store.info().unwrap().epoch, store.changes(&[], 0).unwrap().next);
    store.close().unwrap();
    shop.server.sql("aurapos", "UPDATE t._commit SET xid = xid + 1000000000");
    let store = shop.open(&settings);
    assert_ne!(store.info().unwrap().epoch, epoch);
    refused(store.changes(&cursor, 0), ErrorCode::CursorTooOld, "");
    put_item(store.as_ref(), 2, 2, &[]).unwrap();
    assert_eq!(store.changes(&[], 0).unwrap().changes.len(), 2);
}

/// An older copy of the server's files in their place: the epoch came back with it, and by the time somebody asks, other commits have
/// the numbers of those that are gone.
#[test]
fn a_cursor_of_a_history_that_was_put_back_is_told() {
    let shop = Shop::new(Version::V15, false);
    let store = shop.open(&shop.settings("t"));
    (1..=3).for_each(|item| drop(put_item(store.as_ref(), item, item, &[]).unwrap()));
    let (kept, lost) = (store.changes(&[], 1).unwrap().next, store.changes(&[], 0).unwrap().next);
    // What a restored copy would not have.
    shop.server.sql(
        "aurapos",
        "DELETE FROM t._commit WHERE id <> (SELECT id FROM t._commit ORDER BY position LIMIT 1); \
         DELETE FROM t.item WHERE id <> (SELECT id FROM t.item ORDER BY id LIMIT 1); \
         SELECT setval('t._position', (SELECT max(position) FROM t._commit))",
    );
    (11..=14).for_each(|item| drop(put_item(store.as_ref(), item, item, &[]).unwrap()));
    refused(store.changes(&lost, 0), ErrorCode::CursorTooOld, "another life");
    refused(store.wait(&lost, 1), ErrorCode::CursorTooOld, "another life");
    assert_eq!(store.changes(&kept, 0).unwrap().changes.len(), 4, "what both have in common goes on");
}

/// Ten years ahead, and back again: what is committed is there, in the order in which it came, and no id is forgotten before its
/// time by the clock that forgets.
#[test]
fn a_clock_that_jumps_changes_no_order_and_loses_nothing() {
    const DAY_US: i64 = 86_400_000_000;
    let shop = Shop::new(Version::V15, false);
    let store = shop.open(&shop.settings("t"));
    let start = 1_796_000_000_000_000;
    let clocks = [0, 1, 3_650 * DAY_US, 3_650 * DAY_US + 1, -30 * DAY_US, 2];
    let made = (1..).zip(clocks).map(|(item, jump)| {
        let mut change = transaction(item);
        change.time = start + jump;
        change.push(Insert, "item", &["id"], vec![vec![id(item).into()]]);
        change
    });
    let changes: Vec<_> = made.collect();
    let positions: Vec<u64> = changes.iter().map(|change| store.commit(change).unwrap().position).collect();
    assert!(positions.is_sorted_by(|one, next| one < next), "{positions:?}");
    let fed = store.changes(&[], 100).unwrap();
    let order: Vec<_> = fed.changes.iter().map(|change| change.transaction).collect();
    assert_eq!(order, changes.iter().map(|change| change.id).collect::<Vec<_>>());
    // The clock of the one that tidies is right again: what was done a moment ago is known, whatever it was done at.
    store.maintain(start + DAY_US).unwrap();
    for change in &changes {
        assert!(store.commit(change).unwrap().already, "{}", change.time);
    }
    assert_eq!(store.scan(&Query::over("item").select(&["id"])).unwrap().len(), clocks.len());
}
