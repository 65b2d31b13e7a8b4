//! The author's kit: a plugin from `cargo xtask new-plugin`, built, tested, installed and sold with by typing exactly what its
//! own README says. Only the profile, the target folder and the programs are this build's, so that nothing compiles twice.
#![allow(clippy::unwrap_used)]

use aurapos_tests::plugins::{build_folder, repository};
use aurapos_tests::shop::{OPERATOR, PIN, Said, Shop, programs, run};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Lines of code that a working plugin may cost its author, without its tests.
const OWN_LINES_MAX: [(&str, usize); 5] =
    [("payment", 60), ("storage", 60), ("printer", 60), ("events", 80), ("backup", 270)];

/// A plugin's crate as `new-plugin` writes it, somewhere outside the checkout.
struct Crate {
    folder: PathBuf,
    /// Removes it at the end.
    _place: TempDir,
}

impl Crate {
    fn new(kind: &str, name: &str) -> Crate {
        let place = tempfile::Builder::new().prefix("aurapos-kit-").tempdir().unwrap();
        let made = Crate { folder: place.path().join(name), _place: place };
        let said = made.xtask(&["new-plugin", kind, name]);
        assert_eq!(said.status.code(), Some(0), "{said:?}");
        let sources = files_below(&made.folder.join("src")).into_iter().filter(|file| !file.ends_with("tests.rs"));
        let own: usize = sources.map(|file| own_lines(&fs::read_to_string(file).unwrap())).sum();
        let (_, most) = OWN_LINES_MAX.into_iter().find(|(one, _)| *one == kind).unwrap();
        assert!(own <= most, "{kind}: {own} lines of code");
        made
    }

    /// In this crate, with this build's target folder: what comes from the registry is built once.
    fn cargo(&self, words: &[&str]) -> Said {
        let mut command = Command::new("cargo");
        command.args(words).current_dir(&self.folder);
        run(&mut self.as_built_here(command), b"")
    }

    fn as_built_here(&self, command: Command) -> Command {
        let mut command = as_from_a_shell(command);
        command.env("CARGO_TARGET_DIR", build_folder().parent().unwrap());
        // As in the workspace's own profile: the crates that both need are built once.
        command.env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only");
        command
    }

    fn xtask(&self, words: &[&str]) -> Said {
        let mut command = Command::new(build_folder().join("xtask"));
        command.args(words).arg("--dir").arg(&self.folder).current_dir(repository());
        run(&mut as_from_a_shell(command), b"")
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.folder.join(file)).unwrap()
    }

    /// Types the commands of the README, one after the other, until one fails.
    fn follow_the_readme(&self, shop: &Shop) -> Said {
        let readme = self.read("README.md");
        let block = readme.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        let build = build_folder();
        let ours = [
            ("cargo test ", "cargo test --offline --locked --quiet ".to_owned()),
            ("cargo build --release", "cargo build --offline --locked --quiet".to_owned()),
            ("target/release/", format!("{}/", build.display())),
        ];
        let script = ours.iter().fold(block.to_owned(), |text, (said, ours)| {
            assert!(text.contains(said), "{said}: {text}");
            text.replace(said, ours)
        });
        let mut sh = Command::new("sh");
        sh.args(["-euxc", &script]).current_dir(&self.folder);
        let mut sh = self.as_built_here(sh);
        sh.env("AURAPOS_PROGRAMS", programs()).env("AURAPOS_DATA", &shop.data).env("AURAPOS_PIN", PIN);
        run(&mut sh, b"")
    }

    /// Follows the README to its end: everything passes, and so does the suite of the kind.
    fn conforms(&self, shop: &Shop, cases: &str) {
        let said = self.follow_the_readme(shop);
        assert_eq!(said.status.code(), Some(0), "{said:?}");
        let name = self.folder.file_name().unwrap().to_str().unwrap();
        assert!(said.out.contains(&format!("{cases} passed, 0 failed\n{name} 0.1.0: conforms\n")), "{said:?}");
    }
}

/// Every file below a folder.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// What cargo and nextest told this test stays behind.
fn as_from_a_shell(mut command: Command) -> Command {
    for (name, _) in std::env::vars() {
        let inherited = name.starts_with("CARGO") && name != "CARGO_HOME" || name.starts_with("NEXTEST");
        if inherited || name == "RUSTC" {
            command.env_remove(name);
        }
    }
    command
}

/// Lines that are neither empty nor comments.
fn own_lines(source: &str) -> usize {
    source.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")).count()
}

