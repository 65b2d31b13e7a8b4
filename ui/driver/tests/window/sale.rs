//! The sale: by touch, by keyboard, by scans; what is asked for, refused, undone and not known.

use crate::support::{Shop, sample};
use aurapos_runtime::domain::money::{Currency, Money};
use aurapos_runtime::engine::Command;
use aurapos_ui::markup::{Sale, SaleDialog, SaleGrid, Screen};
use aurapos_ui::presenter::sale;
use aurapos_ui_driver::{PATIENCE, place};
use slint::ComponentHandle;
use slint::platform::Key;
use std::time::{Duration, Instant};

const BAGUETTE: &str = "5400000010064";
const CROISSANT: &str = "5400000010101";
const PISTOLET: &str = "5400000010088";
/// By weight.
const APPLES: &str = "5400000020018";
/// A code of no product, whose check digit is right.
const UNKNOWN: &str = "5400000999994";

/// The sample shop with its manager at work and an open drawer.
fn selling() -> Shop {
    let shop = signed_in();
    shop.act(|shell| {
        shell.submit(Command::OpenDrawer { float: Money::new(10_000, Currency::EUR) }, |_, result| {
            drop(result.unwrap())
        });
    });
    shop.act(|shell| shell.go_home(Screen::Sale));
    assert_eq!(shop.screen(), Screen::Sale);
    shop
}

fn signed_in() -> Shop {
    let shop = sample();
    shop.type_text(place::MANAGER.1);
    shop.key(Key::Return);
    assert!(shop.shell(|shell| shell.session.is_some()), "{:?}", shop.names());
    shop
}

/// Name and quantity in thousandths of every line.
fn lines(shop: &Shop) -> Vec<(String, i64)> {
    shop.shell(|shell| {
        let ticket = shell.sale.ticket.as_ref();
        let lines = ticket.map_or(&[][..], |ticket| &ticket.lines);
        lines.iter().map(|line| (line.name.clone(), line.quantity.thousandths())).collect()
    })
}

fn total(shop: &Shop) -> i64 {
    shop.shell(|shell| shell.sale.ticket.as_ref().map_or(0, |ticket| ticket.total.minor))
}

fn dialog(shop: &Shop) -> SaleDialog {
    shop.window().global::<Sale>().get_dialog()
}

fn grid(shop: &Shop) -> SaleGrid {
    shop.window().global::<Sale>().get_grid()
}

/// Taps a tile of the page that is shown.
fn tap_tile(shop: &Shop, index: usize) {
    let name = shop.shell(|shell| sale::tiles(shell)[index].name.clone());
    shop.tap(&format!("{name}, "));
}

#[test]
fn three_products_and_exact_cash_are_four_taps() {
    let shop = selling();
    shop.tap("Boulangerie");
    let before = lines(&shop).len();
    assert_eq!(before, 0);
    for index in 0..3 {
        tap_tile(&shop, index);
    }
    assert_eq!(lines(&shop).len(), 3, "{:?}", lines(&shop));
    shop.tap("Exact cash");
    assert_eq!(shop.screen(), Screen::Done);
}

#[test]
fn three_scans_and_one_key_sell_and_the_next_scan_begins_anew() {
    let shop = selling();
    for code in [BAGUETTE, CROISSANT, BAGUETTE] {
        shop.scan(code);
    }
    assert_eq!(lines(&shop).iter().map(|(_, quantity)| *quantity).collect::<Vec<_>>(), [2_000, 1_000]);
    assert_eq!(total(&shop), 2 * 145 + 130);
    shop.key(Key::F10);
    assert_eq!(shop.screen(), Screen::Done);
    shop.scan(PISTOLET);
    assert_eq!(shop.screen(), Screen::Sale);
    assert_eq!(lines(&shop), [("Pistolet".to_owned(), 1_000)]);
}

#[test]
fn no_scan_is_lost_with_a_dialog_open_and_none_goes_into_a_field() {
    let shop = selling();
    shop.scan(BAGUETTE);
    shop.tap("Note for the ticket");
    for _ in 0..60 {
        shop.scan_without_waiting(CROISSANT);
        shop.advance(Duration::from_millis(80));
    }
    shop.settle();
    assert_eq!(lines(&shop)[1].1, 60_000);
    shop.tap("Save");
    assert_eq!(shop.shell(|shell| shell.sale.ticket.as_ref().map(|ticket| ticket.note.clone())), Some(String::new()));
}

#[test]
fn a_key_takes_the_first_result_of_the_search() {
    let shop = selling();
    shop.key(Key::F2);
    shop.type_text("tradition");
    assert_eq!(grid(&shop), SaleGrid::Results);
    shop.key(Key::Return);
    assert_eq!(lines(&shop), [("Baguette tradition".to_owned(), 1_000)]);
    assert_eq!(grid(&shop), SaleGrid::Tiles);
    shop.key(Key::F2);
    shop.type_text("qqq");
    assert!(shop.sees("Nothing found"), "{:?}", shop.names());
    shop.key(Key::Escape);
    assert!(!shop.sees("Nothing found"));
}

#[test]
fn quantity_discount_and_price_are_typed_for_the_selected_line() {
    let shop = selling();
    shop.scan(BAGUETTE);
    shop.type_text("3");
    shop.key(Key::Return);
    assert_eq!((lines(&shop)[0].1, total(&shop)), (3_000, 435));
    shop.type_text("+");
    assert_eq!(lines(&shop)[0].1, 4_000);
    shop.type_text("-");
    assert_eq!(lines(&shop)[0].1, 3_000);
    shop.tap("3 × Baguette");
    shop.tap("Discount −10%");
    assert_eq!(total(&shop), 391);
    shop.tap("3 × Baguette");
    shop.tap("Price");
    shop.type_text("1.00");
    shop.tap("Apply");
    assert_eq!(total(&shop), 270);
}

