//! The conformance suite of storages: every promise of the traits, over a real file.

use super::*;
use aurapos_plugin_testkit::TestHost;
use aurapos_plugin_testkit::conformance::storage::{Place, StorageFixture, run};
use std::sync::Arc;

struct Fresh;

impl StorageFixture for Fresh {
    fn fresh(&self) -> Place {
        let host = TestHost::new();
        let settings = Settings::default();
        let provider = Arc::new(provider(host.context(settings.clone())).unwrap());
        // The file is named so that the suite can cut and damage it.
        let data_file = provider.path(&settings).unwrap();
        let folder = host.folder().to_owned();
        Place { provider, settings, folder, data_file: Some(data_file), keep: Box::new(host) }
    }
}

#[test]
fn conforms() {
    let report = run(&Fresh);
    assert!(report.passed(), "{report}");
}
