//! SQL text from the schema: names, tables, columns, indexes, triggers.

use crate::contract::schema::{Column, Index, Schema, Table};
use crate::contract::validate;
use crate::contract::value::{ColumnType, Value};
use sha2::{Digest, Sha256};
use tokio_postgres::types::Type;

/// What a store's calls go by.
#[derive(Debug, Default, Clone)]
pub(crate) struct Catalog {
    /// The schema of PostgreSQL that has everything.
    pub space: String,
    /// What the data is.
    pub disk: Schema,
    /// What the host asked for.
    pub active: Schema,
}

/// The longest name that PostgreSQL keeps whole.
const NAME_BYTES_MAX: usize = 63;
/// Letters of a word that the index knows; the rule of the contract decides the rest.
pub(crate) const LETTERS_INDEXED: usize = 400;
/// Beginnings of a word up to so many letters are words of the index themselves.
pub(crate) const BEGINNINGS: usize = 3;
/// The function that gives the words of a text, for the index of a search.
pub(crate) const WORDS: &str = "_words";
/// The function behind the triggers that keep the books.
pub(crate) const KEEP: &str = "_keep";

/// A name in SQL. The schema's check allows nothing that would need more.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

/// Something in the store's own schema.
pub(crate) fn within(space: &str, name: &str) -> String {
    format!("\"{space}\".\"{name}\"")
}

/// Names, separated by commas.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(quoted).collect::<Vec<_>>().join(", ")
}

/// A text in SQL.
pub(crate) fn literal(text: &str) -> String {
    // Standard strings know no backslash.
    format!("'{}'", text.replace('\'', "''"))
}

/// PostgreSQL's type for a column.
pub(crate) fn type_name(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Int => "bigint",
        ColumnType::Bool => "boolean",
        ColumnType::Text => "text",
        ColumnType::Bytes => "bytea",
        ColumnType::Uuid => "uuid",
        _ => "timestamp with time zone",
    }
}

/// The same as the client knows it: of one value, and of many.
pub(crate) fn types(kind: ColumnType) -> (Type, Type) {
    match kind {
        ColumnType::Int => (Type::INT8, Type::INT8_ARRAY),
        ColumnType::Bool => (Type::BOOL, Type::BOOL_ARRAY),
        ColumnType::Text => (Type::TEXT, Type::TEXT_ARRAY),
        ColumnType::Bytes => (Type::BYTEA, Type::BYTEA_ARRAY),
        ColumnType::Uuid => (Type::UUID, Type::UUID_ARRAY),
        _ => (Type::TIMESTAMPTZ, Type::TIMESTAMPTZ_ARRAY),
    }
}

/// An index's name, which stands beside those of all tables.
pub(crate) fn index_name(table: &str, index: &str, ending: &str) -> String {
    let name = format!("{table}.{index}{ending}");
    if name.len() <= NAME_BYTES_MAX {
        return name;
    }
    let short: String = Sha256::digest(&name).iter().take(5).map(|byte| format!("{byte:02x}")).collect();
    format!("{}.{short}", &name[..NAME_BYTES_MAX - 11])
}

/// An index as it should be there: its name, and the statement that makes it.
pub(crate) type Made = (String, String);

/// The indexes of a table, its key's left out.
pub(crate) fn indexes(space: &str, table: &Table) -> Vec<Made> {
    let mut all: Vec<Made> = table.indexes.iter().flat_map(|index| create_index(space, table, index)).collect();
    all.extend(search_index(space, table));
    all
}

/// The statements of one index. One that is unique stands beside one with the total order, unless it is total itself: a
/// unique index with the key in it would allow everything.
pub(crate) fn create_index(space: &str, table: &Table, index: &Index) -> Vec<Made> {
    let on = within(space, &table.name);
    let nullable = |name: &str| table.column(name).is_some_and(|column| column.nullable);
    let column = |name: &&str| if nullable(name) { format!("{} NULLS FIRST", quoted(name)) } else { quoted(name) };
    let made = |unique: &str, ending: &str, columns: Vec<String>| {
        let name = index_name(&table.name, &index.name, ending);
        let statement = format!("CREATE {unique}INDEX {} ON {on} ({})", quoted(&name), columns.join(", "));
        (name, statement)
    };
    let own: Vec<&str> = index.columns.iter().map(String::as_str).collect();
    let total = validate::order_columns(table, &index.name).unwrap_or_default();
    let mut all = Vec::new();
    if index.unique {
        all.push(made("UNIQUE ", ".unique", own.iter().map(column).collect()));
    }
    if !index.unique || own.iter().any(|name| nullable(name)) {
        all.push(made("", "", total.iter().map(column).collect()));
    }
    all
}

/// The index of a searchable table, over the words of its text.
fn search_index(space: &str, table: &Table) -> Option<Made> {
    let name = index_name(&table.name, "_search", "");
    (!table.search.is_empty()).then(|| {
        let (on, words) = (within(space, &table.name), words_of(space, &table.search));
        (name.clone(), format!("CREATE INDEX {} ON {on} USING gin ({words})", quoted(&name)))
    })
}

/// The words of a column, as the index has them.
pub(crate) fn words_of(space: &str, column: &str) -> String {
    format!("{}({})", within(space, WORDS), quoted(column))
}

