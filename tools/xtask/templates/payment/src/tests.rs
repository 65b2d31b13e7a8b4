//! The conformance suite of payments, and what it cannot know: this plugin's own rules.

use super::*;
use aurapos_plugin_api::contract::host::NoProgress;
use aurapos_plugin_api::manifest::{Manifest, complete_settings};
use aurapos_plugin_testkit::TestHost;
use aurapos_plugin_testkit::conformance::payment::{PaymentFixture, run};
use std::sync::{Arc, Mutex, PoisonError};

/// One life of an instance in this place, as the host makes it: with the defaults of `plugin.toml`, and what you give for
/// settings without one (`.with("host", "127.0.0.1")`, `.with_secret("password", "x")`).
fn start(place: &Arc<TestHost>) -> Vouchers {
    let manifest = Manifest::parse(include_str!("../plugin.toml")).unwrap();
    let settings = complete_settings(&Settings::default(), &manifest).unwrap();
    vouchers(place.context(settings)).unwrap()
}

struct Fixture(Mutex<Arc<TestHost>>);

impl PaymentFixture for Fixture {
    fn fresh(&self) -> Arc<dyn PaymentProvider> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = TestHost::new();
        self.again()
    }
    fn again(&self) -> Arc<dyn PaymentProvider> {
        Arc::new(start(&self.0.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

#[test]
fn conforms() {
    let report = run(&Fixture(Mutex::new(TestHost::new())));
    assert!(report.passed(), "{report}");
}

#[test]
fn the_limit_is_kept() {
    let place = TestHost::new();
    let vouchers = start(&place);
    let intent = |id, amount_minor| PaymentIntent {
        id: Uuid::from_u128(id),
        amount_minor,
        tendered_minor: amount_minor,
        ..Default::default()
    };
    let now = |intent| PaymentIntent { time: aurapos_plugin_testkit::host::START, ..intent };
    assert_eq!(vouchers.begin(&now(intent(1, 10_000)), &NoProgress).unwrap().state, PaymentState::Approved);
    assert_eq!(vouchers.begin(&now(intent(2, 10_001)), &NoProgress).unwrap().state, PaymentState::Declined);
}
