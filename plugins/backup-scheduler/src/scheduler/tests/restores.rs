//! Restoring: what is checked, what is kept, and that a failure leaves the present data in use.

use super::support::{Mood, Shop, StopAt, at, data_at};
use crate::contract::backup::{BackupKind, BackupState, RestoredBackup};
use crate::contract::host::NoProgress;
use crate::contract::{BackupScheduler, ErrorCode, PluginResult};
use std::fs;
use std::sync::atomic::AtomicI64;

const NOW: &str = "2026-04-26 19:30:00";

/// A shop with a backup at position 12, that has sold on to 17.
fn shop() -> (Shop, String) {
    let shop = Shop::new();
    fs::write(&shop.host.data, data_at(12, 1)).unwrap();
    let name = shop.daily("2026-04-26 18:00:42").unwrap().name;
    fs::write(&shop.host.data, data_at(17, 1)).unwrap();
    (shop, name)
}

fn restore(shop: &Shop, name: &str) -> PluginResult<RestoredBackup> {
    shop.scheduler.restore(name, at(NOW), &shop.host, &NoProgress)
}

#[test]
fn the_state_before_is_copied_and_kept() {
    let (shop, name) = shop();
    let restored = restore(&shop, &name).unwrap();
    assert_eq!(fs::read(&shop.host.data).unwrap(), data_at(12, 1));
    assert_eq!(restored.restored.state, BackupState::Verified);
    assert_eq!(restored.restored.position, 12);
    assert_eq!(restored.safety.name, "AuraPOS_avant_restauration_20260426_193000.db");
    assert_eq!((restored.safety.kind, restored.safety.state), (BackupKind::Safety, BackupState::Verified));
    assert_eq!(fs::read(&restored.safety.path).unwrap(), data_at(17, 1));
    let previous = shop.folder.join("AuraPOS.previous").display().to_string();
    assert!(restored.notes.iter().any(|note| note.contains(&previous)), "where the old data is: {:?}", restored.notes);
    // And back again, by the safety copy.
    restore(&shop, &restored.safety.name).unwrap();
    assert_eq!(fs::read(&shop.host.data).unwrap(), data_at(17, 1));
}

#[test]
fn a_file_from_another_machine_is_accepted_when_the_host_says_so() {
    let (shop, _) = shop();
    let stick = tempfile::tempdir().unwrap();
    let file = stick.path().join("from the old computer.db");
    fs::write(&file, data_at(40, 2)).unwrap();
    let restored = restore(&shop, file.to_str().unwrap()).unwrap();
    assert_eq!(restored.restored.sales, 40);
    assert!(restored.notes[0].contains("is of the shop"), "{:?}", restored.notes);
    assert_eq!(fs::read(&shop.host.data).unwrap(), data_at(40, 2));
    fs::write(&file, "a shopping list").unwrap();
    let error = restore(&shop, file.to_str().unwrap()).unwrap_err();
    assert_eq!(error.code, ErrorCode::Damaged);
    assert!(error.message.contains("from the old computer.db: this is not a file of AuraPOS"), "{error}");
    assert_eq!(restore(&shop, "/nowhere/at all.db").unwrap_err().code, ErrorCode::NotFound);
    assert_eq!(restore(&shop, "AuraPOS_backup_20200101_000000.db").unwrap_err().code, ErrorCode::NotFound);
    assert_eq!(fs::read(&shop.host.data).unwrap(), data_at(40, 2));
}

#[test]
fn damaged_present_data_does_not_stop_a_restore_and_is_kept() {
    for mood in [Mood::Good, Mood::SourceFails] {
        let (mut shop, name) = shop();
        let mut broken = data_at(17, 1);
        broken[300] ^= 1;
        fs::write(&shop.host.data, &broken).unwrap();
        shop.host.mood = mood;
        let restored = restore(&shop, &name).unwrap();
        assert_eq!(restored.safety.name, "", "nothing could be copied");
        assert!(restored.notes[0].contains("could not be copied"), "{:?}", restored.notes);
        assert_eq!(fs::read(&shop.host.data).unwrap(), data_at(12, 1));
        assert_eq!(fs::read(shop.folder.join("AuraPOS.previous")).unwrap(), broken);
    }
}

#[test]
fn on_a_new_machine_there_is_nothing_to_keep_and_nothing_is_said_of_it() {
    let (mut shop, name) = shop();
    fs::remove_file(&shop.host.data).unwrap();
    shop.host.mood = Mood::NothingHere;
    let restored = restore(&shop, &name).unwrap();
    assert_eq!(fs::read(&shop.host.data).unwrap(), data_at(12, 1));
    assert_eq!((restored.safety.name.as_str(), restored.notes.len()), ("", 1), "{:?}", restored.notes);
}

#[test]
fn no_room_or_a_hung_store_stops_it_before_anything_changed() {
    for code in [ErrorCode::DiskFull, ErrorCode::Busy, ErrorCode::Timeout, ErrorCode::Cancelled] {
        let (mut shop, name) = shop();
        shop.host.mood = Mood::SnapshotFails(code);
        assert_eq!(restore(&shop, &name).unwrap_err().code, code);
        shop.assert_sound_data();
    }
    let (mut shop, name) = shop();
    shop.host.bytes = u64::MAX / 4;
    assert_eq!(restore(&shop, &name).unwrap_err().code, ErrorCode::DiskFull);
    shop.assert_sound_data();
}

#[test]
fn a_swap_that_fails_leaves_the_present_data_and_its_copy() {
    let (mut shop, name) = shop();
    shop.host.mood = Mood::RestoreFails;
    assert_eq!(restore(&shop, &name).unwrap_err().code, ErrorCode::Io);
    shop.assert_sound_data();
    assert!(shop.verified().iter().any(|name| name.starts_with("AuraPOS_avant_restauration_")));
}

#[test]
fn stopped_at_any_question_it_changed_nothing() {
    for question in 0.. {
        let (shop, name) = shop();
        match shop.scheduler.restore(&name, at(NOW), &shop.host, &StopAt(AtomicI64::new(question))) {
            Ok(_) => {
                assert!(question > 5);
                return;
            }
            Err(error) => assert_eq!(error.code, ErrorCode::Cancelled),
        }
        shop.assert_sound_data();
    }
}

impl Shop {
    fn assert_sound_data(&self) {
        assert_eq!(fs::read(&self.host.data).unwrap(), data_at(17, 1), "the data in use");
        assert_eq!(fs::read_dir(&self.folder).unwrap().count(), 2, "the data and the backups, nothing else");
    }
}
