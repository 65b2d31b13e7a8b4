//! Searches in more rows than are looked at in turn: the same answer whether the index was asked or not.
#![allow(clippy::unwrap_used)]

mod common;

use aurapos_plugin_api::contract::RecordStore;
use aurapos_plugin_api::contract::transaction::OperationKind::Insert;
use aurapos_plugin_testkit::conformance::storage::shop::{id, transaction};
use aurapos_test_postgres::Version;
use common::Shop;

/// Half of the first rows, and some behind them.
fn text(at: u128) -> String {
    match at {
        0..4_000 if at.is_multiple_of(2) => format!("confiture fraise {at}"),
        7 => "50% l'eau c\\o fra_ise".to_owned(),
        0..4_000 => format!("pain de mie {at}"),
        4_000..4_100 => format!("zeste fraise onfray {at}"),
        _ => format!("sel {at}"),
    }
}

fn filled(shop: &Shop) -> Box<dyn RecordStore> {
    let store = shop.open(&shop.settings("t"));
    let mut change = transaction(1);
    let rows = (0..5_000).map(|at| vec![id(at + 1).into(), text(at).into()]).collect();
    change.push(Insert, "item", &["id", "folded"], rows);
    store.commit(&change).unwrap();
    store
}

#[test]
fn rows_behind_the_first_are_found_and_none_that_does_not_match() {
    let shop = Shop::new(Version::V15, false);
    let store = filled(&shop);
    for (question, limit) in [
        ("conf fra", 50),
        ("fra conf 12", 5_000),
        ("conf fra", 5_000),
        // Three in four of them are among the first rows.
        ("conf fra", 1_800),
        ("conf", 1_800),
        ("fra", 1_800),
        ("f", 1_900),
        ("zes", 50),
        ("zeste", 200),
        ("zes fra", 50),
        ("zes fra", 1_000),
        ("f ze", 1_000),
        ("conf zes", 50),
        // In the middle of a word of the first rows, at the beginning of one of others; signs that mean something elsewhere.
        ("onf fra", 50),
        ("aise", 50),
        ("50% l'e", 50),
        ("c\\o fra_", 50),
        ("c%o fra", 50),
        ("c_o fra", 50),
    ] {
        let matches =
            |text: &str| question.split(' ').all(|word| text.split(' ').any(|candidate| candidate.starts_with(word)));
        let rows = store.search("item", question, limit).unwrap();
        let folded = rows.column("folded").unwrap();
        let all = (0..5_000).filter(|at| matches(&text(*at))).count();
        assert_eq!(rows.len(), all.min(limit as usize), "{question}");
        assert!((0..rows.len()).all(|row| matches(rows.text(row, folded).unwrap())), "{question}");
    }
}

/// Words that half the shop has are not gathered from the index first; a rare one is.
#[test]
fn frequent_words_need_no_index() {
    let shop = Shop::new(Version::V18, false);
    filled(&shop).close().unwrap();
    let scans = |question: &str| {
        let store = shop.open(&shop.settings("t"));
        assert_eq!(store.search("item", question, 50).unwrap().len(), 50);
        // What a session did is told by its end.
        store.close().unwrap();
        shop.server.sql("aurapos", "SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname LIKE '%_search'")
    };
    let scanned = ["conf fra", "fra", "c", "zes fra"].map(scans);
    assert_eq!(scanned, ["0", "0", "0", "1"]);
}
