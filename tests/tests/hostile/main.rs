//! Hostile plugins: real files and real libraries that do harm wherever a plugin can. The host names each with a code of
//! its own and goes on.
//!
//! [`files`]: what is found before any code runs. [`loading`]: what the library does while it is loaded and started.
//! [`calls`]: panics, hangs and lies in calls. [`rows`]: damaged rows. [`deaths`]: the process ends, and the next start
//! knows why. [`trust`]: what the owner said. [`kinds`]: one of each kind, all codes distinct. [`shop`]: in a shop, through
//! `aurapos-admin`.
#![allow(clippy::unwrap_used)]

mod calls;
mod deaths;
mod files;
mod kinds;
mod loading;
mod rows;
mod shop;
mod trust;

use aurapos_contract::host::NoProgress;
use aurapos_contract::payment::{PaymentAnswer, PaymentIntent, PaymentState};
use aurapos_contract::{PaymentProvider, Settings};
use aurapos_plugin_host::{Code, PluginHost, Refusal};
use aurapos_tests::plugins::{Place, example};
use std::collections::BTreeSet;

const MISBEHAVING: &str = include_str!("../../examples/hostile_misbehaving.plugin.toml");
const RAW: &str = include_str!("../../examples/hostile_raw.plugin.toml");
const PROBE: &str = env!("CARGO_BIN_EXE_hostile-probe");

/// A table of cases over one place: what was put into the `evil` folder must be refused with this code, and the host must
/// serve the good plugins afterwards.
struct Table {
    place: Place,
    codes: BTreeSet<Code>,
}

impl Table {
    fn new() -> Table {
        Table { place: Place::new(PROBE), codes: BTreeSet::new() }
    }

    /// Puts a library with the manifest of [`MISBEHAVING`] into the folder `evil`.
    fn put(&self, library: &[u8]) {
        self.place.put("evil", MISBEHAVING, library);
    }

    /// One case: a start of the host that must refuse the payment plugin `misbehaving`.
    fn refused(&mut self, what: &str, expected: Code) -> Refusal {
        self.refused_as(what, "misbehaving", &[], expected)
    }

    fn refused_as(&mut self, what: &str, selector: &str, settings: &[(&str, &str)], expected: Code) -> Refusal {
        let host = self.place.host();
        let instance = self.place.instance(selector, settings);
        let refusal = host.payment(&instance).map(drop).expect_err(what);
        assert_eq!(refusal.code, expected, "{what}: {refusal}");
        assert!(!refusal.message.is_empty() && !refusal.next.is_empty(), "{what}: {refusal:?}");
        goes_on(&self.place, &host);
        self.codes.insert(expected);
        refusal
    }

    /// Empties the folder for third parties and forgets what was learnt.
    fn clear(&self) {
        for folder in ["plugins", "plugin-state", "plugin-cache"] {
            let folder = self.place.data().join(folder);
            if folder.is_dir() {
                std::fs::remove_dir_all(&folder).unwrap();
            }
        }
        std::fs::create_dir_all(self.place.data().join("plugins")).unwrap();
    }

    fn distinct(&self, expected: usize) {
        assert_eq!(self.codes.len(), expected, "{:?}", self.codes);
    }
}

fn misbehaving() -> Vec<u8> {
    example("hostile_misbehaving")
}

/// The host still serves the plugins that came with the program.
fn goes_on(place: &Place, host: &PluginHost) {
    let cash = host.payment(&place.instance("cash", &[])).expect("cash still works");
    let paid = begin(cash.as_ref());
    assert_eq!((paid.state, paid.approved_minor, paid.change_minor), (PaymentState::Approved, 250, 50));
}

/// The same with a store that is opened, asked and closed.
fn stores_go_on(place: &Place, host: &PluginHost) {
    goes_on(place, host);
    let sqlite = host.storage(&place.instance("sqlite", &[])).expect("sqlite still works");
    let store = sqlite.open(&Settings::default().with("path", "good.db")).expect("a store opens");
    assert_eq!(store.info().unwrap().engine, "SQLite");
    store.close().unwrap();
}

fn intent() -> PaymentIntent {
    let id = aurapos_contract::Uuid::from_u128(7);
    PaymentIntent { id, amount_minor: 250, tendered_minor: 300, currency: "EUR".into(), ..Default::default() }
}

fn begin(payment: &dyn PaymentProvider) -> PaymentAnswer {
    payment.begin(&intent(), &NoProgress).unwrap()
}
