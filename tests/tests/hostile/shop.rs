//! A shop with a hostile plugin, through the program that people use: nothing that was acknowledged is lost, nothing false
//! is stored, and the rest of the shop goes on.

use super::*;
use aurapos_tests::books::number;
use aurapos_tests::customers::Customers;
use aurapos_tests::plugins::{first_party, lay};
use aurapos_tests::shop::{OPERATOR, PIN, Said, Shop};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::time::Duration;

/// Longer than a program on a busy machine needs to die.
const PATIENCE: Duration = Duration::from_secs(120);
const HANGING: &str = include_str!("../../examples/hostile_hanging_store.plugin.toml");

/// A shop whose owner installed a plugin that no shop should have.
struct Victim {
    shop: Shop,
    /// The settings as `init` wrote them.
    settings: String,
    customers: Customers,
}

impl Victim {
    fn new(manifest: &str, library: &[u8]) -> Victim {
        let shop = Shop::open();
        let download = tempfile::tempdir().unwrap();
        lay(download.path(), manifest, library);
        shop.ok(&["plugin", "install", download.path().to_str().unwrap()]);
        let settings = fs::read_to_string(shop.data.join("aurapos.toml")).unwrap();
        Victim { shop, settings, customers: Customers::new(11, 0) }
    }

    fn write_settings(&self, text: &str) {
        fs::write(self.shop.data.join("aurapos.toml"), text).unwrap();
    }

    /// Lets the shop take payments by the plugin `misbehaving`, as `evil`.
    fn pay_by(&self, more: &str, how: &str) -> String {
        let table = "[[payment]]\nname = \"evil\"\nuse = \"misbehaving\"\nisolation = \"in-process\"\n";
        let text = format!("{}\n{table}{more}[payment.config]\nhow = \"{how}\"\n", self.settings);
        self.write_settings(&text);
        text
    }

    /// A basket that is paid by `evil`.
    fn evil_sale(&mut self) -> Value {
        let mut sale = self.customers.sale();
        sale["tenders"] = json!([{"evil": null}]);
        sale
    }

    fn sales(&self) -> i64 {
        number(&self.shop.database(), "SELECT count(*) FROM sale")
    }

    fn plugin(&self) -> Value {
        self.shop.ok(&["plugin", "show", "misbehaving"])
    }
}

const SELL_BY_EVIL: [&str; 9] =
    ["sell", "--operator", OPERATOR, "--pin", PIN, "--item", "EAU-001:2", "--tender", "evil"];

#[test]
fn a_plugin_that_aborts_during_a_sale_costs_no_acknowledged_sale() {
    let mut victim = Victim::new(MISBEHAVING, &misbehaving());
    let settings = victim.pay_by("", "begin aborts");
    let cash = victim.customers.sales(5);
    let mut script = victim.shop.script();
    let acknowledged: Vec<Value> = cash
        .iter()
        .map(|sale| {
            script.send(sale);
            script.answer()
        })
        .collect();
    script.send(&victim.evil_sale());
    script.send(&victim.customers.sale());
    assert_eq!(script.answer_within(PATIENCE), None, "the program died in the sixth sale");
    drop(script);

    // The next start: everything that was acknowledged is there, the guilty plugin is named, its settings are untouched.
    assert_eq!(victim.sales(), 5);
    let listed = victim.shop.ok(&["sales", "list"]);
    for sale in &acknowledged {
        let number = sale["receipt_no"].as_str().unwrap();
        assert!(listed.to_string().contains(number), "{number}");
    }
    victim.shop.verify();
    let refusal = victim.shop.refused(&SELL_BY_EVIL);
    assert!(refusal.code == "AP-3001" && refusal.says("P-152") && refusal.says("begin"), "{refusal:?}");
    let plugin = victim.plugin();
    assert_eq!(plugin["state"], "quarantined", "{plugin}");
    assert!(plugin.to_string().contains("P-152"), "{plugin}");
    assert_eq!(fs::read_to_string(victim.shop.data.join("aurapos.toml")).unwrap(), settings);
    let next = victim.shop.sell(&["EAU-001"]);
    assert_eq!(next["receipt_no"], "R1-1-000006", "no number was given twice, none is missing");

    // The owner tries it again, and it does it again.
    victim.shop.ok(&["plugin", "enable", "misbehaving", "--in-process"]);
    let said = victim.shop.run(&SELL_BY_EVIL);
    assert_eq!((said.status.signal(), said.out.as_str()), (Some(libc::SIGABRT), ""), "{said:?}");
    assert!(victim.shop.refused(&SELL_BY_EVIL).says("P-152"));
    // With other settings it behaves.
    victim.pay_by("", "");
    victim.shop.ok(&["plugin", "enable", "misbehaving", "--in-process"]);
    assert_eq!(victim.shop.ok(&SELL_BY_EVIL)["receipt_no"], "R1-1-000007");
    assert_eq!(victim.sales(), 7);
    victim.shop.verify();
}

