//! The conformance suite of storages as a ratchet: it is the list of what to write.

use super::*;
use aurapos_plugin_testkit::TestHost;
use aurapos_plugin_testkit::conformance::storage::{Place, StorageFixture, run};

/// How many cases pass. Raise it with every method you write; when all pass, replace the test by `report.passed()`.
const GREEN: usize = 1;

struct Fresh;

impl StorageFixture for Fresh {
    fn fresh(&self) -> Place {
        let host = TestHost::new();
        let settings = Settings::default();
        let provider = Arc::new(provider(host.context(settings.clone())).unwrap());
        let data_file = provider.path(&settings).unwrap();
        let folder = host.folder().to_owned();
        Place { provider, settings, folder, data_file: Some(data_file), keep: Box::new(host) }
    }
}

#[test]
fn conforms_as_far_as_it_is_written() {
    let report = run(&Fresh);
    println!("{report}");
    let passed = report.cases.len() - report.failed().len();
    assert!(passed >= GREEN, "{passed} cases pass, {GREEN} passed before");
}
