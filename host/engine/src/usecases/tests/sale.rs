//! A whole sale: what it writes, that it is one transaction, that ids and numbers are given once.

use std::collections::BTreeSet;

use aurapos_contract::error::{ErrorCode, PluginError};
use aurapos_contract::events::{EventKind, HostEvent};
use aurapos_domain::catalog::Product;
use aurapos_domain::ids::SaleId;
use aurapos_domain::money::Currency;
use aurapos_domain::pricing::Discount;
use aurapos_plugin_testkit::Fault;

use super::refused;
use crate::Input;
use crate::command::{BackupNote, Command, RefundRequest, SaleRequest};
use crate::effect::{Effect, EffectAnswer, EffectId};
use crate::engine::WAITING_MAX;
use crate::error::Code;
use crate::event::Event;
use crate::import::ProductDraft;
use crate::rows::find;
use crate::testing::{World, eur, item, new_product, pay, request};

fn full() -> Fault {
    Fault::Refused(PluginError::new(ErrorCode::DiskFull, "no room"))
}

#[test]
fn writes_everything_in_one_transaction() {
    let mut world = World::new();
    let sale = world.sell(&["5400000000003*2", "2"], &[("cash", 2000)]).unwrap();
    let transactions = world.store.seen();
    assert_eq!(transactions.len(), 1, "one transaction a sale");
    let tables: BTreeSet<&str> = transactions[0].operations.iter().map(|operation| operation.table.as_str()).collect();
    let wanted = [
        "counter",
        "drawer_total",
        "journal",
        "journal_head",
        "print_job",
        "sale",
        "sale_line",
        "sale_tender",
        "sale_vat",
        "stock_level",
        "stock_move",
    ];
    assert_eq!(tables.into_iter().collect::<Vec<_>>(), wanted);
    let expected: BTreeSet<&str> = transactions[0].expectations.iter().map(|found| found.table.as_str()).collect();
    assert_eq!(expected.into_iter().collect::<Vec<_>>(), ["counter", "journal_head"]);

    assert_eq!(sale.receipt_no().to_string(), "R1-1-000001");
    assert_eq!((sale.sale.total, sale.sale.rounding, sale.sale.change), (eur(781), eur(-1), eur(1220)));
    assert_eq!(sale.sale.header.business_day.to_string(), "2026-11-22");
    assert_eq!(sale.sale.header.hour_local, 11, "10:00 UTC is 11:00 in Brussels");
    assert_eq!(world.rows("stock_move"), 2);
    assert!(world.events.iter().any(|event| matches!(event, Event::Committed(_))));
    assert_eq!(world.expected_cash(), eur(10_780));
}

#[test]
fn prints_and_tells_only_after_the_commit() {
    let mut world = World::new();
    world.store.inner.order_fault(full());
    refused(world.sell(&["2"], &[("cash", 0)]), Code::DiskFull);
    assert_eq!(world.effects.len(), 0, "nothing leaves before the commit returned");
    world.sell(&["2"], &[("cash", 0)]).unwrap();
    assert!(matches!(world.effects[..], [Effect::Print { .. }, Effect::Deliver { .. }]), "{:?}", world.effects);
}

#[test]
fn a_failed_printer_or_sink_fails_no_sale() {
    let mut world = World::new();
    world.sell(&["2"], &[("cash", 0)]).unwrap();
    let broken = || PluginError::new(ErrorCode::Io, "no paper");
    for effect in std::mem::take(&mut world.effects) {
        let answer = match effect {
            Effect::Print { .. } => EffectAnswer::Printed(Err(broken())),
            _ => EffectAnswer::Delivered(Err(broken())),
        };
        let step = world.engine.step(Input::Answer { effect: effect.id(), answer }, &mut world.env);
        world.events.extend(step.events);
    }
    assert!(world.events.iter().any(|event| matches!(event, Event::PrintFailed { .. })));
    assert!(world.events.iter().any(|event| matches!(event, Event::DeliverFailed { .. })));
    world.sell(&["2"], &[("cash", 0)]).unwrap();
    assert_eq!(world.texts("print_job", "state"), ["failed", "waiting"]);
}

