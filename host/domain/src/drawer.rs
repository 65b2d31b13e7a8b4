//! A drawer session: from the opening float to the count.
//!
//! Opening → Open → Counting → Closed. What should be in the drawer is the sum of what was journaled.

use crate::calendar::{Date, Timestamp};
use crate::ids::{DrawerSessionId, OperatorId, RegisterId};
use crate::money::{Currency, Money, MoneyError};
use crate::sale::CommittedSale;
use crate::tender::TenderKind;
use std::collections::BTreeMap;

/// The most cash that is believed to be in a drawer, in minor units (1 000 000.00).
pub const CASH_MINOR_MAX: i64 = 100_000_000;

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DrawerState {
    /// The float is being counted.
    Opening,
    /// Sales go into it.
    Open,
    /// It is being counted; no sales.
    Counting,
    /// Counted and final.
    Closed,
}

impl DrawerState {
    /// The stable name in stores.
    pub const fn code(self) -> &'static str {
        match self {
            DrawerState::Opening => "opening",
            DrawerState::Open => "open",
            DrawerState::Counting => "counting",
            DrawerState::Closed => "closed",
        }
    }

    /// The state of a stable name.
    pub fn from_code(code: &str) -> Option<Self> {
        let all = [DrawerState::Opening, DrawerState::Open, DrawerState::Counting, DrawerState::Closed];
        all.into_iter().find(|state| state.code() == code)
    }
}

/// What can be refused on a drawer session.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DrawerError {
    /// The session is in another state.
    #[error("the drawer is {}, it has to be {}", found.code(), needed.code())]
    WrongState {
        /// The state it is in.
        found: DrawerState,
        /// The state it has to be in.
        needed: DrawerState,
    },
    /// Below zero, or more than anybody believes.
    #[error("{amount} is not an amount of cash for a drawer")]
    BadAmount {
        /// The amount.
        amount: Money,
    },
    /// More is taken out than is there.
    #[error("{amount} cannot be taken out, {expected} should be in the drawer")]
    NotEnoughCash {
        /// What was to be taken out.
        amount: Money,
        /// What should be there.
        expected: Money,
    },
    /// A coin or note that the currency does not have.
    #[error("{denomination} is not a coin or note")]
    UnknownDenomination {
        /// Its value.
        denomination: Money,
    },
    /// An amount did not fit, or another currency.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// Coins and notes of a currency in minor units, largest first; empty when they are not listed here.
pub fn denominations(currency: Currency) -> &'static [i64] {
    match currency.code() {
        "EUR" => &[50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10, 5, 2, 1],
        "USD" => &[10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 25, 10, 5, 1],
        _ => &[],
    }
}

/// The sum of counted coins and notes: (value in minor units, how many).
pub fn count_cash(currency: Currency, counted: &[(i64, u32)]) -> Result<Money, DrawerError> {
    let known = denominations(currency);
    let mut sum = Money::zero(currency);
    for (value, pieces) in counted {
        let denomination = Money::new(*value, currency);
        if !known.contains(value) {
            return Err(DrawerError::UnknownDenomination { denomination });
        }
        sum = sum.checked_add(denomination.scaled(i64::from(*pieces), 1)?)?;
    }
    Ok(sum)
}

/// A session of a register's drawer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawerSession {
    /// Its id.
    pub id: DrawerSessionId,
    /// Whose drawer.
    pub register: RegisterId,
    /// The number of its Z report, without gaps within a register.
    pub number: u64,
    /// Where it stands.
    pub state: DrawerState,
    /// Who opened it.
    pub opened_by: OperatorId,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The shop's day on which it was opened.
    pub business_day: Date,
    /// The cash it started with.
    pub float: Money,
    /// Cash put in later.
    pub loans: Money,
    /// Cash taken out, as an amount above zero.
    pub pickups: Money,
    /// What each way of paying came to (for cash: after change), refunds taken off.
    pub tenders: BTreeMap<TenderKind, Money>,
    /// What was counted at the end.
    pub counted: Option<Money>,
}

