//! Search through an index over the words of the text.
//!
//! The index finds candidates; the contract's own rule decides each, so that the answer is the same as everywhere: the index
//! knows the first letters of very long words only. No extension of the server is needed.

use crate::catalog::{BEGINNINGS, Catalog, LETTERS_INDEXED, list, within, words_of};
use crate::contract::batch::RowBatch;
use crate::contract::query::ANSWER_ROWS_MAX;
use crate::contract::schema::Column;
use crate::contract::validate::{self, ANSWER_BYTES_MAX};
use crate::contract::value::Value;
use crate::convert;
use crate::session::{Asked, Session};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

/// More words are left to the rule.
const WORDS_INDEXED: usize = 12;
/// Rows that are looked at in turn before the index is asked.
const LOOKED_AT: i64 = 3_000;

pub(crate) fn search(session: &mut Session, catalog: &Catalog, table: &str, text: &str, limit: u32) -> Asked<RowBatch> {
    let (table, searched, limit) = validate::check_search(&catalog.active, table, limit)?;
    let words = validate::search_words(text);
    let columns: Vec<&Column> = table.columns.iter().collect();
    let answer = RowBatch::with_columns(columns.iter().map(|column| (column.name.as_str(), column.kind)));
    // No text holds it, and the server would refuse the question.
    if text.contains('\0') {
        return Ok(answer);
    }
    let exact = words.len() <= WORDS_INDEXED && words.iter().all(|word| word.chars().count() < LETTERS_INDEXED);
    // What the index cannot decide is decided here, over all candidates.
    let asked = if exact { limit as i64 } else { i64::from(ANSWER_ROWS_MAX) };
    let names = list(columns.iter().map(|column| column.name.as_str()));
    let from = within(&catalog.space, &table.name);
    let rows = if words.is_empty() {
        session.query(&format!("SELECT {names} FROM {from} LIMIT $1"), &[Type::INT8], &[&asked])?
    } else {
        let seen = looked_at(session, &from, &names, &searched.name, &words, asked)?;
        if seen.len() as i64 == asked {
            seen
        } else {
            let matches = format!("{} @@ $1::text::tsquery", words_of(&catalog.space, &searched.name));
            indexed(session, &format!("SELECT {names} FROM {from} WHERE {matches} LIMIT $2"), &words, asked)?
        }
    };
    answered(answer, &rows, &columns, searched, &words, limit)
}

/// Rows that the index finds.
fn indexed(session: &mut Session, ask: &str, words: &[&str], asked: i64) -> Asked<Vec<Row>> {
    let mut found = Vec::new();
    // What chance gave too few of is asked for whole.
    for some in [taken(words, asked), 0] {
        session.batch(&format!("SET gin_fuzzy_search_limit = {some}"))?;
        found = session.query(ask, &[Type::TEXT, Type::INT8], &[&question(words), &asked])?;
        if some == 0 || found.len() as i64 >= asked {
            break;
        }
    }
    Ok(found)
}

/// Rows among the first of the table in which every word is the beginning of one. A word that one product in sixty has is
/// found here as often as anybody wants to see it, and the index would first bring all of its rows; one that is rarer costs
/// this look besides.
fn looked_at(
    session: &mut Session,
    from: &str,
    names: &str,
    searched: &str,
    words: &[&str],
    asked: i64,
) -> Asked<Vec<Row>> {
    if words.len() > WORDS_INDEXED || asked > LOOKED_AT {
        return Ok(Vec::new());
    }
    let has = |at: usize| format!("strpos(' ' || \"{searched}\", $1[{}]) > 0", at + 1);
    let all: Vec<String> = (0..words.len()).map(has).collect();
    let ask = format!(
        "SELECT {names} FROM (SELECT {names} FROM {from} LIMIT {LOOKED_AT}) AS first WHERE {} LIMIT $2",
        all.join(" AND ")
    );
    let beginnings: Vec<String> = words.iter().map(|word| format!(" {word}")).collect();
    session.query(&ask, &[Type::TEXT_ARRAY, Type::INT8], &[&beginnings, &asked])
}

/// What of the rows the contract's rule finds, up to the limit.
fn answered(
    mut answer: RowBatch,
    rows: &[Row],
    columns: &[&Column],
    searched: &Column,
    words: &[&str],
    limit: usize,
) -> Asked<RowBatch> {
    let place = columns.iter().position(|column| column.name == searched.name).unwrap_or(0);
    let mut bytes = 0;
    for row in rows {
        if answer.len() >= limit || bytes >= ANSWER_BYTES_MAX {
            break;
        }
        let stored = convert::value(row, place, searched)?;
        let stored = if let Value::Text(stored) = &stored { stored.as_str() } else { "" };
        if validate::text_matches(words, stored) {
            bytes += convert::append(&mut answer, row, columns)?;
        }
    }
    Ok(answer)
}

/// About how many rows the index gives, by chance; 0: all. Half a shop has a word that begins with one letter: any of them
/// will do, and they are not all gathered first. Far more than are asked for, so that chance never gives too few.
fn taken(words: &[&str], asked: i64) -> i64 {
    match words {
        [word] if word.chars().count() <= BEGINNINGS => (asked * 4).max(2_000),
        _ => 0,
    }
}

/// The words as PostgreSQL's query of words. The first letters of every word are words of the index themselves; longer
/// beginnings are prefixes.
fn question(words: &[&str]) -> String {
    let one = |word: &&str| {
        let known: String = word.chars().take(LETTERS_INDEXED).collect();
        let prefix = if known.chars().count() <= BEGINNINGS { "" } else { ":*" };
        format!("'{}'{prefix}", known.replace('\\', "\\\\").replace('\'', "''"))
    };
    words.iter().take(WORDS_INDEXED).map(one).collect::<Vec<_>>().join(" & ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_short_word_is_answered_by_chance() {
        assert_eq!((taken(&["c"], 50), taken(&["co"], 10_000)), (2_000, 40_000));
        assert_eq!((taken(&["cola"], 50), taken(&["c", "d"], 50), taken(&[], 50)), (0, 0, 0));
    }

    #[test]
    fn words_are_quoted() {
        assert_eq!(
            question(&["a", "co", "col", "cola", "d'or", "\\x\\y"]),
            "'a' & 'co' & 'col' & 'cola':* & 'd''or':* & '\\\\x\\\\y':*"
        );
    }
}
