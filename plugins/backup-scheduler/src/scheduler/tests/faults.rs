//! A run that fails, is stopped or dies at any of its steps: no file looks good and is not, the old ones are there, and
//! the next run works.

use super::support::{Mood, Shop, StopAt};
use crate::contract::backup::{BackupKind, BackupState, BackupTrigger};
use crate::contract::host::NoProgress;
use crate::contract::{BackupScheduler, ErrorCode};
use crate::step::{self, Step};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicI64;

/// Names the folder of a child that is to die.
const CHILD: &str = "AURAPOS_TEST_BACKUP_CHILD";

/// A shop with eight backups of one day, so that the next run has something to delete.
fn shop() -> (Shop, Vec<String>) {
    let shop = Shop::new();
    for hour in 1..=8 {
        shop.daily(&format!("2026-04-25 {hour:02}:00:00")).unwrap();
    }
    let verified = shop.verified();
    assert_eq!(verified.len(), 3, "the run that made the last of them left three");
    (shop, verified)
}

/// Backups that the next run may delete: it makes the fourth of that day.
fn assert_old_are_there(shop: &Shop, old: &[String], when: &str) {
    let now = shop.verified();
    let gone: Vec<_> = old.iter().filter(|name| !now.contains(name)).collect();
    assert!(gone.len() <= 1, "{when}: {gone:?} went");
    assert!(gone.is_empty() || now.len() >= 3, "{when}: nothing goes before something came");
}

fn assert_next_run_works(shop: &Shop, when: &str) {
    let made = shop.daily("2026-04-25 20:00:00").unwrap();
    assert_eq!(made.state, BackupState::Verified, "{when}");
    assert!(shop.names().iter().all(|name| !name.contains(".part-")), "{when}: {:?}", shop.names());
    shop.assert_sound(when);
}

#[test]
fn no_room_at_any_step() {
    for step in step::ALL {
        let (shop, old) = shop();
        let when = format!("no room at {step:?}");
        step::fail_at(Some(step));
        let result = shop.daily("2026-04-25 18:00:00");
        step::fail_at(None);
        assert_eq!(result.unwrap_err().code, ErrorCode::DiskFull, "{when}");
        shop.assert_sound(&when);
        assert_old_are_there(&shop, &old, &when);
        assert!(shop.names().iter().all(|name| !name.contains(".part-")), "{when}: {:?}", shop.names());
        assert_next_run_works(&shop, &when);
    }
}

#[test]
fn killed_at_any_step() {
    for (index, step) in step::ALL.into_iter().enumerate() {
        let (shop, old) = shop();
        let when = format!("killed at {step:?}");
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "scheduler::tests::faults::child"])
            .env(CHILD, format!("{index} {}", shop.folder.display()))
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status()
            .unwrap();
        assert!(!status.success(), "{when}: it lived");
        shop.assert_sound(&when);
        assert_old_are_there(&shop, &old, &when);
        assert_next_run_works(&shop, &when);
    }
}

/// Not a test of its own: what [`killed_at_any_step`] starts.
#[test]
fn child() {
    let Ok(order) = std::env::var(CHILD) else { return };
    let (index, folder) = order.split_once(' ').unwrap();
    let shop = Shop::at(Path::new(folder));
    step::die_at(step::ALL[index.parse::<usize>().unwrap()]);
    shop.daily("2026-04-25 18:00:00").unwrap();
}

#[test]
fn stopped_at_any_question() {
    let request = Shop::request(BackupTrigger::Manual, Some(BackupKind::Daily), "2026-04-25 18:00:00");
    for question in 0.. {
        let (shop, old) = shop();
        let when = format!("stopped at question {question}");
        let before = shop.names();
        match shop.scheduler.run(&request, &shop.host, &StopAt(AtomicI64::new(question))) {
            Ok(report) => {
                assert_eq!(report.made.len(), 1, "{when}");
                assert!(question >= 4, "it asks at least before, while and after reading");
                return;
            }
            Err(error) => assert_eq!(error.code, ErrorCode::Cancelled, "{when}"),
        }
        assert_eq!(shop.names(), before, "{when}: nothing new stays");
        assert_old_are_there(&shop, &old, &when);
        shop.assert_sound(&when);
    }
}

