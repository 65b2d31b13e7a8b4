use super::*;
use crate::query::{FilterKind, Query};
use crate::transaction::{OperationKind, Prune, ROWS_MAX, Transaction};

fn column(name: &str, kind: ColumnType, nullable: bool, default: Value) -> Column {
    Column { name: name.into(), kind, nullable, default, ..Default::default() }
}

fn schema() -> Schema {
    let table = Table {
        name: "item".into(),
        columns: vec![
            column("id", ColumnType::Int, false, Value::Null),
            column("name", ColumnType::Text, false, Value::Null),
            column("note", ColumnType::Text, true, Value::Null),
            column("price", ColumnType::Int, false, Value::Int(0)),
            column("version", ColumnType::Int, false, Value::Int(0)),
        ],
        key: vec!["id".into()],
        indexes: vec![Index { name: "by_name".into(), columns: vec!["name".into()], unique: false }],
        search: "name".into(),
        ..Default::default()
    };
    Schema { major: 1, minor: 0, tables: vec![table] }
}

#[test]
fn a_schema_with_a_fault_is_refused() {
    check_schema(&schema()).unwrap();
    let check = |what: &str, change: &dyn Fn(&mut Schema)| {
        let mut bad = schema();
        change(&mut bad);
        assert!(check_schema(&bad).is_err(), "{what}");
    };
    check("no major", &|schema| schema.major = 0);
    check("same table twice", &|schema| schema.tables.push(schema.tables[0].clone()));
    check("upper case", &|schema| schema.tables[0].name = "Item".into());
    check("reserved name", &|schema| schema.tables[0].name = "sqlite_item".into());
    check("name too long", &|schema| schema.tables[0].name = "a".repeat(NAME_BYTES_MAX + 1));
    check("no key", &|schema| schema.tables[0].key.clear());
    check("nullable key", &|schema| schema.tables[0].key = vec!["note".into()]);
    check("unknown key", &|schema| schema.tables[0].key = vec!["x".into()]);
    check("index on nothing", &|schema| schema.tables[0].indexes[0].columns.clear());
    check("an index of three long texts", &|schema| {
        let table = &mut schema.tables[0];
        table.columns.push(column("more", ColumnType::Text, true, Value::Null));
        table.indexes[0].columns = vec!["name".into(), "note".into(), "more".into()];
    });
    check("a default with U+0000", &|schema| schema.tables[0].columns[2].default = "\0".into());
    check("default of another type", &|schema| schema.tables[0].columns[3].default = Value::from("x"));
    check("search on a number", &|schema| schema.tables[0].search = "price".into());
}

#[test]
fn only_additions_are_planned() {
    let disk = schema();
    assert!(plan_migration(&disk, &disk).unwrap().is_empty());
    let mut wanted = schema();
    wanted.minor = 1;
    wanted.tables[0].columns.push(column("extra", ColumnType::Bool, false, Value::Bool(true)));
    let plan = plan_migration(&disk, &wanted).unwrap();
    assert_eq!(plan.columns.len(), 1);
    assert_eq!(plan.merged, wanted);
    assert!(plan_migration(&wanted, &disk).unwrap().is_empty(), "a newer minor is left alone");
    let check = |code: ErrorCode, change: &dyn Fn(&mut Schema)| {
        let mut bad = schema();
        change(&mut bad);
        assert_eq!(plan_migration(&disk, &bad).unwrap_err().code, code);
    };
    check(ErrorCode::SchemaConflict, &|schema| schema.tables[0].columns[1].kind = ColumnType::Bytes);
    check(ErrorCode::SchemaConflict, &|schema| schema.tables[0].append_only = true);
    check(ErrorCode::SchemaConflict, &|schema| schema.tables[0].columns[1].nullable = true);
    check(ErrorCode::SchemaConflict, &|schema| schema.tables[0].columns[3].default = Value::Null);
    check(ErrorCode::SchemaConflict, &|schema| {
        schema.tables[0].columns.push(column("more", ColumnType::Int, false, Value::Null));
    });
    let newer = Schema { major: 2, ..schema() };
    assert_eq!(plan_migration(&newer, &disk).unwrap_err().code, ErrorCode::SchemaNewer);
}

#[test]
fn indexes_and_defaults_follow_a_schema_that_is_not_older() {
    let disk = schema();
    for minor in [0, 1] {
        let mut wanted = schema();
        wanted.minor = minor;
        let by_price = Index { name: "by_price".into(), columns: vec!["price".into()], unique: false };
        wanted.tables[0].indexes = vec![by_price.clone(), Index { unique: true, ..disk.tables[0].indexes[0].clone() }];
        wanted.tables[0].columns[3].default = Value::Int(7);
        let plan = plan_migration(&disk, &wanted).unwrap();
        assert_eq!(plan.dropped, [("item".to_owned(), disk.tables[0].indexes[0].clone())], "it is not unique there");
        let made =
            [&wanted.tables[0].indexes[0], &wanted.tables[0].indexes[1]].map(|index| ("item".into(), index.clone()));
        assert_eq!((plan.indexes.as_slice(), &plan.merged), (&made[..], &wanted));
        // Back again with the same version, and as an older program.
        if minor == 1 {
            let back = plan_migration(&wanted, &disk).unwrap();
            assert!(back.is_empty() && back.merged == wanted, "an older schema leaves it alone");
        } else {
            assert_eq!(plan_migration(&wanted, &disk).unwrap().dropped.len(), 2);
        }
    }
}

