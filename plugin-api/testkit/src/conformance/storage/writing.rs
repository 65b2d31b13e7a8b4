//! Commits: what each operation does, expectations, repetitions, limits, faults.

use super::shop::{count, everything, id, number, open, put_item, transaction};
use super::{Row, StorageFixture};
use crate::conformance::{Check, holds, refused, same};
use aurapos_contract::error::ErrorCode;
use aurapos_contract::query::{FilterKind, Query};
use aurapos_contract::transaction::OperationKind::{Delete, Insert, Upsert};
use aurapos_contract::transaction::{OUTCOME_DAYS, Operation, ROWS_MAX, TRANSACTION_BYTES_MAX, Transaction};
use aurapos_contract::value::{BYTES_MAX, INDEXED_BYTES_MAX, TEXT_BYTES_MAX, TIME_MIN};
use aurapos_contract::{RecordStore, Value};

pub(super) const CASES: &[Row] = &[
    ("types", "every type comes back as it went in, at its limits", types),
    ("insert", "an insert of a key that is there is a Conflict with that row, and nothing is stored", insert),
    ("upsert", "an upsert adds, or replaces the named columns and only those", upsert),
    (
        "upsert-needs",
        "an upsert of a new row that lacks a required column is BadValue, of a row that is there is fine",
        upsert_needs,
    ),
    ("delete", "a delete removes; a key that is not there is no error", delete),
    ("defaults", "a column that is not named gets its default, or null", defaults),
    (
        "as-they-are",
        "a store adds nothing of its own to a row: a replicating writer finds what it wrote, and nothing else",
        as_they_are,
    ),
    (
        "unique",
        "a unique index allows each non-null combination once and any number of nulls; the conflict shows the row",
        unique,
    ),
    ("append-only", "upserts and deletes of an append-only table are refused", append_only),
    ("order", "operations apply in order, also on the same row", order),
    (
        "expect",
        "expectations are checked first, in order; the one that fails is answered with the row that is there",
        expect,
    ),
    ("epoch", "a transaction for data of another life is a Conflict that names the life that is there", epoch),
    ("all-or-nothing", "when one row is refused nothing of the transaction is there, and the position stays", nothing),
    (
        "repeat",
        "the same id and content answers with the first answer and writes nothing, also after a restart",
        repeat,
    ),
    ("id-reused", "the same id with other content is IdReused, and a conflict does not use up its id", reused),
    ("outcome", "outcome tells what became of an id", outcome),
    ("forget", "maintain forgets ids older than the limit, not younger ones, and the position goes on", forget),
    (
        "bad-values",
        "a value of the wrong type, a null, an unknown column or table is named with table, column and row",
        bad_values,
    ),
    ("limits", "too many rows or bytes, too long text or bytes are TooLarge, the largest allowed are stored", limits),
    ("positions", "positions rise by commits, an empty transaction has one too", positions),
];

fn types(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    let columns = ["code", "name", "price", "weighed", "photo", "changed_at", "folded", "group_id"];
    let rows: Vec<Vec<Value>> = vec![
        vec![
            "".into(),
            "Crème brûlée ' \" \\ % _ \u{1F600}".into(),
            i64::MIN.into(),
            true.into(),
            vec![].into(),
            Value::Time(TIME_MIN),
            "x".into(),
            id(0).into(),
        ],
        vec![
            "1".into(),
            "x".repeat(INDEXED_BYTES_MAX).as_str().into(),
            i64::MAX.into(),
            false.into(),
            vec![0; BYTES_MAX].into(),
            Value::Time(i64::MAX),
            "x".repeat(TEXT_BYTES_MAX).as_str().into(),
            aurapos_contract::Uuid::max().into(),
        ],
        vec![Value::Null, Value::Null, 0.into(), false.into(), Value::Null, Value::Null, Value::Null, Value::Null],
        vec![
            "a\u{1}b".into(),
            "\u{7f}".into(),
            (-1).into(),
            true.into(),
            vec![0, 255].into(),
            Value::Time(0),
            "\u{10FFFF}".into(),
            aurapos_contract::Uuid::nil().into(),
        ],
    ];
    for (at, row) in rows.iter().enumerate() {
        let cells: Vec<(&str, Value)> = columns.iter().copied().zip(row.iter().cloned()).collect();
        put_item(store.as_ref(), at as u128, at as u128, &cells)?;
    }
    same(super::shop::all(store.as_ref(), &Query::over("item").select(&columns))?, rows, "the rows")
}

