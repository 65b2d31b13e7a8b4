//! What a committed sale is projected to. The journal's body is the truth; these rows are for questions, and the check of
//! a store compares them with what [`projection`] makes of the body.

use super::{count, time};
use crate::error::{Code, EngineResult};
use crate::rows::Record;
use crate::rows::stock::StockMoveRow;
use aurapos_contract::Value;
use aurapos_contract::transaction::{OperationKind, Transaction};
use aurapos_domain::ids::{CategoryId, CustomerId, SaleId};
use aurapos_domain::sale::{CommittedSale, SaleKind, SaleLine};
use aurapos_domain::stock::StockMoveKind;
use std::collections::BTreeMap;

/// Rows of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Projected {
    /// Table.
    pub table: &'static str,
    /// Columns of each row.
    pub columns: &'static [&'static str],
    /// Rows in key order.
    pub rows: Vec<Vec<Value>>,
}

/// Columns of `sale`.
pub const SALE: &[&str] = &[
    "id",
    "register",
    "incarnation",
    "seq",
    "counter",
    "receipt_no",
    "kind",
    "origin",
    "origin_no",
    "time",
    "utc_offset",
    "business_day",
    "hour_local",
    "drawer",
    "operator",
    "operator_name",
    "customer",
    "customer_vat_number",
    "currency",
    "price_mode",
    "subtotal",
    "ticket_discount",
    "net",
    "total",
    "rounding",
    "change",
    "note",
];
/// Columns of `sale_line`.
pub const LINE: &[&str] = &[
    "sale",
    "line",
    "product",
    "sku",
    "name",
    "category",
    "barcode",
    "unit",
    "quantity",
    "list_price",
    "unit_price",
    "fixed",
    "gross",
    "discount",
    "ticket_discount",
    "net",
    "tax_code",
    "rate",
    "food",
    "note",
    "origin",
    "origin_line",
];
/// Columns of `refund_line`.
pub const REFUND_LINE: &[&str] = &["origin", "origin_line", "sale", "line", "quantity", "net"];
/// Columns of `sale_tender`.
pub const TENDER: &[&str] = &["sale", "number", "kind", "provider", "tendered", "applied", "change", "reference"];
/// Columns of `sale_vat`.
pub const VAT: &[&str] = &["sale", "rate", "base", "amount", "gross"];

/// The stable name of a kind of sale.
pub const fn kind_code(kind: SaleKind) -> &'static str {
    match kind {
        SaleKind::Sale => "sale",
        SaleKind::Refund => "refund",
    }
}

/// Fails when a row of `sale` that came from another register can't be shown in a list here.
///
/// # Errors
/// [`Code::RowDamaged`] with the column.
pub fn readable(values: &BTreeMap<String, Value>) -> EngineResult<()> {
    for column in ["utc_offset", "business_day"] {
        let fits = values.get(column).and_then(Value::as_int).is_some_and(|number| i32::try_from(number).is_ok());
        if !fits {
            return Err(Code::RowDamaged.error(format!("Table sale, column {column}: it is out of range.")));
        }
    }
    Ok(())
}

/// Every row that the sale in journal entry `seq` makes: sale, lines, refunded lines, tenders, VAT, stock moves.
pub fn projection(sale: &CommittedSale, seq: u64) -> Vec<Projected> {
    let id: Value = sale.header.id.uuid().into();
    let lines = sale.lines.iter().map(|line| line_row(&id, line)).collect();
    let refunds = sale.lines.iter().filter_map(|line| refund_row(&id, line)).collect();
    let tenders = sale.tenders.iter().zip(1_i64..).map(|(tender, number)| {
        vec![
            id.clone(),
            number.into(),
            tender.kind.code().into(),
            tender.provider.as_str().into(),
            tender.tendered.minor.into(),
            tender.applied.minor.into(),
            tender.change.minor.into(),
            tender.reference.as_str().into(),
        ]
    });
    // Lowest rate first: the order of the key.
    let vat = sale.vat.iter().rev().map(|row| {
        vec![id.clone(), row.rate_bp.into(), row.base.minor.into(), row.amount.minor.into(), row.gross.minor.into()]
    });
    let moves = stock_moves(sale, seq).iter().map(Record::write).collect();
    vec![
        Projected { table: "sale", columns: SALE, rows: vec![sale_row(sale, seq)] },
        Projected { table: "sale_line", columns: LINE, rows: lines },
        Projected { table: "refund_line", columns: REFUND_LINE, rows: refunds },
        Projected { table: "sale_tender", columns: TENDER, rows: tenders.collect() },
        Projected { table: "sale_vat", columns: VAT, rows: vat.collect() },
        Projected { table: StockMoveRow::TABLE, columns: StockMoveRow::COLUMNS, rows: moves },
    ]
}

