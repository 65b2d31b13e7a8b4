//! The open register: imports, backups, plugins, preferences, and that nobody who asks has to wait.

#![allow(clippy::unwrap_used)]

mod common;

use aurapos_app::{RuntimeHost, sample};
use aurapos_runtime::engine::Event;
use aurapos_runtime::engine::command::Command;
use aurapos_runtime::engine::queries::Reading;
use aurapos_ui::host::{
    CALLED_OFF, CallResult, Cancel, CatalogSource, Closing, Host, HostEvent, Opening, Plugin, PluginState,
    PluginSwitch, Topic, Trouble,
};
use common::{
    PATIENCE, Shop, ask, count, expect, host, install_stranger, manager, no_progress, open, options, ready, sign_in,
};
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;

#[test]
fn commands_are_answered_and_events_are_heard() {
    let shop = Shop::sample(0);
    let (tell, heard) = channel();
    shop.host.listen(Arc::new(move |event| drop(tell.send(event))));
    let session = sign_in(&shop.host);
    // Whoever subscribes is heard from the next command on.
    for _ in 0..100 {
        let item =
            aurapos_runtime::engine::command::ItemRequest { code: "BOUL-001".to_owned(), quantity: None, price: None };
        ask(|answer| shop.host.submit(Some(session), Command::AddItem(item), answer)).unwrap();
        let is_ticket = |event: &HostEvent| matches!(event, HostEvent::Engine(event) if matches!(**event, Event::TicketChanged { .. }));
        if heard.try_iter().any(|event| is_ticket(&event)) {
            return;
        }
    }
    panic!("no event was heard");
}

#[test]
fn a_catalog_is_previewed_imported_and_called_off() {
    let shop = Shop::empty();
    let session = sign_in(&shop.host);
    let file = shop.folder().join("c.csv");
    fs::write(&file, "sku,name,price,vat\nA,Apple,1.00,6\nB,,1.00,6\n").unwrap();
    let source = CatalogSource::File(file);
    let found = ask(|answer| shop.host.preview_catalog(Some(session), source.clone(), None, Cancel::default(), answer))
        .unwrap();
    assert_eq!((found.report.added, found.report.rejected_count, found.rows.len()), (1, 1, 1));
    assert_eq!(count(&shop.folder(), "product"), 0, "a preview changes nothing");
    let import =
        |cancel: Cancel| ask(|answer| shop.host.import_catalog(session, source.clone(), no_progress(), cancel, answer));
    let called_off = Cancel::default();
    called_off.ask();
    assert_eq!(import(called_off).unwrap_err().code, CALLED_OFF);
    assert_eq!(count(&shop.folder(), "product"), 0);
    assert_eq!(import(Cancel::default()).unwrap().added, 1);
    assert_eq!(count(&shop.folder(), "product"), 1);
    assert_eq!(import(Cancel::default()).unwrap().unchanged, 1);
}

#[test]
fn backups_are_made_checked_and_put_back() {
    let shop = Shop::sample(3);
    let host = &shop.host;
    let mia = manager(host);
    assert!(matches!(ask(|answer| host.closing(answer)), Closing::BackupDue));
    let view = ask(|answer| host.back_up(mia, no_progress(), Cancel::default(), answer)).unwrap();
    let made = view.list.iter().find(|backup| backup.kind == "daily").unwrap().clone();
    assert!(made.verified && made.problem.is_empty() && made.sales == 3, "{made:?}");
    assert!(made.path.contains("Backups") && view.folder.ends_with("Backups") && view.keeps == "10/7", "{view:?}");
    ask(|answer| host.close_backup(no_progress(), Cancel::default(), answer)).unwrap();
    assert!(matches!(ask(|answer| host.closing(answer)), Closing::Now));
    let view =
        ask(|answer| host.verify_backup(mia, made.name.clone(), no_progress(), Cancel::default(), answer)).unwrap();
    assert!(view.list.iter().find(|one| one.name == made.name).unwrap().verified);
    let missing = ask(|answer| host.restore(mia, "gone.db".to_owned(), no_progress(), Cancel::default(), answer));
    missing.unwrap_err();
    assert_eq!(count(&shop.folder(), "sale"), 3, "a restore that is refused leaves the register open");
    ask(|answer| host.restore(mia, made.name.clone(), no_progress(), Cancel::default(), answer)).unwrap();
    let facts = ready(host);
    assert!(!facts.new_incarnation.is_empty(), "{facts:?}");
    assert_eq!(count(&shop.folder(), "sale"), 3);
    host.end();
    fs::write(shop.folder().join("AuraPOS.db"), "nothing").unwrap();
    let rescued = common::host(&shop.folder());
    assert!(matches!(open(&rescued), Opening::Refused(_)));
    assert!(ask(|answer| rescued.backups(None, answer)).unwrap().list.iter().any(|one| one.name == made.name));
    ask(|answer| rescued.restore(None, made.name.clone(), no_progress(), Cancel::default(), answer)).unwrap();
    ready(&rescued);
    assert_eq!(count(&shop.folder(), "sale"), 3);
}

