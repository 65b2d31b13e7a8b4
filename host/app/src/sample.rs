//! The sample shop: a whole one with people, an open drawer and sales, for trying out, pictures, measurements and tests.

use crate::host::{HostOptions, RuntimeHost};
use aurapos_runtime::domain::money::{Money, Quantity};
use aurapos_runtime::engine::command::people::PeopleCommand;
use aurapos_runtime::engine::command::{ItemRequest, Reply, SaleRequest, SessionId, TenderRequest};
use aurapos_runtime::engine::error::Code;
use aurapos_runtime::engine::setup::NewShop;
use aurapos_runtime::engine::{Command, EngineError};
use aurapos_runtime::{OpenOptions, Register, sample};
use aurapos_ui::host::{Answer, Cancel, CatalogSource, Host as _, HostResult, SetUp, StorageWish, Trouble};
use std::sync::Arc;
use std::sync::mpsc::channel;

/// Its name.
pub const SHOP: &str = "Épicerie du Coin";
/// The manager.
pub const MANAGER: &str = "Mia";
/// The manager's PIN.
pub const PIN: &str = "4711";
/// The cashiers and their PINs.
pub const CASHIERS: [(&str, &str); 2] = [("Sofie", "8261"), ("Tom", "7394")];
/// The money in the drawer when it is opened, in cents.
pub const FLOAT_MINOR: i64 = 10_000;

/// What to answer the wizard for the sample shop.
pub fn new_shop() -> NewShop {
    NewShop {
        name: SHOP.to_owned(),
        country: "BE".to_owned(),
        language: "fr".to_owned(),
        address: vec!["Rue du Marché 12".to_owned(), "5000 Namur".to_owned()],
        phone: "+32 81 22 00 00".to_owned(),
        register: "R1".to_owned(),
        manager: MANAGER.to_owned(),
        pin: PIN.to_owned(),
        ..NewShop::default()
    }
}

/// Makes the sample shop in an empty data folder: catalog with colours, a manager and two cashiers, the drawer open, and
/// so many sales for cash. The same number makes the same sales.
///
/// # Errors
/// There is a shop already, or it cannot be made.
pub fn make(options: HostOptions, sales: u32) -> HostResult<()> {
    let options = HostOptions { background: false, ..options };
    let mut open = OpenOptions::new(options.folder.clone(), "aurapos");
    open.programs.clone_from(&options.programs);
    set_up(options)?;
    let register = Register::open(&open).map_err(|error| Trouble {
        code: error.code().to_owned(),
        message: error.to_string(),
        next: error.next(),
        ..Trouble::default()
    })?;
    let filled = fill(&register, sales);
    register.close();
    Ok(filled?)
}

fn set_up(options: HostOptions) -> HostResult<()> {
    let failed = |error: std::io::Error| Trouble { message: error.to_string(), ..Trouble::default() };
    let host = RuntimeHost::new(options, Box::new(|| {})).map_err(failed)?;
    let (done, answer) = channel();
    let done: Answer<HostResult<SetUp>> = Box::new(move |result| drop(done.send(result)));
    host.set_up(new_shop(), StorageWish::File, CatalogSource::Sample, Arc::new(|_| {}), Cancel::default(), done);
    // An answer always comes.
    answer.recv().unwrap_or_else(|_| Err(Trouble::default())).map(drop)
}

fn fill(register: &Register, sales: u32) -> Result<(), EngineError> {
    let session = sign_in(register)?;
    for (name, pin) in CASHIERS {
        let person = PeopleCommand::Add { name: name.to_owned(), role: "cashier".to_owned(), pin: pin.to_owned() };
        register.call(Some(session), Command::People(person))?;
    }
    let float = Money::new(FLOAT_MINOR, register.currency());
    register.call(Some(session), Command::OpenDrawer { float })?;
    sell(register, session, sales)
}

fn sign_in(register: &Register) -> Result<SessionId, EngineError> {
    let command = Command::SignIn { operator: MANAGER.to_owned(), pin: PIN.into() };
    match register.call(None, command)? {
        Reply::SignedIn { session, .. } => Ok(session),
        _ => Err(Code::Bug.error("The engine answered a sign-in with something else.")),
    }
}

/// Sales of one to six products each, chosen by a simple sequence.
fn sell(register: &Register, session: SessionId, sales: u32) -> Result<(), EngineError> {
    let products: Vec<(&str, bool)> = sample::sample_catalog_csv()
        .lines()
        .skip(1)
        .filter_map(|line| Some((line.split(',').next()?, line.contains(",kg,"))))
        .collect();
    let mut state: u64 = 20_260_426;
    let mut next = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    };
    for _ in 0..sales {
        let count = 1 + next(6);
        let mut items = Vec::with_capacity(count);
        for _ in 0..count {
            let Some((code, weighed)) = products.get(next(products.len())) else { continue };
            // 100 g to 1 kg, or one piece.
            let grams = weighed.then(|| 100 + 50 * next(19));
            let quantity = grams.map(|grams| Quantity::from_thousandths(i64::try_from(grams).unwrap_or(100)));
            items.push(ItemRequest { code: (*code).to_owned(), quantity, price: None });
        }
        let tenders = vec![TenderRequest { instance: "cash".to_owned(), amount: None }];
        register.call(Some(session), Command::Sell(SaleRequest { items, tenders, ..SaleRequest::default() }))?;
    }
    Ok(())
}
