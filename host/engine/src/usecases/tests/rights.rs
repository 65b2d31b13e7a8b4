//! Who may do what: asked before anything is done.

use aurapos_domain::journal::EntryKind;
use aurapos_domain::money::Quantity;
use aurapos_domain::pricing::Discount;

use super::{refused, ticket};
use crate::command::people::PeopleCommand;
use crate::command::{CashMove, Command, RefundRequest};
use crate::error::Code;
use crate::testing::{PIN, World, eur, item, pay, request};

/// A shop with the cashier Tom signed in.
fn with_cashier() -> World {
    let mut world = World::new();
    let add = PeopleCommand::Add { name: "Tom".to_owned(), role: "cashier".to_owned(), pin: "2580".to_owned() };
    world.run(Command::People(add)).unwrap();
    world.sign_in("Tom", "2580").unwrap();
    world
}

#[test]
fn a_cashier_sells_and_no_more() {
    let mut world = with_cashier();
    let sale = world.sell(&["2"], &[("cash", 0)]).unwrap();
    assert_eq!(sale.sale.header.operator_name, "Tom");
    let mut cheaper = request(&["2"], &[("cash", 0)]);
    cheaper.items[0].price = Some(eur(1));
    refused(world.sell_request(cheaper), Code::NotAllowed);
    let mut discount = request(&["2"], &[("cash", 0)]);
    discount.discount = Some(Discount::Percent(500));
    refused(world.sell_request(discount), Code::NotAllowed);
    let receipt_no = sale.receipt_no().to_string();
    let back = RefundRequest { receipt_no, tenders: pay(&[("cash", 0)]), ..Default::default() };
    refused(world.run(Command::Refund(back)), Code::NotAllowed);
    ticket(&mut world, Command::AddItem(item("2"))).unwrap();
    refused(world.run(Command::OverridePrice { line: 1, price: eur(1) }), Code::NotAllowed);
    refused(world.run(Command::DiscountLine { line: 1, discount: None }), Code::NotAllowed);
    refused(world.sell(&["4*-1"], &[("cash", 0)]), Code::NotAllowed);
    refused(world.run(Command::AddItem(item("4*-1"))), Code::NotAllowed);
    let fewer = Command::SetQuantity { line: 1, quantity: Quantity::from_thousandths(-1000) };
    refused(world.run(fewer), Code::NotAllowed);
    refused(world.run(Command::NoSale { reason: String::new() }), Code::NotAllowed);
    let loan = Command::MoveCash { kind: CashMove::Loan, amount: eur(100), reason: String::new() };
    refused(world.run(loan), Code::NotAllowed);
    assert_eq!(world.rows("sale"), 1);
}

#[test]
fn nothing_without_a_session_or_through_a_locked_one() {
    let mut world = World::new();
    world.run(Command::Lock).unwrap();
    refused(world.sell(&["2"], &[("cash", 0)]), Code::SessionLocked);
    refused(world.run(Command::Unlock { pin: "0000".into() }), Code::WrongPin);
    world.run(Command::Unlock { pin: PIN.into() }).unwrap();
    world.sell(&["2"], &[("cash", 0)]).unwrap();
    world.run(Command::SignOut).unwrap();
    refused(world.sell(&["2"], &[("cash", 0)]), Code::SignedOut);
    world.session = None;
    refused(world.run(Command::OpenDrawer { float: eur(0) }), Code::SignedOut);
    let kinds = world.kinds();
    assert!(kinds.contains(&EntryKind::SIGN_IN) && kinds.contains(&EntryKind::SIGN_OUT));
}

#[test]
fn sessions_are_bounded() {
    let mut world = World::new();
    for _ in 1..crate::sessions::SESSIONS_MAX {
        world.sign_in("Mia", PIN).unwrap();
    }
    refused(world.sign_in("Mia", PIN), Code::TooManySessions);
}

#[test]
fn the_drawer_opens_once_and_counts_what_moves() {
    let mut world = World::closed();
    refused(world.run(Command::OpenDrawer { float: eur(-1) }), Code::BadAmount);
    world.run(Command::OpenDrawer { float: eur(5000) }).unwrap();
    refused(world.run(Command::OpenDrawer { float: eur(5000) }), Code::DrawerOpen);
    let moved = |kind, minor| Command::MoveCash { kind, amount: eur(minor), reason: "monnaie".to_owned() };
    world.run(moved(CashMove::Loan, 1000)).unwrap();
    refused(world.run(moved(CashMove::Pickup, 6001)), Code::BadAmount);
    world.run(moved(CashMove::Pickup, 2000)).unwrap();
    refused(world.run(moved(CashMove::Loan, 0)), Code::BadAmount);
    world.run(Command::NoSale { reason: "monnaie".to_owned() }).unwrap();
    world.sell(&["4"], &[("cash", 0)]).unwrap();
    let mut world = world.reopen("t1");
    assert_eq!(
        (world.expected_cash(), world.drawer().number),
        (eur(5000 + 1000 - 2000 + 1000), 1),
        "also after a restart"
    );
    assert_eq!(world.rows("drawer_move"), 3);
    world.check();
}

#[test]
fn rights_that_are_taken_away_are_gone_at_once() {
    let mut world = World::new();
    let name = || "Tom".to_owned();
    let add = PeopleCommand::Add { name: name(), role: "manager".to_owned(), pin: "2580".to_owned() };
    world.run(Command::People(add)).unwrap();
    let mia = world.session;
    let tom = world.sign_in("Tom", "2580").unwrap();
    let no_sale = || Command::NoSale { reason: String::new() };
    world.run(no_sale()).unwrap();
    world.session = mia;
    world.run(Command::People(PeopleCommand::SetRole { name: name(), role: "cashier".to_owned() })).unwrap();
    world.session = Some(tom);
    refused(world.run(no_sale()), Code::NotAllowed);
    world.sell(&["2"], &[("cash", 0)]).unwrap();
    world.session = mia;
    world.run(Command::People(PeopleCommand::Disable { name: name() })).unwrap();
    world.session = Some(tom);
    refused(world.sell(&["2"], &[("cash", 0)]), Code::NotAllowed);
    world.run(Command::SignOut).unwrap();
}
