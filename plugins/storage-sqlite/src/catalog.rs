//! SQL text from the schema: names, tables, indexes, searches.

use crate::contract::schema::{Column, Index, Schema, Table};
use crate::contract::validate;
use crate::contract::value::{ColumnType, Value};

/// What a store's calls go by.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    /// What the data is; the feed numbers its tables by their place in it.
    pub disk: Schema,
    /// What the host asked for.
    pub active: Schema,
}

/// Lengths of the prefixes that the full-text index keeps, in letters.
const PREFIXES: &str = "1 2 3 4 5 6 7 8 9 10";

/// A name in SQL. The schema's check allows nothing that would need more.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

/// Names, separated by commas.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(quoted).collect::<Vec<_>>().join(", ")
}

/// The full-text index of a table.
pub(crate) fn search_table(table: &Table) -> String {
    quoted(&format!("_search_{}", table.name))
}

/// A table whose rows the full-text index points at needs row numbers that stay; every other table is its own index.
fn has_row_numbers(table: &Table) -> bool {
    !table.search.is_empty()
}

fn column_sql(column: &Column) -> String {
    let kind = match column.kind {
        ColumnType::Int | ColumnType::Bool | ColumnType::Time => "INTEGER",
        ColumnType::Text => "TEXT",
        // Bytes and UUIDs.
        _ => "BLOB",
    };
    let null = if column.nullable { "" } else { " NOT NULL" };
    let default = default_sql(column).map_or(String::new(), |value| format!(" DEFAULT {value}"));
    format!("{} {kind}{null}{default}", quoted(&column.name))
}

/// What a row gets that does not name the column. The table's own `DEFAULT` is for people: it cannot be altered, and a
/// later schema may have another.
pub(crate) fn default_sql(column: &Column) -> Option<String> {
    Some(match &column.default {
        Value::Null => return None,
        Value::Int(number) | Value::Time(number) => number.to_string(),
        Value::Bool(truth) => i64::from(*truth).to_string(),
        Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
        Value::Bytes(bytes) => bytes_literal(bytes),
        Value::Uuid(id) => bytes_literal(id.as_bytes()),
    })
}

fn bytes_literal(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("x'{digits}'")
}

/// The statements that make a table with its indexes.
pub(crate) fn create_table(table: &Table) -> Vec<String> {
    let columns: Vec<String> = table.columns.iter().map(column_sql).collect();
    let (columns, key) = (columns.join(", "), list(table.key.iter().map(String::as_str)));
    let name = quoted(&table.name);
    let mut statements = Vec::new();
    if has_row_numbers(table) {
        statements
            .push(format!("CREATE TABLE {name} (\"_row\" INTEGER PRIMARY KEY, {columns}, UNIQUE ({key})) STRICT"));
        statements.extend(create_search(table));
    } else {
        statements.push(format!("CREATE TABLE {name} ({columns}, PRIMARY KEY ({key})) STRICT, WITHOUT ROWID"));
    }
    statements.extend(table.indexes.iter().flat_map(|index| create_index(table, index)));
    statements
}

