//! Backups, restores and copies of a register, through the built programs: the same shop, never the same number twice.
#![allow(clippy::unwrap_used)]

use aurapos_tests::books::{Sums, must_agree, number, sql};
use aurapos_tests::customers::Customers;
use aurapos_tests::shop::{Shop, copy_folder, one_document};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Makes a backup and gives its row.
fn back_up(shop: &Shop) -> Value {
    let made = shop.ok(&["backup", "now"]);
    let one = made["backups"][0].clone();
    assert_eq!((&one["verified"], &one["state"]), (&json!(true), &json!("verified")), "{one}");
    one
}

fn path_of(backup: &Value) -> PathBuf {
    PathBuf::from(backup["path"].as_str().unwrap())
}

/// Register, incarnation, counter of a receipt number.
fn parts(sale: &Value) -> (String, String, u64) {
    let number = sale["receipt_no"].as_str().unwrap();
    let [register, incarnation, counter]: [&str; 3] = number.split('-').collect::<Vec<_>>().try_into().unwrap();
    (register.to_owned(), incarnation.to_owned(), counter.parse().unwrap())
}

/// The next sale is the first one of a new incarnation of the same register; gives its code.
fn first_of_a_new_incarnation(shop: &Shop, known: &[&str]) -> String {
    let (register, incarnation, counter) = parts(&shop.sell(&["EAU-001"]));
    assert_eq!((register.as_str(), counter), ("R1", 1));
    assert!(!known.contains(&incarnation.as_str()), "{incarnation} was used before: {known:?}");
    assert!(
        incarnation.len() == 4
            && incarnation.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit())
    );
    must_agree(&shop.database());
    shop.verify();
    incarnation
}

/// Every number that was ever given, over all databases that live on.
fn numbers_differ(shops: &[&Shop], lost: &[Value]) {
    let text = |sale: &Value, key: &str| sale[key].as_str().unwrap().to_owned();
    let mut given: BTreeSet<String> =
        lost.iter().map(|sale| text(sale, "sale_id").replace('-', "").to_uppercase()).collect();
    let mut numbers: BTreeSet<String> = lost.iter().map(|sale| text(sale, "receipt_no")).collect();
    for shop in shops {
        for row in sql(&shop.database(), "SELECT receipt_no AS no, hex(id) AS id FROM sale") {
            let id = row["id"].as_str().unwrap();
            let fresh = given.insert(id.to_owned());
            let number = row["no"].as_str().unwrap();
            assert_eq!(numbers.insert(number.to_owned()), fresh, "{number} was given twice");
        }
    }
}

#[test]
fn a_backup_is_the_shop_and_opens_in_sqlite3() {
    let shop = Shop::open();
    let answers = shop.sell_all(&Customers::new(3, 0).sales(40));
    let backup = back_up(&shop);
    assert_eq!(backup["sales"], json!(40));
    let file = path_of(&backup);
    assert_eq!(file.parent().unwrap(), shop.data.join("Backups/Daily"));
    let name = file.file_name().unwrap().to_str().unwrap();
    let stamp = name.strip_prefix("AuraPOS_backup_").unwrap().strip_suffix(".db").unwrap();
    let (day, time) = stamp.split_once('_').unwrap();
    assert!(day.len() == 8 && time.len() == 6 && day.parse::<u32>().is_ok() && time.parse::<u32>().is_ok(), "{name}");
    assert_eq!(fs::metadata(&file).unwrap().len(), backup["bytes"].as_u64().unwrap());

    // Alone, as on a stick: nothing beside it is needed.
    let stick = tempfile::tempdir().unwrap();
    let alone = stick.path().join("alone.db");
    fs::copy(&file, &alone).unwrap();
    assert_eq!(Sums::in_database(&alone), Sums::told(&answers));
    must_agree(&alone);

    shop.sell(&["EAU-001"]);
    assert_eq!(number(&file, "SELECT count(*) FROM sale"), 40, "a copy stands still");
    let verified = shop.ok(&["backup", "verify", name]);
    assert_eq!(verified["backups"][0]["verified"], json!(true));
    let copied = shop.ok(&["backup", "copy", name, stick.path().to_str().unwrap()]);
    assert_eq!(fs::read(copied["path"].as_str().unwrap()).unwrap(), fs::read(&file).unwrap());
    let weekly = shop.ok(&["backup", "now", "--kind", "weekly"]);
    assert_eq!(path_of(&weekly["backups"][0]).parent().unwrap(), shop.data.join("Backups/Weekly"));
    assert_eq!(shop.ok(&["backup", "list"])["backups"].as_array().unwrap().len(), 2);
}

