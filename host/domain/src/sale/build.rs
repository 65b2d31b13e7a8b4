//! Building a committed sale from a settled ticket, and the check that it adds up.

use super::{CommittedSale, PerpetualTotals, SaleError, SaleHeader, SaleLine, SaleTender};
use crate::money::Money;
use crate::tender::{Settlement, TenderPart};
use crate::ticket::{Line, LineTotals, Ticket, Totals};

/// What the register knows of a tender beyond its amounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenderDetail {
    /// The plugin that took it.
    pub provider: String,
    /// What the plugin wants to be kept; empty for none.
    pub reference: String,
}

pub(super) fn build(
    header: SaleHeader,
    ticket: &Ticket,
    settlement: &Settlement,
    details: &[TenderDetail],
    before: PerpetualTotals,
) -> Result<CommittedSale, SaleError> {
    if ticket.is_empty() {
        return Err(SaleError::Empty);
    }
    let totals = ticket.totals()?;
    if !settlement.settled {
        return Err(SaleError::NotSettled { remaining: settlement.remaining_voucher });
    }
    if settlement.total != totals.total {
        return Err(SaleError::OtherTotal { paid: settlement.total, total: totals.total });
    }
    if settlement.parts.len() != details.len() {
        return Err(SaleError::DetailsDiffer { details: details.len(), tenders: settlement.parts.len() });
    }
    let lines = ticket.lines().iter().zip(&totals.lines).zip(1_u32..);
    let tenders = settlement.parts.iter().zip(details);
    let sale = CommittedSale {
        header,
        currency: ticket.currency(),
        price_mode: ticket.mode(),
        lines: lines.map(|((line, amounts), number)| sale_line(number, line, amounts)).collect(),
        subtotal: totals.subtotal,
        ticket_discount: totals.ticket_discount,
        net: totals.net,
        vat: totals.vat,
        vat_left: totals.vat_left,
        total: totals.total,
        rounding: settlement.rounding,
        tenders: tenders.map(|(part, detail)| sale_tender(part, detail)).collect(),
        change: settlement.change,
        note: ticket.note().to_owned(),
        perpetual: before.after(totals.total)?,
    };
    sale.check()?;
    Ok(sale)
}

fn sale_line(number: u32, line: &Line, amounts: &LineTotals) -> SaleLine {
    let item = &line.item;
    SaleLine {
        number,
        product: item.product,
        sku: item.sku.clone(),
        name: item.name.clone(),
        category: item.category,
        barcode: item.barcode.clone(),
        unit: item.unit,
        quantity: item.quantity,
        list_price: item.list_price,
        unit_price: item.unit_price,
        fixed: item.fixed_gross.is_some(),
        gross: amounts.gross,
        discount: amounts.discount,
        ticket_discount: amounts.ticket_discount,
        net: amounts.net,
        tax_code: item.tax_code.clone(),
        rate_bp: item.rate_bp,
        food: item.food,
        note: item.note.clone(),
        origin: item.origin,
    }
}

fn sale_tender(part: &TenderPart, detail: &TenderDetail) -> SaleTender {
    SaleTender {
        kind: part.kind,
        provider: detail.provider.clone(),
        tendered: part.tendered,
        applied: part.applied,
        change: part.change,
        reference: detail.reference.clone(),
    }
}

pub(super) fn check(sale: &CommittedSale) -> Result<(), SaleError> {
    if sale.lines.is_empty() {
        return Err(SaleError::Empty);
    }
    for (line, number) in sale.lines.iter().zip(1_u32..) {
        if line.number != number {
            return Err(SaleError::LineNumbers);
        }
        let expected = line.unit_price.times(line.quantity)?;
        if !line.fixed && expected != line.gross {
            return Err(SaleError::LineAmount { line: number, expected, found: line.gross });
        }
    }
    if !sale.vat_left.is_empty() && sale.header.origin.is_none() {
        return Err(SaleError::NoOrigin);
    }
    let vat_total = Money::sum(sale.currency, sale.vat.iter().map(|row| row.amount))?;
    let line_discount = Money::sum(sale.currency, sale.lines.iter().map(|line| line.discount))?;
    let totals = Totals {
        mode: sale.price_mode,
        lines: sale.lines.iter().map(line_totals).collect(),
        subtotal: sale.subtotal,
        line_discount,
        ticket_discount: sale.ticket_discount,
        net: sale.net,
        vat: sale.vat.clone(),
        vat_left: sale.vat_left.clone(),
        vat_total,
        total: sale.total,
    };
    totals.check()?;
    check_tenders(sale)
}

fn line_totals(line: &SaleLine) -> LineTotals {
    LineTotals {
        number: line.number,
        rate_bp: line.rate_bp,
        food: line.food,
        gross: line.gross,
        discount: line.discount,
        ticket_discount: line.ticket_discount,
        net: line.net,
    }
}

fn check_tenders(sale: &CommittedSale) -> Result<(), SaleError> {
    for tender in &sale.tenders {
        crate::ticket::same_amount("a tender", tender.applied.checked_add(tender.change)?, tender.tendered)?;
    }
    let applied = Money::sum(sale.currency, sale.tenders.iter().map(|tender| tender.applied))?;
    crate::ticket::same_amount("what was paid", sale.to_pay()?, applied)?;
    let change = Money::sum(sale.currency, sale.tenders.iter().map(|tender| tender.change))?;
    crate::ticket::same_amount("the change", change, sale.change)?;
    Ok(())
}
