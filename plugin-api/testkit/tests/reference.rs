//! The reference store passes the suite it is the oracle of.
#![allow(clippy::unwrap_used)]

use aurapos_contract::Settings;
use aurapos_plugin_testkit::ReferenceProvider;
use aurapos_plugin_testkit::conformance::storage::{Place, StorageFixture, run};
use std::sync::Arc;

struct Reference;

impl StorageFixture for Reference {
    fn fresh(&self) -> Place {
        let folder = tempfile::tempdir().unwrap();
        Place {
            provider: Arc::new(ReferenceProvider::new()),
            settings: Settings::default().with("path", "data"),
            folder: folder.path().to_owned(),
            data_file: None,
            keep: Box::new(folder),
        }
    }
}

#[test]
fn the_reference_store_keeps_every_promise() {
    let report = run(&Reference);
    assert!(report.passed(), "{report}");
}
