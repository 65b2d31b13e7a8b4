//! Rows held against the question they answer: the batch itself was proved sound when it was read.

use aurapos_contract::call::Method;
use aurapos_contract::query::{ANSWER_ROWS_MAX, AggregateQuery, Query};
use aurapos_contract::schema::{Schema, Table};
use aurapos_contract::{ColumnType, ErrorCode, PluginError, RowBatch};

/// The error that a caller gets in place of such rows.
pub(crate) fn error(call: &Method, reason: &str) -> PluginError {
    PluginError::new(ErrorCode::BadMessage, format!("the plugin's rows for `{}` cannot be used: {reason}", call.name))
}

fn expect<'a>(batch: &RowBatch, expected: impl Iterator<Item = (&'a str, ColumnType)>) -> Result<(), String> {
    let mut actual = batch.columns();
    for (name, kind) in expected {
        match actual.next() {
            Some(column) if column == (name, kind) => {}
            Some((other, other_kind)) => {
                return Err(format!("column {other} ({other_kind:?}) in the place of {name} ({kind:?})"));
            }
            None => return Err(format!("column {name} is missing")),
        }
    }
    actual.next().map_or(Ok(()), |(name, _)| Err(format!("column {name} was not asked for")))
}

fn at_most(batch: &RowBatch, limit: u32) -> Result<(), String> {
    let limit = if limit == 0 { ANSWER_ROWS_MAX } else { limit.min(ANSWER_ROWS_MAX) };
    if batch.len() > limit as usize { Err(format!("{} rows, asked for {limit}", batch.len())) } else { Ok(()) }
}

fn all_columns(table: &Table) -> impl Iterator<Item = (&str, ColumnType)> {
    table.columns.iter().map(|column| (column.name.as_str(), column.kind))
}

/// Columns, types and number of a scan's rows. A table or column that the schema does not have is the plugin's to refuse.
pub(crate) fn check_scan(schema: &Schema, query: &Query, batch: &RowBatch) -> Result<(), String> {
    let Some(table) = schema.table(&query.table) else { return Ok(()) };
    at_most(batch, query.limit)?;
    if query.columns.is_empty() {
        return expect(batch, all_columns(table));
    }
    let wanted =
        query.columns.iter().filter_map(|name| table.column(name)).map(|column| (column.name.as_str(), column.kind));
    expect(batch, wanted)
}

/// The same for a search.
pub(crate) fn check_search(schema: &Schema, table: &str, limit: u32, batch: &RowBatch) -> Result<(), String> {
    let Some(table) = schema.table(table) else { return Ok(()) };
    at_most(batch, limit)?;
    expect(batch, all_columns(table))
}

/// The same for an aggregate.
pub(crate) fn check_aggregate(schema: &Schema, query: &AggregateQuery, batch: &RowBatch) -> Result<(), String> {
    let Some(table) = schema.table(&query.table) else { return Ok(()) };
    let groups =
        query.group_by.iter().filter_map(|name| table.column(name)).map(|column| (column.name.as_str(), column.kind));
    let sums: Vec<String> = query.sums.iter().map(|name| format!("sum_{name}")).collect();
    let sums = sums.iter().map(|name| (name.as_str(), ColumnType::Int));
    expect(batch, groups.chain([("count", ColumnType::Int)]).chain(sums))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aurapos_contract::Value;
    use aurapos_contract::schema::Column;

    #[test]
    fn rows_must_be_those_that_were_asked_for() {
        let column = |name: &str, kind| Column { name: name.into(), kind, ..Default::default() };
        let columns = vec![column("id", ColumnType::Uuid), column("total", ColumnType::Int)];
        let table = Table { name: "sale".into(), columns, ..Default::default() };
        let schema = Schema { major: 1, tables: vec![table], ..Default::default() };
        let mut batch = RowBatch::with_columns([("total", ColumnType::Int)]);
        batch.push(&[Value::Int(1)]).unwrap();
        batch.push(&[Value::Int(2)]).unwrap();
        let check = |query: Query, words: &str| {
            let result = check_scan(&schema, &query, &batch);
            assert_eq!(result.as_ref().err().map_or("", String::as_str), words, "{query:?}");
        };
        check(Query::over("sale").select(&["total"]), "");
        check(Query::over("sale").select(&["total"]).limit(1), "2 rows, asked for 1");
        check(Query::over("sale").select(&["id"]), "column total (Int) in the place of id (Uuid)");
        check(Query::over("sale").select(&["total", "id"]), "column id is missing");
        check(Query::over("other"), "");
        let aggregate = AggregateQuery { table: "sale".into(), ..Default::default() };
        assert!(check_aggregate(&schema, &aggregate, &batch).is_err());
        assert!(check_search(&schema, "sale", 5, &batch).is_err());
    }
}
