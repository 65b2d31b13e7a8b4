//! Every method of the host, for every role, in the built program: what is refused is refused by the name of the right,
//! before anything of it is done; and what works without anybody does so only while no register is open.

#![allow(clippy::unwrap_used)]

mod common;

use aurapos_app::{RuntimeHost, sample};
use aurapos_runtime::domain::people::Permission;
use aurapos_runtime::engine::command::people::PeopleCommand;
use aurapos_runtime::engine::command::{BackupNote, Command, SessionId};
use aurapos_runtime::engine::queries::{Reading, SalesSearch};
use aurapos_runtime::engine::{EngineError, MachineIdentity};
use aurapos_runtime::locale::Language;
use aurapos_ui::host::{
    Cancel, CatalogSource, Host, HostResult, JoinWish, Opening, Pairing, PluginSwitch, Preferences, RegisterDeed,
    ServerDeed, StorageWish, Tested, Ticket, Topic, Trouble,
};
use common::{PATIENCE, Shop, ask, expect, host, no_progress, open, ready, sign_in, sign_in_as};
use std::fs;
use std::path::PathBuf;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

const LOCKED: &str = "AP-5005";
const OUT: &str = "AP-5001";
const CLOSED: &str = "AP-0903";
const THERE: &str = "AP-1002";

/// `""`: allowed; otherwise the right that is missing, or the code.
fn told<T>(result: Result<T, Trouble>) -> String {
    match result {
        Err(Trouble { missing: Some((who, right)), code, message, next }) => {
            assert!(code == "AP-5002" && message.contains(&who) && !next.is_empty());
            assert!(message.contains(&right.code().replace('_', " ")), "{message}");
            right.code().to_owned()
        }
        Err(trouble) if [LOCKED, OUT, CLOSED, THERE, "AP-5002"].contains(&trouble.code.as_str()) => trouble.code,
        // Refused for what it is, and not for who asks.
        _ => String::new(),
    }
}

