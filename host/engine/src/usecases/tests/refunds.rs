//! Refunds: never more than was sold, the last piece takes the last cent.

use aurapos_domain::money::Quantity;
use aurapos_domain::pricing::Discount;
use aurapos_domain::sale::SaleKind;

use super::{refused, sale};
use crate::command::{Command, CommandId, RefundRequest};
use crate::effect::{Effect, EffectAnswer, PaymentAction};
use crate::error::Code;
use crate::event::Event;
use crate::step::Input;
use crate::testing::{World, approve, eur, pay, request};

fn back(receipt_no: &str, lines: &[(u32, &str)], tenders: &[(&str, i64)]) -> Command {
    let lines = lines.iter().map(|(line, quantity)| (*line, Quantity::parse(quantity).unwrap())).collect();
    let receipt_no = receipt_no.to_owned();
    Command::Refund(RefundRequest { receipt_no, lines, tenders: pay(tenders), ..Default::default() })
}

#[test]
fn piece_by_piece_and_never_more() {
    let mut world = World::new();
    let mut three = request(&["1*3"], &[("card", 0)]);
    // 7.47 less 1.00: 6.47 for three pieces does not divide.
    three.discount = Some(Discount::Amount(eur(100)));
    let sold = world.sell_request(three).unwrap();
    let number = sold.receipt_no().to_string();
    let mut given = 0;
    for _ in 0..3 {
        let refund = sale(&mut world, back(&number, &[(1, "1")], &[("card", 0)])).unwrap();
        assert_eq!(refund.sale.header.kind, SaleKind::Refund);
        assert_eq!(refund.sale.header.origin.as_ref().unwrap().sale, sold.id());
        given -= refund.sale.total.minor;
    }
    assert_eq!(given, 647, "together exactly what was paid");
    refused(world.run(back(&number, &[(1, "1")], &[("card", 0)])), Code::RefundTooMuch);
    refused(world.run(back(&number, &[], &[("card", 0)])), Code::RefundTooMuch);
    let calls: Vec<_> = world.calls.iter().map(|(_, action, _)| *action).collect();
    assert_eq!(calls, [PaymentAction::Begin, PaymentAction::Refund, PaymentAction::Refund, PaymentAction::Refund]);
    assert_eq!(world.calls[1].2.original_reference, "card-647", "the terminal is told which payment is undone");
    assert_eq!(world.engine.core.head.totals.refunds_minor, 647);
    world.check();
}

#[test]
fn everything_at_once_in_cash_is_rounded() {
    let mut world = World::new();
    let sold = world.sell(&["2", "1*2"], &[("cash", 0)]).unwrap();
    let refund = sale(&mut world, back(&sold.receipt_no().to_string(), &[], &[("cash", 0)])).unwrap();
    assert_eq!((refund.sale.total, refund.sale.rounding), (eur(-781), eur(1)));
    assert_eq!(world.expected_cash(), eur(10_000));
    assert_eq!(world.sum("stock_level", "quantity"), 0, "the goods are back");
    world.check();
}

/// Three thirds of a euro are rounded as the one euro that was paid, and not each by itself.
#[test]
fn parts_in_cash_give_back_what_the_whole_would() {
    let mut world = World::new();
    let mut three = request(&["1*3"], &[("cash", 0)]);
    three.discount = Some(Discount::Amount(eur(647)));
    let sold = world.sell_request(three).unwrap();
    assert_eq!(sold.sale.total, eur(100));
    let number = sold.receipt_no().to_string();
    let back_in_cash = |world: &mut World| {
        let refund = sale(world, back(&number, &[(1, "1")], &[("cash", 0)])).unwrap();
        (refund.sale.total.minor, refund.sale.tenders.iter().map(|paid| paid.applied.minor).sum::<i64>())
    };
    assert_eq!(back_in_cash(&mut world), (-33, -35));
    assert_eq!(back_in_cash(&mut world), (-34, -30));
    assert_eq!(back_in_cash(&mut world), (-33, -35));
    assert_eq!(world.expected_cash(), eur(10_000));
    world.check();
    // A part by card is exact, and what is left in cash takes the rest.
    let mut three = request(&["1*3"], &[("cash", 0)]);
    three.discount = Some(Discount::Amount(eur(647)));
    let number = world.sell_request(three).unwrap().receipt_no().to_string();
    for (tender, given) in [("cash", -35), ("card", -34), ("cash", -30)] {
        let refund = sale(&mut world, back(&number, &[(1, "1")], &[(tender, 0)])).unwrap();
        assert_eq!(refund.sale.tenders[0].applied, eur(given), "{tender}");
    }
    world.check();
}

