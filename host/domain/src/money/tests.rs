//! The golden tables of money: rounding, decimals, price times quantity.
#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn division_rounds_half_away_from_zero() {
    fn check(numerator: i128, denominator: i128, expected: i128) {
        assert_eq!(div_half_away(numerator, denominator), expected, "{numerator} / {denominator}");
    }
    check(0, 7, 0);
    check(1, 2, 1);
    check(-1, 2, -1);
    check(1, -2, -1);
    check(-1, -2, 1);
    check(3, 2, 2);
    check(5, 2, 3);
    check(-5, 2, -3);
    check(1, 3, 0);
    check(2, 3, 1);
    check(-2, 3, -1);
    check(149, 100, 1);
    check(150, 100, 2);
    check(-150, 100, -2);
    check(-149, 100, -1);
    check(i128::MAX, i128::MAX, 1);
    check(i128::MAX, 1, i128::MAX);
}

#[test]
fn decimals_are_read_and_written() {
    fn check(text: &str, minor: i64, shown: &str) {
        let money = Money::parse(text, Currency::EUR).unwrap();
        assert_eq!((money.minor, money.to_decimal().as_str()), (minor, shown), "{text}");
    }
    check("0", 0, "0.00");
    check("12.50", 1250, "12.50");
    check("12.5", 1250, "12.50");
    check("12", 1200, "12.00");
    check("-0.05", -5, "-0.05");
    check("-3", -300, "-3.00");
    check("007.10", 710, "7.10");
    check("92233720368547758.07", i64::MAX, "92233720368547758.07");
    check("-92233720368547758.08", i64::MIN, "-92233720368547758.08");
}

#[test]
fn what_is_not_a_decimal_is_refused() {
    fn check(text: &str, expected: &str) {
        assert_eq!(Money::parse(text, Currency::EUR).unwrap_err().to_string(), expected);
    }
    for text in ["", "-", ".5", "5.", "1,50", "1 000", "1e3", "+1", "--1", "1.2.3", "½", "0x10", " 1"] {
        check(text, &format!("\"{text}\" is not a number like 12.50"));
    }
    check("1.234", "\"1.234\" has more than 2 decimals");
    check("92233720368547758.08", "the amount is too large");
    check("99999999999999999999", "the amount is too large");
}

#[test]
fn currencies_know_their_decimals() {
    fn check(code: &str, digits: u8, sample: &str) {
        let currency = Currency::from_code(code).unwrap();
        assert_eq!((currency.digits(), currency.code()), (digits, code));
        assert_eq!(Money::new(-1234, currency).to_decimal(), sample, "{code}");
    }
    check("EUR", 2, "-12.34");
    check("JPY", 0, "-1234");
    check("KWD", 3, "-1.234");
    assert_eq!(Currency::from_code("EUR"), Ok(Currency::EUR));
    for code in ["", "eur", "EU", "EURO", "XXX", "ÉUR"] {
        assert!(Currency::from_code(code).is_err(), "{code}");
    }
}

#[test]
fn quantities_are_read_and_written() {
    fn check(text: &str, thousandths: i64, shown: &str) {
        let quantity = Quantity::parse(text).unwrap();
        assert_eq!((quantity.thousandths(), quantity.to_string().as_str()), (thousandths, shown), "{text}");
    }
    check("2", 2000, "2");
    check("0.684", 684, "0.684");
    check("1.5", 1500, "1.5");
    check("-1", -1000, "-1");
    check("10", 10_000, "10");
    check("0", 0, "0");
    assert!(Quantity::parse("0.6845").is_err());
    assert!(Quantity::parse("").is_err());
}

#[test]
fn price_times_quantity_rounds_half_away() {
    fn check(price: i64, quantity: &str, expected: i64) {
        let line = Money::new(price, Currency::EUR).times(Quantity::parse(quantity).unwrap()).unwrap();
        assert_eq!(line.minor, expected, "{price} x {quantity}");
    }
    check(250, "2", 500);
    check(1299, "0.684", 889); // 888.516
    check(100, "0.005", 1); // 0.5
    check(100, "0.004", 0);
    check(-100, "0.005", -1);
    check(100, "-0.005", -1);
    check(333, "0.5", 167); // 166.5
    check(0, "3", 0);
}

#[test]
fn amounts_are_rounded_to_steps() {
    fn check(minor: i64, step: i64, expected: i64) {
        assert_eq!(Money::new(minor, Currency::EUR).rounded_to(step).unwrap().minor, expected, "{minor} to {step}");
    }
    for (minor, expected) in
        [(0, 0), (1, 0), (2, 0), (3, 5), (4, 5), (5, 5), (6, 5), (7, 5), (8, 10), (9, 10), (10, 10)]
    {
        check(minor, 5, expected);
        check(-minor, 5, -expected);
    }
    check(1234, 1, 1234);
    check(1234, 0, 1234);
    check(1250, 100, 1300);
}

#[test]
fn overflow_and_mixed_currencies_are_errors() {
    let most = Money::new(i64::MAX, Currency::EUR);
    let least = Money::new(i64::MIN, Currency::EUR);
    let one = Money::new(1, Currency::EUR);
    assert_eq!(most.checked_add(one), Err(MoneyError::Overflow));
    assert_eq!(least.checked_sub(one), Err(MoneyError::Overflow));
    assert_eq!(least.checked_neg(), Err(MoneyError::Overflow));
    assert_eq!(least.checked_abs(), Err(MoneyError::Overflow));
    assert_eq!(most.times(Quantity::pieces(2)), Err(MoneyError::Overflow));
    assert_eq!(most.rounded_to(1000), Err(MoneyError::Overflow));
    assert_eq!(Money::sum(Currency::EUR, [most, one]), Err(MoneyError::Overflow));
    let dollar = Money::new(1, Currency::USD);
    assert_eq!(one.checked_add(dollar), Err(MoneyError::CurrencyDiffers { left: Currency::EUR, right: Currency::USD }));
    assert!(Money::sum(Currency::USD, [one]).is_err());
    // A product may pass 64 bits on the way when the result fits.
    assert_eq!(most.scaled(1000, 1000), Ok(most));
}
