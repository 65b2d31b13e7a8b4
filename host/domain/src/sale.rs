//! A committed sale: what was sold, at which prices and rates, and how it was paid. Immutable from here on.
//!
//! `encode` and `decode` are its form in the journal; `check` proves that it adds up, when built and when read.

use crate::calendar::{Date, LocalTime, Timestamp};
use crate::catalog::Unit;
use crate::ids::{
    CategoryId, CustomerId, DrawerSessionId, IncarnationId, OperatorId, ProductId, ReceiptNumber, RegisterId, SaleId,
};
use crate::money::{Currency, Money, MoneyError, Quantity};
use crate::tax::{PriceMode, TaxCode, VatRow};
use crate::tender::{Settlement, TenderKind};
use crate::ticket::{LineOrigin, Ticket, TicketError, TotalsError};

mod build;
mod codec;

pub use build::TenderDetail;
pub use codec::{SALE_BODY_VERSION, decode, encode};

/// Whether goods left or came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SaleKind {
    /// Goods left (single lines may come back in an exchange).
    Sale,
    /// Goods came back; names its origin where there is a receipt.
    Refund,
}

/// What can be wrong when a sale is committed or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SaleError {
    /// A ticket without lines.
    #[error("there is nothing on the ticket")]
    Empty,
    /// Something is still to be paid.
    #[error("{remaining} is still to be paid")]
    NotSettled {
        /// What remains.
        remaining: Money,
    },
    /// The settlement is for another total than the ticket's.
    #[error("{paid} was settled, the ticket makes {total}")]
    OtherTotal {
        /// What was settled.
        paid: Money,
        /// The ticket's total.
        total: Money,
    },
    /// There is not one detail per tender.
    #[error("{details} details were given for {tenders} tenders")]
    DetailsDiffer {
        /// How many details.
        details: usize,
        /// How many tenders.
        tenders: usize,
    },
    /// A line's amount is not price times quantity and was not fixed.
    #[error("line {line} makes {found} and should make {expected}")]
    LineAmount {
        /// The line.
        line: u32,
        /// Price times quantity.
        expected: Money,
        /// What is written.
        found: Money,
    },
    /// A numbering with a gap.
    #[error("the lines are not numbered 1, 2, 3")]
    LineNumbers,
    /// What is left of a sale, and no sale is named.
    #[error("it is taxed as a part of a sale that it does not name")]
    NoOrigin,
    /// The lifetime totals do not continue the ones before.
    #[error("the lifetime totals do not add up")]
    Perpetual,
    /// The ticket is not possible.
    #[error(transparent)]
    Ticket(#[from] TicketError),
    /// The totals do not add up.
    #[error(transparent)]
    Totals(#[from] TotalsError),
    /// An amount did not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// Who, where and when: everything about a sale that its ticket does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaleHeader {
    /// The sale's id; chosen before the commit, so that a repeated commit is noticed.
    pub id: SaleId,
    /// Its receipt number.
    pub number: ReceiptNumber,
    /// Sale or refund.
    pub kind: SaleKind,
    /// The sale that a refund gives back, when there is a receipt.
    pub origin: Option<SaleOrigin>,
    /// Which register.
    pub register: RegisterId,
    /// Which life of the register.
    pub incarnation: IncarnationId,
    /// Which drawer session.
    pub drawer_session: DrawerSessionId,
    /// Who sold.
    pub operator: OperatorId,
    /// Their name at this moment.
    pub operator_name: String,
    /// The customer.
    pub customer: Option<CustomerId>,
    /// The VAT number of a business customer.
    pub customer_vat_number: Option<String>,
    /// When, by the register's clock.
    pub time: Timestamp,
    /// How far the shop is from UTC at that moment, in seconds (east is positive).
    pub utc_offset_s: i32,
    /// The shop's day: reports group by it. Programs before wrote the day on which the drawer had been opened.
    pub business_day: Date,
    /// The hour of the shop's clock, 0-23: reports group by it.
    pub hour_local: u8,
}

/// The sale that a refund gives back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaleOrigin {
    /// Its id.
    pub sale: SaleId,
    /// Its receipt number.
    pub number: ReceiptNumber,
}

/// A line as it was sold: `gross - discount - ticket_discount = net`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaleLine {
    /// 1 for the first line.
    pub number: u32,
    /// The product.
    pub product: ProductId,
    /// Its article number at the time.
    pub sku: String,
    /// Its name at the time.
    pub name: String,
    /// Its category at the time.
    pub category: Option<CategoryId>,
    /// The code that was scanned.
    pub barcode: Option<String>,
    /// Piece or kilogram.
    pub unit: Unit,
    /// How much; below zero when goods came back.
    pub quantity: Quantity,
    /// The price in the catalog at the time.
    pub list_price: Money,
    /// The price that was asked.
    pub unit_price: Money,
    /// True when `gross` is not price times quantity: a price label, a refund.
    pub fixed: bool,
    /// Price times quantity, or the fixed amount.
    pub gross: Money,
    /// The line's own discount.
    pub discount: Money,
    /// Its part of the ticket's discount.
    pub ticket_discount: Money,
    /// What was asked for the line.
    pub net: Money,
    /// Which VAT rate.
    pub tax_code: TaxCode,
    /// Its percentage at the time, in basis points.
    pub rate_bp: i64,
    /// Food.
    pub food: bool,
    /// A note; empty for none.
    pub note: String,
    /// What a refund line gives back.
    pub origin: Option<LineOrigin>,
}