#[test]
fn a_backup_that_is_called_off_leaves_nothing() {
    let shop = Shop::sample(1);
    let cancel = Cancel::default();
    cancel.ask();
    let mia = manager(&shop.host);
    let answer = ask(|answer| shop.host.back_up(mia, no_progress(), cancel, answer));
    assert_eq!(answer.unwrap_err().code, CALLED_OFF);
    let view = ask(|answer| shop.host.backups(mia, answer)).unwrap();
    assert!(view.list.is_empty() && view.due, "{view:?}");
}

#[test]
fn plugins_are_listed_and_switched() {
    let shop = Shop::sample(0);
    let find = |list: &[Plugin], id: &str| list.iter().find(|plugin| plugin.id == id).unwrap().clone();
    let mia = manager(&shop.host);
    let list = ask(|answer| shop.host.plugins(mia, answer)).unwrap();
    let cash = find(&list, "cash");
    assert_eq!((cash.state, cash.switchable, cash.built_in), (PluginState::Active, true, true));
    assert!(cash.kind == "payment" && cash.instances == ["cash"] && !cash.version.is_empty(), "{cash:?}");
    assert!(!cash.description.is_empty());
    assert_eq!(find(&list, "file-printer").state, PluginState::Off);
    assert!(!find(&list, "sqlite").switchable);
    let list = ask(|answer| shop.host.switch_plugin(mia, "cash".to_owned(), PluginSwitch::Off, answer)).unwrap();
    assert_eq!(find(&list, "cash").state, PluginState::AfterRestart);
    let refused =
        ask(|answer| shop.host.switch_plugin(mia, "sqlite".to_owned(), PluginSwitch::Off, answer)).unwrap_err();
    assert_eq!(refused.code, "AP-0907");
    shop.host.end();
    let again = host(&shop.folder());
    ready(&again);
    assert_eq!(find(&ask(|answer| again.plugins(manager(&again), answer)).unwrap(), "cash").state, PluginState::Off);
    let list = ask(|answer| again.switch_plugin(manager(&again), "cash".to_owned(), PluginSwitch::On, answer)).unwrap();
    assert_eq!(find(&list, "cash").state, PluginState::AfterRestart);
    again.end();
    let again = host(&shop.folder());
    ready(&again);
    assert_eq!(find(&ask(|answer| again.plugins(manager(&again), answer)).unwrap(), "cash").state, PluginState::Active);
}

