//! The drawer is opened, sales are paid, past ones are found again: by touch and by keys, on the real engine.

use crate::support::{Shop, sample};
use aurapos_ui::markup::{DrawerFault, ListState, OrderRange, PayState, Screen};
use aurapos_ui::presenter::{done, drawer, orders, payment};
use aurapos_ui_driver::place::MANAGER;
use slint::platform::Key;

/// Products of the sample shop: 1.30, 1.45 and 0.99.
const CROISSANT: &str = "5400000010101";
const BAGUETTE: &str = "5400000010064";
const PARSLEY: &str = "5400000020339";

/// Somebody is signed in and counts the drawer.
fn counting() -> Shop {
    let shop = sample();
    shop.type_text(MANAGER.1);
    shop.key(Key::Return);
    assert_eq!(shop.screen(), Screen::OpenDrawer, "{:#?}", shop.names());
    shop
}

/// The drawer is open with 100.00 and the sale is shown.
fn selling() -> Shop {
    let shop = counting();
    shop.tap("More: €50");
    shop.tap("More: €50");
    shop.tap("Open the drawer with €100.00");
    assert_eq!(shop.screen(), Screen::Sale, "{:#?}", shop.names());
    shop
}

/// The payment of these codes is shown.
fn paying(codes: &[&str]) -> Shop {
    let shop = selling();
    codes.iter().for_each(|code| shop.scan(code));
    shop.key(Key::F9);
    assert_eq!(shop.screen(), Screen::Payment);
    shop
}

fn pay_view(shop: &Shop) -> payment::View {
    shop.shell(payment::view)
}

fn done_view(shop: &Shop) -> done::View {
    assert_eq!(shop.screen(), Screen::Done, "{:#?}", shop.names());
    shop.shell(done::view)
}

/// What should be in the drawer, as the screen says.
fn expected(shop: &Shop) -> String {
    shop.act(|shell| shell.go(Screen::Drawer));
    shop.shell(drawer::view).expected
}

#[test]
fn the_float_is_counted_by_keys() {
    let shop = counting();
    shop.type_text("2");
    assert!(shop.sees("Open the drawer with €1,000.00"), "two notes of 500: {:#?}", shop.names());
    shop.key(Key::Backspace);
    (0..3).for_each(|_| shop.key(Key::DownArrow));
    shop.type_text("3");
    shop.key(Key::RightArrow);
    shop.type_text("12");
    // The fourth coin is 20 cents.
    shop.key(Key::Return);
    assert_eq!(shop.screen(), Screen::Sale);
    assert_eq!(expected(&shop), "€152.40");
}

#[test]
fn the_float_is_typed_as_a_total() {
    let shop = counting();
    shop.tap("Enter the total");
    shop.type_text("75.5");
    shop.key(Key::Return);
    assert_eq!(shop.screen(), Screen::Sale);
    assert_eq!(expected(&shop), "€75.50");
}

#[test]
fn an_open_drawer_is_not_asked_for_again() {
    let shop = selling();
    shop.act(aurapos_ui::presenter::sign_in::sign_out);
    shop.act(|shell| shell.go_home(Screen::SignIn));
    shop.type_text(MANAGER.1);
    shop.key(Key::Return);
    assert_eq!(shop.screen(), Screen::Sale);
}

#[test]
fn a_note_is_taken_with_one_tap_and_the_change_is_shown() {
    let shop = paying(&[CROISSANT, CROISSANT]);
    let view = pay_view(&shop);
    assert_eq!((view.due.as_str(), view.due_cash.as_str(), view.rounding.as_str()), ("€2.60", "€2.60", ""));
    let notes: Vec<String> = view.notes.iter().map(|note| format!("{} {}", note.amount, note.change)).collect();
    assert_eq!(notes, ["3.00 0.40", "4.00 1.40", "5.00 2.40", "10.00 7.40"]);
    shop.tap("5.00, change 2.40");
    let view = done_view(&shop);
    assert_eq!((view.total.as_str(), view.change.as_str(), view.paid.as_str()), ("€2.60", "€2.40", "€2.60"));
    assert!(view.receipt.iter().any(|line| line.left.contains("Croissant")), "{:?}", view.receipt);
    shop.key(Key::Return);
    assert_eq!(shop.screen(), Screen::Sale);
    assert!(shop.shell(|shell| shell.sale.ticket.as_ref().is_none_or(|ticket| ticket.lines.is_empty())));
    assert_eq!(expected(&shop), "€102.60");
}

