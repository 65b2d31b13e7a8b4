//! Numbers, money, dates and times as people of a language read them.
//!
//! Our choices, where habits differ:
//! - English is that of Europe: `€1,234.56`, `22/11/2026`. French: `1 234,56 €`, `22/11/2026`. Dutch: `€ 1.234,56`,
//!   `22-11-2026`. German: `1.234,56 €`, `22.11.2026`.
//! - French groups with a no-break space (U+00A0) and not with the narrow one (U+202F), which receipt printers lack.
//! - The minus is the ASCII one, for the same reason. The clock has 24 hours everywhere.

use crate::Language;
use aurapos_domain::calendar::{Date, LocalTime};
use aurapos_domain::catalog::Unit;
use aurapos_domain::money::{Currency, Money, Quantity};

mod spoken;

pub use spoken::{capitalized, count, duration, long_date, relative_day, size};

/// A space at which a line is not broken.
const NO_BREAK: char = '\u{a0}';

/// An amount without its currency, for columns: `1.234,56`.
pub fn amount(language: Language, money: Money) -> String {
    number(language, &money.to_decimal())
}

/// An amount with its currency: `1.234,56 €`.
pub fn money(language: Language, money: Money) -> String {
    let symbol = symbol(money.currency);
    let number = amount(language, money);
    match language {
        Language::English => {
            let gap = if symbol.len() == 3 && symbol.is_ascii() { "\u{a0}" } else { "" };
            match number.strip_prefix('-') {
                Some(magnitude) => format!("-{symbol}{gap}{magnitude}"),
                None => format!("{symbol}{gap}{number}"),
            }
        }
        Language::Dutch => format!("{symbol}{NO_BREAK}{number}"),
        Language::French | Language::German => format!("{number}{NO_BREAK}{symbol}"),
    }
}

/// A quantity without its unit: `0,684`.
pub fn quantity(language: Language, quantity: Quantity) -> String {
    number(language, &quantity.to_string())
}

/// A quantity with its unit where there is one: `0,684 kg`, `2`.
pub fn quantity_of(language: Language, value: Quantity, unit: Unit) -> String {
    match unit {
        Unit::Piece => quantity(language, value),
        Unit::Kilogram => format!("{}{NO_BREAK}kg", quantity(language, value)),
        Unit::Newer(unit) => format!("{}{NO_BREAK}{}", quantity(language, value), unit.code()),
    }
}

/// A rate in basis points: `21 %`.
pub fn percent(language: Language, rate_bp: i64) -> String {
    let number = number(language, &aurapos_domain::tax::percent(rate_bp));
    match language {
        Language::English | Language::Dutch => format!("{number}%"),
        Language::French | Language::German => format!("{number}{NO_BREAK}%"),
    }
}

/// A date: `22/11/2026`.
pub fn date(language: Language, date: Date) -> String {
    let (year, month, day) = date.ymd();
    match language {
        Language::English | Language::French => format!("{day:02}/{month:02}/{year:04}"),
        Language::Dutch => format!("{day:02}-{month:02}-{year:04}"),
        Language::German => format!("{day:02}.{month:02}.{year:04}"),
    }
}

/// A time of day: `14:56`.
pub fn time(time: LocalTime) -> String {
    format!("{:02}:{:02}", time.hour, time.minute)
}

/// A date and a time of day: `22/11/2026 14:56`.
pub fn date_time(language: Language, local: LocalTime) -> String {
    format!("{} {}", date(language, local.date), time(local))
}

/// What stands for a currency: its sign where everybody knows it, otherwise its code.
pub fn symbol(currency: Currency) -> String {
    match currency.code() {
        "EUR" => "€".to_owned(),
        "USD" => "$".to_owned(),
        "GBP" => "£".to_owned(),
        "JPY" => "¥".to_owned(),
        code => code.to_owned(),
    }
}

/// The decimal sign: what the comma key of a numpad shows.
pub const fn decimal_sign(language: Language) -> char {
    match language {
        Language::English => '.',
        Language::French | Language::Dutch | Language::German => ',',
    }
}

/// The sign between groups of three digits.
pub const fn group_sign(language: Language) -> char {
    match language {
        Language::English => ',',
        Language::French => NO_BREAK,
        Language::Dutch | Language::German => '.',
    }
}

