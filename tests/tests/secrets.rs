//! Settings and secrets of a plugin, through the built programs alone: a secret reaches its plugin and nothing else, and
//! whatever is wrong with where it is kept stops that plugin only.
#![allow(clippy::unwrap_used)]

use aurapos_tests::plugins::{example, lay_out};
use aurapos_tests::shop::{OPERATOR, PIN, Said, Shop, one_document, refusal_in, run};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// What `examples/guarded_coins.rs` takes coins for.
const SECRET: &str = "open-sesame-4711";
const MANIFEST: &str = include_str!("../examples/guarded_coins.plugin.toml");
const SALE: [&str; 9] = ["sell", "--operator", OPERATOR, "--pin", PIN, "--item", "EAU-001", "--tender", "guarded"];
const SET: [&str; 5] = ["plugin", "set-secret", "guarded", "password", "--stdin"];

/// A shop with the plugin in use, and everything that a program said in it.
struct Guarded {
    shop: Shop,
    said: std::cell::RefCell<String>,
}

impl Guarded {
    fn new() -> Guarded {
        let shop = Shop::open();
        let guarded = Guarded { shop, said: std::cell::RefCell::default() };
        let packed = guarded.pack();
        guarded.ok(&["plugin", "install", packed.to_str().unwrap()], "");
        guarded.ok(&["plugin", "enable", "guarded", "--in-process"], "");
        guarded
    }

    /// As its author packs it.
    fn pack(&self) -> PathBuf {
        let place = self.shop.data.with_file_name("from-the-author");
        let (manifest, library) = lay_out(&place, MANIFEST, &example("guarded_coins"));
        let packed = place.join("guarded");
        let paths = [&manifest, &library, &packed].map(|path| path.to_str().unwrap().to_owned());
        self.ok(&["plugin", "pack", &paths[0], &paths[1], &paths[2]], "");
        packed
    }

    fn run(&self, args: &[&str], input: &str) -> Said {
        let said = run(&mut self.shop.command(args), input.as_bytes());
        self.said.borrow_mut().push_str(&format!("{}\n{}\n", said.out, said.err));
        said
    }

    fn ok(&self, args: &[&str], input: &str) -> Value {
        let said = self.run(args, input);
        assert_eq!((said.status.code(), said.err.as_str()), (Some(0), ""), "{args:?}: {said:?}");
        one_document(&said.out)
    }

    /// Refused with a code, and with all of these words.
    fn refused(&self, args: &[&str], input: &str, code: &str, words: &[&str]) {
        let said = self.run(args, input);
        let refusal = refusal_in(&said, if code == "AP-0001" { 2 } else { 1 }, args);
        assert_eq!(refusal.code, code, "{args:?}: {refusal:?}");
        words.iter().for_each(|words| assert!(refusal.says(words), "{words}: {refusal:?}"));
    }

    fn set(&self) {
        let answer = self.ok(&SET, &format!("{SECRET}\n"));
        let set =
            json!({"kind": "payment", "instance": "guarded", "key": "password", "set": true, "by_the_owner": true});
        assert_eq!(answer, set);
    }

    /// `[payment.config]` of the instance.
    fn configure(&self, config: &str) {
        let file = self.shop.data.join("aurapos.toml");
        let text = fs::read_to_string(&file).unwrap();
        let own = text.split("\n[payment.config]").next().unwrap().trim_end();
        fs::write(&file, format!("{own}\n[payment.config]\n{config}\n")).unwrap();
    }

    fn field(&self, key: &str) -> Value {
        let form = self.ok(&["plugin", "settings", "guarded"], "");
        form["fields"].as_array().unwrap().iter().find(|field| field["key"] == key).unwrap().clone()
    }

    fn secrets(&self) -> PathBuf {
        self.shop.data.join("secrets.toml")
    }

    fn logs(&self) -> String {
        files_below(&self.shop.data.join("logs")).iter().map(|file| fs::read_to_string(file).unwrap()).collect()
    }