#[test]
fn a_receipt_printed_again_says_so_and_is_journalled() {
    let mut world = World::new();
    let receipt_no = world.sell(&["2"], &[("cash", 0)]).unwrap().receipt_no().to_string();
    world.clear();
    world.run(Command::Reprint { receipt_no }).unwrap();
    let [Effect::Print { job, .. }] = &world.effects[..] else { panic!("{:?}", world.effects) };
    assert_eq!(job.receipt.copy, aurapos_domain::receipt::ReceiptCopy::Duplicate);
    assert!(!job.kick_drawer, "a second receipt opens no drawer");
    assert!(world.kinds().contains(&aurapos_domain::journal::EntryKind::REPRINT));
    refused(world.run(Command::Reprint { receipt_no: "R1-1-000009".to_owned() }), Code::NoSuchSale);
}

#[test]
fn numbers_have_no_gap() {
    let mut world = World::new();
    for number in 1..=5 {
        world.store.inner.order_fault(full());
        refused(world.sell(&["2"], &[("cash", 0)]), Code::DiskFull);
        refused(world.sell(&["nothing"], &[("cash", 0)]), Code::NoSuchItem);
        let sale = world.sell(&["2"], &[("cash", 0)]).unwrap();
        assert_eq!(sale.sale.header.number.counter, number);
        assert_eq!(sale.sale.perpetual.sales_count, number);
    }
    assert_eq!(world.rows("sale"), 5);
}

#[test]
fn a_repeated_id_answers_with_the_first_result() {
    let mut world = World::new();
    let wanted =
        |items: &[&str]| SaleRequest { id: Some(SaleId::from_bytes([9; 16])), ..request(items, &[("cash", 0)]) };
    let first = world.sell_request(wanted(&["2"])).unwrap();
    world.clear();
    // Even when what is asked for differs: the id says that this sale was made.
    let again = world.sell_request(wanted(&["4*3"])).unwrap();
    assert!(again.repeated && !first.repeated);
    assert_eq!((again.sale, again.hash, again.seq), (first.sale, first.hash, first.seq));
    assert_eq!(world.store.seen().len(), 0, "nothing was written");
    assert_eq!(world.effects.len(), 0, "nothing was printed or told again");
    let mut world = world.reopen("t1");
    assert!(world.sell_request(wanted(&["2"])).unwrap().repeated, "also after a restart");
    assert_eq!(world.rows("sale"), 1);
}

#[test]
fn a_sale_needs_an_open_drawer() {
    let mut world = World::closed();
    refused(world.sell(&["2"], &[("cash", 0)]), Code::DrawerClosed);
    refused(world.run(Command::AddItem(item("2"))), Code::DrawerClosed);
    assert_eq!(world.rows("sale"), 0);
}

#[test]
fn cash_is_rounded_and_nothing_else() {
    let check = |tenders: &[(&str, i64)], rounding: i64| {
        let mut world = World::new();
        // Bread: 2.83, food.
        let sale = world.sell(&["2"], tenders).unwrap();
        assert_eq!(sale.sale.rounding, eur(rounding), "{tenders:?}");
        let gross: i64 = sale.sale.vat.iter().map(|row| row.gross.minor).sum();
        assert_eq!(gross, 283, "the difference is never in the VAT: {tenders:?}");
    };
    check(&[("cash", 0)], 2);
    check(&[("card", 0)], 0);
    check(&[("meal", 0)], 0);
    check(&[("card", 100), ("cash", 0)], 2); // 1.83 in cash
    check(&[("cash", 100), ("card", 0)], 0); // the card pays the exact rest
    check(&[("meal", 281), ("cash", 500)], -2); // 0.02 in cash: nothing
    let mut world = World::new();
    let vat_number = Some("BE 0403.170.701".to_owned());
    let business = SaleRequest { customer_vat_number: vat_number, ..request(&["2"], &[("cash", 0)]) };
    assert_eq!(world.sell_request(business).unwrap().sale.rounding, eur(0), "business customers are not rounded");
}

#[test]
fn payments_must_cover_the_total_before_anything_is_charged() {
    let mut world = World::new();
    refused(world.sell(&["2"], &[("card", 100)]), Code::NotPaid);
    refused(world.sell(&["2"], &[]), Code::NotPaid);
    refused(world.sell(&["2"], &[("card", 284)]), Code::BadTender);
    refused(world.sell(&["1"], &[("meal", 249)]), Code::BadTender);
    refused(world.sell(&["2"], &[("cheque", 0)]), Code::NoSuchTender);
    // A barcode in the place of the amount, also as the last of several: the card is not charged for it.
    refused(world.sell(&["2"], &[("cash", 9_638_507_400)]), Code::BadTender);
    refused(world.sell(&["2"], &[("card", 100), ("cash", 9_638_507_400)]), Code::BadTender);
    assert_eq!(world.calls.len(), 0, "no payment plugin was called");
}

