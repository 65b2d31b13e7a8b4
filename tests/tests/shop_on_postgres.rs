//! A shop on a PostgreSQL server, by the built programs: set up, sold, imported, checked, backed up and restored as on SQLite;
//! a server that is away, killed, or not the one that holds the data.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use aurapos_test_postgres::{Authority, Options, Server, Version};
use aurapos_tests::shop::{Shop, one_document, run};
use serde_json::{Value, json};

/// A server with the roles that `server init` makes, and a shop on it.
struct OnServer {
    server: Server,
    authority: Authority,
    shop: Shop,
}

/// The passwords, as they are read from standard input.
const SECRETS: &str = "password=sesame of r1\nowner_password=sesame of owner\n";

impl OnServer {
    fn new(version: Version) -> Self {
        let authority = Authority::new("The shop");
        let tls = (version != Version::V18).then(|| authority.issue(&["localhost", "127.0.0.1"]));
        let server = Server::start(version, Options { tls, fsync: true, ..Options::default() });
        server.sql(
            "postgres",
            "CREATE ROLE aurapos_owner LOGIN PASSWORD 'sesame of owner'; CREATE ROLE aurapos_register; \
             CREATE ROLE aurapos_r1 LOGIN PASSWORD 'sesame of r1' IN ROLE aurapos_register",
        );
        server.sql("postgres", "CREATE DATABASE aurapos OWNER aurapos_owner ENCODING 'UTF8' TEMPLATE template0");
        OnServer { server, authority, shop: Shop::nowhere() }
    }

    /// `init --storage postgres`; the answer is read by the caller.
    fn init(&self, shop: &Shop, more: &[&str]) -> (bool, Value) {
        let tls = self.server.version() != Version::V18;
        let mut settings = vec![format!("port={}", self.server.port()), "user=aurapos_r1".to_owned()];
        settings.extend(
            ["host=localhost", "owner_user=aurapos_owner", "register_role=aurapos_register"].map(str::to_owned),
        );
        if tls {
            let file = shop.data.parent().unwrap().join("authority.pem");
            std::fs::write(&file, self.authority.pem()).unwrap();
            settings.push(format!("authority={}", file.display()));
        } else {
            settings.push("tls=false".to_owned());
        }
        let mut args = vec!["init", "--shop", "Épicerie", "--manager", "Mia", "--pin", "4711", "--sample-data"];
        args.extend(["--storage", "postgres", "--storage-secrets-stdin"]);
        for setting in &settings {
            args.extend(["--storage-setting", setting.as_str()]);
        }
        args.extend(more);
        let said = run(&mut shop.command(&args), SECRETS.as_bytes());
        let good = said.status.success();
        (good, one_document(if good { &said.out } else { &said.err }))
    }

    fn ready(version: Version) -> Self {
        let place = Self::new(version);
        let (good, answer) = place.init(&place.shop, &[]);
        assert!(good && answer["products"].as_i64() > Some(100), "{answer}");
        place.shop.ok(&["drawer", "open", "--operator", "Mia", "--pin", "4711", "--float", "100.00"]);
        place
    }

    fn number(&self, query: &str) -> i64 {
        self.server.sql("aurapos", query).trim().parse().unwrap()
    }
}

/// Everything that works on SQLite works there; an owner finds it in `psql`.
fn sells(version: Version) {
    let place = OnServer::ready(version);
    let shop = &place.shop;
    let sale = shop.sell(&["BOUL-001", "EAU-001:2"]);
    assert_eq!(sale["receipt_no"], "R1-1-000001");
    assert_eq!(place.number("SELECT count(*) FROM aurapos.sale_line"), 2);
    let shown = place.server.sql("aurapos", "SELECT receipt_no FROM aurapos.sale");
    assert_eq!(shown.trim(), "R1-1-000001");
    shop.ok(&[
        "refund",
        "--operator",
        "Mia",
        "--pin",
        "4711",
        "--receipt",
        "R1-1-000001",
        "--line",
        "1:1",
        "--tender",
        "cash",
    ]);
    let status = shop.ok(&["status"]);
    assert!(status["storage"]["location"].to_string().contains("aurapos") || status.to_string().contains("aurapos)"));
    shop.verify();
    let made = shop.ok(&["backup", "now"]);
    assert_eq!(made["backups"][0]["verified"], json!(true), "{made}");
    let name = shop.ok(&["backup", "list"])["backups"][0]["name"].as_str().unwrap().to_owned();
    shop.sell(&["BOUL-001"]);
    shop.ok(&["backup", "restore", &name, "--yes"]);
    assert_eq!(shop.ok(&["sales", "list"])["sales"].as_array().map(Vec::len), Some(2), "the third sale came after it");
    let next = shop.sell(&["BOUL-001"]);
    assert!(!next["receipt_no"].as_str().unwrap().starts_with("R1-1-"), "no number twice: {next}");
    shop.verify();
    // No password in what the owner shows around.
    let settings = std::fs::read_to_string(shop.data.join("aurapos.toml")).unwrap();
    assert!(!settings.contains("sesame"), "{settings}");
}

