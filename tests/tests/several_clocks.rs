//! Registers whose clocks are wrong, and one that jumps while it sells: numbers, order and edits do not go by the wall.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use aurapos_tests::shop::{Script, Shop, one_document, run};
use aurapos_tests::street::{Street, at_clock, in_sqlite, sells};
use serde_json::Value;
use std::fs;

/// Runs a command under another clock.
fn at(shop: &Shop, clock: &str, args: &[&str]) -> Value {
    let said = run(&mut at_clock(shop, clock, args), b"");
    assert!(said.status.success(), "{clock} {args:?}: {said:?}");
    one_document(&said.out)
}

const SALE: [&str; 9] = ["sell", "--operator", "Mia", "--pin", "4711", "--tender", "cash", "--item", "BOUL-001"];

/// Changes a price by a file, as an owner does.
fn price(shop: &Shop, clock: &str, price: &str) {
    let file = shop.data.join("prices.csv");
    fs::write(
        &file,
        format!("sku,name,barcodes,category,price,vat,unit,stock,food\nCLOCK-1,Clock,,,{price},21,piece,,no\n"),
    )
    .unwrap();
    at(shop, clock, &["import", "products", file.to_str().unwrap()]);
}

fn price_on(shop: &Shop) -> String {
    in_sqlite(shop, "SELECT price FROM product WHERE sku = 'CLOCK-1'")
}

#[test]
fn a_register_a_year_ahead_and_one_a_year_behind_belong_to_one_shop() {
    let street = Street::with_a_master();
    let (master, bar, terrace) = (&street.master, street.joins("Bar"), street.joins("Terrace"));
    master.opens_its_drawer();
    master.sell(&["BOUL-001"]);
    let numbers: Vec<String> = [(&bar, "+1y"), (&terrace, "-1y"), (&bar, "+1y"), (&terrace, "-1y"), (&bar, "+0")]
        .iter()
        .map(|(shop, clock)| at(shop, clock, &SALE)["receipt_no"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(numbers, ["R2-1-000001", "R3-1-000001", "R2-1-000002", "R3-1-000002", "R2-1-000003"]);
    // The one ahead edits; whoever edits after having seen it wins, whatever its wall says.
    price(&bar, "+1y", "1.00");
    at(&bar, "+1y", &["sync", "now"]);
    // A year ago the server's certificate was not valid: who stands there sells on by itself, and is told to look at the date.
    let behind = at(&terrace, "-1y", &["sync", "status"]);
    assert_eq!(behind["trouble"]["code"], "AP-0712", "{behind}");
    assert!(behind["queue"].as_i64().unwrap() >= 2, "{behind}");
    terrace.ok(&["sync", "now"]);
    assert_eq!(price_on(&terrace), "100");
    price(&terrace, "-1y", "2.00");
    street.agrees(&[&bar, &terrace, master]);
    bar.ok(&["sync", "now"]);
    assert_eq!([&bar, master, &terrace].map(price_on), ["200", "200", "200"]);
    // Somebody is told of the clock.
    let told = master.ok(&["sync", "conflicts"]);
    assert!(told.to_string().contains("clock"), "{told}");
}

#[test]
fn a_clock_that_jumps_while_somebody_sells_changes_no_order() {
    let street = Street::with_a_master();
    let (master, bar) = (&street.master, street.joins("Bar"));
    let clock = bar.data.join("clock");
    let set = |word: &str| fs::write(&clock, word).unwrap();
    set("+0");
    let mut script = Script::start(&mut at_clock(&bar, clock.to_str().unwrap(), &["sell", "--script", "-"]));
    let mut numbers = Vec::new();
    for jump in ["+0", "+1y", "+1y", "-1y", "-1y", "+40d", "+0"] {
        set(jump);
        for _ in 0..3 {
            numbers.push(sells(&mut script, "EAU-001").1);
        }
    }
    script.finish();
    let expected: Vec<String> = (1..=21).map(|number| format!("R2-1-{number:06}")).collect();
    assert_eq!(numbers, expected);
    street.agrees(&[&bar, master]);
    let years = in_sqlite(&bar, "SELECT count(DISTINCT strftime('%Y', time / 1000000, 'unixepoch')) FROM sale");
    assert_eq!(years, "3", "the clock did jump");
    let jumps = in_sqlite(&bar, "SELECT count(*) FROM journal WHERE kind = 5");
    assert!(jumps.parse::<u32>().unwrap() >= 4, "{jumps} jumps are in the journal");
}