/// Runs in a mood and says `error, new files`.
fn check(mood: Mood, expected: &str) {
    let (mut shop, old) = shop();
    let before = shop.names();
    shop.host.mood = mood;
    let error = shop.daily("2026-04-25 18:00:00").unwrap_err();
    let new: Vec<String> = shop.names().into_iter().filter(|name| !before.contains(name)).collect();
    let new: Vec<&str> =
        new.iter().filter_map(|name| name.strip_prefix("Daily/AuraPOS_backup_20260425_180000.")).collect();
    assert_eq!(format!("{:?} {}", error.code, new.join(" ")).trim_end(), expected, "{mood:?}");
    assert!(old.iter().all(|name| shop.verified().contains(name)), "{mood:?}");
    assert!(!shop.verified().iter().any(|name| name.contains("180000")), "{mood:?}");
    shop.assert_sound(&format!("{mood:?}"));
    shop.host.mood = Mood::Good;
    assert_next_run_works(&shop, &format!("{mood:?}"));
}

#[test]
fn a_host_that_fails_or_lies() {
    check(Mood::SourceFails, "Damaged");
    check(Mood::SnapshotFails(ErrorCode::DiskFull), "DiskFull");
    check(Mood::SnapshotFails(ErrorCode::Panic), "Panic");
    check(Mood::SnapshotLeavesHalf, "DiskFull");
    check(Mood::SnapshotLies, "Damaged");
    check(Mood::SnapshotIsEmpty, "Damaged db.refused db.refused.json");
    check(Mood::CheckFinds, "Damaged db.refused db.refused.json");
    check(Mood::CheckFails(ErrorCode::NotAStore), "Damaged db.refused db.refused.json");
    check(Mood::CheckSeesOtherShop, "Damaged db.refused db.refused.json");
    check(Mood::CheckSeesOlderCommit, "Damaged db.refused db.refused.json");
    check(Mood::CheckCountsFewerRows, "Damaged db.refused db.refused.json");
    check(Mood::CheckFails(ErrorCode::Cancelled), "Cancelled");
    // It could not be checked: it stays, listed as unchecked, and counts for nothing.
    check(Mood::CheckFails(ErrorCode::Timeout), "Timeout db db.json");
}

#[test]
fn copies_that_never_passed_do_not_fill_the_disk() {
    for mood in [Mood::CheckFinds, Mood::CheckFails(ErrorCode::Timeout)] {
        let (mut shop, old) = shop();
        shop.host.mood = mood;
        for hour in 10..20 {
            shop.daily(&format!("2026-04-25 {hour}:00:00")).unwrap_err();
        }
        let list = shop.scheduler.list().unwrap();
        assert_eq!(list.iter().filter(|info| info.state != BackupState::Verified).count(), 2, "{mood:?}");
        assert_eq!(shop.verified(), old, "{mood:?}: a failing run deletes nothing good");
    }
}

#[test]
fn a_failing_run_deletes_nothing_that_passed() {
    let mut shop = Shop::new();
    step::fail_at(Some(Step::Retention));
    for hour in 1..=6 {
        shop.daily(&format!("2026-04-25 {hour:02}:00:00")).unwrap_err();
    }
    step::fail_at(None);
    let verified = shop.verified();
    assert_eq!(verified.len(), 6, "made, and never tidied");
    shop.host.mood = Mood::CheckFinds;
    shop.daily("2026-04-25 18:00:00").unwrap_err();
    assert_eq!(shop.verified(), verified);
    shop.host.mood = Mood::Good;
    shop.daily("2026-04-25 19:00:00").unwrap();
    assert_eq!(shop.verified().len(), 4, "three went, one came");
}

#[test]
fn what_is_no_part_of_ours_is_left_alone() {
    let shop = Shop::new();
    let daily = shop.folder.join("Backups/Daily");
    std::fs::create_dir_all(daily.join(".part-of-something")).unwrap();
    let dead = daily.join(crate::names::part(crate::contract::Uuid::from_u128(9)));
    std::fs::create_dir_all(&dead).unwrap();
    std::fs::write(dead.join("AuraPOS_backup_20260401_180000.db"), "half").unwrap();
    let request = Shop::request(BackupTrigger::Manual, Some(BackupKind::Daily), "2026-04-25 18:00:00");
    let report = shop.scheduler.run(&request, &shop.host, &NoProgress).unwrap();
    assert!(report.notes[0].contains("left by a backup that was cut off"), "{report:?}");
    assert!(!dead.exists());
    assert!(daily.join(".part-of-something").exists());
    assert!(step::ALL.contains(&Step::Sweep));
}
