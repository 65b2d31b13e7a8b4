//! `aurapos-admin pair …` and `registers …`, by the built program alone: a master and machines that join it, by file, by code and by
//! standard input. What the library does is tested beside it, in `host/server/tests`.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use aurapos_tests::shop::{Refusal, Shop, one_document, refusal_in, run};
use serde_json::{Value, json};
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A shop with its server, and a place for the machines that join; the server's end.
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
        let master = Master { shop: Shop::at(&place.path().join("shop")), place, port };
        master.shop.set_up();
        let cluster = master.place.path().join("cluster").display().to_string();
        let mut args = vec!["server", "init", "--port", &master.port, "--listen", "127.0.0.1", "--cluster", &cluster];
        if rustix::process::geteuid().is_root() {
            args.extend(["--user", "nobody"]);
        }
        master.shop.ok(&args);
        master
    }

    /// Another machine, without a shop.
    fn machine(&self, name: &str) -> Shop {
        Shop::at(&self.place.path().join(name))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// The registers by code.
    fn register(&self, code: &str) -> Value {
        let listed = self.shop.ok(&["registers", "list"]);
        let all = listed["registers"].as_array().unwrap();
        all.iter().find(|one| one["code"] == code).unwrap_or_else(|| panic!("{code}: {listed}")).clone()
    }
}

impl Drop for Master {
    fn drop(&mut self) {
        // Where it was never made there is nothing to stop.
        let _ = self.shop.run(&["server", "stop"]);
    }
}

fn mode(file: &Path) -> u32 {
    fs::metadata(file).unwrap().permissions().mode() & 0o777
}

/// A line of `secrets.toml` below a table.
fn password(shop: &Shop, table: &str) -> String {
    let text = fs::read_to_string(shop.data.join("secrets.toml")).unwrap();
    let behind = text.split(table).nth(1).unwrap();
    let line = behind.lines().find_map(|line| line.strip_prefix("password = ")).unwrap();
    line.trim_matches('"').to_owned()
}

#[test]
fn a_machine_becomes_a_register_of_the_shop() {
    let master = Master::new();
    // A file, for its owner alone; nothing is written over.
    let file = master.file("bar.json");
    let path = file.to_str().unwrap();
    let issued = master.shop.ok(&["pair", "issue", "--register-name", "Bar", "--out", path]);
    assert_eq!((&issued["register"], &issued["reached_by_others"]), (&json!("R2"), &json!(false)));
    assert_eq!((mode(&file), &issued["by_the_owner"]), (0o600, &json!(true)));
    let document: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let code = document["code"].as_str().unwrap().to_owned();
    assert!(!issued.to_string().contains(&code), "with a file the secret is in the file");
    assert_eq!((&document["aurapos_pairing"], &document["shop"]), (&json!(1), &json!("Épicerie du Coin")));
    let shop_id = document["shop_id"].as_str().unwrap();
    assert_eq!(shop_id.len(), 36, "the shop of this data folder: {shop_id}");
    assert_eq!(master.shop.refused(&["pair", "issue", "--out", path]).code, "AP-0505");
    assert_eq!(master.register("R2")["state"], "invited");

    let bar = master.machine("bar");
    let joined = bar.ok(&["pair", "join", path]);
    assert_eq!(
        (&joined["register"], &joined["register_name"], &joined["mode"]),
        (&json!("R2"), &json!("Bar"), &json!("slave"))
    );
    assert_eq!(
        (&joined["user"], &joined["host"], &joined["tls"]),
        (&json!("aurapos_r2"), &json!("127.0.0.1"), &json!(true))
    );
    assert_eq!(joined["port"].to_string(), master.port);
    // Its folder: settings that name the shared storage, its own secret in one file, the shop's authority.
    let settings = fs::read_to_string(bar.data.join("aurapos.toml")).unwrap();
    for line in
        ["code = \"R2\"", "mode = \"slave\"", "[storage.shared]", "use = \"postgres\"", "authority = \"authority.pem\""]
    {
        assert!(settings.contains(line), "{line}: {settings}");
    }
    let (kept, used) = (password(&bar, "[storage.shared]"), password(&bar, "[server.aurapos_r2]"));
    assert!(kept == used && kept.len() == 32 && !settings.contains(&kept) && !joined.to_string().contains(&kept));
    assert_eq!((mode(&bar.data), mode(&bar.data.join("secrets.toml"))), (0o700, 0o600));
    assert_eq!(fs::read_to_string(bar.data.join("authority.pem")).unwrap(), document["authority"].as_str().unwrap());
    // It reaches the master with what it has. The shop was not brought to the server yet: it says so, and what to do.
    assert_eq!(joined["products"], Value::Null, "{joined}");
    let tested = bar.ok(&["server", "test", "127.0.0.1"]);
    assert_eq!((&tested["finding"], &tested["reached"]), (&json!("ready"), &json!("database")));
    for args in [&["status"][..], &["drawer", "open", "--operator", "Mia", "--pin", "4711", "--float", "1"]] {
        let refused = bar.refused(args);
        assert!(
            refused.code == "AP-1001" && (refused.says("sync now") || refused.says("on the master")),
            "{refused:?}"
        );
    }
    // The same command goes on; a pairing of another register is not used for it.
    assert_eq!(bar.ok(&["pair", "join", path])["register"], "R2");
    let of_another = master.file("cellar.json");
    master.shop.ok(&["pair", "issue", "--out", of_another.to_str().unwrap()]);
    let refused = bar.refused(&["pair", "join", of_another.to_str().unwrap()]);
    assert!(refused.code == "AP-0644" && refused.says("R2") && refused.says("R3"), "{refused:?}");
    assert_eq!(master.register("R3")["state"], "invited", "it was not used");
    assert_eq!(master.machine("other").refused(&["pair", "join", path]).code, "AP-0635");
    assert!(!master.file("other").exists(), "who does not join leaves nothing behind");
    // Cut off before its settings were written, it goes on with the pairing that it used itself.
    fs::remove_file(bar.data.join("aurapos.toml")).unwrap();
    bar.ok(&["pair", "join", path]);
    assert_eq!(password(&bar, "[storage.shared]"), kept);
    the_master_looks_after_it(&master, &bar);
}

