//! A shop with sales, a refund, an import and cash moves; then one value of one table is changed, and the check names it.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::command::{CashMove, Command};
use crate::queries::fixture::{CATALOG, TestShop, eur};
use crate::schema::schema;
use aurapos_contract::Value;
use aurapos_contract::query::Query;
use aurapos_contract::transaction::{OperationKind, Transaction};
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::ids::{DrawerSessionId, RegisterId};
use aurapos_domain::journal::{EntryKind, Hash, JournalEntry};
use aurapos_domain::sale::{CommittedSale, decode, encode};
use aurapos_plugin_testkit::ReferenceStore;

/// Three sales, one of them given back, in two lives of the register.
fn busy_shop() -> ReferenceStore {
    let mut shop = TestShop::new();
    shop.import(CATALOG.as_bytes()).unwrap();
    let first = shop.sell(&[("5400000000003", 2_000), ("W-01", 1_000)], 2_000).unwrap();
    shop.sell(&[("K-01", 684), ("C-01", 3_000)], 1_500).unwrap();
    shop.call(Command::MoveCash { kind: CashMove::Loan, amount: eur(5_000), reason: "change".to_owned() }).unwrap();
    shop.call(Command::MoveCash { kind: CashMove::Pickup, amount: eur(1_000), reason: "safe".to_owned() }).unwrap();
    shop.refund(&first.receipt_no().to_string()).unwrap();
    shop.sell(&[("B-01", 1_000)], 250).unwrap();
    shop.store
}

fn check_all(store: &dyn RecordStore) -> CheckReport {
    check_store(store, &mut |_, _| true).unwrap()
}

/// A copy of a store with rows changed: `None` leaves a row out. What a person with a database tool could do.
fn tampered(store: &ReferenceStore, edit: impl Fn(&str, &mut Row) -> Keep) -> ReferenceStore {
    let copy = ReferenceStore::new();
    let schema = schema();
    copy.migrate(&schema).unwrap();
    for table in &schema.tables {
        let columns: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
        let mut query = Query::over(&table.name);
        loop {
            let batch = store.scan(&query).unwrap();
            let mut transaction =
                Transaction { id: aurapos_contract::Uuid::from_u128(rand_id()), time: 1, ..Default::default() };
            let mut rows = Vec::new();
            for row in 0..batch.len() {
                let mut row = Row { columns: columns.clone(), values: batch.row(row) };
                if edit(&table.name, &mut row) == Keep::Yes {
                    rows.push(row.values);
                }
            }
            let names: Vec<&str> = columns.iter().map(String::as_str).collect();
            if !rows.is_empty() {
                transaction.push(OperationKind::Insert, &table.name, &names, rows);
                copy.commit(&transaction).unwrap();
            }
            if batch.next().is_empty() {
                break;
            }
            query.after = batch.next().to_vec();
        }
    }
    copy
}

fn rand_id() -> u128 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    0x0193_3333_0000_7000_8000_0000_0000_0000 + u128::from(NEXT.fetch_add(1, Ordering::Relaxed))
}

#[derive(PartialEq)]
enum Keep {
    Yes,
    No,
}

struct Row {
    columns: Vec<String>,
    values: Vec<Value>,
}

impl Row {
    fn cell(&mut self, column: &str) -> &mut Value {
        let at = self.columns.iter().position(|name| name == column).unwrap_or_else(|| panic!("no column {column}"));
        &mut self.values[at]
    }
}

/// Another value of the same type.
fn other(value: &Value) -> Value {
    match value {
        Value::Int(number) => Value::Int(number + 1_000),
        Value::Time(number) => Value::Time(number + 1),
        Value::Bool(truth) => Value::Bool(!truth),
        Value::Text(text) => Value::Text(format!("{text}x")),
        Value::Bytes(bytes) => Value::Bytes(bytes.iter().map(|byte| byte ^ 1).collect()),
        Value::Uuid(id) => Value::Uuid(aurapos_contract::Uuid::from_u128(id.as_u128() ^ 1)),
        Value::Null => Value::Null,
    }
}