/// The same with a true minus (U+2212), which is as wide as a figure: for screens; receipts keep the ASCII one.
///
/// For amounts and quantities only: a date or a name may have hyphens.
pub fn on_screen(number: impl Into<String>) -> String {
    let number: String = number.into();
    if number.contains('-') { number.replace('-', "\u{2212}") } else { number }
}

/// Turns a plain decimal into the language's: groups of three, its decimal sign.
pub(crate) fn number(language: Language, plain: &str) -> String {
    let (group, decimal) = (group_sign(language), decimal_sign(language));
    let (sign, magnitude) = plain.strip_prefix('-').map_or(("", plain), |rest| ("-", rest));
    let (whole, decimals) = magnitude.split_once('.').unwrap_or((magnitude, ""));
    let mut text = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            text.push(group);
        }
        text.push(digit);
    }
    if !decimals.is_empty() {
        text.push(decimal);
        text.push_str(decimals);
    }
    text
}

/// French puts a space before its double signs, at which a line must not break; the tables have a plain one.
pub(crate) fn spaced(language: Language, text: &str) -> String {
    match language {
        Language::French => [" :", " ;", " ?", " !", " »"]
            .iter()
            .fold(text.replace("« ", "«\u{a0}"), |text, sign| text.replace(sign, &sign.replace(' ', "\u{a0}"))),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use aurapos_domain::calendar::Timestamp;

    #[test]
    fn amounts_in_every_language() {
        fn check(minor: i64, code: &str, expected: [&str; 4]) {
            let value = Money::new(minor, Currency::from_code(code).unwrap());
            let found = Language::ALL.map(|language| money(language, value).replace(NO_BREAK, "_"));
            assert_eq!(found, expected);
        }
        check(123_456, "EUR", ["€1,234.56", "1_234,56_€", "€_1.234,56", "1.234,56_€"]);
        check(-5, "EUR", ["-€0.05", "-0,05_€", "€_-0,05", "-0,05_€"]);
        check(123_456_789, "JPY", ["¥123,456,789", "123_456_789_¥", "¥_123.456.789", "123.456.789_¥"]);
        check(100_000, "CHF", ["CHF_1,000.00", "1_000,00_CHF", "CHF_1.000,00", "1.000,00_CHF"]);
        check(-99_999, "KWD", ["-KWD_99.999", "-99,999_KWD", "KWD_-99,999", "-99,999_KWD"]);
        check(
            i64::MIN,
            "EUR",
            [
                "-€92,233,720,368,547,758.08",
                "-92_233_720_368_547_758,08_€",
                "€_-92.233.720.368.547.758,08",
                "-92.233.720.368.547.758,08_€",
            ],
        );
    }

    #[test]
    fn quantities_and_rates_in_every_language() {
        fn check(found: impl Fn(Language) -> String, expected: [&str; 4]) {
            assert_eq!(Language::ALL.map(|language| found(language).replace(NO_BREAK, "_")), expected);
        }
        let weight = Quantity::from_thousandths(1_234_684);
        check(
            |l| quantity_of(l, weight, Unit::Kilogram),
            ["1,234.684_kg", "1_234,684_kg", "1.234,684_kg", "1.234,684_kg"],
        );
        check(|l| quantity_of(l, Quantity::pieces(-2), Unit::Piece), ["-2", "-2", "-2", "-2"]);
        check(|l| percent(l, 2100), ["21%", "21_%", "21%", "21_%"]);
        check(|l| percent(l, 550), ["5.5%", "5,5_%", "5,5%", "5,5_%"]);
    }

    #[test]
    fn dates_in_every_language() {
        let local = Timestamp(1_795_355_775_000_000).local(3600);
        let found = Language::ALL.map(|language| date_time(language, local));
        assert_eq!(found, ["22/11/2026 14:56", "22/11/2026 14:56", "22-11-2026 14:56", "22.11.2026 14:56"]);
    }

    #[test]
    fn languages_by_code() {
        for language in Language::ALL {
            assert_eq!(Language::from_code(language.code()), Some(language));
            assert_eq!(Language::ALL[language.column()], language);
        }
        assert_eq!(Language::from_code("fr-BE"), Some(Language::French));
        assert_eq!(Language::from_code("NL_be"), Some(Language::Dutch));
        assert_eq!(Language::from_code("es"), None);
        assert_eq!(Language::from_code(""), None);
    }
}
