//! A copy that comes without its manifest proves itself: every change of its bytes is told, none is put in use.
#![allow(clippy::unwrap_used)]

use aurapos_plugin_api::contract::error::ErrorCode;
use aurapos_plugin_api::contract::host::NoProgress;
use aurapos_plugin_api::contract::query::Query;
use aurapos_plugin_api::contract::transaction::OperationKind::Insert;
use aurapos_plugin_api::contract::{Settings, StorageProvider, Value};
use aurapos_plugin_testkit::TestHost;
use aurapos_plugin_testkit::conformance::storage::model::Dice;
use aurapos_plugin_testkit::conformance::storage::shop::{all, id, schema, transaction};
use aurapos_storage_sqlite::SqliteProvider;
use std::fs;
use std::path::{Path, PathBuf};

/// Bytes of the seal, as its description says.
const SEAL: usize = 119;

fn provider(folder: &Path) -> SqliteProvider {
    SqliteProvider::new(TestHost::over(folder).context(Settings::default())).unwrap()
}

/// A store with some rows and a copy of it.
fn copied(folder: &Path) -> (SqliteProvider, PathBuf) {
    let provider = provider(folder);
    let store = provider.open(&Settings::default()).unwrap();
    store.migrate(&schema()).unwrap();
    for number in 0..12 {
        let mut change = transaction(number);
        let row = vec![id(number).into(), format!("coffee {number}").into(), Value::Bytes(vec![number as u8; 3_000])];
        change.push(Insert, "item", &["id", "name", "photo"], vec![row]);
        store.commit(&change).unwrap();
    }
    let copy = folder.join("copy.db");
    store.snapshot(&copy.display().to_string(), &NoProgress).unwrap();
    store.close().unwrap();
    (provider, copy)
}

/// What the storage says against a file; `None`: it is sound.
fn refused(provider: &SqliteProvider, file: &Path) -> Option<String> {
    let copy = match provider.open_copy(&file.display().to_string()) {
        Err(error) => return Some(error.message),
        Ok(copy) => copy,
    };
    let said = match copy.verify(&NoProgress) {
        Err(error) => Some(error.message),
        Ok(report) => (!report.ok).then(|| report.problems.join("; ")),
    };
    copy.close().unwrap();
    said
}

#[test]
fn every_change_of_a_copy_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (provider, copy) = copied(folder.path());
    assert_eq!(refused(&provider, &copy), None);
    let whole = fs::read(&copy).unwrap();
    let database = whole.len() - SEAL;
    let changed = folder.path().join("changed.db");
    let mut dice = Dice::new(20_261_201);
    for round in 0..400 {
        let mut bytes = whole.clone();
        let what = match round % 4 {
            0 => {
                let at = dice.roll(whole.len() as u64) as usize;
                bytes[at] ^= 1 << dice.roll(8);
                format!("a bit of byte {at}")
            }
            1 => {
                let end = dice.roll(whole.len() as u64) as usize;
                // The whole database without its seal is a copy as they were before: nothing of it is missing.
                if end == database {
                    continue;
                }
                bytes.truncate(end);
                format!("cut to {end} bytes")
            }
            2 => {
                let pages = (database / 4_096) as u64;
                let (one, other) = (dice.roll(pages) as usize * 4_096, dice.roll(pages) as usize * 4_096);
                if whole[one..one + 4_096] == whole[other..other + 4_096] {
                    continue;
                }
                bytes[one..one + 4_096].copy_from_slice(&whole[other..other + 4_096]);
                bytes[other..other + 4_096].copy_from_slice(&whole[one..one + 4_096]);
                format!("pages at {one} and {other} swapped")
            }
            _ => {
                bytes.extend(std::iter::repeat_n(7, 1 + dice.roll(9_000) as usize));
                format!("{} bytes more", bytes.len() - whole.len())
            }
        };
        fs::write(&changed, &bytes).unwrap();
        assert!(refused(&provider, &changed).is_some_and(|said| !said.is_empty()), "round {round}: {what}");
    }
}

#[test]
fn what_is_put_in_use_is_the_database_without_its_seal_and_nothing_that_was_changed() {
    let folder = tempfile::tempdir().unwrap();
    let (provider, copy) = copied(folder.path());
    let whole = fs::read(&copy).unwrap();
    let mut bytes = whole.clone();
    // Within a photo: SQLite itself sees nothing.
    let at = whole.windows(64).position(|some| some == [5; 64]).unwrap();
    bytes[at + 9] ^= 4;
    let changed = folder.path().join("changed.db");
    fs::write(&changed, bytes).unwrap();
    let restore = |file: &Path| {
        let copy = provider.open_copy(&file.display().to_string()).unwrap();
        let restored = copy.restore_to(&Settings::default(), &NoProgress);
        copy.close().unwrap();
        restored
    };
    let error = restore(&changed).unwrap_err();
    assert!(error.code == ErrorCode::Damaged && error.message.contains("seal"), "{error:?}");
    restore(&copy).unwrap();
    let database = fs::read(folder.path().join("AuraPOS.db")).unwrap();
    assert_eq!(database.len() % 4_096, 0, "the seal is not in use");
    let store = provider.open(&Settings::default()).unwrap();
    assert_eq!(all(store.as_ref(), &Query::over("item").select(&["id"])).unwrap().len(), 12);
    store.close().unwrap();
}

/// Put in its place with `cp`, it opens and sells on; `sqlite3` reads it, and the seal is told by other programs.
#[test]
fn by_hand_it_is_a_database_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let (provider, copy) = copied(folder.path());
    let whole = fs::read(&copy).unwrap();
    let (database, seal) = whole.split_at(whole.len() - SEAL);
    let plain = folder.path().join("plain.db");
    fs::write(&plain, database).unwrap();
    if let Ok(said) = std::process::Command::new("sha256sum").arg(&plain).output() {
        let digits = String::from_utf8_lossy(&said.stdout)[..64].to_owned();
        assert!(String::from_utf8_lossy(seal).ends_with(&format!(":\n{digits}\n")), "{digits}");
    }
    assert_eq!(refused(&provider, &plain), None, "a copy of before seals");
    let connection = rusqlite::Connection::open(&copy).unwrap();
    let ok: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(ok, "ok");
    drop(connection);
    fs::copy(&copy, folder.path().join("AuraPOS.db")).unwrap();
    let store = provider.open(&Settings::default()).unwrap();
    store.migrate(&schema()).unwrap();
    for number in 100..140 {
        let mut change = transaction(number);
        change.push(Insert, "item", &["id", "photo"], vec![vec![id(number).into(), Value::Bytes(vec![1; 9_000])]]);
        store.commit(&change).unwrap();
    }
    let second = folder.path().join("second.db");
    store.snapshot(&second.display().to_string(), &NoProgress).unwrap();
    store.close().unwrap();
    assert_eq!(refused(&provider, &second), None);
}
