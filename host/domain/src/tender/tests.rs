//! Settling, rounding and change as tables; answers of lying payment plugins; refunds.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::money::Quantity;
use TenderKind::{Card, Cash, GiftVoucher, MealVoucher};

const BELGIAN: RoundingRule = RoundingRule { scope: RoundingScope::CashPart, step_minor: 5, total_over_minor: 5 };
const ALL: RoundingRule = RoundingRule { scope: RoundingScope::AllTenders, ..BELGIAN };

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

fn try_settle(rule: RoundingRule, total: i64, tenders: &[(TenderKind, i64)]) -> Result<Settlement, TenderError> {
    let due = Due { total: eur(total), food: eur(total.max(0)), part_of: None };
    let tenders: Vec<Tender> =
        tenders.iter().map(|(kind, minor)| Tender { kind: *kind, amount: eur(*minor) }).collect();
    settle(due, rule, &tenders)
}

#[test]
fn settled_sales() {
    fn check(rule: RoundingRule, total: i64, tenders: &[(TenderKind, i64)], rounding: i64, change: i64) {
        let settled = try_settle(rule, total, tenders).unwrap();
        assert!(settled.settled, "{total} {tenders:?}: {settled:?}");
        assert_eq!((settled.rounding.minor, settled.change.minor), (rounding, change), "{total} {tenders:?}");
        assert_eq!(settled.applied().unwrap().minor, total + rounding);
    }
    // Cash is rounded to five cents.
    check(BELGIAN, 1897, &[(Cash, 2000)], -2, 105);
    check(BELGIAN, 1898, &[(Cash, 2000)], 2, 100);
    check(BELGIAN, 1898, &[(Cash, 1900)], 2, 0);
    check(BELGIAN, 1900, &[(Cash, 1000), (Cash, 1000)], 0, 100);
    // Totals up to five cents are not.
    check(BELGIAN, 3, &[(Cash, 3)], 0, 0);
    check(BELGIAN, 5, &[(Cash, 5)], 0, 0);
    check(BELGIAN, 6, &[(Cash, 5)], -1, 0);
    // A card pays the exact amount, and only the part in cash is rounded.
    check(BELGIAN, 1898, &[(Card, 1898)], 0, 0);
    check(BELGIAN, 1898, &[(Card, 1000), (Cash, 900)], 2, 0);
    check(BELGIAN, 1898, &[(Cash, 900), (Card, 998)], 0, 0);
    check(BELGIAN, 1898, &[(Cash, 1000), (Card, 898)], 0, 0);
    // Vouchers are never rounded.
    check(BELGIAN, 1898, &[(MealVoucher, 1898)], 0, 0);
    check(BELGIAN, 1898, &[(GiftVoucher, 1000), (Cash, 1000)], 2, 100);
    check(ALL, 1898, &[(GiftVoucher, 1898)], 0, 0);
    // A shop may round all tenders but vouchers.
    check(ALL, 1898, &[(Card, 1900)], 2, 0);
    check(ALL, 1897, &[(Card, 1895)], -2, 0);
    check(ALL, 1898, &[(GiftVoucher, 1001), (Card, 895)], -2, 0);
    check(ALL, 1898, &[(Card, 1000), (Cash, 1000)], 2, 100);
    // No rounding in other countries, nor for business customers.
    check(RoundingRule::NONE, 1898, &[(Cash, 2000)], 0, 102);
    check(BELGIAN.for_business_customer(), 1898, &[(Cash, 1898)], 0, 0);
    // A remainder that rounds to nothing is forgiven to who pays in cash.
    check(BELGIAN, 1002, &[(Card, 1000), (Cash, 0)], -2, 0);
    // Nothing to pay, and money back.
    check(BELGIAN, 0, &[], 0, 0);
    check(BELGIAN, -1898, &[(Cash, -1900)], -2, 0);
    check(BELGIAN, -1897, &[(Cash, -1895)], 2, 0);
    check(BELGIAN, -1898, &[(Card, -1898)], 0, 0);
    check(BELGIAN, -1898, &[(Card, -1000), (Cash, -900)], -2, 0);
}

