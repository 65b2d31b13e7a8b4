//! The table of cash, and that an intent moves money once.

use super::*;
use contract::host::NoProgress;

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
    let cash = Cash::default();
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

#[test]
fn declares_what_the_host_builds_on() {
    let capabilities = Cash::default().capabilities().unwrap();
    assert!(capabilities.rounds_cash && capabilities.gives_change && capabilities.refunds && capabilities.opens_drawer);
    assert!(!capabilities.leaves_register && !capabilities.reverses && !capabilities.settles && !capabilities.voucher);
}

#[test]
fn an_intent_moves_money_once() {
    let cash = Cash::default();
    let first = intent(1, PaymentKind::Sale, 100, 500);
    let answer = cash.begin(&first, &NoProgress).unwrap();
    assert_eq!(cash.begin(&first, &NoProgress).unwrap(), answer);
    assert_eq!(cash.query_status(&first).unwrap(), answer);
    assert_eq!(cash.query_status(&first).unwrap(), answer, "asking changes nothing");
    let other = intent(1, PaymentKind::Sale, 200, 500);
    assert_eq!(cash.begin(&other, &NoProgress).unwrap_err().code, ErrorCode::IdReused);
    assert_eq!(cash.query_status(&intent(2, PaymentKind::Sale, 1, 1)).unwrap().state, PaymentState::Aborted);
    assert_eq!(Cash::default().query_status(&first).unwrap().state, PaymentState::Aborted, "another life");
}

#[test]
fn the_two_directions_are_not_mixed() {
    let cash = Cash::default();
    let refund = intent(1, PaymentKind::Refund, 100, 100);
    assert_eq!(cash.begin(&refund, &NoProgress).unwrap_err().code, ErrorCode::BadValue);
    let sale = intent(2, PaymentKind::Sale, 100, 100);
    assert_eq!(cash.refund(&sale, &NoProgress).unwrap_err().code, ErrorCode::BadValue);
}

#[test]
fn memory_has_a_limit() {
    let cash = Cash::default();
    for id in 0..=REMEMBERED_MAX as u128 {
        cash.begin(&intent(id, PaymentKind::Sale, 100, 100), &NoProgress).unwrap();
    }
    assert_eq!(cash.answered.lock().unwrap().len(), REMEMBERED_MAX);
    assert_eq!(cash.query_status(&intent(0, PaymentKind::Sale, 100, 100)).unwrap().state, PaymentState::Aborted);
}

#[test]
fn does_not_pretend() {
    let cash = Cash::default();
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
