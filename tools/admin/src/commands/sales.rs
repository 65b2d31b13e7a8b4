//! `sales list` and `sales show`.

use super::context::Context;
use super::sale_view::{committed_json, committed_text, kind};
use crate::amounts::date;
use crate::cli::{Days, SalesCommand};
use crate::output::{Answer, Failure, Outcome};
use crate::table::{row, table};
use aurapos_runtime::domain::calendar::Timestamp;
use aurapos_runtime::domain::ids::{RegisterCode, SaleId};
use aurapos_runtime::domain::sale::SaleKind;
use aurapos_runtime::engine::queries::{self, Edge, SalesFilter, Span};
use aurapos_runtime::{Reader, zone};
use aurapos_server::pair::PairError;
use serde_json::json;

/// `sales …`
pub fn sales(context: &Context, command: &SalesCommand) -> Outcome {
    let reader = context.reader()?;
    match command {
        SalesCommand::List { days, register, limit } => {
            let register = register.as_deref().map(|code| register_of(&reader, code)).transpose()?;
            list(&reader, &SalesFilter { span: span_of(&reader, days)?, register, limit: *limit })
        }
        SalesCommand::Show { receipt } => show(&reader, receipt),
    }
}

/// The sales of these days: business days, unless a time of day is given.
pub fn span_of(reader: &Reader, days: &Days) -> Result<Span, Failure> {
    if let Some(day) = &days.day {
        return date(day).map(Span::of_day);
    }
    let edge = |text: &Option<String>| match text.as_deref() {
        None => Ok(None),
        Some(text) => match date(text) {
            Ok(day) => Ok(Some(Edge::Day(day))),
            Err(_) => start_of(reader, text, 0).map(|time| Some(Edge::Time(time))),
        },
    };
    Ok(Span { from: edge(&days.from)?, to: edge(&days.to)? })
}

/// A register whose sales can be here.
fn register_of(reader: &Reader, code: &str) -> Result<RegisterCode, Failure> {
    let wanted = code.trim().to_ascii_uppercase();
    let known = queries::register_codes(reader.store.as_ref())?;
    if known.contains(&wanted) {
        return Ok(RegisterCode::stored(&wanted));
    }
    Err(PairError::NoSuchRegister { register: code.trim().to_owned(), known: known.join(", ") }.into())
}

/// Midnight on the shop's wall, so many days after a day; a time of day is that very time.
pub fn start_of(reader: &Reader, text: &str, days_later: i32) -> Result<Timestamp, Failure> {
    let zone = reader.site.zone.get();
    let day = match date(text) {
        Ok(day) => day.plus_days(days_later).to_string(),
        Err(wrong) => {
            return zone::parse_time(zone, text).map(Timestamp).ok_or(wrong);
        }
    };
    let time = zone::parse_time(zone, &day);
    time.map(Timestamp).ok_or_else(|| Failure::usage(format!("{day} is not a day"), "Write days like 2026-04-26."))
}

fn list(reader: &Reader, filter: &SalesFilter) -> Outcome {
    let page = queries::sales(reader.store.as_ref(), filter)?;
    let sales = &page.sales;
    let mut rows = vec![row(["receipt", "day", "time", "operator", "total", ""])];
    let mut list = Vec::with_capacity(sales.len());
    for sale in sales {
        let time = zone::rfc3339_at(sale.time.0, sale.utc_offset_s);
        let total = sale.total.to_decimal();
        let mark = if sale.kind == kind(SaleKind::Refund) { "refund" } else { "" };
        rows.push(row([&sale.receipt_no, &sale.business_day.to_string(), &time, &sale.operator_name, &total, mark]));
        list.push(json!({
            "receipt_no": sale.receipt_no, "sale_id": sale.id.to_string(), "kind": sale.kind, "time": time,
            "business_day": sale.business_day.to_string(),
            "register": sale.register(), "operator": sale.operator_name, "total": total,
            "rounding": sale.rounding.to_decimal(),
        }));
    }
    let mut text = if sales.is_empty() { "No sales.".to_owned() } else { table(&rows, &[4]) };
    if page.more {
        text.push_str("\nThere are older ones: ask for more with --limit, or for days with --day, or --from and --to.");
    }
    Ok(Answer::new(json!({"sales": list, "more": page.more}), text))
}

fn show(reader: &Reader, name: &str) -> Outcome {
    let store = reader.store.as_ref();
    let sale = match name.parse::<SaleId>() {
        Ok(id) => queries::sale_by_id(store, id)?
            .ok_or_else(|| Failure::new("AP-2005", format!("There is no sale {id}."), "Check the sale's id."))?,
        Err(_) => queries::sale_by_receipt(store, name)?,
    };
    Ok(Answer::new(committed_json(&sale.sale), committed_text(&sale.sale)))
}
