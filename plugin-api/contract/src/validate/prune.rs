//! Whether old facts may go: only those of others, only from tables of facts that others have as well.

use super::{check_value, column_of, table_of};
use crate::error::{ErrorCode, PluginError, PluginResult};
use crate::query::IN_VALUES_MAX;
use crate::schema::{Column, Schema, Table};
use crate::transaction::{Prune, ROWS_MAX};
use crate::value::{ColumnType, Value};

/// A prune that fits the schema.
#[derive(Debug)]
pub struct PrunePlan<'a> {
    /// The table.
    pub table: &'a Table,
    /// Whose a row is.
    pub owner: &'a Column,
    /// How old it is.
    pub age: &'a Column,
    /// Most rows, at least 1.
    pub limit: usize,
}

impl PrunePlan<'_> {
    /// Whether a row with this owner and age goes: the meaning every engine's own comparison must have.
    pub fn goes(&self, request: &Prune, owner: &Value, age: &Value) -> bool {
        *owner != Value::Null && !request.own.contains(owner) && *age != Value::Null && *age < request.below
    }
}

/// Checks a prune.
pub fn check_prune<'a>(schema: &'a Schema, request: &Prune) -> PluginResult<PrunePlan<'a>> {
    let table = table_of(schema, &request.table)?;
    let bad = |message: String| PluginError::new(ErrorCode::BadQuery, message).at(&table.name, "", 0);
    if !(table.append_only && table.replicated) {
        return Err(bad(format!("`{}` does not hold facts that others have: nothing of it is pruned", table.name)));
    }
    let (owner, age) = (column_of(table, &request.owner)?, column_of(table, &request.age)?);
    if !matches!(age.kind, ColumnType::Int | ColumnType::Time | ColumnType::Uuid) {
        return Err(bad(format!("`{}` does not tell how old a row is", age.name)));
    }
    if request.own.is_empty() {
        return Err(bad("a prune says whose rows stay".to_owned()));
    }
    if request.own.len() > IN_VALUES_MAX {
        let message = format!("a prune names at most {IN_VALUES_MAX} owners, not {}", request.own.len());
        return Err(PluginError::new(ErrorCode::TooLarge, message).at(&table.name, "", 0));
    }
    // Null is nobody, and no bound.
    let named = request.own.iter().map(|value| (owner, value)).chain([(age, &request.below)]);
    for (column, value) in named {
        let checked = if *value == Value::Null {
            Err((ErrorCode::BadQuery, "cannot be null here".to_owned()))
        } else {
            check_value(column, value, false)
        };
        checked.map_err(|(code, problem)| {
            PluginError::new(code, format!("the column `{}` {problem}", column.name)).at(&table.name, &column.name, 0)
        })?;
    }
    let limit = if request.limit == 0 { ROWS_MAX } else { (request.limit as usize).min(ROWS_MAX) };
    Ok(PrunePlan { table, owner, age, limit })
}
