//! Laws of money that hold for every sale, tried on many.
#![allow(clippy::unwrap_used)]

mod fixture;

use aurapos_domain::catalog::Unit;
use aurapos_domain::ids::{ReceiptNumber, TicketId};
use aurapos_domain::money::{Currency, Money, Quantity, div_half_away};
use aurapos_domain::pricing::{Discount, spread_largest_remainder};
use aurapos_domain::sale::{PerpetualTotals, SaleKind, decode, encode};
use aurapos_domain::tax::PriceMode;
use aurapos_domain::tender::{
    Due, PartOf, PaymentAnswer, PaymentRequest, RoundingRule, RoundingScope, Tender, TenderKind, check_answer,
    refund_part, settle,
};
use aurapos_domain::ticket::{NewLine, Ticket};
use fixture::{BELGIAN, eur};
use proptest::prelude::*;

fn any_line() -> impl Strategy<Value = NewLine> {
    let quantity = prop_oneof![(1_i64..20).prop_map(|n| n * 1000), (-5_i64..0).prop_map(|n| n * 1000)];
    let rate = prop_oneof![Just(2100), Just(1200), Just(600), Just(0), 0_i64..10_000];
    let discount = prop_oneof![Just(None), (0_i64..=10_000).prop_map(|bp| Some(Discount::Percent(bp)))];
    (1_u8..9, quantity, 0_i64..50_000, rate, discount, any::<bool>(), 1_i64..999).prop_map(
        |(product, thousandths, price, rate_bp, discount, by_weight, grams)| {
            let unit = if by_weight { Unit::Kilogram } else { Unit::Piece };
            let thousandths = if by_weight { grams } else { thousandths };
            let line = fixture::line(product, "sku", "Product", unit, "1", price, rate_bp);
            NewLine { quantity: Quantity::from_thousandths(thousandths), discount, ..line }
        },
    )
}

fn any_ticket() -> impl Strategy<Value = Ticket> {
    let mode = prop_oneof![Just(PriceMode::Inclusive), Just(PriceMode::Exclusive)];
    (mode, prop::collection::vec(any_line(), 1..12), prop::option::of(0_i64..=10_000)).prop_map(|(mode, lines, bp)| {
        let mut ticket = Ticket::new(TicketId::from_bytes([1; 16]), Currency::EUR, mode);
        for line in lines {
            ticket.add_line(line).unwrap();
        }
        ticket.set_discount(bp.map(Discount::Percent)).unwrap();
        ticket
    })
}

fn any_rule() -> impl Strategy<Value = RoundingRule> {
    let all = RoundingRule { scope: RoundingScope::AllTenders, ..BELGIAN };
    prop_oneof![Just(BELGIAN), Just(all), Just(RoundingRule::NONE)]
}

fn sign(minor: i64, total: i64) -> bool {
    minor == 0 || (minor < 0) == (total < 0)
}

