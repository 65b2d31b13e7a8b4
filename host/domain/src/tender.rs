//! How a sale is settled: several tenders, cash rounding, change, and the check of what a payment plugin answers.
//!
//! Which rounding a country wants is data (`country`). Nothing here talks to a terminal.

use crate::money::{Currency, Money, MoneyError};

mod answer;
mod refund;
mod settle;

pub use answer::{PaymentAnswer, PaymentMismatch, PaymentRequest, check_answer};
pub use refund::{RefundError, refund_part};
pub use settle::{Settlement, TenderPart, settle};

/// Most tenders of one sale.
pub const TENDERS_MAX: usize = 20;
/// The largest tender that is believed, in minor units (1 000 000 000.00): above it a barcode went into the amount.
pub const TENDER_MINOR_MAX: i64 = 100_000_000_000;

/// How much more than is due somebody hands over at most: a bundle of the largest notes (10 000.00). Above it a barcode was
/// typed where the amount belongs, whose eight digits begin at a thousand times that; its change would be a number on a
/// receipt that nobody can take back.
pub fn change_max(currency: Currency) -> Money {
    // Currencies without a minor unit have notes of many units.
    let minor = if currency.digits() == 0 { 1_000_000 } else { 10_000 * 10_i64.pow(u32::from(currency.digits())) };
    Money::new(minor, currency)
}

/// Whether an amount may have been handed over where so much was due; both of one sign.
///
/// # Errors
/// [`TenderError::TooMuch`].
pub fn check_handed_over(amount: Money, due: Money) -> Result<(), TenderError> {
    let most = i128::from(due.minor.unsigned_abs()) + i128::from(change_max(due.currency).minor);
    if i128::from(amount.minor.unsigned_abs()) > most {
        return Err(TenderError::TooMuch { amount, due });
    }
    Ok(())
}

/// A way to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TenderKind {
    /// Coins and notes: rounded, gives change.
    Cash,
    /// A card.
    Card,
    /// A meal voucher: food only, never rounded.
    MealVoucher,
    /// An eco voucher: never rounded.
    EcoVoucher,
    /// A gift voucher or gift card: never rounded.
    GiftVoucher,
    /// A transfer or QR payment.
    Transfer,
    /// On the customer's account.
    Account,
    /// Anything else.
    Other,
}

impl TenderKind {
    /// Every kind, in the order in which reports show them.
    pub const ALL: [TenderKind; 8] = [
        TenderKind::Cash,
        TenderKind::Card,
        TenderKind::MealVoucher,
        TenderKind::EcoVoucher,
        TenderKind::GiftVoucher,
        TenderKind::Transfer,
        TenderKind::Account,
        TenderKind::Other,
    ];

    /// The stable name in stores, scripts and settings.
    pub const fn code(self) -> &'static str {
        match self {
            TenderKind::Cash => "cash",
            TenderKind::Card => "card",
            TenderKind::MealVoucher => "meal_voucher",
            TenderKind::EcoVoucher => "eco_voucher",
            TenderKind::GiftVoucher => "gift_voucher",
            TenderKind::Transfer => "transfer",
            TenderKind::Account => "account",
            TenderKind::Other => "other",
        }
    }

    /// The kind of a stable name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Vouchers are worth exactly what they say: the law never rounds them.
    pub const fn is_voucher(self) -> bool {
        matches!(self, TenderKind::MealVoucher | TenderKind::EcoVoucher | TenderKind::GiftVoucher)
    }
}

/// Which part of a total is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RoundingScope {
    /// Nothing.
    Never,
    /// What is settled in cash.
    CashPart,
    /// Everything but vouchers.
    AllTenders,
}

impl RoundingScope {
    /// The stable name in stores and settings.
    pub const fn code(self) -> &'static str {
        match self {
            RoundingScope::Never => "never",
            RoundingScope::CashPart => "cash_part",
            RoundingScope::AllTenders => "all_tenders",
        }
    }

    /// The scope of a stable name.
    pub fn from_code(code: &str) -> Option<Self> {
        [RoundingScope::Never, RoundingScope::CashPart, RoundingScope::AllTenders]
            .into_iter()
            .find(|s| s.code() == code)
    }
}

/// How a country rounds what is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RoundingRule {
    /// Which part of a total.
    pub scope: RoundingScope,
    /// To a multiple of so many minor units (5 cents).
    pub step_minor: i64,
    /// Totals up to this many minor units (without their sign) are left alone.
    pub total_over_minor: i64,
}

impl RoundingRule {
    /// No rounding.
    pub const NONE: RoundingRule = RoundingRule { scope: RoundingScope::Never, step_minor: 1, total_over_minor: 0 };