#[test]
fn a_restore_brings_the_shop_back_in_a_new_incarnation() {
    let shop = Shop::open();
    let mut customers = Customers::new(4, 0);
    let kept = shop.sell_all(&customers.sales(20));
    let backup = back_up(&shop);
    let lost = shop.sell_all(&customers.sales(10));
    assert_eq!(parts(&lost[9]), ("R1".into(), "1".into(), 30), "a backup opens no new incarnation");
    let identity = shop.ok(&["status"]);

    let name = backup["name"].as_str().unwrap();
    let restored = shop.ok(&["backup", "restore", name, "--yes"]);
    assert_eq!(restored["restored"]["name"], backup["name"]);
    let safety = path_of(&restored["safety"]);
    assert!(safety.file_name().unwrap().to_str().unwrap().starts_with("AuraPOS_avant_restauration_"), "{safety:?}");
    assert_eq!(Sums::in_database(&safety), Sums::told(kept.iter().chain(&lost)), "what was there is kept aside");
    must_agree(&safety);

    let after = shop.ok(&["status"]);
    for same in ["shop", "shop_id", "register"] {
        assert_eq!(after[same], identity[same], "the same shop");
    }
    assert_eq!(Sums::in_database(&shop.database()), Sums::told(&kept));
    let second = first_of_a_new_incarnation(&shop, &["1"]);
    assert_eq!(restored["incarnation"], json!(second));
    numbers_differ(&[&shop], &lost);

    // Undone by restoring the safety copy: a third life, and still no number twice.
    let undone = shop.ok(&["backup", "restore", safety.to_str().unwrap(), "--yes"]);
    assert_eq!(undone["restored"]["sales"], json!(30));
    let third = first_of_a_new_incarnation(&shop, &["1", &second]);
    // The same backup once more: the fourth life does not take the name of the second.
    shop.ok(&["backup", "restore", name, "--yes"]);
    first_of_a_new_incarnation(&shop, &["1", &second, &third]);
    assert_eq!(sql(&shop.database(), "SELECT id FROM incarnation").len(), 2, "1, and the life after the restore");
}

/// A shop whose register is not the one that `init` names by itself, with a backup on a stick, without its manifest.
fn on_a_stick(stick: &Path) -> (Shop, PathBuf) {
    let shop = Shop::nowhere();
    let init = ["init", "--shop", "Coin", "--register", "R7", "--manager", "Mia", "--pin", "4711"];
    shop.ok(&[&init[..], &["--sample-data"]].concat());
    shop.ok(&["drawer", "open", "--operator", "Mia", "--pin", "4711", "--float", "100.00"]);
    shop.sell(&["EAU-001"]);
    let alone = stick.join("from the old computer.db");
    fs::copy(path_of(&back_up(&shop)), &alone).unwrap();
    (shop, alone)
}

/// The restored register goes on as itself in a new life.
fn lives_on_as_r7(machine: &Shop, old: &Shop) {
    let (now, before) = (machine.ok(&["status"]), old.ok(&["status"]));
    assert_eq!((&now["shop_id"], &now["register"]), (&before["shop_id"], &json!("R7")));
    let (register, incarnation, counter) = parts(&machine.sell(&["EAU-001"]));
    assert_eq!((register.as_str(), counter), ("R7", 1));
    assert_ne!(incarnation, "1");
    machine.verify();
}

