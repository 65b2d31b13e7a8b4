//! A shop of several registers for tests: a master with a real server, machines that join it, and what an owner reads beside them.
//!
//! Owns how all of it is made, looked at, broken and taken away. Must not look into the programs: what they keep is read by `sqlite3`
//! and `psql`.

use crate::shop::{OPERATOR, PIN, Said, Script, Shop, one_document, scratch};
use serde_json::{Value, json};
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;

mod clocks;
mod wires;

pub use clocks::at_clock;
pub use wires::{Cable, Wires};

/// How long anything may take that comes by itself.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(20);

/// The place of a shop and of the machines that join it; the server ends with it.
#[derive(Debug)]
pub struct Street {
    /// The register that has the server.
    pub master: Shop,
    /// Where everything is.
    pub place: TempDir,
    /// The server's port.
    pub port: String,
    /// Where the others reach it.
    pub address: String,
}

impl Street {
    /// A street without a shop.
    ///
    /// # Panics
    /// There is no place for it.
    pub fn empty() -> Self {
        let place = scratch();
        fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).expect("it is ours");
        let port = TcpListener::bind(("127.0.0.1", 0)).and_then(|free| free.local_addr()).expect("a port").port();
        let address = "127.0.0.1".to_owned();
        Street { master: Shop::at(&place.path().join("shop")), place, port: port.to_string(), address }
    }

    /// One whose server other machines reach at an address.
    pub fn at(address: &str) -> Self {
        let mut street = Self::empty();
        address.clone_into(&mut street.address);
        street
    }

    /// The cluster's folder.
    pub fn cluster(&self) -> PathBuf {
        self.place.path().join("cluster")
    }

    /// `init --mode master`: a server and a shop on it by one command.
    pub fn with_a_master() -> Self {
        let street = Self::empty();
        street.set_up();
        street
    }

    /// The same where a street is already.
    ///
    /// # Panics
    /// It is refused.
    pub fn set_up(&self) {
        let cluster = self.cluster().display().to_string();
        let mut args = vec!["init", "--shop", "Épicerie", "--manager", OPERATOR, "--pin", PIN, "--sample-data"];
        args.extend(["--mode", "master", "--server-port", &self.port, "--server-listen", &self.address]);
        args.extend(["--server-cluster", &cluster]);
        if is_root() {
            args.extend(["--server-user", "nobody"]);
        }
        let made = self.master.ok(&args);
        assert_eq!((&made["mode"], &made["server_made"]), (&json!("master"), &json!(true)), "{made}");
    }

    /// A machine without a shop.
    pub fn machine(&self, name: &str) -> Shop {
        Shop::at(&self.place.path().join(name))
    }

    /// Another machine, which joins by a code and opens its drawer.
    ///
    /// # Panics
    /// It is refused.
    pub fn joins(&self, name: &str) -> Shop {
        self.joins_by(name, |shop, args| shop.run(args))
    }

    /// The same at the end of a cable.
    pub fn joins_at(&self, name: &str, cable: &Cable) -> Shop {
        self.joins_by(name, |shop, args| cable.run(shop, args))
    }

    fn joins_by(&self, name: &str, run: impl Fn(&Shop, &[&str]) -> Said) -> Shop {
        let shop = self.machine(name);
        let args = self.invites(name);
        let said = run(&shop, &args.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(said.status.success(), "{said:?}");
        let joined = one_document(&said.out);
        assert!(joined["products"].as_i64() > Some(100), "{joined}");
        shop.opens_its_drawer();
        shop
    }

    /// Invites a machine: what it types to join.
    ///
    /// # Panics
    /// The master refuses.
    pub fn invites(&self, name: &str) -> Vec<String> {
        let issued = self.master.ok(&["pair", "issue", "--register-name", name]);
        let code = issued["code"].as_str().expect("a pairing has a code");
        ["pair", "join", code, "--address", &self.address, "--port", &self.port].map(str::to_owned).into()
    }

    /// What an owner reads with `psql`, or does.
    ///
    /// # Panics
    /// The server refuses.
    pub fn in_psql(&self, query: &str) -> String {
        let secrets = fs::read_to_string(self.master.data.join("secrets.toml")).expect("the master has secrets");
        let owner = secrets.split("owner").nth(1).expect("one of the owner among them");
        let password = owner.lines().find_map(|line| line.strip_prefix("password = ")).expect("a password");
        let way = format!("host=127.0.0.1 port={} dbname=aurapos user=aurapos_owner sslmode=require", self.port);
        let mut psql = Command::new("psql");
        psql.args(["-XAtq", "-c", query, &way]).env("PGPASSWORD", password.trim_matches('"'));
        said_by(&mut psql)
    }

    /// What the machine's owner does as superuser, by the server's socket.
    ///
    /// # Panics
    /// The server refuses.
    pub fn as_superuser(&self, query: &str) -> String {
        said_by(Command::new("psql").args(["-XAtq", "-c", query, &self.superusers_way("aurapos")]))
    }

    /// How a tool comes in as superuser.
    pub fn superusers_way(&self, database: &str) -> String {
        format!("host={} port={} dbname={database} user=postgres", self.cluster().join("run").display(), self.port)
    }

    /// Ends what registers have open at the server; they come again.
    pub fn sends_registers_away(&self) {
        self.as_superuser(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename LIKE 'aurapos\\_%' AND pid <> pg_backend_pid()",
        );
    }

    /// Whether the server is there.
    pub fn server_runs(&self) -> bool {
        self.server().is_some_and(|pid| Path::new(&format!("/proc/{pid}")).exists())
    }

    fn server(&self) -> Option<i32> {
        let text = fs::read_to_string(self.cluster().join("data/postmaster.pid")).ok()?;
        text.lines().next()?.trim().parse().ok()
    }

    /// SIGKILL, to the server and what it works with: as a power cut.
    ///
    /// # Panics
    /// There is no shell.
    pub fn kill_the_server(&self) {
        let Some(pid) = self.server() else { return };
        let children = format!("kill -KILL {pid} $(cat /proc/{pid}/task/{pid}/children)");
        // Some of them are gone before their turn.
        Command::new("sh").args(["-c", &children]).output().expect("every system has a shell");
        let start = Instant::now();
        while self.server_runs() && start.elapsed() < PATIENCE {
            sleep(LOOK);
        }
    }

    /// Everything is everywhere, exactly once, and each register proves it row by row.
    ///
    /// # Panics
    /// It is not.
    pub fn agrees(&self, shops: &[&Shop]) {
        self.arrived(shops);
        for shop in shops {
            shop.ok(&["storage", "check"]);
        }
    }

    /// Every register exchanges once more, and then everything is everywhere, exactly once: receipts, money, stock, chains.
    ///
    /// # Panics
    /// It is not.
    pub fn arrived(&self, shops: &[&Shop]) {
        // The last one brings what those before have not taken yet.
        for shop in shops.iter().chain(&shops[..shops.len() - 1]) {
            shop.ok(&["sync", "now"]);
        }
        self.is_everywhere(shops);
    }

    /// The same of registers that came together by themselves, beside whoever sells there.
    ///
    /// # Panics
    /// It is not.
    pub fn is_everywhere(&self, shops: &[&Shop]) {
        // The same words for both: nothing of ours stands between the data and the sums.
        let sums = "SELECT count(*), count(DISTINCT receipt_no), coalesce(sum(total), 0) FROM sale";
        let there = self.in_psql(&sums.replace("FROM sale", "FROM aurapos.sale"));
        let mut counts = there.split('|');
        assert_eq!(counts.next(), counts.next(), "a receipt's number was given twice: {there}");
        for shop in shops {
            assert_eq!(in_sqlite(shop, sums), there, "sales and their money on {}", shop.data.display());
            assert_eq!(stock(shop), stock(shops[0]), "stock on {}", shop.data.display());
            shop.verify();
        }
        let gaps = "SELECT count(*) FROM (SELECT max(counter) - count(*) AS gaps FROM aurapos.sale GROUP BY incarnation) AS lives \
                    WHERE gaps <> 0";
        assert_eq!(self.in_psql(gaps), "0", "no life of a register has a gap in its numbers");
    }
}

