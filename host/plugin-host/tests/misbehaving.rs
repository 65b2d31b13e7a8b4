//! What becomes of a plugin that panics, hangs, lies, or takes the program down.
#![allow(clippy::unwrap_used)]

mod shop;

use aurapos_contract::host::NoProgress;
use aurapos_contract::payment::{PaymentIntent, PaymentState};
use aurapos_contract::query::Query;
use aurapos_contract::schema::{Column, Schema, Table};
use aurapos_contract::transaction::Transaction;
use aurapos_contract::{ColumnType, ErrorCode, Settings, Uuid};
use aurapos_plugin_host::{Code, Instance, PluginHost, PluginHostOptions, PluginState};
use shop::Shop;
use std::process::Command;
use std::time::{Duration, Instant};

fn state(host: &PluginHost) -> (PluginState, Option<Code>, u64) {
    let [status] = host.list().try_into().unwrap();
    (status.state, status.refusal.map(|refusal| refusal.code), status.panics)
}

#[test]
fn a_thousand_panics_are_a_thousand_errors() {
    let shop = Shop::new();
    let host = shop.host_with("unruly");
    let payment = host.payment(&shop.unruly("begin panics")).unwrap();
    for _ in 0..1000 {
        let answer = payment.begin(&PaymentIntent::default(), &NoProgress).unwrap();
        assert_eq!(answer.state, PaymentState::Unknown, "whether money moved, nobody knows");
        assert!(answer.message.contains("begin went wrong (") && answer.message.contains("unruly.rs:"), "{answer:?}");
    }
    assert_eq!(payment.query_status(&PaymentIntent::default()).unwrap().state, PaymentState::Declined);
    assert_eq!(state(&host), (PluginState::Loaded, Some(Code::Panicked), 1000));
}

#[test]
fn panics_while_starting_cleaning_up_or_in_a_thread_are_told_apart() {
    let shop = Shop::new();
    let host = shop.host_with("unruly");
    let refused = |how: &str| host.payment(&shop.unruly(how)).unwrap_err();
    assert_eq!(refused("factory panics").code, Code::FactoryPanic);
    let refusal = refused("factory refuses");
    assert_eq!((refusal.code, refusal.next.as_str()), (Code::Factory, "Plug it in."));
    drop(host.payment(&shop.unruly("drop panics")).unwrap());
    assert_eq!(state(&host), (PluginState::Loaded, Some(Code::PanickedInDrop), 2));
    let payment = host.payment(&shop.unruly("begin thread panics")).unwrap();
    assert_eq!(payment.begin(&PaymentIntent::default(), &NoProgress).unwrap().state, PaymentState::Approved);
    assert_eq!(state(&host), (PluginState::Loaded, Some(Code::PanickedOutside), 3));
    drop(payment);
    // Health said "perfectly well".
    assert_eq!(refused("capabilities panics").code, Code::LyingHealth);
    assert_eq!(state(&host).0, PluginState::Quarantined);
}

#[test]
fn a_hanging_payment_is_unknown_and_the_plugin_is_quarantined() {
    let shop = Shop::new();
    drop(shop.host_with("unruly"));
    let host = shop.impatient_host();
    let payment = host.payment(&shop.unruly("begin hangs")).unwrap();
    let start = Instant::now();
    let answer = payment.begin(&PaymentIntent::default(), &NoProgress).unwrap();
    assert_eq!(answer.state, PaymentState::Unknown);
    assert!(start.elapsed() >= Duration::from_millis(300));
    // Asking goes on, beginning does not.
    assert_eq!(payment.query_status(&PaymentIntent::default()).unwrap().state, PaymentState::Declined);
    let error = payment.begin(&PaymentIntent::default(), &NoProgress).unwrap_err();
    assert_eq!(error.code, ErrorCode::Closed);
    assert_eq!(state(&host).1, Some(Code::Hung));
    payment.cancel(Uuid::nil()).unwrap();
    // The next start knows, until the owner lifts it.
    let next = shop.host();
    assert_eq!(next.payment(&shop.unruly("")).unwrap_err().code, Code::Hung);
    assert_eq!(next.quarantine()[0].call, "begin");
    next.enable("unruly").unwrap();
    assert!(next.payment(&shop.unruly("")).is_ok());
}

