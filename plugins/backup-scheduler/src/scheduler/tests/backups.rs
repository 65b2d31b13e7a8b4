//! Making, listing, copying and deleting.

use super::support::{Mood, Shop, at};
use crate::contract::backup::{BackupKind, BackupState, BackupTrigger};
use crate::contract::host::{NoProgress, Progress};
use crate::contract::{BackupScheduler, ErrorCode};
use crate::lease::Lease;
use std::fs;
use std::os::unix::fs::PermissionsExt;

#[test]
fn a_close_makes_what_is_due_and_nothing_twice() {
    let shop = Shop::new();
    let request = Shop::request(BackupTrigger::Close, None, "2026-04-26 18:00:42");
    let plan = shop.scheduler.plan(&request, &shop.host).unwrap();
    assert_eq!(plan.due, [BackupKind::Daily, BackupKind::Weekly]);
    assert_eq!(shop.names(), [""; 0], "a plan changes nothing");
    let report = shop.scheduler.run(&request, &shop.host, &NoProgress).unwrap();
    assert_eq!(report.made.len(), 2);
    assert_eq!(
        shop.names(),
        [
            "Daily/AuraPOS_backup_20260426_180042.db",
            "Daily/AuraPOS_backup_20260426_180042.db.json",
            "Weekly/AuraPOS_backup_20260426_180043.db",
            "Weekly/AuraPOS_backup_20260426_180043.db.json",
        ]
    );
    let list = shop.scheduler.list().unwrap();
    assert!(list.iter().all(|info| info.state == BackupState::Verified && info.sales == 17 && info.position == 17));
    assert!(list.iter().all(|info| info.time == at("2026-04-26 18:00:42") && info.number == 1));
    assert_eq!(list[0].note, "opened and reconciled, 17 sales, 0 differences");
    let mode = fs::metadata(&list[0].path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "the shop's data is nobody else's");
    shop.assert_sound("after a close");

    let again = Shop::request(BackupTrigger::Close, None, "2026-04-27 18:00:00");
    let report = shop.scheduler.run(&again, &shop.host, &NoProgress).unwrap();
    assert_eq!((report.made.len(), report.notes.len()), (0, 2), "{report:?}");
    let later = Shop::request(BackupTrigger::Start, None, "2026-04-28 09:00:00");
    let report = shop.scheduler.run(&later, &shop.host, &NoProgress).unwrap();
    assert_eq!(report.made.iter().map(|info| (info.kind, info.number)).collect::<Vec<_>>(), [(BackupKind::Daily, 2)]);
}

#[test]
fn two_in_one_second_have_two_names_in_order() {
    let shop = Shop::new();
    let names: Vec<String> = (0..3).map(|_| shop.daily("2026-04-26 18:00:59").unwrap().name).collect();
    assert_eq!(names[1], "AuraPOS_backup_20260426_180100.db");
    assert!(names.is_sorted());
}

#[test]
fn a_month_of_days_leaves_ten_and_its_weeklies() {
    let shop = Shop::new();
    for day in 1..=30 {
        let request = Shop::request(BackupTrigger::Start, None, &format!("2026-04-{day:02} 09:{day:02}:00"));
        shop.scheduler.run(&request, &shop.host, &NoProgress).unwrap();
    }
    let list = shop.scheduler.list().unwrap();
    let count = |kind| list.iter().filter(|info| info.kind == kind).count();
    assert_eq!((count(BackupKind::Daily), count(BackupKind::Weekly)), (10, 5));
    assert!(list.is_sorted_by(|one, other| one.time >= other.time), "newest first");
    shop.assert_sound("after a month");
}