/// Adds the projection to a transaction.
pub fn insert(transaction: &mut Transaction, sale: &CommittedSale, seq: u64) {
    for projected in projection(sale, seq) {
        if !projected.rows.is_empty() {
            transaction.push(OperationKind::Insert, projected.table, projected.columns, projected.rows);
        }
    }
}

/// What the sale takes out of stock, one move a line.
pub fn stock_moves(sale: &CommittedSale, seq: u64) -> Vec<StockMoveRow> {
    let moves = sale.lines.iter().map(|line| StockMoveRow {
        incarnation: sale.header.incarnation,
        seq,
        number: line.number,
        product: line.product,
        // Quantities of lines are within ±QUANTITY_MAX, so the sign can always be turned.
        quantity: line.quantity.checked_neg().unwrap_or(line.quantity),
        kind: if line.quantity.is_negative() { StockMoveKind::Refund } else { StockMoveKind::Sale }.code().into(),
        sale: Some(sale.header.id),
        time: sale.header.time,
    });
    moves.collect()
}

fn sale_row(sale: &CommittedSale, seq: u64) -> Vec<Value> {
    let header = &sale.header;
    let origin = header.origin.as_ref();
    vec![
        header.id.uuid().into(),
        header.register.uuid().into(),
        header.incarnation.uuid().into(),
        count(seq),
        count(header.number.counter),
        header.number.to_string().into(),
        kind_code(header.kind).into(),
        origin.map(|origin| origin.sale.uuid()).into(),
        origin.map(|origin| origin.number.to_string()).into(),
        time(header.time),
        i64::from(header.utc_offset_s).into(),
        i64::from(header.business_day.days()).into(),
        i64::from(header.hour_local).into(),
        header.drawer_session.uuid().into(),
        header.operator.uuid().into(),
        header.operator_name.as_str().into(),
        header.customer.map(CustomerId::uuid).into(),
        header.customer_vat_number.clone().into(),
        sale.currency.code().into(),
        sale.price_mode.code().into(),
        sale.subtotal.minor.into(),
        sale.ticket_discount.minor.into(),
        sale.net.minor.into(),
        sale.total.minor.into(),
        sale.rounding.minor.into(),
        sale.change.minor.into(),
        sale.note.as_str().into(),
    ]
}

fn line_row(sale: &Value, line: &SaleLine) -> Vec<Value> {
    vec![
        sale.clone(),
        i64::from(line.number).into(),
        line.product.uuid().into(),
        line.sku.as_str().into(),
        line.name.as_str().into(),
        line.category.map(CategoryId::uuid).into(),
        line.barcode.clone().into(),
        line.unit.code().into(),
        line.quantity.thousandths().into(),
        line.list_price.minor.into(),
        line.unit_price.minor.into(),
        line.fixed.into(),
        line.gross.minor.into(),
        line.discount.minor.into(),
        line.ticket_discount.minor.into(),
        line.net.minor.into(),
        line.tax_code.as_str().into(),
        line.rate_bp.into(),
        line.food.into(),
        line.note.as_str().into(),
        line.origin.map(|origin| SaleId::uuid(origin.sale)).into(),
        line.origin.map(|origin| i64::from(origin.line)).into(),
    ]
}

fn refund_row(sale: &Value, line: &SaleLine) -> Option<Vec<Value>> {
    let origin = line.origin?;
    Some(vec![
        origin.sale.uuid().into(),
        i64::from(origin.line).into(),
        sale.clone(),
        i64::from(line.number).into(),
        line.quantity.thousandths().into(),
        line.net.minor.into(),
    ])
}
