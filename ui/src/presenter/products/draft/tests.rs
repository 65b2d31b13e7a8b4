#![allow(clippy::unwrap_used)]
use super::*;

const ENGLISH: Writing = Writing { language: Language::English, currency: Currency::EUR };

fn filled() -> Fields {
    Fields {
        name: " Cola 33 cl ".to_owned(),
        price: "1.50".to_owned(),
        tax_code: Some(TaxCode::parse("standard").unwrap()),
        codes: vec!["5449000000996".to_owned()],
        ..Fields::default()
    }
}

#[test]
fn what_is_filled_in_is_what_the_engine_gets() {
    let made = draft(&filled(), None, ENGLISH).unwrap();
    assert_eq!((made.name.as_str(), made.price.minor, made.sku.as_str()), ("Cola 33 cl", 150, ""));
    assert_eq!((made.stock, made.active, made.barcodes.len()), (None, true, 1));

    let german = Writing { language: Language::German, ..ENGLISH };
    let fields = Fields { price: "1.234,5 €".to_owned(), stock: "12".to_owned(), ..filled() };
    let made = draft(&fields, None, german).unwrap();
    assert_eq!((made.price.minor, made.stock.unwrap().thousandths()), (123_450, 12_000));

    let weighed = Fields { stock: "1.5".to_owned(), unit: Unit::Kilogram, ..filled() };
    assert_eq!(draft(&weighed, None, ENGLISH).unwrap().stock.unwrap().thousandths(), 1_500);
}

#[test]
fn every_field_that_is_wrong_is_named_at_once() {
    type Case = (&'static str, fn(&mut Fields), fn(&Faults) -> &Option<String>, &'static str);
    let cases: &[Case] = &[
        ("no name", |f| f.name = "  ".into(), |f| &f.name, ""),
        ("a long name", |f| f.name = "x".repeat(121), |f| &f.name, "The name is too long: 121 characters."),
        ("a long number", |f| f.sku = "9".repeat(65), |f| &f.sku, "The article number is too long: 65 characters."),
        ("no price", |f| f.price = String::new(), |f| &f.price, ""),
        ("a word for a price", |f| f.price = "two".into(), |f| &f.price, ""),
        ("three decimals", |f| f.price = "1.505".into(), |f| &f.price, "At most 2 decimals are possible."),
        ("dollars", |f| f.price = "$3".into(), |f| &f.price, "This is another currency."),
        ("below zero", |f| f.price = "-1".into(), |f| &f.price, "A price cannot be below zero."),
        ("no rate", |f| f.tax_code = None, |f| &f.vat, ""),
        ("half a piece", |f| f.stock = "1.5".into(), |f| &f.stock, "Type a whole number."),
    ];
    for (case, edit, place, said) in cases {
        let mut fields = filled();
        edit(&mut fields);
        let faults = draft(&fields, None, ENGLISH).unwrap_err();
        assert_eq!(place(&faults).as_deref(), Some(*said), "{case}: {faults:?}");
    }
    let scanned_into_the_price = Fields { price: "5449000000996".to_owned(), ..filled() };
    assert!(draft(&scanned_into_the_price, None, ENGLISH).unwrap_err().price.unwrap().contains("cannot be right"));
    let faults = draft(&Fields::default(), None, ENGLISH).unwrap_err();
    assert!(faults.name.is_some() && faults.price.is_some() && faults.vat.is_some() && faults.sku.is_none());
}

#[test]
fn stock_is_given_to_new_products_only() {
    let fields = Fields { stock: "rubbish".to_owned(), ..filled() };
    let id = ProductId::from_bytes([7; 16]);
    assert_eq!(draft(&fields, Some(id), ENGLISH).unwrap().stock, None);
}

#[test]
fn codes() {
    let known = vec!["5449000000996".to_owned()];
    let full: Vec<String> = (0..BARCODES_MAX).map(|number| format!("code{number}")).collect();
    let cases: &[(&str, &[String], Result<&str, &str>)] = &[
        (" 4006381333931 ", &known, Ok("4006381333931")),
        // A UPC-A is the EAN-13 it stands for.
        ("049000028904", &known, Ok("0049000028904")),
        ("SHELF-7", &known, Ok("SHELF-7")),
        ("", &known, Err("The barcode is empty.")),
        ("5449000000996", &known, Err("The barcode 5449000000996 is there twice.")),
        ("5449000000995", &[], Err("The check digit of 5449000000995 is wrong; it should end in 6.")),
        ("one-more", &full, Err("The product has too many barcodes: 21.")),
    ];
    for (text, known, expected) in cases {
        let expected = expected.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(code(text, known, ENGLISH), expected, "{text}");
    }
}

#[test]
fn what_cannot_be_printed_stays_out() {
    assert_eq!(printable("Cola\t33\ncl\u{7}"), "Cola 33 cl ");
}
