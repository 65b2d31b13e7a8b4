//! Quantities in thousandths: one piece is 1000, one kilogram is 1000.

use super::{MoneyError, decimal};
use std::fmt;

/// A quantity in thousandths of its unit; negative when goods come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Quantity(i64);

impl Quantity {
    /// Nothing.
    pub const ZERO: Quantity = Quantity(0);
    /// One piece, or one kilogram.
    pub const ONE: Quantity = Quantity(1000);

    /// A quantity of so many thousandths.
    pub const fn from_thousandths(thousandths: i64) -> Self {
        Quantity(thousandths)
    }

    /// So many whole pieces.
    pub fn pieces(count: i32) -> Self {
        Quantity(i64::from(count) * 1000)
    }

    /// Reads a plain decimal with up to three decimals: `2`, `0.684`, `-1`.
    pub fn parse(text: &str) -> Result<Self, MoneyError> {
        decimal::parse(text, 3).map(Quantity)
    }

    /// Thousandths of the unit.
    pub const fn thousandths(self) -> i64 {
        self.0
    }

    /// True for exactly nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// True below zero.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// True when there is no part of a unit.
    pub const fn is_whole(self) -> bool {
        self.0 % 1000 == 0
    }

    /// The sum; fails on overflow.
    pub fn checked_add(self, other: Quantity) -> Result<Quantity, MoneyError> {
        self.0.checked_add(other.0).map(Quantity).ok_or(MoneyError::Overflow)
    }

    /// The difference; fails on overflow.
    pub fn checked_sub(self, other: Quantity) -> Result<Quantity, MoneyError> {
        self.0.checked_sub(other.0).map(Quantity).ok_or(MoneyError::Overflow)
    }

    /// The quantity with the other sign.
    pub fn checked_neg(self) -> Result<Quantity, MoneyError> {
        self.0.checked_neg().map(Quantity).ok_or(MoneyError::Overflow)
    }
}

impl fmt::Display for Quantity {
    /// The shortest plain decimal: `2`, `1.5`, `0.684`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = decimal::format(self.0, 3);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}