#[test]
fn a_strangers_plugin_is_switched_on_only_with_the_owners_consent() {
    let shop = Shop::sample(0);
    install_stranger(&shop.folder());
    let mia = manager(&shop.host);
    let settings = || fs::read_to_string(shop.folder().join("aurapos.toml")).unwrap();
    let before = settings();
    let switch = |to| {
        let list = ask(|answer| shop.host.switch_plugin(mia, "acme-pay".to_owned(), to, answer))?;
        Ok(list.into_iter().find(|plugin| plugin.id == "acme-pay").unwrap())
    };
    let list = ask(|answer| shop.host.plugins(mia, answer)).unwrap();
    let acme = list.iter().find(|plugin| plugin.id == "acme-pay").unwrap();
    assert!(acme.needs_consent && acme.state == PluginState::Off, "{acme:?}");
    assert!(list.iter().filter(|plugin| plugin.built_in).all(|plugin| !plugin.needs_consent));
    let refused: Trouble = switch(PluginSwitch::On).unwrap_err();
    assert_eq!((refused.code.as_str(), settings()), ("P-132", before));
    let acme = switch(PluginSwitch::OnInsideTheRegister).unwrap();
    assert!(!acme.needs_consent && acme.state == PluginState::AfterRestart, "{acme:?}");
    assert!(settings().contains("isolation = \"in-process\""));
    // Said once, until the settings say otherwise.
    switch(PluginSwitch::Off).unwrap();
    switch(PluginSwitch::On).unwrap();
    let file = shop.folder().join("aurapos.toml");
    fs::write(&file, settings().replace("isolation = \"in-process\"\n", "")).unwrap();
    assert_eq!(switch(PluginSwitch::On).unwrap_err().code, "P-132");
}

#[test]
fn a_plugin_that_the_settings_name_and_nobody_has_is_told() {
    let shop = Shop::sample(0);
    shop.host.end();
    let file = shop.folder().join("aurapos.toml");
    let text = fs::read_to_string(&file).unwrap() + "\n[[payment]]\nname = \"card\"\nuse = \"acme-pay\"\n";
    fs::write(&file, text).unwrap();
    let host = host(&shop.folder());
    let facts = ready(&host);
    assert_eq!((facts.refused.len(), facts.refused[0].name.as_str()), (1, "card"));
    let list = ask(|answer| host.plugins(manager(&host), answer)).unwrap();
    let acme = list.iter().find(|plugin| plugin.id == "acme-pay").unwrap();
    assert_eq!(acme.state, PluginState::Refused);
    assert!(acme.trouble.as_ref().is_some_and(|trouble| trouble.code.starts_with("P-")), "{acme:?}");
}

#[test]
fn nothing_waits_while_the_engine_and_the_readers_are_held() {
    let shop = Shop::sample(0);
    let host = Arc::new(shop.host);
    let session = sign_in(&host);
    // The engine's thread stands in an answer, both readers in a job, and every desk behind a gate.
    let (gate, closed) = channel::<()>();
    let closed = Arc::new(std::sync::Mutex::new(closed));
    let stand = |closed: &Arc<std::sync::Mutex<std::sync::mpsc::Receiver<()>>>| {
        let closed = closed.clone();
        move || {
            let _ = closed.lock().unwrap().recv();
        }
    };
    let (engine_stands, stands) = channel();
    let wait = stand(&closed);
    let held = Box::new(move |_: CallResult| {
        engine_stands.send(()).unwrap();
        wait();
    });
    host.submit(Some(session), Command::ShowTicket, held);
    stands.recv_timeout(PATIENCE).unwrap();
    for _ in 0..2 {
        let wait = stand(&closed);
        host.read(None, Topic::Other, Box::new(move |_| wait()));
    }
    let mia = Some(session);
    // All of it is asked on another thread, which comes back although nothing is answered.
    let (asked, comes_back) = channel();
    let (asks, answers) = (host.clone(), Arc::new(AtomicBool::new(false)));
    let answered = answers.clone();
    let (replies, all) = channel();
    std::thread::spawn(move || {
        for number in 0..300 {
            let (replies, answered) = (replies.clone(), answered.clone());
            let answer = Box::new(move |result| {
                answered.store(true, Ordering::SeqCst);
                replies.send((number, result)).unwrap();
            });
            asks.submit(Some(session), Command::DrawerStatus, answer);
        }
        asks.read(None, Topic::Search, Box::new(|_| {}));
        asks.preview_catalog(mia, CatalogSource::Sample, None, Cancel::default(), Box::new(|_| {}));
        asks.import_catalog(session, CatalogSource::Sample, no_progress(), Cancel::default(), Box::new(|_| {}));
        asks.back_up(mia, no_progress(), Cancel::default(), Box::new(|_| {}));
        asks.verify_backup(mia, "x".to_owned(), no_progress(), Cancel::default(), Box::new(|_| {}));
        asks.backups(mia, Box::new(|_| {}));
        asks.plugins(mia, Box::new(|_| {}));
        asks.backup_state(Box::new(|_| {}));
        asks.restore(None, "x".to_owned(), no_progress(), Cancel::default(), Box::new(|_| {}));
        asks.closing(Box::new(|_| {}));
        asks.close_backup(no_progress(), Cancel::default(), Box::new(|_| {}));
        asks.folder(mia, None, "csv", Box::new(|_| {}));
        asks.open(Box::new(|_| {}));
        asks.listen(Arc::new(|_| {}));
        let _ = (asks.about(), asks.preferences(), asks.local(asks.now()));
        asked.send(()).unwrap();
    });
    comes_back.recv_timeout(PATIENCE).expect("nobody who asks waits");
    drop(gate);
    let results: Vec<_> = (0..300).map(|_| all.recv_timeout(PATIENCE).unwrap()).collect();
    let done = results.iter().filter(|(_, result)| result.is_ok()).count();
    let busy = |result: &CallResult| result.as_ref().is_err_and(|error| error.code == "AP-1008");
    let refused = results.iter().filter(|(_, result)| busy(result)).count();
    assert_eq!(done + refused, 300, "each was answered once, done or told that the register is busy");
    assert!(done > 0 && refused > 0, "{done} done, {refused} refused");
}

