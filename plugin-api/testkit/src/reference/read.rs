//! Questions: scans in index order, searches, aggregates.

use super::table::{Data, Row, TableData, pick, position};
use aurapos_contract::batch::RowBatch;
use aurapos_contract::error::{ErrorCode, PluginError, PluginResult};
use aurapos_contract::query::{ANSWER_ROWS_MAX, AggregateQuery, Filter, FilterKind, Query};
use aurapos_contract::schema::{Column, Table};
use aurapos_contract::{Value, validate};
use std::collections::BTreeMap;

impl Data {
    fn stored(&self, table: &str) -> (&Table, Option<&TableData>) {
        let table = self.disk.table(table).expect("the question was checked");
        (table, self.tables.get(&table.name))
    }

    pub fn scan(&self, query: &Query) -> PluginResult<RowBatch> {
        let plan = validate::check_query(&self.active, query)?;
        let (table, data) = self.stored(&query.table);
        let order: Vec<String> = plan.order.iter().map(|&name| name.to_owned()).collect();
        let mut answer = RowBatch::with_columns(plan.columns.iter().map(|column| (column.name.as_str(), column.kind)));
        let mut bytes = 0;
        let mut last: Option<&Row> = None;
        // Where everything is, found once and not for each row.
        let places: Vec<Option<usize>> = plan.columns.iter().map(|column| position(table, &column.name)).collect();
        let filters: Vec<(Option<usize>, &Filter)> =
            query.filters.iter().map(|filter| (position(table, &filter.column), filter)).collect();
        for row in data.map(|data| candidates(table, data, query, &order)).unwrap_or_default() {
            if !query.after.is_empty() {
                let cursor = pick(table, &order, row);
                let passed = if query.descending { cursor >= query.after } else { cursor <= query.after };
                if passed {
                    continue;
                }
            }
            let fits = |(place, filter): &(Option<usize>, &Filter)| {
                place.is_some_and(|at| validate::matches(filter, &row[at]))
            };
            if !filters.iter().all(fits) {
                continue;
            }
            if let Some(last) = last
                && (answer.len() == plan.limit || bytes >= validate::ANSWER_BYTES_MAX)
            {
                answer.set_next(pick(table, &order, last));
                break;
            }
            let cells: Vec<Value> =
                places.iter().map(|place| place.map_or(Value::Null, |at| row[at].clone())).collect();
            bytes += cells.iter().map(Value::size).sum::<usize>();
            answer.push(&cells)?;
            last = Some(row);
        }
        Ok(answer)
    }

    pub fn search(&self, table: &str, text: &str, limit: u32) -> PluginResult<RowBatch> {
        let (active, column, limit) = validate::check_search(&self.active, table, limit)?;
        let (table, data) = self.stored(table);
        let words = validate::search_words(text);
        let mut answer =
            RowBatch::with_columns(active.columns.iter().map(|column| (column.name.as_str(), column.kind)));
        let mut bytes = 0;
        for row in data.iter().flat_map(|data| data.rows.values()) {
            let stored = cell(table, row, column);
            if !validate::text_matches(&words, stored.as_text().unwrap_or_default()) {
                continue;
            }
            if answer.len() == limit || bytes >= validate::ANSWER_BYTES_MAX {
                break;
            }
            let cells: Vec<Value> = active.columns.iter().map(|column| cell(table, row, column)).collect();
            bytes += cells.iter().map(Value::size).sum::<usize>();
            answer.push(&cells)?;
        }
        Ok(answer)
    }

    pub fn aggregate(&self, query: &AggregateQuery) -> PluginResult<RowBatch> {
        let plan = validate::check_aggregate(&self.active, query)?;
        let (table, data) = self.stored(&query.table);
        let mut groups: BTreeMap<Vec<Value>, (i64, Vec<i128>)> = BTreeMap::new();
        let empty = (0, vec![0i128; plan.sums.len()]);
        if query.group_by.is_empty() {
            groups.insert(Vec::new(), empty.clone());
        }
        for row in data.iter().flat_map(|data| data.rows.values()).filter(|row| satisfies(table, &query.filters, row)) {
            let group = groups.entry(pick(table, &query.group_by, row)).or_insert_with(|| empty.clone());
            group.0 += 1;
            for (sum, column) in group.1.iter_mut().zip(&plan.sums) {
                *sum += i128::from(cell(table, row, column).as_int().unwrap_or(0));
            }
        }
        if groups.len() > ANSWER_ROWS_MAX as usize {
            let message = format!("the answer has {} groups, at most {ANSWER_ROWS_MAX}", groups.len());
            return Err(PluginError::new(ErrorCode::TooLarge, message).at(&table.name, "", 0));
        }
        let columns = plan.answer_columns();
        let mut answer = RowBatch::with_columns(columns.iter().map(|(name, kind)| (name.as_str(), *kind)));
        for (row, (mut cells, (count, sums))) in groups.into_iter().enumerate() {
            cells.push(Value::Int(count));
            for (sum, column) in sums.into_iter().zip(&plan.sums) {
                cells.push(Value::Int(i64::try_from(sum).map_err(|_| {
                    let message = format!("the sum of `{}` is too large", column.name);
                    PluginError::new(ErrorCode::BadValue, message).at(&table.name, &column.name, row)
                })?));
            }
            answer.push(&cells)?;
        }
        Ok(answer)
    }
}

/// The rows that may satisfy a query, in its order: the one of the key where the whole key is given, otherwise all. `order`
/// are the columns that the question means: the index on disk of that name may be a newer program's.
fn candidates<'a>(table: &Table, data: &'a TableData, query: &Query, order: &[String]) -> Vec<&'a Row> {
    let given = |name: &String| {
        let equal = |filter: &&Filter| filter.column == *name && filter.kind == FilterKind::Equal;
        query.filters.iter().find(equal).map(|filter| filter.values[0].clone())
    };
    if let Some(key) = table.key.iter().map(given).collect::<Option<Vec<Value>>>() {
        return data.rows.get(&key).into_iter().collect();
    }
    let on_disk = validate::order_columns(table, &query.order).is_some_and(|columns| columns == order);
    let mut rows: Vec<&Row> = match data.indexes.get(&query.order).filter(|_| on_disk) {
        Some(index) => {
            let width = table.index_columns(&query.order).map_or(0, <[String]>::len);
            index.iter().filter_map(|entry| data.rows.get(&entry[width..])).collect()
        }
        None => data.rows.values().collect(),
    };
    if !on_disk {
        rows.sort_by_key(|row| pick(table, order, row));
    }
    if query.descending {
        rows.reverse();
    }
    rows
}

fn cell(table: &Table, row: &Row, column: &Column) -> Value {
    position(table, &column.name).map_or(Value::Null, |at| row[at].clone())
}

fn satisfies(table: &Table, filters: &[Filter], row: &Row) -> bool {
    filters.iter().all(|filter| position(table, &filter.column).is_some_and(|at| validate::matches(filter, &row[at])))
}
