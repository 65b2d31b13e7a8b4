//! Check digits (expected values by python-stdnum's rules, worked out apart), canonical forms, codes of scales.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::money::{Currency, Money, Quantity};

#[test]
fn codes_become_their_canonical_form() {
    fn check(text: &str, canonical: &str, symbology: Symbology) {
        let code = Barcode::parse(text).unwrap();
        assert_eq!((code.canonical(), code.symbology()), (canonical, symbology), "{text}");
    }
    check("5400000000003", "5400000000003", Symbology::Ean13);
    check(" 4006381333931 ", "4006381333931", Symbology::Ean13);
    check("036000291452", "0036000291452", Symbology::UpcA);
    check("73513537", "73513537", Symbology::Ean8);
    check("04252614", "0042100005264", Symbology::UpcE);
    check("05400000000003", "5400000000003", Symbology::Ean13);
    check("15400000000000", "15400000000000", Symbology::Itf14);
    check("1001", "1001", Symbology::Text);
    check("ABC-123/x", "ABC-123/x", Symbology::Text);
    check("12345678901234567890", "12345678901234567890", Symbology::Text);
}

#[test]
fn all_upc_e_layouts_expand() {
    // The last digit of the six tells the layout; examples of the GS1 General Specifications, section 5.2.2.
    fn check(short: &str, long: &str) {
        assert_eq!(upc_e_to_ean13(short).as_deref(), Some(long), "{short}");
    }
    check("01234505", "0012000003455");
    check("01234514", "0012100003454");
    check("01234523", "0012200003453");
    check("01234531", "0012300000451");
    check("01234543", "0012340000053");
    check("01234558", "0012345000058");
    check("01234592", "0012345000092");
    assert_eq!(upc_e_to_ean13("21234505"), None, "only number systems 0 and 1");
}

#[test]
fn broken_codes_are_refused_by_name() {
    fn check(text: &str, expected: &str) {
        assert_eq!(Barcode::parse(text).unwrap_err().to_string(), expected);
    }
    check("5400000000004", "the check digit of 5400000000004 is wrong: it ends in 4 and should end in 3");
    check("036000291453", "the check digit of 036000291453 is wrong: it ends in 3 and should end in 2");
    check("73513530", "the check digit of 73513530 is wrong: it ends in 0 and should end in 7");
    check("  ", "the barcode is empty");
    check(&"A".repeat(65), "the barcode has 65 characters, more than 64");
    check("AB\u{1}C", "the barcode contains a character that cannot be printed");
    for text in ["5,41E+12", "5.41E+12", "5E+12", "5,41e+12"] {
        assert!(matches!(Barcode::parse(text), Err(BarcodeError::SpreadsheetNumber { .. })), "{text}");
    }
    assert!(Barcode::parse("E+12").is_ok(), "a free text that only looks a little like one");
}

#[test]
fn every_single_wrong_digit_of_an_ean_is_noticed() {
    let good = "5412345678908";
    assert!(Barcode::parse(good).is_ok());
    for place in 0..13 {
        for digit in b'0'..=b'9' {
            let mut bytes = good.as_bytes().to_vec();
            bytes[place] = digit;
            let text = String::from_utf8(bytes).unwrap();
            assert_eq!(Barcode::parse(&text).is_ok(), text == good, "{text}");
        }
    }
}

#[test]
fn eight_digits_can_be_two_codes() {
    // Right as EAN-8 and, expanded, right as UPC-E: both are looked up.
    let both = Barcode::parse("01234565").unwrap();
    assert_eq!((both.canonical(), both.symbology()), ("01234565", Symbology::Ean8));
    assert_eq!(both.alternative(), Some("0012345000065"));
    assert_eq!(Barcode::parse("73513537").unwrap().alternative(), None);
}

fn weight_scheme() -> EmbeddedScheme {
    let kind = EmbeddedKind::Weight;
    EmbeddedScheme {
        prefix: "21".to_owned(),
        item_digits: 5,
        value_digits: 5,
        decimals: 3,
        inner_check_digit: false,
        kind,
    }
}

fn with_check(digits: &str) -> String {
    format!("{digits}{}", check_digit(digits).unwrap())
}

#[test]
fn a_scale_prints_weight_or_price() {
    let weight = weight_scheme().read(&with_check("211234500684")).unwrap().unwrap();
    assert_eq!((weight.item.as_str(), weight.weight()), ("12345", Some(Quantity::from_thousandths(684))));
    assert_eq!(weight.base_code, with_check("211234500000"));
    assert_eq!(weight.price(Currency::EUR), None);
    let scheme = EmbeddedScheme { prefix: "22".to_owned(), kind: EmbeddedKind::Price, decimals: 2, ..weight_scheme() };
    let price = scheme.read(&with_check("221234501299")).unwrap().unwrap();
    assert_eq!(price.price(Currency::EUR), Some(Ok(Money::new(1299, Currency::EUR))));
    assert_eq!(price.price(Currency::JPY), Some(Err(SchemeError::BadDecimals { decimals: 2 })));
    assert_eq!(price.weight(), None);
    assert_eq!(scheme.read(&with_check("211234500684")), Ok(None), "another prefix");
    assert_eq!(scheme.read("73513537"), Ok(None), "not an EAN-13");
    let grams = EmbeddedScheme { decimals: 2, ..weight_scheme() };
    let ten_grams = grams.read(&with_check("211234500068")).unwrap().unwrap();
    assert_eq!(ten_grams.weight(), Some(Quantity::from_thousandths(680)));
}

#[test]
fn inner_check_digits_follow_gs1() {
    // The two examples of the GS1 General Specifications, section 7.9.
    assert_eq!(embedded::inner_check_digit("2875"), Some(9));
    assert_eq!(embedded::inner_check_digit("14685"), Some(6));
    let scheme = EmbeddedScheme {
        item_digits: 4,
        inner_check_digit: true,
        kind: EmbeddedKind::Price,
        decimals: 2,
        ..weight_scheme()
    };
    let read = scheme.read(&with_check("211234614685")).unwrap().unwrap();
    assert_eq!((read.item.as_str(), read.value), ("1234", 14_685));
    let wrong = scheme.read(&with_check("211234514685")).unwrap_err();
    assert!(matches!(wrong, SchemeError::WrongInnerCheck { .. }));
}

#[test]
fn impossible_schemes_are_refused() {
    fn check(edit: impl FnOnce(&mut EmbeddedScheme), expected: &str) {
        let mut scheme = weight_scheme();
        edit(&mut scheme);
        assert_eq!(scheme.check().map_err(|e| e.to_string()).err().unwrap_or_default(), expected);
    }
    check(|_| {}, "");
    check(|s| s.prefix = "54".to_owned(), "the prefix \"54\" must be 1 to 3 digits beginning with 2 or 02");
    check(|s| s.prefix = "2x".to_owned(), "the prefix \"2x\" must be 1 to 3 digits beginning with 2 or 02");
    check(|s| s.item_digits = 6, "prefix, item, value and check digits make 14 digits, an EAN has 13");
    check(|s| s.decimals = 4, "4 decimals do not fit");
    let inner_of_six = |s: &mut EmbeddedScheme| {
        (s.prefix, s.item_digits, s.value_digits, s.inner_check_digit) = ("2".to_owned(), 4, 6, true);
    };
    check(inner_of_six, "an inner check digit needs 4 or 5 value digits, not 6");
}