#[test]
fn a_newer_question_takes_the_place_of_one_that_waits() {
    let shop = Shop::sample(0);
    let (gate, closed) = channel::<()>();
    let (stands, standing) = channel();
    let first = Box::new(move |_: &Reading<'_>| {
        stands.send(()).unwrap();
        let _ = closed.recv();
    });
    shop.host.read(None, Topic::Search, first);
    standing.recv_timeout(PATIENCE).unwrap();
    let (tell, told) = channel();
    for question in ["a", "ab", "abc"] {
        let tell = tell.clone();
        shop.host.read(None, Topic::Search, Box::new(move |_| tell.send(question).unwrap()));
    }
    drop(tell);
    drop(gate);
    assert_eq!(told.iter().collect::<Vec<_>>(), ["abc"]);
}

#[test]
fn quitting_calls_off_or_finishes_what_runs() {
    for finish in [false, true] {
        let place = common::scratch();
        let data = place.path().join("shop");
        sample::make(options(&data), 2).unwrap();
        let (tell, quits) = channel();
        let host = RuntimeHost::new(options(&data), Box::new(move || tell.send(()).unwrap())).unwrap();
        ready(&host);
        let (stands, standing) = channel();
        let (gate, closed) = channel::<()>();
        let closed = std::sync::Mutex::new((Some(stands), closed));
        let progress = Arc::new(move |_| {
            let mut closed = closed.lock().unwrap();
            if let Some(stands) = closed.0.take() {
                stands.send(()).unwrap();
                let _ = closed.1.recv();
            }
        });
        let (answer, done) = expect();
        host.close_backup(progress, Cancel::default(), answer);
        standing.recv_timeout(PATIENCE).unwrap();
        host.quit(finish);
        host.quit(!finish);
        quits.recv_timeout(PATIENCE).unwrap();
        assert!(quits.try_recv().is_err() && host.is_ending(), "once");
        drop(gate);
        host.end();
        let result = done.recv_timeout(PATIENCE).unwrap();
        assert_eq!(result.is_ok(), finish, "{result:?}");
        let again = common::host(&data);
        ready(&again);
        let made = ask(|answer| again.backups(manager(&again), answer)).unwrap().list;
        assert_eq!(!made.is_empty(), finish, "{made:?}");
        assert!(made.iter().all(|backup| backup.verified));
    }
}
