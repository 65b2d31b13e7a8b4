//! What comes back for a part of a line, so that all parts together make the whole line.

use crate::money::{Money, MoneyError, Quantity, div_half_away};

/// What can be wrong with a refund.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefundError {
    /// Nothing, or less than nothing.
    #[error("a refund needs a quantity above zero, not {quantity}")]
    NotPositive {
        /// The quantity.
        quantity: Quantity,
    },
    /// More than is left.
    #[error("{quantity} was asked back and only {remaining} of the line is left")]
    MoreThanRemains {
        /// The quantity asked back.
        quantity: Quantity,
        /// What is left.
        remaining: Quantity,
    },
    /// The amount did not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// The amount for `quantity` of a line of which `remaining_quantity` for `remaining_amount` is left:
/// remaining amount × quantity / remaining quantity, so that the last piece takes the last cent.
pub fn refund_part(
    remaining_amount: Money,
    remaining_quantity: Quantity,
    quantity: Quantity,
) -> Result<Money, RefundError> {
    if quantity <= Quantity::ZERO {
        return Err(RefundError::NotPositive { quantity });
    }
    if quantity > remaining_quantity {
        return Err(RefundError::MoreThanRemains { quantity, remaining: remaining_quantity });
    }
    let product = i128::from(remaining_amount.minor) * i128::from(quantity.thousandths());
    let minor = div_half_away(product, i128::from(remaining_quantity.thousandths()));
    let minor = i64::try_from(minor).map_err(|_| MoneyError::Overflow)?;
    Ok(Money::new(minor, remaining_amount.currency))
}
