//! A shop on the reference store for the tests of this crate's catalog, people, settings and checks.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use aurapos_contract::payment::{PaymentAnswer, PaymentCapabilities, PaymentState};
use aurapos_contract::{RecordStore, Uuid};
use aurapos_domain::calendar::{Date, Timestamp};
use aurapos_domain::money::{Currency, Money};
use aurapos_plugin_testkit::ReferenceStore;

use crate::command::{Command, CommandId, ItemRequest, RefundRequest, Reply, SaleRequest, SessionId, TenderRequest};
use crate::effect::{Devices, Effect, EffectAnswer, PaymentInstance};
use crate::engine::Engine;
use crate::env::Env;
use crate::error::EngineResult;
use crate::event::Event;
use crate::import::{ImportReport, Planner};
use crate::setup::{NewShop, create_shop};
use crate::step::Input;
use crate::view::Sale;

/// 2026-11-22 10:00 UTC.
pub(crate) const START: Timestamp = Timestamp(1_795_341_600_000_000);
pub(crate) const DAY: &str = "2026-11-22";
pub(crate) const MANAGER: (&str, &str) = ("Mia", "4711");

#[derive(Debug)]
pub(crate) struct TestEnv {
    pub now: Timestamp,
    ids: u64,
    random: u8,
}

impl Env for TestEnv {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn new_id(&mut self) -> Uuid {
        self.ids += 1;
        Uuid::from_u64_pair(0x0193_0000_0000_7000, 0x8000_0000_0000_0000 | self.ids)
    }

    fn random(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.random = self.random.wrapping_mul(31).wrapping_add(7);
            *byte = self.random;
        }
    }
}

#[derive(Debug)]
pub(crate) struct TestShop {
    pub store: ReferenceStore,
    pub engine: Engine,
    pub env: TestEnv,
    pub session: Option<SessionId>,
    command: u64,
}

pub(crate) fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

impl TestShop {
    /// A Belgian shop whose manager is signed in and whose drawer is open.
    pub fn new() -> TestShop {
        let mut env = TestEnv { now: START, ids: 0, random: 3 };
        let store = ReferenceStore::new();
        let new = NewShop {
            name: "Chez Mia".to_owned(),
            country: "BE".to_owned(),
            language: "fr".to_owned(),
            register: "R1".to_owned(),
            manager: MANAGER.0.to_owned(),
            pin: MANAGER.1.to_owned(),
            ..NewShop::default()
        };
        let shared: Arc<dyn RecordStore> = Arc::new(store.clone());
        create_shop(&shared, &new, &mut env).unwrap();
        let mut shop = TestShop::open(store, env);
        shop.sign_in(MANAGER.0, MANAGER.1).unwrap();
        shop.call(Command::OpenDrawer { float: eur(10_000) }).unwrap();
        shop
    }

    fn open(store: ReferenceStore, mut env: TestEnv) -> TestShop {
        let (mut engine, _) = Engine::open(Arc::new(store.clone()), &Default::default(), &mut env).unwrap();
        let cash = PaymentCapabilities {
            name: "Cash".to_owned(),
            rounds_cash: true,
            gives_change: true,
            refunds: true,
            opens_drawer: true,
            ..Default::default()
        };
        let devices = Devices { payments: vec![PaymentInstance::new("cash", cash)], ..Devices::default() };
        engine.set_devices(devices, &mut env).unwrap();
        TestShop { store, engine, env, session: None, command: 0 }
    }

    /// The same data after the program was started again.
    pub fn restarted(self) -> TestShop {
        TestShop::open(self.store.reopen(), self.env)
    }

    pub fn sign_in(&mut self, name: &str, pin: &str) -> EngineResult<()> {
        let command = Command::SignIn { operator: name.to_owned(), pin: pin.into() };
        let Reply::SignedIn { session, .. } = self.call_as(None, command)? else { panic!("another reply") };
        self.session = Some(session);
        Ok(())
    }

