//! Scans and aggregates as SQL.
//!
//! A page goes on after a cursor in pieces, each one range of the index: first the rows that share all order columns but
//! the last with the cursor, then all but the last two, and so on. One comparison of the whole row would be shorter, but
//! it gets nulls wrong and reads a filtered index from its start on every page.

use crate::catalog::{list, quoted};
use crate::contract::batch::RowBatch;
use crate::contract::error::{ErrorCode, PluginError, PluginResult};
use crate::contract::query::{ANSWER_ROWS_MAX, AggregateQuery, Filter, FilterKind, Query};
use crate::contract::schema::{Column, Schema, Table};
use crate::contract::validate::{self, ANSWER_BYTES_MAX};
use crate::contract::value::{ColumnType, Value};
use crate::convert::{self, Bound, ReadError};
use crate::error::from_sqlite;
use rusqlite::Connection;

/// `In` lists up to this length keep their statement prepared.
const LIST_KEPT: usize = 8;

/// SQL and its parameters while it is being put together.
#[derive(Debug, Default, Clone)]
pub(crate) struct Conditions<'a> {
    parts: Vec<String>,
    parameters: Vec<&'a Value>,
}

impl<'a> Conditions<'a> {
    fn plain(&mut self, sql: String) {
        self.parts.push(sql);
    }

    fn compare(&mut self, column: &str, operator: &str, value: &'a Value) {
        self.parts.push(format!("{} {operator} ?", quoted(column)));
        self.parameters.push(value);
    }

    fn equal(&mut self, column: &str, value: &'a Value) {
        match value {
            Value::Null => self.plain(format!("{} IS NULL", quoted(column))),
            value => self.compare(column, "=", value),
        }
    }

    fn sql(&self) -> String {
        if self.parts.is_empty() { String::new() } else { format!(" WHERE {}", self.parts.join(" AND ")) }
    }
}

/// The filters, with null equal to null and lower than everything.
fn filters<'a>(table: &Table, filters: &'a [Filter]) -> Conditions<'a> {
    let mut conditions = Conditions::default();
    for filter in filters {
        let name = filter.column.as_str();
        let column = quoted(name);
        let or_null = |sql: String| {
            let nullable = table.column(name).is_some_and(|column| column.nullable);
            if nullable { format!("({sql} OR {column} IS NULL)") } else { sql }
        };
        let first = filter.values.first().unwrap_or(&Value::Null);
        match (filter.kind, first) {
            (FilterKind::In, _) => {
                let values: Vec<&Value> = filter.values.iter().filter(|value| **value != Value::Null).collect();
                let marks = vec!["?"; values.len()].join(", ");
                let within = format!("{column} IN ({marks})");
                let null = filter.values.contains(&Value::Null);
                conditions.plain(if null { format!("({within} OR {column} IS NULL)") } else { within });
                conditions.parameters.extend(values);
            }
            (FilterKind::Equal | FilterKind::AtMost, Value::Null) => conditions.plain(format!("{column} IS NULL")),
            (FilterKind::NotEqual | FilterKind::Greater, Value::Null) => {
                conditions.plain(format!("{column} IS NOT NULL"))
            }
            (FilterKind::Less, Value::Null) => conditions.plain("0".to_owned()),
            (FilterKind::AtLeast, Value::Null) => {}
            (FilterKind::Equal, value) => conditions.compare(name, "=", value),
            (FilterKind::Greater, value) => conditions.compare(name, ">", value),
            (FilterKind::AtLeast, value) => conditions.compare(name, ">=", value),
            (FilterKind::NotEqual | FilterKind::Less | FilterKind::AtMost, value) => {
                let operator = match filter.kind {
                    FilterKind::Less => "<",
                    FilterKind::AtMost => "<=",
                    _ => "<>",
                };
                conditions.plain(or_null(format!("{column} {operator} ?")));
                conditions.parameters.push(value);
            }
            // A kind that this version does not know is refused by the codec before it comes here.
            _ => conditions.plain("0".to_owned()),
        }
    }
    conditions
}

