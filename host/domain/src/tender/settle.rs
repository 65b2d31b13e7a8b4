//! Settling: what remains due after some tenders, and what becomes change or rounding when everything is paid.
//!
//! The Belgian rule: what is settled in cash is rounded to five cents, other tenders pay the exact rest, and vouchers are
//! never rounded. The difference is a line of its own and never part of the VAT base.

use super::{
    Due, RoundingRule, RoundingScope, TENDER_MINOR_MAX, TENDERS_MAX, Tender, TenderError, TenderKind, sum_where,
};
use crate::money::{Money, MoneyError};

/// What a tender came to: `tendered = applied + change`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TenderPart {
    /// The way.
    pub kind: TenderKind,
    /// What was handed over.
    pub tendered: Money,
    /// What counts towards the sale.
    pub applied: Money,
    /// What is handed back.
    pub change: Money,
}

/// Where a sale stands: paid, or what remains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// The total before rounding.
    pub total: Money,
    /// The rounding difference; nothing until the sale is settled. `applied = total + rounding`.
    pub rounding: Money,
    /// The tenders in order.
    pub parts: Vec<TenderPart>,
    /// What is handed back.
    pub change: Money,
    /// What remains when it is paid in cash.
    pub remaining_cash: Money,
    /// What remains when it is paid by card or another way that is not a voucher.
    pub remaining_other: Money,
    /// What remains when it is paid by voucher (never rounded; meal vouchers see `remaining_meal`).
    pub remaining_voucher: Money,
    /// What meal vouchers may still pay.
    pub remaining_meal: Money,
    /// True when nothing remains and the sale can be committed.
    pub settled: bool,
}

impl Settlement {
    /// Sum of what counts towards the sale.
    pub fn applied(&self) -> Result<Money, MoneyError> {
        Money::sum(self.total.currency, self.parts.iter().map(|part| part.applied))
    }
}

/// What counts against a total, by how it is rounded.
struct Sums {
    cash: Money,
    voucher: Money,
    meal: Money,
    other: Money,
}

/// Tells where a sale stands after these tenders.
pub fn settle(due: Due, rule: RoundingRule, tenders: &[Tender]) -> Result<Settlement, TenderError> {
    check_tenders(due, tenders)?;
    let currency = due.total.currency;
    let sums = Sums {
        cash: sum_where(currency, tenders, |kind| kind == TenderKind::Cash)?,
        voucher: sum_where(currency, tenders, TenderKind::is_voucher)?,
        meal: sum_where(currency, tenders, |kind| kind == TenderKind::MealVoucher)?,
        other: sum_where(currency, tenders, |kind| kind != TenderKind::Cash && !kind.is_voucher())?,
    };
    // What is due in each way when the tenders of that way pay all the rest.
    let after_vouchers = due.total.checked_sub(sums.voucher)?;
    let payable = match rule.scope {
        RoundingScope::AllTenders => rule.round(due, after_vouchers)?,
        RoundingScope::CashPart | RoundingScope::Never => after_vouchers,
    };
    let cash_exact = payable.checked_sub(sums.other)?;
    let cash_due = match rule.scope {
        RoundingScope::CashPart => rule.round(due, cash_exact)?,
        RoundingScope::AllTenders | RoundingScope::Never => cash_exact,
    };
    check_sums(due, tenders, &sums, payable)?;
    let has_cash = tenders.iter().any(|tender| tender.kind == TenderKind::Cash);
    let direction = due.total.minor.signum();
    let covers = towards(direction, sums.cash) >= towards(direction, cash_due);
    // A remainder that rounds to nothing is only forgiven to somebody who pays in cash, if need be with a tender of 0.00.
    let settled = cash_exact.is_zero() || (has_cash && covers);
    if !settled {
        return unsettled(due, tenders, &sums, payable, cash_due);
    }
    let change = if has_cash { sums.cash.checked_sub(cash_due)? } else { Money::zero(currency) };
    if has_cash && cash_exact.is_zero() && !sums.cash.is_zero() {
        return Err(TenderError::NothingDueInCash);
    }
    if direction < 0 && !change.is_zero() {
        return Err(TenderError::PaysBackTooMuch { paid: sums.cash, due: cash_due });
    }
    let cash_applied = if has_cash { cash_due } else { Money::zero(currency) };
    let applied = sums.voucher.checked_add(sums.other)?.checked_add(cash_applied)?;
    let zero = Money::zero(currency);
    let settlement = Settlement {
        total: due.total,
        rounding: applied.checked_sub(due.total)?,
        parts: parts(tenders, change)?,
        change,
        remaining_cash: zero,
        remaining_other: zero,
        remaining_voucher: zero,
        remaining_meal: zero,
        settled: true,
    };
    debug_assert_eq!(settlement.applied(), Ok(applied), "the parts of the tenders make what was applied");
    Ok(settlement)
}

