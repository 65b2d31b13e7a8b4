//! Scans and aggregates.

use crate::catalog::{Catalog, list, quoted, within};
use crate::conditions::{Conditions, Parts, sql};
use crate::contract::batch::RowBatch;
use crate::contract::error::{ErrorCode, PluginError};
use crate::contract::query::{ANSWER_ROWS_MAX, AggregateQuery, Query};
use crate::contract::schema::{Column, Table};
use crate::contract::validate::{self, ANSWER_BYTES_MAX, ScanPlan};
use crate::contract::value::{ColumnType, TEXT_BYTES_MAX, Value};
use crate::convert;
use crate::session::{Asked, Fault, Session};
use tokio_postgres::Row;

/// Bytes that may be on their way at once: what does not fit into an answer was sent for nothing.
const FETCH_BYTES: usize = 4 * ANSWER_BYTES_MAX;
/// Rows asked for at once, at most.
const FETCH_ROWS: usize = ANSWER_ROWS_MAX as usize + 1;

fn wanted(table: &Table, columns: &[&Column], order: &[&str]) -> String {
    let _ = table;
    let names = columns.iter().map(|column| column.name.as_str());
    // The order's columns follow, for the cursor of the next page.
    list(names.chain(order.iter().copied()))
}

/// `ORDER BY`, as the indexes are.
fn ordered(table: &Table, order: &[&str], descending: bool) -> String {
    let by = |name: &&str| {
        let nullable = table.column(name).is_some_and(|column| column.nullable);
        match (descending, nullable) {
            (false, true) => format!("{} NULLS FIRST", quoted(name)),
            (false, false) => quoted(name),
            (true, true) => format!("{} DESC NULLS LAST", quoted(name)),
            (true, false) => format!("{} DESC", quoted(name)),
        }
    };
    format!(" ORDER BY {}", order.iter().map(by).collect::<Vec<_>>().join(", "))
}

/// How many rows are asked for at once, by the largest that they may be.
fn rows_at_once(columns: &[&Column]) -> usize {
    let size = |column: &&Column| match column.kind {
        ColumnType::Bytes => crate::contract::value::BYTES_MAX,
        ColumnType::Text => TEXT_BYTES_MAX,
        _ => 17,
    };
    let largest: usize = columns.iter().map(size).sum();
    (FETCH_BYTES / largest.max(1)).clamp(8, FETCH_ROWS)
}

/// The statement of a page: its pieces one after the other, each no longer than the page.
fn page_sql(space: &str, plan: &ScanPlan<'_>, pieces: &[Parts], descending: bool, limit: &str) -> String {
    let order = ordered(plan.table, &plan.order, descending);
    let columns = wanted(plan.table, &plan.columns, &plan.order);
    let from = within(space, &plan.table.name);
    let piece = |parts: &Parts| format!("SELECT {columns} FROM {from}{}{order} LIMIT {limit}", sql(parts));
    match pieces {
        [one] => piece(one),
        // The server appends one piece to the other in this order, and stops when there is enough: without parallel workers
        // (`Purpose::settings`) it knows no other way.
        many => {
            let pieces: Vec<String> = many.iter().map(|parts| format!("({})", piece(parts))).collect();
            format!("{} LIMIT {limit}", pieces.join(" UNION ALL "))
        }
    }
}

pub(crate) fn scan(session: &mut Session, catalog: &Catalog, query: &Query) -> Asked<RowBatch> {
    let plan = validate::check_query(&catalog.active, query)?;
    let mut page = Page {
        batch: RowBatch::with_columns(plan.columns.iter().map(|column| (column.name.as_str(), column.kind))),
        bytes: 0,
        last: Vec::new(),
        full: false,
    };
    let at_once = rows_at_once(&plan.columns);
    let mut query = query.clone();
    loop {
        let room = (plan.limit - page.batch.len() + 1).min(at_once);
        let rows = fetch(session, &catalog.space, &plan, &query, room)?;
        let came = rows.len();
        page.fill(rows, &plan)?;
        // Fewer than asked for: there are no more.
        if page.full || came < room {
            break;
        }
        query.after.clone_from(&page.last);
    }
    if page.full {
        page.batch.set_next(page.last);
    }
    Ok(page.batch)
}

