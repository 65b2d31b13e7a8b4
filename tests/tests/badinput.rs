//! What goes wrong in a shop: settings that are broken, a folder that cannot be written, a full disk, damaged or newer
//! data, two programs at once, strange files, wrong PINs, clocks that jump. Each is named, nothing is lost, nothing starts
//! over in silence.
#![allow(clippy::unwrap_used)]

use aurapos_contract::codec;
use aurapos_contract::schema::Schema;
use aurapos_tests::books::{Sums, must_agree, number, sql, tamper};
use aurapos_tests::customers::{Chance, Customers, number_from_env};
use aurapos_tests::shop::{OPERATOR, PIN, Refusal, Shop, refusal_in, run};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;

const SALE: [&str; 9] = ["sell", "--operator", OPERATOR, "--pin", PIN, "--item", "EAU-001", "--tender", "cash"];

#[test]
fn broken_settings_are_told_by_line_and_key_and_the_last_good_ones_offered() {
    let shop = Shop::open();
    let file = shop.data.join("aurapos.toml");
    let good = fs::read_to_string(&file).unwrap();
    let shared = format!("{good}\n[storage.shared]\nuse = \"postgres\"\n");
    let shared_line = format!("line {}", shared.lines().count());
    let alone = good.replace("mode = \"single\"", "mode = \"master\"");
    let cases: &[(&str, &str, &[&str])] = &[
        ("[register\n", "AP-0203", &["line 1", "use-last-good"]),
        ("[register]\ncode = \n", "AP-0203", &["line 2", "code", "use-last-good"]),
        ("[register]\ncode = 5\n", "AP-0204", &["line 2", "register.code", "use-last-good"]),
        (
            "[log]\nlevel = \"loud\"\n[storage.local]\nuse = \"sqlite\"\n",
            "AP-0204",
            &["line 2", "log.level", "use-last-good"],
        ),
        ("", "AP-0204", &["storage", "use-last-good"]),
        (&shared, "AP-0204", &[&shared_line, "storage.shared", "by itself"]),
        (&alone, "AP-0204", &["register.mode", "needs [storage.shared]"]),
        (
            &good.replace("use = \"sqlite\"", "use = \"sqlight\""),
            "P-100",
            &["sqlight", "storage plugins here: postgres, sqlite"],
        ),
    ];
    for (text, code, words) in cases {
        fs::write(&file, text).unwrap();
        for args in [&SALE[..], &["status"]] {
            let refusal = shop.refused(args);
            assert_eq!(refusal.code, *code, "{text}: {refusal:?}");
            words.iter().for_each(|words| assert!(refusal.says(words), "{words}: {refusal:?}"));
        }
    }
    fs::remove_file(&file).unwrap();
    let gone = shop.refused(&SALE);
    assert!(gone.code == "AP-0201" && gone.says("use-last-good"), "{gone:?}");
    assert_eq!(shop.refused(&["init", "--shop", "x", "--manager", "M", "--pin", "4711"]).code, "AP-1002");
    shop.ok(&["settings", "use-last-good"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), good);
    assert_eq!(shop.sell(&["EAU-001"])["receipt_no"], "R1-1-000001");
}

/// Whether we may do everything on this machine.
fn is_root() -> bool {
    let said = Command::new("id").arg("-u").output().expect("`id` is part of every system");
    said.stdout.trim_ascii() == b"0"
}

