//! Calls and answers in a line each, for whoever follows a history.

use aurapos_contract::transaction::Transaction;
use aurapos_contract::{PluginResult, Value};
use aurapos_engine::sync::call::{Answer, EngineCall, StoreCall};

/// A call of the shared store.
pub fn call(call: &StoreCall) -> String {
    match call {
        StoreCall::Info => "info".to_owned(),
        StoreCall::Scan(query) => format!("scan {}", query.table),
        StoreCall::Commit(transaction) => format!("commit {}", tables(transaction)),
        StoreCall::Changes { after, .. } => format!("changes after {}", cursor(after)),
    }
}

fn cursor(cursor: &[u8]) -> String {
    cursor.iter().rev().take(3).rev().map(|byte| format!("{byte:02x}")).collect()
}

fn tables(transaction: &Transaction) -> String {
    let told = transaction.operations.iter().map(|one| match one.table.as_str() {
        "journal" => format!("journal {:?}", one.rows.iter().map(|row| row[2].clone()).collect::<Vec<Value>>()),
        table => format!("{table} {}", one.rows.len()),
    });
    told.collect::<Vec<_>>().join(", ")
}

/// A call of the engine.
pub fn engine(call: &EngineCall) -> String {
    match call {
        EngineCall::Apply(feed) => {
            let entries = feed.changes.iter().filter(|change| change.table == "journal");
            let entries: Vec<String> =
                entries.map(|change| format!("{:?}/{:?}", change.row[1], change.row[2])).collect();
            let mark = feed.mark.as_ref().map(|mark| cursor(&mark.cursor)).unwrap_or_default();
            format!("apply {} changes, {} until {mark}", feed.changes.len(), entries.join(" "))
        }
        EngineCall::Remember(note) => format!("remember {note:?}"),
        EngineCall::NewLife(why) => format!("new life: {}", why.reason),
    }
}

/// What came of one.
pub fn answer(answer: &Answer) -> String {
    fn told<T>(result: &PluginResult<T>, good: impl FnOnce(&T) -> String) -> String {
        match result {
            Ok(value) => good(value),
            Err(error) => format!("{:?} {} {:?}", error.code, error.detail.table, error.detail.found),
        }
    }
    match answer {
        Answer::Info(info) => told(info, |info| format!("epoch {}", info.epoch)),
        Answer::Rows(rows) => told(rows, |rows| format!("{} rows", rows.len())),
        Answer::Committed(committed) => told(committed, |committed| committed.position.to_string()),
        Answer::Changes(batch) => {
            told(batch, |batch| format!("{} changes until {}", batch.changes.len(), cursor(&batch.next)))
        }
        Answer::Engine(result) => match result {
            Ok(aurapos_engine::Reply::Applied(applied)) => format!("{applied:?}"),
            Ok(_) => "done".to_owned(),
            Err(error) => error.message.clone(),
        },
    }
}