#[test]
fn a_line_that_is_cut_is_not_a_payment_that_was_not_begun() {
    let shop = Shop::new();
    let host = shop.host_with("unruly");
    let payment = host.payment(&shop.unruly("begin is cut")).unwrap();
    let answer = payment.begin(&PaymentIntent::default(), &NoProgress).unwrap();
    assert_eq!(answer.state, PaymentState::Unknown, "{answer:?}");
    assert!(answer.message.contains("closed the line"), "{answer:?}");
}

#[test]
fn a_factory_that_hangs_is_given_up() {
    let shop = Shop::new();
    drop(shop.host_with("unruly"));
    let mut options = shop.options();
    options.deadlines.start = Duration::from_millis(300);
    let host = PluginHost::open(options);
    // Loading itself may be slow here; it is done before the factory's deadline counts.
    host.payment(&shop.unruly("")).unwrap();
    assert_eq!(host.payment(&shop.unruly("factory hangs")).unwrap_err().code, Code::FactoryHung);
    assert_eq!(state(&host), (PluginState::Quarantined, Some(Code::FactoryHung), 0));
}

#[test]
fn a_hung_commit_is_found_out_by_its_id_and_goes_on_when_it_comes_back() {
    let shop = Shop::new();
    drop(shop.host_with("unruly"));
    let host = shop.impatient_host();
    let storage = host.storage(&shop.unruly("commit hangs")).unwrap();
    let store = storage.open(&Settings::default()).unwrap();
    let transaction = Transaction { id: Uuid::from_u64_pair(0, 1), ..Default::default() };
    assert_eq!(store.commit(&transaction).unwrap_err().code, ErrorCode::Timeout);
    assert_eq!(state(&host), (PluginState::Hung, Some(Code::StoreHung), 0));
    let error = store.commit(&transaction).unwrap_err();
    assert_eq!(error.code, ErrorCode::Busy, "not begun beside the hung one: {error}");
    assert!(store.outcome(transaction.id).unwrap().committed.is_some());
    let error = store.outcome(Uuid::max()).unwrap_err();
    assert_eq!(error.code, ErrorCode::Busy, "what is not there may still come: {error}");
    // The disk wakes up (here: another call lets the hung one go); the lane serves again.
    store.wait(&[], 0).unwrap();
    let mut again = store.commit(&transaction);
    while again.as_ref().is_err_and(|error| error.code == ErrorCode::Busy) {
        std::thread::yield_now();
        again = store.commit(&transaction);
    }
    assert!(again.is_ok(), "{again:?}");
    assert!(store.outcome(Uuid::max()).unwrap().committed.is_none(), "now it is certain");
    assert!(host.quarantine().is_empty());
    assert_eq!(state(&host).0, PluginState::Loaded);
}

#[test]
fn a_store_is_opened_anew_after_a_panic() {
    let shop = Shop::new();
    let host = shop.host_with("unruly");
    let storage = host.storage(&shop.unruly("commit panics once")).unwrap();
    let store = storage.open(&Settings::default()).unwrap();
    let error = store.commit(&Transaction::default()).unwrap_err();
    assert_eq!(error.code, ErrorCode::Panic);
    assert_eq!(store.commit(&Transaction::default()).unwrap().position, 1);
}

