//! A committed sale as JSON and as text.

use crate::amounts::rate;
use crate::table::{row, table};
use aurapos_runtime::domain::money::Money;
use aurapos_runtime::domain::sale::{CommittedSale, SaleKind, SaleLine, SaleTender};
use aurapos_runtime::engine::view;
use aurapos_runtime::zone;
use serde_json::{Value, json};

/// The sale's time with the offset that the shop had then.
pub fn time(sale: &CommittedSale) -> String {
    zone::rfc3339_at(sale.header.time.0, sale.header.utc_offset_s)
}

/// A sale that was asked for: the contract with scripts.
pub fn sale_json(view: &view::Sale) -> Value {
    let mut json = committed_json(&view.sale);
    json["repeated"] = Value::Bool(view.repeated);
    json
}

/// A sale as it was committed.
pub fn committed_json(sale: &CommittedSale) -> Value {
    json!({
        "sale_id": sale.header.id.to_string(),
        "receipt_no": sale.header.number.to_string(),
        "kind": kind(sale.header.kind),
        "origin": sale.header.origin.as_ref().map(|origin| origin.number.to_string()),
        "time": time(sale),
        "operator": sale.header.operator_name,
        "customer": sale.header.customer.map(|id| id.to_string()),
        "currency": sale.currency.code(),
        "subtotal": sale.subtotal.to_decimal(),
        "discount": sale.ticket_discount.to_decimal(),
        "total": sale.total.to_decimal(),
        "rounding": sale.rounding.to_decimal(),
        "change": sale.change.to_decimal(),
        "vat": sale.vat.iter().map(|vat| json!({
            "rate": rate(vat.rate_bp),
            "base": vat.base.to_decimal(),
            "amount": vat.amount.to_decimal(),
        })).collect::<Vec<_>>(),
        "lines": sale.lines.iter().map(line_json).collect::<Vec<_>>(),
        "tenders": sale.tenders.iter().map(tender_json).collect::<Vec<_>>(),
        "customer_vat": sale.header.customer_vat_number,
        "note": sale.note,
    })
}

/// The stable name of a kind.
pub fn kind(kind: SaleKind) -> &'static str {
    match kind {
        SaleKind::Sale => "sale",
        SaleKind::Refund => "refund",
    }
}

fn line_json(line: &SaleLine) -> Value {
    json!({
        "line": line.number,
        "sku": line.sku,
        "name": line.name,
        "barcode": line.barcode,
        "quantity": line.quantity.to_string(),
        "unit_price": line.unit_price.to_decimal(),
        "gross": line.gross.to_decimal(),
        "discount": line.discount.to_decimal(),
        "ticket_discount": line.ticket_discount.to_decimal(),
        "total": line.net.to_decimal(),
        "vat_rate": rate(line.rate_bp),
    })
}

fn tender_json(tender: &SaleTender) -> Value {
    json!({
        "name": tender.provider,
        "kind": tender.kind.code(),
        "amount": tender.applied.to_decimal(),
        "tendered": tender.tendered.to_decimal(),
        "change": tender.change.to_decimal(),
        "reference": tender.reference,
    })
}

/// A sale that was asked for, for people.
pub fn sale_text(view: &view::Sale) -> String {
    let text = committed_text(&view.sale);
    if view.repeated { format!("Sold before under this id:\n{text}") } else { text }
}

/// For people.
pub fn committed_text(sale: &CommittedSale) -> String {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for line in &sale.lines {
        let quantity = format!("{} x {}", line.quantity, line.unit_price.to_decimal());
        rows.push(vec![line.name.clone(), quantity, line.gross.to_decimal()]);
        if !line.discount.is_zero() {
            rows.push(row(["  discount", "", &minus(line.discount)]));
        }
        if !line.note.is_empty() {
            rows.push(vec![format!("  {}", line.note)]);
        }
    }
    let mut total = |name: &str, amount: String| rows.push(row([name, "", &amount]));
    if !sale.ticket_discount.is_zero() {
        total("Subtotal", sale.subtotal.to_decimal());
        total("Discount", minus(sale.ticket_discount));
    }
    total("Total", sale.total.to_decimal());
    if !sale.rounding.is_zero() {
        total("Rounding", sale.rounding.to_decimal());
    }
    for tender in &sale.tenders {
        // "Back" is said in words, so its amount has no sign.
        let (way, amount) = match tender.tendered.checked_neg() {
            Ok(back) if tender.tendered.is_negative() => ("Paid back", back),
            _ => ("Paid", tender.tendered),
        };
        total(&format!("{way} {}", tender.provider), amount.to_decimal());
    }
    if !sale.change.is_zero() {
        total("Change", sale.change.to_decimal());
    }
    for vat in &sale.vat {
        total(&format!("VAT {} % of {}", rate(vat.rate_bp), vat.base.to_decimal()), vat.amount.to_decimal());
    }
    let mut lines = vec![format!("{}  {}  {}", sale.header.number, time(sale), sale.header.operator_name)];
    match (&sale.header.origin, sale.header.kind) {
        (Some(origin), _) => lines.push(format!("REFUND of {}", origin.number)),
        (None, SaleKind::Refund) => lines.push("REFUND".to_owned()),
        (None, SaleKind::Sale) => {}
    }
    lines.push(table(&rows, &[1, 2]));
    lines.extend(sale.header.customer_vat_number.iter().map(|number| format!("VAT number of the customer: {number}")));
    if !sale.note.is_empty() {
        lines.push(format!("Note: {}", sale.note));
    }
    lines.join("\n")
}

/// What is taken off: below zero on a sale, above on a refund.
fn minus(discount: Money) -> String {
    discount.checked_neg().map_or_else(|_| format!("-({})", discount.to_decimal()), |taken| taken.to_decimal())
}
