//! The interactive ticket: the same rules as a whole sale, kept when something is refused.

use aurapos_contract::error::{ErrorCode, PluginError};
use aurapos_domain::money::Quantity;
use aurapos_domain::pricing::Discount;
use aurapos_plugin_testkit::Fault;

use super::{refused, sale, ticket};
use crate::command::Command;
use crate::error::Code;
use crate::event::Event;
use crate::testing::{World, eur, item, pay, request};

fn tender(instance: &str, minor: i64) -> Command {
    Command::Tender(pay(&[(instance, minor)]).remove(0))
}

#[test]
fn from_the_first_line_to_the_sale() {
    let mut world = World::new();
    ticket(&mut world, Command::AddItem(item("5400000000003"))).unwrap();
    let shown = ticket(&mut world, Command::AddItem(item("1"))).unwrap();
    assert_eq!((shown.lines.len(), shown.lines[0].quantity), (1, Quantity::pieces(2)), "the same piece adds up");
    ticket(&mut world, Command::AddItem(item("3*0.5"))).unwrap();
    ticket(&mut world, Command::OverridePrice { line: 1, price: eur(200) }).unwrap();
    ticket(&mut world, Command::DiscountLine { line: 2, discount: Some(Discount::Percent(1000)) }).unwrap();
    ticket(&mut world, Command::Note { line: Some(2), text: "tranché".to_owned() }).unwrap();
    let shown = ticket(&mut world, Command::DiscountTicket { discount: Some(Discount::Amount(eur(5))) }).unwrap();
    // Cheese: 8.95 less 10 % (0.90, half away from zero).
    assert_eq!(shown.total, eur(400 + 805 - 5));
    let shown = ticket(&mut world, tender("card", 200)).unwrap();
    assert_eq!((shown.due_other, shown.settled, shown.tenders.len()), (eur(1000), false, 1));
    let sale = sale(&mut world, tender("cash", 2000)).unwrap();
    assert_eq!((sale.sale.change, sale.sale.lines[1].note.as_str()), (eur(1000), "tranché"));
    assert_eq!(world.rows("payment_intent"), 1);
    refused(world.run(Command::ShowTicket), Code::TicketEmpty);
    assert!(world.events.iter().any(|event| matches!(event, Event::TicketChanged { .. })));
}

#[test]
fn a_refused_change_leaves_the_ticket_as_it_was() {
    let mut world = World::new();
    let before = ticket(&mut world, Command::AddItem(item("2"))).unwrap();
    refused(world.run(Command::AddItem(item("nothing"))), Code::NoSuchItem);
    refused(world.run(Command::SetQuantity { line: 9, quantity: Quantity::ONE }), Code::TicketRefused);
    refused(world.run(Command::OverridePrice { line: 1, price: eur(-1) }), Code::TicketRefused);
    let more = Discount::Amount(eur(1000));
    refused(world.run(Command::DiscountTicket { discount: Some(more) }), Code::TicketRefused);
    refused(world.run(tender("cash", -100)), Code::BadTender);
    refused(world.run(tender("cash", 9_638_507_400)), Code::BadTender);
    assert_eq!(ticket(&mut world, Command::ShowTicket).unwrap(), before);
}

#[test]
fn a_full_disk_keeps_the_paid_ticket_for_another_try() {
    let mut world = World::new();
    ticket(&mut world, Command::AddItem(item("2"))).unwrap();
    world.store.inner.order_fault(Fault::Refused(PluginError::new(ErrorCode::DiskFull, "no room")));
    refused(world.run(tender("cash", 500)), Code::DiskFull);
    let kept = ticket(&mut world, Command::ShowTicket).unwrap();
    assert!(kept.settled && kept.tenders.len() == 1, "{kept:?}");
    assert_eq!(world.calls.len(), 1);
    let sale = sale(&mut world, Command::Finish).unwrap();
    assert_eq!((sale.sale.change, sale.receipt_no().counter), (eur(215), 1));
    assert_eq!(world.calls.len(), 1, "the payment was not asked for again");
}

#[test]
fn a_ticket_with_payments_is_neither_changed_nor_given_up() {
    let mut world = World::new();
    ticket(&mut world, Command::AddItem(item("4"))).unwrap();
    ticket(&mut world, tender("card", 400)).unwrap();
    refused(world.run(Command::AddItem(item("2"))), Code::TicketPaid);
    refused(world.run(Command::ClearTicket), Code::TicketPaid);
    refused(world.run(Command::SignOut), Code::TicketPaid);
    sale(&mut world, tender("cash", 0)).unwrap();
}

#[test]
fn giving_a_ticket_up_is_journalled() {
    let mut world = World::new();
    ticket(&mut world, Command::AddItem(item("4"))).unwrap();
    let before = world.rows("journal");
    world.run(Command::ClearTicket).unwrap();
    assert_eq!(world.rows("journal"), before + 1);
    world.run(Command::ClearTicket).unwrap();
    assert_eq!(world.rows("journal"), before + 1, "an empty one is not");
}

#[test]
fn limits_hold() {
    let mut world = World::new();
    let mut long = request(&["4"], &[("cash", 0)]);
    long.note = "x".repeat(201);
    refused(world.sell_request(long), Code::TicketRefused);
    let mut many = request(&[], &[("cash", 0)]);
    many.items = vec![item("3*0.001"); 1001];
    refused(world.sell_request(many), Code::TicketRefused);
    refused(world.sell(&["4"], &[("cash", 1); 33]), Code::BadTender);
    refused(world.sell(&["1*100000"], &[("cash", 0)]), Code::TicketRefused);
    assert_eq!(world.rows("sale"), 0);
}
