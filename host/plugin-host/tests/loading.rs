//! Real libraries through every check, into every capability, and through what each check refuses.
#![allow(clippy::unwrap_used)]

mod shop;

use aurapos_contract::backup::{BackupRequest, BackupSource, CopyCheck};
use aurapos_contract::document::Document;
use aurapos_contract::events::HostEvent;
use aurapos_contract::payment::{PaymentIntent, PaymentState};
use aurapos_contract::printer::PrintJob;
use aurapos_contract::query::Query;
use aurapos_contract::storage::{RestoreReport, SnapshotInfo};
use aurapos_contract::transaction::Transaction;
use aurapos_contract::{BackupHost, PluginResult, Progress, Settings, Uuid};
use aurapos_plugin_api::manifest::Kind;
use aurapos_plugin_host::{Code, Holding, Instance, PluginHost, PluginHostOptions, PluginState, Refusal, Trust};
use shop::{Shop, manifest_of};
use std::fs;
use std::sync::Mutex;

#[derive(Debug, Default)]
struct Reports(Mutex<Vec<String>>);

impl Progress for Reports {
    fn report(&self, _: u64, _: u64, text: &str) {
        self.0.lock().unwrap().push(text.to_owned());
    }
    fn cancelled(&self) -> bool {
        false
    }
}

#[derive(Debug)]
struct Backups;

impl BackupHost for Backups {
    fn source(&self) -> PluginResult<BackupSource> {
        Ok(BackupSource { shop_name: "Chez Mia".into(), ..Default::default() })
    }
    fn take_snapshot(&self, dest: &str, progress: &dyn Progress) -> PluginResult<SnapshotInfo> {
        progress.report(1, 2, &format!("writing {dest}"));
        Ok(SnapshotInfo { bytes: 512, ..Default::default() })
    }
    fn check_copy(&self, _: &str, _: &dyn Progress) -> PluginResult<CopyCheck> {
        Ok(CopyCheck { ok: true, summary: "restored and reconciled".into(), ..Default::default() })
    }
    fn restore_copy(&self, _: &str, _: &dyn Progress) -> PluginResult<RestoreReport> {
        unreachable!("no test restores")
    }
}

#[test]
fn one_library_serves_every_capability_through_the_abi() {
    let shop = Shop::new();
    let host = shop.host_with("well");
    let instance = shop.instance("well@^1", Settings::default().with("greeting", "bonjour"));

    let storage = host.storage(&instance).unwrap();
    let reports = Reports::default();
    assert!(storage.open_copy("a.db").unwrap().verify(&reports).unwrap().ok);
    assert_eq!(*reports.0.lock().unwrap(), ["pages"; 5]);
    let store = storage.open(&instance.settings).unwrap();
    let transaction = Transaction { id: Uuid::from_u64_pair(0, 9), ..Default::default() };
    assert_eq!(store.commit(&transaction).unwrap().position, 1);
    assert!(store.outcome(transaction.id).unwrap().committed.unwrap().already);
    assert!(store.outcome(Uuid::nil()).unwrap().committed.is_none());
    assert_eq!(store.scan(&Query::over("any").limit(3)).unwrap().text(2, 1), Some("row"));
    assert!(storage.open_copy("a.db").unwrap().info().unwrap().read_only);

    let payment = host.payment(&instance).unwrap();
    assert_eq!(payment.capabilities().unwrap().name, "front");
    let reports = Reports::default();
    let answer = payment.begin(&PaymentIntent { amount_minor: 1250, ..Default::default() }, &reports).unwrap();
    assert_eq!((answer.state, answer.approved_minor), (PaymentState::Approved, 1250));
    assert_eq!(*reports.0.lock().unwrap(), ["bonjour"]);

    let backup = host.backup(&instance).unwrap();
    assert_eq!(backup.plan(&BackupRequest::default(), &Backups).unwrap().reasons, ["Chez Mia"]);
    let reports = Reports::default();
    let report = backup.run(&BackupRequest::default(), &Backups, &reports).unwrap();
    assert_eq!(report.notes, ["512 bytes, restored and reconciled"]);
    assert_eq!(*reports.0.lock().unwrap(), ["writing copy.db"]);
    assert_eq!(backup.list().unwrap()[0].name, "copy.db");

    let printer = host.printer(&instance).unwrap();
    printer.print(&PrintJob { document: Document::new("R1-1-000001", "fr"), ..Default::default() }).unwrap();
    let events = host.events(&instance).unwrap();
    events.deliver(&[HostEvent::default(), HostEvent::default()]).unwrap();
    assert_eq!(events.position(Uuid::from_u64_pair(3, 77)).unwrap(), 77);
    assert_eq!(*shop.log.0.lock().unwrap(), ["paid", "", "2 events"]);

    let [status] = host.list().try_into().unwrap();
    assert_eq!((status.id.as_str(), status.state, status.panics), ("well", PluginState::Loaded, 0));
    assert_eq!(status.kinds, Kind::ALL);
}

