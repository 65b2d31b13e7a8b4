//! A full disk, a kill in the middle of commits, what lies on the disk afterwards.
#![allow(clippy::unwrap_used)]

use aurapos_plugin_api::contract::error::ErrorCode;
use aurapos_plugin_api::contract::host::NoProgress;
use aurapos_plugin_api::contract::query::Query;
use aurapos_plugin_api::contract::storage::VerifyReport;
use aurapos_plugin_api::contract::transaction::OperationKind::Insert;
use aurapos_plugin_api::contract::{PluginResult, RecordStore, Settings, StorageProvider, Value};
use aurapos_plugin_testkit::TestHost;
use aurapos_plugin_testkit::conformance::storage::model::Dice;
use aurapos_plugin_testkit::conformance::storage::shop::{all, id, schema, transaction};
use aurapos_storage_sqlite::SqliteProvider;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

fn provider(folder: &Path) -> SqliteProvider {
    SqliteProvider::new(TestHost::over(folder).context(Settings::default())).unwrap()
}

fn proved(provider: &SqliteProvider, file: &str) -> PluginResult<VerifyReport> {
    provider.open_copy(file)?.verify(&NoProgress)
}

fn photo(store: &dyn RecordStore, number: u128) -> Result<u64, ErrorCode> {
    let mut change = transaction(number);
    let rows = (0..4).map(|part| vec![id(number * 4 + part).into(), Value::Bytes(vec![part as u8; 20_000])]).collect();
    change.push(Insert, "item", &["id", "photo"], rows);
    store.commit(&change).map(|committed| committed.position).map_err(|error| error.code)
}

#[test]
fn a_full_disk_refuses_stores_nothing_by_half_and_goes_on_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let provider = provider(folder.path());
    let store = provider.open_limited_for_tests(&Settings::default(), 200).unwrap();
    store.migrate(&schema()).unwrap();
    let stored = (0..).take_while(|&number| photo(store.as_ref(), number).is_ok()).count() as u128;
    assert!(stored > 2);
    assert_eq!(photo(store.as_ref(), stored), Err(ErrorCode::DiskFull));
    assert_eq!(all(store.as_ref(), &Query::over("item").select(&["id"])).unwrap().len() as u128, stored * 4);
    assert!(store.outcome(transaction(stored).id).unwrap().committed.is_none());
    store.close().unwrap();
    let store = provider.open(&Settings::default()).unwrap();
    store.migrate(&schema()).unwrap();
    assert_eq!(photo(store.as_ref(), stored), Ok(stored as u64 + 1), "the same transaction, once there is room");
    store.snapshot(&folder.path().join("copy").display().to_string(), &NoProgress).unwrap();
    assert!(proved(&provider, &folder.path().join("copy").display().to_string()).unwrap().ok);
}

#[test]
fn what_a_killed_restore_left_is_removed_at_the_next_open_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let name = |rest: &str| folder.path().join(format!("AuraPOS.db{rest}"));
    let left = ["", "-journal"].map(|ending| name(&format!(".part-01947f3e-0000-7000-8000-000000000001{ending}")));
    let foreign =
        [name(".part-"), name(".part-mine"), folder.path().join("Other.db.part-01947f3e-0000-7000-8000-000000000001")];
    left.iter().chain(&foreign).for_each(|file| std::fs::write(file, "half").unwrap());
    provider(folder.path()).open(&Settings::default()).unwrap().close().unwrap();
    assert!(!left.iter().any(|file| file.exists()));
    assert!(foreign.iter().all(|file| file.exists()));
}

