//! The table of cash, and that an intent moves money once.

use super::*;
use aurapos_plugin_testkit::TestHost;
use aurapos_plugin_testkit::conformance::payment::{PaymentFixture, run};
use contract::host::NoProgress;
use contract::{Settings, Uuid};
use std::sync::{Arc, Mutex};

/// One life of an instance in this place.
fn cash_in(host: &Arc<TestHost>) -> Cash {
    cash(host.context(Settings::default())).unwrap()
}

fn intent(id: u128, kind: PaymentKind, due: i64, handed: i64) -> PaymentIntent {
    PaymentIntent {
        id: Uuid::from_u128(id),
        kind,
        amount_minor: due,
        tendered_minor: handed,
        currency: "EUR".to_owned(),
        ..Default::default()
    }
}

/// One call on a new instance, as `state approved change` or the error's code.
fn check(kind: PaymentKind, due: i64, handed: i64, expected: &str) {
    let cash = cash_in(&TestHost::new());
    let intent = intent(1, kind, due, handed);
    let answer = match kind {
        PaymentKind::Sale => cash.begin(&intent, &NoProgress),
        _ => cash.refund(&intent, &NoProgress),
    };
    let got = match answer {
        Ok(answer) => {
            format!("{:?} {} {} {}", answer.state, answer.approved_minor, answer.change_minor, answer.message)
        }
        Err(error) => format!("{:?}", error.code),
    };
    assert_eq!(got.trim_end(), expected, "{kind:?} {due} {handed}");
}

#[test]
fn counts() {
    check(PaymentKind::Sale, 1245, 2000, "Approved 1245 755");
    check(PaymentKind::Sale, 1245, 1245, "Approved 1245 0");
    check(PaymentKind::Sale, 0, 0, "Approved 0 0");
    check(PaymentKind::Sale, 1245, 1244, "Declined 0 0 12.45 EUR is due, 12.44 EUR was handed over.");
    check(PaymentKind::Sale, i64::MAX, i64::MAX, "Approved 9223372036854775807 0");
    check(PaymentKind::Sale, -5, 0, "BadValue");
    check(PaymentKind::Sale, 5, -5, "BadValue");
    check(PaymentKind::Refund, 1245, 1245, "Approved 1245 0");
    check(PaymentKind::Refund, 1245, 0, "Approved 1245 0");
    check(PaymentKind::Refund, -1, 0, "BadValue");
}

struct Fixture(Mutex<Arc<TestHost>>);

impl PaymentFixture for Fixture {
    fn fresh(&self) -> Arc<dyn PaymentProvider> {
        *self.0.lock().unwrap() = TestHost::new();
        self.again()
    }
    fn again(&self) -> Arc<dyn PaymentProvider> {
        Arc::new(cash_in(&self.0.lock().unwrap()))
    }
}

#[test]
fn conforms() {
    let report = run(&Fixture(Mutex::new(TestHost::new())));
    assert!(report.passed(), "{report}");
}

#[test]
fn declares_what_the_host_builds_on() {
    let capabilities = cash_in(&TestHost::new()).capabilities().unwrap();
    assert!(capabilities.rounds_cash && capabilities.gives_change && capabilities.refunds && capabilities.opens_drawer);
    assert!(!capabilities.leaves_register && !capabilities.reverses && !capabilities.settles && !capabilities.voucher);
}

#[test]
fn an_intent_moves_money_once() {
    let host = TestHost::new();
    let cash = cash_in(&host);
    let first = intent(1, PaymentKind::Sale, 100, 500);
    let answer = cash.begin(&first, &NoProgress).unwrap();
    assert_eq!(cash.begin(&first, &NoProgress).unwrap(), answer);
    assert_eq!(cash.query_status(&first).unwrap(), answer);
    assert_eq!(cash.query_status(&first).unwrap(), answer, "asking changes nothing");
    let other = intent(1, PaymentKind::Sale, 200, 500);
    assert_eq!(cash.begin(&other, &NoProgress).unwrap_err().code, ErrorCode::IdReused);
    assert_eq!(cash.query_status(&intent(2, PaymentKind::Sale, 1, 1)).unwrap().state, PaymentState::Aborted);
    drop(cash);
    assert_eq!(cash_in(&host).query_status(&first).unwrap(), answer, "another life");
    assert_eq!(cash_in(&host).begin(&first, &NoProgress).unwrap(), answer, "another life");
}

#[test]
fn the_two_directions_are_not_mixed() {
    let cash = cash_in(&TestHost::new());
    let refund = intent(1, PaymentKind::Refund, 100, 100);
    assert_eq!(cash.begin(&refund, &NoProgress).unwrap_err().code, ErrorCode::BadValue);
    let sale = intent(2, PaymentKind::Sale, 100, 100);
    assert_eq!(cash.refund(&sale, &NoProgress).unwrap_err().code, ErrorCode::BadValue);
}

#[test]
fn a_damaged_memory_does_not_close_the_drawer() {
    let host = TestHost::new();
    let paid = intent(1, PaymentKind::Sale, 100, 100);
    cash_in(&host).begin(&paid, &NoProgress).unwrap();
    let folder = std::path::PathBuf::from(host.context(Settings::default()).folder);
    let file = folder.join("payments.log");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[20] ^= 0x40;
    std::fs::write(&file, &bytes).unwrap();
    let again = intent(2, PaymentKind::Sale, 100, 100);
    assert_eq!(cash_in(&host).begin(&again, &NoProgress).unwrap().state, PaymentState::Approved);
    let kept = std::fs::read_dir(&folder)
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("payments.damaged-"));
    assert_eq!(kept.count(), 1, "nothing is thrown away");
}

#[test]
fn does_not_pretend() {
    let cash = cash_in(&TestHost::new());
    let sale = intent(1, PaymentKind::Sale, 100, 100);
    assert_eq!(cash.reverse(&sale, &NoProgress).unwrap_err().code, ErrorCode::Unsupported);
    assert_eq!(cash.settle(&NoProgress).unwrap_err().code, ErrorCode::Unsupported);
    assert!(cash.cancel(sale.id).is_ok());
}

#[test]
fn the_manifest_is_one_and_speaks_four_languages() {
    let manifest = aurapos_plugin_api::manifest::Manifest::parse(include_str!("../plugin.toml")).unwrap();
    assert_eq!(manifest.id, "cash");
    assert_eq!(manifest.version.to_string(), env!("CARGO_PKG_VERSION"));
    let fields = manifest.fields.iter().flat_map(|field| [&field.label, &field.help]);
    for words in fields.chain([&manifest.name, &manifest.description]) {
        assert!(
            ["en", "fr", "nl", "de"].into_iter().all(|language| words.by_language.contains_key(language)),
            "{words:?}"
        );
    }
}
