//! A shop, by the built programs: which version they are of, and of which version the plugin is, makes no difference.

use super::{GROWN, PLUGINS, TODAY, grown_programs};
use aurapos_compat::programs::Programs;
use aurapos_compat::shop::TerminalShop;
use aurapos_tests::books::{number, sql};
use aurapos_tests::plugins::example;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const SALE: &str = "01900000-0000-7000-8000-000000000007";

fn hosts() -> [Programs; 2] {
    [Programs::today(), grown_programs()]
}

/// How the stored intents ended, in the order of their ids.
fn intents(shop: &TerminalShop) -> Vec<String> {
    let rows = sql(&shop.shop.database(), "SELECT state FROM payment_intent ORDER BY id");
    rows.iter().map(|row| row["state"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_plugin_sells_in_every_shop() {
    for host in &hosts() {
        for (library, _) in PLUGINS {
            let what = format!("{library} in {}", host.name);
            let shop = TerminalShop::new(host, &example(library));
            assert_eq!(shop.sell("card")["receipt_no"], "R1-1-000001", "{what}");
            assert_eq!(shop.sell("cash")["receipt_no"], "R1-1-000002", "{what}");
            assert_eq!(shop.sell("card")["receipt_no"], "R1-1-000003", "{what}");
            assert_eq!((shop.charges("card").len(), intents(&shop)), (2, vec!["approved".to_owned(); 2]), "{what}");
            shop.shop.verify();
            let plugin = shop.shop.ok(&["plugin", "show", "terminal"]);
            assert_eq!(plugin["state"], "ready", "{what}: {plugin}");
        }
    }
}

/// Only the grown host asks for what must not be overlooked: the grown plugin understands it, today's refuses it, by name and
/// before anything was charged, and stays in use.
#[test]
fn what_the_plugin_is_too_old_for_is_refused_before_anything_happened() {
    let [today, grown] = hosts();
    let (plain, later) = (example(TODAY), example(GROWN));
    let shop = TerminalShop::new(&grown, &plain);
    let refusal = shop.refused("tap");
    assert_eq!(refusal.code, "AP-3007", "{refusal:?}");
    assert!(refusal.says("version 2 of PaymentIntent") && refusal.says("Update the plugin"), "{refusal:?}");
    assert_eq!((shop.charges("tap").len(), intents(&shop)), (0, vec!["aborted".to_owned()]));
    let plugin = shop.shop.ok(&["plugin", "show", "terminal"]);
    assert_eq!(plugin["state"], "ready", "{plugin}");
    assert_eq!(shop.sell("card")["receipt_no"], "R1-1-000001");
    shop.install(&later);
    assert_eq!(shop.sell("tap")["receipt_no"], "R1-1-000002", "the plugin was updated");
    assert_eq!(shop.charges("tap").len(), 1);
    shop.shop.verify();
    for terminal in [&plain, &later] {
        let shop = TerminalShop::new(&today, terminal);
        assert_eq!(shop.sell("tap")["receipt_no"], "R1-1-000001", "today's host asks for nothing that is new");
    }
}

/// The program is killed after the terminal charged. The next start, of whatever version, asks the terminal, which may have
/// been updated meanwhile: what was charged without a sale is taken back, once, and the sale is charged once.
#[test]
fn every_host_finds_out_about_every_payment_that_was_interrupted() {
    let hosts = hosts();
    for (before, after) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let plugins = PLUGINS.iter().map(|&(library, _)| (library, library));
        for (first, then) in plugins.chain([(TODAY, GROWN)]) {
            let what = format!("{} then {}, plugin {first} then {then}", hosts[before].name, hosts[after].name);
            let mut shop = TerminalShop::new(&hosts[before], &example(first));
            shop.interrupt(SALE);
            assert_eq!((shop.charges("card").len(), intents(&shop)), (1, vec!["sent".to_owned()]), "{what}");
            let found = shop.shop.found_bad(&["doctor"]);
            let check = found["checks"].as_array().unwrap().iter().find(|check| check["name"] == "payments").unwrap();
            let told = check["message"].as_str().unwrap();
            assert!(told.contains("1.38 EUR by card at 20") && told.contains("may have been paid"), "{what}: {check}");
            shop.shop.serve_by(&hosts[after].folder);
            if first != then {
                shop.install(&example(then));
            }
            let sold = shop.insist(SALE);
            assert_eq!(
                (&sold["receipt_no"], &sold["repeated"]),
                (&json!("R1-1-000001"), &json!(false)),
                "{what}: {sold}"
            );
            let charges = shop.charges("card");
            let [charged, reversed, again] = charges.as_slice() else { panic!("{what}: {charges:?}") };
            let (intent, amount) = charged.split_once(' ').unwrap();
            assert_eq!(reversed, &format!("reversed {intent}"), "{what}");
            assert!(again.ends_with(amount) && !again.contains(intent), "{what}: {charges:?}");
            assert_eq!(intents(&shop), ["reversed", "approved"], "{what}");
            assert_eq!(number(&shop.shop.database(), "SELECT count(*) FROM sale"), 1, "{what}");
            shop.shop.verify();
            let plugin = shop.shop.ok(&["plugin", "show", "terminal"]);
            assert_eq!(plugin["state"], "ready", "killed from outside, nobody's fault: {what}: {plugin}");
        }
    }
}

/// A panic after the money moved is no refusal: nothing is charged a second time, and nothing is lost.
#[test]
fn a_payment_that_panicked_after_it_charged_is_found_out() {
    for host in &hosts() {
        for (library, _) in PLUGINS {
            let what = format!("{library} in {}", host.name);
            let shop = TerminalShop::new(host, &example(library));
            // The object that panicked is gone; the one after it is asked, and has it from the terminal's own list.
            let sold = shop.strike(SALE);
            assert_eq!(sold["receipt_no"], "R1-1-000001", "{what}: {sold}");
            assert!(shop.logs().contains("struck by lightning"), "{what}: {}", shop.logs());
            assert_eq!((shop.charges("card").len(), intents(&shop)), (1, vec!["approved".to_owned()]), "{what}");
            assert_eq!(shop.insist(SALE)["repeated"], json!(true), "{what}");
            assert_eq!(shop.charges("card").len(), 1, "{what}");
            assert_eq!(number(&shop.shop.database(), "SELECT count(*) FROM sale"), 1, "{what}");
            shop.shop.verify();
        }
    }
}

/// One shop, kept by turns by both programs: today's storage plugin serves both, and neither sees a difference.
#[test]
fn a_shop_goes_to_and_fro_between_programs() {
    let hosts = hosts();
    for (maker, other) in [(0, 1), (1, 0)] {
        let mut shop = TerminalShop::new(&hosts[maker], &example(TODAY));
        for (turn, host) in [maker, other, other, maker, other].into_iter().enumerate() {
            shop.shop.serve_by(&hosts[host].folder);
            let sold = shop.sell(if turn % 2 == 0 { "cash" } else { "card" });
            let number = format!("R1-1-{:06}", turn + 1);
            assert_eq!(sold["receipt_no"], Value::from(number), "no number twice, none missing");
            let entries = shop.shop.verify()["entries"].clone();
            assert!(entries.as_u64().unwrap() > turn as u64, "{entries}");
        }
        shop.shop.ok(&["backup", "now"]);
        shop.shop.serve_by(&hosts[maker].folder);
        shop.shop.verify();
        let listed = shop.shop.ok(&["sales", "list"]);
        assert!(listed.to_string().contains("R1-1-000005"), "{listed}");
    }
}

/// The plugins that come with AuraPOS, as they were built with today's API: all of them at work under the grown programs.
#[test]
fn a_shop_that_updated_the_program_alone_goes_on() {
    let [today, grown] = hosts();
    let mut shop = TerminalShop::new(&today, &example(TODAY));
    shop.shop.serve_by(&grown.folder);
    for plugin in ["file-printer", "sales-csv"] {
        shop.shop.ok(&["plugin", "enable", plugin, "--in-process"]);
    }
    let sold = shop.sell("cash");
    let number = sold["receipt_no"].as_str().unwrap();
    shop.shop.ok(&["backup", "now"]);
    for ending in ["txt", "csv"] {
        let texts = texts_below(&shop.shop.data, ending);
        assert!(texts.iter().any(|text| text.contains(number)), "{ending}: {texts:?}");
    }
    let listed = shop.shop.ok(&["backup", "list"]).to_string();
    assert!(listed.contains("verified"), "{listed}");
    for plugin in ["cash", "sqlite", "backup-scheduler", "file-printer", "sales-csv"] {
        let report = shop.shop.ok(&["plugin", "show", plugin]);
        assert_eq!(report["state"], "ready", "{report}");
    }
    shop.shop.ok(&["doctor"]);
    shop.shop.serve_by(&today.folder);
    shop.shop.ok(&["doctor"]);
}

/// All files with this ending.
fn texts_below(folder: &Path, ending: &str) -> Vec<String> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let texts = paths.map(|path| match path.is_dir() {
        true => texts_below(&path, ending),
        false if path.extension().is_some_and(|found| found == ending) => vec![fs::read_to_string(path).unwrap()],
        false => Vec::new(),
    });
    texts.flatten().collect()
}

/// What the plugin said to its host is in the shop's log: which host it found.
#[test]
fn a_plugin_knows_which_host_it_has() {
    for (host, words) in hosts().iter().zip(["a shop without a name", "the grown shop"]) {
        let shop = TerminalShop::new(host, &example(GROWN));
        shop.sell("card");
        assert!(shop.logs().contains(&format!("for {words}")), "{}: {}", host.name, shop.logs());
    }
}
