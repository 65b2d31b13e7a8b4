//! The built program: Ctrl+C in the middle of a payment, and the deadline in its settings.

use super::*;
use aurapos_tests::books::sql;
use aurapos_tests::shop::{Said, press_ctrl_c};
use std::io::Read as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Stdio};

const SALE: [&str; 9] = ["sell", "--operator", OPERATOR, "--pin", PIN, "--item", WATER, "--tender", "terminal"];

/// A sale that is being paid.
struct Selling(Child);

impl Selling {
    /// Starts it, in words, and waits until the terminal is at it.
    fn begin(shop: &Shop) -> Selling {
        let mut command = std::process::Command::new(programs().join("aurapos-admin"));
        command.env_remove("AURAPOS_DATA").env_remove("AURAPOS_PIN").arg("--data").arg(&shop.data).args(SALE);
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let selling = Selling(command.spawn().unwrap());
        asked(&folder(shop, "terminal"), "begin", 1);
        selling
    }

    fn end(mut self) -> Said {
        let status = wait_for("its end", || self.0.try_wait().unwrap());
        let (mut out, mut err) = (String::new(), String::new());
        self.0.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        self.0.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        Said { status, out, err }
    }
}

impl Drop for Selling {
    fn drop(&mut self) {
        // It has mostly ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_first_ctrl_c_asks_the_payment_to_stop_and_says_so() {
    let shop = shop(&[TERMINAL]);
    let selling = Selling::begin(&shop);
    press_ctrl_c(&selling.0);
    let said = selling.end();
    assert_eq!((said.status.code(), said.out.as_str()), (Some(1), ""), "{said:?}");
    assert!(said.err.contains("asked to stop") && said.err.contains("AP-3004"), "{said:?}");
    assert_eq!(times(&folder(&shop, "terminal"), "cancel"), 1);
    shop.sell(&[WATER]);
    shop.verify();
}

#[test]
fn a_customer_who_pays_all_the_same_has_bought() {
    let shop = shop(&[terminal("ignores")]);
    let selling = Selling::begin(&shop);
    press_ctrl_c(&selling.0);
    asked(&folder(&shop, "terminal"), "cancel", 1);
    fs::write(folder(&shop, "terminal").join("card"), "").unwrap();
    let said = selling.end();
    assert_eq!(said.status.code(), Some(0), "{said:?}");
    assert!(said.out.contains("R1-1-000001"), "{said:?}");
    shop.verify();
}

#[test]
fn the_second_ctrl_c_ends_the_program_and_the_next_start_asks_about_the_payment() {
    let shop = shop(&[terminal("ignores")]);
    let terminal = folder(&shop, "terminal");
    let selling = Selling::begin(&shop);
    press_ctrl_c(&selling.0);
    asked(&terminal, "cancel", 1);
    press_ctrl_c(&selling.0);
    let said = selling.end();
    assert_eq!((said.status.signal(), said.out.as_str()), (Some(libc::SIGINT), ""), "{said:?}");
    let state = || sql(&shop.database(), "SELECT state FROM payment_intent")[0]["state"].clone();
    assert_eq!(state(), "sent");
    fs::write(terminal.join("outcome"), "approved").unwrap();
    shop.sell(&[WATER]);
    assert_eq!((times(&terminal, "query_status"), times(&terminal, "reverse")), (1, 1), "{:?}", log(&terminal));
    assert_eq!(state(), "reversed", "money of a sale that is none goes back");
    shop.verify();
}

#[test]
fn where_no_payment_goes_on_ctrl_c_ends_the_program() {
    let shop = shop(&[TERMINAL]);
    let mut script = shop.script();
    script.send(&serde_json::json!({
        "operator": OPERATOR, "pin": PIN, "items": [{"item": WATER}], "tenders": [{"cash": null}],
    }));
    assert_eq!(script.answer()["receipt_no"], "R1-1-000001");
    assert_eq!(script.interrupt().signal(), Some(libc::SIGINT));
}

/// The default is two minutes, and so is the patience of this test; the shop asked for one second.
#[test]
fn the_deadline_of_the_settings_is_the_total_of_a_payment() {
    let shop = shop(&[Terms { deadline_ms: 1_000, ..terminal("talks") }]);
    let start = Instant::now();
    let refusal = shop.refused(&SALE);
    assert!(["AP-3006", "AP-3007"].contains(&refusal.code.as_str()), "{refusal:?}");
    assert!(refusal.says("terminal"), "{refusal:?}");
    assert!(start.elapsed() < PATIENCE / 2, "the default is not what was asked for");
    assert_eq!(times(&folder(&shop, "terminal"), "query_status"), 1);
    let file = shop.data.join("aurapos.toml");
    let settings = fs::read_to_string(&file).unwrap();
    for wrong in ["999", "600001", "0", "-1", "\"1 s\""] {
        fs::write(&file, settings.replace("deadline_ms = 1000", &format!("deadline_ms = {wrong}"))).unwrap();
        let refusal = shop.refused(&SALE);
        assert!(refusal.code == "AP-0204" && refusal.says("payment.deadline_ms"), "{wrong}: {refusal:?}");
        assert!(wrong.starts_with('"') || refusal.says("1000 to 600000 milliseconds"), "{wrong}: {refusal:?}");
    }
}
