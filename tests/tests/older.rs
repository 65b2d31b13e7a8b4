//! Shops and backups made by earlier programs (`tests/compat/shops/`): they open, verify, sell on, and every backup of
//! theirs is proved and restored, for ever. The archives are never edited; a release adds one.
#![allow(clippy::unwrap_used)]

use aurapos_tests::books::{must_agree, number, sql};
use aurapos_tests::shop::{OPERATOR, PIN, Shop, copy_folder, scratch};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The archives, each with one folder a shop.
fn archives() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("compat/shops");
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|file| file.extension().is_some_and(|ending| ending == "gz"));
    found.sort();
    assert!(!found.is_empty(), "there are shops of earlier programs");
    found
}

/// Every shop of every archive, unpacked.
fn shops() -> (TempDir, Vec<Shop>) {
    let place = scratch();
    let mut shops = Vec::new();
    for (number, archive) in archives().iter().enumerate() {
        let folder = place.path().join(number.to_string());
        std::fs::create_dir(&folder).unwrap();
        let unpacked = Command::new("tar").arg("xzf").arg(archive).arg("-C").arg(&folder).status().unwrap();
        assert!(unpacked.success(), "{}", archive.display());
        let mut found: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        found.sort();
        assert!(found.len() >= 3, "{}: {found:?}", archive.display());
        shops.extend(found.iter().map(|data| Shop::at(data)));
    }
    (place, shops)
}

/// Sells, gives one of the old sales back, and finds nothing wrong.
fn must_sell_on(shop: &Shop, what: &str) {
    let before = number(&shop.database(), "SELECT count(*) FROM sale");
    assert!(before >= 9, "{what}: its sales are still there");
    shop.verify();
    shop.sell(&["A-1", "A-3:2"]);
    let pin = ["--operator", OPERATOR, "--pin", PIN];
    let refund = ["refund", "--receipt", "R1-1-000002", "--line", "1:1", "--tender", "cash"];
    shop.ok(&[&refund[..], &pin].concat());
    assert_eq!(number(&shop.database(), "SELECT count(*) FROM sale"), before + 2, "{what}");
    everything_comes_back(shop, &pin, what);
    shop.verify();
    must_agree(&shop.database());
    // What people decided stays decided: a right, a name that signs in no more, a setting.
    let ben = shop.refused(&[
        "sell",
        "--operator",
        "Ben",
        "--pin",
        "2580",
        "--item",
        "A-1",
        "--discount",
        "10%",
        "--tender",
        "cash",
    ]);
    assert_eq!(ben.code, "AP-5002", "{what}: {ben:?}");
    assert!(
        shop.run(&["sell", "--operator", "Old", "--pin", "8642", "--item", "A-1", "--tender", "cash"]).out.is_empty()
    );
    assert_eq!(shop.ok(&["settings", "get", "backup.weekly_years"])["value"], "10", "{what}");
}

/// What is left of sales of which earlier programs gave a part back: with it nothing of their tax is left.
fn everything_comes_back(shop: &Shop, pin: &[&str], what: &str) {
    let begun = sql(&shop.database(), "SELECT DISTINCT origin_no AS no FROM sale WHERE origin_no IS NOT NULL");
    let mut settled = 0;
    for row in begun {
        let receipt = row["no"].as_str().unwrap();
        let rest = [&["refund", "--receipt", receipt, "--tender", "cash"][..], pin].concat();
        if !shop.run(&rest).status.success() {
            continue;
        }
        let left = format!(
            "SELECT count(*) FROM (SELECT rate FROM sale_vat JOIN sale ON sale.id = sale_vat.sale
             WHERE coalesce(origin_no, receipt_no) = '{receipt}' GROUP BY rate
             HAVING sum(base) <> 0 OR sum(amount) <> 0 OR sum(gross) <> 0)"
        );
        assert_eq!(number(&shop.database(), &left), 0, "{what}: {receipt} left VAT behind");
        settled += 1;
    }
    assert!(settled > 0, "{what}: there is a sale of which a part had come back");
}

#[test]
fn shops_of_earlier_programs_open_verify_and_sell_on() {
    let (_place, shops) = shops();
    for shop in shops {
        let what = shop.data.display().to_string();
        shop.ok(&["status"]);
        must_sell_on(&shop, &what);
        shop.ok(&["backup", "now"]);
        let doctor = shop.ok(&["doctor"]);
        let checks = doctor["checks"].as_array().unwrap();
        assert!(!checks.is_empty() && checks.iter().all(|check| check["ok"] == true), "{what}: {doctor}");
    }
}

#[test]
fn every_backup_of_earlier_programs_is_proved_and_restored() {
    let (place, shops) = shops();
    let mut restored = 0;
    for shop in shops {
        let list = shop.ok(&["backup", "list"]);
        for backup in list["backups"].as_array().unwrap() {
            let name = backup["name"].as_str().unwrap();
            let what = format!("{} {name}", shop.data.display());
            let proof = shop.ok(&["backup", "verify", name]);
            assert_eq!(proof["backups"][0]["verified"], true, "{what}: {proof}");
            restored += 1;
            let copy = Shop::at(&place.path().join(format!("restored-{restored}")));
            copy_folder(&shop.data, &copy.data);
            copy.ok(&["backup", "restore", name, "--yes"]);
            must_sell_on(&copy, &what);
        }
    }
    assert!(restored >= 6, "there are backups of earlier programs");
}
