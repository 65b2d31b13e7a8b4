//! From one register to several and back, killed at every step: afterwards the shop sells as before or as after, and the same command
//! goes on or is abandoned.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use aurapos_tests::customers::number_from_env;
use aurapos_tests::shop::{Shop, refusal_in};
use aurapos_tests::street::{Street, in_sqlite, is_root};
use serde_json::{Value, json};
use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

const MASTER: [&str; 4] = ["storage", "migrate", "--to", "master"];
const SINGLE: [&str; 4] = ["storage", "migrate", "--to", "single"];

/// A shop that sold by itself, and a server beside it that nobody uses yet.
fn beside_a_server() -> Street {
    let street = Street::empty();
    let shop = &street.master;
    shop.set_up();
    (0..5).for_each(|_| drop(shop.sell(&["BOUL-001", "EAU-001:2"])));
    let cluster = street.cluster().display().to_string();
    let mut args = vec!["server", "init", "--port", &street.port, "--listen", "127.0.0.1", "--cluster", &cluster];
    if is_root() {
        args.extend(["--user", "nobody"]);
    }
    shop.ok(&args);
    street
}

/// Every row of a shop but what it knows of the server, and what a sale after the move adds.
fn counts(shop: &Shop) -> String {
    in_sqlite(shop, "SELECT (SELECT count(*) FROM sale), (SELECT sum(total) FROM sale), (SELECT count(*) FROM product)")
}

/// Runs a command and kills it after a while; `true`: it was quicker.
fn killed_after(shop: &Shop, args: &[&str], after: Duration) -> bool {
    let mut child = shop.command(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let start = Instant::now();
    while start.elapsed() < after {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{args:?}: {status}");
            return true;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    false
}

fn mode(shop: &Shop) -> Value {
    shop.ok(&["status"])["mode"].clone()
}

/// After a kill: it sells, under the next number, in the mode of before or after.
fn sells_on(shop: &Shop, sold: &mut u32) {
    *sold += 1;
    assert_eq!(shop.sell(&["BOUL-001"])["receipt_no"], format!("R1-1-{sold:06}"));
    assert_eq!(in_sqlite(shop, "SELECT count(*) FROM sale"), sold.to_string());
}

/// Kills a command at moments that are spread over the time that it takes, until it is through.
fn killed_all_the_way(shop: &Shop, args: &[&str], goal: &str, takes: Duration, sold: &mut u32) {
    let kills = u32::try_from(number_from_env("AURAPOS_KILLS", 4)).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for kill in 0..kills {
        // More of them at the beginning, where files are written.
        let part = f64::from(kill + 1) / f64::from(kills + 1);
        let through = killed_after(shop, args, takes.mul_f64(part * part));
        seen.insert(mode_of_file(shop));
        sells_on(shop, sold);
        if through {
            break;
        }
    }
    println!("{args:?}: {takes:?}, {kills} kills, seen {seen:?}");
    shop.verify();
    let moved = shop.ok(args);
    assert_eq!(mode(shop), json!(goal), "{moved}");
}

#[test]
fn a_move_to_several_registers_and_back_is_killed_at_every_step() {
    let street = beside_a_server();
    let shop = &street.master;
    let single = fs::read(shop.data.join("aurapos.toml")).unwrap();
    let mut sold = 5;
    // How long it takes, of a copy of the shop that is thrown away: here the command is killed before it is through.
    let takes = Duration::from_millis(number_from_env("AURAPOS_MOVE_MS", 2_500));
    killed_all_the_way(shop, &MASTER, "master", takes, &mut sold);
    assert_eq!(street.in_psql("SELECT count(*) FROM aurapos.sale"), sold.to_string());
    street.agrees(&[shop]);
    let before = counts(shop);
    killed_all_the_way(shop, &SINGLE, "single", takes, &mut sold);
    assert_eq!(fs::read(shop.data.join("aurapos.toml")).unwrap(), single, "nothing of it is left");
    assert_ne!(counts(shop), before, "it sold meanwhile");
    // The server keeps its copy, and takes the shop once more.
    sells_on(shop, &mut sold);
    shop.ok(&MASTER);
    street.agrees(&[shop]);
    assert_eq!(street.in_psql("SELECT count(*) FROM aurapos.sale"), sold.to_string());
}

#[test]
fn a_move_whose_server_dies_is_abandoned_or_goes_on() {
    let street = beside_a_server();
    let shop = &street.master;
    let single = fs::read(shop.data.join("aurapos.toml")).unwrap();
    let mut sold = 5;
    let begun = |shop: &Shop| {
        let mut child = shop.command(&MASTER).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while mode_of_file(shop) != "master" {
            assert!(child.try_wait().unwrap().is_none_or(|status| status.success()));
        }
        street.kill_the_server();
        child.wait().unwrap()
    };
    assert!(!begun(shop).success(), "it says that the server is gone");
    sells_on(shop, &mut sold);
    // Nobody waits for it: the shop is by itself again, and has everything.
    let refused = refusal_in(&shop.run(&[&SINGLE[..], &["--server-lost"]].concat()), 1, &SINGLE);
    assert!(refused.says("--yes"), "{refused:?}");
    shop.ok(&[&SINGLE[..], &["--server-lost", "--yes"]].concat());
    assert_eq!(fs::read(shop.data.join("aurapos.toml")).unwrap(), single);
    sells_on(shop, &mut sold);
    // Another day it goes on from what came through.
    shop.ok(&["server", "start"]);
    assert!(!begun(shop).success());
    sells_on(shop, &mut sold);
    shop.ok(&["server", "start"]);
    shop.ok(&MASTER);
    street.agrees(&[shop]);
    assert_eq!(street.in_psql("SELECT count(*) FROM aurapos.sale"), sold.to_string());
}

fn mode_of_file(shop: &Shop) -> &'static str {
    let text = fs::read_to_string(shop.data.join("aurapos.toml")).unwrap();
    if text.contains("mode = \"master\"") { "master" } else { "single" }
}