#[test]
fn an_untouched_shop_is_reconciled() {
    let store = busy_shop();
    let report = check_all(&store);
    assert_eq!(report.problems, []);
    assert_eq!((report.sales, report.chains.len()), (4, 1));
    assert_eq!(report.summary(), "opened and reconciled, 4 sales, 0 differences");
    let copy = check_copy(&tampered(&store, |_, _| Keep::Yes), &mut |_, _| true).unwrap();
    assert!(copy.ok && copy.problems.is_empty());
    assert_eq!((copy.sales, copy.shop_name.as_str(), copy.entries), (4, "Chez Mia", report.entries));
    assert!(copy.tables.iter().any(|table| table.table == "sale_line" && table.rows > 0));
}

/// Every column of every table that the journal makes: change it in the first row that has a value there, and the check
/// must name the table.
#[test]
fn each_value_that_the_journal_makes_is_compared() {
    let store = busy_shop();
    let made = [
        "journal",
        "sale",
        "sale_line",
        "refund_line",
        "sale_tender",
        "sale_vat",
        "stock_move",
        "drawer_move",
        "stock_level",
        "drawer_total",
        "journal_head",
        "incarnation",
    ];
    // What the chain does not need: the time of the head is the entry's own, kept for the clock's sake.
    let free = [("journal_head", "time")];
    let schema = schema();
    for table in schema.tables.iter().filter(|table| made.contains(&table.name.as_str())) {
        for column in &table.columns {
            if free.contains(&(table.name.as_str(), column.name.as_str())) {
                continue;
            }
            let done = std::cell::Cell::new(false);
            let changed = tampered(&store, |name, row| {
                if name == table.name && !done.get() && *row.cell(&column.name) != Value::Null {
                    let value = other(row.cell(&column.name));
                    *row.cell(&column.name) = value;
                    done.set(true);
                }
                Keep::Yes
            });
            if done.get() {
                let report = check_all(&changed);
                let said: Vec<&str> = report.problems.iter().map(|problem| problem.message.as_str()).collect();
                let said = said.join("\n");
                // A head that is wrong shows as a chain that does not end where it should.
                let place = table.name.trim_end_matches("_head");
                assert!(said.contains(place), "{place}.{} was changed and nobody said so: {said}", column.name);
            }
        }
    }
}

#[track_caller]
fn named(store: &ReferenceStore, edit: impl Fn(&str, &mut Row) -> Keep, expected: &str) {
    let report = check_all(&tampered(store, edit));
    let messages: Vec<&str> = report.problems.iter().map(|problem| problem.message.as_str()).collect();
    assert!(messages.iter().any(|message| message.contains(expected)), "{expected}: {messages:#?}");
    assert!(!report.ok());
}

#[test]
fn missing_and_foreign_rows_are_named() {
    let store = busy_shop();
    for table in ["sale", "sale_line", "refund_line", "sale_tender", "sale_vat", "stock_move", "drawer_move"] {
        let gone = std::cell::Cell::new(false);
        let edit = |name: &str, _: &mut Row| {
            if name == table && !gone.replace(true) { Keep::No } else { Keep::Yes }
        };
        named(&store, edit, &format!("{table}, "));
    }
    let without =
        |wanted: &'static str| move |table: &str, _: &mut Row| if table == wanted { Keep::No } else { Keep::Yes };
    named(&store, without("stock_level"), "it is missing, the moves make");
    named(&store, without("drawer_total"), "drawer_total, cash: it is missing");
    named(&store, without("drawer_session"), "1 of 1 sessions of the journal are missing");
    named(&store, without("counter"), "counter receipt: it is missing");
    named(&store, without("journal_head"), "it is missing");
    named(&store, without("incarnation"), "register: its incarnation is not there");
}

#[test]
fn a_tail_that_was_cut_off_is_named() {
    let store = busy_shop();
    let last = crate::queries::count(&store, "journal", Vec::new()).unwrap() as i64;
    let edit = |table: &str, row: &mut Row| {
        if table == "journal" && *row.cell("seq") == Value::Int(last) { Keep::No } else { Keep::Yes }
    };
    named(
        &store,
        edit,
        &format!("the end of the journal is missing: it stops at entry {} and should reach entry {last}", last - 1),
    );
    // Somebody who cuts the head too is betrayed by the counter.
    let report = check_all(&tampered(&store, |table, row| {
        if table == "counter" && *row.cell("name") == Value::from("receipt") {
            *row.cell("value") = Value::Int(9);
        }
        Keep::Yes
    }));
    assert_eq!(report.problems[0].message, "counter receipt: it is 9, the last receipt has number 4");
}

