//! Lines, merging, limits and totals.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::tax::VatRow;

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

fn product(number: u8, price: i64, unit: Unit) -> Product {
    Product {
        id: ProductId::from_bytes([number; 16]),
        sku: format!("{number}"),
        name: format!("Product {number}"),
        barcodes: vec![],
        category: None,
        price: eur(price),
        tax_code: TaxCode::parse("standard").unwrap(),
        unit,
        food: unit == Unit::Kilogram,
        active: true,
    }
}

fn line(number: u8, price: i64, quantity: &str, rate_bp: i64) -> NewLine {
    let unit = if quantity.contains('.') { Unit::Kilogram } else { Unit::Piece };
    NewLine::of_product(&product(number, price, unit), Quantity::parse(quantity).unwrap(), rate_bp)
}

fn ticket(mode: PriceMode, lines: &[NewLine]) -> Ticket {
    let mut ticket = Ticket::new(TicketId::from_bytes([9; 16]), Currency::EUR, mode);
    for line in lines {
        ticket.add_line(line.clone()).unwrap();
    }
    ticket
}

#[test]
fn totals_including_vat() {
    let mut ticket =
        ticket(PriceMode::Inclusive, &[line(1, 250, "2", 2100), line(2, 1299, "0.684", 600), line(3, 999, "1", 1200)]);
    ticket.set_line_discount(1, Some(Discount::Percent(1000))).unwrap();
    ticket.set_discount(Some(Discount::Amount(eur(100)))).unwrap();
    let totals = ticket.totals().unwrap();
    // 500 - 50, 889, 999 make 2338; 100 spread: 19.24, 38.02, 42.72.
    let nets: Vec<i64> = totals.lines.iter().map(|line| line.net.minor).collect();
    assert_eq!(nets, [450 - 19, 889 - 38, 999 - 43]);
    assert_eq!((totals.subtotal, totals.ticket_discount, totals.net), (eur(2338), eur(100), eur(2238)));
    assert_eq!((totals.line_discount, totals.total), (eur(50), eur(2238)));
    let row =
        |rate_bp, base, amount| VatRow { rate_bp, base: eur(base), amount: eur(amount), gross: eur(base + amount) };
    assert_eq!(totals.vat, [row(2100, 356, 75), row(1200, 854, 102), row(600, 803, 48)]);
    assert_eq!(totals.vat_total, eur(225));
    assert_eq!(totals.food_total(), Ok(eur(851)));
}

#[test]
fn totals_with_vat_on_top() {
    let ticket = ticket(PriceMode::Exclusive, &[line(1, 1999, "1", 825), line(2, 500, "3", 0)]);
    let totals = ticket.totals().unwrap();
    assert_eq!((totals.net, totals.vat_total, totals.total), (eur(3499), eur(165), eur(3664)));
}

#[test]
fn the_same_piece_scanned_again_adds_to_its_line() {
    fn check(first: NewLine, second: NewLine, lines: usize) {
        let ticket = ticket(PriceMode::Inclusive, &[first, second]);
        assert_eq!(ticket.lines().len(), lines);
    }
    let plain = || line(1, 250, "1", 2100);
    check(plain(), plain(), 1);
    check(plain(), line(2, 250, "1", 2100), 2);
    check(plain(), NewLine { unit_price: eur(200), ..plain() }, 2);
    check(plain(), NewLine { note: "gift".to_owned(), ..plain() }, 2);
    check(plain(), NewLine { discount: Some(Discount::Percent(500)), ..plain() }, 2);
    check(plain(), line(1, 250, "-1", 2100), 2);
    check(line(1, 250, "0.5", 600), line(1, 250, "0.5", 600), 2);
    let merged = ticket(PriceMode::Inclusive, &[plain(), plain(), plain()]);
    assert_eq!(merged.lines()[0].item.quantity, Quantity::pieces(3));
}

#[test]
fn numbers_of_removed_lines_are_not_given_again() {
    let mut ticket = ticket(PriceMode::Inclusive, &[line(1, 1, "1", 0), line(2, 1, "1", 0)]);
    assert_eq!(ticket.remove_line(2).unwrap().number, 2);
    assert_eq!(ticket.add_line(line(3, 1, "1", 0)), Ok(3));
    assert_eq!(ticket.remove_line(2), Err(TicketError::NoSuchLine { line: 2 }));
    assert!(ticket.line(1).is_ok() && ticket.line(2).is_err());
}

