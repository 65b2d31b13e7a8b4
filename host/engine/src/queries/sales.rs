//! Sales: the list, and one sale as it was committed.

use aurapos_contract::query::{AggregateQuery, FilterKind, Query};
use aurapos_contract::{RecordStore, RowBatch};
use aurapos_domain::calendar::{Date, Timestamp};
use aurapos_domain::ids::{ReceiptNumber, RegisterCode, SaleId};
use aurapos_domain::money::{Currency, Money};
use std::collections::BTreeSet;

use super::span::Span;
use crate::error::{Code, EngineResult};
use crate::rows::register::Incarnation;
use crate::rows::{self, lookup};
use crate::usecases::stored;
use crate::view;

/// Which sales.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SalesFilter {
    /// Those of these days or times.
    pub span: Span,
    /// Those of this register alone.
    pub register: Option<RegisterCode>,
    /// At most so many; 0 means all.
    pub limit: u32,
}

/// Some sales, newest first, and whether there are older ones that fit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SalesPage {
    /// The sales.
    pub sales: Vec<SaleSummary>,
    /// There are more, or there may be: not everything was looked at.
    pub more: bool,
}

/// A sale in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaleSummary {
    /// Its id.
    pub id: SaleId,
    /// `R1-1-000042`.
    pub receipt_no: String,
    /// `sale` or `refund`.
    pub kind: String,
    /// When.
    pub time: Timestamp,
    /// How far the shop was from UTC, in seconds.
    pub utc_offset_s: i32,
    /// The day that it counts for.
    pub business_day: Date,
    /// Who sold.
    pub operator_name: String,
    /// What was owed.
    pub total: Money,
    /// The rounding of what was paid.
    pub rounding: Money,
}

impl SaleSummary {
    /// The code of the register that sold.
    pub fn register(&self) -> &str {
        self.receipt_no.split('-').next().unwrap_or_default()
    }
}

pub(super) const SUMMARY: &[&str] =
    &["id", "receipt_no", "kind", "time", "utc_offset", "operator_name", "total", "rounding", "business_day"];

/// Sales of a span, newest first: as many as are asked for, and whether there are more.
pub fn sales(store: &dyn RecordStore, filter: &SalesFilter) -> EngineResult<SalesPage> {
    let currency = super::shop(store)?.currency;
    let max = if filter.limit == 0 { usize::MAX } else { filter.limit as usize };
    let query = filter.span.of_sales(Query::over("sale").select(SUMMARY).order_by("time", true));
    let query = of_register(query, filter.register.as_ref());
    let mut page = SalesPage::default();
    page.more = lookup::each_row(store, query, max, |batch, row| {
        page.sales.push(summary(batch, row, currency)?);
        Ok(())
    })?;
    Ok(page)
}

/// The sales of a query that a register made, in whichever of its lives: a code is the first part of its numbers.
pub(super) fn of_register(query: Query, register: Option<&RegisterCode>) -> Query {
    match register {
        Some(code) => query
            .filter("receipt_no", FilterKind::AtLeast, format!("{code}-"))
            // What follows the hyphen in the order of texts.
            .filter("receipt_no", FilterKind::Less, format!("{code}.")),
        None => query,
    }
}

/// The codes of the registers that the shop's sales can come from, in order: of every life that is known here.
///
/// # Errors
/// Those of the store.
pub fn register_codes(store: &dyn RecordStore) -> EngineResult<Vec<String>> {
    let lives: Vec<Incarnation> = rows::scan_all(store, rows::query::<Incarnation>(), Currency::NONE)?;
    // Lives of before codes were written down are this register's own.
    let numbers = lives.into_iter().filter_map(|life| life.numbers);
    let mut codes: BTreeSet<String> = numbers.map(|numbers| numbers.register.to_string()).collect();
    codes.insert(super::register(store)?.code.to_string());
    let mut codes: Vec<String> = codes.into_iter().collect();
    codes.sort_by_key(|code| (code.len(), code.clone()));
    Ok(codes)
}

pub(super) fn summary(batch: &RowBatch, row: usize, currency: Currency) -> EngineResult<SaleSummary> {
    let damaged = || Code::RowDamaged.error(format!("Table sale: row {row} of a list does not hold what it should."));
    let text = |column| batch.text(row, column).map(str::to_owned).ok_or_else(damaged);
    let int = |column| batch.int(row, column).ok_or_else(damaged);
    Ok(SaleSummary {
        id: SaleId::new(batch.uuid(row, 0).ok_or_else(damaged)?),
        receipt_no: text(1)?,
        kind: text(2)?,
        time: Timestamp(int(3)?),
        utc_offset_s: i32::try_from(int(4)?).map_err(|_| damaged())?,
        operator_name: text(5)?,
        total: Money::new(int(6)?, currency),
        rounding: Money::new(int(7)?, currency),
        business_day: Date::from_days(i32::try_from(int(8)?).map_err(|_| damaged())?),
    })
}

/// What was sold on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DaySummary {
    /// Sales.
    pub sales: u64,
    /// Refunds.
    pub refunds: u64,
    /// What was owed, refunds taken off; rounding of cash left out.
    pub total: Money,
}

/// What was sold on a business day.
pub fn day_summary(store: &dyn RecordStore, day: Date) -> EngineResult<DaySummary> {
    let query = AggregateQuery {
        table: "sale".to_owned(),
        filters: vec![crate::rows::equal("business_day", i64::from(day.days()))],
        group_by: vec!["kind".to_owned()],
        sums: vec!["total".to_owned()],
    };
    let answer = store.aggregate(&query)?;
    let mut summary = DaySummary { sales: 0, refunds: 0, total: Money::zero(super::shop(store)?.currency) };
    for row in 0..answer.len() {
        let damaged = || Code::RowDamaged.error("Table sale: a sum does not hold what it should.");
        let (count, sum) = (answer.int(row, 1).ok_or_else(damaged)?, answer.int(row, 2).ok_or_else(damaged)?);
        let count = u64::try_from(count).map_err(|_| damaged())?;
        match answer.text(row, 0) {
            Some("refund") => summary.refunds += count,
            _ => summary.sales += count,
        }
        let sum = Money::new(sum, summary.total.currency);
        summary.total = summary.total.checked_add(sum).map_err(|_| damaged())?;
    }
    Ok(summary)
}

/// The sale of a receipt number, as the journal has it, checked.
pub fn sale_by_receipt(store: &dyn RecordStore, receipt_no: &str) -> EngineResult<view::Sale> {
    let number =
        ReceiptNumber::parse(receipt_no.trim()).map_err(|error| Code::NoSuchSale.error(format!("{error}.")))?;
    let found = stored::sale(store, "receipt_no", number.to_string())?;
    found.ok_or_else(|| Code::NoSuchSale.error(format!("There is no sale {number}.")))
}

/// The sale of an id, as the journal has it, checked; `None` when there is none.
pub fn sale_by_id(store: &dyn RecordStore, id: SaleId) -> EngineResult<Option<view::Sale>> {
    stored::sale(store, "id", id.uuid())
}