proptest! {
    #[test]
    fn rounding_is_symmetric_and_at_most_half_off(n in any::<i64>(), d in 1_i64..1_000_000) {
        let (n, d) = (i128::from(n), i128::from(d));
        let q = div_half_away(n, d);
        prop_assert_eq!(div_half_away(-n, d), -q);
        prop_assert!(2 * (q * d - n).abs() <= d);
        prop_assert!((q * d - n).abs() * 2 < d || q.abs() * d > n.abs(), "a half goes away from zero");
    }

    #[test]
    fn decimals_there_and_back(minor in any::<i64>(), code in prop_oneof![Just("EUR"), Just("JPY"), Just("KWD")]) {
        let money = Money::new(minor, Currency::from_code(code).unwrap());
        prop_assert_eq!(Money::parse(&money.to_decimal(), money.currency), Ok(money));
        let quantity = Quantity::from_thousandths(minor);
        prop_assert_eq!(Quantity::parse(&quantity.to_string()), Ok(quantity));
    }

    #[test]
    fn no_text_makes_parsing_panic(text in "\\PC{0,24}") {
        let _ = Money::parse(&text, Currency::EUR);
        let _ = Quantity::parse(&text);
        let _ = ReceiptNumber::parse(&text);
        let _ = aurapos_domain::barcode::Barcode::parse(&text);
        let _ = aurapos_domain::calendar::Date::parse(&text);
        let _ = aurapos_domain::country::VatNumberRule::Belgium.normalise(&text);
        let _ = aurapos_domain::catalog::Colour::parse(&text);
        let _ = aurapos_domain::journal::Hash::parse(&text);
    }

    #[test]
    fn no_bytes_make_decoding_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..400), flip in any::<prop::sample::Index>()) {
        let _ = decode(&bytes);
        let golden = encode(&fixture::sale()).unwrap();
        let at = flip.index(golden.len());
        bytes.truncate(8);
        let patched: Vec<u8> = golden[..at].iter().chain(&bytes).chain(golden[at..].iter().skip(bytes.len())).copied().collect();
        if let Ok(sale) = decode(&patched) {
            let _ = sale.check();
            prop_assert_eq!(encode(&sale).unwrap(), patched, "one value has one form");
        }
    }

    #[test]
    fn largest_remainder_adds_up(weights in prop::collection::vec(0_i64..1_000_000, 1..40), share in 0_i64..=10_000) {
        let sum: i64 = weights.iter().sum();
        prop_assume!(sum > 0);
        let total = sum * share / 10_000;
        let parts = spread_largest_remainder(total, &weights).unwrap();
        prop_assert_eq!(parts.iter().sum::<i64>(), total);
        for (part, weight) in parts.iter().zip(&weights) {
            let exact = i128::from(total) * i128::from(*weight);
            prop_assert!((i128::from(*part) * i128::from(sum) - exact).abs() < i128::from(sum), "within a cent of its share");
            prop_assert!(part <= weight);
        }
    }

    #[test]
    fn totals_add_up(ticket in any_ticket()) {
        let totals = ticket.totals().unwrap();
        prop_assert_eq!(totals.check(), Ok(()));
        let nets: i64 = totals.lines.iter().map(|line| line.net.minor).sum();
        let vat: i64 = totals.vat.iter().map(|row| row.amount.minor).sum();
        let bases: i64 = totals.vat.iter().map(|row| row.base.minor).sum();
        prop_assert_eq!(bases + vat, totals.total.minor);
        prop_assert_eq!(totals.total.minor, if ticket.mode() == PriceMode::Inclusive { nets } else { nets + vat });
        for row in &totals.vat {
            // The exact tax is within half a cent.
            let exact = i128::from(row.base.minor + row.amount.minor) * i128::from(row.rate_bp);
            let off = i128::from(row.amount.minor) * i128::from(10_000 + row.rate_bp) - exact;
            prop_assert!(2 * off.abs() <= i128::from(10_000 + row.rate_bp), "{:?}", row);
        }
    }

    #[test]
    fn refunds_of_parts_make_the_whole(amount in -1_000_000_i64..1_000_000, parts in prop::collection::vec(1_i64..5000, 1..12)) {
        let (mut left, mut quantity) = (eur(amount), Quantity::from_thousandths(parts.iter().sum()));
        let mut sum = 0;
        for part in parts {
            let part = Quantity::from_thousandths(part);
            let back = refund_part(left, quantity, part).unwrap();
            prop_assert!(sign(back.minor, amount) && back.minor.abs() <= left.minor.abs());
            left = left.checked_sub(back).unwrap();
            quantity = quantity.checked_sub(part).unwrap();
            sum += back.minor;
        }
        prop_assert_eq!((sum, left.minor, quantity), (amount, 0, Quantity::ZERO));
    }

    #[test]
    fn settling_conserves_money(
        rule in any_rule(),
        total in -20_000_i64..20_000,
        kinds in prop::collection::vec((0_usize..TenderKind::ALL.len(), 0_i64..12_000), 0..6),
    ) {
        let tenders: Vec<Tender> = kinds
            .iter()
            .map(|(kind, minor)| Tender { kind: TenderKind::ALL[*kind], amount: eur(minor * total.signum()) })
            .collect();
        let due = Due { total: eur(total), food: eur(total.max(0) / 2), part_of: None };
        let Ok(s) = settle(due, rule, &tenders) else { return Ok(()) };
        let sum = |f: fn(&aurapos_domain::tender::TenderPart) -> i64| s.parts.iter().map(f).sum::<i64>();
        for part in &s.parts {
            prop_assert_eq!(part.applied.minor + part.change.minor, part.tendered.minor);
            prop_assert!(part.change.is_zero() || part.kind == TenderKind::Cash);
            prop_assert!(part.change.minor >= 0);
        }
        if s.settled {
            prop_assert_eq!(sum(|p| p.applied.minor), total + s.rounding.minor);
            prop_assert_eq!(sum(|p| p.change.minor), s.change.minor);
            prop_assert!(s.rounding.minor.abs() <= 2);
            let cash = s.parts.iter().any(|p| p.kind == TenderKind::Cash);
            prop_assert!(s.rounding.is_zero() || rule.scope == RoundingScope::AllTenders || cash, "only cash is rounded");
            prop_assert!(rule.scope != RoundingScope::Never || s.rounding.is_zero());
        } else {
            prop_assert!(s.rounding.is_zero() && s.change.is_zero());
            prop_assert!(sign(s.remaining_cash.minor, total) && sign(s.remaining_other.minor, total));
        }
    }

    /// The parts of a sale that come back in cash are rounded as one sum.
    #[test]
    fn parts_are_rounded_as_the_whole(
        parts in prop::collection::vec(0_i64..400, 1..12),
        step_minor in prop::sample::select(vec![1_i64, 5, 10, 50]),
        scope in prop::sample::select(vec![RoundingScope::CashPart, RoundingScope::AllTenders]),
    ) {
        let rule = RoundingRule { scope, step_minor, total_over_minor: 5 };
        let total: i64 = parts.iter().sum();
        let (mut given, mut rounding) = (0, 0);
        for part in parts {
            let part_of = Some(PartOf { total: eur(total), rounding: eur(rounding) });
            let due = Due { total: eur(-part), food: eur(0), part_of };
            let open = settle(due, rule, &[]).unwrap();
            let cash = Tender { kind: TenderKind::Cash, amount: open.remaining_cash };
            let done = settle(due, rule, &[cash]).unwrap();
            prop_assert!(done.settled);
            rounding += done.rounding.minor;
            let back = part - done.rounding.minor;
            prop_assert!(back >= 0, "nobody pays for what comes back: {back}");
            given += back;
            prop_assert!(given <= eur(total).rounded_to(step_minor).unwrap().minor.max(total.min(5)), "{given} of {total}");
        }
        let whole = if total <= 5 { total } else { eur(total).rounded_to(step_minor).unwrap().minor };
        prop_assert_eq!(given, whole);
    }

    #[test]
    fn paying_what_remains_settles(rule in any_rule(), total in -20_000_i64..20_000, first in 0_i64..20_000, cash in any::<bool>()) {
        let due = Due { total: eur(total), food: eur(0), part_of: None };
        let mut tenders = Vec::new();
        if first > 0 && first <= total.abs() - 5 {
            tenders.push(Tender { kind: TenderKind::Card, amount: eur(first * total.signum()) });
        }
        let open = settle(due, rule, &tenders).unwrap();
        if !open.settled {
            let (kind, amount) = if cash { (TenderKind::Cash, open.remaining_cash) } else { (TenderKind::Card, open.remaining_other) };
            tenders.push(Tender { kind, amount });
            let request = PaymentRequest { kind, due: amount, tendered: amount };
            prop_assert_eq!(check_answer(request, PaymentAnswer { approved: amount, change: eur(0) }), Ok(()));
        }
        let done = settle(due, rule, &tenders).unwrap();
        prop_assert!(done.settled && done.change.is_zero());
    }

    #[test]
    fn committed_sales_there_and_back(ticket in any_ticket()) {
        let total = ticket.totals().unwrap().total;
        let cash = total.rounded_to(5).unwrap();
        let cash = if total.minor.abs() <= 5 { total } else { cash };
        let kind = if total.is_negative() { SaleKind::Refund } else { SaleKind::Sale };
        let tenders: &[_] = &[(TenderKind::Cash, cash.minor, "cash", "")];
        let tenders = if total.is_zero() { &tenders[..0] } else { tenders };
        let sale = fixture::commit(fixture::header(1, "R1-1-000001", kind), &ticket, BELGIAN, tenders, PerpetualTotals::default());
        prop_assert_eq!(sale.check(), Ok(()));
        prop_assert_eq!(decode(&encode(&sale).unwrap()), Ok(sale));
    }
}