fn insert(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    count(store.as_ref(), 1, Insert, &[("a", 1)])?;
    let before = everything(store.as_ref())?;
    let error =
        refused(count(store.as_ref(), 2, Insert, &[("b", 2), ("a", 3)]), ErrorCode::Conflict, "a key that is there")?;
    same((error.detail.table.as_str(), error.detail.row), ("counter", 1), "where")?;
    let found =
        error.detail.found_columns.iter().position(|name| name == "number").map(|at| error.detail.found[at].clone());
    same(found, Some(Value::Int(1)), "the row that is there")?;
    refused(
        count(store.as_ref(), 3, Insert, &[("c", 2), ("c", 3)]),
        ErrorCode::Conflict,
        "a key twice in one transaction",
    )?;
    same(everything(store.as_ref())?, before, "rows")
}

fn upsert(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    put_item(store.as_ref(), 1, 1, &[("name", "a".into()), ("price", Value::Int(5))])?;
    put_item(store.as_ref(), 2, 1, &[("price", Value::Int(6)), ("weighed", true.into())])?;
    put_item(store.as_ref(), 3, 1, &[])?;
    put_item(store.as_ref(), 4, 1, &[("code", Value::Null)])?;
    let rows = super::shop::all(store.as_ref(), &Query::over("item").select(&["name", "price", "weighed"]))?;
    same(rows, vec![vec!["a".into(), Value::Int(6), true.into()]], "the row")
}

fn upsert_needs(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    count(store.as_ref(), 1, Insert, &[("a", 1)])?;
    let note = |number: u128, names: &[&str]| {
        let mut change = transaction(number);
        let rows = names.iter().map(|&name| vec!["hello".into(), name.into()]).collect();
        change.push(Upsert, "counter", &["note", "name"], rows);
        store.commit(&change)
    };
    note(2, &["a"])?;
    let error = refused(note(3, &["a", "b"]), ErrorCode::BadValue, "a new row without its number")?;
    same((error.detail.column.as_str(), error.detail.row), ("number", 1), "where")?;
    let rows = super::shop::all(store.as_ref(), &Query::over("counter").select(&["name", "number", "note"]))?;
    same(rows, vec![vec!["a".into(), Value::Int(1), "hello".into()]], "the rows")
}

fn delete(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    count(store.as_ref(), 1, Insert, &[("a", 1), ("b", 2)])?;
    let mut change = transaction(2);
    change.push(Delete, "counter", &["name"], vec![vec!["a".into()], vec!["zz".into()]]);
    store.commit(&change)?;
    same((number(store.as_ref(), "a")?, number(store.as_ref(), "b")?), (None, Some(2)), "the rows")?;
    let mut wrong = transaction(3);
    wrong.push(Delete, "counter", &["name", "number"], vec![vec!["b".into(), Value::Int(2)]]);
    refused(store.commit(&wrong), ErrorCode::BadValue, "a delete by more than the key")?;
    count(store.as_ref(), 4, Insert, &[("a", 9)])?;
    same(number(store.as_ref(), "a")?, Some(9), "a key that is used again")
}

fn defaults(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    let mut change = transaction(1);
    change.push(Insert, "item", &["id"], vec![vec![id(1).into()]]);
    store.commit(&change)?;
    let rows = super::shop::all(store.as_ref(), &Query::over("item").select(&["price", "weighed", "name"]))?;
    same(rows, vec![vec![Value::Int(0), false.into(), Value::Null]], "the row")
}

fn as_they_are(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    let check = |expected: i64| -> Check {
        same(store.scan(&Query::over("item").select(&["stamp"]))?.int(0, 0), Some(expected), "the stamp")
    };
    put_item(store.as_ref(), 1, 1, &[("stamp", Value::Int(77))])?;
    check(77)?;
    put_item(store.as_ref(), 2, 1, &[("price", Value::Int(3))])?;
    check(77)?;
    put_item(store.as_ref(), 3, 1, &[("stamp", Value::Int(12))])?;
    check(12)
}