#[test]
fn what_has_no_manifest_is_listed_and_never_deleted() {
    let shop = Shop::new();
    let daily = shop.folder.join("Backups/Daily");
    fs::create_dir_all(&daily).unwrap();
    for day in 1..=20 {
        fs::write(daily.join(format!("AuraPOS_backup_202603{day:02}_180000.db")), "from somewhere").unwrap();
    }
    fs::write(daily.join("notes.txt"), "mine").unwrap();
    for day in 1..=15 {
        shop.daily(&format!("2026-04-{day:02} 09:00:00")).unwrap();
    }
    let list = shop.scheduler.list().unwrap();
    let foreign: Vec<_> = list.iter().filter(|info| info.state == BackupState::Unchecked).collect();
    assert_eq!(foreign.len(), 20);
    assert_eq!(foreign[0].time, at("2026-03-20 18:00:00"));
    assert_eq!(shop.verified().len(), 10);
    assert!(daily.join("notes.txt").exists());
}

#[test]
fn registers_in_one_folder_don_t_touch_each_other_s() {
    let shop = Shop::new();
    let mut other = Shop::at(&shop.folder);
    other.host.register = "R2";
    for day in 1..=12 {
        shop.daily(&format!("2026-04-{day:02} 09:00:00")).unwrap();
    }
    let made = other.daily("2026-04-13 09:00:00").unwrap();
    assert_eq!(made.number, 1, "a chain of its own");
    for day in 14..=25 {
        other.daily(&format!("2026-04-{day:02} 09:00:00")).unwrap();
    }
    assert_eq!(shop.scheduler.list().unwrap().len(), 20);
    let request = Shop::request(BackupTrigger::Close, Some(BackupKind::Daily), "2026-04-25 18:00:00");
    assert_eq!(shop.scheduler.plan(&request, &shop.host).unwrap().due, [BackupKind::Daily]);
    assert_eq!(other.scheduler.plan(&request, &other.host).unwrap().due, []);
}

#[test]
fn too_little_room_keeps_everything_and_says_so() {
    let mut shop = Shop::new();
    for day in 1..=12 {
        shop.daily(&format!("2026-04-{day:02} 09:00:00")).unwrap();
    }
    let before = shop.names();
    shop.host.bytes = u64::MAX / 4;
    let error = shop.daily("2026-04-26 18:00:42").unwrap_err();
    assert_eq!(error.code, ErrorCode::DiskFull);
    assert!(error.message.contains("all earlier backups are kept"), "{error}");
    assert_eq!(shop.names(), before);
}

#[test]
fn one_at_a_time() {
    let shop = Shop::new();
    let lease = Lease::take(&shop.folder.join("Backups")).unwrap();
    assert_eq!(shop.daily("2026-04-26 18:00:42").unwrap_err().code, ErrorCode::Busy);
    drop(lease);
    assert!(shop.daily("2026-04-26 18:00:42").is_ok());
}

#[test]
fn a_clock_a_year_ahead_deletes_nothing_then_or_later() {
    let shop = Shop::new();
    for day in 1..=11 {
        shop.daily(&format!("2026-04-{day:02} 09:00:00")).unwrap();
    }
    for hour in 10..=12 {
        shop.daily(&format!("2026-04-11 {hour}:00:00")).unwrap();
    }
    let before = shop.verified();
    shop.daily("2027-04-12 09:00:00").unwrap();
    assert!(before.iter().all(|name| shop.verified().contains(name)), "the jump itself");
    shop.daily("2026-04-12 09:00:00").unwrap();
    assert!(before.iter().all(|name| shop.verified().contains(name)), "after it was set right");
}

