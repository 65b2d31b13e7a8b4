//! What is in the way of a commit, as the conflict to answer.

use crate::catalog::{list, quoted, types, within};
use crate::contract::error::PluginError;
use crate::contract::schema::{Column, Schema, Table};
use crate::contract::transaction::{Expectation, Operation};
use crate::contract::{Value, validate};
use crate::convert::{self, Bound};
use crate::session::{Asked, Session};
use tokio_postgres::types::{ToSql, Type};

/// All columns of the row with these values.
pub(crate) fn row_at(
    session: &mut Session,
    space: &str,
    table: &Table,
    by: &[String],
    values: &[Value],
) -> Asked<Option<Vec<Value>>> {
    let columns: Vec<&Column> = table.columns.iter().collect();
    let same: Vec<String> = by.iter().enumerate().map(|(at, name)| format!("{} = ${}", quoted(name), at + 1)).collect();
    let sql = format!(
        "SELECT {} FROM {} WHERE {} LIMIT 1",
        list(columns.iter().map(|column| column.name.as_str())),
        within(space, &table.name),
        same.join(" AND ")
    );
    let kinds: Vec<Type> = by.iter().filter_map(|name| table.column(name)).map(|column| types(column.kind).0).collect();
    let bound: Vec<Bound<'_>> = values.iter().map(Bound).collect();
    let parameters: Vec<&(dyn ToSql + Sync)> = bound.iter().map(|value| value as _).collect();
    let rows = session.query(&sql, &kinds, &parameters)?;
    Ok(rows.first().map(|row| convert::values(row, 0, &columns)).transpose()?)
}

/// Looks at an expectation that did not hold; `None` when it holds by now.
pub(crate) fn of_expectation(
    session: &mut Session,
    space: &str,
    schema: &Schema,
    expectation: &Expectation,
    index: usize,
) -> Asked<Option<PluginError>> {
    let Some(table) = schema.table(&expectation.table) else {
        return Ok(None);
    };
    let found = row_at(session, space, table, &table.key, &expectation.key)?;
    Ok(validate::check_expected(table, expectation, found).err().map(|mut error| {
        error.detail.index = index as u64;
        error
    }))
}

/// Finds the row that is in the way of one row of an operation.
pub(crate) fn of_row(
    session: &mut Session,
    space: &str,
    table: &Table,
    operation: &Operation,
    at: usize,
) -> Asked<PluginError> {
    validate::in_the_way(table, operation, at, |by, values| row_at(session, space, table, by, values))
}
