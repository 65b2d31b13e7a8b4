//! `aurapos-admin server …`, by the built program alone: the contract with scripts, what came with AuraPOS in `Tools/Postgres`,
//! a clock that is wrong. What the library does is tested beside it, in `host/server/tests`.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use aurapos_tests::shop::{Shop, one_document, programs, run};
use serde_json::{Value, json};
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A shop whose owner set it up, and a place for its server; the server's end.
struct Master {
    shop: Shop,
    place: TempDir,
    port: String,
}

impl Master {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port().to_string();
        Master { shop: Shop::at(&place.path().join("shop")), place, port }
    }

    /// `server init` with what this test needs: a port, the machine alone, a user where we are root.
    fn init<'a>(&'a self, cluster: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
        let mut args = vec!["server", "init", "--port", &self.port, "--listen", "127.0.0.1"];
        args.extend(["--cluster", cluster.to_str().unwrap()]);
        if rustix::process::geteuid().is_root() {
            args.extend(["--user", "nobody"]);
        }
        args.extend(more);
        args
    }
}

impl Drop for Master {
    fn drop(&mut self) {
        // Where it was never made there is nothing to stop.
        let _ = self.shop.run(&["server", "stop"]);
    }
}

/// One command sets the server up for the shop that is there; every answer is one document.
#[test]
fn one_command_sets_a_server_up() {
    let master = Master::new();
    let shop = &master.shop;
    shop.set_up();
    let nothing = shop.found_bad(&["server", "status"]);
    assert_eq!(nothing["state"], "not_made");
    assert_eq!(shop.refused(&["server", "start"]).code, "AP-0609");
    let cluster = master.place.path().join("cluster");
    let args = master.init(&cluster, &[]);
    let made = shop.ok(&args);
    assert_eq!(
        (&made["shop"], &made["register"], &made["role"]),
        (&json!("Épicerie du Coin"), &json!("R1"), &json!("aurapos_r1"))
    );
    assert_eq!((&made["tls"], &made["database"], &made["changed"]), (&json!(true), &json!("aurapos"), &json!(true)));
    assert_eq!(made["port"].to_string(), master.port);
    let connection = &made["connection"];
    assert_eq!((&connection["host"], &connection["owner_user"]), (&json!("localhost"), &json!("aurapos_owner")));
    let again = shop.ok(&args);
    assert_eq!((&again["changed"], &again["done"]), (&json!(false), &json!([])));

    let tested = shop.ok(&["server", "test", "127.0.0.1"]);
    assert_eq!(
        (&tested["ok"], &tested["finding"], &tested["reached"]),
        (&json!(true), &json!("ready"), &json!("database"))
    );
    let status = shop.run(&["server", "status"]);
    let status = one_document(&status.out);
    assert_eq!((&status["state"], &status["reached"]), (&json!("running"), &json!("ready")));
    let bad = |status: &Value| -> Vec<String> {
        let all = status["checks"].as_array().unwrap().iter().filter(|one| one["ok"] == false);
        all.map(|one| one["name"].as_str().unwrap().to_owned())
            .filter(|name| name != "boot" && name != "room")
            .collect()
    };
    assert_eq!(bad(&status), Vec::<String>::new());

    // The passwords are in one file, for their owner alone, and in no answer; the register does not mind them.
    let secrets = fs::read_to_string(shop.data.join("secrets.toml")).unwrap();
    let passwords: Vec<&str> = secrets.lines().filter_map(|line| line.strip_prefix("password = ")).collect();
    assert_eq!(passwords.len(), 3);
    assert_eq!(fs::metadata(shop.data.join("secrets.toml")).unwrap().permissions().mode() & 0o777, 0o600);
    for said in [made.to_string(), again.to_string(), status.to_string(), tested.to_string()] {
        assert!(passwords.iter().all(|password| !said.contains(password.trim_matches('"'))));
    }
    assert_eq!(bad(&shop.found_bad(&["doctor"])), ["backup"]);

    assert_eq!(shop.ok(&["server", "stop"])["stopped"], true);
    assert_eq!(shop.ok(&["server", "stop"])["stopped"], false);
    let stopped = shop.found_bad(&["server", "test", "127.0.0.1"]);
    assert_eq!((&stopped["code"], &stopped["finding"]), (&json!("AP-0703"), &json!("not_running")));
    assert!(stopped["next"].as_str().unwrap().contains("server start"));
    let dutch = shop.found_bad(&["server", "test", "127.0.0.1", "--language", "nl"]);
    assert!(dutch["message"].as_str().unwrap().contains(&master.port), "{dutch}");
    assert_eq!(shop.ok(&["server", "start"])["started"], true);
    let renewed = shop.run(&["server", "status", "--renew"]);
    assert_eq!(one_document(&renewed.out)["renewed"], Value::Null, "it is not due");
}