#[test]
fn codes_weights_and_prices() {
    let check = |code: &str, quantity: i64, gross: i64| {
        let mut world = World::new();
        let line = world.sell(&[code], &[("cash", 0)]).unwrap().sale.lines.remove(0);
        assert_eq!((line.quantity.thousandths(), line.gross), (quantity, eur(gross)), "{code}");
    };
    check("5400000000003", 1000, 249);
    check("1*3", 3000, 747);
    check("3*0.684", 684, 1224);
    let mut world = World::new();
    refused(world.sell(&["5400000000004"], &[("cash", 0)]), Code::NoSuchItem);
    refused(world.sell(&["3"], &[("cash", 0)]), Code::BadRequest);
    refused(world.sell(&["1*0.5"], &[("cash", 0)]), Code::TicketRefused);
    refused(world.sell(&["5"], &[("cash", 0)]), Code::TicketRefused);
    refused(world.sell(&[], &[("cash", 0)]), Code::TicketEmpty);
}

#[test]
fn labels_of_the_scale() {
    let check = |layout: &str, code: &str, quantity: i64, gross: i64| {
        let mut world = World::new();
        world.set("barcode.labels", layout);
        let line = world.sell(&[code], &[("cash", 0)]).unwrap().sale.lines.remove(0);
        assert_eq!((line.quantity.thousandths(), line.gross), (quantity, eur(gross)), "{code}");
        let mut fixed = request(&[code], &[("cash", 0)]);
        fixed.items[0].quantity = Some(aurapos_domain::money::Quantity::ONE);
        refused(world.sell_request(fixed), Code::BadRequest);
    };
    // 0.684 kg at 17.90: 12.24. The label's own 12.25 stays when it is the price that is printed.
    check("21:5:5:3:weight", &ean("210000300684"), 684, 1224);
    check("21:5:5:2:price", &ean("210000301225"), 684, 1225);
}

/// Twelve digits with their check digit.
fn ean(digits: &str) -> String {
    format!("{digits}{}", aurapos_domain::barcode::check_digit(digits).unwrap())
}

#[test]
fn nothing_to_pay_is_a_sale_too() {
    let mut world = World::new();
    let mut free = request(&["2"], &[]);
    free.discount = Some(Discount::Percent(10_000));
    let sale = world.sell_request(free).unwrap();
    assert_eq!((sale.sale.total, sale.sale.tenders.len()), (eur(0), 0));
    assert_eq!(sale.receipt_no().counter, 1);
}

#[test]
fn a_sink_that_missed_something_is_told_again() {
    let mut world = World::closed();
    world.run(Command::OpenDrawer { float: eur(100) }).unwrap();
    world.sell(&["2"], &[("cash", 0)]).unwrap();
    world.sell(&["4"], &[("cash", 0)]).unwrap();
    // Backups are the machine's own affair.
    let session = world.session.take();
    world.run(Command::NoteBackup(made("first.aurapos"))).unwrap();
    world.session = session;
    let receipt_no = world.sell(&["4"], &[("cash", 0)]).unwrap().receipt_no().to_string();
    let back = RefundRequest { receipt_no, tenders: pay(&[("cash", 0)]), ..Default::default() };
    world.run(Command::Refund(back)).unwrap();
    let told: Vec<_> = world
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Deliver { events, .. } => Some(events.clone()),
            _ => None,
        })
        .flatten()
        .collect();
    let incarnation = world.engine.core.register.incarnation;
    let kinds: Vec<EventKind> = told.iter().map(|event: &HostEvent| event.kind).collect();
    let (sale, refund) = (EventKind::Sale, EventKind::Refund);
    assert_eq!(kinds, [EventKind::DrawerOpened, sale, sale, EventKind::BackupMade, sale, refund]);
    assert_eq!((told[0].operator.as_str(), told[3].text.as_str()), ("Mia", "first.aurapos"));
    let (again, last) = crate::tell::events_after(&world.store.inner, incarnation, 0, 100).unwrap();
    assert_eq!(again, told, "the same events, word for word");
    assert_eq!(last, world.engine.core.head.seq);
    let (rest, _) = crate::tell::events_after(&world.store.inner, incarnation, told[1].sequence, 100).unwrap();
    assert_eq!(rest, told[2..]);
}

