//! X totals: what a drawer session or a day came to so far. A Z report is the same totals, numbered and final.

use crate::money::{Currency, Money, MoneyError};
use crate::sale::{CommittedSale, SaleKind};
use crate::tax::VatRow;
use crate::tender::TenderKind;
use std::collections::BTreeMap;

/// The totals of some sales.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XTotals {
    /// How many sales.
    pub sales: u64,
    /// How many refunds.
    pub refunds: u64,
    /// Sum of the sales' totals before rounding.
    pub sales_total: Money,
    /// Sum of the refunds' totals before rounding: zero or below.
    pub refunds_total: Money,
    /// Sum of line and ticket discounts.
    pub discounts: Money,
    /// Sum of the rounding differences.
    pub rounding: Money,
    /// What each way of paying came to (after change).
    pub tenders: BTreeMap<TenderKind, Money>,
    /// The VAT by rate in basis points: the sum of the sales' rows, highest rate first.
    pub vat: Vec<VatRow>,
}

impl XTotals {
    /// Totals of nothing.
    pub const fn new(currency: Currency) -> XTotals {
        let zero = Money::zero(currency);
        XTotals {
            sales: 0,
            refunds: 0,
            sales_total: zero,
            refunds_total: zero,
            discounts: zero,
            rounding: zero,
            tenders: BTreeMap::new(),
            vat: Vec::new(),
        }
    }

    /// Adds a sale.
    pub fn add(&mut self, sale: &CommittedSale) -> Result<(), MoneyError> {
        match sale.header.kind {
            SaleKind::Sale => {
                self.sales += 1;
                self.sales_total = self.sales_total.checked_add(sale.total)?;
            }
            SaleKind::Refund => {
                self.refunds += 1;
                self.refunds_total = self.refunds_total.checked_add(sale.total)?;
            }
        }
        for line in &sale.lines {
            self.discounts = self.discounts.checked_add(line.discount)?.checked_add(line.ticket_discount)?;
        }
        self.rounding = self.rounding.checked_add(sale.rounding)?;
        for tender in &sale.tenders {
            let sum = self.tenders.entry(tender.kind).or_insert(Money::zero(sale.currency));
            *sum = sum.checked_add(tender.applied)?;
        }
        for row in &sale.vat {
            self.add_vat(row)?;
        }
        Ok(())
    }

    /// What all sales and refunds came to, before rounding.
    pub fn total(&self) -> Result<Money, MoneyError> {
        self.sales_total.checked_add(self.refunds_total)
    }

    fn add_vat(&mut self, row: &VatRow) -> Result<(), MoneyError> {
        match self.vat.binary_search_by(|known| row.rate_bp.cmp(&known.rate_bp)) {
            Ok(index) => {
                let known = &mut self.vat[index];
                known.base = known.base.checked_add(row.base)?;
                known.amount = known.amount.checked_add(row.amount)?;
                known.gross = known.gross.checked_add(row.gross)?;
            }
            Err(index) => self.vat.insert(index, *row),
        }
        Ok(())
    }
}