#[test]
fn an_entry_in_the_middle_is_missed() {
    let store = busy_shop();
    let edit = |table: &str, row: &mut Row| {
        if table == "journal" && *row.cell("seq") == Value::Int(5) { Keep::No } else { Keep::Yes }
    };
    let report = check_all(&tampered(&store, edit));
    assert_eq!(report.chains[0].first_bad.as_ref().map(|(seq, _)| *seq), Some(5));
    assert_eq!(report.first_bad().unwrap().entry.as_ref().unwrap().seq, 5);
    assert!(report.first_bad().unwrap().message.starts_with("journal R1-1: entry 5 is missing"));
}

#[test]
fn a_value_is_named_with_its_receipt() {
    let store = busy_shop();
    let edit = |table: &str, row: &mut Row| {
        if table == "sale_line" && *row.cell("sku") == Value::from("W-01") && *row.cell("net") == Value::Int(1_200) {
            *row.cell("net") = Value::Int(200);
        }
        Keep::Yes
    };
    named(&store, edit, "sale_line, R1-1-000001 line 2: net is 200, the journal says 1200");
}

#[test]
fn somebody_who_stops_the_check_gets_an_answer() {
    let error = check_store(&busy_shop(), &mut |_, _| false).unwrap_err();
    assert!(error.is(crate::error::Code::Cancelled));
}

#[test]
fn many_problems_are_counted_and_the_first_are_kept() {
    let mut report = CheckReport { sales: 12_431, ..CheckReport::default() };
    (0..1_234).for_each(|number| report.problem(format!("problem {number}"), None));
    assert_eq!((report.problem_count, report.problems.len()), (1_234, PROBLEMS_MAX));
    assert_eq!(report.summary(), "opened and reconciled, 12,431 sales, 1,234 differences");
}

/// A journal whose sales were changed by somebody who knows how to hash: the chain fits, the sales must not.
fn forged(store: &ReferenceStore, edit: impl Fn(&mut CommittedSale)) -> ReferenceStore {
    let previous = std::cell::Cell::new(Hash::ZERO);
    tampered(store, |table, row| {
        if table == "journal" {
            let mut entry = JournalEntry {
                register: row.cell("register").as_uuid().unwrap().into(),
                incarnation: row.cell("incarnation").as_uuid().unwrap().into(),
                seq: row.cell("seq").as_int().unwrap() as u64,
                kind: EntryKind(row.cell("kind").as_int().unwrap() as u16),
                time: Timestamp(row.cell("time").as_int().unwrap()),
                previous: previous.get(),
                hash: Hash::ZERO,
                body: match row.cell("body") {
                    Value::Bytes(body) => body.clone(),
                    other => panic!("{other:?}"),
                },
            };
            if matches!(entry.kind, EntryKind::SALE | EntryKind::REFUND) {
                let mut sale = decode(&entry.body).unwrap();
                edit(&mut sale);
                entry.body = encode(&sale).unwrap();
            }
            entry.hash = entry.computed_hash();
            previous.set(entry.hash);
            *row.cell("previous") = Value::Bytes(entry.previous.0.to_vec());
            *row.cell("hash") = Value::Bytes(entry.hash.0.to_vec());
            *row.cell("body") = Value::Bytes(entry.body);
        }
        if table == "journal_head" {
            *row.cell("hash") = Value::Bytes(previous.get().0.to_vec());
        }
        Keep::Yes
    })
}

/// Refunds of earlier programs have no part of the tax that is told: their lines were taxed by themselves.
#[test]
fn refunds_of_earlier_programs_are_still_right() {
    let store = busy_shop();
    let is_refund = |sale: &CommittedSale| sale.header.kind == aurapos_domain::sale::SaleKind::Refund;
    let earlier = forged(&store, |sale| {
        assert_eq!(sale.vat_left.is_empty(), !is_refund(sale));
        sale.vat_left.clear();
    });
    assert_eq!(check_all(&earlier).problems, []);
    let wrong = forged(&store, |sale| sale.vat_left.iter_mut().for_each(|row| row.amount.minor += 1));
    assert!(!check_all(&wrong).ok());
}