    /// The rule for one customer: business customers are not rounded in Belgium.
    pub const fn for_business_customer(self) -> RoundingRule {
        RoundingRule { scope: RoundingScope::Never, ..self }
    }

    /// Rounds a part of what is due. What comes back of a sale in parts is rounded as one sum, so that the parts together
    /// give back what the whole would: the part takes up what the parts before were rounded by.
    fn round(&self, due: Due, part: Money) -> Result<Money, MoneyError> {
        let (whole, rounded) = match due.part_of {
            Some(sale) => (sale.total, sale.rounding),
            None => (due.total, Money::zero(due.total.currency)),
        };
        // A few cents of a large sale are a part of its sum; by themselves they would be left alone.
        let whole = whole.minor.unsigned_abs().max(due.total.minor.unsigned_abs());
        if whole <= self.total_over_minor.unsigned_abs() || part.is_zero() {
            return Ok(part);
        }
        let rounded = part.checked_sub(rounded)?.rounded_to(self.step_minor)?;
        // More was given back before than the next step makes: nobody pays for what comes back.
        let turned = rounded.minor.signum() == -part.minor.signum();
        Ok(if turned { Money::zero(part.currency) } else { rounded })
    }
}

/// What has to be paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The total before rounding; below zero when the shop pays back.
    pub total: Money,
    /// The part that meal vouchers may pay (`Totals::food_total`).
    pub food: Money,
    /// The sale of which this comes back; `None` for everything else.
    pub part_of: Option<PartOf>,
}

/// What is known of a sale when a part of it comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartOf {
    /// The sale's total before rounding.
    pub total: Money,
    /// The sum of the rounding differences of all that came back of it before; above zero when too little was given back.
    pub rounding: Money,
}

/// What was handed over, or paid back when below zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tender {
    /// The way.
    pub kind: TenderKind,
    /// How much; for cash what was handed over, before change.
    pub amount: Money,
}

/// Words say which way the money goes, so the number needs no sign.
fn unsigned(amount: &Money) -> Money {
    Money::new(amount.minor.saturating_abs(), amount.currency)
}

fn too_much(kind: TenderKind, paid: &Money, due: &Money) -> String {
    if paid.is_negative() {
        return format!("{kind:?} gives {} back, more than the {} that is due", unsigned(paid), unsigned(due));
    }
    format!("{kind:?} pays {paid}, more than the {due} that is due; only cash gives change")
}

/// What can be wrong with the tenders of a sale.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TenderError {
    /// Too many tenders.
    #[error("a sale takes at most {TENDERS_MAX} tenders")]
    TooMany,
    /// Somebody handed over far more than is due.
    #[error("{amount} is far more than the {due} that is due: a barcode may have gone into the amount")]
    TooMuch {
        /// What was typed.
        amount: Money,
        /// What is due.
        due: Money,
    },
    /// More than anybody hands over.
    #[error("a tender of {amount} is above the limit of {}", Money::new(TENDER_MINOR_MAX, amount.currency))]
    Absurd {
        /// The tender.
        amount: Money,
    },
    /// A tender of nothing, or with the wrong sign.
    #[error("a tender of {amount} does not fit a total of {total}")]
    WrongSign {
        /// The tender.
        amount: Money,
        /// The total.
        total: Money,
    },
    /// More by card or voucher than there is to pay; only cash gives change.
    #[error("{}", too_much(*kind, paid, due))]
    OnlyCashGivesChange {
        /// The way.
        kind: TenderKind,
        /// What was paid without cash.
        paid: Money,
        /// What is due without cash.
        due: Money,
    },
    /// Meal vouchers for more than the food.
    #[error("meal vouchers pay for food only: {paid} was offered, the food makes {food}")]
    MealVoucherForFoodOnly {
        /// What was offered in meal vouchers.
        paid: Money,
        /// What the food makes.
        food: Money,
    },
    /// Cash although the rest is already paid.
    #[error("nothing is left to be paid in cash")]
    NothingDueInCash,
    /// More cash back than the shop owes.
    #[error("{} would be paid back in cash, {} is due", unsigned(paid), unsigned(due))]
    PaysBackTooMuch {
        /// What would be paid back.
        paid: Money,
        /// What is due.
        due: Money,
    },
    /// An amount did not fit, or another currency.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// Sums the tenders of the kinds that `keep` names.
fn sum_where(currency: Currency, tenders: &[Tender], keep: impl Fn(TenderKind) -> bool) -> Result<Money, MoneyError> {
    Money::sum(currency, tenders.iter().filter(|tender| keep(tender.kind)).map(|tender| tender.amount))
}

#[cfg(test)]
mod tests;
