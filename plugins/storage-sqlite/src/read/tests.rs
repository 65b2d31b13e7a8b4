use super::*;
use crate::contract::schema::Index;
use crate::{catalog, search};

fn schema() -> Schema {
    let column = |name: &str, kind, nullable| Column { name: name.into(), kind, nullable, ..Default::default() };
    let index = |name: &str, columns: &[&str], unique| Index {
        name: name.into(),
        columns: columns.iter().map(|&name| name.into()).collect(),
        unique,
    };
    let columns = vec![
        column("id", ColumnType::Uuid, false),
        column("code", ColumnType::Text, true),
        column("shop", ColumnType::Int, false),
        column("at", ColumnType::Time, true),
        column("folded", ColumnType::Text, false),
    ];
    let indexes = vec![index("by_code", &["code"], true), index("by_shop", &["shop", "at"], false)];
    let plain = Table { name: "plain".into(), columns, key: vec!["id".into()], indexes, ..Default::default() };
    let searched = Table { name: "searched".into(), search: "folded".into(), ..plain.clone() };
    Schema { major: 1, minor: 0, tables: vec![plain, searched] }
}

/// How SQLite means to answer every piece of a query.
fn plans(query: &Query) -> String {
    let connection = Connection::open_in_memory().unwrap();
    let schema = schema();
    for statement in schema.tables.iter().flat_map(catalog::create_table) {
        connection.execute_batch(&statement).unwrap();
    }
    let plan = validate::check_query(&schema, query).unwrap();
    let sql = |piece: &Conditions<'_>| scan_sql(plan.table, &plan.columns, &plan.order, query.descending, piece);
    pieces(plan.table, &plan.order, query).iter().map(|piece| explain(&connection, &sql(piece))).collect()
}

fn explain(connection: &Connection, sql: &str) -> String {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let parameters = statement.parameter_count();
    let values = vec![rusqlite::types::Value::Null; parameters];
    let lines = statement.query_map(rusqlite::params_from_iter(values), |row| row.get::<_, String>(3)).unwrap();
    lines.map(|line| line.unwrap() + "\n").collect()
}

#[test]
fn lookups_and_pages_use_their_index_and_never_sort() {
    let check = |query: &Query, uses: &str| {
        for table in ["plain", "searched"] {
            let plans = plans(&Query { table: table.into(), ..query.clone() });
            assert!(plans.contains(uses), "{query:?}\n{plans}");
            assert!(!plans.contains("TEMP B-TREE"), "{query:?}\n{plans}");
            assert!(
                plans.lines().all(|line| line.starts_with("SEARCH") || query.after.is_empty()),
                "{query:?}\n{plans}"
            );
        }
    };
    let over = || Query::over("plain");
    let id = || Value::Uuid(crate::contract::Uuid::nil());
    check(&over().filter("code", FilterKind::Equal, "5400"), ".by_code");
    check(&over().filter("id", FilterKind::Equal, id()), "(id=?");
    check(&over().order_by("by_code", false).limit(10), ".by_code");
    check(&over().order_by("by_code", true).limit(10), ".by_code");
    for descending in [false, true] {
        let page = over().order_by("by_shop", descending).limit(10);
        let after = vec![Value::Int(1), Value::Time(5), id()];
        check(&Query { after, ..page.clone() }, "(shop=? AND at=? AND id");
        let after = vec![Value::Int(1), Value::Null, id()];
        check(&Query { after, ..page.clone() }, "(shop=? AND at=? AND id");
        let after = vec![Value::Int(1), Value::Time(5), id()];
        check(&Query { after, ..page.filter("shop", FilterKind::Equal, 1) }, "(shop=? AND at=? AND id");
        check(&Query { after: vec![id()], ..over().order_by("", descending) }, "(id");
    }
}

#[test]
fn a_search_asks_the_text_index_first() {
    let connection = Connection::open_in_memory().unwrap();
    let schema = schema();
    catalog::create_table(&schema.tables[1]).iter().for_each(|statement| connection.execute_batch(statement).unwrap());
    let plan = explain(&connection, &search::search_sql(&schema.tables[1]));
    let lines: Vec<&str> = plan.lines().collect();
    assert!(lines[0].contains("VIRTUAL TABLE") && lines[1].starts_with("SEARCH t USING INTEGER PRIMARY KEY"), "{plan}");
    assert_eq!(lines.len(), 2, "{plan}");
}

#[test]
fn a_column_that_a_filter_pins_has_no_piece_of_its_own() {
    let schema = schema();
    let after = vec![Value::Int(1), Value::Time(5), Value::Uuid(crate::contract::Uuid::nil())];
    let check = |query: Query, expected: usize| {
        let query = Query { after: after.clone(), ..query.order_by("by_shop", query_descends(expected)) };
        let plan = validate::check_query(&schema, &query).unwrap();
        assert_eq!(pieces(plan.table, &plan.order, &query).len(), expected, "{query:?}");
    };
    check(Query::over("plain"), 3);
    check(Query::over("plain").filter("shop", FilterKind::Equal, 1), 2);
    // Backwards, the nulls of `at` come last, in a piece of their own.
    check(Query::over("plain"), 4);
}

/// Three pieces forwards, four backwards.
fn query_descends(pieces: usize) -> bool {
    pieces == 4
}

#[test]
fn the_pieces_of_a_page_see_one_moment() {
    use rusqlite::hooks::{AuthAction, Authorization};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    let mut connection = Connection::open_in_memory().unwrap();
    let schema = schema();
    schema.tables.iter().flat_map(catalog::create_table).for_each(|sql| connection.execute_batch(&sql).unwrap());
    let begun = Arc::new(AtomicUsize::new(0));
    let seen = begun.clone();
    let hook = move |context: rusqlite::hooks::AuthContext<'_>| {
        if matches!(context.action, AuthAction::Transaction { operation: rusqlite::hooks::TransactionOperation::Begin })
        {
            seen.fetch_add(1, Ordering::Relaxed);
        }
        Authorization::Allow
    };
    connection.authorizer(Some(hook)).unwrap();
    let after = vec![Value::Int(1), Value::Null, Value::Uuid(crate::contract::Uuid::nil())];
    let query = Query { after, ..Query::over("plain").order_by("by_shop", false) };
    scan(&connection, &schema, &query).unwrap();
    assert_eq!(begun.load(Ordering::Relaxed), 1, "all pieces are read in one transaction");
    assert!(connection.is_autocommit(), "and it is over afterwards");
}
