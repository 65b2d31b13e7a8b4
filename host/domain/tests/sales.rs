//! What a committed sale must add up to, and its receipt.
#![allow(clippy::unwrap_used)]

mod fixture;

use aurapos_domain::ids::*;
use aurapos_domain::journal::Hash;
use aurapos_domain::money::{Currency, Money, Quantity};
use aurapos_domain::receipt::{ReceiptCopy, ReceiptFacts, ShopFacts};
use aurapos_domain::sale::{CommittedSale, PerpetualTotals, SaleError, TenderDetail};
use aurapos_domain::tax::PriceMode;
use aurapos_domain::tender::{Due, TenderKind, settle};
use aurapos_domain::ticket::Ticket;
use fixture::eur;

#[test]
fn a_sale_that_was_changed_is_noticed() {
    fn check(edit: impl FnOnce(&mut CommittedSale), expected: &str) {
        let mut sale = fixture::sale();
        edit(&mut sale);
        assert_eq!(sale.check().map_err(|e| e.to_string()).err().unwrap_or_default(), expected);
    }
    let add = "the totals do not add up: ";
    check(|_| {}, "");
    check(|s| s.lines[0].gross.minor += 1, "line 1 makes 9.99 EUR and should make 9.98 EUR");
    check(|s| s.lines[1].quantity = Quantity::ONE, "line 2 makes 8.89 EUR and should make 12.99 EUR");
    check(|s| s.lines[0].net.minor += 1, &format!("{add}a line is 8.78 EUR and should be 8.77 EUR"));
    check(|s| s.lines[0].number = 2, "the lines are not numbered 1, 2, 3");
    check(|s| s.lines.clear(), "there is nothing on the ticket");
    check(|s| s.subtotal.minor += 1, &format!("{add}the subtotal is 42.83 EUR and should be 42.82 EUR"));
    check(|s| s.vat[0].amount.minor += 1, "the VAT table is not that of the lines");
    check(|s| s.lines[2].rate_bp = 600, "the VAT table is not that of the lines");
    check(|s| s.total.minor += 1, &format!("{add}the total is 41.83 EUR and should be 41.82 EUR"));
    check(|s| s.rounding.minor += 1, &format!("{add}what was paid is 41.80 EUR and should be 41.81 EUR"));
    check(|s| s.change.minor += 5, &format!("{add}the change is 28.25 EUR and should be 28.20 EUR"));
    check(|s| s.tenders[1].change.minor += 5, &format!("{add}a tender is 50.00 EUR and should be 50.05 EUR"));
    check(|s| s.tenders[1].applied = Money::new(2180, Currency::USD), "USD and EUR cannot be put together");
}

#[test]
fn lifetime_totals_continue() {
    let before = PerpetualTotals { sales_count: 41, grand_total_minor: 1_234_567, refunds_minor: 890 };
    let sale = fixture::sale();
    assert_eq!(sale.check_follows(before), Ok(()));
    assert_eq!(sale.check_follows(PerpetualTotals::default()), Err(SaleError::Perpetual));
    let after = sale.perpetual.after(fixture::refund().total).unwrap();
    assert_eq!(
        after,
        PerpetualTotals { sales_count: 43, grand_total_minor: 1_234_567 + 4182 - 439, refunds_minor: 890 + 439 }
    );
}

#[test]
fn what_is_not_paid_is_not_committed() {
    let mut ticket = Ticket::new(TicketId::from_bytes([1; 16]), Currency::EUR, PriceMode::Inclusive);
    let due = |minor| Due { total: eur(minor), food: eur(0), part_of: None };
    let header = || fixture::header(1, "R1-1-000001", aurapos_domain::sale::SaleKind::Sale);
    let none = PerpetualTotals::default();
    let nothing = settle(due(0), fixture::BELGIAN, &[]).unwrap();
    assert_eq!(CommittedSale::build(header(), &ticket, &nothing, &[], none), Err(SaleError::Empty));
    ticket.add_line(fixture::line(1, "1", "Bread", aurapos_domain::catalog::Unit::Piece, "1", 285, 600)).unwrap();
    let open = settle(due(285), fixture::BELGIAN, &[]).unwrap();
    let refused = CommittedSale::build(header(), &ticket, &open, &[], none).unwrap_err();
    assert_eq!(refused.to_string(), "2.85 EUR is still to be paid");
    let refused = CommittedSale::build(header(), &ticket, &nothing, &[], none).unwrap_err();
    assert_eq!(refused.to_string(), "0.00 EUR was settled, the ticket makes 2.85 EUR");
    let paid = [aurapos_domain::tender::Tender { kind: TenderKind::Cash, amount: eur(285) }];
    let paid = settle(due(285), fixture::BELGIAN, &paid).unwrap();
    let detail = TenderDetail { provider: "cash".to_owned(), reference: String::new() };
    assert!(CommittedSale::build(header(), &ticket, &paid, &[], none).is_err());
    assert!(CommittedSale::build(header(), &ticket, &paid, &[detail], none).is_ok());
}

#[test]
fn a_receipt_says_what_was_committed() {
    let sale = fixture::sale();
    let shop = ShopFacts { name: "Bij Mia".to_owned(), ..ShopFacts::default() };
    let facts = ReceiptFacts::new(&sale, &shop, &Hash::of(b"entry"), ReceiptCopy::Duplicate).unwrap();
    assert_eq!((facts.number.to_string().as_str(), facts.copy), ("R1-1-000042", ReceiptCopy::Duplicate));
    assert_eq!((facts.time.hour, facts.time.minute, facts.time.date.to_string().as_str()), (14, 56, "2026-11-22"));
    assert_eq!((facts.total, facts.rounding, facts.to_pay, facts.change), (eur(4182), eur(-2), eur(4180), eur(2820)));
    assert_eq!((facts.lines.len(), facts.vat.len(), facts.tenders.len()), (3, 2, 2));
    assert_eq!(facts.journal_hash.len(), 8);
    let refund = ReceiptFacts::new(&fixture::refund(), &shop, &Hash::ZERO, ReceiptCopy::Original).unwrap();
    assert_eq!(refund.origin.map(|number| number.to_string()).as_deref(), Some("R1-1-000042"));
}