#[test]
fn a_forged_chain_is_betrayed_by_its_sales() {
    let store = busy_shop();
    assert!(check_all(&forged(&store, |_| {})).ok(), "hashing again what was there changes nothing");
    let says = |edit: &dyn Fn(&mut CommittedSale), expected: &str| {
        let report = check_all(&forged(&store, edit));
        let messages: Vec<&str> = report.problems.iter().map(|problem| problem.message.as_str()).collect();
        assert!(messages.iter().any(|message| message.contains(expected)), "{expected}: {messages:#?}");
        assert!(messages.iter().all(|message| !message.contains("hash does not fit")), "the chain itself is whole");
    };
    let second = |sale: &CommittedSale| sale.header.number.counter == 2;
    says(
        &|sale| {
            if second(sale) {
                sale.lines[0].net.minor -= 100
            }
        },
        "sale R1-1-000002 (entry 8): the totals do not add up",
    );
    says(
        &|sale| {
            if second(sale) {
                sale.header.number.counter = 7
            }
        },
        "its receipt number is 7, 2 comes next",
    );
    says(
        &|sale| {
            if second(sale) {
                sale.perpetual.grand_total_minor -= 1
            }
        },
        "its lifetime totals don't go on",
    );
    says(
        &|sale| {
            if second(sale) {
                sale.header.time.0 += 1
            }
        },
        "its kind or time is not that of its entry",
    );
    says(
        &|sale| {
            if second(sale) {
                sale.header.drawer_session = DrawerSessionId::from_bytes([9; 16])
            }
        },
        "its drawer was never opened",
    );
    says(
        &|sale| {
            if second(sale) {
                sale.header.register = RegisterId::from_bytes([9; 16])
            }
        },
        "another register or incarnation",
    );
}

#[test]
fn counters_must_be_where_the_journal_ends() {
    let store = busy_shop();
    let counter = |name: &'static str| {
        move |table: &str, row: &mut Row| {
            if table == "counter" && *row.cell("name") == Value::from(name) {
                *row.cell("value") = Value::Int(9);
            }
            Keep::Yes
        }
    };
    named(&store, counter("receipt"), "counter receipt: it is 9, the last receipt has number 4");
    named(&store, counter("drawer"), "counter drawer: it is 9, the last session has number 1");
    let session = |table: &str, row: &mut Row| {
        if table == "drawer_session" {
            *row.cell("float") = Value::Int(1);
        }
        Keep::Yes
    };
    named(&store, session, "drawer_session 1: the float is not what the journal says");
}

#[test]
fn rows_that_no_entry_made_are_counted() {
    let store = busy_shop();
    for table in ["sale", "sale_line", "sale_tender", "sale_vat", "refund_line", "stock_move", "drawer_move"] {
        let copy = tampered(&store, |_, _| Keep::Yes);
        let definition = schema().table(table).unwrap().clone();
        let columns: Vec<&str> = definition.columns.iter().map(|column| column.name.as_str()).collect();
        let mut values = store.scan(&Query::over(table).limit(1)).unwrap().row(0);
        let foreign = aurapos_contract::Uuid::from_u128(rand_id());
        for (column, value) in definition.columns.iter().zip(&mut values) {
            if definition.key.contains(&column.name) && matches!(value, Value::Uuid(_)) {
                *value = Value::Uuid(foreign);
            } else if column.name == "receipt_no" {
                *value = Value::from("R9-1-000001");
            }
        }
        let id = aurapos_contract::Uuid::from_u128(rand_id());
        let mut transaction = Transaction { id, time: 1, ..Transaction::default() };
        transaction.push(OperationKind::Insert, table, &columns, vec![values]);
        copy.commit(&transaction).unwrap();
        let report = check_all(&copy);
        let rows = crate::queries::count(&copy, table, Vec::new()).unwrap();
        let expected = format!("{table}: the table has {rows} rows, the journal makes {}", rows - 1);
        assert!(report.problems.iter().any(|problem| problem.message == expected), "{table}: {:?}", report.problems);
    }
}
