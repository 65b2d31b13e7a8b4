//! Panics, hangs and lies in calls. The caller gets an error and is free; the plugin is started anew, or shut out.

use super::*;
use aurapos_contract::printer::PrintJob;
use aurapos_contract::query::Query;
use aurapos_contract::transaction::Transaction;
use aurapos_contract::{ErrorCode, Uuid, codec};
use aurapos_plugin_host::PluginStatus;
use std::time::Duration;

const SHORT: Duration = Duration::from_secs(2);

fn status(host: &PluginHost, id: &str) -> PluginStatus {
    host.list().into_iter().find(|plugin| plugin.id == id).expect("it lies in the folder")
}

fn noted(host: &PluginHost, id: &str) -> Option<Code> {
    status(host, id).refusal.map(|refusal| refusal.code)
}

#[test]
fn a_thousand_panics_in_a_row() {
    let table = Table::new();
    table.put(&misbehaving());
    let host = table.place.host();
    let payment = host.payment(&table.place.instance("misbehaving", &[("how", "begin panics")])).unwrap();
    for _ in 0..1_000 {
        let answer = begin(payment.as_ref());
        assert_eq!(answer.state, PaymentState::Unknown, "nobody knows what a payment that panicked did");
        assert!(answer.message.contains("begin went wrong"), "{answer:?}");
    }
    assert_eq!(status(&host, "misbehaving").panics, 1_000);
    assert_eq!(noted(&host, "misbehaving"), Some(Code::Panicked));
    assert_eq!(payment.query_status(&intent()).unwrap().state, PaymentState::Declined, "the object was made anew");
    assert!(host.quarantine().is_empty(), "a panic is no reason to shut a plugin out");
    stores_go_on(&table.place, &host);
}

#[test]
fn panics_in_other_calls() {
    let table = Table::new();
    table.put(&misbehaving());
    let host = table.place.host();
    let make = |how: &str| table.place.instance("misbehaving", &[("how", how)]);

    let grenade = host.payment(&make("begin panics with a grenade")).unwrap();
    assert_eq!(begin(grenade.as_ref()).state, PaymentState::Unknown);
    // Two drivers of one terminal: the second one is refused while the first one is there.
    let second = host.payment(&make("nothing")).map(drop).unwrap_err();
    assert_eq!(second.code, Code::StillBusy, "{second}");
    drop(grenade);
    let error = host.payment(&make("cancel panics")).unwrap().cancel(Uuid::nil()).unwrap_err();
    assert_eq!(error.code, ErrorCode::Panic);
    let error = host.printer(&make("print panics")).unwrap().print(&PrintJob::default()).unwrap_err();
    assert_eq!(error.code, ErrorCode::Panic, "{error}");
    assert_eq!(noted(&host, "misbehaving"), Some(Code::Panicked));

    let storage = host.storage(&make("commit panics")).unwrap();
    let store = storage.open(&Settings::default()).unwrap();
    for _ in 0..3 {
        let error = store.commit(&Transaction::default()).unwrap_err();
        assert_eq!(error.code, ErrorCode::Panic, "{error}");
    }
    assert_eq!(store.info().unwrap().engine, "Misbehaving", "the store was opened anew");
    assert_eq!(storage.open(&Settings::default()).unwrap().outcome(Uuid::nil()).unwrap().committed, None);

    drop(host.payment(&make("drop panics")).unwrap());
    assert_eq!(noted(&host, "misbehaving"), Some(Code::PanickedInDrop));
    let threads = host.payment(&make("begin panics in a thread")).unwrap();
    assert_eq!(begin(threads.as_ref()).state, PaymentState::Approved);
    assert_eq!(noted(&host, "misbehaving"), Some(Code::PanickedOutside));
    assert!(host.quarantine().is_empty());
    stores_go_on(&table.place, &host);
}