#[test]
fn answers_that_do_not_add_up_are_never_stored() {
    let victim = Victim::new(MISBEHAVING, &misbehaving());
    let lies = ["change too much", "change negative", "approves more", "approves a negative amount"];
    for how in lies.into_iter().chain(["approves absurdly", "approves nothing"]) {
        victim.pay_by("", how);
        let refusal = victim.shop.refused(&SELL_BY_EVIL);
        assert!(refusal.code == "AP-3005" && refusal.says("evil"), "{how}: {refusal:?}");
        assert_eq!(victim.sales(), 0, "{how}");
        // Named, and not asked again until the owner says so.
        let refusal = victim.shop.refused(&SELL_BY_EVIL);
        assert!(refusal.code == "AP-3001" && refusal.says("P-157"), "{how}: {refusal:?}");
        assert_eq!(victim.plugin()["state"], "quarantined", "{how}");
        victim.shop.ok(&["plugin", "enable", "misbehaving", "--in-process"]);
    }
    victim.shop.sell(&["EAU-001"]);
    victim.shop.verify();
}

#[test]
fn a_payment_that_hangs_or_panics_leaves_the_rest_of_the_shop_alone() {
    let mut victim = Victim::new(MISBEHAVING, &misbehaving());
    victim.pay_by("", "begin panics");
    let mut script = victim.shop.script();
    for _ in 0..20 {
        script.send(&victim.evil_sale());
        let answer = script.answer();
        assert_eq!(answer["error"]["code"], "AP-3007", "{answer}");
    }
    script.send(&victim.customers.sale());
    assert_eq!(script.answer()["receipt_no"], "R1-1-000001");
    script.finish();

    victim.pay_by("deadline_ms = 2000\n", "begin hangs");
    let mut script = victim.shop.script();
    script.send(&victim.evil_sale());
    assert_eq!(script.answer()["error"]["code"], "AP-3007");
    script.send(&victim.evil_sale());
    let answer = script.answer();
    assert!(answer["error"].to_string().contains("P-150"), "nothing new is begun with it: {answer}");
    script.send(&victim.customers.sale());
    assert_eq!(script.answer()["receipt_no"], "R1-1-000002");
    script.finish();
    let refusal = victim.shop.refused(&SELL_BY_EVIL);
    assert!(refusal.code == "AP-3001" && refusal.says("P-150"), "{refusal:?}");
    victim.shop.verify();
}

/// A gate in front of the real SQLite storage.
struct Gate(PathBuf);

impl Gate {
    fn shut(&self, at: &str) {
        let _ = fs::remove_file(self.0.with_extension("reached"));
        let part = self.0.with_extension("part");
        fs::write(&part, at).unwrap();
        fs::rename(part, &self.0).unwrap();
    }
    fn open(&self) {
        fs::remove_file(&self.0).unwrap();
    }
    fn was_reached(&self) -> bool {
        self.0.with_extension("reached").exists()
    }
}