#[test]
fn what_is_typed_shows_its_change_and_enter_takes_it() {
    let shop = paying(&[CROISSANT, BAGUETTE]);
    shop.type_text("20");
    let view = pay_view(&shop);
    assert_eq!((view.typed.as_str(), view.typed_amount.as_str(), view.change.as_str()), ("20", "€20.00", "€17.25"));
    assert!(shop.sees("Change €17.25"), "{:#?}", shop.names());
    shop.key(Key::Return);
    assert_eq!(done_view(&shop).change, "€17.25");
}

#[test]
fn cash_is_rounded_and_the_rounding_is_shown() {
    let shop = paying(&[PARSLEY]);
    let view = pay_view(&shop);
    assert_eq!((view.due.as_str(), view.due_cash.as_str(), view.rounding.as_str()), ("€0.99", "€1.00", "+0.01"));
    shop.key(Key::F10);
    let view = done_view(&shop);
    assert_eq!((view.total.as_str(), view.rounding.as_str(), view.paid.as_str()), ("€0.99", "+0.01", "€1.00"));
    assert_eq!(view.change, "");
}

#[test]
fn too_little_is_a_part_and_several_parts_pay() {
    let shop = paying(&[CROISSANT, CROISSANT]);
    shop.type_text("1");
    assert_eq!(pay_view(&shop).missing, "€1.60");
    shop.key(Key::Return);
    assert_eq!(shop.screen(), Screen::Payment);
    let view = pay_view(&shop);
    assert_eq!((view.due_cash.as_str(), view.handed_over.as_str(), view.given.len()), ("€1.60", "€1.00", 1));
    assert_eq!(view.typed, "");
    assert!(shop.sees("Still due €1.60"), "{:#?}", shop.names());
    shop.type_text("2");
    shop.key(Key::Return);
    let view = done_view(&shop);
    assert_eq!((view.change.as_str(), view.tenders.len()), ("€0.40", 2));
}

#[test]
fn cash_that_was_handed_over_goes_back_before_the_payment_is_left() {
    let shop = paying(&[CROISSANT]);
    shop.type_text("1");
    shop.key(Key::Return);
    shop.key(Key::Escape);
    assert_eq!(shop.screen(), Screen::Payment, "the money is in somebody's hand");
    assert!(shop.sees("Cancel the payment?"), "{:#?}", shop.names());
    shop.key(Key::Escape);
    assert!(!pay_view(&shop).asking_back);
    assert_eq!(pay_view(&shop).handed_over, "€1.00", "it was kept");
    shop.tap("Back");
    shop.tap("Give €1.00 back");
    assert_eq!(shop.screen(), Screen::Sale);
    let ticket = shop.shell(|shell| shell.sale.ticket.clone()).unwrap();
    assert_eq!((ticket.lines.len(), ticket.tenders.len()), (1, 0));
    assert_eq!(expected(&shop), "€100.00");
}

#[test]
fn three_scans_and_one_key_sell_and_the_next_scan_begins_anew() {
    let shop = selling();
    [CROISSANT, BAGUETTE, PARSLEY].iter().for_each(|code| shop.scan_without_waiting(code));
    shop.key(Key::F10);
    let view = done_view(&shop);
    assert_eq!((view.total.as_str(), view.paid.as_str()), ("€3.74", "€3.75"));
    shop.scan(BAGUETTE);
    assert_eq!(shop.screen(), Screen::Sale);
    let ticket = shop.shell(|shell| shell.sale.ticket.clone()).unwrap();
    assert_eq!(ticket.lines.len(), 1);
}

