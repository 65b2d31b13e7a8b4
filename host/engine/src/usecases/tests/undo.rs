//! Taking a line away and putting it back, and what a screen is shown of a line.

use aurapos_domain::catalog::Unit;
use aurapos_domain::money::Quantity;
use aurapos_domain::pricing::Discount;

use super::{refused, sale, ticket};
use crate::command::Command;
use crate::error::Code;
use crate::testing::{PIN, World, eur, item, pay};

#[test]
fn a_line_comes_back_exactly_as_it_was() {
    let mut world = World::new();
    ticket(&mut world, Command::AddItem(item("1*3"))).unwrap();
    ticket(&mut world, Command::AddItem(item("2"))).unwrap();
    ticket(&mut world, Command::OverridePrice { line: 1, price: eur(200) }).unwrap();
    ticket(&mut world, Command::DiscountLine { line: 1, discount: Some(Discount::Percent(1000)) }).unwrap();
    let before = ticket(&mut world, Command::Note { line: Some(1), text: "cadeau".to_owned() }).unwrap();
    let without = ticket(&mut world, Command::RemoveLine { line: 1 }).unwrap();
    assert_eq!((without.lines.len(), without.removed[0].number), (1, 1));
    assert_eq!(without.removed[0].name, "Café 250 g");
    let again = ticket(&mut world, Command::RestoreLine { line: 1 }).unwrap();
    assert_eq!(again, before, "place, quantity, price, discount and note");
    refused(world.run(Command::RestoreLine { line: 1 }), Code::TicketRefused);
    refused(world.run(Command::RestoreLine { line: 9 }), Code::TicketRefused);
    ticket(&mut world, Command::SetQuantity { line: 2, quantity: Quantity::ZERO }).unwrap();
    let empty = ticket(&mut world, Command::RemoveLine { line: 1 }).unwrap();
    let removed: Vec<u32> = empty.removed.iter().map(|line| line.number).collect();
    assert_eq!(removed, [1, 2], "the last one first, also those set to nothing");
    ticket(&mut world, Command::RestoreLine { line: 2 }).unwrap();
    let all = ticket(&mut world, Command::RestoreLine { line: 1 }).unwrap();
    assert_eq!((all.lines.clone(), all.total), (before.lines, before.total));
    sale(&mut world, Command::Tender(pay(&[("cash", 0)]).remove(0))).unwrap();
    world.check();
}

#[test]
fn a_paid_ticket_takes_no_line_back() {
    let mut world = World::new();
    ticket(&mut world, Command::AddItem(item("4"))).unwrap();
    ticket(&mut world, Command::AddItem(item("2"))).unwrap();
    ticket(&mut world, Command::RemoveLine { line: 2 }).unwrap();
    ticket(&mut world, Command::Tender(pay(&[("cash", 500)]).remove(0))).unwrap();
    refused(world.run(Command::RestoreLine { line: 2 }), Code::TicketPaid);
}

#[test]
fn a_lock_keeps_the_ticket_and_what_was_taken_off_it() {
    let mut world = World::new();
    ticket(&mut world, Command::AddItem(item("1"))).unwrap();
    ticket(&mut world, Command::AddItem(item("2"))).unwrap();
    ticket(&mut world, Command::RemoveLine { line: 1 }).unwrap();
    let before = ticket(&mut world, Command::DiscountTicket { discount: Some(Discount::Percent(500)) }).unwrap();
    world.run(Command::Lock).unwrap();
    refused(world.run(Command::ShowTicket), Code::SessionLocked);
    refused(world.run(Command::RestoreLine { line: 1 }), Code::SessionLocked);
    world.run(Command::Unlock { pin: PIN.into() }).unwrap();
    assert_eq!(ticket(&mut world, Command::ShowTicket).unwrap(), before);
}

#[test]
fn a_screen_sees_discounts_weights_and_how_many_there_are() {
    let mut world = World::new();
    ticket(&mut world, Command::AddItem(item("1*3"))).unwrap();
    ticket(&mut world, Command::AddItem(item("3*0.25"))).unwrap();
    let off = Discount::Amount(eur(50));
    let shown = ticket(&mut world, Command::DiscountLine { line: 1, discount: Some(off) }).unwrap();
    let (coffee, cheese) = (&shown.lines[0], &shown.lines[1]);
    assert_eq!((coffee.agreed_discount, coffee.weighed, coffee.fixed), (Some(off), false, false));
    assert_eq!((cheese.unit, cheese.weighed, cheese.agreed_discount), (Unit::Kilogram, true, None));
    assert_eq!(shown.item_count, 4, "three pieces and one weighed");
    let shown =
        ticket(&mut world, Command::SetQuantity { line: 2, quantity: Quantity::from_thousandths(1_125) }).unwrap();
    assert_eq!((shown.item_count, shown.lines[1].quantity.to_string().as_str()), (4, "1.125"));
    let product = crate::queries::product_by_code(world.store.as_ref(), "1").unwrap().unwrap();
    assert_eq!(shown.lines[0].product, product.id);
    world.set("barcode.labels", "21:5:5:2:price");
    let digit = aurapos_domain::barcode::check_digit("210000301225").unwrap();
    let label = ticket(&mut world, Command::AddItem(item(&format!("210000301225{digit}")))).unwrap();
    assert!(label.lines[2].fixed && label.lines[2].weighed, "a price label fixes its amount");
    refused(world.run(Command::SetQuantity { line: 3, quantity: Quantity::ONE }), Code::TicketRefused);
}
