//! Everything that came back, in however many parts, is everything that was sold: of each rate the base, the tax and the
//! amount. Also when the first parts were computed as earlier programs did.
#![allow(clippy::unwrap_used)]

mod fixture;

use std::collections::BTreeMap;

use aurapos_domain::catalog::Unit;
use aurapos_domain::ids::{SaleId, TicketId};
use aurapos_domain::money::{Currency, Money, Quantity};
use aurapos_domain::pricing::Discount;
use aurapos_domain::sale::{
    CommittedSale, PerpetualTotals, SaleError, SaleHeader, SaleKind, SaleOrigin, decode, encode,
};
use aurapos_domain::tax::{PriceMode, VatRow, vat_left};
use aurapos_domain::tender::{RoundingRule, TenderKind, refund_part};
use aurapos_domain::ticket::{LineOrigin, NewLine, Ticket};
use fixture::{BELGIAN, eur};
use proptest::prelude::*;

/// Which rule taxes a part.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Rule {
    /// Of earlier programs: the lines by themselves.
    Alone,
    /// As a part of the sale.
    OfTheSale,
}

/// A sale of which parts come back.
struct Sold {
    sale: CommittedSale,
    rounding: RoundingRule,
    left: BTreeMap<u32, (Quantity, Money)>,
    back: Vec<CommittedSale>,
}

fn committed(ticket: &Ticket, header: SaleHeader, rule: RoundingRule) -> CommittedSale {
    let total = ticket.totals().unwrap().total;
    let cash = if rule.step_minor > 1 && total.minor.abs() > 5 { total.rounded_to(5).unwrap() } else { total };
    let tender = [(TenderKind::Cash, cash.minor, "cash", "")];
    let tenders = if total.is_zero() { &[][..] } else { &tender[..] };
    fixture::commit(header, ticket, rule, tenders, PerpetualTotals::default())
}

impl Sold {
    fn of(ticket: &Ticket, rounding: RoundingRule) -> Sold {
        let sale = committed(ticket, fixture::header(1, "R1-1-000001", SaleKind::Sale), rounding);
        let left = sale.lines.iter().map(|line| (line.number, (line.quantity, line.net))).collect();
        Sold { sale, rounding, left, back: Vec::new() }
    }

    fn vat_left(&self) -> Vec<VatRow> {
        vat_left(&self.sale.vat, self.back.iter().flat_map(|refund| &refund.vat)).unwrap()
    }

    /// These parts of lines come back, as one refund.
    fn give_back(&mut self, parts: &[(u32, Quantity)], rule: Rule) {
        let sale = self.sale.header.id;
        let mut ticket = Ticket::new(TicketId::from_bytes([2; 16]), Currency::EUR, self.sale.price_mode);
        for (number, quantity) in parts {
            let line = self.sale.lines.iter().find(|line| line.number == *number).unwrap();
            let left = self.left.get_mut(number).unwrap();
            let amount = refund_part(left.1, left.0, *quantity).unwrap();
            *left = (left.0.checked_sub(*quantity).unwrap(), left.1.checked_sub(amount).unwrap());
            let price = line.unit_price.minor;
            let of_product = fixture::line(7, &line.sku, &line.name, line.unit, "1", price, line.rate_bp);
            let back = NewLine {
                quantity: quantity.checked_neg().unwrap(),
                fixed_gross: Some(amount.checked_neg().unwrap()),
                origin: Some(LineOrigin { sale, line: *number }),
                ..of_product
            };
            ticket.add_line(back).unwrap();
        }
        if rule == Rule::OfTheSale {
            ticket.set_vat_left(self.vat_left());
        }
        let origin = Some(SaleOrigin { sale, number: self.sale.header.number.clone() });
        let header = SaleHeader { origin, ..fixture::header(2, "R1-1-000002", SaleKind::Refund) };
        let refund = committed(&ticket, header, self.rounding);
        assert_eq!(refund.check(), Ok(()));
        assert_eq!(decode(&encode(&refund).unwrap()).as_ref(), Ok(&refund));
        self.back.push(refund);
    }