type As = Option<SessionId>;
type Method = (&'static str, Box<dyn Fn(&RuntimeHost, As) -> String>);

fn read<T: Send + 'static>(
    host: &RuntimeHost,
    who: As,
    question: impl Fn(&Reading<'_>) -> Result<T, EngineError> + Send + 'static,
) -> String {
    let answer = ask(|answer| host.read(who, Topic::Other, Box::new(move |reading| answer(question(reading)))));
    told(answer.map_err(Trouble::from))
}

fn command(host: &RuntimeHost, who: As, command: Command) -> String {
    told(ask(|answer| host.submit(who, command, answer)).map_err(Trouble::from))
}

fn method(name: &'static str, call: impl Fn(&RuntimeHost, As) -> String + 'static) -> Method {
    (name, Box::new(call))
}

/// Everything of the host that changes or reveals something. What is asked for is harmless or impossible, so that only
/// the right decides.
fn methods() -> Vec<Method> {
    let (cancel, gone) = (Cancel::default, || "gone.db".to_owned());
    vec![
        method("backup_state", |host, _| told(ask(|answer| host.backup_state(answer)))),
        method("backups", |host, who| told(ask(|answer| host.backups(who, answer)))),
        method("back_up", move |host, who| {
            let called_off = cancel();
            called_off.ask();
            told(ask(|answer| host.back_up(who, no_progress(), called_off, answer)))
        }),
        method("verify_backup", move |host, who| {
            told(ask(|answer| host.verify_backup(who, gone(), no_progress(), cancel(), answer)))
        }),
        method("restore", move |host, who| {
            told(ask(|answer| host.restore(who, gone(), no_progress(), cancel(), answer)))
        }),
        method("show_folder", |host, who| told(ask(|answer| host.show_folder(who, "/no/such", answer)))),
        method("folder", |host, who| told(ask(|answer| host.folder(who, None, "csv", answer)))),
        method("plugins", |host, who| told(ask(|answer| host.plugins(who, answer)))),
        method("switch_plugin", |host, who| {
            let switch = |answer| host.switch_plugin(who, "no-such".to_owned(), PluginSwitch::Off, answer);
            told(ask(switch))
        }),
        method("preview_catalog", move |host, who| {
            told(ask(|answer| host.preview_catalog(who, CatalogSource::Empty, None, cancel(), answer)))
        }),
        method("import_catalog", move |host, who| {
            let who = who.unwrap_or(SessionId(99));
            told(ask(|answer| host.import_catalog(who, CatalogSource::Empty, no_progress(), cancel(), answer)))
        }),
        method("set_up", move |host, _| {
            let set_up = |answer| {
                host.set_up(
                    sample::new_shop(),
                    StorageWish::File,
                    CatalogSource::Empty,
                    no_progress(),
                    cancel(),
                    answer,
                );
            };
            told(ask(set_up))
        }),
        method("keep_preferences", |host, who| {
            let kept = host.preferences();
            told(ask(|answer| host.keep_preferences(who, Preferences { reduced_motion: true, ..kept }, answer)))
        }),
        method("keep_preferences: lock", |host, who| {
            let kept = host.preferences();
            let other = Preferences { idle_lock_minutes: kept.idle_lock_minutes + 1, ..kept };
            told(ask(|answer| host.keep_preferences(who, other, answer)))
        }),
        method("close_backup", move |host, _| {
            let called_off = cancel();
            called_off.ask();
            told(ask(|answer| host.close_backup(no_progress(), called_off, answer)))
        }),
        method("storages", |host, _| told(ask(|answer| host.storages(Language::English, answer)))),
        method("test_connection", move |host, who| {
            let tested = Tested::New(StorageWish::File);
            told(ask(|answer| host.test_connection(who, tested, Language::English, cancel(), answer)))
        }),
        method("storage", |host, who| told(ask(|answer| host.storage(who, Language::English, answer)))),
        method("change_server", move |host, who| {
            let deed = ServerDeed::Renew;
            told(ask(|answer| host.change_server(who, deed, Language::English, no_progress(), cancel(), answer)))
        }),
    ]
}

/// What the host does with the registers of the shop.
fn of_several() -> Vec<Method> {
    let cancel = Cancel::default;
    vec![
        method("registers", |host, who| told(ask(|answer| host.registers(who, answer)))),
        method("change_register", |host, who| {
            let deed = RegisterDeed::LockOut { code: "R9".to_owned() };
            told(ask(|answer| host.change_register(who, deed, answer)))
        }),
        method("invite", |host, who| told(ask(|answer| host.invite(who, "Bar".to_owned(), answer)))),
        method("save_pairing", |host, who| {
            let file = PathBuf::from("/no/such/bar.json");
            told(ask(|answer| host.save_pairing(who, Pairing::default(), file, answer)))
        }),
        method("share_shop", move |host, who| {
            let called_off = cancel();
            called_off.ask();
            told(ask(|answer| host.share_shop(who, no_progress(), called_off, answer)))
        }),
        method("be_alone", move |host, who| {
            let called_off = cancel();
            called_off.ask();
            told(ask(|answer| host.be_alone(who, true, no_progress(), called_off, answer)))
        }),
        method("others", |host, who| told(ask(|answer| host.others(who, answer)))),
        method("compare", move |host, who| told(ask(|answer| host.compare(who, no_progress(), cancel(), answer)))),
        method("join", move |host, _| {
            let wish = JoinWish {
                ticket: Ticket::Code("none".to_owned()),
                address: String::new(),
                port: None,
                database: String::new(),
                name: String::new(),
            };
            told(ask(|answer| host.join(wish, Language::English, no_progress(), cancel(), answer)))
        }),
        method("take_in", move |host, _| {
            let called_off = cancel();
            called_off.ask();
            told(ask(|answer| host.take_in(Arc::new(|_| {}), called_off, answer)))
        }),
    ]
}

/// Reads and commands through the host.
fn reads_and_commands() -> Vec<Method> {
    let machine = || MachineIdentity { token: "t".to_owned(), machine: "m".to_owned(), inode: 1 };
    let note = || BackupNote::default();
    vec![
        method("read: people", |host, who| {
            let now = host.now();
            read(host, who, move |reading| reading.people(now))
        }),
        method("read: categories", |host, who| read(host, who, |reading| reading.categories())),
        method("read: operators", |host, who| {
            let now = host.now();
            read(host, who, move |reading| reading.operators(now))
        }),
        method("read: sales", |host, who| read(host, who, |reading| reading.sales(&SalesSearch::of("", 5)))),
        method("read: settings", |host, who| read(host, who, |reading| reading.settings())),
        method("read: findings", |host, who| read(host, who, |reading| reading.findings())),
        method("submit: status", |host, who| command(host, who, Command::DrawerStatus)),
        method("submit: no sale", |host, who| command(host, who, Command::NoSale { reason: String::new() })),
        method("submit: token", move |host, who| command(host, who, Command::RotateToken { identity: machine() })),
        method("submit: note", move |host, who| command(host, who, Command::NoteBackup(note()))),
        method("submit: rescue", |host, who| {
            let rescue = PeopleCommand::RescueManager { name: sample::MANAGER.to_owned(), pin: "2581".to_owned() };
            command(host, who, Command::People(rescue))
        }),
    ]
}

/// By method: cashier, locked manager, nobody, and nobody while no register is open. A manager may all of it but what is
/// the machine's.
const TABLE: [(&str, [&str; 4]); 40] = [
    ("backup_state", ["", "", "", ""]),
    ("backups", ["backup", LOCKED, OUT, ""]),
    ("back_up", ["backup", LOCKED, OUT, CLOSED]),
    ("verify_backup", ["backup", LOCKED, OUT, ""]),
    ("restore", ["restore", LOCKED, OUT, ""]),
    ("show_folder", ["settings", LOCKED, OUT, ""]),
    ("folder", ["manage_catalog", LOCKED, OUT, ""]),
    ("plugins", ["plugins", LOCKED, OUT, CLOSED]),
    ("switch_plugin", ["plugins", LOCKED, OUT, CLOSED]),
    ("preview_catalog", ["manage_catalog", LOCKED, OUT, ""]),
    ("import_catalog", ["manage_catalog", LOCKED, OUT, CLOSED]),
    ("set_up", [THERE, THERE, THERE, ""]),
    ("keep_preferences", ["", "", "", ""]),
    ("keep_preferences: lock", ["settings", LOCKED, OUT, ""]),
    ("close_backup", ["", "", "", CLOSED]),
    ("storages", [THERE, THERE, THERE, ""]),
    ("test_connection", ["settings", LOCKED, OUT, ""]),
    ("storage", ["settings", LOCKED, OUT, CLOSED]),
    ("change_server", ["settings", LOCKED, OUT, CLOSED]),
    ("registers", ["settings", LOCKED, OUT, CLOSED]),
    ("change_register", ["settings", LOCKED, OUT, CLOSED]),
    ("invite", ["settings", LOCKED, OUT, CLOSED]),
    ("save_pairing", ["settings", LOCKED, OUT, CLOSED]),
    ("share_shop", ["settings", LOCKED, OUT, CLOSED]),
    ("be_alone", ["settings", LOCKED, OUT, CLOSED]),
    ("others", ["settings", LOCKED, OUT, CLOSED]),
    ("compare", ["settings", LOCKED, OUT, CLOSED]),
    ("join", [THERE, THERE, THERE, ""]),
    ("take_in", [THERE, THERE, THERE, ""]),
    ("read: people", ["", "", "", "-"]),
    ("read: categories", ["", "", "", "-"]),
    ("read: operators", ["manage_operators", LOCKED, OUT, "-"]),
    ("read: sales", ["", LOCKED, OUT, "-"]),
    ("read: settings", ["", LOCKED, OUT, "-"]),
    ("read: findings", ["settings", LOCKED, OUT, "-"]),
    ("submit: status", ["", "", "", ""]),
    ("submit: no sale", ["open_drawer", LOCKED, OUT, ""]),
    ("submit: token", ["AP-5002", "AP-5002", "AP-5002", "AP-5002"]),
    ("submit: note", ["AP-5002", "AP-5002", "AP-5002", "AP-5002"]),
    ("submit: rescue", ["AP-5002", "AP-5002", "AP-5002", "AP-5002"]),
];

#[test]
fn every_method_asks_for_its_right() {
    let shop = Shop::sample(1);
    let host = &shop.host;
    let (sofie, pin) = sample::CASHIERS[0];
    let cashier = Some(sign_in_as(host, sofie, pin));
    let manager = Some(sign_in(host));
    let locked = Some(sign_in(host));
    ask(|answer| host.submit(locked, Command::Lock, answer)).unwrap();
    let methods: Vec<Method> = methods().into_iter().chain(of_several()).chain(reads_and_commands()).collect();
    assert_eq!(methods.iter().map(|(name, _)| *name).collect::<Vec<_>>(), TABLE.map(|(name, _)| name));
    for ((name, call), (_, [of_cashier, of_locked, of_nobody, _])) in methods.iter().zip(TABLE) {
        let of_manager = if of_nobody == THERE || of_nobody == "AP-5002" { of_nobody } else { "" };
        // The manager last: what they may is done then, and could change what the others find.
        for (who, expected) in [(cashier, of_cashier), (locked, of_locked), (None, of_nobody), (manager, of_manager)] {
            assert_eq!(call(host, who), expected, "{name}, {who:?}");
        }
    }
}

#[test]
fn what_a_rescue_needs_works_only_while_no_register_is_open() {
    let shop = Shop::sample(1);
    let mia = Some(sign_in(&shop.host));
    ask(|answer| shop.host.back_up(mia, no_progress(), Cancel::default(), answer)).unwrap();
    let made = ask(|answer| shop.host.backups(mia, answer)).unwrap().list[0].name.clone();
    shop.host.end();
    let database = shop.folder().join("AuraPOS.db");
    fs::write(&database, "nothing").unwrap();
    let rescued = host(&shop.folder());
    assert!(matches!(open(&rescued), Opening::Refused(_)));
    for ((name, call), (_, [_, _, _, of_nobody])) in methods()
        .into_iter()
        .chain(of_several())
        .chain(reads_and_commands())
        .zip(TABLE)
        .filter(|(_, (_, row))| row[3] != "-")
    {
        // A shop is not set up over one that is there, whoever asks.
        if name != "set_up" {
            assert_eq!(call(&rescued, None), of_nobody, "{name}");
        }
    }
    let restore = |host: &RuntimeHost| -> HostResult<()> {
        ask(|answer| host.restore(None, made.clone(), no_progress(), Cancel::default(), answer))
    };
    restore(&rescued).unwrap();
    ready(&rescued);
    assert_eq!(restore(&rescued).unwrap_err().code, OUT, "it is open: only whoever has the right");
    let (tom, pin) = sample::CASHIERS[1];
    let tom = Some(sign_in_as(&rescued, tom, pin));
    let again = ask(|answer| rescued.restore(tom, made.clone(), no_progress(), Cancel::default(), answer)).unwrap_err();
    assert_eq!(again.missing, Some(("Tom".to_owned(), Permission::Restore)));
    assert_eq!(common::count(&shop.folder(), "sale"), 1, "nothing was touched");
}

/// Safe mode is a rescue's: nobody without rights switches plugins off for the next opening.
#[test]
fn an_open_register_is_not_made_safe() {
    let shop = Shop::sample(0);
    let Opening::Ready(facts) = ask(|answer| shop.host.open_safely(answer)) else { panic!("it is open") };
    assert!(!facts.safe_mode);
    let mia = Some(sign_in(&shop.host));
    ask(|answer| shop.host.back_up(mia, no_progress(), Cancel::default(), answer)).unwrap();
    let made = ask(|answer| shop.host.backups(mia, answer)).unwrap().list[0].name.clone();
    ask(|answer| shop.host.restore(mia, made, no_progress(), Cancel::default(), answer)).unwrap();
    assert!(!ready(&shop.host).safe_mode);
}

/// A restore that was asked for while no register was open, and waited behind something until one was.
#[test]
fn work_that_waited_is_asked_again_when_it_begins() {
    let shop = Shop::sample(1);
    let mia = Some(sign_in(&shop.host));
    ask(|answer| shop.host.back_up(mia, no_progress(), Cancel::default(), answer)).unwrap();
    let made = ask(|answer| shop.host.backups(mia, answer)).unwrap().list[0].name.clone();
    shop.host.end();
    let (database, aside) = (shop.folder().join("AuraPOS.db"), shop.folder().join("aside.db"));
    fs::rename(&database, &aside).unwrap();
    let rescued = host(&shop.folder());
    assert!(matches!(open(&rescued), Opening::Refused(_)));
    let (stands, standing) = channel();
    let (gate, closed) = channel::<()>();
    let closed = Mutex::new((Some(stands), closed));
    let progress = Arc::new(move |_| {
        let mut closed = closed.lock().unwrap();
        if let Some(stands) = closed.0.take() {
            stands.send(()).unwrap();
            let _ = closed.1.recv();
        }
    });
    let (verified, verifying) = expect();
    rescued.verify_backup(None, made.clone(), progress, Cancel::default(), verified);
    standing.recv_timeout(PATIENCE).unwrap();
    let (restored, restoring) = expect();
    rescued.restore(None, made, no_progress(), Cancel::default(), restored);
    fs::rename(&aside, &database).unwrap();
    ready(&rescued);
    drop(gate);
    verifying.recv_timeout(PATIENCE).unwrap().unwrap();
    assert_eq!(restoring.recv_timeout(PATIENCE).unwrap().unwrap_err().code, OUT);
}
