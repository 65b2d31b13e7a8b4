//! Several registers of one shop, by the built programs and a real server: a master, machines that join it, what each sells while
//! the server is there, away and back, and the way from one register to several and back.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use aurapos_tests::shop::Shop;
use aurapos_tests::street::{Street, is_root, sales};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// What the issue promises after a server came back.
const CONVERGED: Duration = Duration::from_secs(5);

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[test]
fn two_registers_sell_in_one_shop_and_go_on_without_the_server() {
    let street = Street::with_a_master();
    let master = &street.master;
    master.ok(&["drawer", "open", "--operator", "Mia", "--pin", "4711", "--float", "100.00"]);
    let bar = street.joins("Bar");
    assert_eq!(master.sell(&["BOUL-001"])["receipt_no"], "R1-1-000001");
    assert_eq!(bar.sell(&["BOUL-001", "EAU-001:2"])["receipt_no"], "R2-1-000001");
    street.agrees(&[&bar, master]);
    master.ok(&["server", "stop"]);
    for _ in 0..3 {
        bar.sell(&["EAU-001"]);
        master.sell(&["BOUL-001:2"]);
    }
    let waits = bar.ok(&["sync", "status"]);
    assert!(waits["queue"].as_i64().unwrap() >= 3 && waits["lag_ms"].as_i64().unwrap() > 0, "{waits}");
    let doctor = bar.run(&["doctor"]).out;
    assert!(doctor.contains("\"sync\"") && doctor.contains("to be brought to the shop"), "{doctor}");
    assert_eq!(bar.refused(&["sync", "now"]).code, "AP-8008");
    assert_eq!(sales(&bar).len(), 5, "its own and what it knew");
    master.ok(&["server", "start"]);
    let back = Instant::now();
    street.agrees(&[&bar, master]);
    assert_eq!(sales(&bar).len(), 8);
    assert!(back.elapsed() < CONVERGED * 6, "by hand, a command after the other: {:?}", back.elapsed());
    // A refund of what another register sold.
    let back = ["refund", "--operator", "Mia", "--pin", "4711", "--receipt", "R1-1-000001", "--tender", "cash"];
    bar.ok(&back);
    street.agrees(&[&bar, master]);
    for (code, count) in [("R1", 4), ("r2", 5)] {
        let listed = master.ok(&["sales", "list", "--register", code]);
        let of: Vec<Value> = listed["sales"].as_array().unwrap().clone();
        assert_eq!(of.len(), count, "{listed}");
        assert!(of.iter().all(|sale| sale["register"] == code.to_uppercase()), "{listed}");
    }
    let nobody = master.refused(&["sales", "list", "--register", "R3"]);
    assert!(nobody.code == "AP-0640" && nobody.message.contains("R1, R2"), "{nobody:?}");
}

#[test]
fn a_shop_that_sells_becomes_a_master_and_one_register_again() {
    let street = Street::empty();
    let shop = &street.master;
    shop.set_up();
    for _ in 0..5 {
        shop.sell(&["BOUL-001", "EAU-001:2"]);
    }
    assert_eq!(shop.refused(&["storage", "check"]).code, "AP-0110");
    assert_eq!(shop.refused(&["storage", "migrate", "--to", "master"]).code, "AP-0609", "there is no server yet");
    let cluster = street.cluster().display().to_string();
    let mut args = vec!["server", "init", "--port", &street.port, "--listen", "127.0.0.1", "--cluster", &cluster];
    if is_root() {
        args.extend(["--user", "nobody"]);
    }
    shop.ok(&args);
    let before = fs::read(shop.data.join("aurapos.toml")).unwrap();
    let moved = shop.ok(&["storage", "migrate", "--to", "master"]);
    assert!(moved["rows"].as_u64().unwrap() > 300, "{moved}");
    assert_eq!(
        shop.ok(&["storage", "migrate", "--to", "master"])["tables"],
        moved["tables"],
        "made again it is the same"
    );
    assert_eq!(street.in_psql("SELECT count(*) FROM aurapos.sale"), "5");
    assert_eq!(shop.sell(&["BOUL-001"])["receipt_no"], "R1-1-000006");
    let bar = street.joins("Bar");
    bar.sell(&["BOUL-001"]);
    street.agrees(&[&bar, shop]);
    let other = ["storage", "migrate", "--to", "master", "--storage-setting", "host=elsewhere"];
    assert_eq!(shop.refused(&other).code, "AP-0110", "it is a master with other settings");
    let left = shop.refused(&["storage", "migrate", "--to", "single"]);
    assert!(left.code == "AP-0110" && left.message.contains("R2"), "it leaves the bar alone: {left:?}");
    shop.ok(&["storage", "migrate", "--to", "single", "--yes"]);
    let secrets = fs::read_to_string(shop.data.join("secrets.toml")).unwrap();
    assert!(!secrets.contains("storage"), "nor a password of it: {secrets}");
    assert_eq!(fs::read(shop.data.join("aurapos.toml")).unwrap(), before, "nothing of it is left");
    assert_eq!((sales(shop).len(), shop.ok(&["status"])["mode"].clone()), (7, json!("single")));
    assert_eq!(shop.sell(&["BOUL-001"])["receipt_no"], "R1-1-000007");
}

