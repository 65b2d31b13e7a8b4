//! A small shop for tests: the reference store, a clock and ids in the test's hands, cash and a card whose answers the
//! test orders.

#![allow(clippy::unwrap_used)]

pub(crate) mod newer;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use aurapos_contract::error::{ErrorCode, PluginError};
use aurapos_contract::payment::{PaymentAnswer, PaymentCapabilities, PaymentIntent, PaymentState};
use aurapos_contract::query::{AggregateQuery, Change, Query};
use aurapos_contract::storage::StoreLayer;
use aurapos_contract::transaction::{Committed, Outcome, Transaction};
use aurapos_contract::{PluginResult, RecordStore, RowBatch, Uuid};
use aurapos_domain::barcode::Barcode;
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::catalog::{Product, Unit};
use aurapos_domain::ids::ProductId;
use aurapos_domain::journal::EntryKind;
use aurapos_domain::money::{Currency, Money, Quantity};
use aurapos_domain::tax::TaxCode;
use aurapos_plugin_testkit::{Fault, ReferenceStore};

use crate::apply::feed::{Applied, Feed};
use crate::command::settings::SettingsCommand;
use crate::command::{Command, CommandId, ItemRequest, Reply, SaleRequest, SessionId, TenderRequest};
use crate::effect::{Devices, Effect, EffectAnswer, PaymentAction, PaymentInstance};
use crate::env::Env;
use crate::error::EngineResult;
use crate::event::Event;
use crate::import::{CategoryChoice, ProductDraft};
use crate::rows::catalog::BarcodeRow;
use crate::setup::{NewShop, create_shop};
use crate::step::{Input, Step};
use crate::view;
use crate::{Engine, MachineIdentity, rows};

/// 2026-11-22 10:00:00 UTC, a Sunday in winter.
pub(crate) const NOW: Timestamp = Timestamp(1_795_341_600_000_000);
/// Ids of shop, manager and the four rates, in which the registers of one shop do not differ.
const SHOP_IDS: u64 = 6;
/// The manager's PIN.
pub(crate) const PIN: &str = "4711";

/// A clock that moves only when told, ids in order, bytes that repeat from run to run.
#[derive(Debug, Clone)]
pub(crate) struct TestEnv {
    pub(crate) now: Timestamp,
    ids: u64,
    /// Ids after the first so many are others than a plain one's: the same shop, another register.
    other: Option<(u64, u64)>,
    random: u64,
}

impl TestEnv {
    pub(crate) fn new() -> Self {
        TestEnv { now: NOW, ids: 0, other: None, random: 7 }
    }

    /// For the `number`th register of the shop that a plain one makes: the ids of shop, manager and rates are the same.
    pub(crate) fn of_register(number: u64) -> Self {
        TestEnv { other: Some((SHOP_IDS, number)), ..TestEnv::new() }
    }
}

impl Env for TestEnv {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn new_id(&mut self) -> Uuid {
        self.ids += 1;
        let by = self.other.filter(|(same, _)| self.ids > *same).map_or(0, |(_, number)| number);
        // Version 7 and variant bits, so that it is what a store may expect.
        Uuid::from_u128(
            (u128::from(self.ids) << 80) | (7 << 76) | (2 << 62) | (u128::from(by) << 40) | u128::from(self.ids),
        )
    }

    fn random(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (self.random >> 33) as u8;
        }
    }
}

/// The reference store with a look at every transaction, and silence on demand.
#[derive(Debug)]
pub(crate) struct WatchedStore {
    pub(crate) inner: ReferenceStore,
    pub(crate) transactions: Mutex<Vec<Transaction>>,
    scans: AtomicUsize,
    /// A fault for a later commit.
    later: Mutex<Option<(usize, Fault)>>,
    /// `outcome` times out, as with a store that hangs.
    pub(crate) silent: AtomicBool,
}

