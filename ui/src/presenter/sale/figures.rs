//! Figures as they are typed on a keypad, key by key: a quantity, a weight, a price, a percentage.

use aurapos_domain::money::{Currency, Money, Quantity};
use aurapos_locale::{Language, format, parse};

/// Most digits before the decimal sign: above it a barcode was typed.
const WHOLE_MAX: usize = 6;

/// What is being typed: digits with at most one point.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures(String);

impl Figures {
    /// A key: a digit, `00`, `.` for the decimal sign, `back`. What makes no number of so many decimals is not taken.
    pub fn key(&mut self, key: &str, decimals: u8) {
        match key {
            "back" => drop(self.0.pop()),
            "." if decimals > 0 && !self.0.contains('.') => {
                if self.0.is_empty() {
                    self.0.push('0');
                }
                self.0.push('.');
            }
            "." => {}
            _ => key.chars().filter(char::is_ascii_digit).for_each(|digit| self.digit(digit, decimals)),
        }
    }

    fn digit(&mut self, digit: char, decimals: u8) {
        match self.0.split_once('.') {
            Some((_, behind)) if behind.len() >= usize::from(decimals) => return,
            None if self.0 == "0" => self.0.clear(),
            None if self.0.len() >= WHOLE_MAX => return,
            _ => {}
        }
        self.0.push(digit);
    }

    /// Nothing is typed.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether nothing is typed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is typed, with the language's decimal sign.
    pub fn shown(&self, language: Language) -> String {
        self.0.replace('.', &format::decimal_sign(language).to_string())
    }

    fn plain(&self) -> &str {
        self.0.trim_end_matches('.')
    }

    /// As a quantity; `None` for nothing.
    pub fn quantity(&self) -> Option<Quantity> {
        Quantity::parse(self.plain()).ok()
    }

    /// As an amount; `None` for nothing.
    pub fn money(&self, currency: Currency) -> Option<Money> {
        Money::parse(self.plain(), currency).ok()
    }

    /// As a rate in basis points of at most 100 %; `None` for nothing and for more.
    pub fn percent(&self) -> Option<i64> {
        parse::percent(Language::English, self.plain()).ok().filter(|rate| *rate <= aurapos_domain::tax::WHOLE_BP)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &str, decimals: u8) -> Figures {
        let mut figures = Figures::default();
        keys.split_whitespace().for_each(|key| figures.key(key, decimals));
        figures
    }

    #[test]
    fn what_keys_make_of_a_quantity() {
        let table: [(&str, u8, &str, Option<i64>); 10] = [
            ("", 0, "", None),
            ("3", 0, "3", Some(3_000)),
            ("1 2", 0, "12", Some(12_000)),
            ("1 . 5", 0, "15", Some(15_000)),
            ("0 . 6 8 4 9", 3, "0,684", Some(684)),
            (". 5", 3, "0,5", Some(500)),
            ("2 .", 3, "2,", Some(2_000)),
            ("0 0 7", 0, "7", Some(7_000)),
            ("1 2 back 00", 0, "100", Some(100_000)),
            ("5 4 1 0 0 4 1 2 3", 0, "541004", Some(541_004_000)),
        ];
        for (keys, decimals, shown, thousandths) in table {
            let figures = typed(keys, decimals);
            assert_eq!(figures.shown(Language::French), shown, "{keys}");
            assert_eq!(figures.quantity().map(Quantity::thousandths), thousandths, "{keys}");
        }
    }

    #[test]
    fn what_keys_make_of_amounts_and_rates() {
        let table = [
            ("1 2 . 5", Some(1_250), Some(1_250)),
            ("1 0 0", Some(10_000), Some(10_000)),
            ("1 0 1", Some(10_100), None),
        ];
        for (keys, minor, rate) in table {
            let figures = typed(keys, 2);
            assert_eq!(figures.money(Currency::EUR).map(|money| money.minor), minor, "{keys}");
            assert_eq!(figures.percent(), rate, "{keys}");
        }
        assert_eq!(typed("", 2).percent(), None);
    }
}
