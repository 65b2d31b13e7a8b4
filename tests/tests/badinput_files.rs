//! Files that come from elsewhere: catalogs that a spreadsheet spoiled, and backups that are cut, flipped or another
//! program's. Bad rows and bad files are refused by name; everything good around them stays.
#![allow(clippy::unwrap_used)]

use aurapos_tests::books::{Sums, must_agree, number, sql};
use aurapos_tests::customers::Customers;
use aurapos_tests::shop::Shop;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;

const HEAD: &str = "sku,name,barcodes,category,price,vat,unit,stock,food";

fn import(shop: &Shop, content: &[u8]) -> Value {
    let file = shop.data.with_file_name("list.csv");
    fs::write(&file, content).unwrap();
    shop.ok(&["import", "products", file.to_str().unwrap()])
}

#[test]
fn bad_rows_are_refused_by_line_and_the_good_ones_come_in() {
    let shop = Shop::open();
    let rows: &[(&str, Option<&str>)] = &[
        ("T-1,Tea,5400000000003,Drinks,2.50,6,piece,10,yes", None),
        ("T-2,Broken by a spreadsheet,\"5,41E+12\",Drinks,2.50,6,piece,10,yes", Some("5,41E+12")),
        ("T-3,Wrong check digit,5490000000425,Drinks,2.50,6,piece,10,yes", Some("5490000000425")),
        ("T-4,Negative,,Drinks,-2.50,6,piece,10,yes", Some("-2.50")),
        ("T-5,Absurd,,Drinks,99999999999.00,6,piece,10,yes", Some("99999999999.00")),
        ("T-6,No such rate,,Drinks,2.50,17,piece,10,yes", Some("17")),
        ("T-7,No such unit,,Drinks,2.50,6,barrel,10,yes", Some("barrel")),
        ("T-8,,,Drinks,2.50,6,piece,10,yes", Some("name")),
        ("T-9,Price in words,,Drinks,cheap,6,piece,10,yes", Some("cheap")),
        ("T-1,Tea again,,Drinks,2.50,6,piece,10,yes", Some("T-1")),
        ("T-10,Somebody else's barcode,5400000000003,Drinks,2.50,6,piece,10,yes", Some("5400000000003")),
        ("T-11,Coffee,,Drinks,\"3,75\",6,piece,10,yes", None),
    ];
    let before = number(&shop.database(), "SELECT count(*) FROM product");
    let content: String = rows.iter().map(|(row, _)| format!("{row}\n")).collect();
    let report = import(&shop, format!("{HEAD}\n{content}").as_bytes());
    let good = rows.iter().filter(|(_, reason)| reason.is_none()).count();
    let rejected = report["rejected"].as_array().unwrap();
    for (index, (row, reason)) in rows.iter().enumerate() {
        let line = index + 2;
        let told = rejected.iter().find(|one| one["line"] == json!(line)).map(|one| one["reason"].as_str().unwrap());
        match (reason, told) {
            (None, None) => {}
            (Some(words), Some(told)) => assert!(told.contains(words), "line {line}, {row}: {told}"),
            _ => panic!("line {line}, {row}: {told:?}"),
        }
    }
    assert_eq!(report["added"], json!(good), "{report}");
    assert_eq!(number(&shop.database(), "SELECT count(*) FROM product"), before + good as i64);
    let coffee = shop.sell(&["T-11"]);
    assert_eq!(coffee["total"], "3.75");
    must_agree(&shop.database());
}

#[test]
fn what_spreadsheets_write_is_understood_in_every_form() {
    let shop = Shop::open();
    let row = "W-1;Crème brûlée;;Desserts;4,20;6;piece;5;yes\r\n";
    let table = format!("{}\r\n{row}", HEAD.replace(',', ";"));
    let windows_1252: Vec<u8> = table.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
    let with_mark = [b"\xef\xbb\xbf", table.as_bytes()].concat();
    for (content, field) in [(windows_1252, "added"), (with_mark, "unchanged"), (table.into_bytes(), "unchanged")] {
        let report = import(&shop, &content);
        assert_eq!((&report[field], &report["rejected"]), (&json!(1), &json!([])), "{report}");
    }
    let found = sql(&shop.database(), "SELECT name, price FROM product WHERE sku = 'W-1'");
    assert_eq!(found, [json!({"name": "Crème brûlée", "price": 420})]);
}

#[test]
fn files_that_are_no_lists_change_nothing() {
    let shop = Shop::open();
    let before = sql(
        &shop.database(),
        "SELECT (SELECT count(*) FROM product) AS products, (SELECT count(*) FROM journal WHERE kind NOT IN (52)) AS entries",
    );
    let file = shop.data.with_file_name("list.csv");
    let name = file.to_str().unwrap();
    assert_eq!(shop.refused(&["import", "products", "no-such-file.csv"]).code, "AP-0502");
    let zip = [b"PK\x03\x04".as_slice(), &[0; 3000]].concat();
    let utf_16: Vec<u8> = format!("\u{feff}{HEAD}\n").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: &[(&str, &[u8])] = &[
        ("empty", b""),
        ("a workbook, not a CSV", &zip),
        ("no header we know", b"a,b,c\n1,2,3\n"),
        ("a database", &fs::read(shop.database()).unwrap()),
        ("UTF-16", &utf_16),
    ];
    for (what, content) in cases {
        fs::write(&file, content).unwrap();
        let said = shop.run(&["import", "products", name]);
        // A report of refused rows alone is exit code 1, too.
        if !said.out.is_empty() {
            let report: Value = serde_json::from_str(&said.out).unwrap();
            assert_eq!((&report["added"], &report["updated"]), (&json!(0), &json!(0)), "{what}: {report}");
        } else {
            assert_eq!(shop.refused(&["import", "products", name]).code, "AP-6001", "{what}");
        }
    }
    let after = sql(
        &shop.database(),
        "SELECT (SELECT count(*) FROM product) AS products, (SELECT count(*) FROM journal WHERE kind NOT IN (52)) AS entries",
    );
    assert_eq!(after, before);
    shop.verify();
}

