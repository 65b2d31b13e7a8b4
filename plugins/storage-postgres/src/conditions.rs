//! Filters and cursors as SQL, with null equal to null and lower than everything.

use crate::catalog::{list, quoted, types};
use crate::contract::Value;
use crate::contract::query::{Filter, FilterKind, Query};
use crate::contract::schema::Table;
use crate::convert::Bound;
use tokio_postgres::types::{ToSql, Type};

/// SQL and its parameters while it is being put together. Parts of one statement share the numbers of their parameters.
#[derive(Default)]
pub(crate) struct Conditions<'a> {
    pub types: Vec<Type>,
    pub parameters: Vec<Box<dyn ToSql + Sync + 'a>>,
}

/// One `WHERE`, as its conditions.
pub(crate) type Parts = Vec<String>;

/// The `WHERE` of conditions.
pub(crate) fn sql(parts: &Parts) -> String {
    if parts.is_empty() { String::new() } else { format!(" WHERE {}", parts.join(" AND ")) }
}

impl<'a> Conditions<'a> {
    /// A parameter of a column's type; answers its mark.
    pub fn value(&mut self, table: &Table, column: &str, value: &'a Value) -> String {
        self.typed(table.column(column).map_or(Type::TEXT, |column| types(column.kind).0), Box::new(Bound(value)))
    }

    /// A parameter of a type; answers its mark.
    pub fn typed(&mut self, kind: Type, value: Box<dyn ToSql + Sync + 'a>) -> String {
        self.types.push(kind);
        self.parameters.push(value);
        format!("${}", self.parameters.len())
    }

    /// As the client wants them.
    pub fn given(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.parameters.iter().map(|parameter| &**parameter as &(dyn ToSql + Sync)).collect()
    }

    fn compare(&mut self, table: &Table, column: &str, operator: &str, value: &'a Value) -> String {
        format!("{} {operator} {}", quoted(column), self.value(table, column, value))
    }

    /// The conditions of filters.
    pub fn filters(&mut self, table: &Table, filters: &'a [Filter]) -> Parts {
        filters.iter().filter_map(|filter| self.filter(table, filter)).collect()
    }

    fn filter(&mut self, table: &Table, filter: &'a Filter) -> Option<String> {
        let name = filter.column.as_str();
        let column = quoted(name);
        let first = filter.values.first().unwrap_or(&Value::Null);
        let nullable = table.column(name).is_some_and(|column| column.nullable);
        let or_null = |sql: String| if nullable { format!("({sql} OR {column} IS NULL)") } else { sql };
        Some(match (filter.kind, first) {
            (FilterKind::In, _) => {
                let values: Vec<Bound<'a>> =
                    filter.values.iter().filter(|value| **value != Value::Null).map(Bound).collect();
                let kind = table.column(name).map_or(Type::TEXT_ARRAY, |column| types(column.kind).1);
                let within = format!("{column} = ANY ({})", self.typed(kind, Box::new(values)));
                let null = filter.values.contains(&Value::Null);
                if null { format!("({within} OR {column} IS NULL)") } else { within }
            }
            (FilterKind::Equal | FilterKind::AtMost, Value::Null) => format!("{column} IS NULL"),
            (FilterKind::NotEqual | FilterKind::Greater, Value::Null) => format!("{column} IS NOT NULL"),
            (FilterKind::AtLeast, Value::Null) => return None,
            (FilterKind::Equal, value) => self.compare(table, name, "=", value),
            (FilterKind::Greater, value) => self.compare(table, name, ">", value),
            (FilterKind::AtLeast, value) => self.compare(table, name, ">=", value),
            (FilterKind::NotEqual, value) => or_null(self.compare(table, name, "<>", value)),
            (FilterKind::Less, value) if *value != Value::Null => or_null(self.compare(table, name, "<", value)),
            (FilterKind::AtMost, value) => or_null(self.compare(table, name, "<=", value)),
            // Below null there is nothing. A kind that this version does not know is refused by the codec before it comes here.
            _ => "false".to_owned(),
        })
    }

    /// The pieces of a page after a cursor, in order: each is one range of the index. One comparison of the whole row
    /// does where no column can be null; with nulls it would be wrong.
    pub fn pieces(&mut self, table: &Table, order: &[&str], query: &'a Query) -> Vec<Parts> {
        let base = self.filters(table, &query.filters);
        if query.after.is_empty() {
            return vec![base];
        }
        let nullable = |name: &str| table.column(name).is_some_and(|column| column.nullable);
        let sign = if query.descending { "<" } else { ">" };
        if !order.iter().any(|name| nullable(name)) {
            let marks: Vec<String> =
                order.iter().zip(&query.after).map(|(name, value)| self.value(table, name, value)).collect();
            let mut piece = base;
            piece.push(format!("({}) {sign} ({})", list(order.iter().copied()), marks.join(", ")));
            return vec![piece];
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
            for (name, value) in order.iter().zip(&query.after).take(last) {
                shared.push(match value {
                    Value::Null => format!("{} IS NULL", quoted(name)),
                    value => self.compare(table, name, "=", value),
                });
            }
            let mut piece = shared.clone();
            match (query.descending, value) {
                (false, Value::Null) => piece.push(format!("{} IS NOT NULL", quoted(name))),
                (true, Value::Null) => continue,
                (_, value) => {
                    let after = self.compare(table, name, sign, value);
                    piece.push(after);
                }
            }
            pieces.push(piece);
            if query.descending && nullable(name) {
                shared.push(format!("{} IS NULL", quoted(name)));
                pieces.push(shared);
            }
        }
        pieces
    }
}
