//! Plugins and hosts of different versions of the API: what was built once keeps working.
//!
//! | plugin built with | today's host | a host that grew |
//! |---|---|---|
//! | 1.0.0, frozen     | loads        | loads            |
//! | today             | loads        | loads            |
//! | a later minor     | loads        | loads            |
//!
//! The next major and a changed layout are refused: see `hostile/files.rs`. The host that grew is today's, from the same
//! sources, over an API with a method more in two traits and a field more in the root; what is tried out in another
//! process is tried by today's trial program.
#![allow(clippy::unwrap_used)]

use aurapos_contract::host::{LogLevel, NoProgress};
use aurapos_contract::payment::{PaymentIntent, PaymentState};
use aurapos_contract::{ErrorCode, HostServices, PaymentProvider, PluginContext, Settings, Uuid};
use aurapos_plugin_api_grown::Border;
use aurapos_plugin_api_grown::loader::{Plugin, ROOT_SYMBOL};
use aurapos_plugin_host::TARGET;
use aurapos_plugin_testkit::TestHost;
use aurapos_tests::plugins::{Place, example, replace};
use std::sync::Arc;

const PROBE: &str = env!("CARGO_BIN_EXE_hostile-probe");
const COINS: &str = include_str!("../compat/coins.plugin.toml");
/// Each plugin, and the API it was built with.
const PLUGINS: [(&str, &str); 3] = [("compat_1_0_0", "1.0.0"), ("compat_today", "1.0.0"), ("compat_grown", "1.1.0")];

/// Everything that crosses the boundary: settings, answers, errors, panics, progress, and the host's services.
fn works(what: &str, payment: &dyn PaymentProvider, services: &TestHost, api: &str) {
    assert_eq!(payment.capabilities().unwrap().name, format!("coins, {api}"), "{what}");
    let intent = |amount_minor| PaymentIntent { amount_minor, currency: "EUR".into(), ..Default::default() };
    let paid = payment.begin(&intent(4_000), &NoProgress).unwrap();
    assert_eq!((paid.state, paid.approved_minor), (PaymentState::Approved, 4_000), "{what}");
    assert!(!Uuid::parse_str(&paid.reference).unwrap().is_nil(), "{what}");
    // The test host's clock stands at 18:00:42 UTC, two hours behind the shop's.
    assert!(services.logged().contains(&(LogLevel::Info, "counted at 20:00".to_owned())), "{what}");
    let error = payment.begin(&intent(6_000), &NoProgress).unwrap_err();
    assert_eq!((error.code, error.detail.next.as_str()), (ErrorCode::Declined, "at most 5000 cents"), "{what}");
    assert_eq!(payment.settle(&NoProgress).unwrap().lines, ["é"], "{what}");
    assert_eq!(payment.query_status(&intent(1)).unwrap().state, PaymentState::Aborted, "{what}");
    // A panic is contained by the plugin's own side, so it must be in every version of it.
    let panicked = payment.reverse(&intent(1), &NoProgress).unwrap();
    assert_eq!(panicked.state, PaymentState::Unknown, "{what}");
    assert!(panicked.message.contains("coins are never reversed"), "{what}: {panicked:?}");
}

fn place_with(library: &str) -> Place {
    let place = Place::new(PROBE);
    place.put("coins", COINS, &example(library));
    place
}

#[test]
fn todays_host_loads_plugins_of_every_version() {
    for (library, api) in PLUGINS {
        let place = place_with(library);
        let payment = place.host().payment(&place.instance("coins", &[])).unwrap();
        works(library, payment.as_ref(), &place.services, api);
    }
}

fn grown_host(place: &Place) -> aurapos_plugin_host_grown::PluginHost {
    let usual = aurapos_plugin_host_grown::PluginHostOptions::in_folders(&place.program(), &place.data());
    aurapos_plugin_host_grown::PluginHost::open(aurapos_plugin_host_grown::PluginHostOptions {
        trust: aurapos_plugin_host_grown::Trust::Open,
        probe_program: PROBE.into(),
        probe_deadline: place.options.probe_deadline,
        ..usual
    })
}

fn grown_instance(selector: &str, services: &Arc<TestHost>) -> aurapos_plugin_host_grown::Instance {
    aurapos_plugin_host_grown::Instance {
        name: "test".into(),
        selector: selector.into(),
        in_process: true,
        deadline: None,
        settings: Settings::default(),
        services: Arc::<TestHost>::clone(services),
    }
}

#[test]
fn a_host_that_grew_loads_plugins_built_before() {
    for (library, api) in PLUGINS {
        let place = place_with(library);
        let host = grown_host(&place);
        let payment = host.payment(&grown_instance("coins", &place.services)).unwrap();
        works(library, payment.as_ref(), &place.services, api);
        // Today's first-party plugins, as they are in a shop that updated the program alone.
        let cash = host.payment(&grown_instance("cash", &place.services)).unwrap();
        assert!(cash.capabilities().unwrap().gives_change);
        let sqlite = host.storage(&grown_instance("sqlite", &place.services)).unwrap();
        let store = sqlite.open(&Settings::default().with("path", "grown.db")).unwrap();
        assert_eq!(store.info().unwrap().engine, "SQLite");
        store.close().unwrap();
    }
}