/// The pieces of a page, in order.
fn pieces<'a>(table: &Table, order: &[&str], query: &'a Query) -> Vec<Conditions<'a>> {
    let base = filters(table, &query.filters);
    if query.after.is_empty() {
        return vec![base];
    }
    let fixed = |name: &str| {
        let equal = |filter: &&Filter| filter.kind == FilterKind::Equal && filter.column == name;
        query.filters.iter().find(equal).and_then(|filter| filter.values.first())
    };
    let mut pieces = Vec::new();
    for last in (0..order.len()).rev() {
        let (name, value) = (order[last], &query.after[last]);
        // A column that a filter pins has nothing after the cursor; asking would walk through all of its rows.
        if fixed(name) == Some(value) {
            continue;
        }
        let mut shared = base.clone();
        for (&name, value) in order.iter().zip(&query.after).take(last) {
            shared.equal(name, value);
        }
        let nullable = table.column(name).is_some_and(|column| column.nullable);
        let mut piece = shared.clone();
        match (query.descending, value) {
            (false, Value::Null) => piece.plain(format!("{} IS NOT NULL", quoted(name))),
            (false, value) => piece.compare(name, ">", value),
            (true, Value::Null) => continue,
            (true, value) => piece.compare(name, "<", value),
        }
        pieces.push(piece);
        if query.descending && nullable {
            shared.plain(format!("{} IS NULL", quoted(name)));
            pieces.push(shared);
        }
    }
    pieces
}

/// The statement of one piece; the limit is its last parameter.
fn scan_sql(
    table: &Table,
    columns: &[&Column],
    order: &[&str],
    descending: bool,
    conditions: &Conditions<'_>,
) -> String {
    let mut wanted: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    // The order's columns follow, for the cursor of the next page.
    wanted.extend(order);
    let direction = if descending { " DESC" } else { "" };
    let by: Vec<String> = order.iter().map(|name| format!("{}{direction}", quoted(name))).collect();
    format!(
        "SELECT {} FROM {}{} ORDER BY {} LIMIT ?",
        list(wanted),
        quoted(&table.name),
        conditions.sql(),
        by.join(", ")
    )
}

pub(crate) fn scan(connection: &Connection, schema: &Schema, query: &Query) -> PluginResult<RowBatch> {
    let plan = validate::check_query(schema, query)?;
    let pieces = pieces(plan.table, &plan.order, query);
    let mut answer = Page {
        batch: RowBatch::with_columns(plan.columns.iter().map(|column| (column.name.as_str(), column.kind))),
        bytes: 0,
        last: Vec::new(),
        full: false,
    };
    // Several pieces must see the same commits.
    let whole = (pieces.len() > 1).then(|| connection.unchecked_transaction()).transpose();
    let whole = whole.map_err(|error| from_sqlite(&error, "the read failed"))?;
    for piece in &pieces {
        let sql = scan_sql(plan.table, &plan.columns, &plan.order, query.descending, piece);
        answer.fill(connection, &sql, piece, &plan)?;
        if answer.full {
            break;
        }
    }
    drop(whole);
    if answer.full {
        answer.batch.set_next(answer.last);
    }
    Ok(answer.batch)
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
    fn fill(
        &mut self,
        connection: &Connection,
        sql: &str,
        piece: &Conditions<'_>,
        plan: &validate::ScanPlan<'_>,
    ) -> Result<(), ReadError> {
        let order: Vec<&Column> = plan.order.iter().filter_map(|name| plan.table.column(name)).collect();
        let room = plan.limit - self.batch.len();
        let limit = Value::Int(room as i64 + 1);
        let parameters = piece.parameters.iter().copied().chain([&limit]).map(Bound);
        let mut kept;
        let mut once;
        let statement: &mut rusqlite::Statement<'_> = if piece.parameters.len() <= LIST_KEPT + plan.order.len() {
            kept = connection.prepare_cached(sql)?;
            &mut kept
        } else {
            once = connection.prepare(sql)?;
            &mut once
        };
        let mut rows = statement.query(rusqlite::params_from_iter(parameters))?;
        let mut taken = false;
        while let Some(row) = rows.next()? {
            if self.batch.len() == plan.limit || (self.bytes >= ANSWER_BYTES_MAX && !self.batch.is_empty()) {
                self.full = true;
                break;
            }
            self.bytes += convert::append(&mut self.batch, row, &plan.columns)?;
            taken = true;
            // Only the last row that fits needs its cursor, but which one that is shows one row later.
            if self.batch.len() == plan.limit || self.bytes >= ANSWER_BYTES_MAX {
                self.last = cursor(row, plan.columns.len(), &order)?;
            }
        }
        debug_assert!(!self.full || taken || !self.last.is_empty(), "a full page has a last row");
        Ok(())
    }
}

