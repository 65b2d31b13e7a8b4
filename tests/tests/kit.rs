//! The author's kit: a plugin from `cargo xtask new-plugin`, built, tested, installed and sold with by typing exactly what its
//! own README says. Only the profile, the target folder and the programs are this build's, so that nothing compiles twice.
#![allow(clippy::unwrap_used)]

use aurapos_tests::plugins::{build_folder, repository};
use aurapos_tests::shop::{OPERATOR, PIN, Said, Shop, programs, run};
use serde_json::json;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

/// Lines of code that a working payment plugin may cost its author.
const OWN_LINES_MAX: usize = 60;

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
        made
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
        let path = block.lines().find(|line| line.starts_with("PATH=")).unwrap();
        let ours = [
            (path, format!("PATH=\"{}:$PATH\"", programs().display())),
            ("cargo test", "cargo test --offline --quiet".to_owned()),
            ("cargo build --release", "cargo build --offline --quiet".to_owned()),
            ("target/release/", format!("{}/", build.display())),
        ];
        let script = ours.iter().fold(block.to_owned(), |text, (said, ours)| {
            assert!(text.contains(said), "{said}: {text}");
            text.replace(said, ours)
        });
        let mut sh = Command::new("sh");
        sh.args(["-euxc", &script]).current_dir(&self.folder);
        let mut sh = as_from_a_shell(sh);
        sh.env("CARGO_TARGET_DIR", build.parent().unwrap()).env("AURAPOS_DATA", &shop.data).env("AURAPOS_PIN", PIN);
        // As in the workspace's own profile: the crates that both need are built once.
        sh.env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only");
        run(&mut sh, b"")
    }
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
    let own = own_lines(&made.read("src/lib.rs"));
    assert!(own <= OWN_LINES_MAX, "{own} lines of code");

    let said = made.follow_the_readme(&shop);
    assert_eq!(said.status.code(), Some(0), "{said:?}");
    assert!(said.out.contains("payment: 10 passed, 0 failed\nkit-pay 0.1.0: conforms\n"), "{said:?}");

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
    let consent = "isolation = \"in-process\"\n";
    fs::write(&file, settings.replace(consent, &format!("{consent}[payment.config]\nlimit = 100000\n"))).unwrap();
    assert_eq!(shop.ok(&much)["tenders"][0]["name"], "kit-pay");
    // Without the owner's consent it is not run, and says so.
    fs::write(&file, settings.replace(consent, "")).unwrap();
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
fn a_storage_plugin_begins_as_a_list_of_what_to_write() {
    let shop = Shop::nowhere();
    let made = Crate::new("storage", "kit-store");
    let said = made.follow_the_readme(&shop);
    // Its last command is `plugin test`, which is not content yet; everything before it worked.
    assert_eq!(said.status.code(), Some(1), "{said:?}");
    assert!(said.out.ends_with("kit-store 0.1.0: does not conform\n"), "{said:?}");
    for words in ["pass  config  ", "FAIL  all-or-nothing  ", "Unsupported: `migrate` is not written yet"] {
        assert!(said.out.contains(words), "{words}: {said:?}");
    }
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