    /// What is left of each rate: base, tax, amount.
    fn rest(&self) -> Vec<(i64, i64, i64, i64)> {
        let rows = self.vat_left();
        rows.iter().map(|row| (row.rate_bp, row.base.minor, row.amount.minor, row.gross.minor)).collect()
    }

    fn all_left(&self) -> Vec<(u32, Quantity)> {
        self.left.iter().filter(|(_, left)| !left.0.is_zero()).map(|(line, left)| (*line, left.0)).collect()
    }
}

fn ticket_of(mode: PriceMode, lines: Vec<NewLine>, discount_bp: i64) -> Ticket {
    let mut ticket = Ticket::new(TicketId::from_bytes([1; 16]), Currency::EUR, mode);
    for line in lines {
        ticket.add_line(line).unwrap();
    }
    ticket.set_discount((discount_bp > 0).then_some(Discount::Percent(discount_bp))).unwrap();
    ticket
}

#[test]
fn two_halves_are_the_whole_under_every_rule_before() {
    let one = Quantity::ONE;
    for (rules, rest) in [
        ([Rule::Alone, Rule::Alone], [(2100, -1, 1, 0)]),
        ([Rule::Alone, Rule::OfTheSale], [(2100, 0, 0, 0)]),
        ([Rule::OfTheSale, Rule::OfTheSale], [(2100, 0, 0, 0)]),
    ] {
        let line = fixture::line(1, "1", "Candle", Unit::Piece, "2", 360, 2100);
        let mut sold = Sold::of(&ticket_of(PriceMode::Inclusive, vec![line], 0), BELGIAN);
        for rule in rules {
            sold.give_back(&[(1, one)], rule);
        }
        assert_eq!(sold.rest(), rest, "{rules:?}");
    }
}

/// Nothing is left of an amount, and the tax of earlier parts still is: pieces that cost nothing any more settle it.
#[test]
fn a_last_piece_for_nothing_settles_the_tax() {
    let line = fixture::line(1, "1", "Candle", Unit::Piece, "3", 240, 2100);
    let mut sold = Sold::of(&ticket_of(PriceMode::Inclusive, vec![line], 0), BELGIAN);
    sold.give_back(&[(1, Quantity::ONE)], Rule::Alone);
    sold.give_back(&[(1, Quantity::ONE)], Rule::Alone);
    let left = sold.left.get_mut(&1).unwrap();
    let amount = std::mem::replace(&mut left.1, eur(0));
    sold.sale.vat[0].gross = sold.sale.vat[0].gross.checked_sub(amount).unwrap();
    sold.sale.vat[0].base = sold.sale.vat[0].base.checked_sub(amount).unwrap();
    assert_ne!(sold.rest(), [(2100, 0, 0, 0)]);
    sold.give_back(&sold.all_left(), Rule::OfTheSale);
    assert_eq!(sold.rest(), [(2100, 0, 0, 0)]);
}

#[test]
fn a_refund_whose_tax_was_changed_is_noticed() {
    type Edit = fn(&mut CommittedSale);
    let cases: [(Edit, &str); 5] = [
        (|_| {}, ""),
        (|refund| refund.vat_left[0].amount.minor += 1, "the VAT table is not that of the lines"),
        (|refund| refund.vat_left.push(refund.vat_left[0]), "the VAT table is not that of the lines"),
        (|refund| refund.vat_left[0].rate_bp = 700, "nothing was taxed with 6 % that could be given back"),
        (|refund| refund.header.origin = None, "it is taxed as a part of a sale that it does not name"),
    ];
    for (edit, expected) in cases {
        let mut refund = fixture::refund_of_part();
        edit(&mut refund);
        assert_eq!(refund.check().map_err(|error| error.to_string()).err().unwrap_or_default(), expected);
    }
    let mut sale = fixture::refund_of_part();
    sale.header.origin = Some(SaleOrigin { sale: SaleId::from_bytes([9; 16]), number: sale.header.number.clone() });
    assert_eq!(sale.check(), Ok::<(), SaleError>(()));
}