#[test]
fn a_second_press_does_not_pay_twice() {
    let shop = paying(&[CROISSANT]);
    shop.ui().act(|shell| {
        payment::exact(shell);
        payment::exact(shell);
        payment::note(shell, 0);
        assert_eq!(payment::state(shell), PayState::Paying);
    });
    shop.settle();
    assert_eq!(done_view(&shop).tenders.len(), 1);
    assert_eq!(expected(&shop), "€101.30");
}

#[test]
fn past_sales_are_found_looked_at_and_shown_as_duplicates() {
    let shop = selling();
    for codes in [&[CROISSANT][..], &[BAGUETTE, PARSLEY]] {
        codes.iter().for_each(|code| shop.scan(code));
        shop.key(Key::F10);
        done_view(&shop);
    }
    shop.key(Key::F6);
    let numbers =
        |shop: &Shop| -> Vec<String> { shop.shell(orders::rows).iter().map(|row| row.number.to_string()).collect() };
    assert_eq!(shop.shell(orders::states), (ListState::Ready, ListState::Empty));
    assert_eq!(numbers(&shop), ["R1-1-000002", "R1-1-000001"], "the newest first");
    shop.key(Key::DownArrow);
    assert_eq!(shop.shell(orders::states).1, ListState::Ready);
    let detail = shop.shell(orders::detail);
    assert_eq!((detail.head.number.as_str(), detail.lines.len()), ("R1-1-000002", 2));
    assert!(!detail.receipt.iter().any(|line| line.left.contains("DUPLICATE")));
    shop.tap("Show the duplicate");
    let detail = shop.shell(orders::detail);
    assert!(detail.duplicate && detail.receipt.iter().any(|line| line.left.contains("DUPLICATE")));

    shop.act(|shell| orders::search(shell, "1.30"));
    assert_eq!(numbers(&shop), ["R1-1-000001"], "by amount");
    shop.act(|shell| orders::search(shell, "nothing like it"));
    assert_eq!(shop.shell(orders::states).0, ListState::Empty);
    shop.act(|shell| orders::search(shell, ""));
    shop.act(|shell| orders::choose_range(shell, OrderRange::All));
    assert_eq!(numbers(&shop).len(), 2);

    shop.scan("R1-1-000001");
    assert_eq!(shop.shell(orders::detail).head.number, "R1-1-000001", "its receipt was scanned");
    assert_eq!(shop.screen(), Screen::Orders);
}

#[test]
fn cash_goes_in_and_out_with_a_reason() {
    let shop = selling();
    shop.act(|shell| shell.go(Screen::Drawer));
    shop.tap("Cash out");
    shop.tap("Take out");
    assert_eq!(shop.shell(drawer::view).fault, DrawerFault::NoAmount);
    shop.type_text("30");
    shop.tap("Take out");
    assert_eq!(shop.shell(drawer::view).fault, DrawerFault::NoReason);
    shop.tap("To the safe");
    shop.tap("Take out");
    let view = shop.shell(drawer::view);
    assert_eq!((view.expected.as_str(), view.cash_out.as_str()), ("€70.00", "\u{2212}€30.00"));
    shop.tap("Cash in");
    shop.type_text("5");
    shop.tap("More change");
    shop.key(Key::Return);
    shop.tap("No sale");
    shop.tap("Change for a customer");
    shop.tap("Open the drawer");
    let view = shop.shell(drawer::view);
    assert_eq!(view.expected, "€75.00");
    let told: Vec<String> = view.moves.iter().map(|one| format!("{} {}", one.reason, one.amount)).collect();
    let all = ["Change for a customer ", "More change 5.00", "To the safe \u{2212}30.00"];
    assert_eq!(told.iter().filter(|one| all.contains(&one.as_str())).count(), 3, "{told:?}");
}

#[test]
fn more_than_is_in_the_drawer_is_not_taken_out() {
    let shop = selling();
    shop.act(|shell| shell.go(Screen::Drawer));
    shop.tap("Cash out");
    shop.type_text("500");
    shop.tap("To the bank");
    shop.tap("Take out");
    let view = shop.shell(drawer::view);
    assert!(!view.trouble.is_empty(), "it is said in the dialog");
    assert_eq!(view.expected, "€100.00");
}