/// The function that gives a text's words: each word, and its first letter, its first two and its first three. Those are
/// asked for most and have the most rows; looked up as words of their own, nobody gathers them from all the words that begin
/// so.
pub(crate) fn words_function(space: &str) -> String {
    format!(
        "CREATE OR REPLACE FUNCTION {}(text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $words$ \
         SELECT array_to_tsvector(coalesce(array_agg(part), '{{}}')) FROM \
         unnest(string_to_array($1, ' ')) AS word, LATERAL unnest(ARRAY[left(word, 1), left(word, 2), \
         left(word, {BEGINNINGS}), left(word, {LETTERS_INDEXED})]) AS part WHERE word <> '' $words$",
        within(space, WORDS)
    )
}

/// A column's definition. The default is the server's: it holds for rows of programs that do not know the column.
fn column_sql(column: &Column) -> String {
    let order = if column.kind == ColumnType::Text { " COLLATE \"C\"" } else { "" };
    let null = if column.nullable { "" } else { " NOT NULL" };
    let default = default_sql(column).map_or(String::new(), |value| format!(" DEFAULT {value}"));
    format!("{} {}{order}{null}{default}", quoted(&column.name), type_name(column.kind))
}

/// A column's default in SQL.
pub(crate) fn default_sql(column: &Column) -> Option<String> {
    Some(match &column.default {
        Value::Null => return None,
        Value::Int(number) => number.to_string(),
        Value::Time(time) => {
            format!("timestamptz '1970-01-01 00:00:00+00' + interval '1 microsecond' * {time}")
        }
        Value::Bool(truth) => truth.to_string(),
        Value::Text(text) => literal(text),
        Value::Bytes(bytes) => {
            let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("'\\x{digits}'::bytea")
        }
        Value::Uuid(id) => format!("'{id}'::uuid"),
    })
}

/// The statements that make a table, without its indexes.
pub(crate) fn create_table(space: &str, table: &Table) -> Vec<String> {
    let columns: Vec<String> = table.columns.iter().map(column_sql).collect();
    let key = list(table.key.iter().map(String::as_str));
    let constraint = quoted(&index_name(&table.name, "", "key"));
    let mut statements = vec![format!(
        "CREATE TABLE {} ({}, CONSTRAINT {constraint} PRIMARY KEY ({key}))",
        within(space, &table.name),
        columns.join(", ")
    )];
    statements.extend(table.columns.iter().filter_map(|column| comment(space, &table.name, column)));
    statements
}

/// What a column's number means, where people see it.
pub(crate) fn comment(space: &str, table: &str, column: &Column) -> Option<String> {
    let on = format!("{}.{}", within(space, table), quoted(&column.name));
    (!column.unit.is_empty()).then(|| format!("COMMENT ON COLUMN {on} IS {}", literal(&column.unit)))
}

/// The statements that add a column, or give one that is there its default.
pub(crate) fn add_column(space: &str, table: &str, column: &Column) -> Vec<String> {
    let mut statements = vec![format!("ALTER TABLE {} ADD COLUMN {}", within(space, table), column_sql(column))];
    statements.extend(comment(space, table, column));
    statements
}

/// The statement that gives a column that is there its default.
pub(crate) fn set_default(space: &str, table: &str, column: &Column) -> String {
    let action = default_sql(column).map_or("DROP DEFAULT".to_owned(), |value| format!("SET DEFAULT {value}"));
    format!("ALTER TABLE {} ALTER COLUMN {} {action}", within(space, table), quoted(&column.name))
}

/// The triggers of an append-only table: name, and the statements that make it. `ALWAYS`: also where somebody set the
/// session to replay.
pub(crate) fn keep_triggers(space: &str, table: &Table) -> Vec<(&'static str, Vec<String>)> {
    if !table.append_only {
        return Vec::new();
    }
    let (on, keep) = (within(space, &table.name), within(space, KEEP));
    let trigger = |name: &'static str, when: &str| {
        let quoted = quoted(name);
        let make = format!("CREATE OR REPLACE TRIGGER {quoted} BEFORE {when} EXECUTE FUNCTION {keep}()");
        (name, vec![make.replace("{on}", &on), format!("ALTER TABLE {on} ENABLE ALWAYS TRIGGER {quoted}")])
    };
    vec![
        trigger("_keep_rows", "UPDATE OR DELETE ON {on} FOR EACH ROW"),
        trigger("_keep_table", "TRUNCATE ON {on} FOR EACH STATEMENT"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_stay_apart() {
        let (table, index) = ("t".repeat(48), "i".repeat(40));
        let names = [
            index_name(&table, &index, ""),
            index_name(&table, &index, ".unique"),
            index_name(&table, &format!("{index}x"), ""),
        ];
        assert!(names.iter().all(|name| name.len() <= NAME_BYTES_MAX), "{names:?}");
        assert!(names[0] != names[1] && names[1] != names[2] && names[0] != names[2], "{names:?}");
        assert_eq!(index_name("item", "by_code", ".unique"), "item.by_code.unique");
    }

    #[test]
    fn a_text_ends_where_it_ends() {
        assert_eq!(literal("it's '; DROP"), "'it''s ''; DROP'");
    }
}
