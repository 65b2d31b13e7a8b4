//! The conformance suite of payments, and what it cannot know: this plugin's own rules.

use super::*;
use aurapos_plugin_api::contract::host::NoProgress;
use aurapos_plugin_api::manifest::{Manifest, complete_settings};
use aurapos_plugin_testkit::TestHost;
use aurapos_plugin_testkit::conformance::payment::{PaymentFixture, run};
use std::sync::Arc;

/// One instance, with the defaults of `plugin.toml`, as the host makes it.
fn fresh() -> Vouchers {
    let manifest = Manifest::parse(include_str!("../plugin.toml")).unwrap();
    let settings = complete_settings(&Settings::default(), &manifest).unwrap();
    vouchers(TestHost::new().context(settings)).unwrap()
}

struct Fresh;

impl PaymentFixture for Fresh {
    fn fresh(&self) -> Arc<dyn PaymentProvider> {
        Arc::new(fresh())
    }
}

#[test]
fn conforms() {
    let report = run(&Fresh);
    assert!(report.passed(), "{report}");
}

#[test]
fn the_limit_is_kept() {
    let mut intent = PaymentIntent { kind: PaymentKind::Sale, amount_minor: 10_000, ..Default::default() };
    intent.tendered_minor = intent.amount_minor;
    assert_eq!(fresh().begin(&intent, &NoProgress).unwrap().state, PaymentState::Approved);
    (intent.amount_minor, intent.tendered_minor) = (10_001, 10_001);
    assert_eq!(fresh().begin(&intent, &NoProgress).unwrap().state, PaymentState::Declined);
}