/// The triggers of an append-only table: name and statement. Whoever opens the file with another tool can neither change
/// nor delete what is in the books; only [`Prune`](crate::contract::transaction::Prune) says so in its own transaction. An
/// insert that would replace a row deletes it without a trigger, so it is refused before.
pub(crate) fn keep_triggers(table: &Table) -> Vec<(String, String)> {
    if !table.append_only {
        return Vec::new();
    }
    let on = quoted(&table.name);
    let there = |columns: &[String]| {
        let same: Vec<String> = columns.iter().map(|name| format!("{0} = new.{0}", quoted(name))).collect();
        format!("EXISTS (SELECT 1 FROM {on} WHERE {})", same.join(" AND "))
    };
    let unique = table.indexes.iter().filter(|index| index.unique).map(|index| index.columns.as_slice());
    let taken: Vec<String> = std::iter::once(table.key.as_slice()).chain(unique).map(there).collect();
    let trigger = |what: &str, when: &str, done: &str| {
        let name = format!("_keep_{}.{what}", table.name);
        let message = format!("the rows of {} are kept as they are: none is {done}", table.name);
        let statement = format!(
            "CREATE TRIGGER {} BEFORE {what} ON {on}{when} BEGIN SELECT RAISE(ABORT, '{message}'); END",
            quoted(&name)
        );
        (name, statement)
    };
    vec![
        trigger(
            "DELETE",
            &format!(r#" WHEN NOT EXISTS (SELECT 1 FROM "_meta" WHERE "name" = '{PRUNING}')"#),
            "deleted",
        ),
        trigger("UPDATE", "", "changed"),
        trigger("INSERT", &format!(" WHEN {}", taken.join(" OR ")), "replaced"),
    ]
}

/// In `_meta` while a prune deletes, and never in a committed state.
pub(crate) const PRUNING: &str = "pruning";

/// The statement that prunes, with its parameters in the order: owners, bound, number of rows.
pub(crate) fn prune_sql(table: &Table, owner: &str, age: &str, owners: usize) -> String {
    let (on, key) = (quoted(&table.name), list(table.key.iter().map(String::as_str)));
    let marks = vec!["?"; owners].join(", ");
    // A null is neither among the owners nor outside of them, and not below anything: it stays.
    format!(
        "DELETE FROM {on} WHERE ({key}) IN (SELECT {key} FROM {on} WHERE {} NOT IN ({marks}) AND {} < ? LIMIT ?)",
        quoted(owner),
        quoted(age)
    )
}

/// The statements that make an index. In a table with row numbers the key must be named for a total order, and a unique
/// index, which cannot have it, stands beside.
pub(crate) fn create_index(table: &Table, index: &Index) -> Vec<String> {
    let on = quoted(&table.name);
    let named = |ending: &str| quoted(&format!("{}.{}{ending}", table.name, index.name));
    let own = list(index.columns.iter().map(String::as_str));
    if !has_row_numbers(table) {
        let unique = if index.unique { "UNIQUE " } else { "" };
        return vec![format!("CREATE {unique}INDEX {} ON {on} ({own})", named(""))];
    }
    let total = list(validate::order_columns(table, &index.name).unwrap_or_default());
    let mut statements = vec![format!("CREATE INDEX {} ON {on} ({total})", named(""))];
    if index.unique {
        statements.push(format!("CREATE UNIQUE INDEX {} ON {on} ({own})", named(".unique")));
    }
    statements
}

/// The statements that drop an index.
pub(crate) fn drop_index(table: &str, index: &Index) -> Vec<String> {
    ["", ".unique"]
        .map(|ending| format!("DROP INDEX IF EXISTS {}", quoted(&format!("{table}.{}{ending}", index.name))))
        .into()
}

/// The statement that adds a column.
pub(crate) fn add_column(table: &str, column: &Column) -> String {
    format!("ALTER TABLE {} ADD COLUMN {}", quoted(table), column_sql(column))
}

/// The full-text index: prefixes of one to ten letters are kept, because a prefix that is not would be gathered from all
/// the words that begin with it before the first row is found (measured: 4 ms instead of 0.1 for two frequent words in
/// 200,000 rows; ten lengths instead of four cost an import 15 %). Segments are merged late, which gives that back. No
/// positions, no sizes, no copy of the text. Every printable character but the space belongs to a word. Triggers keep it right,
/// also when an owner changes a row by hand.
fn create_search(table: &Table) -> Vec<String> {
    let (search, on, column) = (search_table(table), quoted(&table.name), quoted(&table.search));
    let punctuation: String = (0x21..0x7f_u8).filter(|byte| !byte.is_ascii_alphanumeric()).map(char::from).collect();
    let characters = punctuation.replace('\'', "''");
    let tokenizer = format!("ascii tokenchars '{characters}'").replace('\'', "''");
    let trigger = |what: &str| quoted(&format!("_search_{}.{what}", table.name));
    let remove =
        format!("INSERT INTO {search} ({search}, rowid, {column}) VALUES ('delete', old.\"_row\", old.{column});");
    let add = format!("INSERT INTO {search} (rowid, {column}) VALUES (new.\"_row\", new.{column});");
    vec![
        format!(
            "CREATE VIRTUAL TABLE {search} USING fts5({column}, content={on}, content_rowid='_row', \
             tokenize='{tokenizer}', prefix='{PREFIXES}', detail=none, columnsize=0)"
        ),
        format!("INSERT INTO {search} ({search}, rank) VALUES ('automerge', 16)"),
        format!("INSERT INTO {search} ({search}, rank) VALUES ('hashsize', 8388608)"),
        format!("CREATE TRIGGER {} AFTER INSERT ON {on} BEGIN {add} END", trigger("insert")),
        format!("CREATE TRIGGER {} AFTER DELETE ON {on} BEGIN {remove} END", trigger("delete")),
        format!(
            "CREATE TRIGGER {} AFTER UPDATE OF {column} ON {on} WHEN old.{column} IS NOT new.{column} \
             BEGIN {remove} {add} END",
            trigger("update")
        ),
    ]
}
