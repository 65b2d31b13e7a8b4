//! From a byte in the file to line, column and key.

use super::error::Place;
use super::file::KNOWN;
use toml_edit::{Document, Item, Table, TableLike, Value};

/// The place of a byte.
pub(super) fn place_of(text: &str, byte: usize) -> Place {
    let before = &text[..text.floor_char_boundary(byte.min(text.len()))];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.matches('\n').count() + 1;
    let column = before[line_start..].chars().count() + 1;
    let key = Document::parse(text)
        .ok()
        .and_then(|document| key_in(document.as_table(), byte, ""))
        .unwrap_or_else(|| key_of_line(text[line_start..].lines().next().unwrap_or_default()));
    Place { line, column, key }
}

/// The key whose value (or table) holds a byte, as deep as it goes.
fn key_in(table: &dyn TableLike, byte: usize, above: &str) -> Option<String> {
    for (key, item) in table.iter() {
        let path = if above.is_empty() { key.to_owned() } else { format!("{above}.{key}") };
        let found = match item {
            Item::Table(inner) => key_in(inner, byte, &path),
            Item::ArrayOfTables(tables) => tables.iter().find_map(|inner| {
                key_in(inner, byte, &path).or_else(|| within(inner.span(), byte).then(|| path.clone()))
            }),
            Item::Value(Value::InlineTable(inner)) => key_in(inner, byte, &path),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
        let key_span = table.get_key_value(key).and_then(|(key, _)| key.span());
        if within(item.span(), byte) || within(key_span, byte) {
            return Some(path);
        }
    }
    None
}

fn within(span: Option<std::ops::Range<usize>>, byte: usize) -> bool {
    span.is_some_and(|span| span.contains(&byte))
}

/// What stands before the `=` of a line that no parser understands.
fn key_of_line(line: &str) -> String {
    match line.split_once('=') {
        Some((key, _)) => key.trim().chars().take(60).collect(),
        None => String::new(),
    }
}

/// Keys that no version up to this one knows, with their tables. They are kept; a typing error shows up here.
pub(super) fn unknown_keys(text: &str) -> Vec<String> {
    let mut unknown = Vec::new();
    if let Ok(document) = Document::parse(text) {
        look_at(document.as_table(), "", &mut unknown);
    }
    unknown
}

fn look_at(table: &Table, path: &str, unknown: &mut Vec<String>) {
    let Some((_, known)) = KNOWN.iter().find(|(name, _)| *name == path) else {
        return;
    };
    for (key, item) in table {
        let below = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        if !known.contains(&key) {
            unknown.push(below);
            continue;
        }
        match item {
            Item::Table(inner) => look_at(inner, &below, unknown),
            Item::ArrayOfTables(tables) => tables.iter().for_each(|inner| look_at(inner, &below, unknown)),
            _ => {}
        }
    }
}
