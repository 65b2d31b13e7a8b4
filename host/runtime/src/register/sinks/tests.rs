//! A sink that misses things, beside a register on the reference store: it ends with every event once and in order.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::register::wheel::Queues;
use aurapos_contract::PluginError;
use aurapos_contract::error::ErrorCode;
use aurapos_contract::events::EventKind;
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::money::{Currency, Money};
use aurapos_engine::Event;
use aurapos_engine::command::{BackupNote, Command, CommandId, Reply, SessionId};
use aurapos_engine::effect::Devices;
use aurapos_engine::env::Env;
use aurapos_engine::setup::{NewShop, create_shop};
use aurapos_engine::step::Input;
use aurapos_engine::{Engine, MachineIdentity};
use aurapos_plugin_testkit::ReferenceStore;
use crossbeam_channel::unbounded;
use std::sync::Mutex;

#[derive(Debug)]
struct TestEnv(u64);

impl Env for TestEnv {
    fn now(&self) -> Timestamp {
        Timestamp(1_795_341_600_000_000 + self.0 as i64)
    }

    fn new_id(&mut self) -> Uuid {
        self.0 += 1;
        Uuid::from_u64_pair(0x0193_0000_0000_7000, 0x8000_0000_0000_0000 | self.0)
    }

    fn random(&mut self, bytes: &mut [u8]) {
        self.0 += 1;
        bytes.iter_mut().zip(self.0.to_le_bytes()).for_each(|(byte, value)| *byte = value);
    }
}

/// Keeps what it is told, and refuses while it is told to.
#[derive(Debug, Default)]
struct Memory {
    told: Mutex<Vec<HostEvent>>,
    broken: AtomicBool,
}

impl EventSink for Memory {
    fn deliver(&self, events: &[HostEvent]) -> PluginResult<()> {
        if self.broken.load(Ordering::Relaxed) {
            return Err(PluginError::new(ErrorCode::Io, "no room"));
        }
        self.told.lock().unwrap().extend_from_slice(events);
        Ok(())
    }

    fn position(&self, incarnation: Uuid) -> PluginResult<u64> {
        let told = self.told.lock().unwrap();
        let of_life = told.iter().filter(|event| event.incarnation == incarnation);
        Ok(of_life.map(|event| event.sequence).max().unwrap_or(0))
    }
}

/// A register with one manager, turned by hand.
struct Shop {
    store: ReferenceStore,
    env: TestEnv,
    engine: Engine,
    session: Option<SessionId>,
}

fn identity(token: &str) -> MachineIdentity {
    MachineIdentity { token: token.to_owned(), machine: "m".to_owned(), inode: 1 }
}

impl Shop {
    fn new() -> Shop {
        let (store, mut env) = (ReferenceStore::new(), TestEnv(0));
        let new = NewShop {
            name: "Chez Mia".to_owned(),
            country: "BE".to_owned(),
            language: "fr".to_owned(),
            register: "R1".to_owned(),
            manager: "Mia".to_owned(),
            pin: "4711".to_owned(),
            identity: identity("1"),
            ..NewShop::default()
        };
        let shared: Arc<dyn RecordStore> = Arc::new(store.clone());
        create_shop(&shared, &new, &mut env).unwrap();
        Shop::open(store, env, "1")
    }

    fn open(store: ReferenceStore, mut env: TestEnv, token: &str) -> Shop {
        let (mut engine, _) = Engine::open(Arc::new(store.clone()), &identity(token), &mut env).unwrap();
        engine.set_devices(Devices { event_sinks: true, ..Devices::default() }, &mut env).unwrap();
        let mut shop = Shop { store, env, engine, session: None };
        let sign_in = Command::SignIn { operator: "Mia".to_owned(), pin: "4711".into() };
        let (Reply::SignedIn { session, .. }, _) = shop.run(sign_in) else { panic!("another reply") };
        shop.session = Some(session);
        shop
    }

    /// The data as a backup would bring it back: in a new life.
    fn restored(self, token: &str) -> Shop {
        Shop::open(self.store.reopen(), self.env, token)
    }

