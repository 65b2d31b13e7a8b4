//! Country profiles are data that fits together; VAT numbers.
#![allow(clippy::unwrap_used)]

use super::*;

fn table(code: &str) -> TaxTable {
    CountryProfile::find(code).unwrap().tax_table(|index| TaxRateId::from_bytes([index as u8; 16])).unwrap()
}

#[test]
fn every_profile_fits_together() {
    for profile in CountryProfile::ALL {
        assert_eq!(CountryProfile::find(profile.code), Some(profile));
        assert!(!table(profile.code).rates().is_empty());
        assert!(!profile.languages.is_empty() && profile.retention_years >= 7 && profile.timezone.contains('/'));
        assert!(profile.rounding.step_minor > 0 && profile.rounding.total_over_minor >= 0);
    }
    assert_eq!(CountryProfile::find("ZZ"), None);
}

#[test]
fn belgium() {
    let profile = CountryProfile::find("BE").unwrap();
    let today = Date::parse("2026-11-22").unwrap();
    for (code, rate_bp) in [("standard", 2100), ("intermediate", 1200), ("reduced", 600), ("zero", 0)] {
        assert_eq!(table("BE").rate_on(&TaxCode::parse(code).unwrap(), today).unwrap().rate_bp, rate_bp);
        assert_eq!(table("BE").rate_of_percentage(rate_bp, today).unwrap().code.as_str(), code);
    }
    assert_eq!((profile.currency, profile.price_mode), (Currency::EUR, PriceMode::Inclusive));
    assert_eq!(profile.rounding, RoundingRule { scope: RoundingScope::CashPart, step_minor: 5, total_over_minor: 5 });
    assert_eq!((profile.retention_years, profile.timezone), (7, "Europe/Brussels"));
}

#[test]
fn luxembourg_was_cheaper_in_2023() {
    let standard = TaxCode::parse("standard").unwrap();
    for (date, rate_bp) in [("2022-12-31", 1700), ("2023-06-30", 1600), ("2024-01-01", 1700)] {
        assert_eq!(table("LU").rate_on(&standard, Date::parse(date).unwrap()).unwrap().rate_bp, rate_bp, "{date}");
    }
}

#[test]
fn vat_numbers() {
    fn check(rule: VatNumberRule, text: &str, expected: Result<&str, &str>) {
        let found = rule.normalise(text).map_err(|e| e.to_string());
        assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned), "{text}");
    }
    let belgium = VatNumberRule::Belgium;
    check(belgium, "BE0123456749", Ok("BE0123456749"));
    check(belgium, "be 0123.456.749", Ok("BE0123456749"));
    check(belgium, "123456749", Ok("BE0123456749"));
    check(belgium, "BE0403170701", Ok("BE0403170701")); // a power company's, as printed on its bills
    check(belgium, "BE0123456748", Err("the check digits of BE0123456748 are wrong"));
    check(belgium, "BE2123456749", Err("\"BE2123456749\" is not a VAT number of the form BE0123456749"));
    check(belgium, "NL123456789B01", Err("\"NL123456789B01\" is not a VAT number of the form BE0123456749"));
    check(belgium, "", Err("\"\" is not a VAT number of the form BE0123456749"));
    check(VatNumberRule::Luxembourg, "LU 150 274 42", Ok("LU15027442"));
    check(VatNumberRule::Luxembourg, "LU15027443", Err("the check digits of LU15027443 are wrong"));
    check(VatNumberRule::Any, "12-345", Ok("12345"));
    check(VatNumberRule::Any, " ", Err("\" \" is not a VAT number of the form any letters and digits"));
}

#[test]
fn every_single_wrong_digit_of_a_belgian_number_is_noticed() {
    let good = "0403170701";
    for place in 0..10 {
        for digit in b'0'..=b'9' {
            let mut bytes = good.as_bytes().to_vec();
            bytes[place] = digit;
            let text = String::from_utf8(bytes).unwrap();
            assert_eq!(VatNumberRule::Belgium.normalise(&text).is_ok(), text == good, "{text}");
        }
    }
}
