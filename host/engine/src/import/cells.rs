//! Single cells: numbers, yes and no, units, codes, as people and spreadsheets write them.
//!
//! A cell that can't be read for certain is refused, never guessed: a wrong price is sold, a refused one is asked about.

use aurapos_domain::barcode::{Barcode, BarcodeError, check_digit, is_spreadsheet_number, visible};
use aurapos_domain::catalog::Unit;
use aurapos_domain::money::{Currency, Money, Quantity};
use aurapos_domain::tax::TaxCode;

use super::garbled::is_garbled;
use super::reason::Reason;
use crate::spreadsheet::of_code_cell;

/// Refuses text that a spreadsheet or a wrong encoding destroyed.
pub fn check_intact(column: &'static str, text: &str) -> Result<(), Reason> {
    if is_spreadsheet_error(text) {
        return Err(Reason::SpreadsheetError { column, text: text.to_owned() });
    }
    if is_garbled(text) {
        return Err(Reason::Garbled { column, text: shown(text) });
    }
    Ok(())
}

/// `#REF!`, `#N/A`, `#WERT!`, `#NV`, `Err:502`, `########`: what a broken formula or a narrow column shows, in the four
/// languages of Excel that a Belgian shop meets, and in LibreOffice.
fn is_spreadsheet_error(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('#') else {
        return text
            .strip_prefix("Err:")
            .is_some_and(|code| code.len() == 3 && code.bytes().all(|b| b.is_ascii_digit()));
    };
    let narrow = rest.len() >= 2 && rest.bytes().all(|b| b == b'#');
    let marked = rest.ends_with(['!', '?'])
        && rest.chars().all(|c| c.is_uppercase() || c.is_ascii_digit() || "/!?_".contains(c));
    narrow || marked || matches!(rest, "N/A" | "N/B" | "NV" | "NA")
}