#[test]
fn an_empty_data_folder_takes_a_backup() {
    let stick = tempfile::tempdir().unwrap();
    let (shop, alone) = on_a_stick(stick.path());
    let unchecked = &shop.found_bad(&["backup", "verify", alone.to_str().unwrap()])["backups"][0];
    assert_eq!((&unchecked["state"], &unchecked["sales"]), (&json!("unchecked"), &json!(1)), "{unchecked}");
    let machine = Shop::nowhere();
    let refusal = machine.refused(&["status"]);
    assert!(refusal.code == "AP-1001" && refusal.says("init") && refusal.says("backup restore"), "{refusal:?}");
    let checks = machine.found_bad(&["doctor"]);
    for check in checks["checks"].as_array().unwrap().iter().filter(|check| check["ok"] == json!(false)) {
        assert!(check["next"].as_str().unwrap().contains("init"), "{check}");
    }
    let list = stick.path().join("list.db");
    fs::write(&list, "bread, butter").unwrap();
    machine.refused(&["backup", "restore", list.to_str().unwrap(), "--yes"]);
    assert_eq!(machine.refused(&["status"]).code, "AP-1001", "what was refused left no half of a register");
    let restored = machine.ok(&["backup", "restore", alone.to_str().unwrap(), "--yes"]);
    assert_eq!(restored["safety"], Value::Null);
    let settings = fs::read_to_string(machine.data.join("aurapos.toml")).unwrap();
    assert!(settings.contains("code = \"R7\""), "{settings}");
    lives_on_as_r7(&machine, &shop);
}

#[test]
fn a_machine_that_was_set_up_under_another_code_takes_the_backup_s() {
    let stick = tempfile::tempdir().unwrap();
    let (shop, alone) = on_a_stick(stick.path());
    let machine = Shop::nowhere();
    machine.ok(&["init", "--shop", "New", "--manager", "Ben", "--pin", "2580"]);
    machine.ok(&["backup", "restore", alone.to_str().unwrap(), "--yes"]);
    lives_on_as_r7(&machine, &shop);
    // The owner's own hand is not believed about it.
    let file = machine.data.join("aurapos.toml");
    let settings = fs::read_to_string(&file).unwrap();
    fs::write(&file, settings.replace("\"R7\"", "\"R8\"")).unwrap();
    let sale = ["sell", "--operator", "Mia", "--pin", "4711", "--item", "EAU-001", "--tender", "cash"];
    for args in [&sale[..], &["status"]] {
        let refusal = machine.refused(args);
        assert!(refusal.code == "AP-0107" && refusal.says("R8") && refusal.says("code = \"R7\""), "{refusal:?}");
    }
    fs::write(&file, settings).unwrap();
    assert_eq!(parts(&machine.sell(&["EAU-001"])).2, 2, "the same life goes on");
}

#[test]
fn settings_alone_are_no_shop() {
    let shop = Shop::nowhere();
    fs::create_dir_all(&shop.data).unwrap();
    shop.ok(&["settings", "write-default"]);
    let refusal = shop.refused(&["status"]);
    assert!(refusal.code == "AP-1001" && refusal.says("init"), "{refusal:?}");
    // What a killed `init` leaves: a database without a shop, a token of no register.
    fs::write(shop.data.join("register.token"), "half").unwrap();
    shop.ok(&["init", "--shop", "New", "--register", "R2", "--manager", "Ben", "--pin", "2580"]);
    assert_eq!(shop.ok(&["status"])["register"], json!("R2"));
}