fn check_tenders(due: Due, tenders: &[Tender]) -> Result<(), TenderError> {
    if tenders.len() > TENDERS_MAX {
        return Err(TenderError::TooMany);
    }
    due.food.same_currency(due.total)?;
    let direction = due.total.minor.signum();
    for tender in tenders {
        tender.amount.same_currency(due.total)?;
        if tender.amount.minor.unsigned_abs() > TENDER_MINOR_MAX.unsigned_abs() {
            return Err(TenderError::Absurd { amount: tender.amount });
        }
        let zero_cash = tender.kind == TenderKind::Cash && tender.amount.is_zero();
        if !zero_cash && tender.amount.minor.signum() != direction {
            return Err(TenderError::WrongSign { amount: tender.amount, total: due.total });
        }
    }
    Ok(())
}

fn check_sums(due: Due, tenders: &[Tender], sums: &Sums, payable: Money) -> Result<(), TenderError> {
    let direction = due.total.minor.signum();
    let beyond = |paid: Money, limit: Money| towards(direction, paid) > towards(direction, limit);
    let last = |keep: fn(TenderKind) -> bool| tenders.iter().rev().map(|tender| tender.kind).find(|kind| keep(*kind));
    // On the way back the vouchers return to the person who paid with them; what was food then is not known here.
    if direction > 0 && sums.meal.minor > due.food.minor {
        return Err(TenderError::MealVoucherForFoodOnly { paid: sums.meal, food: due.food });
    }
    for (paid, limit, keep) in [
        (sums.voucher, due.total, TenderKind::is_voucher as fn(TenderKind) -> bool),
        (sums.other, payable, |kind| kind != TenderKind::Cash && !kind.is_voucher()),
    ] {
        if let Some(kind) = last(keep).filter(|_| beyond(paid, limit)) {
            return Err(TenderError::OnlyCashGivesChange { kind, paid, due: limit });
        }
    }
    Ok(())
}

/// An amount as it counts towards a total of this sign; wide, so that no amount overflows.
fn towards(direction: i64, amount: Money) -> i128 {
    i128::from(amount.minor) * i128::from(direction)
}

fn unsettled(
    due: Due,
    tenders: &[Tender],
    sums: &Sums,
    payable: Money,
    cash_due: Money,
) -> Result<Settlement, TenderError> {
    let zero = Money::zero(due.total.currency);
    let exact = due.total.checked_sub(sums.voucher)?.checked_sub(sums.other)?.checked_sub(sums.cash)?;
    let food_left = due.food.checked_sub(sums.meal)?;
    let remaining_meal = if food_left.minor < exact.minor { food_left } else { exact };
    Ok(Settlement {
        total: due.total,
        rounding: zero,
        parts: parts(tenders, zero)?,
        change: zero,
        remaining_cash: cash_due.checked_sub(sums.cash)?,
        remaining_other: payable.checked_sub(sums.other)?.checked_sub(sums.cash)?,
        remaining_voucher: exact,
        remaining_meal: if remaining_meal.is_negative() { zero } else { remaining_meal },
        settled: false,
    })
}

/// Splits the change off the cash tenders, the last one first: that is the note the customer just handed over.
fn parts(tenders: &[Tender], change: Money) -> Result<Vec<TenderPart>, MoneyError> {
    let mut left = change;
    let mut parts = Vec::with_capacity(tenders.len());
    for tender in tenders.iter().rev() {
        let mut back = Money::zero(change.currency);
        if tender.kind == TenderKind::Cash && left.is_positive() {
            back = if left.minor < tender.amount.minor { left } else { tender.amount };
            left = left.checked_sub(back)?;
        }
        let applied = tender.amount.checked_sub(back)?;
        parts.push(TenderPart { kind: tender.kind, tendered: tender.amount, applied, change: back });
    }
    parts.reverse();
    Ok(parts)
}
