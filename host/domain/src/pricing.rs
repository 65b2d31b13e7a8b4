//! Discounts: percent or amount, on a line or spread over a ticket by largest remainder.

use crate::money::{Money, MoneyError, div_half_away};
use crate::tax::WHOLE_BP;

/// What can be wrong with a discount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PricingError {
    /// Below 0 % or above 100 %.
    #[error("a discount of {} % is outside of 0 to 100 %", crate::tax::percent(*rate_bp))]
    PercentOutOfRange {
        /// The discount in basis points.
        rate_bp: i64,
    },
    /// An amount below zero would be a surcharge.
    #[error("a discount of {amount} is below zero")]
    Negative {
        /// The discount.
        amount: Money,
    },
    /// More than there is.
    #[error("a discount of {amount} is more than the {available} it is taken from")]
    MoreThanAmount {
        /// The discount.
        amount: Money,
        /// What it would be taken from.
        available: Money,
    },
    /// There is nothing to spread an amount over.
    #[error("there is nothing to spread {total_minor} minor units over")]
    NothingToSpreadOver {
        /// What was to be spread.
        total_minor: i64,
    },
    /// An amount did not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// A discount as it was agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discount {
    /// A share in basis points: 10 % = 1000.
    Percent(i64),
    /// An amount, never below zero.
    Amount(Money),
}

impl Discount {
    /// Fails unless the discount itself is sensible; whether it fits an amount, `of` tells.
    pub fn check(&self) -> Result<(), PricingError> {
        match *self {
            Discount::Percent(rate_bp) if !(0..=WHOLE_BP).contains(&rate_bp) => {
                Err(PricingError::PercentOutOfRange { rate_bp })
            }
            Discount::Amount(amount) if amount.is_negative() => Err(PricingError::Negative { amount }),
            _ => Ok(()),
        }
    }

    /// What the discount takes from `amount`. It has the sign of `amount`: on goods that come back, less is given back.
    pub fn of(&self, amount: Money) -> Result<Money, PricingError> {
        self.check()?;
        match *self {
            Discount::Percent(rate_bp) => Ok(amount.basis_points(rate_bp)?),
            Discount::Amount(off) => {
                off.same_currency(amount)?;
                if off.minor > amount.checked_abs()?.minor {
                    return Err(PricingError::MoreThanAmount { amount: off, available: amount });
                }
                Ok(if amount.is_negative() { off.checked_neg()? } else { off })
            }
        }
    }
}

/// Spreads `total_minor` over `weights` so that the parts add up exactly: each gets its share rounded down, and what is
/// left goes one by one to the largest remainders, the earlier of two equal ones first.
///
/// Weights below zero count as nothing. When `0 <= total <= sum of weights`, no part exceeds its weight.
pub fn spread_largest_remainder(total_minor: i64, weights: &[i64]) -> Result<Vec<i64>, PricingError> {
    let weights: Vec<i128> = weights.iter().map(|weight| i128::from((*weight).max(0))).collect();
    let sum: i128 = weights.iter().sum();
    if total_minor == 0 {
        return Ok(vec![0; weights.len()]);
    }
    if sum == 0 {
        return Err(PricingError::NothingToSpreadOver { total_minor });
    }
    let magnitude = i128::from(total_minor.unsigned_abs());
    let mut parts: Vec<i128> = weights.iter().map(|weight| magnitude * weight / sum).collect();
    let mut left = magnitude - parts.iter().sum::<i128>();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|index| (-(magnitude * weights[*index] % sum), *index));
    for index in order {
        if left == 0 {
            break;
        }
        parts[index] += 1;
        left -= 1;
    }
    let sign = i128::from(total_minor.signum());
    let narrow = |part: i128| i64::try_from(part * sign).map_err(|_| PricingError::from(MoneyError::Overflow));
    parts.into_iter().map(narrow).collect()
}

/// The quantity that a label's price stands for at a price per unit, rounded to a thousandth; `None` at price zero.
///
/// A price label does not tell the weight; stock and statistics want it.
pub fn quantity_of_label(total: Money, unit_price: Money) -> Option<crate::money::Quantity> {
    if unit_price.minor == 0 {
        return None;
    }
    let thousandths = div_half_away(i128::from(total.minor) * 1000, i128::from(unit_price.minor));
    i64::try_from(thousandths).ok().map(crate::money::Quantity::from_thousandths)
}

#[cfg(test)]
mod tests;