fn cursor(row: &rusqlite::Row<'_>, from: usize, order: &[&Column]) -> Result<Vec<Value>, ReadError> {
    order.iter().enumerate().map(|(at, column)| convert::value(row, from + at, column)).collect()
}

pub(crate) fn aggregate(connection: &Connection, schema: &Schema, query: &AggregateQuery) -> PluginResult<RowBatch> {
    let plan = validate::check_aggregate(schema, query)?;
    let conditions = filters(plan.table, &query.filters);
    let groups = list(plan.groups.iter().map(|column| column.name.as_str()));
    let mut wanted: Vec<String> = plan.groups.iter().map(|column| quoted(&column.name)).collect();
    wanted.push("count(*)".to_owned());
    for column in &plan.sums {
        // SQLite's own sum gives up when a part of it is outside i64, even if the whole is not: two halves never are.
        let name = quoted(&column.name);
        wanted.push(format!("coalesce(sum({name} >> 32), 0)"));
        wanted.push(format!("coalesce(sum({name} & 4294967295), 0)"));
    }
    let mut sql = format!("SELECT {} FROM {}{}", wanted.join(", "), quoted(&plan.table.name), conditions.sql());
    if !plan.groups.is_empty() {
        sql += &format!(" GROUP BY {groups} ORDER BY {groups}");
    }
    sql += &format!(" LIMIT {}", ANSWER_ROWS_MAX + 1);
    let columns = plan.answer_columns();
    let mut answer = RowBatch::with_columns(columns.iter().map(|(name, kind)| (name.as_str(), *kind)));
    let failed = |error| from_sqlite(&error, "the read failed");
    let mut statement = connection.prepare_cached(&sql).map_err(failed)?;
    let parameters = rusqlite::params_from_iter(conditions.parameters.iter().copied().map(Bound));
    let mut rows = statement.query(parameters).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        if answer.len() == ANSWER_ROWS_MAX as usize {
            let message = format!("the answer has more than {ANSWER_ROWS_MAX} groups");
            return Err(PluginError::new(ErrorCode::TooLarge, message).at(&plan.table.name, "", 0));
        }
        let mut cells: Vec<Value> = Vec::with_capacity(columns.len());
        for (at, column) in plan.groups.iter().enumerate() {
            cells.push(convert::value(row, at, column)?);
        }
        let number = Column { kind: ColumnType::Int, ..Default::default() };
        cells.push(convert::value(row, cells.len(), &number)?);
        for (at, column) in plan.sums.iter().enumerate() {
            let half =
                |half: usize| row.get::<_, i64>(plan.groups.len() + 1 + at * 2 + half).map(i128::from).map_err(failed);
            let sum = (half(0)? << 32) + half(1)?;
            cells.push(Value::Int(i64::try_from(sum).map_err(|_| {
                let message = format!("the sum of `{}` is too large", column.name);
                PluginError::new(ErrorCode::BadValue, message).at(&plan.table.name, &column.name, answer.len())
            })?));
        }
        answer.push(&cells)?;
    }
    Ok(answer)
}

#[cfg(test)]
mod tests;