/// What is done to an installed plugin, and the code it must give.
fn check(what: &str, change: impl FnOnce(&Shop), expected: Code) -> Refusal {
    let shop = Shop::new();
    drop(shop.host_with("well"));
    change(&shop);
    let refusal = shop.host().payment(&shop.instance("well", Settings::default())).unwrap_err();
    assert_eq!(refusal.code, expected, "{what}: {refusal}");
    refusal
}

fn library(shop: &Shop) -> std::path::PathBuf {
    shop.path("plugins/well-1.0.0").join(format!(
        "{}well{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    ))
}

fn edit_sidecar(shop: &Shop, from: &str, to: &str) {
    let file = shop.path("plugins/well-1.0.0/plugin.toml");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(file, text.replace(from, to)).unwrap();
}

/// Puts other bytes in the library's place and a sidecar that fits them, as somebody would who wants to be loaded.
fn replace_library(shop: &Shop, bytes: &[u8], trusted: bool) {
    use aurapos_plugin_api::manifest::{Artifact, pack};
    fs::write(library(shop), bytes).unwrap();
    let file = library(shop).file_name().unwrap().to_string_lossy().into_owned();
    let artifact = Artifact::of(bytes, &file, aurapos_plugin_host::TARGET);
    fs::write(shop.path("plugins/well-1.0.0/plugin.toml"), pack(&manifest_of("well"), &artifact).unwrap()).unwrap();
    if trusted {
        let lock = format!(
            "[[plugin]]\nid = \"well\"\nversion = \"1.0.0\"\nfile = \"{file}\"\nsize = {}\nsha256 = \"{}\"\n",
            bytes.len(),
            artifact.sha256
        );
        fs::write(shop.path("plugins.lock"), lock).unwrap();
    }
}

#[test]
fn a_file_that_is_not_right_is_refused_before_it_is_opened() {
    check("library gone", |shop| fs::remove_file(library(shop)).unwrap(), Code::Unreadable);
    check("empty", |shop| fs::write(library(shop), "").unwrap(), Code::Empty);
    let half = |shop: &Shop| {
        let bytes = fs::read(library(shop)).unwrap();
        fs::write(library(shop), &bytes[..bytes.len() / 2]).unwrap();
    };
    let refusal = check("half", half, Code::Size);
    assert!(refusal.message.contains(" bytes are there"), "{refusal}");
    let longer = |shop: &Shop| {
        let mut bytes = fs::read(library(shop)).unwrap();
        bytes.push(0);
        fs::write(library(shop), bytes).unwrap();
    };
    let refusal = check("a byte too many", longer, Code::Size);
    let numbers: Vec<u64> =
        refusal.message.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
    assert!(numbers.windows(2).any(|pair| pair[0] == pair[1] + 1), "the sizes that differ are told: {refusal}");
    let flipped = |shop: &Shop| {
        let mut bytes = fs::read(library(shop)).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(library(shop), bytes).unwrap();
    };
    check("one bit", flipped, Code::Hash);
    check("no library", |shop| replace_library(shop, b"not a library at all", true), Code::NotALibrary);
    let tail = |shop: &Shop, trusted| {
        let bytes = fs::read(library(shop)).unwrap();
        replace_library(shop, &bytes[..bytes.len() - 64], trusted);
    };
    check("tail cut, and packed again", |shop| tail(shop, true), Code::CutOff);
    check("changed after it was trusted", |shop| tail(shop, false), Code::Changed);
    let other_cpu = |shop: &Shop| {
        let mut bytes = fs::read(library(shop)).unwrap();
        bytes[18] = 0xb7;
        replace_library(shop, &bytes, true);
    };
    check("another processor that says it is ours", other_cpu, Code::Target);
}

#[test]
fn a_sidecar_that_is_not_right_is_refused() {
    check("no toml", |shop| edit_sidecar(shop, "id = ", "id "), Code::Manifest);
    check("newer major", |shop| edit_sidecar(shop, "\"^1\"", "\"^2\""), Code::ApiRange);
    check("other machine", |shop| edit_sidecar(shop, "x86_64-", "aarch64-"), Code::Target);
    check(
        "not packed",
        |shop| fs::write(shop.path("plugins/well-1.0.0/plugin.toml"), manifest_of("well")).unwrap(),
        Code::Manifest,
    );
    check("other manifest", |shop| edit_sidecar(shop, "Well-behaved", "Very well-behaved"), Code::ManifestDiffers);
    check("not trusted", |shop| fs::remove_file(shop.path("plugins.lock")).unwrap(), Code::NotTrusted);
    let twice = |shop: &Shop| {
        fs::create_dir(shop.path("plugins/again")).unwrap();
        fs::copy(shop.path("plugins/well-1.0.0/plugin.toml"), shop.path("plugins/again/plugin.toml")).unwrap();
    };
    let twice_strange = |shop: &Shop| {
        twice(shop);
        fs::remove_file(shop.path("plugins.lock")).unwrap();
    };
    check("twice, none of them trusted", twice_strange, Code::Duplicate);
}

fn payment(host: &PluginHost, instance: &Instance) -> Code {
    host.payment(instance).unwrap_err().code
}

#[test]
fn what_the_owner_says_decides() {
    let shop = Shop::new();
    let host = shop.host_with("well");
    let instance = shop.instance("well", Settings::default());
    assert_eq!(payment(&host, &Instance { in_process: false, ..instance.clone() }), Code::NeedsConsent);
    assert_eq!(payment(&host, &shop.instance("well", Settings::default().with("greeting", 3i64))), Code::Settings);
    assert_eq!(payment(&host, &shop.instance("wel", Settings::default())), Code::NotFound);
    host.disable("well").unwrap();
    assert_eq!(payment(&host, &instance), Code::Disabled);
    assert_eq!(host.list()[0].state, PluginState::Disabled);
    host.enable("well").unwrap();
    assert!(host.payment(&instance).is_ok());
    host.remove("well").unwrap();
    assert_eq!(payment(&host, &instance), Code::NotFound);
    assert_eq!(host.remove("well").unwrap_err().code, Code::NotFound);

    // By hand, without `install`: nobody trusted it, unless the owner trusts whatever lies there.
    fs::create_dir_all(shop.path("plugins")).unwrap();
    fs::rename(shop.path("downloads/well"), shop.path("plugins/well")).unwrap();
    assert_eq!(payment(&host, &instance), Code::NotTrusted);
    let open = PluginHost::open(PluginHostOptions { trust: Trust::Open, ..shop.options() });
    assert!(open.payment(&instance).is_ok());
    host.trust("well").unwrap();
    assert!(host.payment(&instance).is_ok());
}

#[test]
fn a_private_copy_goes_with_its_plugin() {
    let shop = Shop::new();
    let options = || PluginHostOptions { holding: Holding::Copy, ..shop.options() };
    let host = PluginHost::open(options());
    host.install(&shop.pack("well")).unwrap();
    drop(host.payment(&shop.instance("well", Settings::default())).unwrap());
    let copies = || fs::read_dir(shop.path("plugin-cache")).unwrap().count();
    drop(PluginHost::open(options()));
    assert_eq!(copies(), 1);
    host.remove("well").unwrap();
    drop(PluginHost::open(options()));
    assert_eq!(copies(), 0);
}

#[test]
fn what_came_with_the_program_needs_no_consent_and_must_be_unchanged() {
    let shop = Shop::new();
    fs::create_dir_all(shop.path("builtin")).unwrap();
    fs::rename(shop.pack("well"), shop.path("builtin/well")).unwrap();
    let instance = Instance { in_process: false, ..shop.instance("well", Settings::default()) };
    let host = shop.host();
    assert_eq!(payment(&host, &instance), Code::NotBuiltIn);
    let sidecar = fs::read_to_string(shop.path("builtin/well/plugin.toml")).unwrap();
    let artifact = aurapos_plugin_api::manifest::Manifest::parse(&sidecar).unwrap().artifact.unwrap();
    let lock = |sha256: &str| {
        let text = format!(
            "[[plugin]]\nid = \"well\"\nversion = \"1.0.0\"\nfile = \"{}\"\nsize = 1\nsha256 = \"{sha256}\"\n",
            artifact.file
        );
        fs::write(shop.path("builtin.lock"), text).unwrap();
    };
    lock(&"0".repeat(64));
    assert_eq!(payment(&host, &instance), Code::NotBuiltIn);
    lock(&artifact.sha256);
    assert!(host.payment(&instance).is_ok());
    assert_eq!(host.install(&shop.pack("well")).unwrap_err().code, Code::Duplicate);
    let stays = host.remove("well").unwrap_err();
    assert!(stays.code == Code::BuiltIn && stays.next.contains("disable"), "{stays}");
    assert_eq!(host.trust("well").unwrap_err().code, Code::BuiltIn);
}

#[test]
fn a_library_that_is_no_plugin_is_refused_in_the_trial() {
    // A real library of this machine without our root: the C library that this test runs on.
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let libc = maps.split_whitespace().find(|part| part.contains("libc.so") || part.contains("libc-")).unwrap();
    let bytes = fs::read(libc).unwrap();
    check("no root", |shop| replace_library(shop, &bytes, true), Code::NoRoot);
    let shop = Shop::new();
    drop(shop.host_with("well"));
    let options = PluginHostOptions { probe_program: shop.path("none"), ..shop.options() };
    assert_eq!(payment(&PluginHost::open(options), &shop.instance("well", Settings::default())), Code::NoProbe);
}
