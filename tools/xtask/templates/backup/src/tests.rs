//! The conformance suite of backups over a real storage, and what it cannot know: how many are kept.

use super::*;
use aurapos_plugin_api::contract::host::NoProgress;
use aurapos_plugin_api::contract::schema::Schema;
use aurapos_plugin_testkit::conformance::backup::{BackupFixture, run};
use aurapos_plugin_testkit::host::START;
use aurapos_plugin_testkit::{FileProvider, TestBackupHost, TestHost};

fn fresh(host: &Arc<TestHost>) -> Daily {
    daily(host.context(Settings::default().with("folder", "Backups").with("keep", 10i64))).unwrap()
}

struct Fresh;

impl BackupFixture for Fresh {
    fn scheduler(&self, host: &Arc<TestHost>) -> Arc<dyn BackupScheduler> {
        Arc::new(fresh(host))
    }

    fn storage(&self, host: &Arc<TestHost>) -> (Arc<dyn StorageProvider>, Settings) {
        (Arc::new(FileProvider::new(host.clone(), "shop.data")), Settings::default())
    }
}

#[test]
fn conforms() {
    let report = run(&Fresh);
    assert!(report.passed(), "{report}");
}

#[test]
fn one_a_day_and_the_newest_ten_are_kept() {
    let host = TestHost::new();
    let (provider, settings) = Fresh.storage(&host);
    let shop =
        TestBackupHost::new(provider, settings, |store| store.migrate(&Schema { major: 1, ..Default::default() }))
            .unwrap();
    let daily = fresh(&host);
    for hour in 0..20 * 24 {
        let request = BackupRequest { trigger: BackupTrigger::Tick, now: START + hour * 3_600_000_000, kind: None };
        daily.run(&request, &shop, &NoProgress).unwrap();
    }
    let days: Vec<_> = daily.list().unwrap().iter().map(|info| daily.day(info.time)).collect();
    assert_eq!(days.len(), 10);
    // 20 days from 26 April, 20:00 in the shop: the last one is of 16 May.
    assert_eq!((days[0], days[9]), ((2026, 5, 16), (2026, 5, 7)));
    // Nothing of a deleted one is left.
    assert_eq!(fs::read_dir(host.folder().join("Backups")).unwrap().count(), 20);
}
