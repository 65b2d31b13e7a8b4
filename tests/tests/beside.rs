//! What lies beside a database and is not its own: a register never sells on what a strange log would make of its data, says
//! how a copy is put in place, and is never in the way of an honest crash.
#![allow(clippy::unwrap_used)]

use aurapos_tests::books::{must_agree, number};
use aurapos_tests::customers::Customers;
use aurapos_tests::shop::{Shop, copy_folder, one_document};
use std::fs;
use std::path::{Path, PathBuf};

/// Sells so many and is killed with `kill -9`: its log is left.
fn sell_and_die(shop: &Shop, customers: &mut Customers, sales: usize) {
    let mut script = shop.script();
    for _ in 0..sales {
        script.send(&customers.sale());
        let answer = script.answer();
        assert!(answer["receipt_no"].is_string(), "{answer}");
    }
    script.kill();
    assert!(fs::metadata(log(&shop.data)).unwrap().len() > 0, "a kill leaves the log");
}

fn log(data: &Path) -> PathBuf {
    data.join("AuraPOS.db-wal")
}

fn back_up(shop: &Shop) -> PathBuf {
    PathBuf::from(shop.ok(&["backup", "now"])["backups"][0]["path"].as_str().unwrap())
}

/// Every command that would use the data is refused, and what is there stays as it is.
fn must_be_refused(shop: &Shop, what: &str, file: &str) {
    let before = (fs::read(shop.database()).unwrap(), fs::read(log(&shop.data)).ok());
    let sale = ["sell", "--operator", "Mia", "--pin", "4711", "--item", "EAU-001", "--tender", "cash"];
    for args in [&sale[..], &["status"], &["journal", "verify"], &["backup", "now"]] {
        let refusal = shop.refused(args);
        assert!(refusal.code == "AP-8004" && refusal.says(file), "{what}, {args:?}: {refusal:?}");
        assert!(refusal.next.contains("backup restore"), "{what}: {refusal:?}");
    }
    assert!((fs::read(shop.database()).unwrap(), fs::read(log(&shop.data)).ok()) == before, "{what}: it was touched");
}

fn incarnation(sale: &serde_json::Value) -> String {
    sale["receipt_no"].as_str().unwrap().split('-').nth(1).unwrap().to_owned()
}

#[test]
fn a_backup_copied_over_a_database_whose_log_was_left_is_refused_until_it_is_restored() {
    let shop = Shop::open();
    let mut customers = Customers::new(31, 0);
    shop.sell(&["EAU-001"]);
    let backup = back_up(&shop);
    let lines: Vec<_> = (0..160).map(|_| customers.sale()).collect();
    shop.sell_all(&lines);
    sell_and_die(&shop, &mut customers, 5);
    let honest = Shop::at(&shop.data.with_file_name("honest"));
    copy_folder(&shop.data, &honest.data);
    fs::copy(&backup, shop.database()).unwrap();
    must_be_refused(&shop, "a backup over it", "AuraPOS.db-wal");

    // One way out: the backup, put in place as a backup is. What was there is kept.
    let restored = shop.ok(&["backup", "restore", backup.to_str().unwrap(), "--yes"]);
    assert!(restored.to_string().contains(".previous-"), "where the data before is: {restored}");
    let sale = shop.sell(&["EAU-001"]);
    assert!(incarnation(&sale) != "1" && sale["receipt_no"].as_str().unwrap().ends_with("-000001"), "{sale}");
    assert_eq!(number(&shop.database(), "SELECT count(*) FROM sale"), 2);
    shop.verify();
    must_agree(&shop.database());

    // The other: the log moved elsewhere. Then the copy is a whole database, in a new life.
    let moved = Shop::at(&shop.data.with_file_name("moved"));
    copy_folder(&honest.data, &moved.data);
    fs::copy(&backup, moved.database()).unwrap();
    fs::rename(log(&moved.data), moved.data.join("kept-wal")).unwrap();
    assert_ne!(incarnation(&moved.sell(&["EAU-001"])), "1");
    moved.verify();
    must_agree(&moved.database());

    // And nothing of it stands in the way of the register that only lost its power.
    assert_eq!(number(&honest.database(), "SELECT count(*) FROM sale"), 166);
    honest.verify();
}