impl Drop for Street {
    fn drop(&mut self) {
        // Where it was never made there is nothing to stop.
        let _ = self.master.run(&["server", "stop"]);
        if self.server_runs() {
            self.kill_the_server();
        }
    }
}

impl Shop {
    /// Opens the drawer, so that it sells.
    pub fn opens_its_drawer(&self) {
        self.ok(&["drawer", "open", "--operator", OPERATOR, "--pin", PIN, "--float", "100.00"]);
    }

    /// How it stands with the shop's server.
    pub fn standing(&self) -> Value {
        self.ok(&["sync", "status"])
    }

    /// Whether it says itself that the shop's server answers: what a window shows, without asking anybody anything.
    pub fn is_online(&self) -> bool {
        let said = fs::read_to_string(self.data.join("register.sync")).unwrap_or_default();
        said.lines().any(|line| line == "online = true")
    }

    /// Looks at `sync status` until it is so; how long that took.
    ///
    /// # Panics
    /// It does not come.
    pub fn stands(&self, what: &str, so: impl Fn(&Value) -> bool) -> (Value, Duration) {
        let start = Instant::now();
        loop {
            let standing = self.standing();
            if so(&standing) {
                return (standing, start.elapsed());
            }
            assert!(start.elapsed() < PATIENCE, "{what}: {standing}");
            sleep(LOOK);
        }
    }
}

/// A line of a script: one sale of one item.
pub fn line(item: &str) -> Value {
    json!({"operator": OPERATOR, "pin": PIN, "items": [{"item": item}], "tenders": [{"cash": "50.00"}]})
}

/// Sells one item; how long the customer waited, and the receipt's number.
///
/// # Panics
/// It is refused.
pub fn sells(script: &mut Script, item: &str) -> (Duration, String) {
    let start = Instant::now();
    script.send(&line(item));
    let answer = script.answer();
    let number = answer["receipt_no"].as_str().unwrap_or_else(|| panic!("a sale is refused: {answer}"));
    (start.elapsed(), number.to_owned())
}

/// Receipts with their totals, as a register knows them.
///
/// # Panics
/// It does not list them.
pub fn sales(shop: &Shop) -> Vec<(String, String)> {
    let listed = shop.ok(&["sales", "list", "--limit", "100000"]);
    let one = |sale: &Value| (sale["receipt_no"].to_string(), sale["total"].to_string());
    let mut sales: Vec<_> = listed["sales"].as_array().expect("a list").iter().map(one).collect();
    sales.sort();
    sales
}

/// The stock of a register, product by product.
pub fn stock(shop: &Shop) -> String {
    in_sqlite(shop, "SELECT hex(product), quantity FROM stock_level ORDER BY product")
}

/// What a register's own data says.
pub fn in_sqlite(shop: &Shop, query: &str) -> String {
    said_by(Command::new("sqlite3").arg("-cmd").arg(".timeout 5000").arg(shop.database()).arg(query))
}

fn said_by(command: &mut Command) -> String {
    let said = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (out, err) = (String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    assert!(said.status.success(), "{err}");
    // `.timeout` says nothing; a setting may.
    out.trim().to_owned()
}

/// Whether root runs the test: only then there are small disks and networks of one's own.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
