//! The whole conformance suite, straight on the library, on the oldest and the newest server.
#![allow(clippy::unwrap_used)]

mod common;

use aurapos_plugin_testkit::conformance::storage::{run, run_some};
use aurapos_test_postgres::Version;
use common::Shop;

fn keeps_every_promise(version: Version, owned: bool) {
    let shop = Shop::new(version, owned);
    let report = match std::env::var("ONLY") {
        Ok(only) => run_some(&shop, &|name| name == only, &mut |_| {}),
        Err(_) => run(&shop),
    };
    assert!(report.passed(), "{report}");
    assert!(std::env::var("ONLY").is_ok() || report.cases.len() == 83, "{}", report.cases.len());
}

/// With TLS, and with tables that belong to somebody else than who sells.
#[test]
fn postgresql_15_keeps_every_promise() {
    keeps_every_promise(Version::V15, true);
}

/// With one user for everything.
#[test]
fn postgresql_18_keeps_every_promise() {
    keeps_every_promise(Version::V18, false);
}
