//! Whether a question fits the schema, and the plain meaning of filters and searches.

use super::{check_value, column_of, order_columns, table_of};
use crate::error::{ErrorCode, PluginError, PluginResult};
use crate::query::{ANSWER_ROWS_MAX, AggregateQuery, FILTERS_MAX, Filter, FilterKind, IN_VALUES_MAX, Query};
use crate::schema::{COLUMNS_MAX, Column, Schema, Table};
use crate::value::{ColumnType, Value};

/// A scan that fits the schema.
#[derive(Debug)]
pub struct ScanPlan<'a> {
    /// The table.
    pub table: &'a Table,
    /// The answer's columns.
    pub columns: Vec<&'a Column>,
    /// The columns of the order, down to a total one.
    pub order: Vec<&'a str>,
    /// Most rows, at least 1.
    pub limit: usize,
}

/// An aggregate that fits the schema.
#[derive(Debug)]
pub struct AggregatePlan<'a> {
    /// The table.
    pub table: &'a Table,
    /// The group columns.
    pub groups: Vec<&'a Column>,
    /// The columns to sum.
    pub sums: Vec<&'a Column>,
}

impl AggregatePlan<'_> {
    /// Names and types of the answer's columns.
    pub fn answer_columns(&self) -> Vec<(String, ColumnType)> {
        let groups = self.groups.iter().map(|column| (column.name.clone(), column.kind));
        let count = std::iter::once(("count".to_owned(), ColumnType::Int));
        let sums = self.sums.iter().map(|column| (format!("sum_{}", column.name), ColumnType::Int));
        groups.chain(count).chain(sums).collect()
    }
}

fn bad_query(table: &Table, message: String) -> PluginError {
    PluginError::new(ErrorCode::BadQuery, message).at(&table.name, "", 0)
}

/// Checks a scan. A limit of 0, or over [`ANSWER_ROWS_MAX`], means that.
pub fn check_query<'a>(schema: &'a Schema, query: &Query) -> PluginResult<ScanPlan<'a>> {
    let table = table_of(schema, &query.table)?;
    check_width(table, query.columns.len())?;
    let columns: Vec<&Column> = if query.columns.is_empty() {
        table.columns.iter().collect()
    } else {
        query.columns.iter().map(|name| column_of(table, name)).collect::<PluginResult<_>>()?
    };
    check_filters(table, &query.filters)?;
    let order = order_columns(table, &query.order)
        .ok_or_else(|| bad_query(table, format!("`{}` has no index `{}`", table.name, query.order)))?;
    if !query.after.is_empty() {
        let fits = query.after.len() == order.len()
            && order.iter().zip(&query.after).all(|(name, value)| {
                table.column(name).is_some_and(|column| check_value(column, value, false).is_ok())
            });
        if !fits {
            return Err(bad_query(table, "`after` is not the `next` of an answer in this order".to_owned()));
        }
    }
    Ok(ScanPlan { table, columns, order, limit: limit_of(query.limit) })
}

/// Checks a search: the table, its searched column and the number of rows to answer.
pub fn check_search<'a>(schema: &'a Schema, table: &str, limit: u32) -> PluginResult<(&'a Table, &'a Column, usize)> {
    let table = table_of(schema, table)?;
    match table.column(&table.search) {
        Some(column) => Ok((table, column, limit_of(limit))),
        None => Err(bad_query(table, format!("`{}` is not searchable", table.name))),
    }
}

/// Checks an aggregate.
pub fn check_aggregate<'a>(schema: &'a Schema, query: &AggregateQuery) -> PluginResult<AggregatePlan<'a>> {
    let table = table_of(schema, &query.table)?;
    check_width(table, query.group_by.len() + query.sums.len())?;
    check_filters(table, &query.filters)?;
    let groups = query.group_by.iter().map(|name| column_of(table, name)).collect::<PluginResult<_>>()?;
    let sums: Vec<&Column> = query.sums.iter().map(|name| column_of(table, name)).collect::<PluginResult<_>>()?;
    match sums.iter().find(|column| column.kind != ColumnType::Int) {
        Some(column) => Err(bad_query(table, format!("`{}` is not an Int column and has no sum", column.name))),
        None => Ok(AggregatePlan { table, groups, sums }),
    }
}

fn limit_of(limit: u32) -> usize {
    if limit == 0 { ANSWER_ROWS_MAX as usize } else { limit.min(ANSWER_ROWS_MAX) as usize }
}

fn check_width(table: &Table, columns: usize) -> PluginResult<()> {
    if columns <= COLUMNS_MAX {
        return Ok(());
    }
    let message = format!("an answer has at most {COLUMNS_MAX} columns, not {columns}");
    Err(PluginError::new(ErrorCode::TooLarge, message).at(&table.name, "", 0))
}

fn check_filters(table: &Table, filters: &[Filter]) -> PluginResult<()> {
    let too_large = |message: String| PluginError::new(ErrorCode::TooLarge, message).at(&table.name, "", 0);
    if filters.len() > FILTERS_MAX {
        return Err(too_large(format!("a query has at most {FILTERS_MAX} filters, not {}", filters.len())));
    }
    for filter in filters {
        let column = column_of(table, &filter.column)?;
        if filter.kind == FilterKind::In {
            if filter.values.len() > IN_VALUES_MAX {
                return Err(too_large(format!(
                    "`In` takes at most {IN_VALUES_MAX} values, not {}",
                    filter.values.len()
                )));
            }
        } else if filter.values.len() != 1 {
            return Err(bad_query(table, format!("a filter on `{}` needs exactly one value", column.name)));
        }
        for (row, value) in filter.values.iter().enumerate() {
            check_value(column, value, true).map_err(|(code, problem)| {
                PluginError::new(code, format!("the column `{}` {problem}", column.name)).at(
                    &table.name,
                    &column.name,
                    row,
                )
            })?;
        }
    }
    Ok(())
}

/// Whether a value satisfies a filter that was checked: the meaning every engine's own comparison must have.
pub fn matches(filter: &Filter, value: &Value) -> bool {
    let Some(wanted) = filter.values.first() else {
        return false;
    };
    match filter.kind {
        FilterKind::Equal => value == wanted,
        FilterKind::NotEqual => value != wanted,
        FilterKind::Less => value < wanted,
        FilterKind::AtMost => value <= wanted,
        FilterKind::Greater => value > wanted,
        FilterKind::AtLeast => value >= wanted,
        FilterKind::In => filter.values.contains(value),
    }
}

/// The words of a question, in order, each once.
pub fn search_words(text: &str) -> Vec<&str> {
    let mut words: Vec<&str> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

/// Whether every word of a question is a prefix of a word of the text.
pub fn text_matches(words: &[&str], text: &str) -> bool {
    words.iter().all(|word| text.split(' ').any(|candidate| candidate.starts_with(word)))
}