#[test]
fn a_row_is_named_with_its_fault() {
    let check = |columns: &[&str], row: Vec<Value>, code: ErrorCode, column: &str| {
        let mut transaction = Transaction::default();
        let good = vec![Value::Int(1), Value::from("a")];
        transaction.push(OperationKind::Insert, "item", &["id", "name"], vec![good]);
        transaction.push(OperationKind::Insert, "item", columns, vec![row]);
        let error = check_transaction(&schema(), &transaction).unwrap_err();
        assert_eq!((error.code, error.detail.column.as_str(), error.detail.index), (code, column, 1), "{error}");
    };
    let id = Value::Int(1);
    check(&["id", "name"], vec![id.clone(), Value::Null], ErrorCode::BadValue, "name");
    check(&["id", "name"], vec![id.clone(), Value::Int(5)], ErrorCode::BadValue, "name");
    check(&["id", "name"], vec![id.clone()], ErrorCode::BadValue, "");
    check(&["id"], vec![id.clone()], ErrorCode::BadValue, "name");
    check(&["id", "id"], vec![id.clone(), id.clone()], ErrorCode::BadValue, "id");
    check(&["id", "nome"], vec![id.clone(), id.clone()], ErrorCode::UnknownColumn, "nome");
    let long = Value::Text("x".repeat(TEXT_BYTES_MAX + 1));
    check(&["id", "name"], vec![id.clone(), long.clone()], ErrorCode::TooLarge, "name");
    check(&["id", "name", "note"], vec![id.clone(), "a".into(), long], ErrorCode::TooLarge, "note");
    let indexed = |bytes: usize| vec![id.clone(), Value::Text("x".repeat(bytes))];
    check(&["id", "name"], indexed(INDEXED_BYTES_MAX + 1), ErrorCode::TooLarge, "name");
    let mut fits = Transaction::default();
    fits.push(OperationKind::Insert, "item", &["id", "name"], vec![indexed(INDEXED_BYTES_MAX)]);
    check_transaction(&schema(), &fits).unwrap();
    check(&["id", "name", "note"], vec![id, "a".into(), "a\0b".into()], ErrorCode::BadValue, "note");
}

#[test]
fn questions_are_checked() {
    let schema = schema();
    assert_eq!(check_query(&schema, &Query::over("item")).unwrap().columns.len(), 5);
    let check = |query: Query, code: ErrorCode| assert_eq!(check_query(&schema, &query).unwrap_err().code, code);
    check(Query::over("itm"), ErrorCode::UnknownTable);
    check(Query::over("item").select(&["x"]), ErrorCode::UnknownColumn);
    check(Query::over("item").order_by("by_price", false), ErrorCode::BadQuery);
    check(Query::over("item").filter("price", FilterKind::Less, "x"), ErrorCode::BadValue);
    check(Query { after: vec![Value::from("x")], ..Query::over("item") }, ErrorCode::BadQuery);
    check(Query::over("item").filter_in("id", vec![Value::Int(0); 1001]), ErrorCode::TooLarge);
}

#[test]
fn words_are_prefixes() {
    let check = |question: &str, text: &str, expected: bool| {
        assert_eq!(text_matches(&search_words(question), text), expected, "{question} in {text}");
    };
    check("co li", "coca-cola light", true);
    check("la", "coca-cola light", false);
    check("  ", "anything", true);
    check("café", "un café", true);
    check("x", "", false);
}

#[test]
fn only_facts_of_others_below_a_bound_are_pruned() {
    let mut schema = schema();
    let table = &mut schema.tables[0];
    (table.append_only, table.replicated) = (true, true);
    let request = || Prune {
        table: "item".into(),
        owner: "note".into(),
        own: vec!["me".into()],
        age: "price".into(),
        below: Value::Int(5),
        limit: 0,
    };
    let plan = check_prune(&schema, &request()).unwrap();
    assert_eq!(plan.limit, ROWS_MAX);
    let goes = |owner: Value, age: Value| plan.goes(&request(), &owner, &age);
    assert!(goes("you".into(), Value::Int(4)));
    assert!(!goes("you".into(), Value::Int(5)) && !goes("me".into(), Value::Int(4)));
    assert!(!goes(Value::Null, Value::Int(4)) && !goes("you".into(), Value::Null));
    let check = |code: ErrorCode, change: &dyn Fn(&mut Schema, &mut Prune)| {
        let (mut schema, mut request) = (schema.clone(), request());
        change(&mut schema, &mut request);
        assert_eq!(check_prune(&schema, &request).unwrap_err().code, code);
    };
    check(ErrorCode::BadQuery, &|schema, _| schema.tables[0].append_only = false);
    check(ErrorCode::BadQuery, &|schema, _| schema.tables[0].replicated = false);
    check(ErrorCode::BadQuery, &|_, request| request.own.clear());
    check(ErrorCode::BadQuery, &|_, request| request.own.push(Value::Null));
    check(ErrorCode::BadQuery, &|_, request| request.below = Value::Null);
    check(ErrorCode::BadQuery, &|_, request| request.age = "name".into());
    check(ErrorCode::BadValue, &|_, request| request.below = Value::Time(5));
    check(ErrorCode::BadValue, &|_, request| request.own = vec![Value::Int(5)]);
    check(ErrorCode::UnknownColumn, &|_, request| request.owner = "x".into());
    check(ErrorCode::UnknownTable, &|_, request| request.table = "x".into());
    check(ErrorCode::TooLarge, &|_, request| request.own = vec!["me".into(); 1001]);
}