/// Several codes separated by `|` (or `;`, or lines of a cell); the canonical form of each, without repetitions. A word or
/// a sign for "none" is no code.
pub fn barcodes(text: &str) -> Result<Vec<String>, Reason> {
    let mut codes: Vec<String> = Vec::new();
    for part in text.split(['|', ';', '\n', '\r', '\t']) {
        let part = of_code_cell(part.trim());
        let read = match Barcode::parse(&part) {
            // Whole codes with something else between them.
            Err(BarcodeError::Several { code }) => code.split([',', '/', '+', '&', ' ']).map(Barcode::parse).collect(),
            one => vec![one],
        };
        for code in read {
            let code = match code {
                Ok(code) => code.canonical().to_owned(),
                Err(BarcodeError::Empty | BarcodeError::Placeholder { .. }) => continue,
                Err(error) => return Err(Reason::Barcode(error)),
            };
            if let Some(right) = lost_zeros(&code) {
                return Err(Reason::LostZeros { code, right });
            }
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
    }
    Ok(codes)
}

/// Seven or eleven digits that become an EAN-8 or UPC-A with a right check digit when a zero is put in front: a
/// spreadsheet took the zero for nothing. (Twelve digits need no help: they are the UPC-A form of the same code.)
fn lost_zeros(code: &str) -> Option<String> {
    let digits: String = code.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let could_be = matches!(digits.len(), 7 | 11) && digits.bytes().all(|b| b.is_ascii_digit());
    let longer = could_be.then(|| format!("0{digits}"))?;
    let (body, last) = longer.split_at(longer.len() - 1);
    (check_digit(body)? == last.as_bytes()[0] - b'0').then_some(longer)
}

/// An article number; a code that became a number such as `5,41E+12` is refused like a barcode.
pub fn sku(text: &str) -> Result<String, Reason> {
    let sku = visible(&of_code_cell(text));
    if is_spreadsheet_number(&sku) {
        return Err(Reason::Barcode(BarcodeError::SpreadsheetNumber { code: sku }));
    }
    aurapos_domain::catalog::check_sku(&sku)?;
    Ok(crate::fold::nfc(&sku))
}

/// A price: `2.50`, `2,5`, `€ 1.234,50`, `1 234,50 EUR`, `19.9900`.
pub fn price(text: &str, currency: Currency) -> Result<Money, Reason> {
    let bad = || Reason::Price { text: shown(text) };
    if text.is_empty() {
        return Err(Reason::Missing { column: "price" });
    }
    let bare = without_currency(text, currency)?;
    let plain = plain_decimal(bare).ok_or_else(bad)?;
    if could_be_thousands(bare, &plain) && usize::from(currency.digits()) < 3 {
        return Err(bad());
    }
    let price = Money::parse(exact(&plain, currency.digits()), currency).map_err(|_| bad())?;
    aurapos_domain::catalog::check_price(price)?;
    Ok(price)
}

/// How currencies are written besides their codes, and whose sign it can be.
const SIGNS: &[(&str, &str)] = &[
    ("€", "EUR"),
    ("EURO", "EUR"),
    ("EUROS", "EUR"),
    ("$", "USD CAD AUD NZD SGD HKD TWD MXN ARS CLP COP BMD BSD BBD BND BZD FJD JMD LRD NAD SBD SRD TTD XCD GYD KYD"),
    ("US$", "USD"),
    ("£", "GBP EGP GIP FKP SHP LBP SYP SDG SSP"),
    ("¥", "JPY CNY"),
    ("FR", "CHF"),
    ("SFR", "CHF"),
    ("KR", "SEK NOK DKK ISK"),
    ("ZŁ", "PLN"),
    ("KČ", "CZK"),
    ("FT", "HUF"),
    ("LEI", "RON MDL"),
    ("R$", "BRL"),
    ("₹", "INR"),
    ("₺", "TRY"),
    ("₽", "RUB"),
    ("₴", "UAH"),
    ("₩", "KRW KPW"),
    ("₪", "ILS"),
    ("฿", "THB"),
    ("₫", "VND"),
];

/// The number without the shop's own currency around it. Another currency is refused by name: nobody converts here.
fn without_currency(text: &str, currency: Currency) -> Result<&str, Reason> {
    let is_number = |c: char| c.is_ascii_digit() || c == '-';
    let start = text.find(is_number).unwrap_or(text.len());
    let end = text.rfind(|c: char| c.is_ascii_digit()).map_or(text.len(), |last| last + 1).max(start);
    for mark in [&text[..start], &text[end..]] {
        // An apostrophe is how spreadsheets mark text.
        let mark = mark.trim_matches(|c: char| c.is_whitespace() || c == '\'').trim_end_matches('.').to_uppercase();
        let signs = SIGNS.iter().find(|(sign, _)| *sign == mark).map(|(_, codes)| *codes);
        let own = signs.is_some_and(|codes| codes.split(' ').any(|code| code == currency.code()));
        if mark.is_empty() || own || mark == currency.code() {
            continue;
        }
        if signs.is_some() || Currency::from_code(&mark).is_ok() {
            return Err(Reason::ForeignCurrency { text: shown(text), currency });
        }
        return Err(Reason::Price { text: shown(text) });
    }
    // A dot of its own behind the number is no part of a currency.
    if text[end..].trim() == "." || text[..start].trim() == "." {
        return Err(Reason::Price { text: shown(text) });
    }
    Ok(&text[start..end])
}

/// Decimals of nothing beyond what there can be: web shops write `19.9900`.
fn exact(plain: &str, digits: u8) -> &str {
    let Some(dot) = plain.find('.') else { return plain };
    let kept = (dot + 1 + usize::from(digits)).min(plain.len());
    let rest_is_nothing = plain[kept..].bytes().all(|b| b == b'0');
    if rest_is_nothing { plain[..kept].trim_end_matches('.') } else { plain }
}

/// `12.500`: a price with a needless zero, or twelve thousand five hundred.
fn could_be_thousands(text: &str, plain: &str) -> bool {
    let Some((whole, fraction)) = plain.trim_start_matches('-').split_once('.') else { return false };
    let one_separator = text.matches([',', '.']).count() == 1;
    one_separator && fraction.len() == 3 && whole.len() <= 3 && !whole.starts_with('0')
}

/// A number with a decimal comma or dot and perhaps groups of thousands, as digits with a dot.
///
/// One separator followed by three digits could be either; it is taken as the decimal one, so that it is refused where
/// there are not so many decimals: `1.234` is no price in euros.
fn plain_decimal(text: &str) -> Option<String> {
    let (sign, unsigned) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest.trim_start()));
    let compact = without_group_spaces(unsigned)?;
    let last = compact.rfind([',', '.']);
    let Some(at) = last else { return digits_only(&compact).then(|| format!("{sign}{compact}")) };
    let (whole, fraction) = (&compact[..at], &compact[at + 1..]);
    let separator = &compact[at..=at];
    let other = if separator == "," { "." } else { "," };
    if whole.contains(separator) {
        // `1.234.567`: only groups of thousands repeat.
        let groups = !compact.contains(other) && well_grouped(&compact, separator);
        return groups.then(|| format!("{sign}{}", compact.replace(separator, "")));
    }
    if whole.contains(other) && !well_grouped(whole, other) {
        return None;
    }
    let whole = whole.replace(other, "");
    (digits_only(&whole) && digits_only(fraction)).then(|| format!("{sign}{whole}.{fraction}"))
}

