use super::*;
use aurapos_contract::Value;
use aurapos_contract::host::{NoProgress, Settings};
use aurapos_contract::query::FilterKind;
use aurapos_contract::schema::{Column, Index, Table};
use aurapos_contract::storage::StorageProvider;
use aurapos_contract::transaction::OperationKind;
use aurapos_contract::value::ColumnType;

fn schema() -> Schema {
    let column = |name: &str, kind, nullable| Column { name: name.into(), kind, nullable, ..Default::default() };
    let table = Table {
        name: "item".into(),
        columns: vec![column("id", ColumnType::Int, false), column("name", ColumnType::Text, true)],
        key: vec!["id".into()],
        indexes: vec![Index { name: "by_name".into(), columns: vec!["name".into()], unique: false }],
        replicated: true,
        search: "name".into(),
        ..Default::default()
    };
    Schema { major: 1, minor: 0, tables: vec![table] }
}

fn put(store: &ReferenceStore, id: i64, name: Value) -> PluginResult<Committed> {
    let mut transaction = Transaction { id: Uuid::from_u128(id as u128 + 1), ..Default::default() };
    transaction.push(OperationKind::Insert, "item", &["id", "name"], vec![vec![Value::Int(id), name]]);
    store.commit(&transaction)
}

#[test]
fn stores_and_answers() {
    let store = ReferenceStore::new();
    store.migrate(&schema()).unwrap();
    put(&store, 1, "coffee beans".into()).unwrap();
    put(&store, 2, Value::Null).unwrap();
    assert!(put(&store, 1, "coffee beans".into()).unwrap().already);
    let batch = store.scan(&Query::over("item").order_by("by_name", false).limit(1)).unwrap();
    assert_eq!(batch.int(0, 0), Some(2), "nulls first");
    let query = Query { after: batch.next().to_vec(), ..Query::over("item").order_by("by_name", false) };
    assert_eq!(store.scan(&query).unwrap().row(0), vec![Value::Int(1), "coffee beans".into()]);
    assert_eq!(store.scan(&Query::over("item").filter("id", FilterKind::Equal, 2)).unwrap().len(), 1);
    assert_eq!(store.search("item", "be co", 0).unwrap().len(), 1);
    assert_eq!(store.changes(&[], 0).unwrap().changes.len(), 2);
}

#[test]
fn a_snapshot_opens_verifies_and_restores() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let provider = ReferenceProvider::new();
    let store = provider.open(&Settings::default()).unwrap();
    store.migrate(&schema()).unwrap();
    let mut transaction = Transaction { id: Uuid::from_u128(7), ..Default::default() };
    transaction.push(OperationKind::Insert, "item", &["id"], vec![vec![Value::Int(1)]]);
    store.commit(&transaction).unwrap();
    let info = store.snapshot(&path("copy"), &NoProgress).unwrap();
    assert_eq!(info.position, 1);
    assert_eq!(provider.open_copy(&path("copy")).unwrap().scan(&Query::over("item")).unwrap().len(), 1);
    let copy = provider.open_copy(&path("copy")).unwrap();
    assert!(copy.verify(&NoProgress).unwrap().ok);
    assert_eq!(copy.restore_to(&Settings::default(), &NoProgress).unwrap_err().code, ErrorCode::Busy);
    store.close().unwrap();
    copy.restore_to(&Settings::default(), &NoProgress).unwrap();
    let again = provider.open(&Settings::default()).unwrap();
    again.migrate(&schema()).unwrap();
    assert!(again.commit(&transaction).unwrap().already);
}

#[test]
fn ordered_faults_come_once() {
    let store = ReferenceStore::new();
    store.migrate(&schema()).unwrap();
    let lost = PluginError::new(ErrorCode::Timeout, "lost");
    store.order_fault(Fault::AnswerLost(lost));
    assert_eq!(put(&store, 1, Value::Null).unwrap_err().code, ErrorCode::Timeout);
    assert!(store.outcome(Uuid::from_u128(2)).unwrap().committed.is_some());
    assert!(put(&store, 2, Value::Null).is_ok());
}

#[test]
fn a_full_disk_refuses_until_there_is_room() {
    let store = ReferenceStore::new();
    store.migrate(&schema()).unwrap();
    store.refuse_commits(Some(PluginError::new(ErrorCode::DiskFull, "no room")));
    store.order_fault(Fault::Refused(PluginError::new(ErrorCode::Io, "forgotten with it")));
    for _ in 0..2 {
        assert_eq!(put(&store, 1, Value::Null).unwrap_err().code, ErrorCode::DiskFull);
    }
    store.refuse_commits(None);
    assert!(!put(&store, 1, Value::Null).unwrap().already);
}

#[test]
fn a_cursor_belongs_to_the_commits_it_was_given() {
    let store = ReferenceStore::new();
    store.migrate(&schema()).unwrap();
    let empty = store.changes(&[], 0).unwrap().next;
    put(&store, 1, Value::Null).unwrap();
    let first = store.changes(&[], 0).unwrap().next;
    let copy = store.duplicate();
    put(&store, 2, Value::Null).unwrap();
    let second = store.changes(&[], 0).unwrap().next;
    // The copy is put back with its epoch, and has as many commits again, but another second one.
    put(&copy, 3, Value::Null).unwrap();
    for (cursor, changes) in [(&empty, 2), (&first, 1)] {
        assert_eq!(copy.changes(cursor, 0).unwrap().changes.len(), changes, "what both have is told on from");
    }
    assert_eq!(copy.changes(&second, 0).unwrap_err().code, ErrorCode::CursorTooOld);
    assert_eq!(copy.wait(&second, 0).unwrap_err().code, ErrorCode::CursorTooOld);
}