#[test]
fn sales_with_something_left_to_pay() {
    fn check(rule: RoundingRule, total: i64, tenders: &[(TenderKind, i64)], cash: i64, other: i64, voucher: i64) {
        let open = try_settle(rule, total, tenders).unwrap();
        assert!(!open.settled, "{total} {tenders:?}");
        assert_eq!((open.rounding.minor, open.change.minor), (0, 0));
        let remaining = (open.remaining_cash.minor, open.remaining_other.minor, open.remaining_voucher.minor);
        assert_eq!(remaining, (cash, other, voucher), "{total} {tenders:?}");
    }
    check(BELGIAN, 1898, &[], 1900, 1898, 1898);
    check(BELGIAN, 1898, &[(Cash, 1000)], 900, 898, 898);
    check(BELGIAN, 1898, &[(Card, 1000)], 900, 898, 898);
    check(BELGIAN, 1002, &[(Card, 1000)], 0, 2, 2);
    check(BELGIAN, 1898, &[(MealVoucher, 800)], 1100, 1098, 1098);
    check(ALL, 1898, &[], 1900, 1900, 1898);
    check(ALL, 1898, &[(Card, 1898)], 2, 2, 0);
    check(BELGIAN, -1898, &[], -1900, -1898, -1898);
    check(BELGIAN, -1898, &[(Cash, -1000)], -900, -898, -898);
}

#[test]
fn tenders_that_are_refused() {
    fn check(total: i64, tenders: &[(TenderKind, i64)], expected: &str) {
        assert_eq!(try_settle(BELGIAN, total, tenders).unwrap_err().to_string(), expected);
    }
    check(1000, &[(Card, 1001)], "Card pays 10.01 EUR, more than the 10.00 EUR that is due; only cash gives change");
    check(
        1000,
        &[(GiftVoucher, 1500)],
        "GiftVoucher pays 15.00 EUR, more than the 10.00 EUR that is due; only cash gives change",
    );
    check(
        1000,
        &[(GiftVoucher, 500), (Card, 501)],
        "Card pays 5.01 EUR, more than the 5.00 EUR that is due; only cash gives change",
    );
    check(1000, &[(Card, 1000), (Cash, 500)], "nothing is left to be paid in cash");
    check(1000, &[(Cash, -500)], "a tender of -5.00 EUR does not fit a total of 10.00 EUR");
    check(1000, &[(Card, 0)], "a tender of 0.00 EUR does not fit a total of 10.00 EUR");
    check(0, &[(Cash, 500)], "a tender of 5.00 EUR does not fit a total of 0.00 EUR");
    check(-1000, &[(Cash, 1000)], "a tender of 10.00 EUR does not fit a total of -10.00 EUR");
    check(-1000, &[(Cash, -1100)], "11.00 EUR would be paid back in cash, 10.00 EUR is due");
    check(-1000, &[(Card, -1100)], "Card gives 11.00 EUR back, more than the 10.00 EUR that is due");
    check(
        1000,
        &[(Cash, 540_000_000_000_300)],
        "a tender of 5400000000003.00 EUR is above the limit of 1000000000.00 EUR",
    );
    check(-1000, &[(Cash, i64::MIN)], "a tender of -92233720368547758.08 EUR is above the limit of 1000000000.00 EUR");
    check(1000, &[(Card, 1); 21], "a sale takes at most 20 tenders");
    let other = [Tender { kind: Cash, amount: Money::new(1000, Currency::USD) }];
    assert!(settle(Due { total: eur(1000), food: eur(0), part_of: None }, BELGIAN, &other).is_err());
}