    fn run(&mut self, command: Command) -> (Reply, Vec<Effect>) {
        let input = Input::Command { id: CommandId(1), session: self.session, command };
        let step = self.engine.step(input, &mut self.env);
        let done = step.events.into_iter().find_map(|event| match event {
            Event::Done { result, .. } => Some(result.unwrap()),
            _ => None,
        });
        (done.unwrap(), step.effects)
    }

    fn open_drawer(&mut self) -> Vec<Effect> {
        self.run(Command::OpenDrawer { float: Money::new(100, Currency::EUR) }).1
    }

    /// The machine's own affair: nobody is signed in for it.
    fn back_up(&mut self, name: &str) -> Vec<Effect> {
        let (name, sha256) = (name.to_owned(), "00".to_owned());
        let session = self.session.take();
        let note = BackupNote { name, sha256, ..BackupNote::default() };
        let effects = self.run(Command::NoteBackup(note)).1;
        self.session = session;
        effects
    }

    /// A worker that is given these effects, and its answers.
    fn work(&self, sink: &Arc<Memory>, effects: Vec<Effect>) -> Vec<PluginResult<()>> {
        let (answers, answered) = unbounded();
        let (queue, queued) = unbounded();
        effects.into_iter().for_each(|effect| queue.send(effect).unwrap());
        drop(queue);
        let sinks = Sinks {
            store: Arc::new(self.store.clone()),
            sinks: vec![("memory".to_owned(), sink.clone())],
            answers,
            wheel: Queues::new().wheel,
            closing: Arc::default(),
        };
        sinks.run(&queued);
        let result = |(_, answer)| match answer {
            EffectAnswer::Delivered(result) => result,
            other => panic!("{other:?}"),
        };
        answered.try_iter().map(result).collect()
    }
}

fn told(sink: &Memory) -> Vec<(EventKind, String)> {
    sink.told.lock().unwrap().iter().map(|event| (event.kind, event.text.clone())).collect()
}

fn drawer() -> (EventKind, String) {
    (EventKind::DrawerOpened, "Drawer session 1 opened with 1.00 EUR.".to_owned())
}

fn backup(name: &str) -> (EventKind, String) {
    (EventKind::BackupMade, name.to_owned())
}

#[test]
fn what_a_sink_missed_of_any_kind_it_gets_before_what_comes_next() {
    let (mut shop, sink) = (Shop::new(), Arc::new(Memory::default()));
    // Nobody listened when these happened.
    shop.open_drawer();
    shop.back_up("one");
    let effects = shop.back_up("two");
    assert_eq!(shop.work(&sink, effects), [Ok(())]);
    assert_eq!(told(&sink), [drawer(), backup("one"), backup("two")]);
    // It fails, and is told again with the next one.
    sink.broken.store(true, Ordering::Relaxed);
    let effects = shop.back_up("three");
    shop.work(&sink, effects);
    sink.broken.store(false, Ordering::Relaxed);
    let effects = shop.back_up("four");
    shop.work(&sink, effects);
    assert_eq!(told(&sink)[3..], [backup("three"), backup("four")]);
    shop.work(&sink, Vec::new());
    assert_eq!(told(&sink).len(), 5, "a start with nothing new tells nothing");
}

#[test]
fn what_was_not_told_before_a_restore_is_told_after_it() {
    let (mut shop, sink) = (Shop::new(), Arc::new(Memory::default()));
    let effects = shop.open_drawer();
    shop.work(&sink, effects);
    shop.back_up("untold");
    let mut shop = shop.restored("2");
    shop.back_up("also untold");
    let mut shop = shop.restored("3");
    let effects = shop.back_up("now");
    assert_eq!(shop.work(&sink, effects), [Ok(())]);
    assert_eq!(told(&sink), [drawer(), backup("untold"), backup("also untold"), backup("now")]);
    let lives: std::collections::BTreeSet<Uuid> =
        sink.told.lock().unwrap().iter().map(|event| event.incarnation).collect();
    assert_eq!(lives.len(), 3);
}