#[test]
fn a_hanging_payment_frees_its_caller_and_is_shut_out_until_enabled() {
    let mut table = Table::new();
    table.put(&misbehaving());
    table.place.options.deadlines.payment = SHORT;
    let host = table.place.host();
    let instance = table.place.instance("misbehaving", &[("how", "begin hangs")]);
    let payment = host.payment(&instance).unwrap();
    assert_eq!(
        begin(payment.as_ref()).state,
        PaymentState::Unknown,
        "a payment that times out is unknown, never failed"
    );
    assert_eq!(noted(&host, "misbehaving"), Some(Code::Hung));
    // What became of it must still be asked, on the lane that does not hang; nothing new is begun.
    assert_eq!(payment.query_status(&intent()).unwrap().state, PaymentState::Declined);
    let error = payment.begin(&intent(), &NoProgress).unwrap_err();
    assert!(error.message.contains("P-150"), "{error}");
    stores_go_on(&table.place, &host);
    drop((payment, host));

    let refusal = table.refused_as("after a restart", "misbehaving", &[], Code::Hung);
    assert!(refusal.message.contains("begin"), "it names the call: {refusal}");
    let host = table.place.host();
    host.enable("misbehaving").unwrap();
    let payment = host.payment(&table.place.instance("misbehaving", &[])).unwrap();
    assert_eq!(begin(payment.as_ref()).state, PaymentState::Approved);
}

#[test]
fn hanging_control_devices_and_drops() {
    let mut table = Table::new();
    table.put(&misbehaving());
    let deadlines = &mut table.place.options.deadlines;
    (deadlines.control, deadlines.device, deadlines.close) = (SHORT, SHORT, SHORT);
    let hang = |how: &str, call: &dyn Fn(&PluginHost, &aurapos_plugin_host::Instance)| {
        let host = table.place.host();
        call(&host, &table.place.instance("misbehaving", &[("how", how)]));
        assert_eq!(noted(&host, "misbehaving"), Some(Code::Hung), "{how}");
        goes_on(&table.place, &host);
        host.enable("misbehaving").unwrap();
    };
    hang("query_status hangs", &|host, instance| {
        let error = host.payment(instance).unwrap().query_status(&intent()).unwrap_err();
        assert_eq!(error.code, ErrorCode::Timeout, "{error}");
    });
    hang("print hangs", &|host, instance| {
        let error = host.printer(instance).unwrap().print(&PrintJob::default()).unwrap_err();
        assert_eq!(error.code, ErrorCode::Timeout, "{error}");
    });
    hang("drop hangs", &|host, instance| drop(host.payment(instance).unwrap()));
}

/// A slow disk is no fault of the storage plugin: selling stops, but the shop is not locked out of its own data.
#[test]
fn a_hanging_store_is_in_doubt_and_not_shut_out() {
    let mut table = Table::new();
    table.put(&misbehaving());
    table.place.options.deadlines.commit = SHORT;
    let host = table.place.host();
    let storage = host.storage(&table.place.instance("misbehaving", &[("how", "commit hangs")])).unwrap();
    let store = storage.open(&Settings::default()).unwrap();
    let error = store.commit(&Transaction::default()).unwrap_err();
    assert_eq!(error.code, ErrorCode::Timeout, "{error}");
    assert_eq!(noted(&host, "misbehaving"), Some(Code::StoreHung));
    let error = store.outcome(Uuid::nil()).unwrap_err();
    assert_eq!(error.code, ErrorCode::Busy, "asked, but it may still happen: {error}");
    store.info().expect("reads have a lane of their own");
    let error = store.commit(&Transaction::default()).unwrap_err();
    assert_eq!(error.code, ErrorCode::Busy, "never a second commit beside the one that hangs: {error}");
    assert!(error.message.contains("has been busy with `commit`"), "refused at once, not after a wait: {error}");
    assert!(host.quarantine().is_empty());
    stores_go_on(&table.place, &host);
    drop(
        table
            .place
            .host()
            .storage(&table.place.instance("misbehaving", &[]))
            .expect("after a restart it is tried again"),
    );
}