#[test]
fn a_payment_plugin_from_nothing_to_a_sale() {
    let shop = Shop::open();
    let made = Crate::new("payment", "kit-pay");
    made.conforms(&shop, "payment: 13");

    let sales = shop.ok(&["sales", "list"]);
    let number = sales["sales"][0]["receipt_no"].as_str().unwrap();
    let sale = shop.ok(&["sales", "show", number]);
    assert_eq!(sale["tenders"][0]["name"], "kit-pay", "{sale}");
    assert_eq!(sale["tenders"][0]["amount"], sale["total"], "{sale}");
    let plugin = shop.ok(&["plugin", "show", "kit-pay"]);
    assert_eq!((&plugin["state"], &plugin["builtin"]), (&json!("ready"), &json!(false)), "{plugin}");

    // The plugin's own rule, in the shop: what is over its limit is declined, and nothing is sold.
    let much = ["sell", "--operator", OPERATOR, "--pin", PIN, "--item", "EAU-001:500", "--tender", "kit-pay"];
    let refusal = shop.refused(&much);
    assert!(refusal.code == "AP-3004" && refusal.says("at most 10000 cents"), "{refusal:?}");
    // And the owner's setting of it.
    let file = shop.data.join("aurapos.toml");
    let settings = fs::read_to_string(&file).unwrap();
    // At the start of a line: the template has an example of it in a comment.
    let consent = "\nisolation = \"in-process\"\n";
    fs::write(&file, settings.replace(consent, &format!("{consent}[payment.config]\nlimit = 100000\n"))).unwrap();
    assert_eq!(shop.ok(&much)["tenders"][0]["name"], "kit-pay");
    // Without the owner's consent it is not run, and says so.
    fs::write(&file, settings.replace(consent, "\n")).unwrap();
    let refusal = shop.refused(&much);
    assert!(refusal.code == "AP-3001" && refusal.says("P-132") && refusal.says("in-process"), "{refusal:?}");
    shop.verify();

    // The suite is worth its name: an author's mistake is named before it is packed.
    let lib = made.read("src/lib.rs");
    let right = "approved_minor: intent.amount_minor";
    assert!(lib.contains(right));
    fs::write(made.folder.join("src/lib.rs"), lib.replace(right, &format!("{right} + 1"))).unwrap();
    let said = made.follow_the_readme(&shop);
    assert_ne!(said.status.code(), Some(0), "{said:?}");
    let told = format!("{}{}", said.out, said.err);
    assert!(told.contains("FAIL  begin  ") && told.contains("more was approved than asked for"), "{said:?}");
}

#[test]
fn plugin_test_has_a_suite_for_every_kind() {
    let shop = Shop::nowhere();
    let ours = [
        ("cash", "payment"),
        ("file-printer", "printer"),
        ("sales-csv", "events"),
        ("backup-scheduler", "backup"),
        ("sqlite", "storage"),
    ];
    for (id, suite) in ours {
        let folder = programs().join("plugins").join(id);
        let report = shop.ok(&["plugin", "test", folder.to_str().unwrap()]);
        assert_eq!((&report["id"], &report["ok"]), (&json!(id), &json!(true)), "{report}");
        assert_eq!(report["suites"][0]["suite"], suite, "{report}");
        assert!(!report["suites"][0]["cases"].as_array().unwrap().is_empty(), "{report}");
    }
}

#[test]
fn a_storage_plugin_keeps_every_promise_as_it_is_generated() {
    let made = Crate::new("storage", "kit-store");
    made.conforms(&Shop::nowhere(), "storage: 83");
}

#[test]
fn a_printer_plugin_prints_the_receipt() {
    let shop = Shop::open();
    let made = Crate::new("printer", "kit-print");
    made.conforms(&shop, "printer: 5");
    let printed = files_below(&shop.data.join("Printed by kit-print"));
    assert_eq!(printed.len(), 1, "{printed:?}");
    let receipt = fs::read_to_string(&printed[0]).unwrap();
    assert!(receipt.contains("Épicerie du Coin") && receipt.contains("R1-1-000001"), "{receipt}");
}

#[test]
fn an_events_plugin_hears_of_the_sale() {
    let shop = Shop::open();
    let made = Crate::new("events", "kit-events");
    made.conforms(&shop, "events: 5");
    let told = fs::read_to_string(shop.data.join("kit-events.jsonl")).unwrap();
    let told: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let sales: Vec<&Value> = told.iter().filter(|event| event["kind"] == "Sale").collect();
    assert_eq!(sales.len(), 1, "{told:?}");
    assert_eq!((&sales[0]["receipt"], &sales[0]["currency"]), (&json!("R1-1-000001"), &json!("EUR")), "{told:?}");
}