/// `init --mode master`: the server, and the shop on it, with one command. What is refused is refused before a server is made.
#[test]
fn one_command_sets_up_a_server_and_a_shop_on_it() {
    let master = Master::new();
    let shop = &master.shop;
    let cluster = master.place.path().join("cluster");
    let init = |pin: &str, more: &[&str]| {
        let mut args = vec!["init", "--mode", "master", "--shop", "Chez Mia", "--manager", "Mia", "--register", "R7"];
        args.extend(["--pin", pin, "--server-port", &master.port, "--server-listen", "127.0.0.1"]);
        args.extend(["--server-cluster", cluster.to_str().unwrap()]);
        if rustix::process::geteuid().is_root() {
            args.extend(["--server-user", "nobody"]);
        }
        args.extend(more);
        args.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let refused = |args: Vec<String>| shop.refused(&args.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(refused(init("1111", &[])).code, "AP-1003");
    assert!(!shop.data.join("Postgres").exists() && !cluster.exists(), "no server for a shop that is refused");
    shop.misused(&["init", "--shop", "X", "--manager", "Mia", "--pin", "4711", "--server-port", "5499"]);
    let args = init("4711", &["--storage", "sqlite"]);
    shop.misused(&args.iter().map(String::as_str).collect::<Vec<_>>());
    let args = init("4711", &["--sample-data"]);
    let made = shop.ok(&args.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(
        (&made["mode"], &made["server_made"], &made["register"]),
        (&json!("master"), &json!(true), &json!("R7"))
    );
    assert!(made["products"].as_i64() > Some(100), "{made}");
    let status = shop.ok(&["status"]);
    assert_eq!(
        (&status["mode"], &status["storage"]["engine"]),
        (&json!("master"), &json!("SQLite")),
        "its own data stays here"
    );
    shop.ok(&["drawer", "open", "--operator", "Mia", "--pin", "4711", "--float", "100.00"]);
    assert_eq!(shop.sell(&["BOUL-001"])["receipt_no"], "R7-1-000001");
    assert_eq!(one_document(&shop.run(&["server", "status"]).out)["shop"], "Chez Mia");
    assert_eq!(refused(init("4711", &[])).code, "AP-1002", "a shop is there");
    let settings = fs::read_to_string(shop.data.join("aurapos.toml")).unwrap();
    let secrets = fs::read_to_string(shop.data.join("secrets.toml")).unwrap();
    let passwords: Vec<&str> = secrets.lines().filter_map(|line| line.strip_prefix("password = ")).collect();
    assert!(
        passwords.len() == 4 && passwords.iter().all(|one| !settings.contains(one.trim_matches('"'))),
        "{settings}"
    );
}

#[test]
fn what_is_asked_wrongly_is_refused() {
    let master = Master::new();
    let shop = &master.shop;
    shop.misused(&["server", "test"]);
    shop.misused(&["server", "test", "127.0.0.1", "--language", "xx"]);
    for (more, words) in [
        (["--network", "10.8.0.0"], "no network"),
        (["--listen", "everywhere"], "no address"),
        (["--name", "a b"], "no name"),
        (["--register", "owner"], "cannot be a register"),
    ] {
        let args = ["server", "init", "--shop", "Shop"].into_iter().chain(more).collect::<Vec<_>>();
        let refused = shop.refused(&args);
        assert!(refused.code == "AP-0619" && refused.says(words), "{refused:?}");
    }
    assert!(shop.refused(&["server", "init"]).says("--shop"));
    assert!(!shop.data.join("Postgres").exists());
    // A password is not asked for where nobody can answer, and not wanted where it would not be sent.
    let authority = master.place.path().join("none.pem");
    fs::write(&authority, "nothing").unwrap();
    let args = ["server", "test", "127.0.0.1", "--user", "x", "--authority", authority.to_str().unwrap()];
    assert_eq!(shop.refused(&args).code, "AP-0502");
}

/// A machine without PostgreSQL uses what came with AuraPOS; and a clock ten years ahead is told as such.
#[test]
fn what_came_with_it_and_a_wrong_clock() {
    let hidden = "mount -t tmpfs tmpfs /usr/lib/postgresql && exec \"$@\"";
    let possible = Command::new("unshare").args(["-m", "sh", "-c", hidden, "sh", "true"]).output();
    if !possible.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: the system's own PostgreSQL cannot be hidden here");
        return;
    }
    // The data folder of somebody else than who runs the command, as with sudo.
    const NOBODY: u32 = 65534;
    let master = Master::new();
    let data = &master.shop.data;
    fs::create_dir(data).unwrap();
    std::os::unix::fs::chown(data, Some(NOBODY), Some(NOBODY)).unwrap();
    fs::set_permissions(data, fs::Permissions::from_mode(0o700)).unwrap();
    let bundled = programs().join("Tools/Postgres/bin");
    assert!(bundled.join("postgres").is_file(), "the tools are not laid out: cargo xtask postgres, cargo xtask stage");
    let inner = ["server", "init", "--port", &master.port, "--listen", "127.0.0.1", "--shop", "Shop"];
    let inner = master.shop.command(&inner);
    let mut outer = Command::new("unshare");
    outer.args(["-m", "sh", "-c", hidden, "sh"]).arg(inner.get_program()).args(inner.get_args());
    let said = run(&mut outer, b"");
    assert!(said.status.success(), "{said:?}");
    let made = one_document(&said.out);
    assert_eq!(made["tools"], bundled.display().to_string());
    assert!(made["version"].as_str().unwrap().starts_with("17"), "{made}");
    assert_eq!(made["user"], "nobody", "the server runs as the owner of the data folder");
    for file in ["secrets.toml", "Postgres", "Postgres/authority.key", "Postgres/server.toml", "Postgres/Cluster/data"]
    {
        assert_eq!(fs::metadata(data.join(file)).unwrap().uid(), NOBODY, "{file}");
    }
    assert_eq!(master.shop.ok(&["server", "test", "localhost"])["ok"], true);

    let test = master.shop.command(&["server", "test", "localhost"]);
    let mut late = Command::new("faketime");
    late.args(["+10 years"]).arg(test.get_program()).args(test.get_args());
    let said = run(&mut late, b"");
    if said.err.contains("faketime") {
        eprintln!("skipped: the clock cannot be changed here");
        return;
    }
    let seen = one_document(&said.out);
    assert_eq!((&seen["code"], said.status.code()), (&json!("AP-0711"), Some(1)), "{seen}");
    assert!(seen["next"].as_str().unwrap().contains("date of both machines"));
}