/// The master knows a register, calls it something else, and locks it out at once.
fn the_master_looks_after_it(master: &Master, bar: &Shop) {
    let listed = master.register("R2");
    assert_eq!(
        (&listed["name"], &listed["state"], &listed["signs_in"]),
        (&json!("Bar"), &json!("joined"), &json!(true))
    );
    assert!(listed["last_seen"].as_str().unwrap().ends_with('Z') && listed["queue"].is_null(), "{listed}");
    assert_eq!(master.register("R1")["here"], true);
    master.shop.ok(&["registers", "rename", "R2", "Terrasse"]);
    assert_eq!(master.register("R2")["name"], "Terrasse");
    assert!(master.shop.misused(&["registers", "revoke", "R2"]).says("--yes"));
    assert_eq!(master.shop.ok(&["registers", "revoke", "R2", "--yes"])["state"], "revoked");
    assert_eq!(master.register("R2")["signs_in"], false);
    let out = bar.found_bad(&["server", "test", "127.0.0.1", "--port", &master.port]);
    assert_eq!((&out["code"], &out["finding"]), (&json!("AP-0728"), &json!("revoked")), "{out}");
    assert_eq!(master.shop.refused(&["registers", "revoke", "R1", "--yes"]).code, "AP-0641");
    assert_eq!(master.shop.refused(&["pair", "issue", "--register", "R2"]).code, "AP-0639");
}