fn fetch(session: &mut Session, space: &str, plan: &ScanPlan<'_>, query: &Query, limit: usize) -> Asked<Vec<Row>> {
    let mut conditions = Conditions::default();
    let pieces = conditions.pieces(plan.table, &plan.order, query);
    if pieces.is_empty() {
        return Ok(Vec::new());
    }
    let limit = conditions.typed(tokio_postgres::types::Type::INT8, Box::new(limit as i64));
    let sql = page_sql(space, plan, &pieces, query.descending, &limit);
    session.query(&sql, &conditions.types, &conditions.given())
}

/// An answer that is being filled.
struct Page {
    batch: RowBatch,
    bytes: usize,
    /// The order columns of the last row.
    last: Vec<Value>,
    /// There is at least one more row.
    full: bool,
}

impl Page {
    fn fill(&mut self, rows: Vec<Row>, plan: &ScanPlan<'_>) -> Asked<()> {
        let order: Vec<&Column> = plan.order.iter().filter_map(|name| plan.table.column(name)).collect();
        let count = rows.len();
        for (at, row) in rows.iter().enumerate() {
            if self.batch.len() == plan.limit || (self.bytes >= ANSWER_BYTES_MAX && !self.batch.is_empty()) {
                self.full = true;
                break;
            }
            self.bytes += convert::append(&mut self.batch, row, &plan.columns)?;
            // Only the last row that fits needs its cursor, but which one that is shows one row later.
            if at + 1 == count || self.batch.len() == plan.limit || self.bytes >= ANSWER_BYTES_MAX {
                self.last = convert::values(row, plan.columns.len(), &order)?;
            }
        }
        Ok(())
    }
}

pub(crate) fn aggregate(session: &mut Session, catalog: &Catalog, query: &AggregateQuery) -> Asked<RowBatch> {
    let plan = validate::check_aggregate(&catalog.active, query)?;
    let mut conditions = Conditions::default();
    let parts = conditions.filters(plan.table, &query.filters);
    let mut wanted: Vec<String> = plan.groups.iter().map(|column| quoted(&column.name)).collect();
    wanted.push("count(*)".to_owned());
    for column in &plan.sums {
        // The sum of many whole numbers is a decimal of any length; as text it comes whole.
        wanted.push(format!("coalesce(sum({}), 0)::text", quoted(&column.name)));
    }
    let mut ask =
        format!("SELECT {} FROM {}{}", wanted.join(", "), within(&catalog.space, &plan.table.name), sql(&parts));
    if !plan.groups.is_empty() {
        let names: Vec<&str> = plan.groups.iter().map(|column| column.name.as_str()).collect();
        ask += &format!(" GROUP BY {}{}", list(names.iter().copied()), ordered(plan.table, &names, false));
    }
    ask += &format!(" LIMIT {}", ANSWER_ROWS_MAX + 1);
    let rows = session.query(&ask, &conditions.types, &conditions.given())?;
    if rows.len() > ANSWER_ROWS_MAX as usize {
        let message = format!("the answer has more than {ANSWER_ROWS_MAX} groups");
        return Err(PluginError::new(ErrorCode::TooLarge, message).at(&plan.table.name, "", 0).into());
    }
    let columns = plan.answer_columns();
    let mut answer = RowBatch::with_columns(columns.iter().map(|(name, kind)| (name.as_str(), *kind)));
    for row in &rows {
        let mut cells = convert::values(row, 0, &plan.groups)?;
        let number = Column { kind: ColumnType::Int, ..Default::default() };
        cells.push(convert::value(row, cells.len(), &number)?);
        for column in &plan.sums {
            let text: &str = row.try_get(cells.len()).map_err(Fault::Postgres)?;
            cells.push(Value::Int(text.parse().map_err(|_| {
                let message = format!("the sum of `{}` is too large", column.name);
                PluginError::new(ErrorCode::BadValue, message).at(&plan.table.name, &column.name, answer.len())
            })?));
        }
        answer.push(&cells).map_err(PluginError::from)?;
    }
    Ok(answer)
}