#[test]
fn a_log_without_its_file_is_never_taken_for_an_empty_shop() {
    let folder = tempfile::tempdir().unwrap();
    let store = provider(folder.path()).open(&Settings::default()).unwrap();
    store.migrate(&schema()).unwrap();
    photo(store.as_ref(), 1).unwrap();
    let (file, log) = (folder.path().join("AuraPOS.db"), folder.path().join("AuraPOS.db-wal"));
    let log_bytes = std::fs::read(&log).unwrap();
    store.close().unwrap();
    assert!(!log.exists(), "a closed store is one file");
    std::fs::remove_file(&file).unwrap();
    std::fs::write(&log, &log_bytes).unwrap();
    assert_eq!(provider(folder.path()).open(&Settings::default()).unwrap_err().code, ErrorCode::Damaged);
    assert!(!file.exists() && std::fs::read(&log).unwrap() == log_bytes, "nothing was touched");
}

#[test]
fn an_index_that_disagrees_with_its_table_is_found_by_verify() {
    let folder = tempfile::tempdir().unwrap();
    let provider = provider(folder.path());
    let store = provider.open(&Settings::default()).unwrap();
    store.migrate(&schema()).unwrap();
    let mut change = transaction(1);
    change.push(Insert, "item", &["id", "name"], vec![vec![id(1).into(), "needle in two places".into()]]);
    store.commit(&change).unwrap();
    let copy = folder.path().join("copy.db");
    let path = copy.display().to_string();
    store.snapshot(&path, &NoProgress).unwrap();
    assert!(proved(&provider, &path).unwrap().ok);
    let mut bytes = std::fs::read(&copy).unwrap();
    let at: Vec<usize> = (0..bytes.len()).filter(|&at| bytes[at..].starts_with(b"needle in two")).collect();
    assert_eq!(at.len(), 2, "once in the table, once in its index");
    bytes[at[0]] = b'N';
    std::fs::write(&copy, bytes).unwrap();
    let report = proved(&provider, &path).unwrap();
    assert!(!report.ok && report.problems.iter().any(|problem| problem.contains("index")), "{report:?}");
}

#[test]
fn an_emptied_file_is_damage_and_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("AuraPOS.db"), b"").unwrap();
    let error = provider(folder.path()).open(&Settings::default()).unwrap_err();
    assert_eq!(error.code, ErrorCode::Damaged);
    assert!(error.detail.next.contains("backup"), "{error:?}");
}

#[test]
fn a_database_of_another_program_is_not_ours() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("AuraPOS.db");
    rusqlite::Connection::open(&file).unwrap().execute_batch("CREATE TABLE a (b); INSERT INTO a VALUES (1);").unwrap();
    let before = std::fs::read(&file).unwrap();
    let path = file.display().to_string();
    assert_eq!(provider(folder.path()).open(&Settings::default()).unwrap_err().code, ErrorCode::NotAStore);
    assert_eq!(provider(folder.path()).open_copy(&path).unwrap_err().code, ErrorCode::NotAStore);
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn an_owner_can_read_the_file_with_plain_sql() {
    let folder = tempfile::tempdir().unwrap();
    let store = provider(folder.path()).open(&Settings::default()).unwrap();
    store.migrate(&schema()).unwrap();
    photo(store.as_ref(), 1).unwrap();
    let copy = folder.path().join("copy.db");
    store.snapshot(&copy.display().to_string(), &NoProgress).unwrap();
    let header = std::fs::read(&copy).unwrap();
    assert_eq!(&header[18..20], [1, 1], "a copy needs no log");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |file: &Path| std::fs::metadata(file).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&copy), mode(&folder.path().join("AuraPOS.db"))), (0o600, 0o600));
    }
    let plain = rusqlite::Connection::open(&copy).unwrap();
    let ask = "SELECT count(*), sum(length(photo)), min(stamp) FROM item WHERE price = 0";
    let found: (i64, i64, i64) = plain.query_row(ask, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    assert_eq!(found, (4, 80_000, 0));
    let strict: i64 =
        plain.query_row("SELECT count(*) FROM pragma_table_list WHERE strict = 1", [], |row| row.get(0)).unwrap();
    assert_eq!(strict, 6, "our three tables and three of the plugin's own");
}

