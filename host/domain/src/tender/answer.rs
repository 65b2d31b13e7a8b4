//! The check of what a payment plugin answers: whatever it says is recomputed, and refused when it does not add up.

use super::TenderKind;
use crate::money::{Money, MoneyError};

/// What was asked of a payment plugin. Amounts are below zero when money is paid back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaymentRequest {
    /// The way.
    pub kind: TenderKind,
    /// What is due in this way, already rounded by the domain.
    pub due: Money,
    /// What the customer hands over: for cash maybe more than is due, otherwise what is to be charged.
    pub tendered: Money,
}

/// What the plugin answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaymentAnswer {
    /// What counts towards the sale.
    pub approved: Money,
    /// What is handed back.
    pub change: Money,
}

/// An answer that does not add up. The sale goes on without it; the plugin is reported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaymentMismatch {
    /// The answer is in another currency, or too large to add.
    #[error("the payment's answer cannot be added up: {0}")]
    Money(#[from] MoneyError),
    /// Something was charged when something was to be paid back, or the other way round.
    #[error("the payment approved {approved} with change {change} when {due} was due: wrong sign")]
    WrongSign {
        /// What was due.
        due: Money,
        /// What was approved.
        approved: Money,
        /// The change.
        change: Money,
    },
    /// More was approved than was due or handed over.
    #[error("the payment approved {approved}, more than the {limit} that was asked")]
    ApprovedTooMuch {
        /// The most that could be approved.
        limit: Money,
        /// What was approved.
        approved: Money,
    },
    /// Cash: approved and change are not what was handed over.
    #[error("{approved} approved and {change} change are not the {tendered} that was handed over")]
    DoesNotAddUp {
        /// What was handed over.
        tendered: Money,
        /// What was approved.
        approved: Money,
        /// The change.
        change: Money,
    },
    /// Only cash gives change.
    #[error("{kind:?} gave {change} change; only cash gives change")]
    ChangeWithoutCash {
        /// The way.
        kind: TenderKind,
        /// The change.
        change: Money,
    },
}

/// Fails unless the answer can be true. A card may approve a part; cash counts exactly.
pub fn check_answer(request: PaymentRequest, answer: PaymentAnswer) -> Result<(), PaymentMismatch> {
    let PaymentRequest { kind, due, tendered } = request;
    let PaymentAnswer { approved, change } = answer;
    due.same_currency(tendered)?;
    approved.same_currency(due)?;
    change.same_currency(due)?;
    let direction = due.minor.signum();
    let against = |amount: Money| amount.minor.signum() == -direction && !amount.is_zero();
    if against(approved) || against(change) {
        return Err(PaymentMismatch::WrongSign { due, approved, change });
    }
    let smaller = if due.minor.unsigned_abs() < tendered.minor.unsigned_abs() { due } else { tendered };
    if approved.minor.unsigned_abs() > smaller.minor.unsigned_abs() {
        return Err(PaymentMismatch::ApprovedTooMuch { limit: smaller, approved });
    }
    if kind != TenderKind::Cash {
        return if change.is_zero() { Ok(()) } else { Err(PaymentMismatch::ChangeWithoutCash { kind, change }) };
    }
    if approved.checked_add(change)? != tendered || approved != smaller {
        return Err(PaymentMismatch::DoesNotAddUp { tendered, approved, change });
    }
    Ok(())
}
