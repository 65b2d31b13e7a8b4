//! Reads a copy of an older schema as if it had today's: columns that it lacks have their default, tables that it lacks are
//! empty. So every backup of every earlier program is proved for ever, without a change to it.
//!
//! Owns the list of what came later than the first schema. Only for reading: a register's own store is migrated instead.

use super::schema;
use aurapos_contract::batch::BatchError;
use aurapos_contract::error::{ErrorCode, PluginError};
use aurapos_contract::query::{AggregateQuery, Filter, FilterKind, Query};
use aurapos_contract::schema::{Schema, Table};
use aurapos_contract::storage::StoreLayer;
use aurapos_contract::{ColumnType, PluginResult, RecordStore, RowBatch, Value};
use std::sync::Arc;

/// Tables and columns that were added to the first schema, with the minor version that did. Each addition gets its line
/// here, or the backups of before it could not be proved any more; a test compares the list with the pinned first schema.
pub const ADDED: &[(u32, &str, &str)] = &[
    (2, "shop", "edited_by older_stamps deleted"),
    (2, "setting", "edited_by older_stamps deleted"),
    (2, "operator", "edited_by older_stamps deleted"),
    (2, "category", "edited_by older_stamps deleted"),
    (2, "tax_rate", "edited_by older_stamps deleted"),
    (2, "product", "edited_by older_stamps deleted"),
    (2, "product_barcode", "edited_by older_stamps deleted"),
    (2, "incarnation", "register_code shop"),
    (2, "lost_edit", ""),
    (2, "finding", ""),
    (3, "role", ""),
    (3, "finding", "resolved resolved_by"),
    (3, "sync_mark", ""),
    (3, "sync_life", ""),
    (3, "register_claim", ""),
    (3, "edit_mark", ""),
];

/// A store that is only read, seen with today's schema; itself when it has it.
///
/// # Errors
/// [`ErrorCode::SchemaNewer`] when this program is too old for it; those of the store.
pub fn seen_today(store: Arc<dyn RecordStore>) -> PluginResult<Arc<dyn RecordStore>> {
    // Nothing is added to it: it is only asked whether it can be understood.
    store.migrate(&schema())?;
    let minor = store.info()?.schema_minor;
    if minor >= super::MINOR {
        return Ok(store);
    }
    Ok(Arc::new(Older { store, schema: schema(), minor }))
}

/// A store seen with today's schema.
#[derive(Debug)]
struct Older {
    store: Arc<dyn RecordStore>,
    schema: Schema,
    minor: u32,
}

impl Older {
    fn lacks_table(&self, table: &str) -> bool {
        ADDED.iter().any(|(minor, name, columns)| *minor > self.minor && *name == table && columns.is_empty())
    }

    fn lacks(&self, table: &str, column: &str) -> bool {
        let later = ADDED.iter().filter(|(minor, name, _)| *minor > self.minor && *name == table);
        later.flat_map(|(_, _, columns)| columns.split(' ')).any(|name| name == column)
    }

    fn table(&self, name: &str) -> PluginResult<&Table> {
        let unknown = || PluginError::new(ErrorCode::UnknownTable, format!("there is no table `{name}`"));
        self.schema.table(name).ok_or_else(unknown)
    }

    /// What a column that is not there holds in every row.
    fn default(&self, table: &str, column: &str) -> PluginResult<Value> {
        let unknown = || PluginError::new(ErrorCode::UnknownColumn, format!("`{table}` has no column `{column}`"));
        self.table(table)?.column(column).map(|column| column.default.clone()).ok_or_else(unknown)
    }

    /// The conditions on columns that are there; `None` when one on a column that is not is never true.
    fn filters(&self, table: &str, filters: &[Filter]) -> PluginResult<Option<Vec<Filter>>> {
        let mut kept = Vec::new();
        for filter in filters {
            if !self.lacks(table, &filter.column) {
                kept.push(filter.clone());
            } else if !is_true(&self.default(table, &filter.column)?, filter) {
                return Ok(None);
            }
        }
        Ok(Some(kept))
    }

    /// The answer with the columns that are missing put in.
    fn completed(&self, query: &Query, wanted: &[String], found: &RowBatch) -> PluginResult<RowBatch> {
        let table = self.table(&query.table)?;
        let kind = |name: &String| table.column(name).map(|column| (column.name.as_str(), column.kind));
        let mut batch = RowBatch::with_columns(wanted.iter().filter_map(kind));
        let places: Vec<Option<usize>> = wanted.iter().map(|column| found.column(column)).collect();
        for row in 0..found.len() {
            let mut cells = Vec::with_capacity(wanted.len());
            for (column, place) in wanted.iter().zip(&places) {
                cells.push(match place {
                    Some(place) => found.value(row, *place),
                    None => self.default(&query.table, column)?,
                });
            }
            batch.push(&cells).map_err(|error: BatchError| PluginError::from(error))?;
        }
        batch.set_next(found.next().to_vec());
        Ok(batch)
    }
}

