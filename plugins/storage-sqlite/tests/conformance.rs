//! The whole conformance suite, straight on the library.
#![allow(clippy::unwrap_used)]

use aurapos_plugin_api::contract::Settings;
use aurapos_plugin_testkit::TestHost;
use aurapos_plugin_testkit::conformance::storage::{Place, StorageFixture, run};
use aurapos_storage_sqlite::SqliteProvider;
use std::sync::Arc;

struct Sqlite;

impl StorageFixture for Sqlite {
    fn fresh(&self) -> Place {
        let host = TestHost::new();
        Place {
            provider: Arc::new(SqliteProvider::new(host.context(Settings::default())).unwrap()),
            settings: Settings::default().with("path", "AuraPOS.db"),
            folder: host.folder().to_owned(),
            data_file: Some(host.folder().join("AuraPOS.db")),
            keep: Box::new(host),
        }
    }
}

#[test]
fn sqlite_keeps_every_promise() {
    let report = run(&Sqlite);
    assert!(report.passed(), "{report}");
}
