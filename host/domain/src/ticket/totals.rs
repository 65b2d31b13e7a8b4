//! The totals of a ticket, and the check that they add up: used when they are built and again when they are read.

use super::{Ticket, TicketError};
use crate::money::{Currency, Money, MoneyError};
use crate::pricing::spread_largest_remainder;
use crate::tax::{PriceMode, TaxError, VatRow, is_left_over, vat_rows, vat_rows_back};

/// Totals that do not add up, with the sum that differs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TotalsError {
    /// A sum differs from what is written.
    #[error("the totals do not add up: {what} is {found} and should be {expected}")]
    DoesNotAddUp {
        /// Which sum.
        what: &'static str,
        /// What its parts make.
        expected: Money,
        /// What is written.
        found: Money,
    },
    /// The VAT table is not that of the lines.
    #[error("the VAT table is not that of the lines")]
    VatDiffers,
    /// An amount did not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// A rate is not possible.
    #[error(transparent)]
    Tax(#[from] TaxError),
}

/// The amounts of one line: `gross - discount - ticket_discount = net`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineTotals {
    /// The line's number.
    pub number: u32,
    /// Its VAT rate in basis points.
    pub rate_bp: i64,
    /// Food: may be paid with meal vouchers.
    pub food: bool,
    /// Price times quantity, or the label's amount.
    pub gross: Money,
    /// The line's own discount.
    pub discount: Money,
    /// Its part of the ticket's discount.
    pub ticket_discount: Money,
    /// What is asked for the line.
    pub net: Money,
}

/// The amounts of a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totals {
    /// Whether the lines contain the VAT.
    pub mode: PriceMode,
    /// One for each line, in order.
    pub lines: Vec<LineTotals>,
    /// Sum of the lines after their own discounts.
    pub subtotal: Money,
    /// Sum of the lines' own discounts.
    pub line_discount: Money,
    /// The ticket's discount.
    pub ticket_discount: Money,
    /// Sum of the lines after all discounts.
    pub net: Money,
    /// One row per rate, highest first.
    pub vat: Vec<VatRow>,
    /// Of a refund: what was left of its sale before it, of its rates (and of those where tax alone was
    /// left); empty when the lines are taxed by themselves.
    pub vat_left: Vec<VatRow>,
    /// The VAT of all rates.
    pub vat_total: Money,
    /// What the customer owes before rounding: `net`, and the VAT on top when prices are without it.
    pub total: Money,
}

pub(super) fn of_ticket(ticket: &Ticket) -> Result<Totals, TicketError> {
    let currency = ticket.currency();
    let mut lines = Vec::with_capacity(ticket.lines().len());
    for line in ticket.lines() {
        let gross = line.item.gross()?;
        let discount = match &line.item.discount {
            Some(discount) => discount.of(gross)?,
            None => Money::zero(currency),
        };
        lines.push(LineTotals {
            number: line.number,
            rate_bp: line.item.rate_bp,
            food: line.item.food,
            gross,
            discount,
            ticket_discount: Money::zero(currency),
            net: gross.checked_sub(discount)?,
        });
    }
    if let Some(discount) = ticket.discount() {
        // Goods that come back were already priced once; the discount is for what is bought now.
        let weights: Vec<i64> = lines.iter().map(|line| line.net.minor.max(0)).collect();
        let bought = Money::sum(currency, weights.iter().map(|minor| Money::new(*minor, currency)))?;
        let shares = spread_largest_remainder(discount.of(bought)?.minor, &weights)?;
        for (line, share) in lines.iter_mut().zip(shares) {
            line.ticket_discount = Money::new(share, currency);
            line.net = line.net.checked_sub(line.ticket_discount)?;
        }
    }
    let totals = Totals::of_lines(ticket.mode(), currency, lines, ticket.vat_left())?;
    totals.check()?;
    Ok(totals)
}

