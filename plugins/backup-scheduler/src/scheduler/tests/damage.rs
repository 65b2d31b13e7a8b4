//! Damaged backups: flipped, cut, grown, renamed, swapped, another application's. Each is refused by name, by `verify` and
//! by `restore`, and the data in use stays.

use super::support::{Mood, Shop, at, data_at};
use crate::contract::backup::{BackupInfo, BackupState};
use crate::contract::host::NoProgress;
use crate::contract::{BackupScheduler, ErrorCode};
use std::fs;
use std::path::{Path, PathBuf};

/// A shop with three dailies of different content.
fn shop() -> (Shop, Vec<BackupInfo>) {
    let mut shop = Shop::new();
    let made = (1..=3)
        .map(|day| {
            fs::write(&shop.host.data, data_at(16 + day, 1)).unwrap();
            shop.daily(&format!("2026-04-2{day} 18:00:00")).unwrap()
        })
        .collect();
    fs::write(&shop.host.data, data_at(17, 1)).unwrap();
    shop.host.mood = Mood::Good;
    (shop, made)
}

fn manifest(info: &BackupInfo) -> PathBuf {
    PathBuf::from(format!("{}.json", info.path))
}

/// Damages a fresh shop's newest backup and checks that it is refused with these words, by name.
fn check(words: &str, damage: impl Fn(&[BackupInfo])) {
    let (shop, made) = shop();
    damage(&made);
    let name = &made[2].name;
    let info = shop.scheduler.verify(name, &shop.host, &NoProgress).unwrap();
    assert_eq!(info.state, BackupState::Refused, "{words}: {}", info.note);
    assert!(info.note.contains(words) && info.note.contains(name), "{words}: {}", info.note);
    let error = shop.scheduler.restore(name, at("2026-04-26 18:00:00"), &shop.host, &NoProgress).unwrap_err();
    assert_eq!(error.code, ErrorCode::Damaged, "{words}");
    assert!(error.message.contains(name), "{words}: {error}");
    assert_eq!(fs::read(&shop.host.data).unwrap(), data_at(17, 1), "{words}: the data in use");
    assert!(!shop.names().iter().any(|name| name.contains("avant")), "{words}: nothing is begun");
    let listed = shop.scheduler.list().unwrap().into_iter().find(|info| info.name == *name).unwrap();
    // Without a manifest there is nowhere to remember it: it stays unchecked.
    let remembered = if manifest(&made[2]).exists() { BackupState::Refused } else { BackupState::Unchecked };
    assert_eq!(listed.state, remembered, "{words}: the list knows it from now on");
}

