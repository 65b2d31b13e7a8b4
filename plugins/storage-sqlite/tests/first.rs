//! The shortest way through the store.
#![allow(clippy::unwrap_used)]

use aurapos_plugin_api::contract::query::{FilterKind, Query};
use aurapos_plugin_api::contract::schema::{Column, Index, Schema, Table};
use aurapos_plugin_api::contract::transaction::{OperationKind, Transaction};
use aurapos_plugin_api::contract::value::ColumnType;
use aurapos_plugin_api::contract::{Settings, StorageProvider, Uuid, Value};
use aurapos_plugin_testkit::TestHost;
use aurapos_storage_sqlite::SqliteProvider;

#[test]
fn opens_writes_and_reads_again() {
    let host = TestHost::new();
    let provider = SqliteProvider::new(host.context(Settings::default())).unwrap();
    let column = |name: &str, kind, nullable| Column { name: name.into(), kind, nullable, ..Default::default() };
    let table = Table {
        name: "item".into(),
        columns: vec![
            column("id", ColumnType::Uuid, false),
            column("name", ColumnType::Text, true),
            column("v", ColumnType::Int, false),
        ],
        key: vec!["id".into()],
        indexes: vec![Index { name: "by_name".into(), columns: vec!["name".into()], unique: true }],
        replicated: true,
        search: "name".into(),
        version: "v".into(),
        ..Default::default()
    };
    let schema = Schema { major: 1, minor: 0, tables: vec![table] };
    let store = provider.open(&Settings::default()).unwrap();
    store.migrate(&schema).unwrap();
    let mut transaction = Transaction { id: Uuid::from_u128(1), time: 5, ..Default::default() };
    let rows =
        (0..10u128).map(|id| vec![Uuid::from_u128(id).into(), Value::from(format!("item {id}").as_str())]).collect();
    transaction.push(OperationKind::Insert, "item", &["id", "name"], rows);
    assert_eq!(store.commit(&transaction).unwrap().position, 1);
    assert!(store.commit(&transaction).unwrap().already);
    store.close().unwrap();
    let store = provider.open(&Settings::default()).unwrap();
    store.migrate(&schema).unwrap();
    let query = Query::over("item").order_by("by_name", true).limit(3);
    let page = store.scan(&query).unwrap();
    assert_eq!(page.text(2, 1), Some("item 7"));
    let page = store.scan(&Query { after: page.next().to_vec(), ..query }).unwrap();
    assert_eq!(page.text(0, 1), Some("item 6"));
    assert_eq!(store.scan(&Query::over("item").filter("name", FilterKind::Equal, "item 3")).unwrap().len(), 1);
    assert_eq!(store.search("item", "it 4", 10).unwrap().len(), 1);
    assert_eq!(store.changes(&[], 0).unwrap().changes.len(), 10);
}
