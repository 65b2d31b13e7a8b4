//! An amount as it is typed, key by key; only the screen's text of it is in the operator's language.

use aurapos_domain::money::{Currency, Money};
use aurapos_locale::{Language, format};

/// Most digits before the decimal sign: above it a barcode went into the amount.
const WHOLE_MAX: usize = 7;

/// An amount that is being typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MoneyEntry {
    /// Digits with at most one point.
    text: String,
}

impl MoneyEntry {
    /// A key of the pad: a digit, `00`, `.` for the decimal sign, `back`. What makes no amount is not taken.
    pub fn key(&mut self, key: &str, currency: Currency) {
        match key {
            "back" => drop(self.text.pop()),
            "." => self.point(currency),
            _ => key.chars().filter(char::is_ascii_digit).for_each(|digit| self.digit(digit, currency)),
        }
    }

    fn point(&mut self, currency: Currency) {
        if currency.digits() == 0 || self.text.contains('.') {
            return;
        }
        if self.text.is_empty() {
            self.text.push('0');
        }
        self.text.push('.');
    }

    fn digit(&mut self, digit: char, currency: Currency) {
        match self.text.split_once('.') {
            Some((_, decimals)) if decimals.len() >= usize::from(currency.digits()) => return,
            None if self.text == "0" => self.text.clear(),
            None if self.text.len() >= WHOLE_MAX => return,
            _ => {}
        }
        self.text.push(digit);
    }

    /// Nothing is typed.
    pub fn clear(&mut self) {
        self.text.clear();
    }

    /// Whether nothing is typed.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// What is typed; `None` for nothing.
    pub fn amount(&self, currency: Currency) -> Option<Money> {
        Money::parse(self.text.trim_end_matches('.'), currency).ok()
    }

    /// What is typed, with the language's decimal sign.
    pub fn shown(&self, language: Language) -> String {
        self.text.replace('.', &format::decimal_sign(language).to_string())
    }
}

/// What the decimal key of a pad shows; nothing for a currency without decimals.
pub fn decimal_key(language: Language, currency: Currency) -> String {
    if currency.digits() == 0 { String::new() } else { format::decimal_sign(language).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &str, currency: Currency) -> MoneyEntry {
        let mut entry = MoneyEntry::default();
        keys.split(' ').for_each(|key| entry.key(key, currency));
        entry
    }

    #[test]
    fn what_keys_make() {
        let yen = Currency::from_code("JPY").unwrap_or(Currency::EUR);
        let table = [
            (Currency::EUR, "", "", None),
            (Currency::EUR, "2 0", "20", Some(2000)),
            (Currency::EUR, "2 00", "200", Some(20_000)),
            (Currency::EUR, "0 5", "5", Some(500)),
            (Currency::EUR, "0 0 0", "0", Some(0)),
            (Currency::EUR, ". 5", "0,5", Some(50)),
            (Currency::EUR, "1 .", "1,", Some(100)),
            (Currency::EUR, "1 . . 2 . 5 9", "1,25", Some(125)),
            (Currency::EUR, "1 . 2 back back", "1", Some(100)),
            (Currency::EUR, "back", "", None),
            (Currency::EUR, "5 4 1 0 0 4 1 2 3 4 5 6 7", "5410041", Some(541_004_100)),
            (yen, "5 . 5", "55", Some(55)),
        ];
        for (currency, keys, shown, minor) in table {
            let entry = typed(keys, currency);
            assert_eq!(entry.shown(Language::French), shown, "{keys}");
            assert_eq!(entry.amount(currency).map(|amount| amount.minor), minor, "{keys}");
        }
    }

    #[test]
    fn a_currency_without_decimals_has_no_decimal_key() {
        let yen = Currency::from_code("JPY").unwrap_or(Currency::EUR);
        assert_eq!(decimal_key(Language::English, yen), "");
        assert_eq!(decimal_key(Language::English, Currency::EUR), ".");
        assert_eq!(decimal_key(Language::Dutch, Currency::EUR), ",");
    }
}
