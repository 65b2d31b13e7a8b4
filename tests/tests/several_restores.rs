//! An older copy of the shop's database in its place while everybody sells on: put there by the tools of PostgreSQL, which bring the
//! epoch back with it. Every register brings again what the database lacks.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use aurapos_tests::shop::{Script, Shop};
use aurapos_tests::street::{Street, sells};
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

/// Three registers of one shop, each with an open drawer.
fn three() -> (Street, Shop, Shop) {
    let street = Street::with_a_master();
    street.master.opens_its_drawer();
    let (bar, terrace) = (street.joins("Bar"), street.joins("Terrace"));
    (street, bar, terrace)
}

fn there(street: &Street) -> usize {
    street.in_psql("SELECT count(*) FROM aurapos.sale").parse().unwrap()
}

fn wait_for(what: &str, so: impl Fn() -> bool) {
    let start = Instant::now();
    while !so() {
        assert!(start.elapsed() < Duration::from_secs(60), "{what} does not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Everybody sells so many.
fn all_sell(scripts: &mut [Script], count: usize) -> usize {
    for _ in 0..count {
        for script in scripts.iter_mut() {
            sells(script, "BOUL-001");
        }
    }
    count * scripts.len()
}

fn tool(name: &str) -> Command {
    let debian = PathBuf::from(format!("/usr/lib/postgresql/15/bin/{name}"));
    Command::new(if debian.exists() { debian } else { PathBuf::from(name) })
}

fn done(command: &mut Command) {
    let said = command.output().unwrap();
    assert!(said.status.success(), "{command:?}: {}", String::from_utf8_lossy(&said.stderr));
}

#[test]
fn an_older_dump_is_put_in_place_while_three_registers_sell() {
    let (street, bar, terrace) = three();
    let shops = [&street.master, &bar, &terrace];
    let mut scripts: Vec<Script> = shops.iter().map(|shop| shop.script()).collect();
    let mut sold = all_sell(&mut scripts, 5);
    wait_for("what was sold", || there(&street) == sold);
    let epoch = street.in_psql("SELECT epoch FROM aurapos._meta");
    // Dumped now, and loaded beside while the shop goes on.
    let file = street.place.path().join("aurapos.dump");
    done(tool("pg_dump").args(["-Fc", "-f"]).arg(&file).args(["-d", &street.superusers_way("aurapos")]));
    street.as_superuser("CREATE DATABASE older TEMPLATE template0");
    done(tool("pg_restore").args(["-d", &street.superusers_way("older")]).arg(&file));
    sold += all_sell(&mut scripts, 10);
    wait_for("what was sold since", || there(&street) == sold);
    // Exchanged for what is in use, in one moment.
    let exchange = Command::new("psql")
        .args(["-XAtq", "-v", "ON_ERROR_STOP=1", &street.superusers_way("postgres")])
        .args(["-c", "ALTER DATABASE aurapos ALLOW_CONNECTIONS false"])
        .args(["-c", "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = 'aurapos'"])
        .args(["-c", "SELECT pg_sleep(0.3)"])
        .args(["-c", "BEGIN; ALTER DATABASE aurapos RENAME TO lost; ALTER DATABASE older RENAME TO aurapos; COMMIT"])
        .output()
        .unwrap();
    assert!(exchange.status.success(), "{exchange:?}");
    sold += all_sell(&mut scripts, 10);
    assert_eq!(street.in_psql("SELECT epoch FROM aurapos._meta"), epoch, "the dump has the epoch of what it replaces");
    wait_for("everything", || there(&street) == sold);
    scripts.into_iter().for_each(|script| drop(script.finish()));
    street.agrees(&shops);
}

/// The files of a server as they were.
struct Older {
    data: PathBuf,
    kept: PathBuf,
}

impl Older {
    fn keep(street: &Street) -> Self {
        let older = Older { data: street.cluster().join("data"), kept: street.cluster().join("older") };
        street.master.ok(&["server", "stop"]);
        done(Command::new("cp").arg("-a").arg(&older.data).arg(&older.kept));
        street.master.ok(&["server", "start"]);
        older
    }

    fn put_in_place(self, street: &Street) {
        street.kill_the_server();
        fs::remove_dir_all(&self.data).unwrap();
        fs::rename(&self.kept, &self.data).unwrap();
        street.master.ok(&["server", "start"]);
    }
}

/// A register that was closed meanwhile and only reads: by the time it comes, the numbers that it knows are those of other commits.
#[test]
fn older_files_of_the_server_are_put_in_place_and_a_closed_register_misses_nothing() {
    let (street, bar, terrace) = three();
    let shops = [&street.master, &bar, &terrace];
    street.agrees(&shops);
    let older = Older::keep(&street);
    let mut script = bar.script();
    let one_by_one = |script: &mut Script, count: usize| {
        for _ in 0..count {
            let before = there(&street);
            sells(script, "EAU-001");
            wait_for("a sale", || there(&street) == before + 1);
        }
    };
    one_by_one(&mut script, 6);
    // The terrace and the master take it in, and are closed.
    terrace.ok(&["sync", "now"]);
    street.master.ok(&["sync", "now"]);
    let last = street.in_psql("SELECT id FROM aurapos._commit ORDER BY position DESC LIMIT 1");
    older.put_in_place(&street);
    let gone = format!("SELECT count(*) FROM aurapos._commit WHERE id = '{last}'");
    assert_eq!(street.in_psql(&gone), "0", "the older files are in place");
    sells(&mut script, "EAU-001");
    wait_for("what was lost", || there(&street) == 7);
    one_by_one(&mut script, 14);
    script.finish();
    street.agrees(&[&terrace, &street.master, &bar]);
    assert_eq!(there(&street), 21);
}

/// Nobody sold since the copy was made: no head of a journal tells that it is an older one.
#[test]
fn an_edit_that_older_files_lack_is_brought_again_and_another_epoch_needs_no_new_start() {
    let street = Street::with_a_master();
    let bar = street.joins("Bar");
    street.agrees(&[&street.master, &bar]);
    let older = Older::keep(&street);
    let price = || street.in_psql("SELECT price FROM aurapos.product WHERE sku = 'OLD-1'");
    let file = street.place.path().join("prices.csv");
    fs::write(&file, "sku,name,barcodes,category,price,vat,unit,stock,food\nOLD-1,Old,,,3.50,21,piece,,no\n").unwrap();
    bar.ok(&["import", "products", file.to_str().unwrap()]);
    bar.ok(&["sync", "now"]);
    street.master.ok(&["sync", "now"]);
    assert_eq!(price(), "350");
    older.put_in_place(&street);
    assert_eq!(price(), "", "the older files lack it");
    // The bar may never come again: whoever knows what it did brings it.
    street.master.ok(&["sync", "now"]);
    assert_eq!(price(), "350");
    // What a restore by AuraPOS does, while somebody sells.
    let mut script = bar.script();
    sells(&mut script, "EAU-001");
    wait_for("a sale", || there(&street) == 1);
    street.in_psql("UPDATE aurapos._meta SET epoch = gen_random_uuid()");
    street.sends_registers_away();
    (0..3).for_each(|_| drop(sells(&mut script, "EAU-001")));
    wait_for("what was sold in the new epoch", || there(&street) == 4);
    script.finish();
    street.agrees(&[&street.master, &bar]);
}
