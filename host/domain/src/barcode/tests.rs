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
}

#[test]
fn numbers_of_a_spreadsheet_are_refused_and_article_numbers_are_not() {
    let all = ["5,41E+12", "5.41E+12", "5E+12", "5,41e+12", "8.9E+12", "5.40E12", "5,4e12", "5.4E-05", "5.41 E+12"];
    let decimals = ["5400000000003.0", "5400000000003,00", "96385074.0", "12345678905.000"];
    for text in all.iter().chain(&decimals) {
        assert!(matches!(Barcode::parse(text), Err(BarcodeError::SpreadsheetNumber { .. })), "{text}");
        assert!(is_spreadsheet_number(text), "{text}");
    }
    for text in ["1001.0", "0.0", "5,400,000,000,003", "5.400.000.000.003", "5'400'000'000'003"] {
        assert!(matches!(Barcode::parse(text), Err(BarcodeError::SpreadsheetNumber { .. })), "{text}");
        assert!(!is_spreadsheet_number(text), "as an article number it is none: {text}");
    }
    for text in ["220E01BE", "220E01", "5E12", "12E", "E12", "E+12", "1.5E", "10.5", "V1.0", "A-5.0", "1.2.3"] {
        assert_eq!(Barcode::parse(text).map(|code| code.to_string()).as_deref(), Ok(text));
        assert!(!is_spreadsheet_number(text), "{text}");
    }
}

#[test]
fn digits_as_pages_and_people_show_them_are_the_ean() {
    for text in [
        "\u{200b}5499000023518",
        "\u{feff}5499000023518\u{200e}",
        "5 499000 023518",
        "5-499000-023518",
        "5499000\u{a0}023518",
        "5499000\u{202f}023518",
        "5\u{2009}499000\u{2009}023518",
        "549900\u{ad}0023518",
        "5499000\u{2060}023518",
        "5499000\u{2011}023518",
        "5499000\u{2212}023518",
        "５４９９０００\u{3000}０２３５１８",
        "\u{202d}5499000023518\u{202c}",
        "05499000023518",
    ] {
        let code = Barcode::parse(text).unwrap();
        assert_eq!((code.canonical(), code.symbology()), ("5499000023518", Symbology::Ean13), "{text:?}");
    }
    assert_eq!(Barcode::parse("978-2-1234-5680-3").unwrap().canonical(), "9782123456803");
    assert_eq!(Barcode::parse("9638-5074").unwrap().canonical(), "96385074");
    assert_eq!(Barcode::parse("0 36000 29145 2").unwrap().canonical(), "0036000291452");
    // A digit too many or a wrong one is no less wrong in groups.
    assert!(matches!(Barcode::parse("5 499000 023519"), Err(BarcodeError::WrongCheckDigit { .. })));
    // Not the groups of an EAN: a text as it stands.
    for text in ["12-34", "9638-5075", "ABC 123", "ABC-123/x", "Ä-1"] {
        assert_eq!(Barcode::parse(text).unwrap().canonical(), text);
    }
    assert_eq!(Barcode::parse("AB\u{2011}1\u{200b}2\u{a0}3").unwrap().canonical(), "AB-12 3");
}

#[test]
fn what_no_scanner_sends_is_no_code() {
    for text in [
        "N/A",
        "n/a",
        "-",
        "--",
        "—",
        "none",
        "None",
        "(none)",
        "NULL",
        "?",
        ".",
        "0",
        "0000000000000",
        "00000000",
        "geen",
        "Aucun",
        "néant",
        "kein",
        "#N/A",
        "…",
    ] {
        assert!(matches!(Barcode::parse(text), Err(BarcodeError::Placeholder { .. })), "{text}");
    }
    for text in [
        "5499000023594;5499000235911",
        "A;B",
        "A|B",
        "5499000023594,5499000235911",
        "5499000023594 / 5499000235911",
        "96385074 73513537",
    ] {
        assert!(matches!(Barcode::parse(text), Err(BarcodeError::Several { .. })), "{text}");
    }
    for text in ["A☕1", "54990000235\u{fffd}8", "A\u{301}1", "٥٤٩٩", "½", "A\u{e000}"] {
        assert!(matches!(Barcode::parse(text), Err(BarcodeError::Unscannable { .. })), "{text}");
    }
    for text in ["\u{200b}", "\u{feff} \u{a0}"] {
        assert_eq!(Barcode::parse(text), Err(BarcodeError::Empty));
    }
}

#[test]
fn what_the_catalog_has_stays_what_it_is() {
    for code in ["5400000000003", "A;B", "N/A", "0105400000002649", "5 499000 023518", "0000096385074"] {
        assert_eq!(Barcode::stored(code).canonical(), code);
    }
    assert_eq!(Barcode::stored("5400000000003").symbology(), Symbology::Ean13);
}

#[test]
fn of_a_gs1_element_string_the_article_counts() {
    for text in [
        "0105400000002649",
        "010540000000264910AB1",
        "0105400000002649172612311 0AB1".replace(' ', "").as_str(),
        "0105400000002649\u{1d}10AB1\u{1d}17261231",
        "\u{1d}0105400000002649172612311\u{30}AB1",
        "10AB1\u{1d}0105400000002649",
        "]C10105400000002649172612311\u{30}AB1",
        "]d2010540000000264910AB1\u{1d}17261231",
        "]Q317261231010540000000264921XYZ",
        "]e00105400000002649",
        "]E05400000002649",
        "]e0\u{1d}0105400000002649",
        "(01)05400000002649(17)261231(10)AB1",
        "(17)261231(10)A(B)1(01)05400000002649",
        "(01) 05400000002649 (10) AB1",
        "(01)5400000002649",
        "https://id.example/01/05400000002649/10/AB1?17=261231",
        "https://shop.example/some/path/01/5400000002649",
    ] {
        let code = Barcode::parse(text).unwrap();
        assert_eq!((code.canonical(), code.symbology()), ("5400000002649", Symbology::Ean13), "{text:?}");
    }
    let carton = Barcode::parse("(01)15400000002646(10)AB1").unwrap();
    assert_eq!(
        (carton.canonical(), carton.symbology()),
        ("15400000002646", Symbology::Itf14),
        "a carton is another article"
    );
    let small = Barcode::parse("(01)00000096385074").unwrap();
    assert_eq!(
        (small.canonical(), small.alternative()),
        ("0000096385074", Some("96385074")),
        "an EAN-8 in a longer field"
    );
    assert_eq!(Barcode::parse("010003600029145210AB1").unwrap().canonical(), "0036000291452", "UPC-A");
}

#[test]
fn what_only_looks_like_gs1_is_a_text() {
    for text in [
        // A wrong check digit, a shorter number, no article in it, an unknown form of brackets.
        "0105400000002640",
        "010540000000264",
        "00354000000000000014",
        "1726123110AB1",
        "(10)AB1",
        "(01)ABC",
        "(A)1",
        "https://example.test/a",
        "]x",
    ] {
        assert_eq!(
            Barcode::parse(text).unwrap_or_else(|e| panic!("{text}: {e}")).symbology(),
            Symbology::Text,
            "{text}"
        );
    }
    for text in ["(01)05400000002640", "]C10105400000002640", "0105400000002640\u{1d}10A"] {
        assert!(matches!(Barcode::parse(text), Err(BarcodeError::WrongCheckDigit { .. })), "{text}");
    }
    assert_eq!(Barcode::parse("AB\u{1d}C"), Err(BarcodeError::ControlCharacter));
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
