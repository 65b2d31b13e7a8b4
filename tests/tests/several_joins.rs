//! A machine that joins is killed at every step, and a register that was locked out is let in again: the same command goes on, and
//! nothing that was sold is left behind.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use aurapos_tests::customers::number_from_env;
use aurapos_tests::street::Street;
use serde_json::json;
use std::process::Stdio;
use std::time::Duration;

#[test]
fn a_joining_that_is_killed_goes_on_with_the_same_command() {
    let street = Street::with_a_master();
    let invited = street.invites("Bar");
    let args: Vec<&str> = invited.iter().map(String::as_str).collect();
    let bar = street.machine("Bar");
    let (kills, takes) = (number_from_env("AURAPOS_KILLS", 4), number_from_env("AURAPOS_JOIN_MS", 2_400));
    for kill in 1..=kills {
        let mut child = bar.command(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(takes * kill / (kills + 1)));
        child.kill().unwrap();
        child.wait().unwrap();
        let listed = street.master.ok(&["registers", "list"]);
        println!("killed after {kill}/{}: {}", kills + 1, listed["registers"][1]["state"]);
    }
    let joined = bar.ok(&args);
    assert_eq!((&joined["register"], &joined["register_name"]), (&json!("R2"), &json!("Bar")), "{joined}");
    assert!(joined["products"].as_i64() > Some(100), "{joined}");
    assert_eq!(bar.ok(&args)["products"], joined["products"], "and once more it is the same");
    assert_eq!(street.in_psql("SELECT count(*) FROM aurapos.register_claim WHERE code = 'R2'"), "1");
    bar.opens_its_drawer();
    assert_eq!(bar.sell(&["BOUL-001"])["receipt_no"], "R2-1-000001");
    street.agrees(&[&bar, &street.master]);
}

#[test]
fn what_a_locked_out_register_had_not_sent_comes_when_it_is_let_in_again() {
    let street = Street::with_a_master();
    let (master, bar) = (&street.master, street.joins("Bar"));
    master.opens_its_drawer();
    bar.sell(&["BOUL-001"]);
    master.ok(&["registers", "revoke", "R2", "--yes"]);
    // It sells on, and nobody hears of it.
    (0..3).for_each(|_| drop(bar.sell(&["EAU-001"])));
    let standing = bar.standing();
    assert_eq!(standing["trouble"]["code"], "AP-0728", "{standing}");
    assert!(standing["queue"].as_i64().unwrap() >= 3, "{standing}");
    master.misused(&["registers", "readmit", "R2"]);
    assert_eq!(master.refused(&["registers", "readmit", "R9", "--yes"]).code, "AP-0640");
    assert_eq!(master.refused(&["registers", "readmit", "R1", "--yes"]).code, "AP-0641");
    assert_eq!(master.ok(&["registers", "readmit", "R2", "--yes"])["changed"], true);
    assert_eq!(master.ok(&["registers", "readmit", "R2", "--yes"])["changed"], false);
    street.agrees(&[&bar, master]);
    assert_eq!(street.in_psql("SELECT count(*) FROM aurapos.sale"), "4");
    let listed = master.ok(&["registers", "list"]);
    assert_eq!(listed["registers"][1]["state"], "joined", "{listed}");
    // A code that was given and never used has no machine that could come.
    master.ok(&["pair", "issue"]);
    master.ok(&["registers", "revoke", "R3", "--yes"]);
    let never = master.refused(&["registers", "readmit", "R3", "--yes"]);
    assert!(never.code == "AP-0642" && never.says("never joined"), "{never:?}");
}