#[test]
fn answers_that_cannot_be_read() {
    let mut table = Table::new();
    table.place.put("evil", RAW, &example("hostile_raw"));
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let answer = codec::encode(&PaymentAnswer { message: "as it should be".into(), ..Default::default() });
    let whole = [&[0x81], answer.as_slice()].concat();
    let mut long = whole.clone();
    long.extend([1, 2, 3]);
    let cases: [(&str, &str, Vec<u8>); 7] = [
        ("no bytes at all", "answer", Vec::new()),
        ("another type", "answer", [&[99], &whole[1..]].concat()),
        ("half an answer", "answer", whole[..whole.len() / 2].to_vec()),
        ("an answer and a half", "answer", long),
        ("a length beyond everything", "answer", [&whole[..3], &[0xff; 8]].concat()),
        ("an error that is none", "error", vec![0xff; 20]),
        ("an error cut short", "error", vec![1]),
    ];
    for (what, key, bytes) in cases {
        let host = table.place.host();
        let payment = host.payment(&table.place.instance("raw", &[(key, &hex(&bytes))])).unwrap();
        let answer = begin(payment.as_ref());
        assert_eq!(answer.state, PaymentState::Unknown, "{what}: {answer:?}");
        assert_eq!(noted(&host, "raw"), Some(Code::BadAnswer), "{what}");
        goes_on(&table.place, &host);
        drop((payment, host));
        table.refused_as(what, "raw", &[], Code::BadAnswer);
        table.place.host().enable("raw").unwrap();
    }
}

/// The largest message there is, a byte an item: refused before it becomes hundreds of megabytes.
#[test]
fn an_answer_that_would_fill_the_memory() {
    let mut table = Table::new();
    table.place.put("evil", RAW, &example("hostile_raw"));
    let host = table.place.host();
    let payment = host.payment(&table.place.instance("raw", &[("answer", "bomb")])).unwrap();
    let answer = begin(payment.as_ref());
    assert_eq!(answer.state, PaymentState::Unknown, "{answer:?}");
    assert!(answer.message.contains("bytes of memory"), "{answer:?}");
    assert_eq!(noted(&host, "raw"), Some(Code::BadAnswer));
    goes_on(&table.place, &host);
    drop((payment, host));
    table.refused_as("a bomb of items", "raw", &[], Code::BadAnswer);
}

/// The engine computes every answer again; what it finds wrong is reported here.
#[test]
fn a_wrong_answer_that_was_reported_shuts_the_plugin_out() {
    let mut table = Table::new();
    table.put(&misbehaving());
    let host = table.place.host();
    let payment = host.payment(&table.place.instance("misbehaving", &[("how", "change too much")])).unwrap();
    assert_eq!(begin(payment.as_ref()).change_minor, 150, "50 were due back");
    let refusal = host.report_wrong_answer("misbehaving", "begin", "150 given back of 50").unwrap();
    assert_eq!(refusal.code, Code::WrongAnswer);
    assert!(payment.begin(&intent(), &NoProgress).unwrap_err().message.contains("P-157"));
    drop((payment, host));
    table.refused("after a restart", Code::WrongAnswer);
}

#[test]
fn a_scan_that_panics_is_only_an_error() {
    let table = Table::new();
    table.put(&misbehaving());
    let host = table.place.host();
    let storage = host.storage(&table.place.instance("misbehaving", &[("how", "scan panics")])).unwrap();
    let store = storage.open(&Settings::default()).unwrap();
    assert_eq!(store.scan(&Query::over("product")).unwrap_err().code, ErrorCode::Panic);
    assert!(host.quarantine().is_empty());
}

/// After a panic nobody knows what the object is like inside: the next call meets another one.
#[test]
fn a_panic_costs_the_object() {
    let table = Table::new();
    table.put(&misbehaving());
    let host = table.place.host();
    let how = [("how", "begin panics the first time")];
    let payment = host.payment(&table.place.instance("misbehaving", &how)).unwrap();
    assert_eq!(begin(payment.as_ref()).state, PaymentState::Unknown);
    for _ in 0..2 {
        assert_eq!(begin(payment.as_ref()).reference, "object 2");
    }
}

/// A program that opens its register anew has a new host over a library that is in the process already.
#[test]
fn a_second_host_in_the_process_hears_of_panics_too() {
    let table = Table::new();
    table.put(&misbehaving());
    for _ in 0..2 {
        let host = table.place.host();
        let payment = host.payment(&table.place.instance("misbehaving", &[("how", "begin panics")])).unwrap();
        assert_eq!(begin(payment.as_ref()).state, PaymentState::Unknown);
        drop(payment);
        let status = status(&host, "misbehaving");
        assert_eq!((status.panics, noted(&host, "misbehaving")), (1, Some(Code::Panicked)));
    }
}