#[test]
fn a_copy_on_a_stick_is_whole_and_complete() {
    let shop = Shop::new();
    let name = shop.daily("2026-04-26 18:00:42").unwrap().name;
    let stick = tempfile::tempdir().unwrap();
    let dest = stick.path().to_string_lossy().into_owned();
    let path = shop.scheduler.copy(&name, &dest, &NoProgress).unwrap();
    let info = shop.scheduler.verify(&path, &shop.host, &NoProgress).unwrap();
    assert_eq!((info.state, info.name.as_str()), (BackupState::Verified, name.as_str()));
    assert_eq!(shop.scheduler.copy(&name, &dest, &NoProgress).unwrap_err().code, ErrorCode::BadValue, "overwrites");
    let mine = format!("{dest}/mine.db");
    fs::write(&mine, "mine").unwrap();
    assert_eq!(shop.scheduler.copy(&name, &mine, &NoProgress).unwrap_err().code, ErrorCode::BadValue, "overwrites");
    fs::remove_file(&mine).unwrap();
    // Under another name, its manifest goes along.
    let other = shop.scheduler.copy(&name, &format!("{dest}/april.db"), &NoProgress).unwrap();
    assert_eq!(shop.scheduler.verify(&other, &shop.host, &NoProgress).unwrap().state, BackupState::Verified);
    assert_eq!(fs::read_dir(stick.path()).unwrap().count(), 4);
    let inside = shop.folder.join("Backups/Weekly").to_string_lossy().into_owned();
    fs::create_dir_all(&inside).unwrap();
    assert_eq!(shop.scheduler.copy(&name, &inside, &NoProgress).unwrap_err().code, ErrorCode::BadValue);
    let nowhere = format!("{dest}/no/such/folder/x.db");
    assert_eq!(shop.scheduler.copy(&name, &nowhere, &NoProgress).unwrap_err().code, ErrorCode::NotFound);
}

/// A stick that changes what was written to it.
#[derive(Debug)]
struct BadStick(std::path::PathBuf);

impl Progress for BadStick {
    fn report(&self, _: u64, _: u64, _: &str) {}
    fn cancelled(&self) -> bool {
        for item in fs::read_dir(&self.0).unwrap() {
            let path = item.unwrap().path();
            let mut bytes = fs::read(&path).unwrap();
            if let Some(byte) = bytes.get_mut(100) {
                *byte = b'?';
                fs::write(&path, bytes).unwrap();
            }
        }
        false
    }
}

#[test]
fn a_stick_that_loses_data_is_noticed() {
    let shop = Shop::new();
    let name = shop.daily("2026-04-26 18:00:42").unwrap().name;
    let stick = tempfile::tempdir().unwrap();
    let bad = BadStick(stick.path().to_path_buf());
    let error = shop.scheduler.copy(&name, &stick.path().to_string_lossy(), &bad).unwrap_err();
    assert!(error.message.contains("came back different"), "{error}");
    assert_eq!(fs::read_dir(stick.path()).unwrap().count(), 0, "and nothing stays on it");
}

#[test]
fn a_damaged_backup_is_not_copied() {
    let shop = Shop::new();
    let info = shop.daily("2026-04-26 18:00:42").unwrap();
    let mut bytes = fs::read(&info.path).unwrap();
    bytes[500] ^= 1;
    fs::write(&info.path, bytes).unwrap();
    let stick = tempfile::tempdir().unwrap();
    let error = shop.scheduler.copy(&info.name, &stick.path().to_string_lossy(), &NoProgress).unwrap_err();
    assert_eq!(error.code, ErrorCode::Damaged);
    assert_eq!(fs::read_dir(stick.path()).unwrap().count(), 0);
}

#[test]
fn the_owner_deletes_a_backup_with_its_manifest() {
    let shop = Shop::new();
    let name = shop.daily("2026-04-26 18:00:42").unwrap().name;
    shop.scheduler.delete(&name).unwrap();
    assert_eq!(shop.names(), [""; 0]);
    assert_eq!(shop.scheduler.delete(&name).unwrap_err().code, ErrorCode::NotFound);
    assert_eq!(shop.scheduler.delete("../AuraPOS.db").unwrap_err().code, ErrorCode::NotFound);
}