#[test]
fn steps_and_scans_of_the_same_product_do_not_overwrite_each_other() {
    let shop = selling();
    shop.scan(BAGUETTE);
    for _ in 0..5 {
        shop.scan_without_waiting(BAGUETTE);
        shop.ui().act(|shell| sale::step(shell, 1));
    }
    shop.settle();
    assert_eq!(lines(&shop)[0].1, 11_000);
}

#[test]
fn a_line_that_was_removed_comes_back_as_it_was() {
    let shop = selling();
    for code in [BAGUETTE, CROISSANT, PISTOLET] {
        shop.scan(code);
    }
    shop.key(Key::UpArrow);
    shop.type_text("4");
    shop.key(Key::Return);
    let before = lines(&shop);
    assert_eq!(before[1].1, 4_000);
    shop.key(Key::Delete);
    assert_eq!(lines(&shop).len(), 2);
    assert!(shop.sees("Removed: Croissant pur beurre"), "{:?}", shop.names());
    shop.tap("Undo");
    assert_eq!(lines(&shop), before);
    assert!(!shop.sees("Removed: "));
}

#[test]
fn what_is_weighed_is_asked_for_its_weight_by_tap_and_by_scan() {
    let shop = selling();
    shop.scan(APPLES);
    assert_eq!(dialog(&shop), SaleDialog::Weigh);
    shop.type_text("0.684");
    assert!(shop.sees("Amount €1.57"), "{:?}", shop.names());
    shop.key(Key::Return);
    assert_eq!(lines(&shop), [("Pommes Jonagold en vrac".to_owned(), 684)]);
    shop.tap("Fruits et légumes");
    let weighed = shop.shell(|shell| sale::tiles(shell).iter().position(|tile| tile.weighed));
    tap_tile(&shop, weighed.unwrap());
    assert_eq!(dialog(&shop), SaleDialog::Weigh);
    shop.key(Key::Escape);
    assert_eq!((dialog(&shop), lines(&shop).len()), (SaleDialog::None, 1));
}

#[test]
fn unknown_codes_wait_while_selling_goes_on_and_become_products() {
    let shop = selling();
    shop.scan(UNKNOWN);
    shop.scan(BAGUETTE);
    shop.scan(UNKNOWN);
    assert_eq!(lines(&shop).len(), 1);
    assert!(shop.sees("No product has this code"), "{:?}", shop.names());
    shop.tap("Create the product");
    shop.type_text("Thym frais");
    shop.key(Key::Tab);
    shop.type_text("1.95");
    shop.key(Key::Return);
    assert_eq!(lines(&shop).last(), Some(&("Thym frais".to_owned(), 2_000)), "{:?}", shop.names());
    shop.scan(UNKNOWN);
    assert_eq!(lines(&shop).last(), Some(&("Thym frais".to_owned(), 3_000)));
}

#[test]
fn what_was_scanned_before_the_drawer_was_open_is_on_the_ticket_afterwards() {
    let shop = signed_in();
    shop.act(|shell| shell.go_home(Screen::Sale));
    shop.scan(BAGUETTE);
    assert_eq!(shop.screen(), Screen::OpenDrawer);
    // A scan is no count, and its Enter opens nothing; nor does one Enter too many.
    shop.scan(CROISSANT);
    shop.key(Key::Return);
    assert_eq!(shop.screen(), Screen::OpenDrawer);
    assert!(shop.sees("Open the drawer with €0.00"), "{:?}", shop.names());
    shop.act(|shell| {
        shell.submit(Command::OpenDrawer { float: Money::new(10_000, Currency::EUR) }, |_, result| {
            drop(result.unwrap())
        });
    });
    // The drawer is told by an event, which comes on a way of its own.
    let deadline = Instant::now() + PATIENCE;
    while lines(&shop).len() < 2 && Instant::now() < deadline {
        shop.settle();
    }
    assert_eq!(lines(&shop).len(), 2);
}

#[test]
fn the_ticket_takes_a_discount_and_is_cleared_after_a_question() {
    let shop = selling();
    shop.scan(BAGUETTE);
    shop.scan(CROISSANT);
    shop.key(Key::F8);
    shop.type_text("20");
    shop.key(Key::Return);
    assert_eq!(total(&shop), 220);
    shop.key(Key::F8);
    shop.tap("Amount");
    shop.type_text("0.75");
    shop.key(Key::Return);
    assert_eq!(total(&shop), 200);
    shop.tap("Clear the ticket");
    shop.tap("Cancel");
    assert_eq!(lines(&shop).len(), 2);
    shop.tap("Clear the ticket");
    shop.key(Key::Return);
    assert_eq!(lines(&shop).len(), 0);
}

#[test]
fn the_newest_line_is_in_sight() {
    let shop = selling();
    shop.tap("Boulangerie");
    for index in 0..15 {
        tap_tile(&shop, index);
    }
    let last = lines(&shop).pop().unwrap().0;
    let (_, below) = place_of(&shop, &format!("1 × {last}"));
    let (totals, _) = place_of(&shop, "Total €");
    assert!(below <= totals, "the line ends at {below}, the totals begin at {totals}");
}

/// Where something begins and ends, from the top.
fn place_of(shop: &Shop, label: &str) -> (f32, f32) {
    let found = shop.find(label);
    let element = found.first().unwrap_or_else(|| panic!("no {label:?} in {:#?}", shop.names()));
    let top = element.absolute_position().y;
    (top, top + element.size().height)
}