fn made(name: &str) -> BackupNote {
    BackupNote { name: name.to_owned(), sha256: "00".to_owned(), ..BackupNote::default() }
}

#[test]
fn the_lives_of_a_register_are_told_oldest_first() {
    let mut world = World::new();
    world.sell(&["2"], &[("cash", 0)]).unwrap();
    let mut lives = vec![world.engine.core.register.incarnation];
    for token in ["t2", "t3"] {
        world = world.reopen(token);
        world.sell(&["2"], &[("cash", 0)]).unwrap();
        lives.push(world.engine.core.register.incarnation);
    }
    assert_eq!(crate::tell::lives(&world.store.inner).unwrap(), lives);
    for life in lives {
        let (events, _) = crate::tell::events_after(&world.store.inner, life, 0, 100).unwrap();
        assert!(events.iter().any(|event| event.kind == EventKind::Sale), "{events:?}");
        assert!(events.iter().all(|event| event.incarnation == life.uuid()));
    }
}

#[test]
fn what_is_left_out_when_devices_are_slow_is_said() {
    let mut world = World::new();
    for _ in 0..WAITING_MAX / 2 {
        world.engine.send_events(vec![HostEvent::default()]);
        world.engine.send_events(vec![HostEvent::default()]);
    }
    world.engine.step(Input::Answer { effect: EffectId(0), answer: EffectAnswer::Delivered(Ok(())) }, &mut world.env);
    world.sell(&["4"], &[("cash", 0)]).unwrap();
    assert!(world.effects.is_empty(), "the sale is there, nothing more is sent");
    assert!(world.events.iter().any(|event| matches!(event, Event::PrintFailed { .. })), "{:?}", world.events);
    let missed = |world: &World| match world.effects.last() {
        Some(Effect::Deliver { missed, .. }) => *missed,
        other => panic!("{other:?}"),
    };
    for (answered, said) in [(1, true), (3, false)] {
        let answer = Input::Answer { effect: EffectId(answered), answer: EffectAnswer::Delivered(Ok(())) };
        world.engine.step(answer, &mut world.env);
        let answer = Input::Answer { effect: EffectId(answered + 1), answer: EffectAnswer::Delivered(Ok(())) };
        world.engine.step(answer, &mut world.env);
        world.sell(&["4"], &[("cash", 0)]).unwrap();
        assert_eq!(missed(&world), said);
    }
}

#[test]
fn the_store_is_asked_seldom() {
    let mut world = World::new();
    let codes = ["5400000000003", "5400000000003", "5400000000003"];
    world.sell(&codes, &[("cash", 0)]).unwrap();
    assert_eq!(world.store.scans(), 2, "barcodes, products");
    world.sell(&codes, &[("cash", 0)]).unwrap();
    assert_eq!(world.store.scans(), 0, "what was sold lately is known");
}

#[test]
fn what_was_sold_lately_is_sold_at_the_price_it_has_now() {
    let mut world = World::new();
    let total = |world: &mut World| world.sell(&["5400000000003"], &[("cash", 0)]).unwrap().sale.total;
    let before = total(&mut world);
    let coffee = find::<Product>(world.store.as_ref(), "sku", "1", Currency::EUR).unwrap().unwrap();
    let dearer = ProductDraft {
        id: Some(coffee.id),
        price: eur(349),
        tax_code: "standard".to_owned(),
        barcodes: vec!["5400000000003".to_owned()],
        ..new_product(&coffee.name)
    };
    world.run(Command::SaveProduct(Box::new(dearer))).unwrap();
    assert_eq!(total(&mut world), before.checked_add(eur(100)).unwrap());
}

#[test]
fn the_journal_is_one_chain_that_the_rows_follow() {
    let mut world = World::new();
    for _ in 0..3 {
        world.sell(&["5400000000003", "2*2"], &[("cash", 0)]).unwrap();
    }
    world.check();
    assert_eq!(world.engine.core.head.totals.sales_count, 3);
}