    pub fn call(&mut self, command: Command) -> EngineResult<Reply> {
        self.call_as(self.session, command)
    }

    /// Turns the engine until the command is done; cash is paid as asked.
    pub fn call_as(&mut self, session: Option<SessionId>, command: Command) -> EngineResult<Reply> {
        self.command += 1;
        self.env.now.0 += 1_000_000;
        let id = CommandId(self.command);
        let mut step = self.engine.step(Input::Command { id, session, command }, &mut self.env);
        loop {
            for event in step.events.drain(..) {
                if let Event::Done { result, .. } = event {
                    return result;
                }
            }
            let effect = step.effects.pop().expect("a command without an answer waits for an effect");
            let answer = match &effect {
                Effect::Payment { intent, .. } => EffectAnswer::Payment(Ok(PaymentAnswer {
                    state: PaymentState::Approved,
                    approved_minor: intent.amount_minor,
                    change_minor: intent.tendered_minor - intent.amount_minor,
                    ..Default::default()
                })),
                Effect::Print { .. } => EffectAnswer::Printed(Ok(())),
                Effect::Deliver { .. } => EffectAnswer::Delivered(Ok(())),
            };
            step = self.engine.step(Input::Answer { effect: effect.id(), answer }, &mut self.env);
        }
    }

    pub fn today() -> Date {
        Date::parse(DAY).unwrap()
    }

    pub fn plan(&mut self, csv: &[u8]) -> EngineResult<ImportReport> {
        let store = self.store.clone();
        Planner::open(&store, csv, Self::today(), || self.env.new_id())?.dry_run()
    }

    /// Imports a file as the runtime does: slice by slice through the engine.
    pub fn import(&mut self, csv: &[u8]) -> EngineResult<ImportReport> {
        let store = self.store.clone();
        let mut ids = TestEnv { now: START, ids: 1_000_000 * (self.command + 1), random: 0 };
        let mut planner = Planner::open(&store, csv, Self::today(), move || ids.new_id())?;
        let call = |slice| Some(self.call(Command::ImportSlice(Box::new(slice))));
        crate::import::write_all(&mut planner, call, |answer| answer.map(|_| ()))?;
        Ok(planner.report().clone())
    }

    pub fn sell(&mut self, items: &[(&str, i64)], cash_minor: i64) -> EngineResult<Sale> {
        let items = items.iter().map(|(code, thousandths)| ItemRequest {
            code: (*code).to_owned(),
            quantity: Some(aurapos_domain::money::Quantity::from_thousandths(*thousandths)),
            price: None,
        });
        let request = SaleRequest { items: items.collect(), tenders: cash(Some(cash_minor)), ..SaleRequest::default() };
        match self.call(Command::Sell(request))? {
            Reply::Sale(sale) => Ok(*sale),
            other => panic!("another reply: {other:?}"),
        }
    }

    pub fn refund(&mut self, receipt_no: &str) -> EngineResult<Sale> {
        let request =
            RefundRequest { receipt_no: receipt_no.to_owned(), tenders: cash(None), ..RefundRequest::default() };
        match self.call(Command::Refund(request))? {
            Reply::Sale(sale) => Ok(*sale),
            other => panic!("another reply: {other:?}"),
        }
    }
}

fn cash(minor: Option<i64>) -> Vec<TenderRequest> {
    vec![TenderRequest { instance: "cash".to_owned(), amount: minor.map(eur) }]
}

/// A catalog of four products that the tests know by heart.
pub(crate) const CATALOG: &str = "sku,name,barcodes,category,price,vat,unit,stock,food\n\
    B-01,Pain gris,5400000000003,Boulangerie,2.50,6,piece,20,yes\n\
    C-01,Crème brûlée,5400000000010|96385074,Desserts,3.95,6,piece,5,yes\n\
    W-01,Vin rouge,5400000000027,Boissons,12.00,21,piece,,no\n\
    K-01,Tomates,,Légumes,2.99,6,kg,10.5,yes\n";
