//! What is in the way of a commit, as the conflict to answer.

use crate::catalog::{list, quoted, types, within};
use crate::contract::Value;
use crate::contract::error::{ErrorCode, PluginError};
use crate::contract::schema::{Column, Schema, Table};
use crate::contract::transaction::{Expectation, Operation, OperationKind};
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

/// The conflict about a row.
fn conflict(table: &Table, message: String, row: usize, found: Option<Vec<Value>>) -> PluginError {
    let mut error = PluginError::new(ErrorCode::Conflict, message).at(&table.name, "", row);
    if let Some(found) = found {
        error.detail.found_columns = table.columns.iter().map(|column| column.name.clone()).collect();
        error.detail.found = found;
    }
    error
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
    let place = |name: &String| table.columns.iter().position(|column| column.name == *name);
    let holds = match &found {
        None => expectation.absent,
        Some(row) => {
            let same = |(name, value): (&String, &Value)| place(name).is_some_and(|at| row[at] == *value);
            !expectation.absent && expectation.columns.iter().zip(&expectation.values).all(same)
        }
    };
    if holds {
        return Ok(None);
    }
    let message = match (expectation.absent, &found) {
        (true, _) => format!("a row of `{}` is there that should not be", table.name),
        (false, None) => format!("a row of `{}` is not there", table.name),
        (false, Some(_)) => format!("a row of `{}` is not as expected", table.name),
    };
    let mut error = conflict(table, message, 0, found);
    error.detail.index = index as u64;
    Ok(Some(error))
}

/// Finds the row that is in the way of one row of an operation.
pub(crate) fn of_row(
    session: &mut Session,
    space: &str,
    table: &Table,
    operation: &Operation,
    at: usize,
) -> Asked<PluginError> {
    let mut row: Vec<Value> = table.columns.iter().map(|column| column.default.clone()).collect();
    let place = |name: &str| table.columns.iter().position(|column| column.name == name);
    let pick = |columns: &[String], row: &[Value]| -> Vec<Value> {
        columns.iter().filter_map(|name| place(name).map(|at| row[at].clone())).collect()
    };
    let overlay = |row: &mut Vec<Value>| {
        for (name, value) in operation.columns.iter().zip(&operation.rows[at]) {
            if let Some(at) = place(name) {
                row[at] = value.clone();
            }
        }
    };
    overlay(&mut row);
    let key = pick(&table.key, &row);
    if let Some(there) = row_at(session, space, table, &table.key, &key)? {
        if operation.kind == OperationKind::Insert {
            let message = format!("a row of `{}` with this key is there already", table.name);
            return Ok(conflict(table, message, at, Some(there)));
        }
        row = there;
        overlay(&mut row);
    }
    let message = format!("another row of `{}` has these values, which are unique", table.name);
    for index in table.indexes.iter().filter(|index| index.unique) {
        let values = pick(&index.columns, &row);
        if values.contains(&Value::Null) {
            continue;
        }
        if let Some(there) = row_at(session, space, table, &index.columns, &values)?
            && pick(&table.key, &there) != key
        {
            return Ok(conflict(table, message, at, Some(there)));
        }
    }
    Ok(conflict(table, message, at, None))
}