impl Totals {
    /// Adds up lines whose amounts are known; `vat_left` as [`Totals::vat_left`]; a rate without a line
    /// is passed over, unless all of it came back and tax was left behind.
    pub fn of_lines(
        mode: PriceMode,
        currency: Currency,
        lines: Vec<LineTotals>,
        vat_left: &[VatRow],
    ) -> Result<Totals, TotalsError> {
        let line_discount = Money::sum(currency, lines.iter().map(|line| line.discount))?;
        let ticket_discount = Money::sum(currency, lines.iter().map(|line| line.ticket_discount))?;
        let net = Money::sum(currency, lines.iter().map(|line| line.net))?;
        let counts = |row: &&VatRow| lines.iter().any(|line| line.rate_bp == row.rate_bp) || is_left_over(mode, row);
        let vat_left: Vec<VatRow> = vat_left.iter().filter(counts).copied().collect();
        let vat = taxed(mode, currency, lines.iter().map(|line| (line.rate_bp, line.net)), &vat_left)?;
        let vat_total = Money::sum(currency, vat.iter().map(|row| row.amount))?;
        let total = match mode {
            PriceMode::Inclusive => net,
            PriceMode::Exclusive => net.checked_add(vat_total)?,
        };
        let subtotal = net.checked_add(ticket_discount)?;
        Ok(Totals { mode, lines, subtotal, line_discount, ticket_discount, net, vat, vat_left, vat_total, total })
    }

    /// What may be paid with vouchers for food: the food lines with their VAT, never below zero.
    pub fn food_total(&self) -> Result<Money, TotalsError> {
        let currency = self.total.currency;
        let food = self.lines.iter().filter(|line| line.food).map(|line| (line.rate_bp, line.net));
        let gross = Money::sum(currency, vat_rows(self.mode, currency, food)?.iter().map(|row| row.gross))?;
        Ok(Money::new(gross.minor.max(0), currency))
    }

    /// Fails unless lines, discounts and VAT add up to the total.
    pub fn check(&self) -> Result<(), TotalsError> {
        let currency = self.total.currency;
        let mut gross = Money::zero(currency);
        for line in &self.lines {
            let net = line.gross.checked_sub(line.discount)?.checked_sub(line.ticket_discount)?;
            same("a line", net, line.net)?;
            gross = gross.checked_add(line.gross)?;
        }
        let line_discount = Money::sum(currency, self.lines.iter().map(|line| line.discount))?;
        same("the sum of line discounts", line_discount, self.line_discount)?;
        let ticket_discount = Money::sum(currency, self.lines.iter().map(|line| line.ticket_discount))?;
        same("the ticket discount", ticket_discount, self.ticket_discount)?;
        same("the subtotal", gross.checked_sub(line_discount)?, self.subtotal)?;
        same("the net", self.subtotal.checked_sub(self.ticket_discount)?, self.net)?;
        let nets = self.lines.iter().map(|line| (line.rate_bp, line.net));
        check_vat(self.mode, currency, nets, (&self.vat, &self.vat_left), self.net, self.total)?;
        same("the VAT", Money::sum(currency, self.vat.iter().map(|row| row.amount))?, self.vat_total)
    }
}

/// The VAT of lines: by themselves, or as a part of the sale that they come back from.
fn taxed(
    mode: PriceMode,
    currency: Currency,
    lines: impl Iterator<Item = (i64, Money)>,
    left: &[VatRow],
) -> Result<Vec<VatRow>, TaxError> {
    if left.is_empty() { vat_rows(mode, currency, lines) } else { vat_rows_back(mode, currency, lines, left) }
}

/// Fails unless the VAT table is that of the lines and leads from their sum to the total.
pub(crate) fn check_vat(
    mode: PriceMode,
    currency: Currency,
    lines: impl Iterator<Item = (i64, Money)>,
    (vat, left): (&[VatRow], &[VatRow]),
    net: Money,
    total: Money,
) -> Result<(), TotalsError> {
    if taxed(mode, currency, lines, left)? != vat {
        return Err(TotalsError::VatDiffers);
    }
    // What was left is of the same rates in the same order, and of no other: one refund has one form.
    if !left.is_empty() && !left.iter().map(|row| row.rate_bp).eq(vat.iter().map(|row| row.rate_bp)) {
        return Err(TotalsError::VatDiffers);
    }
    for row in vat.iter().chain(left) {
        same("a VAT row", row.base.checked_add(row.amount)?, row.gross)?;
    }
    let base = Money::sum(currency, vat.iter().map(|row| row.base))?;
    let gross = Money::sum(currency, vat.iter().map(|row| row.gross))?;
    same("the sum of lines", if mode == PriceMode::Inclusive { gross } else { base }, net)?;
    same("the total", gross, total)
}

pub(crate) fn same(what: &'static str, expected: Money, found: Money) -> Result<(), TotalsError> {
    if expected == found { Ok(()) } else { Err(TotalsError::DoesNotAddUp { what, expected, found }) }
}
