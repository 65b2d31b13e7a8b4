//! Counting cash: which coins and notes there are in a shop's drawer, and how many of each.

use aurapos_domain::country::CountryProfile;
use aurapos_domain::drawer::{DrawerError, count_cash, denominations};
use aurapos_domain::money::{Currency, Money};
use aurapos_domain::tender::RoundingScope;

/// Most pieces of one value.
const COUNT_MAX: u32 = 9_999;

/// The coins and notes that a shop uses, largest first: those below the cash rounding of its country are left out.
pub fn used(currency: Currency, country: &str) -> Vec<i64> {
    let rounding = CountryProfile::find(country).map(|profile| profile.rounding);
    let step = rounding.filter(|rule| rule.scope != RoundingScope::Never).map_or(1, |rule| rule.step_minor);
    denominations(currency).iter().copied().filter(|value| *value >= step).collect()
}

/// Whether a piece is a note and no coin: five units of the currency and more, as in every currency that is listed, but
/// for the dollar, whose one is paper.
pub fn is_note(value: i64, currency: Currency) -> bool {
    let unit = 10_i64.pow(u32::from(currency.digits()));
    let smallest = if currency.code() == "USD" { unit } else { 5 * unit };
    value >= smallest
}

/// How many pieces of each value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Count {
    /// Value in minor units and how many.
    rows: Vec<(i64, u32)>,
    selected: usize,
    /// The next digit begins a new number.
    fresh: bool,
}

impl Count {
    /// Nothing of each; the first is selected.
    pub fn of(values: Vec<i64>) -> Count {
        Count { rows: values.into_iter().map(|value| (value, 0)).collect(), selected: 0, fresh: true }
    }

    /// Value and how many, in order.
    pub fn rows(&self) -> &[(i64, u32)] {
        &self.rows
    }

    /// Place of the row that digits go to.
    pub fn selected(&self) -> usize {
        self.selected
    }

    /// Digits go to this row.
    pub fn select(&mut self, place: usize) {
        if place < self.rows.len() {
            self.selected = place;
            self.fresh = true;
        }
    }

    /// The row below or above.
    pub fn step(&mut self, by: isize) {
        if let Some(place) = self.selected.checked_add_signed(by) {
            self.select(place);
        }
    }

    /// More or less of a row, which is selected by it.
    pub fn add(&mut self, place: usize, by: i64) {
        let Some((_, count)) = self.rows.get_mut(place) else { return };
        let sum = i64::from(*count).saturating_add(by).clamp(0, i64::from(COUNT_MAX));
        *count = u32::try_from(sum).unwrap_or(*count);
        self.select(place);
    }

    /// A key of the pad, for the selected row: a digit, `00` or `back`.
    pub fn key(&mut self, key: &str) {
        let Some((_, count)) = self.rows.get_mut(self.selected) else { return };
        if key == "back" {
            *count /= 10;
            self.fresh = false;
            return;
        }
        for digit in key.chars().filter_map(|key| key.to_digit(10)) {
            let before = if std::mem::take(&mut self.fresh) { 0 } else { *count };
            let sum = before * 10 + digit;
            if sum <= COUNT_MAX {
                *count = sum;
            }
        }
    }

    /// Nothing of anything.
    pub fn clear(&mut self) {
        self.rows.iter_mut().for_each(|(_, count)| *count = 0);
        self.select(0);
    }

    /// What it comes to.
    ///
    /// # Errors
    /// More than fits.
    pub fn total(&self, currency: Currency) -> Result<Money, DrawerError> {
        count_cash(currency, &self.rows)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn which_coins_a_country_uses() {
        let usd = Currency::from_code("USD").unwrap();
        let table = [
            ("BE", Currency::EUR, 13, 5),
            ("LU", Currency::EUR, 15, 1),
            ("XX", usd, 12, 1),
            ("??", Currency::EUR, 15, 1),
        ];
        for (country, currency, pieces, smallest) in table {
            let used = used(currency, country);
            assert_eq!((used.len(), *used.last().unwrap()), (pieces, smallest), "{country}");
        }
        let yen = Currency::from_code("JPY").unwrap();
        assert!(used(yen, "BE").is_empty(), "not listed: the total is typed");
    }

    #[test]
    fn notes_and_coins() {
        let usd = Currency::from_code("USD").unwrap();
        let table = [(500, Currency::EUR, true), (200, Currency::EUR, false), (100, usd, true), (50, usd, false)];
        for (value, currency, note) in table {
            assert_eq!(is_note(value, currency), note, "{value} {}", currency.code());
        }
    }

    #[test]
    fn counting() {
        let mut count = Count::of(used(Currency::EUR, "BE"));
        let total = |count: &Count| count.total(Currency::EUR).unwrap().minor;
        assert_eq!(total(&count), 0);
        count.add(3, 1);
        count.add(3, 1);
        assert_eq!((total(&count), count.selected()), (10_000, 3), "two notes of 50");
        count.key("1");
        assert_eq!(total(&count), 5_000, "typing begins a new number");
        count.key("2");
        count.key("00");
        assert_eq!(total(&count), 1200 * 5_000);
        count.key("9");
        assert_eq!(total(&count), 1200 * 5_000, "too many pieces are not taken");
        count.key("back");
        count.key("back");
        assert_eq!(total(&count), 12 * 5_000);
        count.step(1);
        count.key("5");
        assert_eq!(total(&count), 12 * 5_000 + 5 * 2_000);
        count.add(4, -9);
        assert_eq!(total(&count), 12 * 5_000, "never below nothing");
        count.step(-99);
        assert_eq!(count.selected(), 4, "no such row");
        count.select(12);
        count.key("7");
        assert_eq!(total(&count), 12 * 5_000 + 35);
        count.clear();
        assert_eq!((total(&count), count.selected()), (0, 0));
    }
}