fn unique(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    put_item(store.as_ref(), 1, 1, &[("code", "111".into())])?;
    put_item(store.as_ref(), 2, 2, &[("code", Value::Null)])?;
    put_item(store.as_ref(), 3, 3, &[("code", Value::Null)])?;
    for (number, item) in [(4, 4), (5, 2)] {
        let error = refused(
            put_item(store.as_ref(), number, item, &[("code", "111".into())]),
            ErrorCode::Conflict,
            "a code that is taken",
        )?;
        let found =
            error.detail.found_columns.iter().position(|name| name == "id").map(|at| error.detail.found[at].clone());
        same(found, Some(id(1).into()), "the row that has it")?;
    }
    put_item(store.as_ref(), 6, 1, &[("code", "111".into()), ("price", Value::Int(2))])?;
    let slot = |number: u128, name: &str, slot: Value, note: Value| {
        let mut change = transaction(number);
        change.push(
            Upsert,
            "counter",
            &["name", "number", "slot", "note"],
            vec![vec![name.into(), Value::Int(0), slot, note]],
        );
        store.commit(&change)
    };
    slot(10, "a", Value::Int(1), "x".into())?;
    slot(11, "b", Value::Int(1), Value::Null)?;
    slot(12, "c", Value::Int(1), Value::Null)?;
    slot(13, "d", Value::Int(1), "y".into())?;
    refused(slot(14, "e", Value::Int(1), "x".into()), ErrorCode::Conflict, "a pair that is taken")?;
    let mut swap = transaction(20);
    swap.push(Delete, "item", &["id"], vec![vec![id(1).into()]]);
    swap.push(Upsert, "item", &["id", "code"], vec![vec![id(2).into(), "111".into()]]);
    store.commit(&swap)?;
    same(store.scan(&Query::over("item").filter("code", FilterKind::Equal, "111"))?.len(), 1, "rows with the code")
}

fn append_only(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    let row = || vec![id(1).into(), Value::Int(1), vec![1u8].into(), Value::Time(5)];
    let columns = ["register", "sequence", "body", "at"];
    let mut change = transaction(1);
    change.push(Insert, "entry", &columns, vec![row()]);
    store.commit(&change)?;
    let before = everything(store.as_ref())?;
    let mut upsert = transaction(2);
    upsert.push(Upsert, "entry", &columns, vec![row()]);
    refused(store.commit(&upsert), ErrorCode::AppendOnly, "an upsert")?;
    let mut delete = transaction(3);
    delete.push(Delete, "entry", &columns[..2], vec![row()[..2].to_vec()]);
    refused(store.commit(&delete), ErrorCode::AppendOnly, "a delete")?;
    let mut twice = transaction(4);
    twice.push(Insert, "entry", &columns, vec![row()]);
    refused(store.commit(&twice), ErrorCode::Conflict, "an insert of a key that is there")?;
    same(everything(store.as_ref())?, before, "rows")
}

fn order(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    let mut change = transaction(1);
    let row = |number: i64| vec![vec![Value::from("a"), Value::Int(number)]];
    change.push(Insert, "counter", &["name", "number"], row(1));
    change.push(Upsert, "counter", &["name", "number"], row(2));
    change.push(Delete, "counter", &["name"], vec![vec!["a".into()]]);
    change.push(Insert, "counter", &["number", "name"], vec![vec![Value::Int(3), "a".into()]]);
    store.commit(&change)?;
    same(number(store.as_ref(), "a")?, Some(3), "the row")
}