#[test]
fn no_other_tool_changes_or_deletes_what_is_in_the_books() {
    use aurapos_plugin_api::contract::transaction::Prune;
    let folder = tempfile::tempdir().unwrap();
    let provider = provider(folder.path());
    let store = provider.open(&Settings::default()).unwrap();
    store.migrate(&schema()).unwrap();
    let mut change = transaction(1);
    let fact = |at: i64| vec![id(1).into(), Value::Int(at), vec![1u8].into(), Value::Time(at)];
    change.push(Insert, "entry", &["register", "sequence", "body", "at"], (0..4).map(fact).collect());
    store.commit(&change).unwrap();
    let copy = folder.path().join("copy.db");
    store.snapshot(&copy.display().to_string(), &NoProgress).unwrap();
    store.close().unwrap();
    let file = folder.path().join("AuraPOS.db");
    let check = |file: &Path| {
        let plain = rusqlite::Connection::open(file).unwrap();
        for (statement, word) in [
            ("DELETE FROM entry", "deleted"),
            ("DELETE FROM entry WHERE sequence = 3", "deleted"),
            ("UPDATE entry SET at = 9", "changed"),
            ("UPDATE OR REPLACE entry SET sequence = 1 WHERE sequence = 2", "changed"),
            ("INSERT OR REPLACE INTO entry SELECT register, sequence, x'00', 9 FROM entry", "replaced"),
            ("REPLACE INTO entry SELECT register, sequence, x'00', 9 FROM entry", "replaced"),
            (
                "INSERT INTO entry SELECT register, sequence, x'00', 9 FROM entry WHERE true \
                 ON CONFLICT DO UPDATE SET at = 9",
                "replaced",
            ),
        ] {
            let error = plain.execute(statement, []).unwrap_err().to_string();
            assert!(
                error.contains("the rows of entry are kept as they are") && error.contains(word),
                "{statement}: {error}"
            );
        }
        let found: (i64, i64) =
            plain.query_row("SELECT count(*), sum(at) FROM entry", [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        assert_eq!(found, (4, 6));
        plain.execute("DELETE FROM counter", []).unwrap();
    };
    check(&file);
    check(&copy);
    // A database from before there were triggers gets them when it is opened, and one whose trigger was removed.
    let plain = rusqlite::Connection::open(&file).unwrap();
    let all = "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE '~_keep%' ESCAPE '~'";
    let names: Vec<String> =
        plain.prepare(all).unwrap().query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(names.len(), 3);
    names.iter().for_each(|name| plain.execute_batch(&format!("DROP TRIGGER \"{name}\"")).unwrap());
    plain.close().unwrap();
    let store = provider.open(&Settings::default()).unwrap();
    store.migrate(&schema()).unwrap();
    // Its own way out leaves nothing open behind it.
    let prune = |limit| Prune {
        table: "entry".into(),
        owner: "register".into(),
        own: vec![id(2).into()],
        age: "at".into(),
        below: Value::Time(0),
        limit,
    };
    assert_eq!(store.prune(&prune(1)).unwrap().rows, 0);
    store.close().unwrap();
    check(&file);
}

#[cfg(unix)]
#[test]
fn data_behind_a_link_is_restored_where_it_is() {
    let (folder, disk) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::os::unix::fs::symlink(disk.path().join("shop.db"), folder.path().join("AuraPOS.db")).unwrap();
    let provider = provider(folder.path());
    let store = provider.open(&Settings::default()).unwrap();
    store.migrate(&schema()).unwrap();
    photo(store.as_ref(), 1).unwrap();
    let copy = folder.path().join("copy.db").display().to_string();
    store.snapshot(&copy, &NoProgress).unwrap();
    photo(store.as_ref(), 2).unwrap();
    store.close().unwrap();
    let report = provider.open_copy(&copy).unwrap().restore_to(&Settings::default(), &NoProgress).unwrap();
    assert!(report.previous_location.starts_with(&disk.path().display().to_string()), "{report:?}");
    let rows = || {
        let store = provider.open(&Settings::default()).unwrap();
        store.migrate(&schema()).unwrap();
        all(store.as_ref(), &Query::over("item").select(&["id"])).unwrap().len()
    };
    assert_eq!(rows(), 4);
    provider.put_back(&Settings::default(), &report.previous, &NoProgress).unwrap();
    assert_eq!(rows(), 8);
    assert!(std::fs::symlink_metadata(folder.path().join("AuraPOS.db")).unwrap().is_symlink(), "the link stays");
    let beside: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(beside.iter().filter(|name| name.starts_with("AuraPOS.db")).count(), 1, "{beside:?}");
}

#[test]
fn a_file_that_an_owner_copied_by_hand_opens_and_gets_no_company() {
    let folder = tempfile::tempdir().unwrap();
    let provider = provider(folder.path());
    let store = provider.open(&Settings::default()).unwrap();
    store.migrate(&schema()).unwrap();
    photo(store.as_ref(), 1).unwrap();
    store.close().unwrap();
    // Its header says "log beside me", unlike a snapshot's.
    let stick = tempfile::tempdir().unwrap();
    let copy = stick.path().join("copy.db");
    std::fs::copy(folder.path().join("AuraPOS.db"), &copy).unwrap();
    let path = copy.display().to_string();
    let opened = provider.open_copy(&path).unwrap();
    assert_eq!(all(opened.as_ref(), &Query::over("item")).unwrap().len(), 4);
    assert!(proved(&provider, &path).unwrap().ok);
    assert_eq!(std::fs::read_dir(stick.path()).unwrap().count(), 1, "nothing beside it while it is open");
    opened.close().unwrap();
    assert_eq!(std::fs::read_dir(stick.path()).unwrap().count(), 1, "nor afterwards");
}

#[test]
fn data_that_is_in_use_can_be_read_by_another_program_log_included() {
    let folder = tempfile::tempdir().unwrap();
    let provider = provider(folder.path());
    let store = provider.open(&Settings::default()).unwrap();
    store.migrate(&schema()).unwrap();
    photo(store.as_ref(), 1).unwrap();
    let reader = provider.open_copy(&folder.path().join("AuraPOS.db").display().to_string()).unwrap();
    assert_eq!(all(reader.as_ref(), &Query::over("item")).unwrap().len(), 4);
    photo(store.as_ref(), 2).unwrap();
    assert_eq!(all(reader.as_ref(), &Query::over("item")).unwrap().len(), 8, "it sees what is committed meanwhile");
    assert_eq!(photo(reader.as_ref(), 3), Err(ErrorCode::ReadOnly));
}

/// The data as a kill at this moment would leave it, in a folder of its own.
fn killed(folder: &Path) -> tempfile::TempDir {
    let left = tempfile::tempdir().unwrap();
    for name in ["AuraPOS.db", "AuraPOS.db-wal"] {
        std::fs::copy(folder.join(name), left.path().join(name)).unwrap();
    }
    left
}

fn opened(folder: &Path) -> Result<usize, ErrorCode> {
    let store = provider(folder).open(&Settings::default()).map_err(|error| error.code)?;
    store.migrate(&schema()).unwrap();
    let rows = all(store.as_ref(), &Query::over("item").select(&["id"])).unwrap().len();
    store.close().unwrap();
    Ok(rows)
}

#[test]
fn no_copy_from_before_is_mixed_with_the_log_of_now() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("AuraPOS.db");
    let mut copies: Vec<Vec<u8>> = Vec::new();
    let mut number = 0;
    for _ in 0..3 {
        let provider = provider(folder.path());
        let store = provider.open(&Settings::default()).unwrap();
        store.migrate(&schema()).unwrap();
        for _ in 0..3 {
            photo(store.as_ref(), number).unwrap();
            number += 1;
            // By our own program, and by hand, at any moment.
            let snapshot = folder.path().join(format!("copy{number}.db"));
            store.snapshot(&snapshot.display().to_string(), &NoProgress).unwrap();
            copies.push(std::fs::read(&snapshot).unwrap());
            copies.push(std::fs::read(&file).unwrap());
            store.maintain(0).unwrap();
        }
        // Of this very log: a copy by hand is the same data as the log makes it anyway; a snapshot is never beside a log.
        let (by_hand, snapshot) = (std::fs::read(&file).unwrap(), folder.path().join(format!("last{number}.db")));
        store.snapshot(&snapshot.display().to_string(), &NoProgress).unwrap();
        copies.push(std::fs::read(&snapshot).unwrap());
        photo(store.as_ref(), number).unwrap();
        number += 1;
        let left = killed(folder.path());
        let same = killed(folder.path());
        std::fs::write(same.path().join("AuraPOS.db"), &by_hand).unwrap();
        assert_eq!(opened(same.path()), Ok(number as usize * 4));
        for (at, copy) in copies.iter().enumerate() {
            let mixed = killed(left.path());
            std::fs::write(mixed.path().join("AuraPOS.db"), copy).unwrap();
            let log = std::fs::read(mixed.path().join("AuraPOS.db-wal")).unwrap();
            assert_eq!(opened(mixed.path()), Err(ErrorCode::Damaged), "copy {at} of {}", copies.len());
            let looks = Settings::default().with("read_only", true);
            assert_eq!(self::provider(mixed.path()).open(&looks).unwrap_err().code, ErrorCode::Damaged);
            assert!(std::fs::read(mixed.path().join("AuraPOS.db")).unwrap() == *copy, "nothing was touched");
            assert!(std::fs::read(mixed.path().join("AuraPOS.db-wal")).unwrap() == log, "nothing was touched");
            // Either way out: the log moved away, or a restore. What was there is kept, and can be had again.
            if at % 5 == 0 {
                let good = folder.path().join("copy1.db").display().to_string();
                let good = self::provider(mixed.path()).open_copy(&good).unwrap();
                let report = good.restore_to(&Settings::default(), &NoProgress).unwrap();
                assert_eq!(opened(mixed.path()), Ok(4));
                self::provider(mixed.path()).put_back(&Settings::default(), &report.previous, &NoProgress).unwrap();
                assert_eq!(opened(mixed.path()), Err(ErrorCode::Damaged));
                assert!(std::fs::read(mixed.path().join("AuraPOS.db-wal")).unwrap() == log, "as it was");
            }
            std::fs::remove_file(mixed.path().join("AuraPOS.db-wal")).unwrap();
            let alone = opened(mixed.path());
            assert!(alone.is_ok(), "copy {at}: {alone:?}");
        }
        assert_eq!(opened(left.path()), Ok(number as usize * 4), "an honest crash");
        store.close().unwrap();
    }
}

#[test]
fn a_copy_from_before_a_close_is_not_mixed_with_the_log_that_was_begun_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("AuraPOS.db");
    let open = || {
        let store = provider(folder.path()).open(&Settings::default()).unwrap();
        store.migrate(&schema()).unwrap();
        store
    };
    let store = open();
    photo(store.as_ref(), 1).unwrap();
    store.maintain(0).unwrap();
    let by_hand = std::fs::read(&file).unwrap();
    photo(store.as_ref(), 2).unwrap();
    store.close().unwrap();
    let store = open();
    photo(store.as_ref(), 3).unwrap();
    let left = killed(folder.path());
    std::fs::write(left.path().join("AuraPOS.db"), by_hand).unwrap();
    let error = provider(left.path()).open(&Settings::default()).unwrap_err();
    assert!(error.code == ErrorCode::Damaged && error.message.contains("never was"), "{error:?}");
    assert_eq!(opened(killed(folder.path()).path()), Ok(12));
}