/// The number without the spaces and apostrophes between its groups of thousands; `None` where they stand anywhere else:
/// `3 20` is no 320.
fn without_group_spaces(unsigned: &str) -> Option<String> {
    let is_space = |c: char| matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\'' | '’');
    if !unsigned.contains(is_space) {
        return Some(unsigned.to_owned());
    }
    let (whole, fraction) = unsigned.split_at(unsigned.find([',', '.']).unwrap_or(unsigned.len()));
    let spaced: String = whole.chars().map(|c| if is_space(c) { ' ' } else { c }).collect();
    let good = !fraction.contains(is_space) && well_grouped(&spaced, " ");
    good.then(|| format!("{}{fraction}", spaced.replace(' ', "")))
}

fn well_grouped(text: &str, separator: &str) -> bool {
    let mut groups = text.split(separator);
    let first = groups.next().unwrap_or_default();
    (1..=3).contains(&first.len()) && digits_only(first) && groups.all(|group| group.len() == 3 && digits_only(group))
}

fn digits_only(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// What a VAT cell can say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Vat {
    /// A percentage in basis points.
    Percentage(i64),
    /// A tax code of the shop.
    Code(TaxCode),
}

/// A VAT rate: `21`, `21 %`, `5,5`, or a code such as `reduced`.
pub fn vat(text: &str) -> Result<Vat, Reason> {
    if text.is_empty() {
        return Err(Reason::Missing { column: "vat" });
    }
    let bad = || Reason::Vat { text: shown(text) };
    let bare = text.strip_suffix('%').unwrap_or(text).trim();
    if let Some(plain) = plain_decimal(bare) {
        // Two decimals of a percentage are basis points, as cents are of an amount.
        let rate = Money::parse(exact(&plain, 2), Currency::EUR).map_err(|_| bad())?;
        return Ok(Vat::Percentage(rate.minor));
    }
    TaxCode::parse(&text.to_lowercase()).map(Vat::Code).map_err(|_| bad())
}

/// A unit; empty is the piece.
pub fn unit(text: &str) -> Result<Unit, Reason> {
    match crate::fold::fold(text).as_str() {
        "" | "piece" | "pieces" | "pce" | "pc" | "pcs" | "stuk" | "stuks" | "st" | "stk" | "stuck" | "u" => {
            Ok(Unit::Piece)
        }
        "kg" | "kilo" | "kilogram" | "kilogramme" | "kilogramm" => Ok(Unit::Kilogram),
        _ => Err(Reason::Unit { text: shown(text) }),
    }
}

/// Yes or no in four languages; empty is no.
pub fn food(text: &str) -> Result<bool, Reason> {
    match crate::fold::fold(text).as_str() {
        "1" | "yes" | "y" | "true" | "x" | "oui" | "o" | "vrai" | "ja" | "j" | "waar" | "wahr" => Ok(true),
        "" | "0" | "no" | "n" | "false" | "non" | "faux" | "nee" | "onwaar" | "nein" | "falsch" => Ok(false),
        _ => Err(Reason::Food { text: shown(text) }),
    }
}

/// An opening stock; `None` for an empty cell.
pub fn stock(text: &str) -> Result<Option<Quantity>, Reason> {
    if text.is_empty() {
        return Ok(None);
    }
    let bad = || Reason::Stock { text: shown(text) };
    let plain = plain_decimal(text).ok_or_else(bad)?;
    let quantity = Quantity::parse(exact(&plain, 3)).map_err(|_| bad())?;
    let believed = quantity.thousandths().unsigned_abs() <= aurapos_domain::ticket::QUANTITY_MAX.unsigned_abs();
    if believed { Ok(Some(quantity)) } else { Err(Reason::StockAbsurd { quantity }) }
}

