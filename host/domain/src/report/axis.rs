//! Totals by day, hour, product, category, tender, operator or VAT rate.

use crate::calendar::Date;
use crate::ids::{CategoryId, OperatorId, ProductId};
use crate::money::{Currency, Money, MoneyError, Quantity};
use crate::sale::CommittedSale;
use crate::tender::TenderKind;
use std::collections::BTreeMap;

/// By what a report groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Axis {
    /// Business day of the drawer session.
    Day,
    /// Hour of the shop's clock.
    Hour,
    /// Product.
    Product,
    /// Category at the time of the sale.
    Category,
    /// Way of paying.
    Tender,
    /// Who sold.
    Operator,
    /// VAT rate.
    Vat,
}

impl Axis {
    /// Every axis.
    pub const ALL: [Axis; 7] =
        [Axis::Day, Axis::Hour, Axis::Product, Axis::Category, Axis::Tender, Axis::Operator, Axis::Vat];

    /// The stable name on the command line: `day`, `hour`, ...
    pub const fn code(self) -> &'static str {
        match self {
            Axis::Day => "day",
            Axis::Hour => "hour",
            Axis::Product => "product",
            Axis::Category => "category",
            Axis::Tender => "tender",
            Axis::Operator => "operator",
            Axis::Vat => "vat",
        }
    }

    /// The axis of a stable name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|axis| axis.code() == code)
    }
}

/// What a row is about; rows come in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReportKey {
    /// A business day.
    Day(Date),
    /// An hour, 0-23.
    Hour(u8),
    /// A product.
    Product(ProductId),
    /// A category; `None` for products without one.
    Category(Option<CategoryId>),
    /// A way of paying.
    Tender(TenderKind),
    /// Somebody who sold.
    Operator(OperatorId),
    /// A VAT rate in basis points.
    Vat(i64),
}

/// A row of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRow {
    /// What it is about.
    pub key: ReportKey,
    /// A name where the sales carry one (product, operator), as of the latest sale; otherwise empty.
    pub label: String,
    /// In how many sales and refunds.
    pub sales: u64,
    /// How much; nothing where quantities make no sense (tenders, days).
    pub quantity: Quantity,
    /// The amount: what was asked for (lines after discounts, VAT rows with VAT, totals before rounding), for tenders what
    /// was applied. For products and categories without the VAT where prices are without it.
    pub amount: Money,
    /// The VAT base; for VAT, day, hour and operator rows.
    pub vat_base: Money,
    /// The VAT; for VAT, day, hour and operator rows.
    pub vat: Money,
}

/// A report being made.
#[derive(Debug, Clone)]
pub struct Report {
    axis: Axis,
    currency: Currency,
    rows: BTreeMap<ReportKey, ReportRow>,
}

/// What one sale adds to one row.
struct Part {
    key: ReportKey,
    label: String,
    quantity: Quantity,
    amount: Money,
    vat_base: Money,
    vat: Money,
}

impl Report {
    /// An empty report.
    pub const fn new(axis: Axis, currency: Currency) -> Report {
        Report { axis, currency, rows: BTreeMap::new() }
    }

    /// Adds a sale.
    pub fn add(&mut self, sale: &CommittedSale) -> Result<(), MoneyError> {
        let mut seen: Vec<ReportKey> = Vec::new();
        for part in self.parts(sale)? {
            let first_in_sale = !seen.contains(&part.key);
            if first_in_sale {
                seen.push(part.key);
            }
            let empty = self.empty_row(part.key);
            let row = self.rows.entry(part.key).or_insert(empty);
            row.sales += u64::from(first_in_sale);
            row.label = part.label;
            row.quantity = row.quantity.checked_add(part.quantity)?;
            row.amount = row.amount.checked_add(part.amount)?;
            row.vat_base = row.vat_base.checked_add(part.vat_base)?;
            row.vat = row.vat.checked_add(part.vat)?;
        }
        Ok(())
    }

    /// The rows in the order of their keys.
    pub fn into_rows(self) -> Vec<ReportRow> {
        self.rows.into_values().collect()
    }

    fn empty_row(&self, key: ReportKey) -> ReportRow {
        let zero = Money::zero(self.currency);
        let label = String::new();
        ReportRow { key, label, sales: 0, quantity: Quantity::ZERO, amount: zero, vat_base: zero, vat: zero }
    }

    fn parts(&self, sale: &CommittedSale) -> Result<Vec<Part>, MoneyError> {
        Ok(match self.axis {
            Axis::Day => vec![self.whole(sale, ReportKey::Day(sale.header.business_day), "")?],
            Axis::Hour => vec![self.whole(sale, ReportKey::Hour(sale.header.hour_local), "")?],
            Axis::Operator => {
                let key = ReportKey::Operator(sale.header.operator);
                vec![self.whole(sale, key, &sale.header.operator_name)?]
            }
            Axis::Product => self.lines(sale, |line| (ReportKey::Product(line.product), line.name.clone())),
            Axis::Category => self.lines(sale, |line| (ReportKey::Category(line.category), String::new())),
            Axis::Tender => {
                let parts = sale.tenders.iter().map(|tender| self.part(ReportKey::Tender(tender.kind), tender.applied));
                parts.collect()
            }
            Axis::Vat => {
                let part = |row: &crate::tax::VatRow| Part {
                    vat_base: row.base,
                    vat: row.amount,
                    ..self.part(ReportKey::Vat(row.rate_bp), row.gross)
                };
                sale.vat.iter().map(part).collect()
            }
        })
    }

    fn part(&self, key: ReportKey, amount: Money) -> Part {
        let zero = Money::zero(self.currency);
        Part { key, label: String::new(), quantity: Quantity::ZERO, amount, vat_base: zero, vat: zero }
    }

    fn whole(&self, sale: &CommittedSale, key: ReportKey, label: &str) -> Result<Part, MoneyError> {
        let vat_base = Money::sum(self.currency, sale.vat.iter().map(|row| row.base))?;
        let vat = Money::sum(self.currency, sale.vat.iter().map(|row| row.amount))?;
        Ok(Part { label: label.to_owned(), vat_base, vat, ..self.part(key, sale.total) })
    }

    fn lines(&self, sale: &CommittedSale, key: impl Fn(&crate::sale::SaleLine) -> (ReportKey, String)) -> Vec<Part> {
        let part = |line: &crate::sale::SaleLine| {
            let (key, label) = key(line);
            Part { label, quantity: line.quantity, ..self.part(key, line.net) }
        };
        sale.lines.iter().map(part).collect()
    }
}