#[test]
fn a_shop_lives_on_postgresql_15() {
    sells(Version::V15);
}

#[test]
fn a_shop_lives_on_postgresql_18() {
    sells(Version::V18);
}

/// A server that is away is told with what to do, and nothing else is opened in its place; killed in the middle of a script no
/// acknowledged sale is lost and none is there twice.
#[test]
fn a_server_that_goes_away_takes_nothing_with_it() {
    let mut place = OnServer::ready(Version::V15);
    let line =
        json!({"operator": "Mia", "pin": "4711", "items": [{"item": "BOUL-001"}], "tenders": [{"cash": "20.00"}]});
    let told = place.shop.sell_all(&vec![line.clone(); 20]);
    assert!(told.iter().all(|answer| answer["receipt_no"].is_string()), "{told:?}");
    let mut script = place.shop.script();
    script.send(&line);
    let first = script.answer();
    assert!(first["receipt_no"].is_string(), "{first}");
    place.server.kill();
    script.send(&line);
    let lost = script.answer();
    assert!(lost["error"]["code"].is_string(), "a sale on a dead server: {lost}");
    drop(script);
    let away = place.shop.refused(&[
        "sell",
        "--operator",
        "Mia",
        "--pin",
        "4711",
        "--item",
        "BOUL-001",
        "--tender",
        "cash=20.00",
    ]);
    assert!(away.code.starts_with("AP-8") && away.says("server"), "{away:?}");
    place.server.restart();
    let again = place.shop.sell(&["BOUL-001"]);
    let sales = place.number("SELECT count(*) FROM aurapos.sale");
    let numbers = place.number("SELECT count(DISTINCT receipt_no) FROM aurapos.sale");
    assert!(sales == numbers && (22..=23).contains(&sales), "{sales} sales of {numbers} numbers after {again}");
    place.shop.verify();
}

/// One line in a file does not change where the data is, and no second register has the same data.
#[test]
fn the_data_stays_where_it_is_and_is_one_registers_own() {
    let place = OnServer::ready(Version::V18);
    let file = place.shop.data.join("aurapos.toml");
    let good = std::fs::read_to_string(&file).unwrap();
    let start = good.find("[storage.local]").unwrap();
    let end = good.find("[[payment]]").unwrap();
    std::fs::write(&file, format!("{}[storage.local]\nuse = \"sqlite\"\n\n{}", &good[..start], &good[end..])).unwrap();
    let other = place.shop.refused(&["status"]);
    assert_eq!(other.code, "AP-0108");
    assert!(other.says("sqlite") && other.says("postgres") && other.says("aurapos_r1"), "{other:?}");
    assert!(!place.shop.data.join("AuraPOS.db").exists());
    std::fs::write(&file, &good).unwrap();
    let (good, answer) = place.init(&Shop::nowhere(), &[]);
    assert!(!good, "{answer}");
    assert_eq!(answer["error"]["code"], "AP-1002", "a shop is there already: {answer}");
    let mut script = place.shop.script();
    script.send(
        &json!({"operator": "Mia", "pin": "4711", "items": [{"item": "BOUL-001"}], "tenders": [{"cash": "20.00"}]}),
    );
    assert!(script.answer()["receipt_no"].is_string());
    let (good, answer) = place.init(&Shop::nowhere(), &[]);
    assert!(!good, "{answer}");
    assert_eq!(answer["error"]["code"], "AP-0402", "and is in use: {answer}");
    drop(script);
}