#[test]
fn a_line_comes_back_to_its_place_once() {
    let mut ticket = ticket(PriceMode::Inclusive, &[line(1, 1, "1", 0), line(2, 1, "1", 0), line(3, 1, "1", 0)]);
    let before = ticket.clone();
    let second = ticket.remove_line(2).unwrap();
    ticket.restore_line(second.clone()).unwrap();
    assert_eq!(ticket, before);
    assert_eq!(ticket.restore_line(second.clone()), Err(TicketError::NoSuchLine { line: 2 }), "it is there");
    let stranger = Line { number: 4, ..second.clone() };
    assert_eq!(ticket.restore_line(stranger), Err(TicketError::NoSuchLine { line: 4 }), "that number was never given");
    ticket.remove_line(2).unwrap();
    let nothing = Line { item: NewLine { quantity: Quantity::ZERO, ..second.item }, number: 2 };
    assert_eq!(ticket.restore_line(nothing), Err(TicketError::QuantityZero));
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    fn check(edit: impl FnOnce(&mut Ticket) -> Result<(), TicketError>, expected: &str) {
        let mut ticket = ticket(PriceMode::Inclusive, &[line(1, 250, "2", 2100), line(2, 1299, "0.684", 600)]);
        let before = ticket.clone();
        assert_eq!(edit(&mut ticket).unwrap_err().to_string(), expected);
        assert_eq!(ticket, before);
    }
    let quantity = |text: &str| Quantity::parse(text).unwrap();
    check(|t| t.set_quantity(1, Quantity::ZERO), "a line needs a quantity other than zero");
    check(|t| t.set_quantity(1, quantity("1.5")), "Product 1 is sold by the piece, 1.5 is not a whole number");
    check(|t| t.set_quantity(2, quantity("100000")), "a quantity of 100000 is above the limit of 99999.999");
    check(|t| t.set_quantity(7, quantity("1")), "the ticket has no line 7");
    check(|t| t.override_price(1, eur(-1)), "the price -0.01 EUR is below zero");
    check(|t| t.override_price(1, Money::new(1, Currency::USD)), "USD and EUR cannot be put together");
    check(|t| t.set_line_note(1, &"x".repeat(201)), "the note has 201 characters, more than 200");
    check(|t| t.set_note(&"x".repeat(201)), "the note has 201 characters, more than 200");
    check(
        |t| t.set_line_discount(1, Some(Discount::Amount(eur(501)))),
        "a discount of 5.01 EUR is more than the 5.00 EUR it is taken from",
    );
    check(|t| t.set_discount(Some(Discount::Percent(10_001))), "a discount of 100.01 % is outside of 0 to 100 %");
    let label = NewLine { fixed_gross: Some(eur(889)), ..line(3, 1299, "0.684", 600) };
    let mut with_label = ticket(PriceMode::Inclusive, &[label]);
    assert_eq!(with_label.totals().unwrap().total, eur(889));
    assert_eq!(with_label.set_quantity(1, quantity("1")), Err(TicketError::LineFixed { line: 1 }));
    assert_eq!(with_label.override_price(1, eur(1)), Err(TicketError::LineFixed { line: 1 }));
}

#[test]
fn what_is_no_longer_sold_is_refused_by_name() {
    let product = product(1, 250, Unit::Piece);
    assert_eq!(check_active(&product), Ok(()));
    let gone = check_active(&Product { active: false, ..product }).unwrap_err();
    assert_eq!(gone.to_string(), "Product 1 is no longer sold");
}

#[test]
fn a_ticket_takes_a_thousand_lines() {
    let mut ticket = ticket(PriceMode::Inclusive, &[]);
    let absurd = i32::try_from(QUANTITY_MAX / 1000).unwrap();
    let most = NewLine {
        note: "own line".to_owned(),
        quantity: Quantity::pieces(absurd),
        ..line(1, crate::catalog::PRICE_MINOR_MAX, "1", 2100)
    };
    for _ in 0..LINES_MAX {
        ticket.add_line(most.clone()).unwrap();
    }
    assert_eq!(ticket.add_line(most), Err(TicketError::TooManyLines));
    assert!(ticket.totals().is_ok(), "the limits together still fit into 64 bits");
}

#[test]
fn goods_that_come_back_take_no_ticket_discount() {
    let mut ticket = ticket(PriceMode::Inclusive, &[line(1, 1000, "1", 2100), line(2, 300, "-1", 2100)]);
    ticket.set_discount(Some(Discount::Percent(1000))).unwrap();
    let totals = ticket.totals().unwrap();
    let parts: Vec<i64> = totals.lines.iter().map(|line| line.ticket_discount.minor).collect();
    assert_eq!((parts, totals.total), (vec![100, 0], eur(600)));
}

#[test]
fn totals_that_were_changed_are_noticed() {
    fn check(edit: impl FnOnce(&mut Totals), expected: &str) {
        let mut ticket = ticket(PriceMode::Inclusive, &[line(1, 1000, "1", 2100), line(2, 300, "1", 600)]);
        ticket.set_discount(Some(Discount::Percent(1000))).unwrap();
        let mut totals = ticket.totals().unwrap();
        edit(&mut totals);
        assert_eq!(totals.check().map_err(|e| e.to_string()).err().unwrap_or_default(), expected);
    }
    let does_not = "the totals do not add up: ";
    check(|_| {}, "");
    check(|t| t.lines[0].net = eur(901), &format!("{does_not}a line is 9.01 EUR and should be 9.00 EUR"));
    check(
        |t| t.line_discount = eur(1),
        &format!("{does_not}the sum of line discounts is 0.01 EUR and should be 0.00 EUR"),
    );
    check(|t| t.ticket_discount = eur(1), &format!("{does_not}the ticket discount is 0.01 EUR and should be 1.30 EUR"));
    check(|t| t.subtotal = eur(1), &format!("{does_not}the subtotal is 0.01 EUR and should be 13.00 EUR"));
    check(|t| t.net = eur(1), &format!("{does_not}the net is 0.01 EUR and should be 11.70 EUR"));
    check(|t| t.total = eur(1), &format!("{does_not}the total is 0.01 EUR and should be 11.70 EUR"));
    check(|t| t.vat_total = eur(1), &format!("{does_not}the VAT is 0.01 EUR and should be 1.71 EUR"));
    check(|t| t.vat[0].amount = eur(1), "the VAT table is not that of the lines");
    check(|t| t.vat.truncate(1), "the VAT table is not that of the lines");
}