impl WatchedStore {
    pub(crate) fn over(inner: ReferenceStore) -> Arc<Self> {
        Arc::new(WatchedStore {
            inner,
            transactions: Mutex::default(),
            later: Mutex::default(),
            scans: AtomicUsize::new(0),
            silent: AtomicBool::new(false),
        })
    }

    pub(crate) fn inner_scan(&self, table: &str) -> RowBatch {
        self.inner.scan(&Query::over(table)).unwrap()
    }

    /// Questions asked since the last look.
    pub(crate) fn scans(&self) -> usize {
        self.scans.swap(0, Ordering::Relaxed)
    }

    /// Orders a fault for the commit after this many good ones.
    pub(crate) fn fail_at(&self, good: usize, fault: Fault) {
        *self.later.lock().unwrap() = Some((good, fault));
    }

    pub(crate) fn seen(&self) -> Vec<Transaction> {
        std::mem::take(&mut self.transactions.lock().unwrap())
    }
}

impl StoreLayer for WatchedStore {
    fn inner(&self) -> &dyn RecordStore {
        &self.inner
    }
    fn commit(&self, transaction: &Transaction) -> PluginResult<Committed> {
        self.transactions.lock().unwrap().push(transaction.clone());
        let mut later = self.later.lock().unwrap();
        match later.take() {
            Some((0, fault)) => self.inner.order_fault(fault),
            Some((good, fault)) => *later = Some((good - 1, fault)),
            None => {}
        }
        drop(later);
        self.inner.commit(transaction)
    }
    fn outcome(&self, transaction: Uuid) -> PluginResult<Outcome> {
        if self.silent.load(Ordering::Relaxed) {
            return Err(PluginError::new(ErrorCode::Timeout, "the storage does not answer"));
        }
        self.inner.outcome(transaction)
    }
    fn scan(&self, query: &Query) -> PluginResult<RowBatch> {
        self.scans.fetch_add(1, Ordering::Relaxed);
        self.inner.scan(query)
    }
}

/// A shop with a signed-in manager.
pub(crate) struct World {
    pub(crate) store: Arc<WatchedStore>,
    pub(crate) env: TestEnv,
    pub(crate) engine: Engine,
    pub(crate) session: Option<SessionId>,
    /// Answers for payments in order; empty: approved as asked.
    pub(crate) answers: VecDeque<PluginResult<PaymentAnswer>>,
    /// Every payment call.
    pub(crate) calls: Vec<(String, PaymentAction, PaymentIntent)>,
    /// Everything else that came out.
    pub(crate) events: Vec<Event>,
    pub(crate) effects: Vec<Effect>,
    commands: u64,
}

pub(crate) fn identity(token: &str) -> MachineIdentity {
    MachineIdentity { token: token.to_owned(), machine: "m1".to_owned(), inode: 7 }
}

pub(crate) fn new_shop() -> NewShop {
    NewShop {
        name: "Épicerie du Parc".to_owned(),
        country: "BE".to_owned(),
        language: "fr".to_owned(),
        register: "R1".to_owned(),
        manager: "Mia".to_owned(),
        pin: PIN.to_owned(),
        identity: identity("t1"),
        ..NewShop::default()
    }
}

pub(crate) fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

/// Cash, a card terminal and meal vouchers.
pub(crate) fn devices() -> Devices {
    let cash = PaymentCapabilities {
        rounds_cash: true,
        gives_change: true,
        refunds: true,
        opens_drawer: true,
        ..Default::default()
    };
    let card = PaymentCapabilities { leaves_register: true, refunds: true, reverses: true, ..Default::default() };
    let meal = PaymentCapabilities { voucher: true, food_only: true, ..Default::default() };
    let payments = vec![
        PaymentInstance::new("cash", cash),
        PaymentInstance::new("card", card),
        PaymentInstance::new("meal", meal),
    ];
    Devices { payments, receipt_printer: Some("printer".to_owned()), event_sinks: true }
}

impl World {
    /// A shop with four products and an open drawer.
    pub(crate) fn new() -> Self {
        let mut world = World::closed();
        world.run(Command::OpenDrawer { float: eur(10_000) }).unwrap();
        world.clear();
        world
    }