#[test]
fn a_backup_plugin_makes_one_and_brings_it_back() {
    let shop = Shop::open();
    shop.sell(&["EAU-001"]);
    let made = Crate::new("backup", "kit-backup");
    made.conforms(&shop, "backup: 8");
    let list = shop.ok(&["backup", "list"]);
    let name = list["backups"][0]["name"].as_str().unwrap();
    assert!(shop.data.join("Backups by kit-backup").join(name).is_file(), "{list}");
    shop.sell(&["EAU-001"]);
    shop.ok(&["backup", "restore", name, "--yes"]);
    assert_eq!(shop.ok(&["sales", "list"])["sales"].as_array().unwrap().len(), 1);
    shop.verify();
}

/// A colleague gets the folder, and nothing else: neither this checkout nor a path into it.
#[test]
fn a_plugin_builds_in_a_folder_that_was_given_away() {
    let made = Crate::new("events", "kit-given");
    let elsewhere = tempfile::Builder::new().prefix("aurapos-colleague-").tempdir().unwrap();
    let given = Crate { folder: elsewhere.path().join("from a colleague"), _place: elsewhere };
    fs::rename(&made.folder, &given.folder).unwrap();

    let here = [repository(), fs::canonicalize(repository()).unwrap(), build_folder(), made.folder.clone()];
    for file in files_below(&given.folder) {
        let text = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
        for path in &here {
            assert!(!text.contains(path.to_str().unwrap()), "{} names {}", file.display(), path.display());
        }
    }
    // What the README says first, and all that it takes.
    let said = given.cargo(&["test", "--offline", "--locked", "--quiet"]);
    assert_eq!(said.status.code(), Some(0), "{said:?}");
    assert!(said.out.contains("2 passed"), "{said:?}");
    // Whatever is not in the public registry lies in the folder.
    let said = given.cargo(&["metadata", "--format-version", "1", "--offline", "--locked"]);
    let metadata: Value = serde_json::from_str(&said.out).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let own: Vec<&str> = packages
        .iter()
        .filter(|package| package["source"].is_null())
        .map(|package| package["manifest_path"].as_str().unwrap())
        .collect();
    assert_eq!(own.len(), 4, "{own:?}");
    let folder = fs::canonicalize(&given.folder).unwrap();
    assert!(own.iter().all(|path| Path::new(path).starts_with(&folder)), "{own:?}");
    // And neither formatter nor linter has anything to say.
    assert_eq!(given.cargo(&["fmt", "--check"]).status.code(), Some(0));
    let said = given.cargo(&["clippy", "--offline", "--locked", "--all-targets", "--quiet", "--", "-D", "warnings"]);
    assert_eq!(said.status.code(), Some(0), "{said:?}");
}

#[test]
fn the_lock_names_what_the_plugin_needs_in_the_tested_versions_and_nothing_else() {
    let made = Crate::new("storage", "kit-lock");
    let entries = |text: &str| -> Vec<(String, String)> {
        let table: toml::Table = text.parse().unwrap();
        let text = |package: &toml::Value, key: &str| package[key].as_str().unwrap().to_owned();
        let all = table["package"].as_array().unwrap();
        all.iter().map(|package| (text(package, "name"), text(package, "version"))).collect()
    };
    let tested = entries(&fs::read_to_string(repository().join("Cargo.lock")).unwrap());
    let locked = entries(&made.read("Cargo.lock"));
    for entry in locked.iter().filter(|(name, _)| name != "kit-lock") {
        assert!(tested.contains(entry), "{entry:?} is not what this checkout was tested with");
    }
    for needed in ["kit-lock", "aurapos-contract", "aurapos-plugin-api", "aurapos-plugin-testkit", "abi_stable"] {
        assert!(locked.iter().any(|(name, _)| name == needed), "{needed}");
    }
    for foreign in ["slint", "rusqlite", "clap", "aurapos-runtime"] {
        assert!(!locked.iter().any(|(name, _)| name == foreign), "{foreign}");
    }
    // Cargo finds nothing to add and nothing to take away.
    let said = made.cargo(&["metadata", "--format-version", "1", "--offline", "--locked", "--no-deps"]);
    assert_eq!(said.status.code(), Some(0), "{said:?}");
}

#[test]
fn nothing_of_the_author_is_overwritten() {
    let made = Crate::new("payment", "kit-twice");
    let mine = "//! Mine.\n";
    fs::write(made.folder.join("src/lib.rs"), mine).unwrap();
    let said = made.xtask(&["new-plugin", "storage", "kit-twice"]);
    assert_eq!(said.status.code(), Some(1), "{said:?}");
    assert!(said.err.contains("nothing is overwritten"), "{said:?}");
    assert_eq!(made.read("src/lib.rs"), mine);
    // A name that one of the crates below has would not build.
    let said = made.xtask(&["new-plugin", "payment", "semver"]);
    assert!(said.err.contains("choose another"), "{said:?}");
}