fn any_line() -> impl Strategy<Value = NewLine> {
    let rate = prop_oneof![Just(2100), Just(1200), Just(600), Just(0), 0_i64..10_000];
    let discount = prop_oneof![Just(None), (0_i64..=10_000).prop_map(|bp| Some(Discount::Percent(bp)))];
    (1_u8..9, 1_i64..6, 1_i64..4000, 0_i64..2_000, rate, discount, any::<bool>()).prop_map(
        |(product, pieces, grams, price, rate_bp, discount, by_weight)| {
            let (unit, thousandths) = if by_weight { (Unit::Kilogram, grams) } else { (Unit::Piece, pieces * 1000) };
            let line = fixture::line(product, "sku", "Product", unit, "1", price, rate_bp);
            NewLine { quantity: Quantity::from_thousandths(thousandths), discount, ..line }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_parts_are_the_whole(
        exclusive in any::<bool>(),
        lines in prop::collection::vec(any_line(), 1..6),
        discount_bp in prop_oneof![Just(0_i64), 1_i64..=10_000],
        cash_rounded in any::<bool>(),
        picks in prop::collection::vec((any::<prop::sample::Index>(), 1_i64..=1000, any::<bool>(), 0_u8..4), 0..12),
    ) {
        let mode = if exclusive { PriceMode::Exclusive } else { PriceMode::Inclusive };
        let rounding = if cash_rounded { BELGIAN } else { RoundingRule::NONE };
        let mut sold = Sold::of(&ticket_of(mode, lines, discount_bp), rounding);
        let mut early = true;
        for (which, share, two, old) in picks {
            let left = sold.all_left();
            if left.is_empty() {
                break;
            }
            let part = |(line, left): (u32, Quantity)| {
                let unit = sold.sale.lines.iter().find(|sold| sold.number == line).unwrap().unit;
                let step = if unit == Unit::Piece { 1000 } else { 1 };
                let steps = (left.thousandths() / step * share / 1000).max(1);
                (line, Quantity::from_thousandths(steps * step))
            };
            let at = which.index(left.len());
            let mut parts = vec![part(left[at])];
            if two && left.len() > 1 {
                parts.push(part(left[(at + 1) % left.len()]));
            }
            // Earlier programs come before this one.
            early &= old == 0;
            sold.give_back(&parts, if early { Rule::Alone } else { Rule::OfTheSale });
        }
        let rest = sold.all_left();
        if !rest.is_empty() {
            sold.give_back(&rest, Rule::OfTheSale);
        } else if early {
            // Nothing is left for this program to settle.
            return Ok(());
        }
        for (rate, base, tax, gross) in sold.rest() {
            prop_assert_eq!((base, tax, gross), (0, 0, 0), "{} basis points", rate);
        }
        let total: i64 = sold.back.iter().map(|refund| refund.total.minor).sum();
        prop_assert_eq!(total, -sold.sale.total.minor);
    }
}

/// Earlier programs gave all of one rate back and left its tax behind: the refund of the other rate settles it too.
#[test]
fn tax_that_was_left_behind_is_settled_by_whatever_comes_back_next() {
    let candles = fixture::line(1, "1", "Candle", Unit::Piece, "2", 389, 1200);
    let stamps = fixture::line(2, "2", "Stamp", Unit::Piece, "1", 100, 0);
    let mut sold = Sold::of(&ticket_of(PriceMode::Inclusive, vec![candles, stamps], 0), BELGIAN);
    sold.give_back(&[(1, Quantity::ONE)], Rule::Alone);
    sold.give_back(&[(1, Quantity::ONE)], Rule::Alone);
    assert_eq!(sold.rest()[0], (1200, 1, -1, 0));
    sold.give_back(&[(2, Quantity::ONE)], Rule::OfTheSale);
    assert_eq!(sold.rest(), [(1200, 0, 0, 0), (0, 0, 0, 0)]);
}
