//! Codes, receipt numbers and ids as text.
#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn receipt_numbers_there_and_back() {
    fn check(text: &str, register: &str, incarnation: &str, counter: u64, shown: &str) {
        let number = ReceiptNumber::parse(text).unwrap();
        let parts = (number.register.as_str(), number.incarnation.as_str(), number.counter);
        assert_eq!(parts, (register, incarnation, counter));
        assert_eq!(number.to_string(), shown);
    }
    check("R1-1-000042", "R1", "1", 42, "R1-1-000042");
    check("R1-1-42", "R1", "1", 42, "R1-1-000042");
    check("BAR2-7KQ2-1234567", "BAR2", "7KQ2", 1_234_567, "BAR2-7KQ2-1234567");
    check("R1-1-000000", "R1", "1", 0, "R1-1-000000");
    let next = ReceiptNumber::parse("R1-1-999999").unwrap().next();
    assert_eq!(next.to_string(), "R1-1-1000000");
}

#[test]
fn what_is_not_a_receipt_number_is_refused() {
    for text in
        ["", "R1", "R1-1", "R1-1-", "R1-1-4x", "r1-1-000042", "1R-1-1", "R1-12345-1", "R1--1", "R1-1-1-1", "R1-1-+1"]
    {
        assert!(ReceiptNumber::parse(text).is_err(), "{text}");
    }
    assert!(ReceiptNumber::parse("R1-1-99999999999999999999").is_err(), "above 64 bits");
}

#[test]
fn codes_have_limits() {
    for text in ["R", "R1", "ABCDEFGH", "Z9"] {
        assert_eq!(RegisterCode::parse(text).unwrap().as_str(), text);
    }
    for text in ["", "1R", "r1", "ABCDEFGHI", "R-1", "R 1", "É1"] {
        assert!(RegisterCode::parse(text).is_err(), "{text}");
    }
    assert_eq!(IncarnationCode::first().as_str(), "1");
    let random = IncarnationCode::from_random([0, 30, 31, 255]);
    assert_eq!(random.as_str(), "2Z29");
    assert_eq!(IncarnationCode::parse(random.as_str()), Ok(random));
}

#[test]
fn ids_are_uuids() {
    let text = "018f3b4e-0000-7000-8000-00000000002a";
    let id: SaleId = text.parse().unwrap();
    assert_eq!(id.to_string(), text);
    assert_eq!(SaleId::from_bytes(*id.as_bytes()), id);
    assert_eq!(format!("{id:?}"), format!("SaleId({text})"));
    assert_eq!("42".parse::<SaleId>().unwrap_err().to_string(), "\"42\" is not an id (a UUID)");
}
