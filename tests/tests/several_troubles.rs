//! Each trouble that a register can have with the shop's server, made for real while it sells: what the customer notices (nothing),
//! what `sync status` says, and that everything arrives once when the trouble is over.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use aurapos_test_postgres::Authority;
use aurapos_tests::shop::{Script, Shop};
use aurapos_tests::street::{Street, is_root, sells};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// No sale waits for the server: the shortest wait for one is longer than this.
const AT_ONCE: Duration = Duration::from_secs(1);

/// A register that sells while something happens to the server.
struct Selling<'a> {
    street: &'a Street,
    bar: &'a Shop,
    script: Script,
    sold: u32,
}

impl<'a> Selling<'a> {
    fn begin(street: &'a Street, bar: &'a Shop) -> Self {
        let mut selling = Selling { street, bar, script: bar.script(), sold: 1 };
        // The first one waits until the program is there.
        sells(&mut selling.script, "BOUL-001");
        bar.stands("it is connected", |standing| standing["online"] == true && standing["queue"] == 0);
        assert_eq!(bar.standing()["trouble"], Value::Null);
        selling
    }

    fn sells(&mut self, count: u32) {
        for _ in 0..count {
            let (waited, _) = sells(&mut self.script, "BOUL-001");
            assert!(waited < AT_ONCE, "a customer waited {waited:?} for a server");
            self.sold += 1;
        }
    }

    /// It is away, and says why.
    fn is_told(&mut self, code: &str) {
        self.sells(3);
        let (standing, _) = self.bar.stands(code, |standing| standing["trouble"]["code"] == code);
        assert_eq!(standing["online"], json!(false), "{standing}");
        let words = |key: &str| standing["trouble"][key].as_str().unwrap_or_default().len();
        assert!(words("message") > 10 && words("next") > 10, "{standing}");
        assert!(standing["queue"].as_i64().unwrap() >= 3, "{standing}");
        self.sells(2);
    }

    /// It sells a last time, ends well, and everything arrives.
    fn ends_well(mut self) -> u32 {
        self.sells(1);
        assert!(self.script.finish().is_empty(), "every sale was answered before");
        self.street.arrived(&[self.bar, &self.street.master]);
        self.sold
    }
}

/// Makes a trouble while a register sells, looks at it, and mends it.
fn through(street: &Street, bar: &Shop, code: &str, happens: impl FnOnce(), mended: impl FnOnce()) {
    let before = street.in_psql("SELECT count(*) FROM aurapos.sale").parse::<u32>().unwrap();
    let mut selling = Selling::begin(street, bar);
    happens();
    selling.is_told(code);
    mended();
    let sold = selling.ends_well();
    assert_eq!(street.in_psql("SELECT count(*) FROM aurapos.sale"), (before + sold).to_string(), "{code}");
}

/// The password that a register has, by its own file.
fn password_of(shop: &Shop) -> String {
    let secrets = fs::read_to_string(shop.data.join("secrets.toml")).unwrap();
    let own = secrets.split("[storage.shared]").nth(1).unwrap();
    let line = own.lines().find_map(|line| line.strip_prefix("password = ")).unwrap();
    line.trim_matches('"').to_owned()
}

#[test]
fn a_password_that_was_changed_and_a_server_that_is_gone() {
    let street = Street::with_a_master();
    let bar = street.joins("Bar");
    let set = |password: &str| street.as_superuser(&format!("ALTER ROLE aurapos_r2 PASSWORD '{password}'"));
    let changed = || {
        set("another one");
        street.sends_registers_away();
    };
    through(&street, &bar, "AP-0707", changed, || drop(set(&password_of(&bar))));
    // Nobody listens: on this machine it is said that its server does not run.
    let stopped = || drop(street.master.ok(&["server", "stop"]));
    through(&street, &bar, "AP-0703", stopped, || drop(street.master.ok(&["server", "start"])));
}

/// Puts a certificate in the place of the server's own.
fn present(street: &Street, certificate: &str, key: &str) {
    let tls = street.cluster().join("tls");
    for (name, pem) in [("server.key", key), ("server.crt", certificate)] {
        let file = tls.join(name);
        fs::write(&file, pem).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        let owner = fs::metadata(&tls).unwrap();
        use std::os::unix::fs::MetadataExt as _;
        chown(&file, Some(owner.uid()), Some(owner.gid())).unwrap();
    }
    street.as_superuser("SELECT pg_reload_conf()");
    street.sends_registers_away();
}