/// Text for a message, cut to a readable length.
pub fn shown(text: &str) -> String {
    const CHARS_MAX: usize = 40;
    let mut shown: String = text.chars().take(CHARS_MAX).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price_of(text: &str) -> Result<i64, String> {
        price(text, Currency::EUR).map(|price| price.minor).map_err(|reason| reason.to_string())
    }

    #[test]
    fn prices_as_people_write_them() {
        for (text, minor) in [
            ("2.50", 250),
            ("2,5", 250),
            ("2", 200),
            ("0", 0),
            ("€ 2,50", 250),
            ("2,50 €", 250),
            ("EUR 2.50", 250),
            ("1.234,50", 123_450),
            ("1,234.50", 123_450),
            ("1 234,50", 123_450),
            ("1\u{a0}234,50 €", 123_450),
            ("1'234.50", 123_450),
            ("12.345.678", 1_234_567_800),
            ("19.9900", 1_999),
            ("12.50000", 1_250),
            ("12,5000 €", 1_250),
            ("7.0000", 700),
            ("0.500", 50),
            ("1234.500", 123_450),
            ("1.234,500", 123_450),
            ("Eur 2.50", 250),
            ("'2.50", 250),
            ("' € 2,50", 250),
            ("2,50 euro", 250),
        ] {
            let expected = if minor > aurapos_domain::catalog::PRICE_MINOR_MAX { None } else { Some(minor) };
            assert_eq!(price_of(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn prices_that_are_refused_by_name() {
        for (text, expected) in [
            ("", "the price is empty"),
            ("-2.50", "the price -2.50 EUR is below zero"),
            ("5400000000003", "the price 5400000000003.00 EUR is above the limit of 1000000.00 EUR"),
            ("1.234", "the price \"1.234\" can't be read for certain: write it like 1234.50"),
            ("2.505", "the price \"2.505\" can't be read for certain: write it like 1234.50"),
            ("2,50,1", "the price \"2,50,1\" can't be read for certain: write it like 1234.50"),
            ("1,5E+3", "the price \"1,5E+3\" can't be read for certain: write it like 1234.50"),
            ("02-mai", "the price \"02-mai\" can't be read for certain: write it like 1234.50"),
            ("12.500", "the price \"12.500\" can't be read for certain: write it like 1234.50"),
            ("1.000", "the price \"1.000\" can't be read for certain: write it like 1234.50"),
            ("3 20", "the price \"3 20\" can't be read for certain: write it like 1234.50"),
            ("1 2,50", "the price \"1 2,50\" can't be read for certain: write it like 1234.50"),
            ("1234 567", "the price \"1234 567\" can't be read for certain: write it like 1234.50"),
            ("1,2 50", "the price \"1,2 50\" can't be read for certain: write it like 1234.50"),
            ("28.925620", "the price \"28.925620\" can't be read for certain: write it like 1234.50"),
            ("2.5010", "the price \"2.5010\" can't be read for certain: write it like 1234.50"),
            ("variable", "the price \"variable\" can't be read for certain: write it like 1234.50"),
            ("2.50 / kg", "the price \"2.50 / kg\" can't be read for certain: write it like 1234.50"),
            ("USD 2.50", "the price \"USD 2.50\" is in another currency: this shop's prices are in EUR"),
            ("$1,012.00", "the price \"$1,012.00\" is in another currency: this shop's prices are in EUR"),
            ("2.50 $", "the price \"2.50 $\" is in another currency: this shop's prices are in EUR"),
            ("£2.50", "the price \"£2.50\" is in another currency: this shop's prices are in EUR"),
            ("Fr. 2.50", "the price \"Fr. 2.50\" is in another currency: this shop's prices are in EUR"),
            ("12,50 zł", "the price \"12,50 zł\" is in another currency: this shop's prices are in EUR"),
            ("2.", "the price \"2.\" can't be read for certain: write it like 1234.50"),
            (".5", "the price \".5\" can't be read for certain: write it like 1234.50"),
            (
                "99999999999999999999",
                "the price \"99999999999999999999\" can't be read for certain: write it like 1234.50",
            ),
        ] {
            assert_eq!(price_of(text).unwrap_err(), expected, "{text}");
        }
    }

    #[test]
    fn barcodes_and_what_spreadsheets_make_of_them() {
        let ok = |text: &str| barcodes(text).unwrap();
        assert_eq!(ok("5400000000003| 96385074 |5400000000003"), ["5400000000003", "96385074"]);
        assert_eq!(ok("=\"5400000000003\""), ["5400000000003"]);
        assert_eq!(ok("'012345678905"), ["0012345678905"]);
        assert_eq!(ok(""), Vec::<String>::new());
        for (text, expected) in [
            (
                "5,41E+12",
                "\"5,41E+12\" is a barcode that a spreadsheet turned into a number: format the column as text and give its digits again",
            ),
            ("5400000000004", "the check digit of 5400000000004 is wrong: it ends in 4 and should end in 3"),
            (
                "12345678905",
                "the barcode 12345678905 has lost its leading zero (012345678905): format the column as text",
            ),
            ("1234565", "the barcode 1234565 has lost its leading zero (01234565): format the column as text"),
        ] {
            assert_eq!(barcodes(text).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn the_sign_of_the_shops_own_currency_is_no_other() {
        let of = |text: &str, code: &str| price(text, Currency::from_code(code).unwrap()).map(|price| price.minor);
        assert_eq!(of("$1,012.00", "USD"), Ok(101_200));
        assert_eq!(of("$2.50", "CAD"), Ok(250));
        assert_eq!(of("¥ 1200", "JPY"), Ok(1_200));
        assert_eq!(of("Fr. 2.50", "CHF"), Ok(250));
        assert!(matches!(of("€ 2.50", "CHF"), Err(Reason::ForeignCurrency { .. })));
        assert_eq!(of("1.234", "KWD"), Ok(1_234), "where there are three decimals they are decimals");
    }

    #[test]
    fn barcodes_as_pages_and_people_write_them() {
        let ok = |text: &str| barcodes(text).unwrap_or_else(|reason| panic!("{text:?}: {reason}"));
        for text in
            ["\u{200b}5499000023518", "5 499000 023518", "5499000\u{a0}023518", "'5499000023518", "5-499000-023518"]
        {
            assert_eq!(ok(text), ["5499000023518"], "{text:?}");
        }
        for text in [
            "5499000023594;5499000235911",
            "5499000023594|5499000235911",
            "5499000023594, 5499000235911",
            "5499000023594 / 5499000235911",
            "5499000023594\n5499000235911",
            "=\"5499000023594\"|n/a|'5499000235911",
        ] {
            assert_eq!(ok(text), ["5499000023594", "5499000235911"], "{text:?}");
        }
        assert_eq!(ok("A;B"), ["A", "B"]);
        for text in ["N/A", "n/a", "-", "none", "?", "0", "\u{200b}", "aucun|-", "'"] {
            assert_eq!(ok(text), Vec::<String>::new(), "{text:?}");
        }
        for text in ["5400000000003.0", "5.40E12", "8.9E+12", "1 23456 78905", "5499000023594;5499000235912", "A☕"] {
            assert!(barcodes(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn broken_formulas_are_known_in_each_language() {
        for text in [
            "#REF!",
            "#N/A",
            "#WERT!",
            "#NOM?",
            "#DIV/0!",
            "#BEZUG!",
            "#NV",
            "#N/B",
            "#WAARDE!",
            "Err:502",
            "#####",
            "#ÜBERLAUF!",
        ] {
            assert!(check_intact("name", text).is_err(), "{text}");
        }
        for text in ["#1 Bestseller", "# 5", "#coffee", "Err: hot", "C#", "Wow!"] {
            assert!(check_intact("name", text).is_ok(), "{text}");
        }
    }

    #[test]
    fn rates_units_food_stock() {
        assert_eq!(vat("21").unwrap(), Vat::Percentage(2100));
        assert_eq!(vat("5,5 %").unwrap(), Vat::Percentage(550));
        assert_eq!(vat("Reduced").unwrap(), Vat::Code(TaxCode::parse("reduced").unwrap()));
        assert!(vat("").is_err() && vat("vingt et un").is_err());
        assert_eq!(unit("Stück").unwrap(), Unit::Piece);
        assert_eq!(unit("KG").unwrap(), Unit::Kilogram);
        assert!(unit("litre").is_err());
        assert!(food("Oui").unwrap() && !food("nee").unwrap() && food("maybe").is_err());
        assert_eq!(stock("1,5").unwrap(), Some(Quantity::from_thousandths(1500)));
        assert_eq!(stock("1.234,5").unwrap(), Some(Quantity::from_thousandths(1_234_500)));
        assert_eq!(stock("").unwrap(), None);
        assert!(stock("100000").is_err() && stock("lots").is_err());
    }

    #[test]
    fn article_numbers() {
        assert_eq!(sku("=\"00123\"").unwrap(), "00123");
        assert!(sku("5,41E+12").is_err() && sku("").is_err() && sku(&"x".repeat(65)).is_err());
        assert!(sku("5400000000003.0").is_err() && sku("5.40E12").is_err());
        for good in ["220E01BE", "220E01", "1001.0", "=1+1", "-5", "N/A", "A;B"] {
            assert_eq!(sku(good).unwrap(), good);
        }
        assert_eq!(sku("\u{200b}T\u{a0}1\u{feff}").unwrap(), "T 1");
    }
}