#[test]
fn meal_vouchers_pay_for_food_only() {
    let due = Due { total: eur(2000), food: eur(800), part_of: None };
    let meal = |minor| [Tender { kind: MealVoucher, amount: eur(minor) }];
    let refused = settle(due, BELGIAN, &meal(801)).unwrap_err();
    assert_eq!(refused.to_string(), "meal vouchers pay for food only: 8.01 EUR was offered, the food makes 8.00 EUR");
    let part = settle(due, BELGIAN, &meal(500)).unwrap();
    assert_eq!((part.remaining_meal, part.remaining_voucher), (eur(300), eur(1500)));
}

#[test]
fn change_comes_off_the_last_note() {
    let settled = try_settle(BELGIAN, 1000, &[(Cash, 500), (Card, 200), (Cash, 200), (Cash, 500)]).unwrap();
    let parts: Vec<(i64, i64)> = settled.parts.iter().map(|part| (part.applied.minor, part.change.minor)).collect();
    assert_eq!(parts, [(500, 0), (200, 0), (200, 0), (100, 400)]);
    let card_last = try_settle(BELGIAN, 1000, &[(Cash, 1000), (Card, 200)]).unwrap();
    let parts: Vec<(i64, i64)> = card_last.parts.iter().map(|part| (part.applied.minor, part.change.minor)).collect();
    assert_eq!(parts, [(800, 200), (200, 0)], "a card gives no change, whenever it was shown");
}

#[test]
fn answers_of_payment_plugins_are_recomputed() {
    fn check(kind: TenderKind, due: i64, tendered: i64, approved: i64, change: i64, expected: &str) {
        let request = PaymentRequest { kind, due: eur(due), tendered: eur(tendered) };
        let answer = PaymentAnswer { approved: eur(approved), change: eur(change) };
        let found = check_answer(request, answer).map_err(|e| e.to_string()).err().unwrap_or_default();
        assert_eq!(found, expected, "{kind:?} {due} {tendered}: {approved} + {change}");
    }
    check(Cash, 1900, 2000, 1900, 100, "");
    check(Cash, 1900, 1000, 1000, 0, "");
    check(Cash, 0, 0, 0, 0, "");
    check(Cash, -1900, -1900, -1900, 0, "");
    check(Card, 1898, 1898, 1898, 0, "");
    check(Card, 1898, 1898, 1000, 0, "");
    check(
        Cash,
        1900,
        2000,
        1900,
        200,
        "19.00 EUR approved and 2.00 EUR change are not the 20.00 EUR that was handed over",
    );
    check(
        Cash,
        1900,
        2000,
        1800,
        200,
        "18.00 EUR approved and 2.00 EUR change are not the 20.00 EUR that was handed over",
    );
    check(Cash, 1900, 2000, 2000, 0, "the payment approved 20.00 EUR, more than the 19.00 EUR that was asked");
    check(Card, 1898, 1000, 1001, 0, "the payment approved 10.01 EUR, more than the 10.00 EUR that was asked");
    check(Card, 1898, 1898, 1798, 100, "Card gave 1.00 EUR change; only cash gives change");
    let sign = "the payment approved -19.00 EUR with change 0.00 EUR when 19.00 EUR was due: wrong sign";
    check(Card, 1900, 1900, -1900, 0, sign);
    let sign = "the payment approved 21.00 EUR with change -1.00 EUR when 19.00 EUR was due: wrong sign";
    check(Cash, 1900, 2000, 2100, -100, sign);
    check(Cash, 0, 0, 5, 0, "the payment approved 0.05 EUR, more than the 0.00 EUR that was asked");
    check(
        Cash,
        1900,
        2000,
        i64::MAX,
        0,
        "the payment approved 92233720368547758.07 EUR, more than the 19.00 EUR that was asked",
    );
    let request = PaymentRequest { kind: Card, due: eur(100), tendered: eur(100) };
    let dollars = PaymentAnswer { approved: Money::new(100, Currency::USD), change: eur(0) };
    assert!(matches!(check_answer(request, dollars), Err(PaymentMismatch::Money(_))));
}

