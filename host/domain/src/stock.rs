//! Stock is the sum of its movements; a count writes the difference. It may go below zero: that is shown, not refused.

use crate::calendar::Timestamp;
use crate::ids::{ProductId, StockMoveId};
use crate::money::{MoneyError, Quantity};

/// Why stock moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StockMoveKind {
    /// Sold: below zero.
    Sale,
    /// Came back: above zero.
    Refund,
    /// First stock of a new product.
    Initial,
    /// Delivered by a supplier.
    Delivery,
    /// The difference that a count found.
    Count,
    /// Broken, stolen, past its date.
    Loss,
    /// Set right by hand.
    Correction,
}

impl StockMoveKind {
    /// Every kind.
    pub const ALL: [StockMoveKind; 7] = [
        StockMoveKind::Sale,
        StockMoveKind::Refund,
        StockMoveKind::Initial,
        StockMoveKind::Delivery,
        StockMoveKind::Count,
        StockMoveKind::Loss,
        StockMoveKind::Correction,
    ];

    /// The stable name in stores.
    pub const fn code(self) -> &'static str {
        match self {
            StockMoveKind::Sale => "sale",
            StockMoveKind::Refund => "refund",
            StockMoveKind::Initial => "initial",
            StockMoveKind::Delivery => "delivery",
            StockMoveKind::Count => "count",
            StockMoveKind::Loss => "loss",
            StockMoveKind::Correction => "correction",
        }
    }

    /// The kind of a stable name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// One movement; never changed, corrected by another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockMove {
    /// Its id.
    pub id: StockMoveId,
    /// What moved.
    pub product: ProductId,
    /// Why.
    pub kind: StockMoveKind,
    /// How much the stock grew; below zero when goods left.
    pub quantity: Quantity,
    /// When.
    pub time: Timestamp,
}

/// The stock after these movements.
pub fn level(moves: impl IntoIterator<Item = Quantity>) -> Result<Quantity, MoneyError> {
    moves.into_iter().try_fold(Quantity::ZERO, Quantity::checked_add)
}

/// The movement that makes `level` what was counted; `None` when it already is.
pub fn count_difference(level: Quantity, counted: Quantity) -> Result<Option<Quantity>, MoneyError> {
    let difference = counted.checked_sub(level)?;
    Ok((!difference.is_zero()).then_some(difference))
}

#[cfg(test)]
mod tests;
