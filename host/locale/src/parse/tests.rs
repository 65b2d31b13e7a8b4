#![allow(clippy::unwrap_used)]
use super::*;
use crate::format;
use proptest::prelude::*;

const CURRENCIES: [&str; 7] = ["EUR", "USD", "GBP", "CHF", "JPY", "KWD", "PLN"];

fn language() -> impl Strategy<Value = Language> {
    prop::sample::select(Language::ALL.to_vec())
}

fn number() -> impl Strategy<Value = i64> {
    prop_oneof![any::<i64>(), -2_000_000_i64..2_000_000]
}

proptest! {
    #[test]
    fn what_is_shown_can_be_typed(language in language(), code in prop::sample::select(CURRENCIES.to_vec()), minor in number()) {
        let currency = Currency::from_code(code).unwrap();
        let value = Money::new(minor, currency);
        for text in [format::money(language, value), format::amount(language, value)] {
            prop_assert_eq!(money(language, &text, currency), Ok(value), "{}", text);
            let screen = format::on_screen(text);
            prop_assert_eq!(money(language, &screen, currency), Ok(value), "{}", screen);
        }
    }

    #[test]
    fn quantities_and_rates_too(language in language(), value in number()) {
        let weight = Quantity::from_thousandths(value);
        let text = format::quantity_of(language, weight, Unit::Kilogram);
        let found = quantity(language, &text, Unit::Kilogram);
        // A whole number of tonnes with one group sign is not guessed.
        let groups = language != Language::French && weight.is_whole() && (1_000_000..1_000_000_000).contains(&value.unsigned_abs());
        prop_assert_eq!(found, if groups { Err(ParseError::Ambiguous) } else { Ok(weight) }, "{}", text);
        let pieces = Quantity::from_thousandths(value / 1000 * 1000);
        let text = format::quantity_of(language, pieces, Unit::Piece);
        prop_assert_eq!(quantity(language, &text, Unit::Piece), Ok(pieces), "{}", text);
        let text = format::percent(language, value % 100_000);
        prop_assert_eq!(percent(language, &text), Ok(value % 100_000), "{}", text);
    }

    #[test]
    fn nothing_typed_makes_it_fall_over(language in language(), text in "\\PC{0,12}", odd in "[-0-9., €$a½−\u{a0}]{0,12}") {
        for text in [text, odd] {
            let _ = money(language, &text, Currency::EUR);
            let _ = quantity(language, &text, Unit::Kilogram);
            let _ = quantity(language, &text, Unit::Piece);
            let _ = percent(language, &text);
        }
    }
}

#[test]
fn money_as_people_type_it() {
    fn check(text: &str, expected: [Result<i64, ParseError>; 4]) {
        let found = Language::ALL.map(|language| money(language, text, Currency::EUR).map(|money| money.minor));
        assert_eq!(found, expected, "{text}");
    }
    let (same, refused) = (|minor| [Ok(minor); 4], |error| [Err(error); 4]);
    for (text, minor) in [("12", 1200), ("12.5", 1250), ("12,5", 1250), ("12,50 €", 1250), ("€ 0.05", 5), (",5", 50)]
    {
        check(text, same(minor));
    }
    for (text, minor) in [("5.", 500), ("-3", -300), ("− 3,00", -300), ("€ -3", -300), ("-€3", -300), ("12 eur", 1200)]
    {
        check(text, same(minor));
    }
    for (text, minor) in
        [("1.234,56", 123_456), ("1,234.56", 123_456), ("1 234,5", 123_450), ("1.234.567", 123_456_700)]
    {
        check(text, same(minor));
    }
    let decimals = ParseError::TooManyDecimals { allowed: 2 };
    check("1.234", [Err(decimals), Ok(123_400), Ok(123_400), Ok(123_400)]);
    check("1,234", [Ok(123_400), Err(decimals), Err(decimals), Err(decimals)]);
    check("1,000", [Ok(100_000), Err(decimals), Err(decimals), Err(decimals)]);
    check("0.123", refused(decimals));
    check("12 $", refused(ParseError::OtherCurrency));
    check("CHF 12", refused(ParseError::OtherCurrency));
    for text in ["", "  ", "\u{a0}"] {
        check(text, refused(ParseError::Empty));
    }
    for text in
        ["-", "€", ",", "12 kg", "twelve", "1 2", "12,34,5", "1.23.456,0", "1,2.3.4", "--1", "-€-1", "€12€", "1e3", "½"]
    {
        check(text, refused(ParseError::NotANumber));
    }
    check("99999999999999999999", refused(ParseError::TooLarge));
}

#[test]
fn quantities_as_people_type_them() {
    fn check(text: &str, unit: Unit, expected: [Result<i64, ParseError>; 4]) {
        let found = Language::ALL.map(|language| quantity(language, text, unit).map(Quantity::thousandths));
        assert_eq!(found, expected, "{text}");
    }
    for text in ["0,684", "0.684", ",684 kg", "0,684KG"] {
        check(text, Unit::Kilogram, [Ok(684); 4]);
    }
    check("1,234", Unit::Kilogram, [Err(ParseError::Ambiguous), Ok(1234), Ok(1234), Ok(1234)]);
    check(
        "1.234",
        Unit::Kilogram,
        [Ok(1234), Err(ParseError::Ambiguous), Err(ParseError::Ambiguous), Err(ParseError::Ambiguous)],
    );
    check("3", Unit::Piece, [Ok(3000); 4]);
    check("2,0", Unit::Piece, [Ok(2000); 4]);
    check("1,5", Unit::Piece, [Err(ParseError::NotWhole); 4]);
    check("3 kg", Unit::Piece, [Err(ParseError::NotANumber); 4]);
    check("9300000000000000", Unit::Piece, [Err(ParseError::TooLarge); 4]);
    assert_eq!(percent(Language::French, "5,5 %"), Ok(550));
    assert_eq!(percent(Language::French, "5.5"), Ok(550));
    assert_eq!(percent(Language::English, "100%"), Ok(10_000));
    assert_eq!(percent(Language::English, "%"), Err(ParseError::Empty));
}

#[test]
fn refusals_are_told() {
    let all = [
        ParseError::Empty,
        ParseError::NotANumber,
        ParseError::Ambiguous,
        ParseError::TooManyDecimals { allowed: 2 },
        ParseError::NotWhole,
        ParseError::TooLarge,
        ParseError::OtherCurrency,
    ];
    for error in all {
        for language in Language::ALL {
            assert_ne!(error.told(language), error.to_string(), "{language}");
        }
    }
    assert_eq!(all[3].told(Language::German), "Höchstens 2 Nachkommastellen sind möglich.");
}