#[test]
fn a_new_machine_gets_all_data_from_a_stick() {
    let shop = Shop::open();
    let answers = shop.sell_all(&Customers::new(5, 0).sales(25));
    let backup = path_of(&back_up(&shop));
    let lost = shop.sell(&["EAU-001"]);

    // With a shop set up by the wizard first, and from the file alone, without its manifest.
    let machine = Shop::nowhere();
    machine.ok(&["init", "--shop", "New", "--manager", "Ben", "--pin", "2580"]);
    let stick = tempfile::tempdir().unwrap();
    let alone = stick.path().join(backup.file_name().unwrap());
    fs::copy(&backup, &alone).unwrap();
    machine.ok(&["backup", "restore", alone.to_str().unwrap(), "--yes"]);
    assert_eq!(machine.ok(&["status"])["shop_id"], shop.ok(&["status"])["shop_id"]);
    assert_eq!(Sums::in_database(&machine.database()), Sums::told(&answers));
    first_of_a_new_incarnation(&machine, &["1"]);
    numbers_differ(&[&shop, &machine], &[lost]);
}

#[test]
fn a_database_put_back_by_hand_opens_a_new_incarnation() {
    let shop = Shop::open();
    shop.sell(&["EAU-001"]);
    let aside = shop.data.with_file_name("aside.db");
    fs::copy(shop.database(), &aside).unwrap();
    let lost = shop.sell(&["EAU-001"]);
    assert_eq!(parts(&lost), ("R1".into(), "1".into(), 2));
    // Written over in place: the same file to the disk, an older content. Then swapped in by a rename.
    fs::copy(&aside, shop.database()).unwrap();
    let second = first_of_a_new_incarnation(&shop, &["1"]);
    let third_lost = shop.sell(&["EAU-001"]);
    fs::rename(&aside, shop.database()).unwrap();
    first_of_a_new_incarnation(&shop, &["1", &second]);
    numbers_differ(&[&shop], &[lost, third_lost]);
}

#[test]
fn a_database_copied_while_it_is_open_opens_a_new_incarnation() {
    let shop = Shop::open();
    let mut script = shop.script();
    let mut customers = Customers::new(6, 0);
    script.send(&customers.sale());
    script.answer();
    let aside = shop.data.with_file_name("aside");
    copy_folder(&shop.data, &aside);
    let sold: Vec<Value> = (0..3)
        .map(|_| {
            script.send(&customers.sale());
            script.answer()
        })
        .collect();
    script.finish();
    // Back over the folder that went on, file by file, without the token.
    for name in ["AuraPOS.db", "AuraPOS.db-wal"] {
        fs::copy(aside.join(name), shop.data.join(name)).unwrap();
    }
    // The index of the log belongs to the log that is gone; it need not be there.
    let _ = fs::remove_file(shop.data.join("AuraPOS.db-shm"));
    first_of_a_new_incarnation(&shop, &["1"]);
    numbers_differ(&[&shop], &sold);
}

#[test]
fn a_copied_folder_is_another_life_and_a_moved_one_is_not() {
    let shop = Shop::open();
    shop.sell(&["EAU-001"]);
    let twin = Shop::at(&shop.data.with_file_name("twin"));
    copy_folder(&shop.data, &twin.data);
    let second = first_of_a_new_incarnation(&twin, &["1"]);
    assert_eq!(parts(&shop.sell(&["EAU-001"])), ("R1".into(), "1".into(), 2), "the original goes on");
    numbers_differ(&[&shop, &twin], &[]);
    let moved = Shop::at(&shop.data.with_file_name("moved"));
    fs::rename(&twin.data, &moved.data).unwrap();
    assert_eq!(parts(&moved.sell(&["EAU-001"])), ("R1".into(), second, 2), "a moved folder is the same life");
}

#[test]
fn a_folder_put_back_over_itself_opens_a_new_incarnation() {
    let shop = Shop::open();
    shop.sell(&["EAU-001"]);
    let aside = shop.data.with_file_name("aside");
    copy_folder(&shop.data, &aside);
    let lost = shop.sell(&["EAU-001"]);
    // Database and token, both as they were, written into the files that are there now.
    copy_folder(&aside, &shop.data);
    first_of_a_new_incarnation(&shop, &["1"]);
    numbers_differ(&[&shop], &[lost]);
}

