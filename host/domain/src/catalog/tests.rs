//! What a product may be, and what is refused by name.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::money::Currency;

fn product() -> Product {
    Product {
        id: ProductId::from_bytes([1; 16]),
        sku: "1001".to_owned(),
        name: "Volkoren brood 800 g".to_owned(),
        barcodes: vec![Barcode::parse("5400000000003").unwrap()],
        category: None,
        price: Money::new(285, Currency::EUR),
        tax_code: TaxCode::parse("reduced").unwrap(),
        unit: Unit::Piece,
        food: true,
        active: true,
    }
}

#[test]
fn products_are_checked() {
    fn check(edit: impl FnOnce(&mut Product), expected: &str) {
        let mut product = product();
        edit(&mut product);
        assert_eq!(product.check().map_err(|e| e.to_string()).err().unwrap_or_default(), expected);
    }
    check(|_| {}, "");
    check(|p| p.price.minor = 0, "");
    check(|p| p.price.minor = PRICE_MINOR_MAX, "");
    check(|p| p.name = "é".repeat(NAME_CHARS_MAX), "");
    check(|p| p.name = "  ".to_owned(), "the name is empty");
    check(|p| p.name = "x".repeat(121), "the name has 121 characters, more than 120");
    check(|p| p.name = "two\nlines".to_owned(), "the name contains a character that cannot be printed");
    check(|p| p.name = "Pain\u{202E}sirg".to_owned(), "the name contains a character that cannot be printed");
    check(|p| p.sku = "A\u{2066}1".to_owned(), "the sku contains a character that cannot be printed");
    check(|p| p.name = "Crème brûlée – 2 × 90 g, קפה".to_owned(), "");
    check(|p| p.sku = String::new(), "the article number (sku) is empty");
    check(|p| p.sku = "s".repeat(65), "the article number has 65 characters, more than 64");
    check(|p| p.sku = "a\tb".to_owned(), "the sku contains a character that cannot be printed");
    check(|p| p.price.minor = -1, "the price -0.01 EUR is below zero");
    check(|p| p.price.minor = PRICE_MINOR_MAX + 1, "the price 1000000.01 EUR is above the limit of 1000000.00 EUR");
    check(|p| p.barcodes.push(Barcode::parse("5400000000003").unwrap()), "the barcode 5400000000003 is there twice");
    let many = |p: &mut Product| p.barcodes = (0..21).map(|n| Barcode::parse(&format!("C{n}")).unwrap()).collect();
    check(many, "the product has 21 barcodes, more than 20");
}

#[test]
fn units_and_colours_are_read() {
    for unit in [Unit::Piece, Unit::Kilogram] {
        assert_eq!(Unit::from_code(unit.code()), Ok(unit));
        assert!(unit.is_known());
    }
    assert_eq!(Unit::from_code("litre").unwrap_err().to_string(), "\"litre\" is not a unit (piece or kg)");
    let litre = Unit::stored("litre").unwrap();
    assert_eq!((litre.code(), litre.is_known(), Unit::stored("kg")), ("litre", false, Ok(Unit::Kilogram)));
    assert_eq!((Unit::stored("litre"), format!("{litre:?}").as_str()), (Ok(litre), "Newer(litre)"));
    let longest = "é".repeat(NewerUnit::BYTES_MAX / 2);
    assert_eq!(Unit::stored(&longest).unwrap().code(), longest);
    assert!(Unit::stored(&format!("{longest}x")).is_err() && Unit::stored("").is_err());
    assert_eq!(Colour::parse("#2f6FED").unwrap().to_string(), "#2F6FED");
    for text in ["", "2F6FED", "#2F6FE", "#2F6FEDA", "#GGGGGG", "#+F6FED"] {
        assert!(Colour::parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_name_has_something_to_see() {
    for name in ["", "  ", "\u{200b}", "\u{200b} \u{2060}", "\u{ad}", "\u{200d}\u{fe0f}"] {
        assert_eq!(check_name(name), Err(CatalogError::NameEmpty), "{name:?}");
    }
    // Characters that join belong to words and emoji.
    for name in ["Caf\u{e9}", "\u{1f469}\u{200d}\u{1f373}", "\u{2603}", "a\u{200b}b"] {
        assert_eq!(check_name(name), Ok(()), "{name:?}");
    }
}