    /// Nothing that a program said, and no file but the one for secrets, has the secret.
    fn is_told_nowhere(&self) {
        assert!(!self.said.borrow().contains(SECRET), "{}", self.said.borrow());
        let mut looked_at = 0;
        for file in files_below(&self.shop.data).iter().filter(|file| **file != self.secrets()) {
            // The library knows what its provider takes: it was built with it.
            let is_library = file.extension().is_some_and(|ending| ending == "so");
            let content = fs::read(file).unwrap();
            let found = content.windows(SECRET.len()).any(|bytes| bytes == SECRET.as_bytes());
            assert!(is_library || !found, "{}", file.display());
            looked_at += 1;
        }
        assert!(looked_at > 8, "only {looked_at} files were looked at");
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_secret_reaches_its_plugin_and_nothing_else() {
    let guarded = Guarded::new();
    guarded.refused(&SALE, "", "AP-3001", &["P-129", "`password` is missing", "plugin set-secret"]);
    let password = guarded.field("password");
    assert_eq!((&password["set"], &password["secret"]), (&json!(false), &json!(true)), "{password}");
    assert!(password["problem"].as_str().unwrap().contains("missing"), "{password}");
    assert!(!guarded.secrets().exists());

    guarded.ok(&SET, "another one\r\n");
    guarded.refused(&SALE, "", "AP-3004", &["does not know this password"]);
    guarded.set();
    assert_eq!(mode(&guarded.secrets()), 0o600);
    let sale = guarded.ok(&SALE, "");
    assert_eq!(sale["tenders"][0]["name"], "guarded", "{sale}");
    let log = guarded.logs();
    assert!(log.contains("settings: mode, password") && log.contains("(secret)"), "the plugin wrote it all: {log}");

    let password = guarded.field("password");
    assert_eq!(
        (&password["set"], &password["value"], &password["problem"]),
        (&json!(true), &json!(null), &json!(null))
    );
    let shown = guarded.ok(&["plugin", "show", "guarded"], "");
    let expected = json!([{"kind": "payment", "instance": "guarded", "key": "password", "set": true}]);
    assert_eq!(shown["secrets"], expected);
    guarded.ok(&["backup", "now"], "");
    for look in [&["plugin", "list"][..], &["status"], &["doctor"], &["settings", "list"], &["journal", "verify"]] {
        guarded.ok(look, "");
    }
    guarded.is_told_nowhere();

    let forgotten = guarded.ok(&["plugin", "unset-secret", "guarded", "password"], "");
    assert_eq!((&forgotten["set"], &forgotten["was_set"]), (&json!(false), &json!(true)));
    assert_eq!(guarded.ok(&["plugin", "unset-secret", "guarded", "password"], "")["was_set"], json!(false));
    assert!(!fs::read_to_string(guarded.secrets()).unwrap().contains(SECRET));
    guarded.refused(&SALE, "", "AP-3001", &["P-129", "`password` is missing"]);
}

#[test]
fn a_file_that_others_can_read_stops_the_plugin_that_needs_it_and_nothing_else() {
    let guarded = Guarded::new();
    guarded.set();
    let good = fs::read_to_string(guarded.secrets()).unwrap();
    let check = |code: &str, words: &[&str]| {
        guarded.refused(&SALE, "", "AP-3001", &[&["P-143", "secrets.toml"], words].concat());
        guarded.refused(&SET, "x", code, &[&["secrets.toml"], words].concat());
        guarded.shop.sell(&["EAU-001"]);
        let form = guarded.ok(&["plugin", "settings", "guarded"], "");
        assert_eq!((&form["ok"], &form["problem"]["code"]), (&json!(false), &json!("P-143")), "{form}");
        let password = guarded.field("password");
        assert_eq!((&password["set"], &password["problem"]), (&json!(null), &json!(null)), "{password}");
        let shown = guarded.ok(&["plugin", "show", "guarded"], "");
        assert_eq!(shown["secrets"][0]["set"], json!(null), "{shown}");
        let doctor = guarded.run(&["doctor"], "");
        assert!(doctor.status.code() == Some(1) && doctor.out.contains("P-143"), "{doctor:?}");
    };
    fs::set_permissions(guarded.secrets(), fs::Permissions::from_mode(0o644)).unwrap();
    check("AP-0211", &["chmod 600"]);
    assert_eq!(mode(&guarded.secrets()), 0o644, "nothing was mended behind the owner's back");
    fs::set_permissions(guarded.secrets(), fs::Permissions::from_mode(0o600)).unwrap();
    guarded.ok(&SALE, "");
    for damaged in [good.replace("password = \"", "password = "), good.replace(&format!("\"{SECRET}\""), "4711")] {
        assert_ne!(damaged, good);
        fs::write(guarded.secrets(), &damaged).unwrap();
        check("AP-0213", &["damaged"]);
        assert_eq!(fs::read_to_string(guarded.secrets()).unwrap(), damaged, "it is not written over");
    }
    fs::write(guarded.secrets(), good).unwrap();
    guarded.ok(&SALE, "");
    guarded.is_told_nowhere();
    fs::set_permissions(&guarded.shop.data, fs::Permissions::from_mode(0o777)).unwrap();
    guarded.refused(&SET, "x", "AP-0214", &["chmod go-w"]);
}

#[test]
fn a_secret_in_the_settings_file_is_refused_and_not_repeated() {
    let guarded = Guarded::new();
    guarded.configure(&format!("password = \"{SECRET}\""));
    guarded.refused(&SALE, "", "AP-3001", &["P-129", "must not stand in the settings file", "plugin set-secret"]);
    let password = guarded.field("password");
    assert_eq!((&password["set"], &password["value"]), (&json!(false), &json!(null)), "{password}");
    assert!(password["problem"].as_str().unwrap().contains("set-secret"), "{password}");
    guarded.set();
    guarded.refused(&SALE, "", "AP-3001", &["must not stand in the settings file"]);
    for look in [&["plugin", "list"][..], &["plugin", "show", "guarded"], &["status"]] {
        guarded.ok(look, "");
    }
    guarded.run(&["doctor"], "");
    assert!(!guarded.said.borrow().contains(SECRET), "{}", guarded.said.borrow());
    assert!(!guarded.logs().contains(SECRET));
    guarded.configure("");
    guarded.ok(&SALE, "");
}

#[test]
fn what_is_hidden_is_kept_and_not_handed_over() {
    let guarded = Guarded::new();
    guarded.set();
    guarded.configure("mode = \"offline\"");
    guarded.refused(&SALE, "", "AP-3001", &["P-129", "`limit` is missing"]);
    guarded.configure("mode = \"offline\"\nlimit = 5000");
    guarded.ok(&SALE, "");
    assert!(guarded.logs().contains("settings: mode, limit"), "{}", guarded.logs());
    let password = guarded.field("password");
    assert_eq!((&password["shown"], &password["set"]), (&json!(false), &json!(true)), "{password}");
    guarded.configure("mode = \"online\"\nlimit = 99999");
    guarded.ok(&SALE, "");
    let limit = guarded.field("limit");
    let told = json!({
        "key": "limit", "type": "int", "label": "Highest amount without checking, in cents", "help": "", "value": 99999,
        "given": true, "default": null, "required": true, "min": 1, "max": 10000, "choices": [], "secret": false,
        "set": null, "restart": false, "shown": false, "show_if": {"key": "mode", "equals": "offline"}, "problem": null,
    });
    assert_eq!(limit, told, "hidden and wrong: it waits until it is shown");
    guarded.configure("mode = \"offline\"\nlimit = 99999\nlimti = 1");
    let form = guarded.ok(&["plugin", "settings", "payment/guarded"], "");
    assert_eq!((&form["ok"], &form["strangers"][0]["key"]), (&json!(false), &json!("limti")), "{form}");
    assert!(form["fields"][2]["problem"].as_str().unwrap().contains("the highest is 10000"), "{form}");
    assert_eq!(
        (&form["kind"], &form["name"], &form["plugin"]),
        (&json!("payment"), &json!("guarded"), &json!("guarded"))
    );
    let storage = guarded.ok(&["plugin", "settings", "storage"], "");
    let path = &storage["fields"][0];
    assert_eq!((&path["key"], &path["value"], &path["given"]), (&json!("path"), &json!("AuraPOS.db"), &json!(false)));
    guarded.is_told_nowhere();
}

#[test]
fn an_instance_is_named_as_in_the_settings_file() {
    let guarded = Guarded::new();
    let set = |instance: &'static str, key: &'static str| ["plugin", "set-secret", instance, key, "--stdin"];
    guarded.refused(&set("nobody", "password"), "x", "AP-0303", &["payment/cash", "payment/guarded", "storage/sqlite"]);
    guarded.refused(&set("cash", "password"), "x", "AP-0305", &["it has none"]);
    guarded.refused(&set("guarded", "mode"), "x", "AP-0305", &["it has password", "aurapos.toml"]);
    guarded.refused(&SET, "", "AP-0306", &["empty"]);
    guarded.refused(&SET, "\n", "AP-0306", &["empty"]);
    guarded.refused(&SET, &"s".repeat(16 * 1024 + 1), "AP-0306", &["longer than"]);
    guarded.refused(&["plugin", "set-secret", "guarded", "password"], "x", "AP-0001", &["--stdin"]);
    // Nobody is asked for a secret that nobody needs.
    guarded.refused(&["plugin", "set-secret", "guarded", "mode"], "x", "AP-0305", &["it has password"]);
    guarded.refused(&["plugin", "unset-secret", "guarded", "mode"], "", "AP-0305", &["it has password"]);
    assert!(!guarded.secrets().exists());
    let file = guarded.shop.data.join("aurapos.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{text}\n[[printer]]\nname = \"guarded\"\nuse = \"file-printer\"\n")).unwrap();
    guarded.refused(&SET, "x", "AP-0304", &["payment/guarded", "printer/guarded"]);
    guarded.ok(&set("payment/guarded", "password"), SECRET);
    guarded.ok(&SALE, "");
    // In words, as a person is told: nothing but whether it is set, and that it stays behind.
    let in_words = |args: &[&str]| {
        let mut command = std::process::Command::new(aurapos_tests::shop::programs().join("aurapos-admin"));
        let said = run(command.env_remove("AURAPOS_DATA").arg("--data").arg(&guarded.shop.data).args(args), b"");
        assert!(said.status.success() && !said.out.contains(SECRET), "{said:?}");
        said.out
    };
    let form = in_words(&["plugin", "settings", "payment/guarded"]);
    assert!(form.contains("payment/guarded: guarded\n") && form.contains("(secret set)"), "{form}");
    assert!(form.contains("(default)") && form.contains("- (not used: see show_if)"), "{form}");
    assert!(in_words(&["plugin", "show", "guarded"]).contains("password of guarded: set"));
    assert!(in_words(&["plugin", "remove", "guarded"]).contains("its secrets in secrets.toml"));
    // Its table is gone; what is kept of it can still be forgotten.
    fs::write(&file, text.split("[[payment]]\nname = \"guarded\"").next().unwrap()).unwrap();
    guarded.refused(&["plugin", "unset-secret", "guarded", "password"], "", "AP-0303", &["payment/cash"]);
    let forgotten = guarded.ok(&["plugin", "unset-secret", "payment/guarded", "password"], "");
    assert_eq!(forgotten["was_set"], json!(true));
}

#[test]
fn a_plugin_is_tested_with_secrets_from_a_file() {
    let guarded = Guarded::new();
    let packed = guarded.pack();
    let packed = packed.to_str().unwrap();
    let file = guarded.shop.data.with_file_name("test-secrets.txt");
    let path = file.to_str().unwrap();
    guarded.refused(&["plugin", "test", packed], "", "P-129", &["`password` is missing"]);
    let typed = format!("password={SECRET}");
    let said = run(&mut guarded.shop.command(&["plugin", "test", packed, "--set", &typed]), b"");
    let refusal = refusal_in(&said, 2, &["--set"]);
    assert!(refusal.says("--secret-file") && !refusal.says(SECRET), "{refusal:?}");
    fs::write(&file, format!("# for the bench\n\npassword={SECRET}\n")).unwrap();
    let report = guarded.ok(&["plugin", "test", packed, "--secret-file", path], "");
    assert_eq!((&report["ok"], &report["id"]), (&json!(true), &json!("guarded")), "{report}");
    for (content, words) in [
        (format!("{SECRET}\n"), "line 1: this is not KEY=VALUE"),
        (format!("\nmode={SECRET}\n"), "line 2: this is no secret"),
    ] {
        fs::write(&file, content).unwrap();
        guarded.refused(&["plugin", "test", packed, "--secret-file", path], "", "AP-0001", &[words]);
    }
    // A setting has the type of its manifest, whatever it looks like.
    let offline = ["plugin", "test", packed, "--set", "mode=offline", "--set"];
    guarded.refused(&[&offline[..], &["limit=many"]].concat(), "", "AP-0001", &["`limit` must be a whole number"]);
    guarded.refused(&[&offline[..], &["mode=1"]].concat(), "", "AP-0001", &["must be one of `online`, `offline`"]);
    guarded.is_told_nowhere();
}

#[test]
fn the_plugin_itself_is_asked_about_its_settings() {
    let guarded = Guarded::new();
    let live = |args: &[&str]| guarded.ok(&[&["plugin", "settings", "guarded"], args].concat(), "")["live"].clone();
    guarded.configure("mode = \"offline\"\nlimit = 501");
    let advice = live(&["--live"]);
    assert_eq!((&advice["ok"], &advice["connection"]), (&json!(false), &Value::Null), "{advice}");
    assert_eq!(advice["problems"][0]["key"], "limit");
    assert_eq!(advice["choices"]["limit"][1], json!({"value": "1000", "label": "a payment of 1000 cents"}));
    // What is wrong keeps the instance from being made, with the plugin's own words.
    guarded.refused(&SALE, "", "AP-3001", &["P-129", "limit", "no coins of 1 and 2 cents"]);
    // Settings that the manifest refuses: the plugin is still asked what can be chosen, and blames nothing else.
    guarded.configure("mode = \"offline\"");
    let advice = live(&["--live"]);
    assert_eq!((&advice["problems"], &advice["choices"]["limit"][0]["value"]), (&json!([]), &json!("500")), "{advice}");
    guarded.configure("mode = \"offline\"\nlimit = 500");
    let advice = live(&["--connect"]);
    assert_eq!((&advice["ok"], &advice["connection"]["ok"]), (&json!(true), &Value::Null), "{advice}");
    guarded.configure("mode = \"online\"");
    let asked = guarded.run(&["plugin", "settings", "guarded", "--connect"], "");
    assert_eq!(asked.status.code(), Some(1), "without the password nobody answers: {asked:?}");
    guarded.set();
    assert_eq!(live(&["--connect"])["connection"]["message"], "the provider of coins");
    guarded.is_told_nowhere();
}