#[test]
fn the_last_piece_takes_the_last_cent() {
    fn check(amount: i64, quantity: &str, parts: &[(&str, i64)]) {
        let (mut amount, mut remaining) = (eur(amount), Quantity::parse(quantity).unwrap());
        for (part, expected) in parts {
            let part = Quantity::parse(part).unwrap();
            let back = refund_part(amount, remaining, part).unwrap();
            assert_eq!(back.minor, *expected, "{part} of {remaining} for {amount}");
            amount = amount.checked_sub(back).unwrap();
            remaining = remaining.checked_sub(part).unwrap();
        }
        assert_eq!((amount.minor, remaining), (0, Quantity::ZERO));
    }
    check(1000, "3", &[("1", 333), ("1", 334), ("1", 333)]);
    check(1000, "3", &[("2", 667), ("1", 333)]);
    check(1, "3", &[("1", 0), ("1", 1), ("1", 0)]);
    check(889, "0.684", &[("0.3", 390), ("0.384", 499)]);
    check(0, "2", &[("1", 0), ("1", 0)]);
    let too_much = refund_part(eur(100), Quantity::pieces(1), Quantity::pieces(2)).unwrap_err();
    assert_eq!(too_much.to_string(), "2 was asked back and only 1 of the line is left");
    for quantity in [Quantity::ZERO, Quantity::pieces(-1)] {
        assert!(matches!(refund_part(eur(100), Quantity::ONE, quantity), Err(RefundError::NotPositive { .. })));
    }
    assert!(refund_part(eur(100), Quantity::ZERO, Quantity::ONE).is_err(), "nothing is left");
}

#[test]
fn stable_names_there_and_back() {
    for kind in TenderKind::ALL {
        assert_eq!(TenderKind::from_code(kind.code()), Some(kind));
    }
    for scope in [RoundingScope::Never, RoundingScope::CashPart, RoundingScope::AllTenders] {
        assert_eq!(RoundingScope::from_code(scope.code()), Some(scope));
    }
    assert_eq!(TenderKind::from_code("gold"), None);
}

/// A barcode of eight digits is no amount; what the largest notes make is.
#[test]
fn nobody_hands_over_a_barcode() {
    let check = |code: &str, due: i64, amount: i64, believed: bool| {
        let currency = Currency::from_code(code).unwrap();
        let result = check_handed_over(Money::new(amount, currency), Money::new(due, currency));
        assert_eq!(result.is_ok(), believed, "{amount} {code} for {due}: {result:?}");
    };
    check("EUR", 250, 50_000, true);
    check("EUR", 250, 1_000_250, true);
    check("EUR", 250, 1_000_251, false);
    check("EUR", 250, 10_000_000_000, false);
    check("EUR", 5_000_000, 5_010_000, true);
    check("EUR", -250, -1_000_251, false);
    check("JPY", 100, 10_000, true);
    check("JPY", 100, 96_385_074, false);
    check("KWD", 500, 20_000, true);
    check("KWD", 500, 10_000_501, false);
    check("KWD", 500, 96_385_074_000, false);
    check("EUR", i64::MAX, i64::MIN, true);
}

/// What is due in cash of a part that comes back, by the sale's total and what earlier parts were rounded by.
#[test]
fn parts_that_come_back_are_rounded_as_one_sum() {
    let check = |sale: i64, rounded: i64, part: i64, cash: i64| {
        let part_of = Some(PartOf { total: eur(sale), rounding: eur(rounded) });
        let due = Due { total: eur(part), food: eur(0), part_of };
        assert_eq!(settle(due, BELGIAN, &[]).unwrap().remaining_cash, eur(cash), "{part} of {sale}");
    };
    check(100, 0, -33, -35);
    check(100, -2, -33, -30);
    check(100, 1, -34, -35);
    // A few cents of a large sale belong to its sum; a sale of a few cents was never rounded.
    check(100, 0, -3, -5);
    check(100, 0, -2, 0);
    check(3, 0, -3, -3);
    // Of an exchange more may come back than its total says.
    check(0, 0, -303, -305);
    // Earlier programs rounded each part up: the customer is asked for nothing back.
    check(1000, -6, -3, 0);
    check(1000, -6, -33, -25);
}