#[test]
fn a_register_that_lost_power_goes_on_in_its_own_life() {
    let shop = Shop::open();
    let mut customers = Customers::new(32, 0);
    let mut sold = 0;
    for life in 0..4 {
        sell_and_die(&shop, &mut customers, 3 + life);
        sold += 3 + life;
        let told = shop.sell(&["EAU-001"]);
        sold += 1;
        assert_eq!(incarnation(&told), "1", "{told}");
        assert!(told["receipt_no"].as_str().unwrap().ends_with(&format!("-{sold:06}")), "{told}");
    }
    assert_eq!(number(&shop.database(), "SELECT count(*) FROM sale"), sold as i64);
    shop.verify();
    must_agree(&shop.database());
}

#[test]
fn a_log_or_a_journal_of_something_else_is_refused() {
    let shop = Shop::open();
    let other = Shop::open();
    shop.sell(&["EAU-001"]);
    sell_and_die(&other, &mut Customers::new(33, 0), 2);
    fs::copy(log(&other.data), log(&shop.data)).unwrap();
    must_be_refused(&shop, "another register's log", "AuraPOS.db-wal");

    // Its own of an earlier day.
    let own = Shop::open();
    sell_and_die(&own, &mut Customers::new(34, 0), 2);
    let early = fs::read(log(&own.data)).unwrap();
    own.sell(&["EAU-001"]);
    fs::write(log(&own.data), early).unwrap();
    must_be_refused(&own, "an earlier log", "AuraPOS.db-wal");
    fs::remove_file(log(&own.data)).unwrap();
    assert_eq!(incarnation(&own.sell(&["EAU-001"])), "1");

    let journal = own.data.join("AuraPOS.db-journal");
    fs::write(&journal, [&[0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7][..], &[0; 1024]].concat()).unwrap();
    must_be_refused(&own, "a journal", "AuraPOS.db-journal");
    fs::remove_file(journal).unwrap();
    // The index of a log is nothing by itself.
    fs::write(own.data.join("AuraPOS.db-shm"), vec![0x5a; 32_768]).unwrap();
    assert_eq!(incarnation(&own.sell(&["EAU-001"])), "1");
    own.verify();
    must_agree(&own.database());
}

#[test]
fn nobody_deletes_or_changes_a_sale_with_another_tool() {
    let shop = Shop::open();
    shop.sell(&["EAU-001"]);
    for statement in
        ["DELETE FROM sale", "UPDATE sale SET total = 0", "REPLACE INTO sale SELECT * FROM sale", "DELETE FROM journal"]
    {
        let said = std::process::Command::new("sqlite3").arg(shop.database()).arg(statement).output().unwrap();
        let words = String::from_utf8_lossy(&said.stderr).into_owned();
        assert!(!said.status.success() && words.contains("are kept as they are"), "{statement}: {said:?}");
    }
    assert_eq!(number(&shop.database(), "SELECT count(*) FROM sale"), 1);
    shop.verify();
}

/// What `doctor` says of commits that are missing.
fn lost(shop: &Shop) -> serde_json::Value {
    // Exit code 0 or 1: there is no backup yet, or there is.
    let checks = one_document(&shop.run(&["doctor"]).out)["checks"].clone();
    checks.as_array().unwrap().iter().find(|check| check["name"] == "lost commits").unwrap().clone()
}

