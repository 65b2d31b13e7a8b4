//! Old facts of others: the one way out of a table that is append-only.

use super::shop::{all, id, open, transaction};
use super::{Row, StorageFixture};
use crate::conformance::{Check, Failure, holds, refused, same};
use aurapos_contract::error::ErrorCode;
use aurapos_contract::query::Query;
use aurapos_contract::transaction::OperationKind::Insert;
use aurapos_contract::transaction::{Prune, ROWS_MAX};
use aurapos_contract::{RecordStore, Value};

pub(super) const CASES: &[Row] = &[
    ("prune", "facts of others below the bound go, own ones and younger ones stay, slice by slice", prune),
    (
        "prune-refused",
        "a prune of what is not append-only and replicated, or without a bound, is refused",
        prune_refused,
    ),
    ("prune-feed", "the feed tells neither that a pruned fact was added nor that it is gone, and goes on", prune_feed),
];

const COLUMNS: [&str; 4] = ["register", "sequence", "body", "at"];

/// Ten facts of each of three registers, a moment apart, in one transaction a register.
fn some(store: &dyn RecordStore) -> Check {
    for register in 1..=3u128 {
        let mut change = transaction(register);
        let fact = |at: i64| vec![id(register).into(), Value::Int(at), vec![at as u8].into(), Value::Time(at)];
        change.push(Insert, "entry", &COLUMNS, (0..10).map(fact).collect());
        store.commit(&change)?;
    }
    Ok(())
}

fn request() -> Prune {
    Prune {
        table: "entry".into(),
        owner: "register".into(),
        own: vec![id(1).into()],
        age: "at".into(),
        below: Value::Time(6),
        limit: 0,
    }
}

fn left(store: &dyn RecordStore) -> Result<Vec<(u128, i64)>, Failure> {
    let rows = all(store, &Query::over("entry").select(&["register", "sequence"]))?;
    let of = |row: &Vec<Value>| (1..=3).find(|number| row[0] == id(*number).into()).unwrap_or(0);
    Ok(rows.iter().map(|row| (of(row), row[1].as_int().unwrap_or(-1))).collect())
}

fn prune(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    some(store.as_ref())?;
    let before = store.info()?;
    let mut gone = 0;
    for round in 0.. {
        let pruned = store.prune(&Prune { limit: 5, ..request() })?;
        holds(pruned.rows <= 5 && (pruned.rows > 0 || !pruned.more), "a slice has at most as many rows as asked for")?;
        gone += pruned.rows;
        if !pruned.more {
            break;
        }
        holds(round < 20, "it does not come to an end")?;
    }
    same(gone, 12, "rows that are gone")?;
    let kept: Vec<(u128, i64)> = (0..10)
        .map(|at| (1, at))
        .chain([2, 3].map(|of| (6..10).map(move |at| (of, at))).into_iter().flatten())
        .collect();
    same(left(store.as_ref())?, kept.clone(), "rows that are left")?;
    let again = store.prune(&request())?;
    same((again.rows, again.more), (0, false), "a prune of nothing")?;
    let after = store.info()?;
    same((after.position, after.epoch), (before.position, before.epoch), "position and epoch")?;
    same(store.outcome(transaction(2).id)?.committed.is_some(), true, "the outcome of a commit whose facts went")?;
    store.close()?;
    let store = open(&place)?;
    same(left(store.as_ref())?, kept, "rows that are left after a restart")?;
    // Its key is free again: a store that is filled anew gets it anew.
    some(store.as_ref())?;
    let mut change = transaction(9);
    change.push(Insert, "entry", &COLUMNS, vec![vec![id(2).into(), Value::Int(0), vec![7].into(), Value::Time(0)]]);
    store.commit(&change)?;
    same(left(store.as_ref())?.len(), 19, "rows after one was added again")?;
    refused(
        store.prune(&Prune { limit: ROWS_MAX as u32 * 2, own: Vec::new(), ..request() }),
        ErrorCode::BadQuery,
        "everybody's",
    )
    .map(|_| ())
}

fn prune_refused(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    some(store.as_ref())?;
    super::shop::put_item(store.as_ref(), 20, 1, &[("changed_at", Value::Time(1)), ("group_id", id(5).into())])?;
    let check = |what: &str, code: ErrorCode, change: &dyn Fn(&mut Prune)| -> Check {
        let mut wrong = request();
        change(&mut wrong);
        refused(store.prune(&wrong), code, what)?;
        same(left(store.as_ref())?.len(), 30, what)
    };
    check("a table that is edited", ErrorCode::BadQuery, &|wrong| {
        (wrong.table, wrong.owner, wrong.age) = ("item".into(), "group_id".into(), "changed_at".into());
    })?;
    check("a table of this store alone", ErrorCode::BadQuery, &|wrong| {
        (wrong.table, wrong.owner, wrong.age) = ("counter".into(), "name".into(), "number".into());
    })?;
    check("nobody's own", ErrorCode::BadQuery, &|wrong| wrong.own.clear())?;
    check("no bound", ErrorCode::BadQuery, &|wrong| wrong.below = Value::Null)?;
    check("an age that is none", ErrorCode::BadQuery, &|wrong| wrong.age = "body".into())?;
    check("a bound of another type", ErrorCode::BadValue, &|wrong| wrong.below = Value::Int(6))?;
    check("an owner of another type", ErrorCode::BadValue, &|wrong| wrong.own = vec![Value::Int(6)])?;
    check("no such table", ErrorCode::UnknownTable, &|wrong| wrong.table = "entries".into())?;
    check("no such column", ErrorCode::UnknownColumn, &|wrong| wrong.owner = "registers".into())?;
    same(all(store.as_ref(), &Query::over("item"))?.len(), 1, "the edited row")?;
    store.snapshot(&place.path("copy"), &aurapos_contract::host::NoProgress)?;
    let copy = place.provider.open_copy(&place.path("copy"))?;
    copy.migrate(&super::shop::schema())?;
    refused(copy.prune(&request()), ErrorCode::ReadOnly, "a prune of a copy").map(|_| ())
}

fn prune_feed(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    some(store.as_ref())?;
    let cursor = store.changes(&[], 0)?.next;
    // All facts of the second register, so that nothing of its transaction is left.
    store.prune(&Prune { own: vec![id(1).into(), id(3).into()], below: Value::Time(100), ..request() })?;
    store.prune(&request())?;
    same(store.changes(&cursor, 0)?.changes.len(), 0, "changes that a prune made")?;
    let mut after = Vec::new();
    let mut told = Vec::new();
    loop {
        let batch = store.changes(&after, 1)?;
        told.extend(batch.changes);
        after = batch.next;
        if !batch.more {
            break;
        }
    }
    same(told.len(), 14, "facts that are told from the first on")?;
    holds(told.iter().all(|change| change.row.len() == 4), "a pruned fact was told as deleted")
}