fn is_true(value: &Value, filter: &Filter) -> bool {
    let Some(other) = filter.values.first() else { return false };
    match filter.kind {
        FilterKind::Equal => value == other,
        FilterKind::NotEqual => value != other,
        FilterKind::Less => value < other,
        FilterKind::AtMost => value <= other,
        FilterKind::Greater => value > other,
        FilterKind::AtLeast => value >= other,
        FilterKind::In => filter.values.contains(value),
        _ => false,
    }
}

impl StoreLayer for Older {
    fn inner(&self) -> &dyn RecordStore {
        self.store.as_ref()
    }

    fn migrate(&self, _: &Schema) -> PluginResult<()> {
        // It is as old as it is.
        Ok(())
    }

    fn scan(&self, query: &Query) -> PluginResult<RowBatch> {
        let wanted: Vec<String> = match query.columns.is_empty() {
            true => self.table(&query.table)?.columns.iter().map(|column| column.name.clone()).collect(),
            false => query.columns.clone(),
        };
        let nothing = || self.completed(query, &wanted, &RowBatch::default());
        if self.lacks_table(&query.table) {
            return nothing();
        }
        let Some(filters) = self.filters(&query.table, &query.filters)? else { return nothing() };
        let columns: Vec<String> = wanted.iter().filter(|name| !self.lacks(&query.table, name)).cloned().collect();
        if columns == wanted && filters == query.filters {
            return self.store.scan(query);
        }
        let found = self.store.scan(&Query { columns, filters, ..query.clone() })?;
        self.completed(query, &wanted, &found)
    }

