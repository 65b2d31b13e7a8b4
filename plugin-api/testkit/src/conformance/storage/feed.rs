//! The feed of changes.

use super::shop::{count, id, open, put_item, transaction};
use super::{Row, StorageFixture};
use crate::conformance::{Check, Failure, holds, refused, refused_as, same};
use aurapos_contract::error::ErrorCode;
use aurapos_contract::query::{CURSOR_BYTES_MAX, Change, ChangeKind};
use aurapos_contract::transaction::OperationKind::{Delete, Insert, Upsert};
use aurapos_contract::{RecordStore, Value};
use std::sync::atomic::{AtomicBool, Ordering};

pub(super) const CASES: &[Row] = &[
    ("feed", "every change of a replicated table is told, with position, transaction and values; of others none", feed),
    ("feed-whole", "a batch ends at the end of a transaction, whatever was asked for, and none is skipped", whole),
    ("feed-deleted", "a row that is gone is told with its key", deleted),
    ("feed-cursor", "a cursor is short, survives a restart, and answers nothing twice", cursor),
    ("feed-foreign", "bytes that are no cursor, or one of other data, are refused", foreign),
    ("feed-wait", "wait answers at once when there are changes, later when they come, false when they do not", wait),
];

fn drain(store: &dyn RecordStore, max: u32) -> Result<Vec<Vec<Change>>, Failure> {
    let mut batches = Vec::new();
    let mut after = Vec::new();
    loop {
        let batch = store.changes(&after, max)?;
        holds(batch.next.len() <= CURSOR_BYTES_MAX, "a cursor is too long")?;
        holds(batch.more || batch.next != after || batch.changes.is_empty(), "a batch with changes did not go on")?;
        after = batch.next;
        let more = batch.more;
        if !batch.changes.is_empty() {
            batches.push(batch.changes);
        }
        if !more {
            return Ok(batches);
        }
    }
}

fn feed(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    same(store.changes(&[], 0)?.changes.len(), 0, "changes of nothing")?;
    let first = put_item(store.as_ref(), 1, 1, &[("price", Value::Int(5))])?.position;
    count(store.as_ref(), 2, Insert, &[("a", 1)])?;
    let mut change = transaction(3);
    change.push(
        Insert,
        "entry",
        &["register", "sequence", "body", "at"],
        vec![vec![id(9).into(), Value::Int(1), vec![1u8].into(), Value::Time(1)]],
    );
    change.push(Upsert, "counter", &["name", "number"], vec![vec!["b".into(), Value::Int(1)]]);
    change.push(Upsert, "item", &["id"], vec![vec![id(2).into()], vec![id(2).into()]]);
    let last = store.commit(&change)?.position;
    let changes: Vec<Change> = drain(store.as_ref(), 0)?.concat();
    let told: Vec<(&str, u64)> = changes.iter().map(|change| (change.table.as_str(), change.position)).collect();
    same(told, vec![("item", first), ("entry", last), ("item", last)], "tables and positions")?;
    same((changes[0].transaction, changes[2].transaction), (transaction(1).id, transaction(3).id), "transactions")?;
    let price = changes[0].columns.iter().position(|name| name == "price").map(|at| changes[0].row[at].clone());
    same(price, Some(Value::Int(5)), "the value")?;
    same(
        (changes[0].kind, changes[1].columns.len(), changes[1].row.len()),
        (ChangeKind::Put, 4, 4),
        "kind, columns, values",
    )
}

fn whole(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    let (mut sizes, mut positions) = (Vec::new(), Vec::new());
    for number in 0..30u128 {
        let size = number * 7 % 5;
        let mut change = transaction(number);
        change.push(Upsert, "item", &["id"], (0..size).map(|row| vec![id(number * 10 + row).into()]).collect());
        change.push(Upsert, "counter", &["name", "number"], vec![vec!["a".into(), Value::Int(number as i64)]]);
        positions.push(store.commit(&change)?.position);
        sizes.push(size as usize);
    }
    for max in [1, 2, 3, 10, 0] {
        let batches = drain(store.as_ref(), max)?;
        for pair in batches.windows(2) {
            let (last, next) =
                (pair[0].last().map(|change| change.position), pair[1].first().map(|change| change.position));
            holds(last < next, "a transaction was cut in two")?;
        }
        let mut found = vec![0; 30];
        for change in batches.concat() {
            let at = positions.iter().position(|position| *position == change.position);
            found[at.ok_or("a change has the position of no commit")?] += 1;
        }
        same(found, sizes.clone(), &format!("changes per transaction, asked for {max}"))?;
        if max > 0 {
            let largest = batches.iter().map(Vec::len).max().unwrap_or(0);
            holds(largest <= (max as usize).max(4), "a batch is far larger than asked for")?;
        }
    }
    Ok(())
}