    /// The same with the drawer still closed.
    pub(crate) fn closed() -> Self {
        let mut env = TestEnv::new();
        let store = WatchedStore::over(ReferenceStore::new());
        let shared: Arc<dyn RecordStore> = store.clone();
        create_shop(&shared, &new_shop(), &mut env).unwrap();
        add_products(store.as_ref(), &mut env);
        World::open(store, "t1", env)
    }

    /// Another register of the shop of [`World::closed`], without products, with an open drawer.
    pub(crate) fn register(number: u64) -> Self {
        let mut env = TestEnv::of_register(number);
        let store = WatchedStore::over(ReferenceStore::new());
        let shared: Arc<dyn RecordStore> = store.clone();
        let shop = NewShop { register: format!("R{number}"), ..new_shop() };
        create_shop(&shared, &shop, &mut env).unwrap();
        let mut world = World::open(store, "t1", env);
        world.run(Command::OpenDrawer { float: eur(5_000) }).unwrap();
        world.clear();
        world
    }

    /// Takes in what another register did after a cursor, which goes on.
    pub(crate) fn take_from(&mut self, other: &World, cursor: &mut Vec<u8>) -> Applied {
        let mut all = Applied::default();
        loop {
            let batch = other.store.inner.changes(cursor, 500).unwrap();
            let more = batch.more;
            *cursor = batch.next;
            let applied = self.take_in(batch.changes).unwrap();
            all.edited += applied.edited;
            all.facts += applied.facts;
            all.lost += applied.lost;
            all.left_out += applied.left_out;
            all.findings.extend(applied.findings);
            if !more {
                return all;
            }
        }
    }

    /// Takes changes in.
    pub(crate) fn take_in(&mut self, changes: Vec<Change>) -> EngineResult<Applied> {
        let feed = Feed { id: self.env.new_id(), changes, mark: None };
        self.commands += 1;
        let id = CommandId(self.commands);
        let step = self.engine.step(Input::Apply { id, feed: Box::new(feed) }, &mut self.env);
        match self.take(step).into_iter().find(|(done, _)| *done == id).expect("it is done").1? {
            Reply::Applied(applied) => Ok(*applied),
            other => panic!("{other:?}"),
        }
    }

    /// Opens the register of a store.
    pub(crate) fn open(store: Arc<WatchedStore>, token: &str, env: TestEnv) -> Self {
        World::open_with(store, token, env, Vec::new())
    }

    /// The same, with answers for the payments that are asked about at start.
    pub(crate) fn open_with(
        store: Arc<WatchedStore>,
        token: &str,
        mut env: TestEnv,
        answers: Vec<PluginResult<PaymentAnswer>>,
    ) -> Self {
        let shared: Arc<dyn RecordStore> = store.clone();
        let (mut engine, events) = Engine::open(shared, &identity(token), &mut env).unwrap();
        let step = engine.set_devices(devices(), &mut env).unwrap();
        let mut world = World {
            store,
            env,
            engine,
            session: None,
            answers: answers.into(),
            calls: Vec::new(),
            events,
            effects: Vec::new(),
            commands: 0,
        };
        world.take(step);
        world.sign_in("Mia", PIN).unwrap();
        world
    }

    /// The same data after a crash.
    pub(crate) fn reopen(self, token: &str) -> Self {
        let store = WatchedStore::over(self.store.inner.reopen());
        World::open(store, token, self.env)
    }

    pub(crate) fn clear(&mut self) {
        self.events.clear();
        self.effects.clear();
        self.calls.clear();
        self.store.seen();
        self.store.scans();
    }

    pub(crate) fn sign_in(&mut self, name: &str, pin: &str) -> EngineResult<SessionId> {
        let command = Command::SignIn { operator: name.to_owned(), pin: pin.into() };
        match self.run(command)? {
            Reply::SignedIn { session, .. } => {
                self.session = Some(session);
                Ok(session)
            }
            other => panic!("{other:?}"),
        }
    }

