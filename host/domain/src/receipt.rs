//! What stands on a receipt, as facts: which language, which paper and which printer come later (`aurapos-locale`).

use crate::calendar::LocalTime;
use crate::catalog::Unit;
use crate::ids::ReceiptNumber;
use crate::journal::Hash;
use crate::money::{Money, MoneyError, Quantity};
use crate::sale::{CommittedSale, SaleKind};
use crate::tax::{PriceMode, VatRow};
use crate::tender::TenderKind;

/// What the shop prints about itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ShopFacts {
    /// Its name.
    pub name: String,
    /// Its address, a line each.
    pub address: Vec<String>,
    /// Its VAT number; empty for none.
    pub vat_number: String,
    /// Its phone number; empty for none.
    pub phone: String,
    /// What stands at the end, a line each.
    pub footer: Vec<String>,
}

/// Whether this is the first print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReceiptCopy {
    /// The first.
    Original,
    /// Printed again: marked, so that nobody is paid back twice.
    Duplicate,
}

/// A line of a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptLine {
    /// The product's name.
    pub name: String,
    /// How much.
    pub quantity: Quantity,
    /// Piece or kilogram.
    pub unit: Unit,
    /// The price that was asked.
    pub unit_price: Money,
    /// The amount before discounts.
    pub gross: Money,
    /// The line's own discount.
    pub discount: Money,
    /// VAT rate in basis points.
    pub rate_bp: i64,
    /// A note; empty for none.
    pub note: String,
}

/// A way of paying on a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptTender {
    /// The way.
    pub kind: TenderKind,
    /// What was handed over.
    pub tendered: Money,
    /// What the plugin wants to be printed; empty for none.
    pub reference: String,
}

/// Everything that a receipt says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptFacts {
    /// The shop.
    pub shop: ShopFacts,
    /// First print or not.
    pub copy: ReceiptCopy,
    /// Sale or refund.
    pub kind: SaleKind,
    /// The receipt number.
    pub number: ReceiptNumber,
    /// The sale that a refund gives back.
    pub origin: Option<ReceiptNumber>,
    /// The shop's clock.
    pub time: LocalTime,
    /// Who sold.
    pub operator: String,
    /// The VAT number of a business customer.
    pub customer_vat_number: Option<String>,
    /// Whether the lines contain the VAT.
    pub price_mode: PriceMode,
    /// What was sold.
    pub lines: Vec<ReceiptLine>,
    /// Sum of the lines after their own discounts.
    pub subtotal: Money,
    /// The ticket's discount.
    pub ticket_discount: Money,
    /// The VAT table.
    pub vat: Vec<VatRow>,
    /// The total before rounding.
    pub total: Money,
    /// The rounding difference.
    pub rounding: Money,
    /// What was paid.
    pub to_pay: Money,
    /// How.
    pub tenders: Vec<ReceiptTender>,
    /// What was handed back.
    pub change: Money,
    /// A note; empty for none.
    pub note: String,
    /// The first digits of the journal entry's hash.
    pub journal_hash: String,
}

impl ReceiptFacts {
    /// The facts of a committed sale.
    pub fn new(
        sale: &CommittedSale,
        shop: &ShopFacts,
        journal_hash: &Hash,
        copy: ReceiptCopy,
    ) -> Result<ReceiptFacts, MoneyError> {
        Ok(ReceiptFacts {
            shop: shop.clone(),
            copy,
            kind: sale.header.kind,
            number: sale.header.number.clone(),
            origin: sale.header.origin.as_ref().map(|origin| origin.number.clone()),
            time: sale.local_time(),
            operator: sale.header.operator_name.clone(),
            customer_vat_number: sale.header.customer_vat_number.clone(),
            price_mode: sale.price_mode,
            lines: sale.lines.iter().map(ReceiptLine::of).collect(),
            subtotal: sale.subtotal,
            ticket_discount: sale.ticket_discount,
            vat: sale.vat.clone(),
            total: sale.total,
            rounding: sale.rounding,
            to_pay: sale.to_pay()?,
            tenders: sale.tenders.iter().map(ReceiptTender::of).collect(),
            change: sale.change,
            note: sale.note.clone(),
            journal_hash: journal_hash.short(),
        })
    }
}

impl ReceiptLine {
    fn of(line: &crate::sale::SaleLine) -> ReceiptLine {
        ReceiptLine {
            name: line.name.clone(),
            quantity: line.quantity,
            unit: line.unit,
            unit_price: line.unit_price,
            gross: line.gross,
            discount: line.discount,
            rate_bp: line.rate_bp,
            note: line.note.clone(),
        }
    }
}

impl ReceiptTender {
    fn of(tender: &crate::sale::SaleTender) -> ReceiptTender {
        ReceiptTender { kind: tender.kind, tendered: tender.tendered, reference: tender.reference.clone() }
    }
}
