//! Search through the full-text index.
//!
//! The index finds candidates; the contract's own rule decides each, so that the answer is the same as everywhere: the
//! index ignores the case of plain letters and the tail of very long words.

use crate::catalog::{list, quoted, search_table};
use crate::contract::batch::RowBatch;
use crate::contract::error::PluginResult;
use crate::contract::schema::{Column, Schema, Table};
use crate::contract::validate::{self, ANSWER_BYTES_MAX};
use crate::convert::{self, ReadError};
use rusqlite::Connection;

/// More words, or longer ones, are left to the rule.
const WORDS_INDEXED: usize = 12;
const LETTERS_INDEXED: usize = 64;

pub(crate) fn search(
    connection: &Connection,
    schema: &Schema,
    table: &str,
    text: &str,
    limit: u32,
) -> PluginResult<RowBatch> {
    let (table, column, limit) = validate::check_search(schema, table, limit)?;
    let words = validate::search_words(text);
    // Characters that the index does not see as part of a word, and no word at all: look at the rows themselves.
    let indexable = !words.is_empty() && !text.contains(|letter: char| letter.is_ascii_control());
    let question = indexable.then(|| question(&words));
    Ok(look(connection, table, column, &words, question.as_deref(), limit)?)
}

fn question(words: &[&str]) -> String {
    let prefixes = words.iter().take(WORDS_INDEXED).map(|word| {
        let known: String = word.chars().take(LETTERS_INDEXED).collect();
        format!("\"{}\" *", known.replace('"', "\"\""))
    });
    prefixes.collect::<Vec<_>>().join(" AND ")
}

/// The statement for a search through the index.
pub(crate) fn search_sql(table: &Table) -> String {
    let columns: Vec<String> = table.columns.iter().map(|column| format!("t.{}", quoted(&column.name))).collect();
    let (search, rows) = (search_table(table), quoted(&table.name));
    // The order of the join is given: first the index, then each row it names, until there are enough.
    format!(
        "SELECT {} FROM {search} AS s CROSS JOIN {rows} AS t ON t.\"_row\" = s.rowid WHERE {search} MATCH ?1",
        columns.join(", ")
    )
}

fn look(
    connection: &Connection,
    table: &Table,
    searched: &Column,
    words: &[&str],
    question: Option<&str>,
    limit: usize,
) -> Result<RowBatch, ReadError> {
    let columns: Vec<&Column> = table.columns.iter().collect();
    let mut answer = RowBatch::with_columns(columns.iter().map(|column| (column.name.as_str(), column.kind)));
    let sql = match question {
        Some(_) => search_sql(table),
        None => {
            format!("SELECT {} FROM {}", list(columns.iter().map(|column| column.name.as_str())), quoted(&table.name))
        }
    };
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(question))?;
    let place = columns.iter().position(|column| column.name == searched.name).unwrap_or(0);
    let mut bytes = 0;
    while answer.len() < limit && bytes < ANSWER_BYTES_MAX {
        let Some(row) = rows.next()? else {
            break;
        };
        let stored = row.get_ref(place)?;
        let stored = stored.as_str_or_null().map_err(|_| ReadError::Cell(searched.name.clone()))?;
        if validate::text_matches(words, stored.unwrap_or_default()) {
            bytes += convert::append(&mut answer, row, &columns)?;
        }
    }
    Ok(answer)
}