/// A commit hangs, before or after it happened. The register stops selling and says why; when the storage answers again it
/// learns by the transaction's id what happened, and the same sale asked for again is there once.
fn a_commit_that_hangs(at: &str, happened: bool) {
    let mut victim = Victim::new(HANGING, &example("hostile_hanging_store"));
    let gate = Gate(victim.shop.data.join("gate"));
    let library = first_party("aurapos_storage_sqlite");
    let config = format!("[storage.local.config]\ngate = {:?}\nlibrary = {:?}\n", gate.0, library);
    let real = "[storage.local]\nuse = \"sqlite\"\n";
    assert!(victim.settings.contains(real), "{}", victim.settings);
    let hanging = format!("[storage.local]\nuse = \"hanging-store\"\nisolation = \"in-process\"\n{config}");
    victim.write_settings(&victim.settings.replace(real, &hanging));

    let mut script = victim.shop.script();
    script.send(&victim.customers.sale());
    assert_eq!(script.answer()["receipt_no"], "R1-1-000001");
    gate.shut(at);
    let doubtful = victim.customers.sale();
    script.send(&doubtful);
    let answer = script.answer();
    assert!(gate.was_reached());
    if happened {
        // Asked by its id, the storage says that it is stored: a sale like any other.
        assert_eq!(answer["receipt_no"], "R1-1-000002", "{answer}");
    } else {
        // It is not stored, but it may still be: a "no" would be a guess.
        assert_eq!(answer["error"]["code"], "AP-1005", "{answer}");
    }
    let other = victim.customers.sale();
    script.send(&other);
    let answer = script.answer();
    let stopped = if happened { "AP-8002" } else { "AP-1005" };
    assert_eq!(answer["error"]["code"], stopped, "nothing is sold meanwhile: {answer}");

    gate.open();
    // It finds out by itself; until then it goes on to refuse.
    let settled = |script: &mut aurapos_tests::shop::Script, sale: &Value| loop {
        script.send(sale);
        let answer = script.answer();
        if answer["error"]["code"] != "AP-1005" && answer["error"]["code"] != "AP-8002" {
            return answer;
        }
        std::thread::yield_now();
    };
    let sold = settled(&mut script, &doubtful);
    assert_eq!((&sold["receipt_no"], &sold["repeated"]), (&json!("R1-1-000002"), &json!(true)), "{sold}");
    let sold = settled(&mut script, &other);
    assert_eq!(sold["receipt_no"], "R1-1-000003", "no number twice, none missing: {sold}");
    script.finish();

    victim.write_settings(&victim.settings);
    assert_eq!(victim.sales(), 3);
    victim.shop.verify();
    assert_eq!(victim.shop.sell(&["EAU-001"])["receipt_no"], "R1-1-000004");
}

#[test]
fn a_commit_that_hangs_before_it_happened() {
    a_commit_that_hangs("before", false);
}

#[test]
fn a_commit_that_hangs_after_it_happened() {
    a_commit_that_hangs("after", true);
}

/// The program is killed while a commit hangs: the next start, with the storage that works, has what was stored.
#[test]
fn killed_while_a_commit_hangs() {
    let mut victim = Victim::new(HANGING, &example("hostile_hanging_store"));
    let gate = Gate(victim.shop.data.join("gate"));
    let config = format!("gate = {:?}\nlibrary = {:?}\n", gate.0, first_party("aurapos_storage_sqlite"));
    let hanging = "use = \"hanging-store\"\nisolation = \"in-process\"\n[storage.local.config]\n";
    victim.write_settings(&victim.settings.replacen("use = \"sqlite\"\n", &format!("{hanging}{config}"), 1));
    let mut script = victim.shop.script();
    script.send(&victim.customers.sale());
    assert_eq!(script.answer()["receipt_no"], "R1-1-000001");
    gate.shut("after");
    let sale = victim.customers.sale();
    script.send(&sale);
    while !gate.was_reached() {
        assert_eq!(script.answer_within(Duration::from_millis(20)), None, "it hangs");
    }
    script.kill();
    victim.write_settings(&victim.settings);
    let plugin = victim.shop.ok(&["plugin", "show", "hanging-store"]);
    assert_eq!(plugin["state"], "ready", "killed from outside: nobody's fault. {plugin}");
    let sold = victim.shop.sell_all(&[sale]);
    assert_eq!((&sold[0]["receipt_no"], &sold[0]["repeated"]), (&json!("R1-1-000002"), &json!(true)), "{sold:?}");
    victim.shop.verify();
}