fn edit(path: &Path, change: impl Fn(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

#[test]
fn every_kind_of_damage_is_refused_by_name() {
    let file = |made: &[BackupInfo]| PathBuf::from(&made[2].path);
    for at in [0, 4, 70, 5000, usize::MAX] {
        check("was changed", |made| {
            edit(&file(made), |bytes| {
                let at = at.min(bytes.len() - 1);
                bytes[at] ^= 0x10;
            });
        });
    }
    check("is cut: 0 of", |made| edit(&file(made), Vec::clear));
    check("is cut: 4096 of", |made| edit(&file(made), |bytes| bytes.truncate(4096)));
    check("is cut", |made| edit(&file(made), |bytes| bytes.truncate(bytes.len() - 1)));
    check("has 1 bytes too many", |made| edit(&file(made), |bytes| bytes.push(0)));
    check("was changed", |made| edit(&file(made), |bytes| bytes.fill(0)));
    check("was swapped: it holds the backup AuraPOS_backup_20260421_180000.db", |made| {
        fs::copy(&made[0].path, &made[2].path).unwrap();
    });
    check("was renamed: its manifest is of AuraPOS_backup_20260421_180000.db", |made| {
        fs::rename(&made[0].path, &made[2].path).unwrap();
        fs::rename(manifest(&made[0]), manifest(&made[2])).unwrap();
    });
    check("is missing", |made| fs::remove_file(&made[2].path).unwrap());
    check("manifest", |made| edit(&manifest(&made[2]), |bytes| bytes.truncate(100)));
    check("manifest was changed", |made| {
        edit(&manifest(&made[2]), |bytes| {
            let text = String::from_utf8(bytes.clone()).unwrap();
            *bytes = text.replacen("\"number\": 3", "\"number\": 4", 1).into_bytes();
        });
    });
    check("the series is broken", |made| {
        // The backup before it is replaced by one that was made for another series of the same shop.
        let (_other, others) = shop();
        let changed = crate::shelf::read_manifest(Path::new(&others[1].path)).unwrap().unwrap();
        let mut record = changed.record().clone();
        record.program = "another".to_owned();
        let forged = crate::manifest::Manifest::new(record).with_check(changed.check().clone());
        fs::write(manifest(&made[1]), forged.to_bytes()).unwrap();
    });
    check("this is not a file of AuraPOS", |made| {
        fs::remove_file(manifest(&made[2])).unwrap();
        fs::write(&made[2].path, "SQLite format 3\0 of somebody else").unwrap();
    });
    check("the data is damaged", |made| {
        fs::remove_file(manifest(&made[2])).unwrap();
        edit(&file(made), |bytes| bytes[5000] ^= 1);
    });
}

/// Some three thousand damaged files: a bit flipped at every thirteenth byte, the file cut there, each with and without
/// its manifest. None passes.
#[test]
fn no_flip_and_no_cut_passes() {
    let (shop, made) = shop();
    let whole = fs::read(&made[2].path).unwrap();
    assert!(whole.len() > 9000);
    let outside = tempfile::tempdir().unwrap();
    let alone = outside.path().join("found on a stick.db");
    for at in (0..whole.len()).step_by(13) {
        let mut flipped = whole.clone();
        flipped[at] ^= 1 << (at % 8);
        for bytes in [&flipped[..], &whole[..at]] {
            fs::write(&made[2].path, bytes).unwrap();
            fs::write(&alone, bytes).unwrap();
            for name in [made[2].name.as_str(), alone.to_str().unwrap()] {
                let info = shop.scheduler.verify(name, &shop.host, &NoProgress).unwrap();
                assert_eq!(info.state, BackupState::Refused, "{name} at {at}");
            }
        }
    }
    fs::write(&made[2].path, &whole).unwrap();
    let info = shop.scheduler.verify(&made[2].name, &shop.host, &NoProgress).unwrap();
    assert_eq!(info.state, BackupState::Verified, "put right again: {}", info.note);
}

#[test]
fn a_check_that_could_not_be_made_is_no_verdict() {
    let (mut shop, made) = shop();
    for code in [ErrorCode::Timeout, ErrorCode::Busy, ErrorCode::Cancelled, ErrorCode::Panic] {
        shop.host.mood = Mood::CheckFails(code);
        assert_eq!(shop.scheduler.verify(&made[2].name, &shop.host, &NoProgress).unwrap_err().code, code);
    }
    assert_eq!(shop.verified().len(), 3);
}

#[test]
fn a_sound_shop_at_another_commit_is_not_this_backup() {
    let (mut shop, made) = shop();
    shop.host.mood = Mood::CheckSeesOlderCommit;
    let info = shop.scheduler.verify(&made[2].name, &shop.host, &NoProgress).unwrap();
    assert_eq!(info.state, BackupState::Refused);
    assert!(info.note.contains("it ends at commit 18, its manifest says 19"), "{}", info.note);
}

#[test]
fn the_host_s_verdict_counts_although_every_byte_is_right() {
    let (mut shop, made) = shop();
    shop.host.mood = Mood::CheckFinds;
    let info = shop.scheduler.verify(&made[2].name, &shop.host, &NoProgress).unwrap();
    assert_eq!(info.state, BackupState::Refused);
    assert!(info.note.contains("sale 12 is not in the journal"), "{}", info.note);
    assert_eq!(shop.verified().len(), 2, "and it is remembered");
}