#[test]
fn a_log_is_never_begun_anew_behind_our_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = provider(folder.path()).open(&Settings::default()).unwrap();
    store.migrate(&schema()).unwrap();
    let outsider = rusqlite::Connection::open(folder.path().join("AuraPOS.db")).unwrap();
    for number in 0..12 {
        photo(store.as_ref(), number).unwrap();
        // As `sqlite3` does it, or a backup program.
        let how = ["PASSIVE", "FULL", "RESTART", "TRUNCATE"][number as usize % 4];
        outsider.busy_timeout(std::time::Duration::ZERO).unwrap();
        outsider.query_row(&format!("PRAGMA wal_checkpoint({how})"), [], |_| Ok(())).unwrap();
        photo(store.as_ref(), 100 + number).unwrap();
        if number % 5 == 4 {
            store.maintain(0).unwrap();
        }
        assert_eq!(opened(killed(folder.path()).path()), Ok((number as usize + 1) * 8), "{how}");
    }
    let log = std::fs::metadata(folder.path().join("AuraPOS.db-wal")).unwrap().len();
    store.maintain(0).unwrap();
    photo(store.as_ref(), 1000).unwrap();
    assert!(std::fs::metadata(folder.path().join("AuraPOS.db-wal")).unwrap().len() <= log, "it is begun anew");
}