#[test]
fn damaged_rows_and_contradictions_are_named_and_quarantined() {
    let column = |name: &str, kind| Column { name: name.into(), kind, ..Default::default() };
    let columns = vec![column("id", ColumnType::Int), column("name", ColumnType::Text)];
    let tables = vec![Table { name: "product".into(), columns, key: vec!["id".into()], ..Default::default() }];
    let schema = Schema { major: 1, minor: 0, tables };
    for (how, words) in [("scan cut", "offset"), ("scan utf8", "UTF-8"), ("scan columns", "name is missing")] {
        let shop = Shop::new();
        let host = shop.host_with("unruly");
        let store = host.storage(&shop.unruly(how)).unwrap().open(&Settings::default()).unwrap();
        store.migrate(&schema).unwrap();
        let error = store.scan(&Query::over("product")).unwrap_err();
        assert_eq!(error.code, ErrorCode::BadMessage, "{how}: {error}");
        assert!(error.message.contains(words), "{how}: {error}");
        assert_eq!(state(&host).1, Some(Code::BadRows), "{how}");
        assert_eq!(
            store.commit(&Transaction::default()).unwrap_err().code,
            ErrorCode::Closed,
            "nothing new is written"
        );
    }
    let shop = Shop::new();
    let host = shop.host_with("unruly");
    let copy = host.storage(&shop.unruly("")).unwrap().open_copy("a.db");
    assert!(copy.unwrap_err().message.contains("open for writing"));
    assert_eq!(state(&host).1, Some(Code::LyingHealth));
    let shop = Shop::new();
    let host = shop.host_with("unruly");
    let _payment = host.payment(&shop.unruly("")).unwrap();
    host.report_wrong_answer("unruly", "begin", "change of 3.00 where 2.00 is due").unwrap();
    assert_eq!(state(&host), (PluginState::Quarantined, Some(Code::WrongAnswer), 0));
}

/// Not a test of its own: the process that dies when [`dies`] starts it.
#[test]
fn dying_process() {
    let (Ok(folder), Ok(how)) = (std::env::var("AURAPOS_TEST_SHOP"), std::env::var("AURAPOS_TEST_HOW")) else { return };
    let shop = Shop::new();
    let options = PluginHostOptions {
        probe_program: shop.options().probe_program,
        builtin_dir: None,
        ..PluginHostOptions::in_folders(folder.as_ref(), folder.as_ref())
    };
    let host = PluginHost::open(options);
    let storage = host.storage(&shop.unruly(&how)).unwrap();
    let store = storage.open(&Settings::default()).unwrap();
    if how == "commit hangs" {
        // In the middle of a commit, the power goes.
        let _ = std::thread::spawn(|| {
            std::thread::yield_now();
            let pid = std::process::id().to_string();
            Command::new("kill").args(["-9", &pid]).status()
        });
    }
    let _ = store.commit(&Transaction::default());
    unreachable!("the process is gone");
}

fn dies(how: &str) -> Option<Code> {
    let shop = Shop::new();
    drop(shop.host_with("unruly"));
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["dying_process", "--exact", "--nocapture"])
        .env("AURAPOS_TEST_SHOP", shop.folder.path())
        .env("AURAPOS_TEST_HOW", how)
        .output()
        .unwrap();
    assert!(!status.status.success() && status.status.code() != Some(101), "{how}: {status:?}");
    let only_looking = PluginHost::open(PluginHostOptions { look_only: true, ..shop.options() });
    assert_eq!(state(&only_looking).0, PluginState::Ready, "who only looks changes nothing");
    let host = shop.host();
    let refusal = host.storage(&shop.unruly("")).err();
    if let Some(refusal) = &refusal {
        assert!(refusal.message.contains("commit"), "{refusal}");
        host.enable("unruly").unwrap();
    }
    assert!(host.storage(&shop.unruly("")).is_ok());
    refusal.map(|refusal| refusal.code)
}

#[test]
fn who_takes_the_program_down_is_named_at_the_next_start() {
    assert_eq!(dies("commit aborts"), Some(Code::Crashed));
    assert_eq!(dies("commit overflows"), Some(Code::Crashed));
    assert_eq!(dies("commit exits"), Some(Code::Exited));
    assert_eq!(dies("commit hangs"), None, "kill -9 is nobody's fault");
}

#[test]
fn instances_are_apart() {
    let shop = Shop::new();
    let host = shop.host_with("unruly");
    let good = host.payment(&shop.unruly("")).unwrap();
    let bad = host.payment(&Instance { name: "bad".into(), ..shop.unruly("begin panics") }).unwrap();
    assert_eq!(bad.begin(&PaymentIntent::default(), &NoProgress).unwrap().state, PaymentState::Unknown);
    assert_eq!(good.begin(&PaymentIntent::default(), &NoProgress).unwrap().state, PaymentState::Approved);
}
