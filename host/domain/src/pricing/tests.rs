//! Discounts and the largest remainder, as tables.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::money::{Currency, Quantity};

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

#[test]
fn discounts_of_an_amount() {
    fn check(discount: Discount, amount: i64, expected: Result<i64, &str>) {
        let found = discount.of(eur(amount)).map(|money| money.minor).map_err(|e| e.to_string());
        assert_eq!(found, expected.map_err(str::to_owned), "{discount:?} of {amount}");
    }
    check(Discount::Percent(1000), 1000, Ok(100));
    check(Discount::Percent(1000), 999, Ok(100)); // 99.9
    check(Discount::Percent(1000), 5, Ok(1)); // 0.5
    check(Discount::Percent(1000), -5, Ok(-1));
    check(Discount::Percent(0), 5, Ok(0));
    check(Discount::Percent(10_000), 777, Ok(777));
    check(Discount::Percent(10_001), 777, Err("a discount of 100.01 % is outside of 0 to 100 %"));
    check(Discount::Percent(-1), 777, Err("a discount of -0.01 % is outside of 0 to 100 %"));
    check(Discount::Amount(eur(200)), 1000, Ok(200));
    check(Discount::Amount(eur(200)), -1000, Ok(-200));
    check(
        Discount::Amount(eur(1001)),
        1000,
        Err("a discount of 10.01 EUR is more than the 10.00 EUR it is taken from"),
    );
    check(Discount::Amount(eur(-1)), 1000, Err("a discount of -0.01 EUR is below zero"));
    check(Discount::Amount(Money::new(1, Currency::USD)), 1000, Err("USD and EUR cannot be put together"));
}

#[test]
fn the_largest_remainder_takes_the_cents() {
    fn check(total: i64, weights: &[i64], expected: &[i64]) {
        assert_eq!(spread_largest_remainder(total, weights).unwrap(), expected, "{total} over {weights:?}");
    }
    check(100, &[1, 1, 1], &[34, 33, 33]);
    check(200, &[1, 1, 1], &[67, 67, 66]);
    check(10, &[999, 1], &[10, 0]);
    check(1, &[1, 2, 3], &[0, 0, 1]);
    check(5, &[10, 20, 30], &[1, 2, 2]); // 0.83 1.67 2.5
    check(0, &[1, 2], &[0, 0]);
    check(0, &[], &[]);
    check(7, &[0, 5, 0], &[0, 7, 0]);
    check(7, &[-100, 5, 5], &[0, 4, 3]);
    check(-100, &[1, 1, 1], &[-34, -33, -33]);
    check(i64::MAX, &[i64::MAX, i64::MAX], &[i64::MAX / 2 + 1, i64::MAX / 2]);
    let nothing = spread_largest_remainder(1, &[0, -5]).unwrap_err();
    assert_eq!(nothing, PricingError::NothingToSpreadOver { total_minor: 1 });
}

#[test]
fn a_price_label_tells_the_weight() {
    fn check(total: i64, price: i64, expected: Option<i64>) {
        assert_eq!(quantity_of_label(eur(total), eur(price)).map(Quantity::thousandths), expected);
    }
    check(889, 1299, Some(684)); // 684.37
    check(1299, 1299, Some(1000));
    check(-889, 1299, Some(-684));
    check(889, 0, None);
}