    fn aggregate(&self, query: &AggregateQuery) -> PluginResult<RowBatch> {
        let filters = match self.lacks_table(&query.table) {
            true => None,
            false => self.filters(&query.table, &query.filters)?,
        };
        match filters {
            Some(filters) => self.store.aggregate(&AggregateQuery { filters, ..query.clone() }),
            // Nothing is counted: one group over no rows, or none.
            None if query.group_by.is_empty() => {
                let sums: Vec<String> = query.sums.iter().map(|column| format!("sum_{column}")).collect();
                let names = ["count"].into_iter().chain(sums.iter().map(String::as_str));
                let mut batch = RowBatch::with_columns(names.map(|name| (name, ColumnType::Int)));
                batch.push(&vec![Value::Int(0); sums.len() + 1])?;
                Ok(batch)
            }
            None => Ok(RowBatch::default()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use aurapos_contract::Uuid;
    use aurapos_contract::transaction::{OperationKind, Transaction};
    use aurapos_plugin_testkit::ReferenceStore;
    use std::collections::BTreeSet;

    /// Table and column names of a pinned schema.
    fn names(pinned: &str) -> BTreeSet<(String, String)> {
        let mut table = String::new();
        let mut names = BTreeSet::new();
        for line in pinned.lines().skip(1).filter(|line| !line.is_empty()) {
            match line.strip_prefix("  ") {
                None => {
                    table = line.split(' ').next().unwrap().to_owned();
                    names.insert((table.clone(), String::new()));
                }
                Some(column) if !column.starts_with("index ") && !column.starts_with("unique ") => {
                    names.insert((table.clone(), column.split(' ').next().unwrap().to_owned()));
                }
                Some(_) => {}
            }
        }
        names
    }

    /// What was added is written down, and nothing was taken away or renamed.
    #[test]
    fn every_addition_to_the_first_schema_is_listed() {
        let pinned =
            [include_str!("golden_1_1.txt"), include_str!("golden_1_2.txt"), include_str!("golden.txt")].map(names);
        for (minor, step) in (2..).zip(pinned.windows(2)) {
            let (before, after) = (&step[0], &step[1]);
            assert_eq!(before.difference(after).next(), None, "a schema only grows");
            let added: BTreeSet<(String, String)> = after.difference(before).cloned().collect();
            let is_new_table = |table: &str| added.contains(&(table.to_owned(), String::new()));
            let added: BTreeSet<(String, String)> =
                added.iter().filter(|(table, column)| column.is_empty() || !is_new_table(table)).cloned().collect();
            let listed = ADDED.iter().filter(|(since, ..)| *since == minor).flat_map(|(_, table, columns)| {
                columns.split(' ').map(|column| ((*table).to_owned(), column.to_owned()))
            });
            assert_eq!(listed.collect::<BTreeSet<_>>(), added, "since {minor}");
        }
        assert_eq!(pinned.len(), super::super::MINOR as usize, "one pinned schema a version");
    }

    /// A store as the first program left it: today's schema without what came later, one setting, two products.
    fn of_the_first_program() -> Arc<dyn RecordStore> {
        let mut first = schema();
        first.minor = 1;
        first.tables.retain(|table| !ADDED.iter().any(|(_, name, columns)| *name == table.name && columns.is_empty()));
        for table in &mut first.tables {
            let later = |column: &str| {
                let mut added = ADDED.iter().filter(|(_, name, _)| *name == table.name);
                added.any(|(_, _, columns)| columns.split(' ').any(|name| name == column))
            };
            table.columns.retain(|column| !later(&column.name));
            table.indexes.iter_mut().for_each(|index| index.columns.retain(|column| !later(column)));
        }
        let store = ReferenceStore::new();
        store.migrate(&first).unwrap();
        let mut transaction = Transaction { id: Uuid::from_u128(1), ..Transaction::default() };
        let settings = [("a", "1"), ("b", "2")].map(|(name, value)| vec![name.into(), value.into(), Value::Int(7)]);
        transaction.push(OperationKind::Insert, "setting", &["name", "value", "row_version"], settings.to_vec());
        store.commit(&transaction).unwrap();
        Arc::new(Copy(store))
    }

    /// A copy: it is read as it is.
    #[derive(Debug)]
    struct Copy(ReferenceStore);

    impl StoreLayer for Copy {
        fn inner(&self) -> &dyn RecordStore {
            &self.0
        }

        fn migrate(&self, _: &Schema) -> PluginResult<()> {
            Ok(())
        }
    }

    #[test]
    fn an_older_store_is_read_as_if_it_had_todays_schema() {
        let store = of_the_first_program();
        let today = seen_today(store.clone()).unwrap();
        assert_eq!(store.info().unwrap().schema_minor, 1, "nothing is added to it");
        let names = |query: Query| -> Vec<String> {
            let found = today.scan(&query).unwrap();
            let column = found.column("name").unwrap();
            (0..found.len()).map(|row| found.text(row, column).unwrap().to_owned()).collect()
        };
        let setting = || Query::over("setting").select(&["deleted", "name", "edited_by"]);
        assert_eq!(names(setting()), ["a", "b"]);
        // What every row has by default, wherever it stands.
        let found = today.scan(&setting()).unwrap();
        assert_eq!((found.value(1, 0), found.value(1, 2)), (Value::Bool(false), Value::Null));
        let whole = today.scan(&Query::over("setting")).unwrap();
        let columns: Vec<&str> = whole.columns().map(|(name, _)| name).collect();
        let expected: Vec<String> =
            schema().table("setting").unwrap().columns.iter().map(|column| column.name.clone()).collect();
        assert_eq!(columns, expected);
        // Conditions on what is not there are judged by the default; the others still count.
        use FilterKind::*;
        for (kind, value, expected) in [
            (Equal, false, true),
            (Equal, true, false),
            (NotEqual, true, true),
            (NotEqual, false, false),
            (Less, true, true),
            (Less, false, false),
            (AtMost, false, true),
            (Greater, false, false),
            (AtLeast, false, true),
            (AtLeast, true, false),
        ] {
            let found = names(setting().filter("deleted", kind, value));
            assert_eq!(found.len(), if expected { 2 } else { 0 }, "{kind:?} {value}");
        }
        assert_eq!(names(setting().filter_in("deleted", vec![true.into(), false.into()])).len(), 2);
        assert_eq!(names(setting().filter_in("deleted", vec![true.into()])).len(), 0);
        assert_eq!(names(setting().filter("deleted", Equal, false).filter("name", Equal, "b")), ["b"]);
        // Tables that came later are empty, with their columns.
        let findings = today.scan(&Query::over("finding")).unwrap();
        assert!(findings.is_empty() && findings.columns().count() == 8, "{findings:?}");

        let count = |table: &str, filters: Vec<Filter>, sums: &[&str]| {
            let sums = sums.iter().map(|sum| (*sum).to_owned()).collect();
            let query = AggregateQuery { table: table.to_owned(), filters, sums, ..AggregateQuery::default() };
            let answer = today.aggregate(&query).unwrap();
            (0..answer.columns().count()).map(|column| answer.int(0, column).unwrap()).collect::<Vec<i64>>()
        };
        let live = |deleted: bool| vec![crate::rows::equal("deleted", deleted)];
        assert_eq!(count("setting", live(false), &["row_version"]), [2, 14]);
        assert_eq!(count("setting", live(true), &["row_version"]), [0, 0]);
        assert_eq!(count("finding", Vec::new(), &[]), [0]);
        let grouped = AggregateQuery {
            table: "finding".to_owned(),
            group_by: vec!["kind".to_owned()],
            ..AggregateQuery::default()
        };
        assert!(today.aggregate(&grouped).unwrap().is_empty());
        for wrong in [Query::over("nothing"), Query::over("setting").select(&["nothing"])] {
            assert!(today.scan(&wrong).is_err(), "{wrong:?}");
        }

        // A store of today is not wrapped.
        let now: Arc<dyn RecordStore> = Arc::new(ReferenceStore::new());
        now.migrate(&schema()).unwrap();
        assert!(Arc::ptr_eq(&now, &seen_today(now.clone()).unwrap()));
    }
}