#[derive(Debug)]
struct Nobody;

impl Border for Nobody {
    fn bad_answer(&self, call: &str, reason: &str) {
        panic!("{call}: {reason}");
    }
    fn panicked(&self, _: &str, _: &str) {}
}

/// Opens a copy of a library (the system hands out one library per file, and another test may have attached a host to it)
/// and finds its root.
#[allow(unsafe_code)]
fn root_of(library: &str) -> *const std::ffi::c_void {
    let copy = tempfile::NamedTempFile::new().unwrap().into_temp_path();
    std::fs::write(&copy, example(library)).unwrap();
    // SAFETY: a library that cargo built from this package.
    let library = unsafe { libloading::Library::new(&*copy) }.unwrap();
    // SAFETY: only the address is taken; the library stays open.
    let symbol = unsafe { library.get::<*const std::ffi::c_void>(ROOT_SYMBOL) }.map(|symbol| *symbol).unwrap();
    std::mem::forget(library);
    symbol
}

/// What was appended: real in a plugin built with it, the default in one built before.
#[test]
fn appended_methods_and_fields_have_their_defaults_in_older_plugins() {
    for (library, motto, tip, saw) in [
        ("compat_1_0_0", None, -1, None),
        ("compat_today", None, -1, None),
        ("compat_grown", Some("made with the grown API"), 50, Some("plugin of the grown shop")),
    ] {
        // SAFETY: the library is never closed.
        #[allow(unsafe_code)]
        let plugin = unsafe { Plugin::from_symbol(root_of(library)) }.unwrap();
        let services = TestHost::new();
        let border: Arc<dyn Border> = Arc::new(Nobody);
        plugin.attach(Arc::<TestHost>::clone(&services), Arc::clone(&border)).unwrap();
        assert_eq!(plugin.motto().as_deref(), motto, "{library}");
        let host: Arc<dyn HostServices> = Arc::<TestHost>::clone(&services);
        let settings = Settings::default().with("limit", 5_000_i64);
        let context = PluginContext { host, instance: "test".into(), settings };
        assert_eq!(plugin.tip(&context, &border, 500), Ok(tip), "{library}");
        let said: Vec<String> = services.logged().into_iter().map(|(_, text)| text).collect();
        assert_eq!(said.first().map(String::as_str), saw, "{library}");
    }
}

/// The other way round: a plugin built later meets today's host, and gets the default of what that does not have.
#[test]
fn a_plugin_built_later_gets_defaults_from_todays_host() {
    use aurapos_plugin_api as today;
    #[derive(Debug)]
    struct Silent;
    impl today::Border for Silent {
        fn bad_answer(&self, call: &str, reason: &str) {
            panic!("{call}: {reason}");
        }
        fn panicked(&self, _: &str, _: &str) {}
    }
    // SAFETY: the library is never closed.
    #[allow(unsafe_code)]
    let plugin = unsafe { today::loader::Plugin::from_symbol(root_of("compat_grown")) }.unwrap();
    let services = TestHost::new();
    plugin.attach(Arc::<TestHost>::clone(&services), Arc::new(Silent)).unwrap();
    assert_eq!(services.logged(), [(LogLevel::Info, "plugin of a shop without a name".to_owned())]);
}

/// A grown plugin says in its manifest which hosts it needs; one that needs more than today's is refused with a reason.
#[test]
fn a_plugin_that_needs_the_later_version_says_so() {
    let mut library = example("compat_grown");
    replace(
        &mut library,
        b"api = \"^1\"\npublisher = \"AuraPOS tests\"",
        b"api = \"^1.1\"\npublisher = \"AuraPOS tes\"",
    );
    let place = Place::new(PROBE);
    // Packed by its author with tools of the later version; today's would not.
    place.put("another-name", &COINS.replace("AuraPOS tests", "AuraPOS tes"), &library);
    let sidecar = place.plugin("another-name").join("plugin.toml");
    let text = std::fs::read_to_string(&sidecar).unwrap();
    // Its later version brought a key that today's host has never heard of.
    let later = text.replace("api = \"^1\"", "api = \"^1.1\"\ntips = true");
    std::fs::write(&sidecar, &later).unwrap();
    let refusal = place.host().payment(&place.instance("coins", &[])).map(drop).unwrap_err();
    assert_eq!(refusal.code, aurapos_plugin_host::Code::ApiRange, "{refusal}");
    assert!(refusal.message.contains("^1.1") && refusal.message.contains("1.0.0"), "{refusal}");
    let packed = aurapos_plugin_host::pack_library(&later, &place.plugin("another-name").join("libplugin.so"), TARGET);
    assert_eq!(packed.unwrap_err().code, aurapos_plugin_host::Code::ApiRange);
    // The same key, with the claim to fit today's host: a mistake of the author, by line.
    std::fs::write(&sidecar, later.replace("^1.1", "^1")).unwrap();
    let refusal = place.host().payment(&place.instance("another-name", &[])).map(drop).unwrap_err();
    assert!(refusal.code == aurapos_plugin_host::Code::Manifest && refusal.message.contains("tips"), "{refusal}");
}
