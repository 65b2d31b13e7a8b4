//! The shop that every history begins with: made once, by the real engine; copied for each.

use crate::env::{BEGIN_US, Source};
use aurapos_contract::payment::{PaymentAnswer, PaymentCapabilities, PaymentState};
use aurapos_contract::query::Query;
use aurapos_contract::transaction::{OperationKind, Transaction};
use aurapos_contract::{RecordStore, Uuid, Value};
use aurapos_domain::catalog::Unit;
use aurapos_domain::money::{Currency, Money, Quantity};
use aurapos_engine::command::{Command, CommandId, Reply, SessionId};
use aurapos_engine::error::EngineResult;
use aurapos_engine::import::{CategoryChoice, ProductDraft};
use aurapos_engine::setup::{NewShop, create_shop};
use aurapos_engine::{
    Devices, Effect, EffectAnswer, Engine, Env, Event, Input, MachineIdentity, PaymentInstance, step::Step,
};
use aurapos_plugin_testkit::ReferenceStore;
use std::sync::{Arc, OnceLock};

/// The manager's name and PIN.
pub const MANAGER: (&str, &str) = ("Mia", "4711");
/// The hash of that PIN by Argon2id with the least that it takes: a history signs in a hundred times.
const QUICK_HASH: &str =
    "$argon2id$v=19$m=8,t=1,p=1$BwcHBwcHBwcHBwcHBwcHBw$f1cAIdBuWCWX3SzY6N+/C68qzvINIXbX3Yo64KL5no0";
/// Products of the shop.
pub const PRODUCTS: u8 = 4;

/// Where the data of a register lives.
pub fn identity(machine: u64, token: u64) -> MachineIdentity {
    MachineIdentity { token: format!("t{token}"), machine: format!("m{machine}"), inode: 7 }
}

/// An amount of the shop.
pub fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

/// What a register has to pay with.
pub fn devices() -> Devices {
    let cash = PaymentCapabilities {
        rounds_cash: true,
        gives_change: true,
        refunds: true,
        opens_drawer: true,
        ..Default::default()
    };
    Devices { payments: vec![PaymentInstance::new("cash", cash)], receipt_printer: None, event_sinks: false }
}

/// Gives a command and turns the engine until it is done; cash is always good.
pub fn run(
    engine: &mut Engine,
    session: Option<SessionId>,
    command: Command,
    id: u64,
    env: &mut dyn Env,
) -> EngineResult<Reply> {
    let id = CommandId(id);
    let mut steps = vec![engine.step(Input::Command { id, session, command }, env)];
    let mut done = None;
    while let Some(Step { events, effects }) = steps.pop() {
        for event in events {
            if let Event::Done { command, result } = event
                && command == id
            {
                done = Some(result);
            }
        }
        for effect in effects {
            if let Effect::Payment { id, intent, .. } = effect {
                let answer = PaymentAnswer {
                    state: PaymentState::Approved,
                    approved_minor: intent.amount_minor,
                    change_minor: intent.tendered_minor - intent.amount_minor,
                    ..Default::default()
                };
                steps.push(engine.step(Input::Answer { effect: id, answer: EffectAnswer::Payment(Ok(answer)) }, env));
            }
        }
    }
    done.expect("cash is answered at once, so a command ends in its own turn")
}

/// A product of the shop as its form.
pub fn product(sku: &str, name: &str, minor: i64, stock: i64) -> ProductDraft {
    ProductDraft {
        id: None,
        sku: sku.to_owned(),
        name: name.to_owned(),
        price: eur(minor),
        tax_code: "standard".to_owned(),
        unit: Unit::Piece,
        category: CategoryChoice::None,
        barcodes: Vec::new(),
        food: false,
        active: true,
        stock: Some(Quantity::from_thousandths(stock * 1_000)),
    }
}

/// A copy of the first register's data, and where it lives.
pub fn founder() -> (ReferenceStore, MachineIdentity) {
    static MADE: OnceLock<ReferenceStore> = OnceLock::new();
    (MADE.get_or_init(make).duplicate(), identity(1, 1))
}

fn make() -> ReferenceStore {
    let store = ReferenceStore::new();
    let shared: Arc<dyn RecordStore> = Arc::new(store.clone());
    let mut source = Source::new(0);
    let mut env = source.at(BEGIN_US - 60_000_000);
    let shop = NewShop {
        name: "Épicerie du Parc".to_owned(),
        country: "BE".to_owned(),
        language: "fr".to_owned(),
        register: "R1".to_owned(),
        manager: MANAGER.0.to_owned(),
        pin: MANAGER.1.to_owned(),
        identity: identity(1, 1),
        ..NewShop::default()
    };
    create_shop(&shared, &shop, &mut env).expect("the shop is a good one");
    quick_pin(&store);
    let (mut engine, _) = Engine::open(shared, &identity(1, 1), &mut env).expect("it was just set up");
    let sign_in = Command::SignIn { operator: MANAGER.0.to_owned(), pin: MANAGER.1.into() };
    let Ok(Reply::SignedIn { session, .. }) = run(&mut engine, None, sign_in, 1, &mut env) else {
        panic!("the manager signs in");
    };
    for number in 1..=PRODUCTS {
        let draft = product(&number.to_string(), &format!("Product {number}"), 100 * i64::from(number), 100);
        let command = Command::SaveProduct(Box::new(draft));
        run(&mut engine, Some(session), command, 1 + u64::from(number), &mut env).expect("the product is a good one");
    }
    store.reopen()
}

fn quick_pin(store: &ReferenceStore) {
    let operators = store.scan(&Query::over("operator").select(&["id"])).expect("it is open");
    let mut transaction = Transaction { id: Uuid::from_u128(1), ..Transaction::default() };
    let row: Vec<Value> = vec![operators.value(0, 0), QUICK_HASH.into()];
    transaction.push(OperationKind::Upsert, "operator", &["id", "pin_hash"], vec![row]);
    store.commit(&transaction).expect("the row is there");
}