    /// Gives a command and turns the engine until it is done.
    pub(crate) fn run(&mut self, command: Command) -> EngineResult<Reply> {
        self.commands += 1;
        let id = CommandId(self.commands);
        let step = self.engine.step(Input::Command { id, session: self.session, command }, &mut self.env);
        self.take(step).into_iter().find(|(done, _)| *done == id).expect("the command is done").1
    }

    /// Answers payments until none is open; keeps the rest.
    fn take(&mut self, step: Step) -> Vec<(CommandId, EngineResult<Reply>)> {
        let mut done = Vec::new();
        let mut steps = VecDeque::from([step]);
        while let Some(step) = steps.pop_front() {
            for event in step.events {
                match event {
                    Event::Done { command, result } => done.push((command, result)),
                    other => self.events.push(other),
                }
            }
            for effect in step.effects {
                match effect {
                    Effect::Payment { id, instance, action, intent } => {
                        let answer = self.answers.pop_front().unwrap_or_else(|| Ok(approve(&instance, &intent)));
                        self.calls.push((instance, action, intent));
                        let input = Input::Answer { effect: id, answer: EffectAnswer::Payment(answer) };
                        steps.push_back(self.engine.step(input, &mut self.env));
                    }
                    other => self.effects.push(other),
                }
            }
        }
        done
    }

    pub(crate) fn sell(&mut self, items: &[&str], tenders: &[(&str, i64)]) -> EngineResult<view::Sale> {
        self.sell_request(request(items, tenders))
    }

    pub(crate) fn sell_request(&mut self, request: SaleRequest) -> EngineResult<view::Sale> {
        self.run(Command::Sell(request)).map(|reply| match reply {
            Reply::Sale(sale) => *sale,
            other => panic!("{other:?}"),
        })
    }

    /// Counts rows of a table.
    pub(crate) fn rows(&self, table: &str) -> usize {
        self.store.inner.scan(&Query::over(table)).unwrap().len()
    }

    /// The kinds of all journal entries.
    pub(crate) fn kinds(&self) -> Vec<EntryKind> {
        let journal = self.store.inner_scan("journal");
        let kind = journal.column("kind").unwrap();
        (0..journal.len()).map(|row| EntryKind(journal.int(row, kind).unwrap() as u16)).collect()
    }

    /// A text column of a table, sorted.
    pub(crate) fn texts(&self, table: &str, column: &str) -> Vec<String> {
        let rows = self.store.inner_scan(table);
        let column = rows.column(column).unwrap();
        let mut texts: Vec<String> = (0..rows.len()).map(|row| rows.text(row, column).unwrap().to_owned()).collect();
        texts.sort();
        texts
    }

    /// The states of all payment intents, sorted.
    pub(crate) fn intents(&self) -> Vec<String> {
        self.texts("payment_intent", "state")
    }

    /// The sum of a column.
    pub(crate) fn sum(&self, table: &str, column: &str) -> i64 {
        let query = AggregateQuery { table: table.to_owned(), sums: vec![column.to_owned()], ..Default::default() };
        self.store.inner.aggregate(&query).unwrap().int(0, 1).unwrap()
    }

    /// Changes a setting.
    pub(crate) fn set(&mut self, key: &str, value: &str) {
        let change = SettingsCommand::Set { key: key.to_owned(), value: value.to_owned() };
        self.run(Command::Settings(change)).unwrap();
    }

    /// Fails unless the whole store fits together.
    pub(crate) fn check(&self) {
        let report = crate::check::check_store(&self.store.inner, &mut |_, _| true).unwrap();
        assert!(report.ok(), "{:?}", report.problems);
    }

    pub(crate) fn drawer(&mut self) -> view::DrawerView {
        match self.run(Command::DrawerStatus).unwrap() {
            Reply::Drawer(drawer) => drawer.session.unwrap(),
            other => panic!("{other:?}"),
        }
    }

    /// The cash that should be in the drawer, as a manager sees it.
    pub(crate) fn expected_cash(&mut self) -> Money {
        self.drawer().takings.expect("who asks may see it").expected_cash
    }
}