/// A shop with a backup of 12 sales and one sale after it; the backup's name and file.
fn shop_with_backup() -> (Shop, String, std::path::PathBuf, Sums) {
    let shop = Shop::open();
    let mut told = shop.sell_all(&Customers::new(16, 0).sales(12));
    let backup = shop.ok(&["backup", "now"])["backups"][0].clone();
    told.push(shop.sell(&["EAU-001"]));
    let name = backup["name"].as_str().unwrap().to_owned();
    (shop, name, backup["path"].as_str().unwrap().into(), Sums::told(&told))
}

/// Verifying finds it, restoring is refused with these words, and the data in use is untouched.
fn must_be_refused(shop: &Shop, name: &str, words: &str, present: &Sums) {
    let shown = Path::new(name).file_name().unwrap().to_str().unwrap();
    let verified = shop.found_bad(&["backup", "verify", name])["backups"][0].clone();
    assert_eq!((&verified["verified"], &verified["state"]), (&json!(false), &json!("refused")), "{verified}");
    let note = verified["note"].as_str().unwrap();
    assert!(note.contains(shown) && note.contains(words), "{words}: {note}");
    let refusal = shop.refused(&["backup", "restore", name, "--yes"]);
    assert!(refusal.says(shown) && refusal.says(words) && refusal.says("nothing was restored"), "{words}: {refusal:?}");
    assert_eq!(&Sums::in_database(&shop.database()), present);
}

#[test]
fn damaged_backups_are_refused_by_name_and_the_data_stays() {
    let (shop, name, file, present) = shop_with_backup();
    let good = fs::read(&file).unwrap();
    let change = |how: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = good.clone();
        how(&mut bytes);
        fs::write(&file, bytes).unwrap();
    };
    change(&|bytes| bytes.truncate(bytes.len() / 2));
    must_be_refused(&shop, &name, "is cut", &present);
    change(&|bytes| bytes.truncate(bytes.len() - 1));
    must_be_refused(&shop, &name, "is cut", &present);
    for at in [17, good.len() / 3, good.len() / 2, good.len() - 1] {
        change(&|bytes| bytes[at] ^= 0x10);
        must_be_refused(&shop, &name, "was changed", &present);
    }
    change(&Vec::clear);
    must_be_refused(&shop, &name, "is cut", &present);
    fs::write(&file, &good).unwrap();
    assert_eq!(shop.sell(&["EAU-001"])["receipt_no"], "R1-1-000014", "refused restores open no new incarnation");
    assert_eq!(shop.ok(&["backup", "verify", &name])["backups"][0]["verified"], json!(true));
}

#[test]
fn files_that_are_no_backup_of_ours_are_refused_by_name() {
    let (shop, _, file, present) = shop_with_backup();
    let place = tempfile::tempdir().unwrap();
    let path = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    let (other, text, empty, cut) = (path("other.db"), path("text.db"), path("empty.db"), path("cut.db"));
    let made =
        Command::new("sqlite3").args([&other, "CREATE TABLE sale (total); INSERT INTO sale VALUES (1)"]).status();
    assert!(made.unwrap().success());
    must_be_refused(&shop, &other, "another program", &present);
    fs::write(&text, "no database at all").unwrap();
    must_be_refused(&shop, &text, "not a database of AuraPOS", &present);
    fs::write(&empty, "").unwrap();
    must_be_refused(&shop, &empty, "is empty", &present);
    let good = fs::read(file).unwrap();
    fs::write(&cut, &good[..good.len() - 4096]).unwrap();
    must_be_refused(&shop, &cut, "its header says", &present);
    assert_eq!(shop.refused(&["backup", "restore", "nothing.db", "--yes"]).code, "AP-0402");
    assert!(shop.refused(&["backup", "restore", &path("."), "--yes"]).says("no file"));
    // Ours, sound, and with sums that do not add up: the host's own check finds it.
    let wrong = path("wrong.db");
    fs::write(&wrong, &good).unwrap();
    for row in sql(Path::new(&wrong), "SELECT name FROM sqlite_master WHERE type = 'trigger'") {
        aurapos_tests::books::tamper(Path::new(&wrong), &format!("DROP TRIGGER \"{}\"", row["name"].as_str().unwrap()));
    }
    aurapos_tests::books::tamper(Path::new(&wrong), "UPDATE sale SET total = total + 1 WHERE counter = 3");
    must_be_refused(&shop, &wrong, "", &present);
}
