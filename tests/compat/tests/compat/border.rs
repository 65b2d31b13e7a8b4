//! Everything that crosses the border between a host and a plugin. Compiled for each of the hosts: `super` says whose types
//! these are.

use super::contract::call::Table;
use super::contract::host::{LogLevel, NoProgress};
use super::contract::payment::{PaymentAnswer, PaymentIntent, PaymentState, PaymentTable};
use super::contract::{ErrorCode, PaymentProvider, PluginContext, Settings};
use super::host::library::load;
use super::host::{Instance, PluginHost, PluginHostOptions, PluginState, Trust};
use super::kit::{TestHost, TestProgress};
use super::{AbiLink, Border, Manifest, Plugin};
use aurapos_compat::TERMINAL;
use aurapos_compat::programs::Programs;
use aurapos_tests::plugins::{example, lay};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

/// A register's folders with one build of the terminal, and a host over them.
pub(crate) struct Place {
    folder: tempfile::TempDir,
    pub(crate) host: PluginHost,
    pub(crate) services: Arc<TestHost>,
    /// For the words of a failed test.
    pub(crate) what: String,
}

impl Place {
    pub(crate) fn with(library: &str, programs: &Programs) -> Place {
        let folder = tempfile::tempdir().unwrap();
        lay(&folder.path().join("plugins/terminal"), TERMINAL, &example(library));
        let usual = PluginHostOptions::in_folders(&programs.folder, folder.path());
        let host = PluginHost::open(PluginHostOptions { trust: Trust::Open, probe_program: programs.probe(), ..usual });
        let services = TestHost::over(folder.path());
        Place { folder, host, services, what: format!("{library} in {}", programs.name) }
    }

    pub(crate) fn instance(&self, selector: &str) -> Instance {
        Instance {
            name: "test".into(),
            selector: selector.into(),
            in_process: true,
            deadline: None,
            settings: Settings::default(),
            services: self.services.clone(),
        }
    }

    pub(crate) fn payment(&self) -> Arc<dyn PaymentProvider> {
        self.host.payment(&self.instance("terminal")).unwrap()
    }

    pub(crate) fn said(&self) -> Vec<String> {
        said(&self.services)
    }

    /// How often money moved, by the plugin's own list.
    pub(crate) fn charges(&self) -> usize {
        let file = self.folder.path().join("plugin-data/terminal/test/charges");
        fs::read_to_string(file).unwrap_or_default().lines().count()
    }

    /// The plugin is no suspect.
    pub(crate) fn is_in_good_standing(&self) {
        let list = self.host.list();
        let terminal = list.iter().find(|one| one.id == "terminal").unwrap();
        let found = (terminal.state, self.host.quarantine().len());
        assert_eq!(found, (PluginState::Loaded, 0), "{}: {terminal:?}", self.what);
    }
}

/// What plugins wrote into the log.
fn said(services: &TestHost) -> Vec<String> {
    services.logged().into_iter().filter(|(level, _)| *level == LogLevel::Info).map(|(_, text)| text).collect()
}

pub(crate) fn intent(number: u128, amount_minor: i64) -> PaymentIntent {
    let id = super::contract::Uuid::from_u128(number);
    PaymentIntent { id, amount_minor, tendered_minor: amount_minor, currency: "EUR".into(), ..Default::default() }
}

pub(crate) fn begin(payment: &dyn PaymentProvider, intent: &PaymentIntent) -> PaymentAnswer {
    payment.begin(intent, &NoProgress).unwrap()
}

/// Settings, answers, errors, panics, progress, and the host's services: with a plugin that was built with this API.
pub(crate) fn works(place: &Place, api: &str) {
    let (what, payment) = (&place.what, place.payment());
    assert_eq!(payment.capabilities().unwrap().name, format!("terminal, {api}"), "{what}");
    let progress = TestProgress::default();
    let paid = payment.begin(&intent(1, 4_000), &progress).unwrap();
    assert_eq!((paid.state, paid.approved_minor), (PaymentState::Approved, 4_000), "{what}");
    assert_eq!(progress.reports(), [(1, 2, "charging".to_owned())], "{what}");
    assert_eq!(paid.reference.len(), 36, "an id of the host's: {what}");
    // The test host's clock stands at 18:00:42 UTC, two hours behind the shop's.
    assert!(place.said().contains(&"charged at 20:00".to_owned()), "{what}: {:?}", place.said());
    assert_eq!(payment.query_status(&intent(1, 4_000)).unwrap().reference, "from the list", "{what}");
    assert_eq!(payment.query_status(&intent(2, 4_000)).unwrap().state, PaymentState::Aborted, "{what}");
    let error = payment.begin(&intent(3, 6_000), &NoProgress).unwrap_err();
    assert_eq!((error.code, error.detail.next.as_str()), (ErrorCode::Declined, "at most 5000 cents"), "{what}");
    assert_eq!(payment.settle(&NoProgress).unwrap().lines, ["é"], "{what}");
    assert_eq!(payment.refund(&intent(1, 1), &NoProgress).unwrap_err().code, ErrorCode::Unsupported, "{what}");
    assert_eq!(payment.cancel(intent(1, 1).id), Ok(()), "{what}");
    // A panic is contained by the plugin's own side, so it must be in every version of it.
    let nowhere = PaymentIntent { currency: "XXX".into(), ..intent(4, 1) };
    let panicked = begin(payment.as_ref(), &nowhere);
    assert_eq!(panicked.state, PaymentState::Unknown, "{what}");
    assert!(panicked.message.contains("there is no such money"), "{what}: {panicked:?}");
    assert_eq!(begin(payment.as_ref(), &intent(1, 4_000)).state, PaymentState::Approved, "made anew: {what}");
    assert_eq!(place.charges(), 1, "{what}");
}

#[derive(Debug)]
struct Nobody;

impl Border for Nobody {
    fn bad_answer(&self, call: &str, reason: &str) {
        panic!("{call}: {reason}");
    }
    fn panicked(&self, _: &str, _: &str) {}
}

/// The root of a library and a payment object of it, below everything that a host puts around them, and what the library
/// said while it was attached.
pub(crate) fn root_and_object(library: &str) -> (Plugin, AbiLink, Vec<String>) {
    // A copy: the system hands out one library per file, and another test may have attached a host to it.
    let folder = tempfile::tempdir().unwrap();
    let file: PathBuf = folder.path().join("libplugin.so");
    fs::write(&file, example(library)).unwrap();
    let border: Arc<dyn Border> = Arc::new(Nobody);
    let services = TestHost::new();
    let plugin = load(&file, &Manifest::parse(TERMINAL).unwrap(), TERMINAL, services.clone(), &border).unwrap();
    let context: PluginContext = services.context(Settings::default().with("limit", 5_000_i64));
    let object = plugin.make(PaymentTable::KIND, &context, &border).unwrap();
    (plugin, object, said(&services))
}

/// The plugins that come with the program, as they are in a shop that updated the program alone.
pub(crate) fn first_party_plugins_work(place: &Place) {
    assert!(place.host.payment(&place.instance("cash")).unwrap().capabilities().unwrap().gives_change);
    let sqlite = place.host.storage(&place.instance("sqlite")).unwrap();
    let store = sqlite.open(&Settings::default().with("path", "compat.db")).unwrap();
    assert_eq!(store.info().unwrap().engine, "SQLite");
    store.close().unwrap();
    for id in ["backup-scheduler", "file-printer", "sales-csv"] {
        let list = place.host.list();
        assert!(list.iter().any(|one| one.id == id && one.state == PluginState::Ready), "{id}: {list:?}");
    }
}
