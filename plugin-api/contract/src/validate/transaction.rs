//! Whether a transaction fits the schema, before a store looks at its rows.

use super::{check_value, column_of, table_of};
use crate::error::{ErrorCode, PluginError, PluginResult};
use crate::schema::{Column, Schema, Table};
use crate::transaction::{Expectation, Operation, OperationKind, ROWS_MAX, TRANSACTION_BYTES_MAX, Transaction};
use crate::value::{INDEXED_BYTES_MAX, TIME_MIN, Value};
use uuid::Uuid;

/// Checks everything about a transaction that needs no data: limits, names, types, nulls, append-only tables, required
/// columns. What is left for the store: conflicts, and [`missing_required`] columns of an upsert whose row is not there.
pub fn check_transaction(schema: &Schema, transaction: &Transaction) -> PluginResult<()> {
    let rows = transaction.row_count();
    if rows > ROWS_MAX || transaction.operations.len() > ROWS_MAX || transaction.expectations.len() > ROWS_MAX {
        return Err(PluginError::new(
            ErrorCode::TooLarge,
            format!("a transaction has at most {ROWS_MAX} rows, not {rows}"),
        ));
    }
    let bytes = transaction.byte_count();
    if bytes > TRANSACTION_BYTES_MAX {
        let message = format!("a transaction has at most {TRANSACTION_BYTES_MAX} bytes, not {bytes}");
        return Err(PluginError::new(ErrorCode::TooLarge, message));
    }
    for (index, expectation) in transaction.expectations.iter().enumerate() {
        check_expectation(schema, expectation).map_err(|error| numbered(error, index))?;
    }
    for (index, operation) in transaction.operations.iter().enumerate() {
        check_operation(schema, operation).map_err(|error| numbered(error, index))?;
    }
    Ok(())
}

/// Whether a transaction is meant for the data that is there.
pub fn check_epoch(transaction: &Transaction, there: Uuid) -> PluginResult<()> {
    match transaction.epoch {
        Some(expected) if expected != there => {
            let message = "the data has begun another life since this was made for it";
            let mut error = PluginError::new(ErrorCode::Conflict, message);
            error.detail.epoch = there;
            Err(error)
        }
        _ => Ok(()),
    }
}

fn numbered(mut error: PluginError, index: usize) -> PluginError {
    error.detail.index = index as u64;
    error
}

fn bad(table: &Table, column: &str, row: usize, message: String) -> PluginError {
    PluginError::new(ErrorCode::BadValue, message).at(&table.name, column, row)
}

fn check_expectation(schema: &Schema, expectation: &Expectation) -> PluginResult<()> {
    let table = table_of(schema, &expectation.table)?;
    if expectation.key.len() != table.key.len() {
        let message = format!("the key has {} columns, {} values were given", table.key.len(), expectation.key.len());
        return Err(bad(table, "", 0, message));
    }
    for (name, value) in table.key.iter().zip(&expectation.key) {
        check_cell(table, column_of(table, name)?, value, 0)?;
    }
    if expectation.columns.len() != expectation.values.len() || (expectation.absent && !expectation.columns.is_empty())
    {
        return Err(bad(table, "", 0, "an expectation needs one value for each column, none when absent".to_owned()));
    }
    for (name, value) in expectation.columns.iter().zip(&expectation.values) {
        let column = column_of(table, name)?;
        check_value(column, value, true).map_err(|(code, problem)| cell_error(table, column, 0, code, &problem))?;
    }
    Ok(())
}

fn check_operation(schema: &Schema, operation: &Operation) -> PluginResult<()> {
    let table = table_of(schema, &operation.table)?;
    if table.append_only && operation.kind != OperationKind::Insert {
        let message = format!("rows of `{}` can be inserted only", table.name);
        return Err(PluginError::new(ErrorCode::AppendOnly, message).at(&table.name, "", 0));
    }
    let columns = named_columns(table, operation)?;
    if operation.kind == OperationKind::Insert
        && let Some(missing) = missing_required(table, &operation.columns).first()
    {
        return Err(bad(table, missing, 0, format!("the column `{missing}` needs a value")));
    }
    for (row, values) in operation.rows.iter().enumerate() {
        row_problem(table, &columns, values, row)?;
    }
    Ok(())
}

fn named_columns<'a>(table: &'a Table, operation: &Operation) -> PluginResult<Vec<&'a Column>> {
    let mut columns: Vec<&Column> = Vec::with_capacity(operation.columns.len());
    for name in &operation.columns {
        let column = column_of(table, name)?;
        if columns.iter().any(|other| other.name == *name) {
            return Err(bad(table, name, 0, format!("the column `{name}` is named twice")));
        }
        if operation.kind == OperationKind::Delete && !table.key.contains(name) {
            return Err(bad(table, name, 0, format!("a delete names the key; `{name}` is not in it")));
        }
        columns.push(column);
    }
    if operation.kind != OperationKind::Insert
        && let Some(missing) = table.key.iter().find(|key| !operation.columns.contains(key))
    {
        return Err(bad(table, missing, 0, format!("the key column `{missing}` needs a value")));
    }
    Ok(columns)
}

/// Whether one row of values fits the columns it is for.
pub fn row_problem(table: &Table, columns: &[&Column], values: &[Value], row: usize) -> PluginResult<()> {
    if values.len() != columns.len() {
        let message = format!("the row has {} values for {} columns", values.len(), columns.len());
        return Err(bad(table, "", row, message));
    }
    for (column, value) in columns.iter().zip(values) {
        check_cell(table, column, value, row)?;
    }
    Ok(())
}

fn check_cell(table: &Table, column: &Column, value: &Value, row: usize) -> PluginResult<()> {
    check_value(column, value, false).map_err(|(code, problem)| cell_error(table, column, row, code, &problem))?;
    if matches!(value, Value::Time(time) if *time < TIME_MIN) {
        let problem = "is before the first day of the calendar";
        return Err(cell_error(table, column, row, ErrorCode::BadValue, problem));
    }
    let bytes = match value {
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        _ => 0,
    };
    if bytes > INDEXED_BYTES_MAX && table.indexes_column(&column.name) {
        let problem = format!("has {bytes} bytes, at most {INDEXED_BYTES_MAX} in a key or index");
        return Err(cell_error(table, column, row, ErrorCode::TooLarge, &problem));
    }
    Ok(())
}

fn cell_error(table: &Table, column: &Column, row: usize, code: ErrorCode, problem: &str) -> PluginError {
    PluginError::new(code, format!("the column `{}` {problem}", column.name)).at(&table.name, &column.name, row)
}

/// The columns that a new row must name and does not: not nullable, without default.
pub fn missing_required<'a>(table: &'a Table, named: &[String]) -> Vec<&'a str> {
    table
        .columns
        .iter()
        .filter(|column| !column.nullable && column.default == Value::Null)
        .filter(|column| !named.contains(&column.name))
        .map(|column| column.name.as_str())
        .collect()
}
