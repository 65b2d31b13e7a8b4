//! Money and quantities as integers: minor units of a currency, thousandths of a unit.
//!
//! Owns checked arithmetic, the one rounding rule of the house and the plain decimal form (`"12.50"`, `"0.684"`).
//! Must not know how people of a country like to read an amount: that is `aurapos-locale`.

use std::fmt;

mod currency;
mod decimal;
mod quantity;

pub use currency::Currency;
pub use quantity::Quantity;

/// What can be wrong with an amount or a quantity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The result does not fit into 64 bits; nothing was rounded or wrapped.
    #[error("the amount is too large")]
    Overflow,
    /// Two amounts of different currencies were put together.
    #[error("{left} and {right} cannot be put together")]
    CurrencyDiffers {
        /// Currency of the left operand.
        left: Currency,
        /// Currency of the right operand.
        right: Currency,
    },
    /// The text is not a plain decimal number.
    #[error("\"{text}\" is not a number like 12.50")]
    NotANumber {
        /// What was given, cut to a readable length.
        text: String,
    },
    /// More decimals than the currency (or a quantity) has.
    #[error("\"{text}\" has more than {allowed} decimals")]
    TooManyDecimals {
        /// What was given, cut to a readable length.
        text: String,
        /// How many decimals there may be.
        allowed: u8,
    },
    /// Not a currency of ISO 4217.
    #[error("\"{code}\" is not a currency code of ISO 4217")]
    UnknownCurrency {
        /// What was given.
        code: String,
    },
}

/// Divides and rounds half away from zero: the only rounding of money in the house.
///
/// # Panics
/// When `denominator` is zero; callers divide by quantities and rates that were checked before.
pub fn div_half_away(numerator: i128, denominator: i128) -> i128 {
    assert!(denominator != 0, "a division of money by zero is a bug of the caller");
    let quotient = numerator / denominator;
    let remainder = numerator % denominator;
    // |remainder| < |denominator|, so the comparison below cannot overflow.
    if remainder.unsigned_abs() >= denominator.unsigned_abs() - remainder.unsigned_abs() {
        if (numerator < 0) == (denominator < 0) { quotient + 1 } else { quotient - 1 }
    } else {
        quotient
    }
}

/// An amount: minor units (cents) of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    /// Minor units, for example cents; negative for what is given back.
    pub minor: i64,
    /// The currency the minor units belong to.
    pub currency: Currency,
}

impl Money {
    /// `minor` units of `currency`.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Money { minor, currency }
    }

    /// Nothing, in `currency`.
    pub const fn zero(currency: Currency) -> Self {
        Money { minor: 0, currency }
    }

    /// Reads a plain decimal such as `12.50`, `-3` or `0.5`; a dot, no grouping, no more decimals than the currency has.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        Ok(Money { minor: decimal::parse(text, currency.digits())?, currency })
    }

    /// The plain decimal form with all decimals of the currency: `12.50`.
    pub fn to_decimal(self) -> String {
        decimal::format(self.minor, self.currency.digits())
    }

    /// True for exactly nothing.
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// True below zero.
    pub const fn is_negative(self) -> bool {
        self.minor < 0
    }

    /// True above zero.
    pub const fn is_positive(self) -> bool {
        self.minor > 0
    }

    /// Fails unless both amounts are of one currency.
    pub fn same_currency(self, other: Money) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::CurrencyDiffers { left: self.currency, right: other.currency })
        }
    }

    /// The sum; fails on overflow or different currencies.
    pub fn checked_add(self, other: Money) -> Result<Money, MoneyError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Money { minor, ..self })
    }

    /// The difference; fails on overflow or different currencies.
    pub fn checked_sub(self, other: Money) -> Result<Money, MoneyError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_sub(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Money { minor, ..self })
    }

    /// The amount with the other sign.
    pub fn checked_neg(self) -> Result<Money, MoneyError> {
        Ok(Money { minor: self.minor.checked_neg().ok_or(MoneyError::Overflow)?, ..self })
    }

    /// The amount without its sign.
    pub fn checked_abs(self) -> Result<Money, MoneyError> {
        Ok(Money { minor: self.minor.checked_abs().ok_or(MoneyError::Overflow)?, ..self })
    }

    /// `self * numerator / denominator`, rounded half away from zero.
    ///
    /// # Panics
    /// When `denominator` is zero.
    pub fn scaled(self, numerator: i64, denominator: i64) -> Result<Money, MoneyError> {
        let minor = div_half_away(i128::from(self.minor) * i128::from(numerator), i128::from(denominator));
        Ok(Money { minor: i64::try_from(minor).map_err(|_| MoneyError::Overflow)?, ..self })
    }

    /// Price times quantity, rounded half away from zero.
    pub fn times(self, quantity: Quantity) -> Result<Money, MoneyError> {
        self.scaled(quantity.thousandths(), Quantity::ONE.thousandths())
    }

    /// A share in basis points (21 % = 2100), rounded half away from zero.
    pub fn basis_points(self, rate_bp: i64) -> Result<Money, MoneyError> {
        self.scaled(rate_bp, crate::tax::WHOLE_BP)
    }

    /// Rounds half away from zero to a multiple of `step_minor` (5 for five cents; 0 and 1 leave the amount alone).
    pub fn rounded_to(self, step_minor: i64) -> Result<Money, MoneyError> {
        if step_minor <= 1 {
            return Ok(self);
        }
        let steps = div_half_away(i128::from(self.minor), i128::from(step_minor));
        let minor = steps * i128::from(step_minor);
        Ok(Money { minor: i64::try_from(minor).map_err(|_| MoneyError::Overflow)?, ..self })
    }

    /// The sum of many amounts; nothing in `currency` when there are none.
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Money>) -> Result<Money, MoneyError> {
        amounts.into_iter().try_fold(Money::zero(currency), Money::checked_add)
    }
}

impl fmt::Display for Money {
    /// `12.50 EUR`: for messages and logs, never for a shop's customer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.to_decimal(), self.currency)
    }
}

#[cfg(test)]
mod tests;