/// A way in which a sale was paid: `tendered = applied + change`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaleTender {
    /// The way.
    pub kind: TenderKind,
    /// The plugin that took it, such as `cash`.
    pub provider: String,
    /// What was handed over.
    pub tendered: Money,
    /// What counted towards the sale.
    pub applied: Money,
    /// What was handed back.
    pub change: Money,
    /// What the plugin wants to be kept: an authorisation number; empty for none.
    pub reference: String,
}

/// Lifetime totals of a register's incarnation, this sale included; they never go back to zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PerpetualTotals {
    /// How many sales and refunds.
    pub sales_count: u64,
    /// Sum of all totals, refunds taken off, in minor units.
    pub grand_total_minor: i64,
    /// Sum of what was paid back, as a number above zero, in minor units.
    pub refunds_minor: i64,
}

impl PerpetualTotals {
    /// The totals after one more sale.
    pub fn after(self, total: Money) -> Result<PerpetualTotals, MoneyError> {
        let refund_minor = if total.is_negative() { total.checked_abs()?.minor } else { 0 };
        Ok(PerpetualTotals {
            sales_count: self.sales_count.checked_add(1).ok_or(MoneyError::Overflow)?,
            grand_total_minor: self.grand_total_minor.checked_add(total.minor).ok_or(MoneyError::Overflow)?,
            refunds_minor: self.refunds_minor.checked_add(refund_minor).ok_or(MoneyError::Overflow)?,
        })
    }

    /// The totals before a sale of which these are the totals after it.
    #[must_use]
    pub fn before(self, total: Money) -> PerpetualTotals {
        let refund_minor = total.minor.min(0).saturating_neg();
        PerpetualTotals {
            sales_count: self.sales_count.saturating_sub(1),
            grand_total_minor: self.grand_total_minor.saturating_sub(total.minor),
            refunds_minor: self.refunds_minor.saturating_sub(refund_minor),
        }
    }
}

/// A sale as it was committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommittedSale {
    /// Who, where and when.
    pub header: SaleHeader,
    /// The money.
    pub currency: Currency,
    /// Whether the lines contain the VAT.
    pub price_mode: PriceMode,
    /// What was sold.
    pub lines: Vec<SaleLine>,
    /// Sum of the lines after their own discounts.
    pub subtotal: Money,
    /// The ticket's discount.
    pub ticket_discount: Money,
    /// Sum of the lines after all discounts.
    pub net: Money,
    /// One row per VAT rate, highest first.
    pub vat: Vec<VatRow>,
    /// Of a refund with its receipt: what was left of the sale before it, of the same rates in the same order. With it the
    /// refund proves by itself that it took its part of the tax. Empty for sales, and for refunds of earlier programs, whose
    /// lines were taxed by themselves.
    pub vat_left: Vec<VatRow>,
    /// What the customer owed before rounding.
    pub total: Money,
    /// The rounding difference; never in the VAT base.
    pub rounding: Money,
    /// How it was paid.
    pub tenders: Vec<SaleTender>,
    /// What was handed back.
    pub change: Money,
    /// A note; empty for none.
    pub note: String,
    /// Lifetime totals, this sale included.
    pub perpetual: PerpetualTotals,
}

impl CommittedSale {
    /// Puts a settled ticket and its header together; the result is known to add up.
    ///
    /// `details` names the plugin and reference of each tender in order; `before` are the lifetime totals so far.
    pub fn build(
        header: SaleHeader,
        ticket: &Ticket,
        settlement: &Settlement,
        details: &[TenderDetail],
        before: PerpetualTotals,
    ) -> Result<CommittedSale, SaleError> {
        build::build(header, ticket, settlement, details, before)
    }

    /// Fails unless lines, discounts, VAT, tenders and rounding add up.
    pub fn check(&self) -> Result<(), SaleError> {
        build::check(self)
    }

    /// Fails unless the lifetime totals are those of the sale before and this one's total.
    pub fn check_follows(&self, before: PerpetualTotals) -> Result<(), SaleError> {
        if before.after(self.total)? == self.perpetual { Ok(()) } else { Err(SaleError::Perpetual) }
    }

    /// What was really paid: the total and the rounding difference.
    pub fn to_pay(&self) -> Result<Money, MoneyError> {
        self.total.checked_add(self.rounding)
    }

    /// The shop's clock when the sale was made.
    pub fn local_time(&self) -> LocalTime {
        self.header.time.local(self.header.utc_offset_s)
    }
}