/// `code` or `code*quantity`; tenders in minor units, 0: exactly what is due.
pub(crate) fn request(items: &[&str], tenders: &[(&str, i64)]) -> SaleRequest {
    SaleRequest { items: items.iter().map(|text| item(text)).collect(), tenders: pay(tenders), ..Default::default() }
}

pub(crate) fn item(text: &str) -> ItemRequest {
    let (code, quantity) = match text.split_once('*') {
        Some((code, quantity)) => (code, Some(Quantity::parse(quantity).unwrap())),
        None => (text, None),
    };
    ItemRequest { code: code.to_owned(), quantity, price: None }
}

pub(crate) fn pay(tenders: &[(&str, i64)]) -> Vec<TenderRequest> {
    let tender = |(instance, minor): &(&str, i64)| TenderRequest {
        instance: (*instance).to_owned(),
        amount: (*minor != 0).then(|| eur(*minor)),
    };
    tenders.iter().map(tender).collect()
}

/// What an honest plugin answers.
pub(crate) fn approve(instance: &str, intent: &PaymentIntent) -> PaymentAnswer {
    PaymentAnswer {
        state: PaymentState::Approved,
        approved_minor: intent.amount_minor,
        change_minor: if instance == "cash" { intent.tendered_minor - intent.amount_minor } else { 0 },
        reference: format!("{instance}-{}", intent.amount_minor),
        ..Default::default()
    }
}

/// Coffee 2.49 at 21 % (`5400000000003`, sku 1), bread 2.83 at 6 %, food (sku 2), cheese 17.90 a kilogram at 6 %, food
/// (sku 3, also by label 21), a book 10.00 at 6 % (sku 4), something no longer sold (sku 5).
pub(crate) fn add_products(store: &dyn RecordStore, env: &mut TestEnv) {
    let product = |env: &mut TestEnv, sku: &str, name: &str, minor: i64, tax: &str| Product {
        id: ProductId::new(env.new_id()),
        sku: sku.to_owned(),
        name: name.to_owned(),
        barcodes: Vec::new(),
        category: None,
        price: eur(minor),
        tax_code: TaxCode::parse(tax).unwrap(),
        unit: Unit::Piece,
        food: false,
        active: true,
    };
    let mut coffee = product(env, "1", "Café 250 g", 249, "standard");
    coffee.barcodes = vec![Barcode::parse("5400000000003").unwrap()];
    let mut bread = product(env, "2", "Pain gris", 283, "reduced");
    bread.food = true;
    let mut cheese = product(env, "3", "Fromage", 1790, "reduced");
    (cheese.food, cheese.unit) = (true, Unit::Kilogram);
    cheese.barcodes = vec![Barcode::parse("2100003000002").unwrap()];
    let book = product(env, "4", "Livre", 1000, "reduced");
    let mut gone = product(env, "5", "Ancien", 100, "standard");
    gone.active = false;
    let products = [coffee, bread, cheese, book, gone];
    let mut transaction = Transaction { id: env.new_id(), time: env.now.0, ..Default::default() };
    for product in &products {
        let codes =
            product.barcodes.iter().map(|code| BarcodeRow { code: code.canonical().to_owned(), product: product.id });
        rows::insert(&mut transaction, &codes.collect::<Vec<_>>());
    }
    rows::insert(&mut transaction, &products);
    crate::edits::write::stamp(store, &mut transaction, crate::edits::Stamp::default()).unwrap();
    store.commit(&transaction).unwrap();
}

/// The form of a new product for 1.00, with nothing more than it needs.
pub(crate) fn new_product(name: &str) -> ProductDraft {
    ProductDraft {
        id: None,
        sku: String::new(),
        name: name.to_owned(),
        price: eur(100),
        tax_code: "standard".to_owned(),
        unit: Unit::Piece,
        category: CategoryChoice::None,
        barcodes: Vec::new(),
        food: false,
        active: true,
        stock: None,
    }
}
