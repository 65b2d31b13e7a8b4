//! Several registers of one shop, by the built programs and a real server: a master, machines that join it, what each sells while
//! the server is there, away and back, and the way from one register to several and back.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use aurapos_tests::customers::{Chance, number_from_env};
use aurapos_tests::shop::{Script, Shop, scratch};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// What the issue promises after a server came back.
const CONVERGED: Duration = Duration::from_secs(5);

/// The place of a shop and of the machines that join it; the server ends with it.
struct Street {
    master: Shop,
    place: TempDir,
    port: String,
}

impl Street {
    fn empty() -> Self {
        let place = scratch();
        fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port().to_string();
        Street { master: Shop::at(&place.path().join("shop")), place, port }
    }

    fn cluster(&self) -> String {
        self.place.path().join("cluster").display().to_string()
    }

    /// `init --mode master`: a server and a shop on it by one command.
    fn with_a_master() -> Self {
        let street = Self::empty();
        let cluster = street.cluster();
        let mut args = vec!["init", "--shop", "Épicerie", "--manager", "Mia", "--pin", "4711", "--sample-data"];
        args.extend(["--mode", "master", "--server-port", &street.port, "--server-listen", "127.0.0.1"]);
        args.extend(["--server-cluster", &cluster]);
        if is_root() {
            args.extend(["--server-user", "nobody"]);
        }
        let made = street.master.ok(&args);
        assert_eq!((&made["mode"], &made["server_made"]), (&json!("master"), &json!(true)), "{made}");
        street
    }

    /// Another machine, which joins by a code.
    fn joins(&self, name: &str) -> Shop {
        let issued = self.master.ok(&["pair", "issue", "--register-name", name]);
        let shop = Shop::at(&self.place.path().join(name));
        let code = issued["code"].as_str().unwrap();
        let joined = shop.ok(&["pair", "join", code, "--address", "127.0.0.1", "--port", &self.port]);
        assert!(joined["products"].as_i64().unwrap() > 100, "{joined}");
        shop.ok(&["drawer", "open", "--operator", "Mia", "--pin", "4711", "--float", "50.00"]);
        shop
    }

    /// What an owner reads with `psql`.
    fn in_psql(&self, query: &str) -> String {
        let secrets = fs::read_to_string(self.master.data.join("secrets.toml")).unwrap();
        let owner = secrets.split("owner").nth(1).unwrap();
        let password = owner.lines().find_map(|line| line.strip_prefix("password = ")).unwrap().trim_matches('"');
        let way = format!("host=127.0.0.1 port={} dbname=aurapos user=aurapos_owner sslmode=require", self.port);
        let mut psql = Command::new("psql");
        psql.args(["-XAtq", "-c", query, &way]).env("PGPASSWORD", password);
        let said = psql.output().unwrap();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        String::from_utf8(said.stdout).unwrap().trim().to_owned()
    }
}

impl Street {
    fn server_runs(&self) -> bool {
        let pid = self.server();
        pid.is_some_and(|pid| PathBuf::from(format!("/proc/{pid}")).exists())
    }

    fn server(&self) -> Option<i32> {
        let text = fs::read_to_string(self.place.path().join("cluster/postmaster.pid")).ok()?;
        text.lines().next()?.trim().parse().ok()
    }

    /// SIGKILL, to the server and what it works with: as a power cut.
    fn kill_the_server(&self) {
        let Some(pid) = self.server() else { return };
        let killed = Command::new("sh").args(["-c", &format!("pkill -KILL -P {pid}; kill -KILL {pid}")]).status();
        assert!(killed.is_ok());
    }
}