#[test]
fn a_code_is_typed_where_no_file_is_carried() {
    let master = Master::new();
    // What scripts get is the document itself; people get the code and the line to type.
    let document = master.shop.ok(&["pair", "issue"]);
    let code = document["code"].as_str().unwrap();
    let said = run(&mut master.shop.spoken(&["pair", "issue", "--register", "R2"]), b"");
    assert!(said.out.contains("pair join ") && said.out.contains(&format!("--port {}", master.port)), "{}", said.out);
    assert!(said.out.contains("before is worth nothing now") && said.out.contains("Only this machine"), "{}", said.out);
    assert!(said.out.contains("storage migrate --to master"), "{}", said.out);
    let newest = said.out.lines().find_map(|line| line.strip_prefix("Code:")).unwrap().trim().to_owned();
    let bar = master.machine("bar");
    let at = |code: &str| -> Refusal {
        bar.refused(&["pair", "join", code, "--address", "127.0.0.1", "--port", &master.port])
    };
    assert_eq!(at(code).code, "AP-0636", "a newer one took its place");
    let mut mistyped = newest.clone().into_bytes();
    mistyped[7] = if mistyped[7] == b'A' { b'B' } else { b'A' };
    assert_eq!(at(&String::from_utf8(mistyped).unwrap()).code, "AP-0633");
    assert!(at("ABCD-EFGH-JKLM-NPQR").says("16 letters of 20"));
    assert_eq!(bar.refused(&["pair", "join", &newest]).code, "AP-0643");
    assert_eq!(bar.refused(&["pair", "join", "/nowhere/pairing.json"]).code, "AP-0631");
    let nobody = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port().to_string();
    let gone = bar.refused(&["pair", "join", &newest, "--address", "127.0.0.1", "--port", &nobody, "--no-search"]);
    assert_eq!(gone.code, "AP-0703");
    assert!(!bar.data.exists(), "nothing is left of what failed");
    // On standard input it stands in no process list.
    let args = ["pair", "join", "-", "--address", "localhost", "--port", &master.port, "--register-name", "Bar"];
    let said = run(&mut bar.command(&args), newest.to_lowercase().as_bytes());
    assert_eq!(said.status.code(), Some(0), "{said:?}");
    assert_eq!(one_document(&said.out)["register_name"], "Bar");
    assert_eq!(master.register("R2")["name"], "Bar");
    // So does a document.
    let document = master.shop.ok(&["pair", "issue", "--hours", "1"]);
    let said = run(&mut master.machine("cellar").command(&["pair", "join", "-"]), document.to_string().as_bytes());
    assert_eq!(one_document(&said.out)["register"], "R3", "{said:?}");
}

#[test]
fn what_is_not_possible_is_said_and_uses_nothing_up() {
    let master = Master::new();
    // A machine with a shop keeps it, and the pairing is as good as before.
    let file = master.file("bar.json");
    let path = file.to_str().unwrap();
    master.shop.ok(&["pair", "issue", "--out", path]);
    let taken = Shop::open();
    assert_eq!(taken.refused(&["pair", "join", path]).code, "AP-1002");
    assert_eq!(taken.sell(&["EAU-001"])["receipt_no"], "R1-1-000001");
    let served = master.machine("served");
    fs::create_dir_all(served.data.join("Postgres")).unwrap();
    fs::copy(master.shop.data.join("Postgres/server.toml"), served.data.join("Postgres/server.toml")).unwrap();
    let refused = served.refused(&["pair", "join", path]);
    assert!(refused.code == "AP-0642" && refused.says("has the server"), "{refused:?}");
    // A file that was changed, and one that is something else.
    let text = fs::read_to_string(&file).unwrap();
    let changed = master.file("changed.json");
    for (new, code) in [
        (text.replace("\"aurapos_pairing\": 1", "\"aurapos_pairing\": 2"), "AP-0632"),
        (text.replace("\"port\"", "\"door\""), "AP-0631"),
        ("{}".to_owned(), "AP-0631"),
        (String::new(), "AP-0631"),
    ] {
        fs::write(&changed, new).unwrap();
        assert_eq!(master.machine("bar").refused(&["pair", "join", changed.to_str().unwrap()]).code, code);
    }
    // A folder that cannot be made: the pairing is not used up.
    let below_a_file = Shop::at(&changed.join("bar"));
    assert_eq!(below_a_file.refused(&["pair", "join", path]).code, "AP-0101");
    master.machine("bar").ok(&["pair", "join", path]);
    // Wrong words, and a machine without a server.
    for args in [
        &["pair", "issue", "--hours", "0"][..],
        &["pair", "issue", "--hours", "169"],
        &["pair", "join"],
        &["registers"],
    ] {
        let said = master.shop.run(args);
        refusal_in(&said, 2, args);
    }
    assert_eq!(master.shop.refused(&["pair", "issue", "--register", "r2"]).code, "AP-0642");
    assert_eq!(master.shop.refused(&["registers", "rename", "R9", "x"]).code, "AP-0640");
    for args in [&["pair", "issue"][..], &["registers", "list"]] {
        assert_eq!(taken.refused(args).code, "AP-0609");
    }
    master.shop.ok(&["server", "stop"]);
    assert_eq!(master.shop.refused(&["pair", "issue"]).code, "AP-0703");
}