/// The same command as somebody who may write nothing below `place`: as root another user, who owns nothing here; else
/// ourselves, after we took our own right away.
fn as_nobody(command: &Command, place: &Path) -> Command {
    if !is_root() {
        Command::new("chmod").args(["-R", "a-w"]).arg(place).status().unwrap();
        let mut same = Command::new(command.get_program());
        same.args(command.get_args());
        return same;
    }
    let mut other = Command::new("setpriv");
    other
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(command.get_program())
        .args(command.get_args());
    other
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let shop = Shop::open();
    let init = ["init", "--shop", "x", "--manager", "M", "--pin", "4711"];
    for below in ["AuraPOS.db", "AuraPOS.db/deeper"] {
        let refusal = Shop::at(&shop.data.join(below)).refused(&init);
        assert!(refusal.code == "AP-0101" && refusal.says("AuraPOS.db") && refusal.says("--data"), "{refusal:?}");
    }
    let place = shop.data.parent().unwrap();
    Command::new("chmod").args(["-R", "a+rX"]).arg(place).status().unwrap();
    let cases: &[(&Shop, &[&str], &str)] = &[
        (&shop, &SALE, "AP-0102"),
        (&shop, &["backup", "now"], "AP-0102"),
        (&Shop::at(&place.join("new")), &init, "AP-0101"),
    ];
    for (shop, args, code) in cases {
        let mut command = as_nobody(&shop.command(args), place);
        let refusal = refusal_in(&run(&mut command, b""), 1, args);
        let folder = shop.data.to_str().unwrap();
        assert!(refusal.code == *code && refusal.says(folder) && refusal.says("rights"), "{refusal:?}");
    }
    Command::new("chmod").args(["-R", "u+w"]).arg(place).status().unwrap();
    assert_eq!(shop.sell(&["EAU-001"])["receipt_no"], "R1-1-000001");
}