/// A plugin that did not come with AuraPOS gets the register's rights only from its owner, in so many words.
#[test]
fn the_owner_is_asked_before_a_stranger_runs_inside() {
    let victim = Victim::new(MISBEHAVING, &misbehaving());
    let file = victim.shop.data.join("aurapos.toml");
    let settings = || fs::read_to_string(&file).unwrap();
    victim.shop.ok(&["plugin", "disable", "misbehaving"]);
    let enable = ["plugin", "enable", "misbehaving"];
    let refusal = victim.shop.refused(&enable);
    assert_eq!(refusal.code, "AP-0507");
    for words in ["Nobody you know", "change all data", "see payments", "--in-process"] {
        assert!(refusal.says(words), "{words}: {refusal:?}");
    }
    assert_eq!((settings(), victim.plugin()["state"].as_str()), (victim.settings.clone(), Some("disabled")));

    for answer in ["no", "", "y"] {
        let (said, asked) = at_a_terminal(victim.shop.spoken(&enable), answer);
        assert_eq!(said.status.code(), Some(1), "{answer}: {said:?}");
        assert!(asked.contains("with all its rights") && asked.contains("AP-0507"), "{answer}: {asked}");
        assert_eq!((settings(), victim.plugin()["state"].as_str()), (victim.settings.clone(), Some("disabled")));
    }
    let (said, asked) = at_a_terminal(victim.shop.command(&enable), "yes");
    assert!(said.status.code() == Some(1) && !asked.contains("Type yes"), "a script is not asked: {asked}");
    let (said, _) = at_a_terminal(victim.shop.spoken(&enable), "yes");
    assert_eq!(said.status.code(), Some(0), "{said:?}");
    assert!(settings().contains("isolation = \"in-process\""));
    assert_eq!(victim.plugin()["state"], "ready");
    // Said once: to lift a quarantine or a switch later needs no new word.
    victim.shop.ok(&["plugin", "disable", "misbehaving"]);
    victim.shop.ok(&enable);
    // What came with AuraPOS needs none at all.
    victim.shop.ok(&["plugin", "disable", "cash"]);
    victim.shop.ok(&["plugin", "enable", "cash"]);
    let said = settings().lines().filter(|line| line.starts_with("isolation = \"in-process\"")).count();
    assert_eq!(said, 2, "{}", settings());
}

/// Two versions in one shop: what stays is told, and a name that fits both is refused.
#[test]
fn a_later_version_is_installed_beside_the_older_one() {
    let victim = Victim::new(MISBEHAVING, &misbehaving());
    let (manifest, library) = super::trust::of_version("2.0.0");
    let download = tempfile::tempdir().unwrap();
    lay(download.path(), &manifest, &library);
    let folder = download.path().to_str().unwrap();
    let installed = victim.shop.ok(&["plugin", "install", folder]);
    assert_eq!((&installed["plugin"]["version"], &installed["others"]), (&json!("2.0.0"), &json!(["1.0.0"])));
    let said = victim.shop.spoken(&["plugin", "install", folder]).output().unwrap();
    let text = String::from_utf8(said.stdout).unwrap();
    assert!(text.contains("misbehaving@=2.0.0") && text.contains("plugin remove misbehaving@1.0.0"), "{text}");
    victim.pay_by("", "");
    assert!(victim.shop.refused(&SELL_BY_EVIL).says("P-105"));
    assert_eq!(victim.shop.refused(&["plugin", "remove", "misbehaving"]).code, "P-105");
    assert_eq!(victim.shop.ok(&["plugin", "show", "misbehaving@1.0.0"])["version"], "1.0.0");
    victim.shop.ok(&["plugin", "trust", "misbehaving@1.0.0"]);
    victim.shop.ok(&["plugin", "remove", "misbehaving@1.0.0"]);
    victim.shop.ok(&SELL_BY_EVIL);
}

/// Runs a program whose input and errors are a terminal at which somebody types one line; answers what it said on its
/// output, and what the terminal showed.
fn at_a_terminal(mut command: std::process::Command, line: &str) -> (Said, String) {
    use std::io::{Read, Write};
    let ours = rustix::pty::openpt(rustix::pty::OpenptFlags::RDWR | rustix::pty::OpenptFlags::NOCTTY).unwrap();
    rustix::pty::grantpt(&ours).unwrap();
    rustix::pty::unlockpt(&ours).unwrap();
    let name = rustix::pty::ptsname(&ours, Vec::new()).unwrap().into_string().unwrap();
    let theirs = || fs::File::options().read(true).write(true).open(&name).unwrap();
    let mut ours = fs::File::from(ours);
    let child = command.stdin(theirs()).stderr(theirs()).stdout(std::process::Stdio::piped()).spawn().unwrap();
    drop(command);
    writeln!(ours, "{line}").unwrap();
    let output = child.wait_with_output().unwrap();
    let mut shown = Vec::new();
    let mut piece = [0; 4096];
    // A terminal whose other side is closed ends with an error.
    while let Ok(length @ 1..) = ours.read(&mut piece) {
        shown.extend_from_slice(&piece[..length]);
    }
    let said = Said { status: output.status, out: String::from_utf8_lossy(&output.stdout).into(), err: String::new() };
    let shown = String::from_utf8_lossy(&shown).split_whitespace().collect::<Vec<_>>().join(" ");
    (said, shown)
}