#[test]
fn a_lost_token_is_a_new_incarnation_and_a_lost_database_is_told() {
    let shop = Shop::open();
    shop.sell(&["EAU-001"]);
    let name = back_up(&shop)["name"].as_str().unwrap().to_owned();
    fs::remove_file(shop.data.join("register.token")).unwrap();
    let second = first_of_a_new_incarnation(&shop, &["1"]);
    fs::remove_file(shop.database()).unwrap();
    for beside in ["AuraPOS.db-wal", "AuraPOS.db-shm"] {
        // They need not be there.
        let _ = fs::remove_file(shop.data.join(beside));
    }
    let sale = ["sell", "--operator", "Mia", "--pin", "4711", "--item", "EAU-001", "--tender", "cash"];
    for args in [&sale[..], &["status"], &["journal", "verify"], &["backup", "now"]] {
        let refusal = shop.refused(args);
        assert!(refusal.code == "AP-0106" && refusal.says("backup restore"), "{args:?}: {refusal:?}");
        assert!(!shop.database().exists(), "nothing empty is put in its place");
    }
    shop.ok(&["backup", "restore", &name, "--yes"]);
    first_of_a_new_incarnation(&shop, &["1", &second]);
}

#[test]
fn the_daily_and_weekly_rules_run_by_the_given_clock() {
    let shop = Shop::open();
    shop.sell(&["EAU-001"]);
    let run = |trigger: &str, now: &str| shop.ok(&["backup", "run", "--trigger", trigger, "--now", now]);
    let made = |report: &Value| {
        let list = report["backups"].as_array().unwrap();
        list.iter().map(|one| one["kind"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>()
    };
    let both: BTreeSet<String> = ["daily", "weekly"].map(str::to_owned).into();
    assert_eq!(made(&run("close", "2026-11-23T18:00:00")), both, "the first of each");
    assert_eq!(made(&run("tick", "2026-11-24T17:00:00")), BTreeSet::new(), "less than a day later");
    shop.sell(&["EAU-001"]);
    assert_eq!(made(&run("close", "2026-11-23T18:59:00")), BTreeSet::new(), "closed within the hour");
    let daily: BTreeSet<String> = ["daily".to_owned()].into();
    assert_eq!(made(&run("close", "2026-11-24T17:00:00")), daily, "what was sold since is covered");
    assert_eq!(made(&run("tick", "2026-11-25T17:00:01")), daily, "more than a day later");
    assert_eq!(made(&run("close", "2026-11-30T18:31:00")), both, "the newest weekly is seven days old");
    assert!(folder(&shop.data.join("Backups/Daily")).contains("AuraPOS_backup_20261124_170000.db"));
}

/// The alarm is there as long as the newest backup is one that did not pass, and gone with the next good one.
#[test]
fn a_backup_that_does_not_pass_is_an_alarm_until_there_is_a_good_one() {
    let shop = Shop::open();
    let alarms = || shop.ok(&["status"])["backup_alarms"].as_array().unwrap().clone();
    let doctor = || {
        let checks = one_document(&shop.run(&["doctor"]).out)["checks"].as_array().unwrap().clone();
        checks.into_iter().find(|check| check["name"] == "backup").unwrap()
    };
    let made = back_up(&shop);
    assert!(alarms().is_empty() && doctor()["ok"] == true, "{:?}", doctor());
    let path = path_of(&made);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 64].iter_mut().for_each(|byte| *byte ^= 0x55);
    fs::write(&path, bytes).unwrap();
    shop.run(&["backup", "verify", made["name"].as_str().unwrap()]);
    let told = alarms();
    assert!(told.iter().any(|one| one["code"] == "not-passed"), "{told:?}");
    let check = doctor();
    assert!(check["ok"] == false && check["next"].as_str().unwrap().contains("backup now"), "{check}");
    assert!(check["next"].as_str().unwrap().contains("--data"), "it can be typed as it stands: {check}");
    // One of the next second: a name is a second long.
    back_up(&shop);
    assert!(alarms().is_empty() && doctor()["ok"] == true, "{:?}", alarms());
}

fn folder(path: &Path) -> BTreeSet<String> {
    fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().to_str().unwrap().to_owned()).collect()
}