impl DrawerSession {
    /// A session whose float is still to be counted.
    pub fn opening(
        id: DrawerSessionId,
        register: RegisterId,
        number: u64,
        opened_by: OperatorId,
        opened_at: Timestamp,
        business_day: Date,
        currency: Currency,
    ) -> DrawerSession {
        let zero = Money::zero(currency);
        DrawerSession {
            id,
            register,
            number,
            state: DrawerState::Opening,
            opened_by,
            opened_at,
            business_day,
            float: zero,
            loans: zero,
            pickups: zero,
            tenders: BTreeMap::new(),
            counted: None,
        }
    }

    /// The float is in the drawer: it can sell.
    pub fn open(&mut self, float: Money) -> Result<(), DrawerError> {
        self.need(DrawerState::Opening)?;
        self.check_cash(float)?;
        self.float = float;
        self.state = DrawerState::Open;
        Ok(())
    }

    /// Fails unless sales go into this drawer.
    pub fn need_open(&self) -> Result<(), DrawerError> {
        self.need(DrawerState::Open)
    }

    /// Adds what a committed sale was paid with.
    pub fn add_sale(&mut self, sale: &CommittedSale) -> Result<(), DrawerError> {
        self.need(DrawerState::Open)?;
        for tender in &sale.tenders {
            self.add_tender(tender.kind, tender.applied)?;
        }
        Ok(())
    }

    /// Adds what one tender came to.
    pub fn add_tender(&mut self, kind: TenderKind, applied: Money) -> Result<(), DrawerError> {
        self.need(DrawerState::Open)?;
        let sum = self.tenders.get(&kind).copied().unwrap_or(Money::zero(self.float.currency)).checked_add(applied)?;
        self.tenders.insert(kind, sum);
        Ok(())
    }

    /// Cash is put in.
    pub fn loan(&mut self, amount: Money) -> Result<(), DrawerError> {
        self.need(DrawerState::Open)?;
        self.check_cash(amount)?;
        self.loans = self.loans.checked_add(amount)?;
        Ok(())
    }

    /// Cash is taken out; not more than should be there.
    pub fn pickup(&mut self, amount: Money) -> Result<(), DrawerError> {
        self.need(DrawerState::Open)?;
        self.check_cash(amount)?;
        let expected = self.expected_cash()?;
        if amount.minor > expected.minor {
            return Err(DrawerError::NotEnoughCash { amount, expected });
        }
        self.pickups = self.pickups.checked_add(amount)?;
        Ok(())
    }

    /// The drawer is taken away to be counted.
    pub fn start_count(&mut self) -> Result<(), DrawerError> {
        self.need(DrawerState::Open)?;
        self.state = DrawerState::Counting;
        Ok(())
    }

    /// Somebody wants to sell after all.
    pub fn cancel_count(&mut self) -> Result<(), DrawerError> {
        self.need(DrawerState::Counting)?;
        self.state = DrawerState::Open;
        Ok(())
    }

    /// The count is final. Returns the difference: below zero when cash is missing.
    pub fn close(&mut self, counted: Money) -> Result<Money, DrawerError> {
        self.need(DrawerState::Counting)?;
        self.check_cash(counted)?;
        let difference = counted.checked_sub(self.expected_cash()?)?;
        self.counted = Some(counted);
        self.state = DrawerState::Closed;
        Ok(difference)
    }

    /// What one way of paying came to.
    pub fn tender_total(&self, kind: TenderKind) -> Money {
        self.tenders.get(&kind).copied().unwrap_or(Money::zero(self.float.currency))
    }

    /// What should be in the drawer: float, cash of sales, loans, less pickups.
    pub fn expected_cash(&self) -> Result<Money, MoneyError> {
        let cash = self.float.checked_add(self.tender_total(TenderKind::Cash))?;
        cash.checked_add(self.loans)?.checked_sub(self.pickups)
    }

    fn need(&self, needed: DrawerState) -> Result<(), DrawerError> {
        if self.state == needed { Ok(()) } else { Err(DrawerError::WrongState { found: self.state, needed }) }
    }

    fn check_cash(&self, amount: Money) -> Result<(), DrawerError> {
        amount.same_currency(self.float)?;
        if (0..=CASH_MINOR_MAX).contains(&amount.minor) { Ok(()) } else { Err(DrawerError::BadAmount { amount }) }
    }
}

#[cfg(test)]
mod tests;