#[test]
fn what_is_refused() {
    let mut world = World::new();
    let sold = world.sell(&["1*2"], &[("cash", 0)]).unwrap().receipt_no().to_string();
    refused(world.run(back("R1-1-000099", &[], &[("cash", 0)])), Code::NoSuchSale);
    refused(world.run(back(&sold, &[(1, "3")], &[("cash", 0)])), Code::RefundTooMuch);
    refused(world.run(back(&sold, &[(1, "1"), (1, "2")], &[("cash", 0)])), Code::RefundTooMuch);
    refused(world.run(back(&sold, &[(1, "0")], &[("cash", 0)])), Code::RefundTooMuch);
    refused(world.run(back(&sold, &[(1, "-1")], &[("cash", 0)])), Code::RefundTooMuch);
    refused(world.run(back(&sold, &[(2, "1")], &[("cash", 0)])), Code::RefundTooMuch);
    refused(world.run(back(&sold, &[], &[("meal", 0)])), Code::BadTender);
    let refund = sale(&mut world, back(&sold, &[], &[("cash", 0)])).unwrap().receipt_no().to_string();
    refused(world.run(back(&refund, &[], &[("cash", 0)])), Code::RefundTooMuch);
}

#[test]
fn two_refunds_at_once_give_no_cent_too_much() {
    let mut world = World::new();
    let mut two = request(&["2*2"], &[("card", 0)]);
    // One cent for two pieces: the first of them that comes back takes it.
    two.discount = Some(Discount::Amount(eur(565)));
    let number = world.sell_request(two).unwrap().receipt_no().to_string();
    let command = back(&number, &[(1, "1")], &[("card", 0)]);
    let input = Input::Command { id: CommandId(1000), session: world.session, command };
    let step = world.engine.step(input, &mut world.env);
    let [Effect::Payment { id, intent, .. }] = &step.effects[..] else { panic!("{step:?}") };
    sale(&mut world, back(&number, &[(1, "1")], &[("card", 0)])).unwrap();
    let answer = EffectAnswer::Payment(Ok(approve("card", intent)));
    let step = world.engine.step(Input::Answer { effect: *id, answer }, &mut world.env);
    let done = step.events.into_iter().find_map(|event| match event {
        Event::Done { result, .. } => Some(result),
        _ => None,
    });
    refused(done.unwrap(), Code::RefundTooMuch);
    assert_eq!(world.engine.core.head.totals.refunds_minor, 1);
    assert_eq!(world.intents(), ["approved", "approved", "manual"], "the money went back: a person decides");
    world.check();
}

/// Base, tax and amount of all sales and refunds so far.
fn vat(world: &World) -> (i64, i64, i64) {
    (world.sum("sale_vat", "base"), world.sum("sale_vat", "amount"), world.sum("sale_vat", "gross"))
}

#[test]
fn parts_leave_no_tax_behind() {
    let mut world = World::new();
    let mut candles = request(&["1*2"], &[("card", 0)]);
    candles.items[0].price = Some(eur(360));
    let number = world.sell_request(candles).unwrap().receipt_no().to_string();
    assert_eq!(vat(&world), (595, 125, 720));
    for _ in 0..2 {
        let refund = sale(&mut world, back(&number, &[(1, "1")], &[("card", 0)])).unwrap();
        assert_eq!(refund.sale.total, eur(-360));
    }
    assert_eq!(vat(&world), (0, 0, 0), "3.60 and 3.60 are 7.20, also for the tax office");
    world.check();
}

/// Two refunds are asked for before either is paid: each takes its tax off what is left when it is committed.
#[test]
fn refunds_that_overlap_leave_no_tax_behind() {
    let mut world = World::new();
    let mut candles = request(&["1*2"], &[("card", 0)]);
    candles.items[0].price = Some(eur(360));
    let number = world.sell_request(candles).unwrap().receipt_no().to_string();
    let input = |id| {
        let command = back(&number, &[(1, "1")], &[("card", 0)]);
        Input::Command { id: CommandId(id), session: world.session, command }
    };
    let (first, second) = (input(1000), input(1001));
    let mut asked = Vec::new();
    for input in [first, second] {
        asked.extend(world.engine.step(input, &mut world.env).effects);
    }
    for effect in asked {
        let Effect::Payment { id, intent, .. } = effect else { panic!("{effect:?}") };
        let answer = EffectAnswer::Payment(Ok(approve("card", &intent)));
        let step = world.engine.step(Input::Answer { effect: id, answer }, &mut world.env);
        let done = step.events.into_iter().find_map(|event| match event {
            Event::Done { result, .. } => Some(result),
            _ => None,
        });
        done.unwrap().unwrap();
    }
    assert_eq!(vat(&world), (0, 0, 0));
    world.check();
}

/// With VAT on top the tax decides how much money goes back: it is asked for before it is committed.
#[test]
fn what_goes_back_is_asked_with_its_part_of_the_tax() {
    let mut world = World::new();
    world.engine.core.shop.price_mode = aurapos_domain::tax::PriceMode::Exclusive;
    let mut sweets = request(&["1*2"], &[("card", 0)]);
    sweets.items[0].price = Some(eur(2));
    let sold = world.sell_request(sweets).unwrap();
    assert_eq!(sold.sale.total, eur(5), "0.04 and 0.0084");
    let number = sold.receipt_no().to_string();
    for total in [-3, -2] {
        let refund = sale(&mut world, back(&number, &[(1, "1")], &[("card", 0)])).unwrap();
        assert_eq!(refund.sale.total, eur(total));
        assert_eq!(world.calls.last().unwrap().2.amount_minor, -total);
    }
    assert_eq!(vat(&world), (0, 0, 0));
    world.check();
}
