//! VAT tables worked out by hand, and rates by date.
#![allow(clippy::unwrap_used)]

use super::*;

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

#[test]
fn vat_of_prices_that_include_it() {
    fn check(rate_bp: i64, gross: i64, base: i64, amount: i64) {
        let row = vat_row(PriceMode::Inclusive, rate_bp, eur(gross)).unwrap();
        assert_eq!(row, VatRow { rate_bp, base: eur(base), amount: eur(amount), gross: eur(gross) });
    }
    check(2100, 12_100, 10_000, 2100);
    check(2100, 1000, 826, 174); // 826.446
    check(2100, 1, 1, 0);
    check(2100, 3, 2, 1); // 2.479
    check(1200, 1000, 893, 107); // 892.857
    check(600, 250, 236, 14); // 235.849
    check(600, 53, 50, 3);
    check(0, 999, 999, 0);
    check(2100, -1000, -826, -174);
    check(10_000, 3, 2, 1); // 1.5 away from zero
    check(10_000, -3, -2, -1);
    check(2100, 0, 0, 0);
}

#[test]
fn vat_on_top_of_prices_without_it() {
    fn check(rate_bp: i64, base: i64, amount: i64) {
        let row = vat_row(PriceMode::Exclusive, rate_bp, eur(base)).unwrap();
        assert_eq!(row, VatRow { rate_bp, base: eur(base), amount: eur(amount), gross: eur(base + amount) });
    }
    check(2100, 10_000, 2100);
    check(825, 1999, 165); // 164.9
    check(2100, 50, 11); // 10.5
    check(2100, -50, -11);
    check(0, 777, 0);
}

#[test]
fn vat_is_taken_on_the_sum_of_a_rate_and_not_line_by_line() {
    // Line by line it would be three times 3 - 2, which is 3 cents; on the sum it is 9 - 7.
    let rows = vat_rows(
        PriceMode::Inclusive,
        Currency::EUR,
        [(2100, eur(3)), (600, eur(100)), (2100, eur(3)), (2100, eur(3))],
    );
    let rows = rows.unwrap();
    assert_eq!(rows.iter().map(|row| row.rate_bp).collect::<Vec<_>>(), [2100, 600], "highest rate first");
    assert_eq!((rows[0].base, rows[0].amount, rows[0].gross), (eur(7), eur(2), eur(9)));
    assert_eq!((rows[1].base, rows[1].amount, rows[1].gross), (eur(94), eur(6), eur(100)));
    assert_eq!(vat_rows(PriceMode::Inclusive, Currency::EUR, []), Ok(vec![]));
}

#[test]
fn impossible_rates_are_refused() {
    for rate_bp in [-1, 10_001, i64::MAX, i64::MIN] {
        assert_eq!(vat_row(PriceMode::Inclusive, rate_bp, eur(1)), Err(TaxError::RateOutOfRange { rate_bp }));
    }
    assert!(vat_row(PriceMode::Exclusive, 2100, eur(i64::MAX)).is_err());
    for text in ["", "Standard", "a b", "abcdefghijklmnopq", "é"] {
        assert!(TaxCode::parse(text).is_err(), "{text}");
    }
}

fn rate(number: u8, code: &str, rate_bp: i64, from: &str) -> TaxRate {
    let id = TaxRateId::from_bytes([number; 16]);
    TaxRate { id, code: TaxCode::parse(code).unwrap(), rate_bp, valid_from: Date::parse(from).unwrap() }
}

#[test]
fn the_rate_that_started_last_is_used() {
    let rates = vec![
        rate(1, "standard", 1700, "2024-01-01"),
        rate(2, "standard", 1600, "2023-01-01"),
        rate(3, "low", 300, "2015-01-01"),
    ];
    let table = TaxTable::new(rates).unwrap();
    let check = |date: &str, expected: Option<i64>| {
        let date = Date::parse(date).unwrap();
        let found = table.rate_on(&TaxCode::parse("standard").unwrap(), date);
        assert_eq!(found.ok().map(|rate| rate.rate_bp), expected, "{date}");
    };
    check("2022-12-31", None);
    check("2023-01-01", Some(1600));
    check("2023-12-31", Some(1600));
    check("2024-01-01", Some(1700));
    check("2099-01-01", Some(1700));
}

/// A rate of a newer program is none here, and the one before it ended all the same: a guess would be a wrong tax.
#[test]
fn a_rate_of_a_newer_program_taxes_nothing() {
    let table = TaxTable::stored(vec![rate(1, "standard", 2100, "2026-01-01"), rate(2, "standard", -7, "2026-07-01")]);
    let table = table.unwrap();
    let on =
        |day: &str| table.rate_on(&TaxCode::stored("standard"), Date::parse(day).unwrap()).map(|rate| rate.rate_bp);
    assert_eq!(on("2026-06-30"), Ok(2100));
    assert_eq!(on("2026-07-01"), Err(TaxError::RateOutOfRange { rate_bp: -7 }));
    let day = Date::parse("2026-08-01").unwrap();
    assert!(table.rate_of_percentage(2100, day).is_err() && table.rate_of_percentage(-7, day).is_err());
    assert!(table.rate_on(&TaxCode::stored("Of Tomorrow"), day).is_err());
    assert!(TaxTable::new(table.rates().to_vec()).is_err(), "nobody makes such a table here");
}

#[test]
fn a_percentage_finds_the_rate_that_has_it_today() {
    let rates = vec![
        rate(1, "standard", 1700, "2024-01-01"),
        rate(2, "standard", 1600, "2023-01-01"),
        rate(3, "low", 300, "2015-01-01"),
    ];
    let table = TaxTable::new(rates).unwrap();
    let today = Date::parse("2026-11-22").unwrap();
    assert_eq!(table.rate_of_percentage(1700, today).unwrap().code.as_str(), "standard");
    assert_eq!(table.rate_of_percentage(300, today).unwrap().code.as_str(), "low");
    let gone = table.rate_of_percentage(1600, today).unwrap_err();
    assert_eq!(gone.to_string(), "there is no tax rate of 16 % on 2026-11-22");
}

#[test]
fn a_rate_cannot_start_twice() {
    let twice = TaxTable::new(vec![rate(1, "low", 300, "2024-01-01"), rate(2, "low", 400, "2024-01-01")]).unwrap_err();
    assert_eq!(twice.to_string(), "the tax rate \"low\" starts twice on 2024-01-01");
}

#[test]
fn percentages_are_written_short() {
    for (rate_bp, text) in [(2100, "21"), (550, "5.5"), (825, "8.25"), (0, "0"), (10_000, "100"), (1000, "10")] {
        assert_eq!(percent(rate_bp), text);
    }
}