fn deleted(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    put_item(store.as_ref(), 1, 1, &[])?;
    let after = store.changes(&[], 0)?.next;
    let mut change = transaction(2);
    change.push(Delete, "item", &["id"], vec![vec![id(1).into()], vec![id(77).into()]]);
    store.commit(&change)?;
    let told = store.changes(&after, 0)?.changes;
    same(told.len(), 1, "changes after a delete of one row that is there and one that is not")?;
    same(
        (told[0].kind, told[0].columns.clone(), told[0].row.clone()),
        (ChangeKind::Deleted, vec!["id".to_owned()], vec![id(1).into()]),
        "the change",
    )
}

fn cursor(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    put_item(store.as_ref(), 1, 1, &[])?;
    let first = store.changes(&[], 0)?;
    same((first.changes.len(), first.more), (1, false), "the first batch")?;
    same(store.changes(&first.next, 0)?.changes.len(), 0, "changes after the last")?;
    count(store.as_ref(), 2, Insert, &[("a", 1)])?;
    same(store.changes(&first.next, 0)?.changes.len(), 0, "changes of a table that is not replicated")?;
    let position = put_item(store.as_ref(), 3, 2, &[])?.position;
    store.close()?;
    let store = open(&place)?;
    let second = store.changes(&first.next, 0)?;
    let told: Vec<u64> = second.changes.iter().map(|change| change.position).collect();
    same(told, vec![position], "changes after a restart")?;
    same(store.changes(&second.next, 0)?.changes.len(), 0, "changes after the last")
}

fn foreign(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    put_item(store.as_ref(), 1, 1, &[])?;
    let codes = [ErrorCode::BadQuery, ErrorCode::CursorTooOld];
    for bytes in [vec![1], vec![0; CURSOR_BYTES_MAX], vec![0xff; 500]] {
        refused_as(store.changes(&bytes, 0), &codes, "bytes that are no cursor")?;
        refused_as(store.wait(&bytes, 0), &codes, "bytes that are no cursor")?;
    }
    let other_place = fixture.fresh();
    let other = open(&other_place)?;
    put_item(other.as_ref(), 1, 1, &[])?;
    refused(store.changes(&other.changes(&[], 0)?.next, 0), ErrorCode::CursorTooOld, "a cursor of other data")?;
    Ok(())
}

fn wait(fixture: &dyn StorageFixture) -> Check {
    let place = fixture.fresh();
    let store = open(&place)?;
    holds(!store.wait(&[], 5)?, "there is nothing yet")?;
    put_item(store.as_ref(), 1, 1, &[])?;
    holds(store.wait(&[], 60_000)?, "there is something")?;
    let after = store.changes(&[], 0)?.next;
    count(store.as_ref(), 2, Insert, &[("a", 1)])?;
    holds(!store.wait(&after, 5)?, "a table that is not replicated changed")?;
    let begun = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (begun, after, store) = (&begun, &after, &store);
        let waiting = scope.spawn(move || {
            begun.store(true, Ordering::Release);
            store.wait(after, 20_000)
        });
        while !begun.load(Ordering::Acquire) {
            std::thread::yield_now();
        }
        // Commits that it does not wait for: time in which it surely falls asleep.
        for number in 0..40 {
            count(store.as_ref(), 100 + number, Upsert, &[("a", number as i64)])?;
        }
        put_item(store.as_ref(), 3, 2, &[])?;
        let answer = waiting.join().map_err(|_| "wait panicked")?;
        holds(answer?, "a change came while waiting")
    })
}