/// Each backup stands in the journal; the report says what became of it, and a time without one.
#[test]
fn an_inspector_reads_what_became_of_every_backup() {
    let shop = Shop::open();
    shop.sell(&["BOUL-001"]);
    let kept = shop.ok(&["backup", "now", "--kind", "weekly"])["backups"][0].clone();
    // Of four dailies of one day the plan lets the first one go.
    let (pruned, gone, lost, changed) = (back_up(&shop), back_up(&shop), back_up(&shop), back_up(&shop));
    let name = |backup: &Value| backup["name"].as_str().unwrap().to_owned();
    // A program that has the register open does not stop whoever only looks.
    let script = shop.script();
    let plan = shop.ok(&["backup", "plan"]);
    assert_eq!(plan["due"], json!([]), "{plan}");
    let later = shop.ok(&["backup", "plan", "--now", "2200-01-01T00:00"]);
    assert!(later["retention"].to_string().contains("the clock looks wrong"), "{later}");
    script.finish();
    shop.ok(&["backup", "delete", &name(&gone), "--yes"]);
    fs::remove_file(path_of(&lost)).unwrap();
    fs::copy(path_of(&kept), path_of(&changed)).unwrap();
    fs::copy(path_of(&kept).with_extension("db.json"), path_of(&changed).with_extension("db.json")).unwrap();
    let place = shop.data.parent().unwrap();
    let (page, table) = (place.join("proof.html"), place.join("proof.csv"));
    let told = shop.ok(&["backup", "proof", table.to_str().unwrap()]);
    assert_eq!((&told["rows"], &told["journal_ok"], &told["gaps"]), (&json!(5), &json!(true), &json!(0)), "{told}");
    let text = fs::read_to_string(&table).unwrap();
    let row = |backup: &Value| {
        let found = text.lines().find(|line| line.split(',').nth(1) == Some(&name(backup)));
        found.unwrap_or_else(|| panic!("{backup}: {text}")).to_owned()
    };
    assert!(row(&kept).contains(",verified,") && row(&kept).contains(kept["sha256"].as_str().unwrap()), "{text}");
    assert!(row(&gone).contains(",deleted,") && row(&gone).contains("owner's word"), "{text}");
    assert!(row(&pruned).contains(",deleted,") && row(&pruned).contains("of the same day"), "{text}");
    assert!(row(&lost).contains(",missing,"), "{text}");
    assert!(row(&changed).contains(",changed,"), "{text}");
    assert_eq!(told["missing"], json!(2), "{told}");
    // The entry is the journal's own.
    let cells: Vec<String> = row(&kept).split(',').map(str::to_owned).collect();
    let hash = format!("SELECT lower(hex(hash)) AS hash FROM journal WHERE kind = 3 AND seq = {}", cells[7]);
    assert_eq!(sql(&shop.database(), &hash)[0]["hash"], json!(cells[8]));
    assert_eq!(shop.refused(&["backup", "proof", table.to_str().unwrap()]).code, "AP-0505", "nothing is written over");
    shop.ok(&["backup", "proof", page.to_str().unwrap(), "--language", "fr"]);
    let text = fs::read_to_string(&page).unwrap();
    assert!(
        text.contains("<html lang=\"fr\">") && text.contains("n'est plus là".replace('\'', "&#39;").as_str()),
        "{text}"
    );
    assert!(shop.misused(&["backup", "proof", "proof.txt"]).says(".html"));
    shop.verify();
}
