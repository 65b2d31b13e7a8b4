//! What becomes of the wish: the terminal hears of it at once, and its answer is what counts.

use super::*;
use aurapos_runtime::Notice;
use aurapos_runtime::engine::Event;
use aurapos_runtime::engine::command::SaleRequest;

#[test]
fn it_reaches_the_terminal_on_both_ways_and_an_abort_keeps_the_ticket() {
    // One only looks at its progress, one only listens to the call.
    for how in ["sees", "hears"] {
        let till = Till::open(&[terminal(how)]);
        let paying = till.pay();
        assert_eq!(till.call(Command::CancelPayment).unwrap(), Reply::Done, "answered while the payment goes on");
        refused(paying.wait(), "AP-3004");
        asked(&till.folder, "cancel", 1);
        till.goes_on_in_cash();
    }
}

#[test]
fn it_is_told_once_and_shown_until_the_answer() {
    let till = Till::open(&[terminal("ignores")]);
    let notices = till.register.subscribe();
    let paying = till.pay();
    assert!(!till.ticket().cancelling);
    for _ in 0..3 {
        assert_eq!(till.call(Command::CancelPayment).unwrap(), Reply::Done);
    }
    assert!(till.ticket().cancelling);
    asked(&till.folder, "cancel", 1);
    // The customer was faster, and pays: the wish took nothing away.
    till.card();
    let sale = sold(paying.wait());
    assert_eq!(sale.sale.tenders.len(), 1);
    assert_eq!(times(&till.folder, "cancel"), 1, "{:?}", log(&till.folder));
    let told =
        |notice: &Notice| matches!(notice, Notice::Event(event) if matches!(**event, Event::PaymentCancelling { .. }));
    assert_eq!(notices.try_iter().filter(told).count(), 1);
}

#[test]
fn a_terminal_that_approves_all_the_same_is_believed() {
    let till = Till::open(&[terminal("pays")]);
    let paying = till.pay();
    till.call(Command::CancelPayment).unwrap();
    sold(paying.wait());
}

#[test]
fn a_terminal_that_does_not_know_is_asked_and_nothing_is_guessed() {
    let till = Till::open(&[terminal("forgets")]);
    let paying = till.pay();
    till.call(Command::CancelPayment).unwrap();
    refused(paying.wait(), "AP-3006");
    assert_eq!(times(&till.folder, "query_status"), 1, "asked once on its own");
    let ticket = till.ticket();
    assert!(ticket.payment_unknown && !ticket.cancelling, "{ticket:?}");
    refused(till.call(Command::CancelPayment), "AP-3009");
    refused(till.call(tender("cash")), "AP-3006");
    fs::write(till.folder.join("outcome"), "approved").unwrap();
    sold(till.call(Command::AskPayment));
}

#[test]
fn an_earlier_wish_never_hits_a_later_payment() {
    let till = Till::open(&[TERMINAL]);
    let paying = till.pay();
    till.call(Command::CancelPayment).unwrap();
    refused(paying.wait(), "AP-3004");
    asked(&till.folder, "cancel", 1);
    refused(till.call(Command::CancelPayment), "AP-3009");
    let paying = till.pay();
    till.card();
    sold(paying.wait());
    assert_eq!(times(&till.folder, "stopping"), 1, "{:?}", log(&till.folder));
}

/// The payment was called off and approved, and then the sale did not come about: what takes the money back has the id of
/// the payment, and the wish is not for it.
#[test]
fn an_earlier_wish_never_hits_what_takes_the_money_back() {
    let till = Till::open(&[terminal("pays"), Terms { name: "broken", ..TERMINAL }]);
    let broken = till.folder.with_file_name("broken");
    let part = |instance: &str, amount| TenderRequest { instance: instance.to_owned(), amount };
    let request = SaleRequest {
        items: vec![ItemRequest { code: WATER.to_owned(), quantity: None, price: None }],
        tenders: vec![part("terminal", Some(eur(10))), part("broken", None)],
        ..SaleRequest::default()
    };
    let selling = till.register.submit(Some(till.session), Command::Sell(request));
    asked(&till.folder, "begin", 1);
    till.call(Command::CancelPayment).unwrap();
    asked(&broken, "begin", 1);
    till.call(Command::CancelPayment).unwrap();
    refused(selling.wait(), "AP-3004");
    asked(&till.folder, "reverse", 1);
    let reversed = log(&till.folder).into_iter().find(|line| line.starts_with("reverse")).unwrap();
    assert!(reversed.ends_with(" false"), "{reversed}");
}

/// Two sessions at one terminal: the second payment waits for the first, and is called off before it was begun.
#[test]
fn what_was_not_begun_never_is_and_the_one_before_it_goes_on() {
    let till = Till::open(&[TERMINAL]);
    let first = till.pay();
    let other = sign_in(&till.register);
    let item = ItemRequest { code: WATER.to_owned(), quantity: None, price: None };
    till.register.call(Some(other), Command::AddItem(item)).unwrap();
    let second = till.register.submit(Some(other), tender("terminal"));
    till.register.call(Some(other), Command::CancelPayment).unwrap();
    till.card();
    sold(first.wait());
    refused(second.wait(), "AP-3004");
    let kinds: Vec<String> = log(&till.folder).iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(kinds, ["begin"], "the terminal never heard of the second one, nor of a wish");
}

#[test]
fn nobody_else_can_ask_for_it() {
    let till = Till::open(&[TERMINAL]);
    refused(till.call(Command::CancelPayment), "AP-3009");
    let paying = till.pay();
    let other = sign_in(&till.register);
    refused(till.register.call(Some(other), Command::CancelPayment), "AP-3009");
    refused(till.register.call(None, Command::CancelPayment), "AP-5001");
    till.call(Command::Lock).unwrap();
    refused(till.call(Command::CancelPayment), "AP-5005");
    till.card();
    sold(paying.wait());
    assert_eq!(times(&till.folder, "cancel"), 0);
}

#[test]
fn what_the_display_shows_reaches_whoever_listens() {
    let till = Till::open(&[TERMINAL]);
    let notices = till.register.subscribe();
    let text = |wanted: &str| {
        wait_for(wanted, || {
            let told = notices.try_iter().find_map(|notice| match notice {
                Notice::PaymentProgress { instance, text } => Some((instance, text)),
                _ => None,
            });
            told.map(|told| assert_eq!(told, ("terminal".to_owned(), wanted.to_owned())))
        });
    };
    let paying = till.pay();
    text("Present the card");
    fs::write(till.folder.join("say"), "Enter the PIN").unwrap();
    text("Enter the PIN");
    till.card();
    sold(paying.wait());
}
