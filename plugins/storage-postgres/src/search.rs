//! Search through an index over the words of the text.
//!
//! The index finds candidates; the contract's own rule decides each, so that the answer is the same as everywhere: the index
//! knows the first letters of very long words only. No extension of the server is needed.

use crate::catalog::{Catalog, LETTERS_INDEXED, list, within, words_of};
use crate::contract::batch::RowBatch;
use crate::contract::query::ANSWER_ROWS_MAX;
use crate::contract::schema::Column;
use crate::contract::validate::{self, ANSWER_BYTES_MAX};
use crate::contract::value::Value;
use crate::convert;
use crate::session::{Asked, Session};
use tokio_postgres::types::Type;

/// More words are left to the rule.
const WORDS_INDEXED: usize = 12;

pub(crate) fn search(session: &mut Session, catalog: &Catalog, table: &str, text: &str, limit: u32) -> Asked<RowBatch> {
    let (table, searched, limit) = validate::check_search(&catalog.active, table, limit)?;
    let words = validate::search_words(text);
    let columns: Vec<&Column> = table.columns.iter().collect();
    let mut answer = RowBatch::with_columns(columns.iter().map(|column| (column.name.as_str(), column.kind)));
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
        let ask = format!(
            "SELECT {names} FROM {from} WHERE {} @@ $1::text::tsquery LIMIT $2",
            words_of(&catalog.space, &searched.name)
        );
        let mut found = Vec::new();
        // What chance gave too few of is asked for whole.
        for some in [taken(&words, asked), 0] {
            session.batch(&format!("SET gin_fuzzy_search_limit = {some}"))?;
            found = session.query(&ask, &[Type::TEXT, Type::INT8], &[&question(&words), &asked])?;
            if some == 0 || found.len() as i64 >= asked {
                break;
            }
        }
        found
    };
    let place = columns.iter().position(|column| column.name == searched.name).unwrap_or(0);
    let mut bytes = 0;
    for row in &rows {
        if answer.len() >= limit || bytes >= ANSWER_BYTES_MAX {
            break;
        }
        let stored = convert::value(row, place, searched)?;
        let stored = if let Value::Text(stored) = &stored { stored.as_str() } else { "" };
        if validate::text_matches(&words, stored) {
            bytes += convert::append(&mut answer, row, &columns)?;
        }
    }
    Ok(answer)
}

/// About how many rows the index gives, by chance; 0: all. Half a shop has a word that begins with one letter: any of them
/// will do, and they are not all gathered first. Far more than are asked for, so that chance never gives too few.
fn taken(words: &[&str], asked: i64) -> i64 {
    match words {
        [word] if word.chars().count() <= 2 => (asked * 4).max(2_000),
        _ => 0,
    }
}

/// The words as PostgreSQL's query of words. The first letter and the first two of every word are words of the index
/// themselves; longer beginnings are prefixes.
fn question(words: &[&str]) -> String {
    let one = |word: &&str| {
        let known: String = word.chars().take(LETTERS_INDEXED).collect();
        let prefix = if known.chars().count() <= 2 { "" } else { ":*" };
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
        assert_eq!((taken(&["col"], 50), taken(&["c", "d"], 50), taken(&[], 50)), (0, 0, 0));
    }

    #[test]
    fn words_are_quoted() {
        assert_eq!(
            question(&["a", "co", "cola", "d'or", "\\x\\y"]),
            "'a' & 'co' & 'cola':* & 'd''or':* & '\\\\x\\\\y':*"
        );
    }
}
