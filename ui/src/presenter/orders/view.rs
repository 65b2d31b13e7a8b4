//! What the screen "orders" shows, as texts in the operator's language.

use crate::markup::{OrderDetail, OrderRow, PaidBy, PayLine, ReceiptLine};
use crate::presenter::done::receipt;
use crate::presenter::payment::{amount, detail_of_line, money, signed, vat};
use crate::shell::Shell;
use aurapos_domain::catalog::Unit;
use aurapos_domain::receipt::ReceiptCopy;
use aurapos_domain::sale::{CommittedSale, SaleKind, SaleLine};
use aurapos_engine::queries::SaleSummary;
use aurapos_locale::{Language, format, names};

/// The rows of the list.
pub fn rows(shell: &Shell) -> Vec<OrderRow> {
    shell.orders.rows.clone()
}

/// Makes the rows again: the list, the language or the choice changed.
pub(super) fn refresh(shell: &mut Shell) {
    let host = shell.host();
    let today = host.local(host.now()).date;
    let (language, chosen) = (shell.language, shell.orders.chosen.as_deref());
    let rows = shell.orders.list.iter().map(|sale| {
        let local = sale.time.local(sale.utc_offset_s);
        let when = if local.date == today { format::time(local) } else { format::date_time(language, local) };
        row(language, sale, when, chosen)
    });
    shell.orders.rows = rows.collect();
}

fn row(language: Language, sale: &SaleSummary, when: String, chosen: Option<&str>) -> OrderRow {
    let paid = sale.total.checked_add(sale.rounding).unwrap_or(sale.total);
    OrderRow {
        number: sale.receipt_no.as_str().into(),
        when: when.into(),
        operator: sale.operator_name.as_str().into(),
        refund: sale.kind == "refund",
        total: money(language, paid).into(),
        selected: chosen == Some(sale.receipt_no.as_str()),
    }
}

/// What stands beside the list.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct Detail {
    pub head: OrderDetail,
    pub lines: Vec<PayLine>,
    pub tenders: Vec<PaidBy>,
    pub receipt: Vec<ReceiptLine>,
    pub duplicate: bool,
}

/// The chosen sale; nothing when none is read.
pub fn detail(shell: &Shell) -> Detail {
    let Some(shown) = &shell.orders.shown else { return Detail::default() };
    let (language, sale) = (shell.language, &shown.sale.sale);
    Detail {
        head: head(language, sale),
        lines: sale.lines.iter().map(|one| line(language, one)).collect(),
        tenders: sale
            .tenders
            .iter()
            .map(|tender| PaidBy {
                title: names::tender(language, tender.kind).into(),
                amount: money(language, tender.tendered).into(),
            })
            .collect(),
        receipt: receipt::lines(&shown.receipt),
        duplicate: shown.copy == ReceiptCopy::Duplicate,
    }
}

fn head(language: Language, sale: &CommittedSale) -> OrderDetail {
    let origin = sale.header.origin.as_ref().map(|origin| origin.number.to_string()).unwrap_or_default();
    let (vat_names, vat_amounts) = vat(language, &sale.vat);
    let less = sale.ticket_discount.checked_neg().unwrap_or(sale.ticket_discount);
    OrderDetail {
        number: sale.header.number.to_string().into(),
        when: format::date_time(language, sale.local_time()).into(),
        operator: sale.header.operator_name.as_str().into(),
        refund: sale.header.kind == SaleKind::Refund,
        origin: origin.into(),
        subtotal: amount(language, sale.subtotal).into(),
        discount: if less.is_zero() { Default::default() } else { amount(language, less).into() },
        vat_names: vat_names.into(),
        vat_amounts: vat_amounts.into(),
        total: money(language, sale.total).into(),
        rounding: if sale.rounding.is_zero() { Default::default() } else { signed(language, sale.rounding).into() },
        change: if sale.change.is_zero() { Default::default() } else { money(language, sale.change).into() },
        note: sale.note.as_str().into(),
    }
}

fn line(language: Language, line: &SaleLine) -> PayLine {
    let was = line.net != line.gross;
    PayLine {
        quantity: format::on_screen(format::quantity(language, line.quantity)).into(),
        unit: if line.unit == Unit::Kilogram { "kg".into() } else { Default::default() },
        name: line.name.as_str().into(),
        detail: detail_of_line(language, line.unit, line.quantity, line.unit_price, &line.note).into(),
        amount: amount(language, line.net).into(),
        was: if was { amount(language, line.gross).into() } else { Default::default() },
    }
}
