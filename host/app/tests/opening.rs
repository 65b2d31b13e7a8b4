//! Opening the register: ready, no shop, held, damaged, refused.

#![allow(clippy::unwrap_used)]

mod common;

use aurapos_app::sample;
use aurapos_runtime::{OpenOptions, Register};
use aurapos_ui::host::{Host, Opening, Rescue, RescueKind};
use common::{Shop, ask, host, names, open, options, programs, ready, scratch};
use std::fs;
use std::path::Path;

fn refused(folder: &Path) -> Rescue {
    match open(&host(folder)) {
        Opening::Refused(rescue) => *rescue,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_shop_opens_with_its_facts_and_again() {
    let shop = Shop::sample(0);
    assert_eq!((shop.facts.shop_name.as_str(), shop.facts.register.as_str()), (sample::SHOP, "R1"));
    assert_eq!((shop.facts.country.as_str(), shop.facts.language.as_str()), ("BE", "fr"));
    assert!(shop.facts.storage.starts_with("SQLite"), "{:?}", shop.facts);
    assert!(shop.facts.refused.is_empty() && shop.facts.new_incarnation.is_empty() && !shop.facts.safe_mode);
    assert_eq!(ready(&shop.host), shop.facts, "asked again, it is still open");
    assert_eq!(shop.host.about().storage, shop.facts.storage);
    shop.host.end();
    let again = host(&shop.folder());
    assert_eq!(ready(&again).shop_name, sample::SHOP);
}

#[test]
fn a_folder_without_a_shop_asks_for_the_wizard_and_stays_as_it_is() {
    let place = scratch();
    assert_eq!(open(&host(&place.path().join("new"))), Opening::NoShop);
    assert_eq!(open(&host(place.path())), Opening::NoShop);
    assert!(names(place.path()).is_empty());
}

#[test]
fn a_register_that_another_program_has_says_who() {
    let shop = Shop::sample(0);
    shop.host.end();
    let mut other = OpenOptions::new(options(&shop.folder()).folder, "aurapos-admin");
    other.programs = Some(programs());
    let other = Register::open(&other).unwrap();
    let rescue = refused(&shop.folder());
    assert_eq!((rescue.kind, rescue.trouble.code.as_str()), (RescueKind::Held, "AP-0103"));
    assert!(rescue.trouble.message.contains("aurapos-admin, process"), "{rescue:?}");
    other.close();
    ready(&host(&shop.folder()));
}

#[test]
fn data_that_is_damaged_or_gone_is_rescued_from_a_backup() {
    let shop = Shop::sample(0);
    shop.host.end();
    let database = shop.folder().join("AuraPOS.db");
    let good = fs::read(&database).unwrap();
    let mut bad = good.clone();
    bad[..512].fill(0x5A);
    fs::write(&database, &bad).unwrap();
    let rescue = refused(&shop.folder());
    assert_eq!(rescue.kind, RescueKind::Data, "{rescue:?}");
    assert_eq!(rescue.database, database.display().to_string());
    assert!(rescue.backups.ends_with("Backups") && !rescue.trouble.next.is_empty());
    fs::remove_file(&database).unwrap();
    let rescue = refused(&shop.folder());
    assert_eq!((rescue.kind, rescue.trouble.code.as_str()), (RescueKind::Data, "AP-0106"));
    assert!(!database.exists(), "no empty one is made in its place");
}

#[test]
fn a_storage_that_is_refused_and_settings_that_are_wrong_say_so() {
    let shop = Shop::sample(0);
    shop.host.end();
    let file = shop.folder().join("aurapos.toml");
    let good = fs::read_to_string(&file).unwrap();
    fs::write(&file, good.replace("use = \"sqlite\"", "use = \"acme-store\"")).unwrap();
    let rescue = refused(&shop.folder());
    assert_eq!(rescue.kind, RescueKind::Storage, "{rescue:?}");
    assert!(rescue.trouble.code.starts_with("P-"), "{rescue:?}");
    fs::write(&file, "[storage\n").unwrap();
    let rescue = refused(&shop.folder());
    assert_eq!((rescue.kind, rescue.trouble.code.as_str()), (RescueKind::Settings, "AP-0203"));
    fs::write(&file, good).unwrap();
    ready(&host(&shop.folder()));
}

#[test]
fn what_a_killed_set_up_left_goes_and_the_wizard_comes_again() {
    let place = scratch();
    let stage = place.path().join(".setup");
    fs::create_dir(&stage).unwrap();
    fs::write(stage.join("AuraPOS.db"), "half of a shop").unwrap();
    assert_eq!(open(&host(place.path())), Opening::NoShop);
    assert!(names(place.path()).is_empty());
}

#[test]
fn reads_without_a_register_are_dropped_and_commands_refused() {
    let place = scratch();
    let host = host(place.path());
    let (sender, read) = std::sync::mpsc::channel::<()>();
    host.read(None, aurapos_ui::host::Topic::Search, Box::new(move |_| drop(sender)));
    assert!(read.recv().is_err());
    let refused = ask(|answer| host.submit(None, aurapos_runtime::engine::Command::DrawerStatus, answer));
    assert_eq!(refused.unwrap_err().code, "AP-1001");
}

#[test]
fn data_that_was_lost_is_told_until_it_is_ticked_off() {
    let shop = Shop::sample(1);
    assert_eq!(shop.facts.lost_after, "");
    shop.host.end();
    let database = shop.folder().join("AuraPOS.db");
    let early = fs::read(&database).unwrap();
    let later = host(&shop.folder());
    ready(&later);
    let mia = common::manager(&later);
    assert!(mia.is_some(), "signing in is an entry of the journal");
    later.end();
    fs::write(&database, early).unwrap();
    for _ in 0..2 {
        let again = host(&shop.folder());
        assert_eq!(ready(&again).lost_after, "R1-1-000001", "also when it is opened again");
        again.end();
    }
}