const WRITER: &str = "AURAPOS_TEST_WRITER_FOLDER";

/// Not a test by itself: the next one runs it in another process, to be killed.
#[test]
fn writer_to_be_killed() {
    let Ok(folder) = std::env::var(WRITER) else {
        return;
    };
    let store = provider(Path::new(&folder)).open(&Settings::default()).unwrap();
    store.migrate(&schema()).unwrap();
    let first = u128::from(store.info().unwrap().position);
    for number in first.. {
        if number % 40 == 39 {
            store.maintain(0).unwrap();
        }
        let mut change = transaction(number);
        let rows = (0..3).map(|part| vec![id(number * 3 + part).into(), "green tea".into()]).collect();
        change.push(Insert, "item", &["id", "folded"], rows);
        let position = store.commit(&change).unwrap().position;
        println!("acknowledged {number} {position}");
    }
}

#[test]
fn every_acknowledged_commit_survives_a_kill_and_none_is_there_by_half() {
    let folder = tempfile::tempdir().unwrap();
    let mut dice = Dice::new(std::process::id().into());
    let mut acknowledged: Vec<u128> = Vec::new();
    for life in 0..12 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "writer_to_be_killed", "--nocapture"])
            .env(WRITER, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let enough = 1 + dice.roll(60) as usize;
        let mut told = 0;
        for line in lines.map_while(Result::ok) {
            // The test runner may have written before it on the same line.
            if let Some(rest) = line.split("acknowledged ").nth(1) {
                acknowledged.push(rest.split(' ').next().unwrap().parse().unwrap());
                told += 1;
                if told == enough {
                    // From here it is anywhere in its next commits; what it still tells is read below.
                    (0..dice.roll(40_000)).for_each(|turn| {
                        std::hint::black_box(turn);
                    });
                    child.kill().unwrap();
                }
            }
        }
        child.wait().unwrap();
        assert!(told >= enough, "the writer stopped by itself in life {life}");
        let store = provider(folder.path()).open(&Settings::default()).unwrap();
        store.migrate(&schema()).unwrap();
        let there = all(store.as_ref(), &Query::over("item").select(&["id"])).unwrap();
        let position = store.info().unwrap().position;
        assert_eq!(there.len() as u64, position * 3, "whole commits only");
        for &number in &acknowledged {
            assert!(store.outcome(transaction(number).id).unwrap().committed.is_some(), "{number} was acknowledged");
        }
        assert_eq!(store.search("item", "gre", 0).unwrap().len(), there.len());
        store.close().unwrap();
    }
    let mut once = acknowledged.clone();
    once.dedup();
    assert_eq!(once, acknowledged, "a number was given twice");
}