/// A small disk of its own in memory, unmounted at the end.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// `None` for a user who is not root: only root may mount, and no package changes that.
    fn of(megabytes: u32) -> Option<Self> {
        if !is_root() {
            return None;
        }
        let place = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "aurapos-test"]).arg(place.path());
        let said = mount.output().expect("`mount` is needed (package mount)");
        assert!(said.status.success(), "a small disk cannot be mounted, though we are root: {said:?}");
        Some(SmallDisk(place))
    }

    /// Fills it to the last page, then makes this much room.
    fn fill_but(&self, bytes: u64) {
        let block = [0x5a; 4096];
        let mut file = fs::File::create(self.0.path().join("ballast")).unwrap();
        while std::io::Write::write_all(&mut file, &block).is_ok() {}
        file.set_len(file.metadata().unwrap().len().saturating_sub(bytes)).unwrap();
    }

    fn make_room(&self) {
        fs::remove_file(self.0.path().join("ballast")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // A leftover mount is in memory and harms nobody.
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_refuses_the_sale_and_selling_goes_on_when_there_is_room() {
    let Some(disk) = SmallDisk::of(400) else {
        println!("not tried: only root can mount a small disk; CI is root");
        return;
    };
    let shop = Shop::at(&disk.0.path().join("shop"));
    shop.set_up();
    let mut customers = Customers::new(11, 0);
    let mut script = shop.script();
    let mut sell = |line: &Value| {
        script.send(line);
        script.answer()
    };
    let mut sold = vec![sell(&customers.sale())];
    for round in 0..3 {
        disk.fill_but(200_000 * (round + 1));
        let line = loop {
            let line = customers.sale();
            let answer = sell(&line);
            if answer.get("error").is_some() {
                let refusal = Refusal::of(&answer);
                assert!(refusal.code == "AP-8001" && refusal.says("room on the disk"), "{refusal:?}");
                break line;
            }
            sold.push(answer);
            assert!(sold.len() < 1000, "the disk never fills");
        };
        assert_eq!(Refusal::of(&sell(&line)).code, "AP-8001", "still full");
        disk.make_room();
        let answer = sell(&line);
        assert_eq!((&answer["sale_id"], &answer["repeated"]), (&line["id"], &json!(false)), "{answer}");
        sold.push(answer);
    }
    script.finish();
    let count = sold.len();
    assert_eq!(sold.last().unwrap()["receipt_no"], format!("R1-1-{count:06}"), "no number was lost to a refusal");
    assert_eq!(Sums::in_database(&shop.database()), Sums::told(&sold));
    full_at_the_start(&disk, &shop, sold);
}

fn full_at_the_start(disk: &SmallDisk, shop: &Shop, mut sold: Vec<Value>) {
    disk.fill_but(0);
    for args in [&SALE[..], &["backup", "now"]] {
        let refusal = shop.refused(args);
        assert!(refusal.says("full") || refusal.says("No space") || refusal.says("room"), "{args:?}: {refusal:?}");
    }
    let backups = shop.data.join("Backups/Daily");
    let made = fs::read_dir(backups).map_or(0, Iterator::count);
    assert_eq!(made, 0, "no backup, and nothing that looks like one");
    disk.make_room();
    sold.push(shop.sell(&["EAU-001"]));
    assert!(sold.last().unwrap()["receipt_no"].as_str().unwrap().starts_with("R1-1-"));
    assert_eq!(Sums::in_database(&shop.database()), Sums::told(&sold));
    must_agree(&shop.database());
    shop.verify();
    shop.ok(&["backup", "now"]);
}

/// Damages a file by its content.
fn damage(file: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(file).unwrap();
    change(&mut bytes);
    fs::write(file, bytes).unwrap();
}

#[test]
fn a_damaged_database_is_told_and_comes_back_from_a_backup() {
    let shop = Shop::open();
    let sold = shop.sell_all(&Customers::new(12, 0).sales(5));
    let name = shop.ok(&["backup", "now"])["backups"][0]["name"].as_str().unwrap().to_owned();
    let mut chance = Chance::from_env("AURAPOS_SEED", 5);
    let mut salt = || chance.any() as u8 | 1;
    type Damage<'a> = Box<dyn FnOnce(&mut Vec<u8>) + 'a>;
    let flipped = [salt(), salt()];
    let cases: Vec<(&str, Damage)> = vec![
        ("cut", Box::new(|bytes| bytes.truncate(bytes.len() / 2))),
        ("emptied", Box::new(|bytes| bytes.clear())),
        ("zeroed", Box::new(|bytes| bytes.fill(0))),
        ("a text", Box::new(|bytes| *bytes = b"no database".to_vec())),
        ("its head overwritten", Box::new(|bytes| bytes[..100].fill(0x78))),
        (
            "flipped all over",
            Box::new(move |bytes| bytes.iter_mut().skip(4000).step_by(2999).for_each(|byte| *byte ^= flipped[0])),
        ),
    ];
    for (what, change) in cases {
        damage(&shop.database(), change);
        let damaged = fs::read(shop.database()).unwrap();
        for args in [&SALE[..], &["status"], &["journal", "verify"], &["backup", "now"]] {
            let refusal = shop.refused(args);
            assert!(refusal.code == "AP-8004" && refusal.says("Restore a backup"), "{what}, {args:?}: {refusal:?}");
        }
        let checks = shop.found_bad(&["doctor"]);
        let storage = checks["checks"].as_array().unwrap().iter().find(|check| check["name"] == "storage").unwrap();
        assert_eq!(storage["ok"], json!(false), "{what}: {checks}");
        assert!(shop.refused(&["init", "--shop", "x", "--manager", "M", "--pin", "4711"]).code == "AP-1002", "{what}");
        assert_eq!(
            fs::read(shop.database()).unwrap(),
            damaged,
            "{what}: nothing is put in its place, nothing is repaired"
        );
        assert_eq!(shop.ok(&["backup", "list"])["backups"][0]["name"], json!(name), "{what}");
        shop.ok(&["backup", "restore", &name, "--yes"]);
        assert_eq!(Sums::in_database(&shop.database()), Sums::told(&sold), "{what}");
        shop.verify();
    }
    let first = shop.sell(&["EAU-001"]);
    assert!(!first["receipt_no"].as_str().unwrap().starts_with("R1-1-"), "{first}");
}

#[test]
fn no_backup_of_a_database_with_a_destroyed_page_counts() {
    let shop = Shop::open();
    shop.sell(&["EAU-001"]);
    let good = fs::read(shop.database()).unwrap();
    let pages = good.len() / 4096;
    let mut chance = Chance::from_env("AURAPOS_SEED", 6);
    for _ in 0..number_from_env("AURAPOS_PAGES", 10) {
        let page = 1 + chance.below(pages as u64 - 1) as usize;
        damage(&shop.database(), |bytes| bytes[page * 4096..][..4096].fill(0));
        // The page may be one that this sale does not need; a refusal says what to do.
        let said = shop.run(&SALE);
        if !said.status.success() {
            let refusal = refusal_in(&said, 1, &SALE);
            assert!(refusal.says("Restore a backup"), "page {page}: {refusal:?}");
        }
        let said = shop.run(&["backup", "now"]);
        if said.status.success() {
            let made: Value = serde_json::from_str(&said.out).unwrap();
            must_agree(Path::new(made["backups"][0]["path"].as_str().unwrap()));
        }
        for one in shop.ok(&["backup", "list"])["backups"].as_array().unwrap() {
            if one["verified"] == json!(true) {
                must_agree(Path::new(one["path"].as_str().unwrap()));
            }
        }
        fs::write(shop.database(), &good).unwrap();
        for beside in ["AuraPOS.db-wal", "AuraPOS.db-shm"] {
            // They need not be there.
            let _ = fs::remove_file(shop.data.join(beside));
        }
    }
    shop.verify();
}

#[test]
fn rows_changed_behind_the_programs_back_are_found() {
    let shop = Shop::open();
    shop.sell_all(&Customers::new(13, 0).sales(10));
    let good = fs::read(shop.database()).unwrap();
    let changes = [
        "UPDATE sale SET total = total + 100, net = net + 100 WHERE counter = 4",
        "UPDATE sale_line SET quantity = quantity + 1000 WHERE sale = (SELECT id FROM sale WHERE counter = 4)",
        "UPDATE sale_tender SET applied = applied - 5 WHERE sale = (SELECT id FROM sale WHERE counter = 4)",
        "UPDATE sale_vat SET amount = amount - 1, base = base + 1 WHERE sale = (SELECT id FROM sale WHERE counter = 4)",
        "DELETE FROM sale WHERE counter = 4",
        "DELETE FROM stock_move WHERE sale = (SELECT id FROM sale WHERE counter = 4)",
        "UPDATE stock_level SET quantity = quantity + 1000 WHERE product = (SELECT product FROM sale_line LIMIT 1)",
        "UPDATE counter SET value = value - 1 WHERE name = 'receipt'",
        "DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)",
        "DELETE FROM journal WHERE seq = (SELECT seq FROM sale WHERE counter = 4)",
        "UPDATE journal SET body = CAST(substr(body, 1, 20) || x'aa55' || substr(body, 23) AS BLOB) WHERE seq = (SELECT seq FROM sale WHERE counter = 4)",
        "UPDATE journal SET time = time + 1 WHERE seq = 3",
        "UPDATE drawer_total SET amount = amount - 500",
    ];
    let mut unnoticed = Vec::new();
    for change in changes {
        // The storage guards its facts by triggers; whoever wants to cheat takes them away first.
        for row in sql(&shop.database(), "SELECT name FROM sqlite_master WHERE type = 'trigger'") {
            tamper(&shop.database(), &format!("DROP TRIGGER \"{}\"", row["name"].as_str().unwrap()));
        }
        tamper(&shop.database(), change);
        let said = shop.run(&["journal", "verify"]);
        let found: Value = serde_json::from_str(&said.out).unwrap();
        if said.status.code() != Some(1) || found["ok"] != json!(false) || !found["first_bad"]["message"].is_string() {
            unnoticed.push(change);
        }
        fs::write(shop.database(), &good).unwrap();
    }
    assert_eq!(unnoticed, Vec::<&str>::new(), "changed and not found");
    shop.verify();
}

#[test]
fn data_of_a_newer_program_is_refused_and_of_a_slightly_newer_one_kept() {
    let shop = Shop::open();
    let told = shop.sell_all(&Customers::new(14, 0).sales(3));
    let stored = sql(&shop.database(), "SELECT hex(value) AS schema FROM _meta WHERE name = 'schema'");
    let bytes: Vec<u8> = stored[0]["schema"]
        .as_str()
        .unwrap()
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect();
    let mut schema = codec::decode::<Schema>(&bytes).unwrap();
    let write = |schema: &Schema| {
        let digits: String = codec::encode(schema).iter().map(|byte| format!("{byte:02x}")).collect();
        tamper(&shop.database(), &format!("UPDATE _meta SET value = x'{digits}' WHERE name = 'schema'"));
        for (name, number) in [("schema_major", schema.major), ("schema_minor", schema.minor)] {
            tamper(&shop.database(), &format!("UPDATE _meta SET value = {number} WHERE name = '{name}'"));
        }
    };
    schema.major += 1;
    write(&schema);
    for args in [&SALE[..], &["status"], &["journal", "verify"], &["backup", "now"]] {
        let refusal = shop.refused(args);
        assert!(refusal.code == "AP-8005" && refusal.says("newer"), "{args:?}: {refusal:?}");
    }
    assert_eq!(Sums::in_database(&shop.database()), Sums::told(&told), "nothing was changed");
    schema.major -= 1;
    schema.minor += 1;
    write(&schema);
    let again = shop.sell(&["EAU-001"]);
    assert_eq!(again["receipt_no"], "R1-1-000004", "an additive change is accepted and left alone");
    shop.verify();
}

#[test]
fn the_second_program_is_told_who_holds_the_register() {
    let shop = Shop::open();
    let mut script = shop.script();
    let mut customers = Customers::new(15, 0);
    script.send(&customers.sale());
    let first = script.answer();
    let backup_of = ["backup", "restore", "whatever.db", "--yes"];
    for args in [
        &SALE[..],
        &["backup", "now"],
        &["drawer", "open", "--operator", OPERATOR, "--pin", PIN, "--float", "1"],
        &backup_of,
    ] {
        let refusal = shop.refused(args);
        assert!(
            refusal.code == "AP-0103" && refusal.says("aurapos-admin, process") && refusal.says("since 20"),
            "{refusal:?}"
        );
    }
    // Reading is no reason to stop selling.
    assert_eq!(shop.ok(&["sales", "list"])["sales"][0]["receipt_no"], first["receipt_no"]);
    assert!(shop.ok(&["status"])["held_by"].as_str().unwrap().contains("aurapos-admin, process"));
    shop.verify();
    script.send(&customers.sale());
    assert_eq!(script.answer()["receipt_no"], "R1-1-000002");
    script.finish();
    assert_eq!(shop.ok(&["status"])["held_by"], Value::Null);
    assert_eq!(shop.sell(&["EAU-001"])["receipt_no"], "R1-1-000003");
}

#[test]
fn the_wrong_pin_locks_for_longer_than_a_restart() {
    let shop = Shop::open();
    shop.ok(&["operator", "add", "Ben", "--new-pin", "2580", "--operator", OPERATOR, "--pin", PIN]);
    let sell = |pin: &'static str| ["sell", "--operator", "Ben", "--pin", pin, "--item", "EAU-001", "--tender", "cash"];
    // Each try is a program of its own.
    let codes: Vec<String> = (0..10).map(|_| shop.refused(&sell("1111")).code).collect();
    assert_eq!(codes[0], "AP-5003");
    assert!(codes[9] == "AP-5004" && codes.iter().all(|code| code == "AP-5003" || code == "AP-5004"), "{codes:?}");
    let right = shop.refused(&sell("2580"));
    assert!(right.code == "AP-5004" && right.says("Ben"), "the right PIN does not open a lock: {right:?}");
    assert_eq!(shop.sell(&["EAU-001"])["operator"], OPERATOR, "others go on");
    assert_eq!(number(&shop.database(), "SELECT count(*) FROM sale"), 1);
    let who = ["--operator", OPERATOR, "--pin", PIN];
    shop.ok(&[&["operator", "reset-pin", "Ben", "--new-pin", "3690"][..], &who].concat());
    assert_eq!(shop.ok(&sell("3690"))["operator"], "Ben");
}

#[test]
fn a_clock_that_jumps_a_year_changes_no_number_and_no_sum() {
    let library = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"]
        .map(|folder| Path::new(folder).join("faketime/libfaketime.so.1"));
    let library = library.iter().find(|library| library.exists());
    let library = library.expect("libfaketime is needed (`cargo xtask test` installs it, package faketime)");
    let shop = Shop::open();
    let mut told = vec![shop.sell(&["EAU-001"])];
    for jump in ["+1y", "-1y", "+0"] {
        let said = run(shop.command(&SALE).env("LD_PRELOAD", library).env("FAKETIME", jump), b"");
        assert!(said.status.success(), "{jump}: {said:?}");
        told.push(serde_json::from_str(&said.out).unwrap());
    }
    let years: Vec<i64> = told.iter().map(|sale| sale["time"].as_str().unwrap()[..4].parse().unwrap()).collect();
    assert_eq!(
        [years[1] - years[0], years[2] - years[0], years[3] - years[0]],
        [1, -1, 0],
        "rows keep the time that was read"
    );
    assert_eq!(told[3]["receipt_no"], "R1-1-000004", "order is the number, not the time");
    let jumps = number(&shop.database(), "SELECT count(*) FROM journal WHERE kind = 5");
    assert_eq!(jumps, 3, "each jump is in the journal");
    assert_eq!(Sums::in_database(&shop.database()), Sums::told(&told));
    must_agree(&shop.database());
    shop.verify();
}