#[test]
fn a_row_that_somebody_changed_on_the_server_is_found() {
    let street = Street::with_a_master();
    let master = &street.master;
    master.ok(&["storage", "check"]);
    street.in_psql("UPDATE aurapos.product SET price = price + 1 WHERE sku = 'BOUL-001'");
    let found = master.refused(&["storage", "check"]);
    assert!(
        found.code == "AP-0109" && found.message.contains("product") && found.message.contains("price"),
        "{found:?}"
    );
}

#[test]
fn who_was_locked_out_is_told_and_sells_on() {
    let street = Street::with_a_master();
    let bar = street.joins("Bar");
    bar.sell(&["BOUL-001"]);
    for here in [&["registers", "list"][..], &["server", "status"], &["pair", "issue"]] {
        let told = bar.refused(here);
        assert!(told.code == "AP-0609" && told.says("on the master"), "{told:?}");
    }
    street.master.ok(&["registers", "rename", "R2", "Terrace"]);
    assert_eq!(street.master.refused(&["registers", "rename", "R2", " "]).code, "AP-0642");
    street.master.ok(&["registers", "revoke", "R2", "--yes"]);
    let known = street.in_psql("SELECT name, revoked IS NOT NULL FROM aurapos.register_claim WHERE code = 'R2'");
    assert_eq!(known, "Terrace|t");
    let told = bar.refused(&["sync", "now"]);
    assert!(told.message.contains("aurapos_r2") && !told.says("by itself"), "{told:?}");
    assert_eq!(bar.sell(&["BOUL-001"])["receipt_no"], "R2-1-000002");
    // There is no way back; by itself it goes on with what it has.
    let single = ["storage", "migrate", "--to", "single"];
    assert_eq!(bar.refused(&single).code, "AP-8003");
    let lost = [&single[..], &["--server-lost"]].concat();
    assert!(bar.refused(&lost).message.contains("lacks"));
    bar.ok(&[&lost[..], &["--yes"]].concat());
    assert_eq!(bar.ok(&["status"])["mode"], json!("single"));
    assert_eq!(bar.sell(&["BOUL-001"])["receipt_no"], "R2-1-000003");
    bar.verify();
}

/// The server knows who is connected; the shop knows who exchanged with it last.
#[test]
fn the_master_sees_when_a_register_was_here_last() {
    let street = Street::with_a_master();
    let bar = street.joins("Bar");
    let seen = || {
        let listed = street.master.ok(&["registers", "list"]);
        let all = listed["registers"].as_array().unwrap().clone();
        text(&all.into_iter().find(|one| one["code"] == "R2").unwrap()["last_seen"])
    };
    let before = seen();
    std::thread::sleep(Duration::from_millis(1_100));
    bar.ok(&["sync", "now"]);
    assert!(seen() > before, "{before}");
    // Nobody else is there but the bar: a master of one leaves without being asked.
    street.master.ok(&["registers", "revoke", "R2", "--yes"]);
    street.master.ok(&["storage", "migrate", "--to", "single"]);
}

#[test]
fn what_a_register_keeps_for_itself_on_a_server_is_nobody_elses() {
    let street = Street::empty();
    let cluster = street.cluster().display().to_string();
    let mut args = vec![
        "server",
        "init",
        "--shop",
        "Épicerie",
        "--port",
        &street.port,
        "--listen",
        "127.0.0.1",
        "--cluster",
        &cluster,
    ];
    if is_root() {
        args.extend(["--user", "nobody"]);
    }
    street.master.ok(&args);
    let init = ["init", "--shop", "Épicerie", "--manager", "Mia", "--pin", "4711", "--storage", "postgres"];
    street.master.ok(&init);
    assert_eq!(street.master.refused(&["pair", "issue"]).code, "AP-0110");
    street.master.verify();
}

#[test]
fn a_killed_joining_goes_on_with_the_same_register() {
    let street = Street::with_a_master();
    let issued = street.master.ok(&["pair", "issue"]);
    let bar = Shop::at(&street.place.path().join("bar"));
    bar.ok(&["pair", "join", issued["code"].as_str().unwrap(), "--address", "127.0.0.1", "--port", &street.port]);
    // As if it had been killed between the claim of its code and its own data.
    let claimed = street.in_psql("SELECT register FROM aurapos.register_claim WHERE code = 'R2'");
    for name in ["AuraPOS.db", "aurapos.last-good.toml", "register.head"] {
        let _ = fs::remove_file(bar.data.join(name));
    }
    fs::write(bar.data.join("register.joining"), &claimed).unwrap();
    let _: PathBuf = bar.database();
    bar.ok(&["sync", "now"]);
    assert_eq!(street.in_psql("SELECT count(*) FROM aurapos.register_claim WHERE code = 'R2'"), "1");
    assert!(!bar.data.join("register.joining").exists());
    assert!(bar.ok(&["status"])["products"].as_i64().unwrap() > 100);
}