/// The loss is told before anything sells, the next sale is of a new life, and it stays told until it is ticked off.
fn must_be_told(shop: &Shop, known: &str, now: &str, how: &str) {
    let before = lost(shop);
    let told = before["message"].as_str().unwrap();
    assert!(before["ok"] == false && told.contains(known) && told.contains(now), "{how}: {before}");
    assert!(before["next"].as_str().unwrap().contains("Put back what was there"), "{how}: {before}");
    assert_eq!(shop.ok(&["status"])["went_back"], told, "{how}");
    let sale = shop.sell(&["EAU-001"]);
    assert!(incarnation(&sale) != "1", "{how}: a number is never given twice: {sale}");

    let after = lost(shop);
    assert!(after["ok"] == false && after["message"] == told, "{how}: {after}");
    assert!(after["next"].as_str().unwrap().contains("findings list"), "{how}: {after}");
    let findings = shop.ok(&["findings", "list"])["findings"].clone();
    assert!(findings.as_array().unwrap().len() == 1 && findings[0]["kind"] == "went_back", "{how}: {findings}");
    assert_eq!(shop.ok(&["status"])["went_back"], told, "{how}");
    let id = findings[0]["id"].as_str().unwrap();
    let add = ["operator", "add", "Tom", "--new-pin", "2580", "--operator", "Mia", "--pin", "4711"];
    shop.ok(&add);
    let cashier = shop.refused(&["findings", "resolve", id, "--operator", "Tom", "--pin", "2580"]);
    assert!(cashier.code == "AP-5002" && cashier.says("settings"), "{cashier:?}");
    shop.ok(&["findings", "resolve", &id[..8], "--operator", "Mia", "--pin", "4711"]);
    assert_eq!(lost(shop)["ok"], true, "{how}");
    assert_eq!(shop.ok(&["findings", "list"])["findings"].as_array().unwrap().len(), 0, "{how}");
    let all = shop.ok(&["findings", "list", "--all"])["findings"].clone();
    assert!(all[0]["resolved"].is_string(), "{all}");
    assert_eq!(incarnation(&shop.sell(&["EAU-001"])), incarnation(&sale), "{how}: one new life");
    shop.verify();
    must_agree(&shop.database());
}

#[test]
fn a_log_that_is_missing_or_cut_is_told_before_the_first_sale() {
    let mut customers = Customers::new(35, 0);
    let killed = |customers: &mut Customers| {
        let shop = Shop::open();
        sell_and_die(&shop, customers, 2);
        shop.sell(&["EAU-001"]);
        sell_and_die(&shop, customers, 4);
        shop
    };
    let shop = killed(&mut customers);
    fs::remove_file(log(&shop.data)).unwrap();
    must_be_told(&shop, "R1-1-000007", "R1-1-000003", "deleted");

    let shop = killed(&mut customers);
    let whole = fs::read(log(&shop.data)).unwrap();
    fs::write(log(&shop.data), &whole[..whole.len() * 2 / 3]).unwrap();
    let honest = Shop::at(&shop.data.with_file_name("honest"));
    copy_folder(&shop.data, &honest.data);
    must_be_told(&shop, "R1-1-000007", "R1-1-00000", "cut");

    // Put back in time, nothing is lost and nothing is told any more.
    assert_eq!(lost(&honest)["ok"], false);
    fs::write(log(&honest.data), whole).unwrap();
    assert_eq!(lost(&honest)["ok"], true);
    honest.verify();
    assert_eq!(number(&honest.database(), "SELECT count(*) FROM sale"), 7);
}

#[test]
fn a_log_that_is_missing_after_a_rest_is_told() {
    // The register rested once: its token is in the file by itself, so that only what was known outside tells.
    let shop = Shop::open();
    let mut customers = Customers::new(36, 0);
    let mut script = shop.script();
    script.send(&customers.sale());
    script.answer();
    let file = || fs::metadata(shop.database()).unwrap().modified().unwrap();
    let before = file();
    while file() == before || number(&shop.database(), "SELECT count(*) FROM sale") == 0 {
        std::thread::yield_now();
    }
    let rested = shop.data.join("rested");
    while !fs::copy(shop.database(), &rested).is_ok_and(|_| number(&rested, "SELECT count(*) FROM sale") == 1) {
        std::thread::yield_now();
    }
    for _ in 0..3 {
        script.send(&customers.sale());
        script.answer();
    }
    script.kill();
    fs::remove_file(log(&shop.data)).unwrap();
    must_be_told(&shop, "R1-1-000004", "R1-1-000001", "deleted after a rest");
}

#[test]
fn a_copy_put_over_a_closed_database_is_told() {
    let shop = Shop::open();
    shop.sell(&["EAU-001"]);
    let copy = fs::read(shop.database()).unwrap();
    shop.sell(&["EAU-001"]);
    shop.sell(&["EAU-001"]);
    fs::write(shop.database(), copy).unwrap();
    must_be_told(&shop, "R1-1-000003", "R1-1-000001", "an earlier copy");

    // A restore says itself what it does.
    let backup = back_up(&shop);
    shop.sell(&["EAU-001"]);
    shop.ok(&["backup", "restore", backup.to_str().unwrap(), "--yes"]);
    assert_eq!(lost(&shop)["ok"], true);
    shop.sell(&["EAU-001"]);
    assert_eq!(lost(&shop)["ok"], true);
}