#[test]
fn a_certificate_of_another_authority_and_one_that_ended() {
    let street = Street::with_a_master();
    let bar = street.joins("Bar");
    let renewed = || assert_ne!(street.master.run(&["server", "status", "--renew"]).out, "");
    let other = Authority::new("Another shop").issue(&["localhost", "127.0.0.1"]);
    through(&street, &bar, "AP-0709", || present(&street, &other.certificate, &other.key), renewed);
    // Made three years ago, by the shop's own authority: its time is over.
    let ended = || {
        fs::remove_file(street.cluster().join("tls/server.crt")).unwrap();
        let renew = street.master.command(&["server", "status", "--renew"]);
        let mut then = Command::new("faketime");
        then.arg("-3 years").arg(renew.get_program()).args(renew.get_args());
        assert!(then.output().is_ok_and(|said| !said.stdout.is_empty()), "faketime is needed");
        street.sends_registers_away();
    };
    through(&street, &bar, "AP-0711", ended, renewed);
}

/// Somebody who holds connections and does nothing.
struct Idlers(Vec<Child>);

impl Drop for Idlers {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Takes every connection that is left for registers.
fn take_all(street: &Street) -> Idlers {
    street.as_superuser("ALTER SYSTEM SET max_connections = 12");
    street.as_superuser("ALTER ROLE aurapos_reader LOGIN");
    street.master.ok(&["server", "stop"]);
    street.master.ok(&["server", "start"]);
    street.as_superuser("ALTER ROLE aurapos_r2 CONNECTION LIMIT 0");
    street.sends_registers_away();
    let way = street.superusers_way("aurapos").replace("user=postgres", "user=aurapos_reader");
    let idle = || {
        let mut psql = Command::new("psql");
        psql.args(["-XAtq", "-c", "SELECT pg_sleep(600)", &way]).stdout(Stdio::null()).stderr(Stdio::null());
        psql.spawn().unwrap()
    };
    // Some are kept for whoever looks after the server.
    let left = "SELECT 12 - current_setting('superuser_reserved_connections')::int";
    let left: usize = street.as_superuser(left).parse().unwrap();
    let mut idlers = Idlers(Vec::new());
    let there = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'aurapos_reader'";
    loop {
        // Who comes too early finds sessions that are just ending.
        let missing = left - street.as_superuser(there).parse::<usize>().unwrap();
        if missing == 0 {
            break;
        }
        idlers.0.extend((0..missing).map(|_| idle()));
        assert!(idlers.0.len() < 60, "{missing} connections are still free");
        std::thread::sleep(Duration::from_millis(200));
    }
    street.as_superuser("ALTER ROLE aurapos_r2 CONNECTION LIMIT -1");
    idlers
}

#[test]
fn no_connection_is_left_and_a_server_that_only_reads() {
    let street = Street::with_a_master();
    let bar = street.joins("Bar");
    let idlers = std::cell::RefCell::new(None);
    let taken = || drop(idlers.replace(Some(take_all(&street))));
    let given_back = || {
        drop(idlers.take());
        // A server does not notice that somebody hung up while it works for them.
        street.sends_registers_away();
    };
    through(&street, &bar, "AP-0714", taken, given_back);
    let only_reads = |on: &str| {
        street.as_superuser(&format!("ALTER SYSTEM SET default_transaction_read_only = {on}"));
        street.as_superuser("SELECT pg_reload_conf()");
    };
    through(&street, &bar, "AP-0717", || only_reads("on"), || only_reads("off"));
}

/// A disk of its own for the cluster, gone with it.
struct SmallDisk<'a>(&'a Path);

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).output();
    }
}

#[test]
fn the_servers_disk_is_full() {
    let street = Street::empty();
    let cluster = street.cluster();
    fs::create_dir(&cluster).unwrap();
    let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=420m", "tmpfs"]).arg(&cluster).output();
    if !is_root() || !mount.is_ok_and(|said| said.status.success()) {
        println!("skipped: no small disk can be made here, this needs root");
        return;
    }
    let _disk = SmallDisk(&cluster);
    let street = street;
    street.set_up();
    let bar = street.joins("Bar");
    let filler = cluster.join("filler");
    let fill = || {
        let fill = format!("cat /dev/zero > {}", filler.display());
        assert!(!Command::new("sh").args(["-c", &fill]).output().unwrap().status.success(), "it is full");
        // What a table still has room for is filled, too.
        let mut script = street.master.script();
        (0..150).for_each(|_| drop(sells(&mut script, "EAU-001")));
        drop(script.finish());
    };
    street.master.opens_its_drawer();
    let mut selling = Selling::begin(&street, &bar);
    fill();
    selling.sells(40);
    selling.is_told("AP-0731");
    fs::remove_file(&filler).unwrap();
    if !street.server_runs() {
        street.master.ok(&["server", "start"]);
    }
    selling.ends_well();
}