fn expect(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    count(store.as_ref(), 1, Insert, &[("a", 1)])?;
    let write = |mut change: Transaction| {
        change.push(Upsert, "counter", &["name", "number"], vec![vec!["a".into(), Value::Int(2)]]);
        store.commit(&change)
    };
    let mut wrong = transaction(2);
    wrong.expect_row("counter", vec!["a".into()], &["number"], vec![Value::Int(1)]);
    wrong.expect_row("counter", vec!["a".into()], &["number", "note"], vec![Value::Int(5), Value::Null]);
    wrong.expect_absent("counter", vec!["a".into()]);
    let error = refused(write(wrong), ErrorCode::Conflict, "another value")?;
    same(error.detail.index, 1, "the expectation that failed")?;
    let at = error.detail.found_columns.iter().position(|name| name == "number");
    same(at.map(|at| error.detail.found[at].clone()), Some(Value::Int(1)), "the row that is there")?;
    let mut absent = transaction(3);
    absent.expect_absent("counter", vec!["a".into()]);
    holds(
        !refused(write(absent), ErrorCode::Conflict, "a row that should not be there")?.detail.found.is_empty(),
        "the row is shown",
    )?;
    let mut gone = transaction(4);
    gone.expect_row("counter", vec!["b".into()], &[], vec![]);
    holds(
        refused(write(gone), ErrorCode::Conflict, "a row that should be there")?.detail.found.is_empty(),
        "there is no row to show",
    )?;
    same(number(store.as_ref(), "a")?, Some(1), "the row after refused commits")?;
    let mut right = transaction(5);
    right.expect_row("counter", vec!["a".into()], &["number", "note"], vec![Value::Int(1), Value::Null]);
    right.expect_row("counter", vec!["a".into()], &[], vec![]);
    right.expect_absent("counter", vec!["b".into()]);
    write(right)?;
    same(number(store.as_ref(), "a")?, Some(2), "the row")?;
    let mut wrong_type = transaction(6);
    wrong_type.expect_row("counter", vec![Value::Int(1)], &[], vec![]);
    refused(write(wrong_type), ErrorCode::BadValue, "a key of another type")?;
    Ok(())
}

fn nothing(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    count(store.as_ref(), 1, Insert, &[("z", 1)])?;
    let before = (everything(store.as_ref())?, store.info()?.position, store.changes(&[], 0)?.changes.len());
    let mut change = transaction(2);
    change.push(Insert, "item", &["id", "folded"], vec![vec![id(1).into(), "tea".into()]]);
    change.push(Upsert, "counter", &["name", "number"], vec![vec!["z".into(), Value::Int(9)]]);
    change.push(Delete, "counter", &["name"], vec![vec!["z".into()]]);
    change.push(
        Insert,
        "counter",
        &["name", "number"],
        vec![vec!["y".into(), Value::Int(9)], vec!["y".into(), Value::Int(9)]],
    );
    let error = refused(store.commit(&change), ErrorCode::Conflict, "the last row")?;
    same((error.detail.index, error.detail.row), (3, 1), "where")?;
    let after = (everything(store.as_ref())?, store.info()?.position, store.changes(&[], 0)?.changes.len());
    same(after, before, "rows, position, changes")?;
    same(store.search("item", "tea", 5)?.len(), 0, "found by search")?;
    same(store.outcome(change.id)?.committed, None, "the outcome")
}

fn repeat(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    let mut change = transaction(1);
    change.expect_absent("counter", vec!["a".into()]);
    change.push(Insert, "counter", &["name", "number"], vec![vec!["a".into(), Value::Int(1)]]);
    let first = store.commit(&change)?;
    holds(!first.already && first.position > 0, "the first answer")?;
    let last = count(store.as_ref(), 2, Upsert, &[("a", 5)])?.position;
    let check = |store: &dyn RecordStore| -> Check {
        let again = store.commit(&change)?;
        same((again.position, again.already), (first.position, true), "the answer to the repetition")?;
        same((number(store, "a")?, store.info()?.position), (Some(5), last), "the row and the position")
    };
    check(store.as_ref())?;
    store.close()?;
    check(open(&place)?.as_ref())
}

fn reused(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    let position = count(store.as_ref(), 1, Insert, &[("a", 1)])?.position;
    refused(count(store.as_ref(), 1, Insert, &[("b", 1)]), ErrorCode::IdReused, "other content")?;
    same(number(store.as_ref(), "b")?, None, "the other row")?;
    refused(count(store.as_ref(), 2, Insert, &[("a", 1)]), ErrorCode::Conflict, "a conflict")?;
    let again = count(store.as_ref(), 2, Insert, &[("b", 1)])?;
    holds(!again.already && again.position > position, "the id of the conflict, used again")
}

fn outcome(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    let first = count(store.as_ref(), 1, Insert, &[("a", 1)])?.position;
    let second = count(store.as_ref(), 2, Insert, &[("b", 1)])?.position;
    let position = |number: u128| {
        store.outcome(transaction(number).id).map(|outcome| outcome.committed.map(|known| known.position))
    };
    same((position(1)?, position(2)?, position(3)?), (Some(first), Some(second), None), "positions")
}