impl Drop for Street {
    fn drop(&mut self) {
        // Where it was never made there is nothing to stop.
        let _ = self.master.run(&["server", "stop"]);
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Receipts with their totals, as a register knows them.
fn sales(shop: &Shop) -> Vec<(String, String)> {
    let listed = shop.ok(&["sales", "list", "--limit", "100000"]);
    let one = |sale: &Value| (text(&sale["receipt_no"]), sale["total"].to_string());
    let mut sales: Vec<_> = listed["sales"].as_array().unwrap().iter().map(one).collect();
    sales.sort();
    sales
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn stock(shop: &Shop) -> String {
    let said = Command::new("sqlite3")
        .arg(shop.database())
        .arg("select product is not null, quantity from stock_level order by product")
        .output()
        .unwrap();
    assert!(said.status.success());
    String::from_utf8(said.stdout).unwrap()
}

/// Everything is everywhere, exactly once.
fn agree(street: &Street, shops: &[&Shop]) {
    for shop in shops.iter().chain(shops) {
        shop.ok(&["sync", "now"]);
    }
    let first = sales(shops[0]);
    for shop in shops {
        assert_eq!(sales(shop), first);
        assert_eq!(stock(shop), stock(shops[0]));
        shop.verify();
        shop.ok(&["storage", "check"]);
        assert_eq!(shop.ok(&["sync", "status"])["queue"], json!(0));
    }
    let there = street.in_psql("SELECT count(*), count(DISTINCT receipt_no) FROM aurapos.sale");
    assert_eq!(there, format!("{0}|{0}", first.len()));
}

#[test]
fn two_registers_sell_in_one_shop_and_go_on_without_the_server() {
    let street = Street::with_a_master();
    let master = &street.master;
    master.ok(&["drawer", "open", "--operator", "Mia", "--pin", "4711", "--float", "100.00"]);
    let bar = street.joins("Bar");
    assert_eq!(master.sell(&["BOUL-001"])["receipt_no"], "R1-1-000001");
    assert_eq!(bar.sell(&["BOUL-001", "EAU-001:2"])["receipt_no"], "R2-1-000001");
    agree(&street, &[master, &bar]);
    master.ok(&["server", "stop"]);
    for _ in 0..3 {
        bar.sell(&["EAU-001"]);
        master.sell(&["BOUL-001:2"]);
    }
    assert!(bar.ok(&["sync", "status"])["queue"].as_i64().unwrap() >= 3);
    let doctor = bar.run(&["doctor"]).out;
    assert!(doctor.contains("\"sync\"") && doctor.contains("to be brought to the shop"), "{doctor}");
    assert_eq!(bar.refused(&["sync", "now"]).code, "AP-8008");
    assert_eq!(sales(&bar).len(), 5, "its own and what it knew");
    master.ok(&["server", "start"]);
    let back = Instant::now();
    agree(&street, &[master, &bar]);
    assert_eq!(sales(&bar).len(), 8);
    assert!(back.elapsed() < CONVERGED * 6, "by hand, a command after the other: {:?}", back.elapsed());
    // A refund of what another register sold.
    let back = ["refund", "--operator", "Mia", "--pin", "4711", "--receipt", "R1-1-000001", "--tender", "cash"];
    bar.ok(&back);
    agree(&street, &[master, &bar]);
    for (code, count) in [("R1", 4), ("r2", 5)] {
        let listed = master.ok(&["sales", "list", "--register", code]);
        let of: Vec<Value> = listed["sales"].as_array().unwrap().clone();
        assert_eq!(of.len(), count, "{listed}");
        assert!(of.iter().all(|sale| sale["register"] == code.to_uppercase()), "{listed}");
    }
    let nobody = master.refused(&["sales", "list", "--register", "R3"]);
    assert!(nobody.code == "AP-0640" && nobody.message.contains("R1, R2"), "{nobody:?}");
}

/// Registers that sell all the time while they, and the server, are killed again and again. `AURAPOS_KILLS` says how often,
/// `AURAPOS_SEED` repeats a run.
#[test]
fn killed_registers_and_a_killed_server_lose_and_double_nothing() {
    let mut chance = Chance::from_env("AURAPOS_SEED", 11);
    let street = Street::with_a_master();
    street.master.ok(&["drawer", "open", "--operator", "Mia", "--pin", "4711", "--float", "100.00"]);
    let (bar, terrace) = (street.joins("Bar"), street.joins("Terrace"));
    let shops = [&street.master, &bar, &terrace];
    let mut told: BTreeSet<String> = BTreeSet::new();
    for _ in 0..number_from_env("AURAPOS_KILLS", 4) {
        let mut scripts: Vec<Script> = shops.iter().map(|shop| shop.script()).collect();
        let mut hear = |answers: Vec<Value>| {
            let new = answers.iter().filter_map(|answer| answer["receipt_no"].as_str().map(str::to_owned));
            let new: Vec<String> = new.collect();
            let before = told.len();
            told.extend(new.iter().cloned());
            assert_eq!(told.len(), before + new.len(), "no number is told twice");
        };
        for number in 0..4 + chance.below(20) {
            for script in &mut scripts {
                let item = ["BOUL-001", "EAU-001", "FRUIT-001"][(number % 3) as usize];
                let items = json!([{"item": item}]);
                script.send(&json!({"operator": "Mia", "pin": "4711", "items": items, "tenders": [{"cash": "50.00"}]}));
            }
            if number == 3 && chance.below(2) == 0 {
                street.kill_the_server();
            }
            let answers = scripts.iter_mut().map(Script::answer).collect();
            hear(answers);
        }
        let killed = chance.below(4) as usize;
        for (at, script) in scripts.into_iter().enumerate() {
            hear(if at == killed { script.kill() } else { script.finish() });
        }
        if !street.server_runs() {
            street.master.ok(&["server", "start"]);
        }
    }
    agree(&street, &shops);
    let known: BTreeSet<String> = sales(&street.master).into_iter().map(|(receipt, _)| receipt).collect();
    let lost: Vec<&String> = told.difference(&known).collect();
    assert!(lost.is_empty(), "acknowledged and gone: {lost:?}");
    let gaps = street.in_psql(
        "SELECT count(*) FROM (SELECT max(counter) - count(*) AS gaps FROM aurapos.sale GROUP BY incarnation) AS lives \
         WHERE gaps <> 0",
    );
    assert_eq!(gaps, "0");
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
    let cluster = street.cluster();
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
    agree(&street, &[shop, &bar]);
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
    let cluster = street.cluster();
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