#[test]
fn an_empty_name_means_no_backup() {
    let shop = Shop::new();
    shop.daily("2026-04-26 18:00:42").unwrap();
    let (before, stick) = (shop.names(), tempfile::tempdir().unwrap());
    for name in ["", " "] {
        let code = |error: crate::contract::PluginError| error.code;
        assert_eq!(shop.scheduler.delete(name).map_err(code), Err(ErrorCode::BadValue));
        let restored = shop.scheduler.restore(name, at("2026-04-26 19:00:00"), &shop.host, &NoProgress);
        assert_eq!(restored.map(|_| ()).map_err(code), Err(ErrorCode::BadValue));
        let verified = shop.scheduler.verify(name, &shop.host, &NoProgress);
        assert_eq!(verified.map(|_| ()).map_err(code), Err(ErrorCode::BadValue));
        let copied = shop.scheduler.copy(name, &stick.path().to_string_lossy(), &NoProgress);
        assert_eq!(copied.map_err(code), Err(ErrorCode::BadValue));
    }
    assert_eq!(shop.names(), before);
    assert_eq!(fs::read_dir(stick.path()).unwrap().count(), 0);
}

#[test]
fn what_has_no_manifest_is_never_called_verified() {
    let shop = Shop::new();
    let made = shop.daily("2026-04-26 18:00:42").unwrap();
    let stick = tempfile::tempdir().unwrap();
    let alone = stick.path().join(&made.name);
    fs::copy(&made.path, &alone).unwrap();
    fs::remove_file(format!("{}.json", made.path)).unwrap();
    for name in [made.name.as_str(), alone.to_str().unwrap()] {
        let info = shop.scheduler.verify(name, &shop.host, &NoProgress).unwrap();
        assert_eq!((info.state, info.sales), (BackupState::Unchecked, 17));
        assert!(info.note.contains("17 sales, 0 differences; no manifest beside it"), "{}", info.note);
    }
    fs::write(&alone, "a shopping list").unwrap();
    let info = shop.scheduler.verify(alone.to_str().unwrap(), &shop.host, &NoProgress).unwrap();
    assert_eq!(info.state, BackupState::Refused, "what is found wrong is still said");
}

#[test]
fn a_failed_series_says_what_was_made_before() {
    let mut shop = Shop::new();
    shop.host.mood = Mood::CheckFinds;
    let request = Shop::request(BackupTrigger::Close, None, "2026-04-26 18:00:42");
    let error = shop.scheduler.run(&request, &shop.host, &NoProgress).unwrap_err();
    assert_eq!(error.code, ErrorCode::Damaged);
    assert!(error.message.contains("sale 12 is not in the journal"), "{error}");
    assert_eq!(
        shop.names(),
        ["Daily/AuraPOS_backup_20260426_180042.db.refused", "Daily/AuraPOS_backup_20260426_180042.db.refused.json"]
    );
    assert_eq!(shop.scheduler.list().unwrap()[0].state, BackupState::Refused);
    // The clock alone waits an hour; a close does not.
    let tick = Shop::request(BackupTrigger::Tick, None, "2026-04-26 18:30:00");
    assert_eq!(shop.scheduler.plan(&tick, &shop.host).unwrap().due, []);
    shop.host.mood = Mood::CheckFails(ErrorCode::Timeout);
    let later = Shop::request(BackupTrigger::Close, None, "2026-04-26 19:10:00");
    assert_eq!(shop.scheduler.run(&later, &shop.host, &NoProgress).unwrap_err().code, ErrorCode::Timeout);
    let tick = Shop::request(BackupTrigger::Tick, None, "2026-04-26 20:00:00");
    assert_eq!(shop.scheduler.plan(&tick, &shop.host).unwrap().due, [], "nor after one that could not be checked");
}

#[test]
fn the_manifest_is_one_and_speaks_four_languages() {
    let manifest = aurapos_plugin_api::manifest::Manifest::parse(include_str!("../../../plugin.toml")).unwrap();
    assert_eq!(manifest.id, "backup-scheduler");
    assert_eq!(manifest.version.to_string(), env!("CARGO_PKG_VERSION"));
    let fields = manifest.fields.iter().flat_map(|field| [&field.label, &field.help]);
    for words in fields.chain([&manifest.name, &manifest.description]) {
        assert!(
            ["en", "fr", "nl", "de"].into_iter().all(|language| words.by_language.contains_key(language)),
            "{words:?}"
        );
    }
}
