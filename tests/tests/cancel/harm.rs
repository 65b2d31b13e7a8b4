//! Plugins that make the worst of a payment: the caller is free at the payment's deadline, and everybody else goes on.

use super::*;
use aurapos_runtime::Notice;

/// Shorter than any default.
const SHORT_MS: u32 = 1_000;

/// Not sooner, and not only at the default of two minutes. How exactly is measured on a machine that is not busy.
#[track_caller]
fn free_at_the_deadline(waited: Duration) {
    println!("free after {waited:?} of {SHORT_MS} ms");
    assert!(waited >= Duration::from_millis(SHORT_MS.into()), "given up too soon: {waited:?}");
    assert!(waited < PATIENCE / 2, "another deadline than the settings': {waited:?}");
}

/// A payment that was given up is one of which nobody knows, and the plugin has no say in when it is given up.
#[test]
fn talking_for_ever_ends_at_the_total_deadline_and_drowns_nobody() {
    let till = Till::open(&[Terms { deadline_ms: SHORT_MS, ..terminal("talks") }]);
    let notices = till.register.subscribe();
    let start = Instant::now();
    let mut paying = till.pay();
    till.call(Command::CancelPayment).unwrap();
    // Meanwhile the register answers everybody, and never says that it is too busy.
    let answer = loop {
        till.call(Command::DrawerStatus).unwrap();
        let (sender, receiver) = std::sync::mpsc::channel();
        let answer = Box::new(move |result: CallResult| sender.send(result.is_ok()).unwrap());
        till.register.submit_then(Some(till.session), Command::ShowTicket, answer);
        assert!(receiver.recv_timeout(PATIENCE).unwrap());
        paying = match paying.ready() {
            Ok(answer) => break answer,
            Err(still) => still,
        };
    };
    let waited = start.elapsed();
    refused(answer, "AP-3006");
    free_at_the_deadline(waited);
    assert!(till.ticket().payment_unknown);
    let texts = notices.try_iter().filter(|notice| matches!(notice, Notice::PaymentProgress { .. })).count();
    assert_eq!(texts, 1, "the same text is told once");
    fs::write(till.folder.join("outcome"), "aborted").unwrap();
    refused(till.call(Command::AskPayment), "AP-3004");
    till.goes_on_in_cash();
}

#[test]
fn hanging_ends_at_the_total_deadline_whatever_was_wished() {
    let till = Till::open(&[Terms { deadline_ms: SHORT_MS, ..terminal("hangs") }]);
    let start = Instant::now();
    let paying = till.pay();
    till.call(Command::CancelPayment).unwrap();
    refused(paying.wait(), "AP-3006");
    free_at_the_deadline(start.elapsed());
    fs::write(till.folder.join("outcome"), "aborted").unwrap();
    refused(till.call(Command::AskPayment), "AP-3004");
    till.goes_on_in_cash();
}

/// The wish is told beside the payment: what becomes of telling it keeps nobody.
#[test]
fn a_cancel_that_hangs_or_panics_keeps_nobody() {
    for cancel in ["hangs", "panics"] {
        let till = Till::open(&[Terms { cancel, ..terminal("sees") }]);
        let paying = till.pay();
        till.call(Command::CancelPayment).unwrap();
        refused(paying.wait(), "AP-3004");
        asked(&till.folder, "cancel", 1);
        till.goes_on_in_cash();
    }
    for cancel in ["hangs", "panics"] {
        let till = Till::open(&[Terms { cancel, ..terminal("ignores") }]);
        let paying = till.pay();
        till.call(Command::CancelPayment).unwrap();
        asked(&till.folder, "cancel", 1);
        till.card();
        sold(paying.wait());
    }
}