fn forget(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    const DAY: i64 = 24 * 3600 * 1_000_000;
    for number in 0..20i64 {
        let mut change = transaction(number as u128);
        change.time += number * DAY;
        change.push(
            Insert,
            "counter",
            &["name", "number"],
            vec![vec![number.to_string().as_str().into(), Value::Int(1)]],
        );
        change.push(Insert, "item", &["id"], vec![vec![id(number as u128).into()]]);
        store.commit(&change)?;
    }
    store.maintain(crate::host::START + (OUTCOME_DAYS + 10) * DAY)?;
    let known = |number: u128| store.outcome(transaction(number).id).map(|outcome| outcome.committed.is_some());
    same((known(0)?, known(9)?, known(10)?, known(19)?), (false, false, true, true), "what is remembered")?;
    same(store.changes(&[], 0)?.changes.len(), 20, "the feed is whole")?;
    // Everything is forgotten, of tables that the feed does not keep either; the position is not.
    let last = count(store.as_ref(), 50, Insert, &[("last", 1)])?.position;
    store.maintain(crate::host::START + 1000 * DAY)?;
    store.close()?;
    let store = open(&place)?;
    same(store.info()?.position, last, "the position after everything was forgotten")?;
    let again = count(store.as_ref(), 0, Insert, &[("new", 1)])?;
    holds(!again.already && again.position > last, "a forgotten id, used again")
}

fn bad_values(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    let good = || vec![id(1).into(), Value::Int(5)];
    let check = |table: &str, columns: &[&str], bad: Vec<Value>, code: ErrorCode, column: &str| -> Check {
        let mut change = transaction(1);
        change.push(Insert, "counter", &["name", "number"], vec![vec!["a".into(), Value::Int(1)]]);
        let rows = if columns == ["id", "price"] { vec![good(), bad] } else { vec![bad] };
        let row = rows.len() as u64 - 1;
        change.push(Upsert, table, columns, rows);
        let error = refused(store.commit(&change), code, &format!("{table} {columns:?}"))?;
        same((error.detail.table.as_str(), error.detail.column.as_str()), (table, column), "where")?;
        same(if column == "price" { error.detail.row } else { row }, row, "the row")?;
        same(number(store.as_ref(), "a")?, None, "the good row before it")
    };
    check("item", &["id", "price"], vec![id(2).into(), "5".into()], ErrorCode::BadValue, "price")?;
    check("item", &["id", "price"], vec![id(2).into(), Value::Null], ErrorCode::BadValue, "price")?;
    check("item", &["id", "price"], vec![id(2).into(), Value::Time(5)], ErrorCode::BadValue, "price")?;
    check("item", &["id", "price"], vec![id(2).into(), true.into()], ErrorCode::BadValue, "price")?;
    check("item", &["id", "prijs"], vec![id(2).into(), Value::Int(1)], ErrorCode::UnknownColumn, "prijs")?;
    check("items", &["id"], vec![id(2).into()], ErrorCode::UnknownTable, "")?;
    check("item", &["price"], vec![Value::Int(1)], ErrorCode::BadValue, "id")?;
    check("item", &["id", "name", "name"], vec![id(2).into(), "a".into(), "b".into()], ErrorCode::BadValue, "name")?;
    check("item", &["id", "changed_at"], vec![id(2).into(), Value::Int(5)], ErrorCode::BadValue, "changed_at")?;
    let too_early = vec![id(2).into(), Value::Time(TIME_MIN - 1)];
    check("item", &["id", "changed_at"], too_early, ErrorCode::BadValue, "changed_at")?;
    check("item", &["id", "group_id"], vec![id(2).into(), vec![0u8; 16].into()], ErrorCode::BadValue, "group_id")?;
    check("item", &["id", "folded"], vec![id(2).into(), "a\0b".into()], ErrorCode::BadValue, "folded")?;
    check("item", &["id", "name"], vec![id(2).into()], ErrorCode::BadValue, "")
}

