//! Every command of `aurapos-admin` for everybody who may give it: with nobody named, as a cashier, as a manager. What is done
//! as the owner of the machine takes no name; what a person does is refused by the name of the right that is missing.
#![allow(clippy::unwrap_used)]

use aurapos_tests::shop::{OPERATOR, PIN, Shop, run};
use serde_json::Value;
use std::fs;

const CASHIER: (&str, &str) = ("Ben", "2580");
/// Wrong usage: nobody is named, or no name is taken.
const USAGE: &str = "usage";

/// What came of it: `""` for done, the missing right, `usage`, or the code.
fn told(shop: &Shop, args: &[&str]) -> String {
    let said = run(&mut shop.command(args), b"");
    if said.status.success() {
        return String::new();
    }
    if said.status.code() == Some(2) {
        return USAGE.to_owned();
    }
    let error: Value = serde_json::from_str(&said.err).unwrap_or_else(|_| panic!("{args:?}: {said:?}"));
    let (code, message) = (error["error"]["code"].as_str().unwrap(), error["error"]["message"].as_str().unwrap());
    match (code, message.split_once("needs the right \"")) {
        ("AP-5002", Some((_, right))) => right.trim_end_matches("\").").to_owned(),
        _ => code.to_owned(),
    }
}

fn as_somebody<'a>(args: &[&'a str], who: (&'a str, &'a str)) -> Vec<&'a str> {
    [args, &["--operator", who.0, "--pin", who.1]].concat()
}

/// Commands of persons: with nobody named, as a cashier. As a manager all are done.
#[test]
fn what_a_person_does_needs_their_right() {
    let shop = Shop::open();
    shop.ok(&as_somebody(&["operator", "add", CASHIER.0, "--new-pin", CASHIER.1], (OPERATOR, PIN)));
    shop.ok(&as_somebody(&["operator", "add", "Eve", "--new-pin", "1470"], (OPERATOR, PIN)));
    let receipt = shop.sell(&["EAU-001"])["receipt_no"].as_str().unwrap().to_owned();
    let csv = shop.data.with_file_name("catalog.csv");
    fs::write(&csv, "sku,name,price,vat\nNEW-1,New,2.00,21\n").unwrap();
    let csv = csv.to_str().unwrap();
    let operators = "manage operators";
    let table: &[(&[&str], &str, &str)] = &[
        (&["sell", "--item", "EAU-001", "--tender", "cash"], USAGE, ""),
        (&["sell", "--item", "EAU-001:1:0.10", "--tender", "cash"], USAGE, "price override"),
        (&["sell", "--item", "EAU-001:-1", "--tender", "cash"], USAGE, "refund"),
        (&["sell", "--item", "EAU-001", "--discount", "10%", "--tender", "cash"], USAGE, "discount"),
        (&["refund", "--receipt", &receipt, "--tender", "cash"], USAGE, "refund"),
        (&["drawer", "loan", "1.00"], USAGE, "cash movement"),
        (&["drawer", "pickup", "1.00"], USAGE, "cash movement"),
        (&["drawer", "status"], "", ""),
        (&["operator", "add", "Tom", "--new-pin", "3690"], USAGE, operators),
        (&["operator", "disable", "Eve"], USAGE, operators),
        (&["operator", "enable", "Eve"], USAGE, operators),
        (&["operator", "set-role", "Eve", "manager"], USAGE, operators),
        (&["operator", "role", "set", "shift", "--name", "Shift", "--allow", "sell"], USAGE, operators),
        (&["operator", "role", "remove", "shift"], USAGE, operators),
        // Eve is no sole manager who is locked out: nobody may.
        (&["operator", "reset-pin", "Eve", "--new-pin", "1471"], "AP-5002", operators),
        (&["settings", "set", "backup.daily_keep", "9"], USAGE, "backup"),
        (&["settings", "set", "receipt.footer", "Merci"], USAGE, "settings"),
        (&["import", "products", csv], "", "manage catalog"),
    ];
    for (args, nobody, cashier) in table {
        assert_eq!(told(&shop, &as_somebody(args, CASHIER)), *cashier, "cashier: {args:?}");
        assert_eq!(told(&shop, args), *nobody, "nobody: {args:?}");
        assert_eq!(told(&shop, &as_somebody(args, (OPERATOR, PIN))), "", "manager: {args:?}");
    }
    // One's own PIN anybody sets.
    let own = ["operator", "reset-pin", CASHIER.0, "--new-pin", "2581"];
    assert_eq!(told(&shop, &as_somebody(&own, CASHIER)), "");
}

#[test]
fn what_the_drawer_took_in_is_told_to_whoever_may_see_it() {
    let shop = Shop::open();
    shop.ok(&as_somebody(&["operator", "add", CASHIER.0, "--new-pin", CASHIER.1], (OPERATOR, PIN)));
    shop.sell(&["EAU-001"]);
    let status = ["drawer", "status"];
    for blind in [shop.ok(&status), shop.ok(&as_somebody(&status, CASHIER))] {
        assert_eq!((&blind["open"], &blind["expected"], &blind["tenders"]), (&true.into(), &Value::Null, &Value::Null));
    }
    let seen = shop.ok(&as_somebody(&status, (OPERATOR, PIN)));
    assert!(seen["expected"].is_string() && seen["tenders"]["cash"].is_string(), "{seen}");
    // Also where it is only an answer to something else.
    let opened = Shop::nowhere();
    opened.ok(&["init", "--shop", "Corner", "--manager", OPERATOR, "--pin", PIN]);
    opened.ok(&as_somebody(&["operator", "add", CASHIER.0, "--new-pin", CASHIER.1], (OPERATOR, PIN)));
    let answer = opened.ok(&as_somebody(&["drawer", "open", "--float", "50.00"], CASHIER));
    assert_eq!((&answer["float"], &answer["expected"]), (&"50.00".into(), &Value::Null));
}

/// Commands of the machine's owner: done with nobody named, and refused with a name, which would only look as if somebody of
/// the shop had done it.
#[test]
fn what_the_owner_of_the_machine_does_takes_no_name() {
    let shop = Shop::open();
    let receipt = shop.sell(&["EAU-001"])["receipt_no"].as_str().unwrap().to_owned();
    shop.ok(&["backup", "now"]);
    let backup = shop.ok(&["backup", "list"])["backups"][0]["name"].as_str().unwrap().to_owned();
    let beside = |name: &str| shop.data.with_file_name(name).to_str().unwrap().to_owned();
    let (csv, copy) = (beside("out.csv"), beside("copy.db"));
    let table: &[&[&str]] = &[
        &["status"],
        &["doctor"],
        &["export", "sales", &csv],
        &["sales", "list"],
        &["sales", "show", &receipt],
        &["operator", "list"],
        &["journal", "verify"],
        &["backup", "list"],
        &["backup", "verify", &backup],
        &["backup", "copy", &backup, &copy],
        &["backup", "run"],
        &["backup", "restore", &backup, "--yes"],
        &["backup", "delete", &backup, "--yes"],
        &["settings", "get", "backup.daily_keep"],
        &["settings", "list"],
        &["plugin", "list"],
        &["plugin", "show", "cash"],
        &["plugin", "disable", "cash"],
        &["plugin", "enable", "cash"],
        &["completions", "bash"],
    ];
    for args in table {
        assert_eq!(told(&shop, &as_somebody(args, (OPERATOR, PIN))), USAGE, "{args:?}");
        assert_eq!(told(&shop, args), "", "{args:?}");
    }
}