fn limits(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    let long =
        |column: &str, bytes: usize| put_item(store.as_ref(), bytes as u128, 1, &[(column, "x".repeat(bytes).into())]);
    long("folded", TEXT_BYTES_MAX)?;
    long("name", INDEXED_BYTES_MAX)?;
    for (column, bytes) in [("folded", TEXT_BYTES_MAX + 1), ("name", INDEXED_BYTES_MAX + 1)] {
        let error = refused(long(column, bytes), ErrorCode::TooLarge, "a text too long")?;
        same((error.detail.table.as_str(), error.detail.column.as_str()), ("item", column), "where")?;
    }
    let photo = |bytes: usize| put_item(store.as_ref(), bytes as u128, 1, &[("photo", vec![7; bytes].into())]);
    photo(BYTES_MAX)?;
    refused(photo(BYTES_MAX + 1), ErrorCode::TooLarge, "bytes too long")?;
    let rows = |count: usize| -> Vec<Vec<Value>> {
        (0..count).map(|number| vec![Value::from(format!("{number:06}").as_str()), Value::Int(1)]).collect()
    };
    let many = |number: u128, rows: Vec<Vec<Value>>| {
        let mut change = transaction(number);
        let columns = vec!["name".to_owned(), "number".to_owned()];
        change.operations = vec![Operation { kind: Upsert, table: "counter".into(), columns, rows }];
        store.commit(&change)
    };
    refused(many(1, rows(ROWS_MAX + 1)), ErrorCode::TooLarge, "too many rows")?;
    same(store.aggregate(&super::reading::count_of("counter"))?.int(0, 0), Some(0), "rows after a refusal")?;
    many(2, rows(ROWS_MAX))?;
    same(store.aggregate(&super::reading::count_of("counter"))?.int(0, 0), Some(ROWS_MAX as i64), "the most rows")?;
    let mut heavy = transaction(3);
    let photo = Value::Bytes(vec![1; BYTES_MAX]);
    let rows =
        (0..=TRANSACTION_BYTES_MAX / BYTES_MAX).map(|number| vec![id(number as u128).into(), photo.clone()]).collect();
    heavy.push(Upsert, "item", &["id", "photo"], rows);
    refused(store.commit(&heavy), ErrorCode::TooLarge, "too many bytes")?;
    heavy.operations[0].rows.truncate(15);
    store.commit(&heavy)?;
    // An answer may end early for its size, but says where it goes on.
    same(
        super::shop::all(store.as_ref(), &Query::over("item").select(&["photo"]))?.len(),
        15,
        "large rows, over several answers",
    )
}

fn positions(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    same(store.info()?.position, 0, "at first")?;
    let mut last = 0;
    for number in 1..=5 {
        let position = store.commit(&transaction(number))?.position;
        holds(position > last, "the position of an empty transaction did not rise")?;
        last = position;
    }
    same(store.info()?.position, last, "at last")
}

fn epoch(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    let there = store.info()?.epoch;
    count(store.as_ref(), 1, Insert, &[("a", 1)])?;
    let write = |number: u128, epoch: aurapos_contract::Uuid| {
        let mut change = Transaction { epoch: Some(epoch), ..transaction(number) };
        // It would fail as well: the epoch is looked at first.
        if epoch != there {
            change.expect_absent("counter", vec!["a".into()]);
        }
        change.push(Upsert, "counter", &["name", "number"], vec![vec!["a".into(), Value::Int(number as i64)]]);
        store.commit(&change)
    };
    for other in [id(7), aurapos_contract::Uuid::nil()] {
        let error = refused(write(2, other), ErrorCode::Conflict, "data of another life")?;
        same((error.detail.epoch, error.detail.found.len()), (there, 0), "the epoch that is there, and no row")?;
    }
    let mut of_a_row = Transaction { epoch: Some(there), ..transaction(3) };
    of_a_row.expect_absent("counter", vec!["a".into()]);
    let error = refused(store.commit(&of_a_row), ErrorCode::Conflict, "a row that should not be there")?;
    same(error.detail.epoch, aurapos_contract::Uuid::nil(), "the epoch in a conflict about a row")?;
    same(number(store.as_ref(), "a")?, Some(1), "the row after refused commits")?;
    write(4, there)?;
    same(number(store.as_ref(), "a")?, Some(4), "the row")?;
    store.close()?;
    let again = open(&place)?;
    let mut change = Transaction { epoch: Some(there), ..transaction(5) };
    change.push(Upsert, "counter", &["name", "number"], vec![vec!["a".into(), Value::Int(5)]]);
    again.commit(&change)?;
    same(number(again.as_ref(), "a")?, Some(5), "the same life after a restart")
}
