//! A register that joins a shop: its own store is empty, the shop is in the shared one.
//!
//! What opening needs (shop, settings, taxes, roles, people) is taken over at once, as it is; everything else comes with the
//! feed. The register's own data comes first and its code is claimed after it: killed in between, a repetition goes on with
//! the same register, and nobody else has its code.

use std::sync::Arc;

use aurapos_contract::error::ErrorCode;
use aurapos_contract::query::Query;
use aurapos_contract::transaction::{OperationKind, Transaction};
use aurapos_contract::{RecordStore, Uuid};
use aurapos_domain::ids::{IncarnationCode, IncarnationId, RegisterCode, RegisterId};
use aurapos_domain::journal::Hash;
use aurapos_domain::money::Currency;

use super::bad;
use crate::boot;
use crate::env::Env;
use crate::error::{Code, EngineError, EngineResult, of_store};
use crate::identity::MachineIdentity;
use crate::rows;
use crate::rows::register::{Incarnation, Numbers, Register};
use crate::rows::shop::Shop;
use crate::rows::sync::Claim;
use crate::state::{Core, Draft};
use crate::sync::claim;

/// Tables that a register needs to open and to sign somebody in.
const FIRST: [&str; 5] = ["shop", "setting", "tax_rate", "role", "operator"];

/// The register that joins.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NewRegister {
    /// Its code: `R2`.
    pub code: String,
    /// What people call it; may be empty.
    pub name: String,
    /// Where the database lives.
    pub identity: MachineIdentity,
}

/// What it joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// The shop's name.
    pub shop: String,
    /// The shop's IANA time zone.
    pub timezone: String,
    /// The register.
    pub register: RegisterId,
}

/// The shop of a shared store, for whoever wants to know before joining.
///
/// # Errors
/// [`Code::NoShop`] when it has none yet; those of the store.
pub fn shop_of(shared: &dyn RecordStore) -> EngineResult<Shop> {
    let shops = rows::scan::<Shop>(shared, &rows::query::<Shop>().limit(1), Currency::EUR)?;
    let none = || {
        let error = Code::NoShop.error("The shared storage has no shop yet.");
        error.with_next("Start the master once while its server runs: it brings the shop there.")
    };
    shops.into_iter().next().ok_or_else(none)
}

/// Sets a register of the shop up in an empty store. To be repeated after any failure.
///
/// # Errors
/// [`Code::ShopExists`] when the store has another shop or register; [`Code::CodeTaken`]; those of both stores.
pub fn join_shop(
    store: &Arc<dyn RecordStore>,
    shared: &dyn RecordStore,
    new: &NewRegister,
    env: &mut dyn Env,
) -> EngineResult<Joined> {
    let wrong = |error: &dyn std::fmt::Display| bad(format!("the register's code \"{}\": {error}", new.code));
    let code = RegisterCode::parse(&new.code).map_err(|error| wrong(&error))?;
    store.migrate(&crate::schema::schema())?;
    let shop = shop_of(shared)?;
    let register = match Core::load(Arc::clone(store)) {
        Ok(core) if core.shop.id == shop.id && core.register.code == code => core.register,
        Ok(core) => {
            let told = format!("There is a register here already: {} of {}.", core.register.code, core.shop.name);
            return Err(Code::ShopExists.error(told));
        }
        Err(error) if error.is(Code::NoShop) => {
            // Before anything is made here: a code that somebody has is nobody else's.
            free(shared, &shop, code.as_str(), None)?;
            make(store, shared, &shop, code, &new.identity, env)?
        }
        Err(error) => return Err(error),
    };
    claim_code(shared, &shop, &register, &new.name, env)?;
    Ok(Joined { shop: shop.name, timezone: shop.timezone, register: register.id })
}

fn make(
    store: &Arc<dyn RecordStore>,
    shared: &dyn RecordStore,
    shop: &Shop,
    code: RegisterCode,
    identity: &MachineIdentity,
    env: &mut dyn Env,
) -> EngineResult<Register> {
    let now = env.now();
    let incarnation = Incarnation {
        id: IncarnationId::new(env.new_id()),
        register: RegisterId::new(env.new_id()),
        code: IncarnationCode::first(),
        previous: None,
        previous_seq: 0,
        previous_hash: Hash::ZERO,
        reason: "the register joined the shop".to_owned(),
        opened: now,
        numbers: Some(Numbers { shop: shop.id, register: code.clone() }),
    };
    let register = Register {
        id: incarnation.register,
        shop: shop.id,
        code,
        incarnation: incarnation.id,
        incarnation_code: incarnation.code.clone(),
        identity: identity.clone(),
        created: now,
    };
    let head = boot::empty_head(&incarnation, now);
    let taxes = rows::catalog::tax_table(shared, shop.currency)?;
    let core = Core::new(Arc::clone(store), shop.clone(), register.clone(), head.clone(), taxes)?;
    let transaction = Transaction { id: env.new_id(), time: now.0, ..Transaction::default() };
    let mut draft = Draft { transaction, head, time: now };
    boot::begin(&core, &mut draft, &incarnation, 0)?;
    rows::insert(&mut draft.transaction, std::slice::from_ref(&core.register));
    for table in FIRST {
        take_over(shared, table, &mut draft.transaction)?;
    }
    let mut core = core;
    core.commit(draft)?;
    Ok(register)
}

/// Puts every row of a table into a transaction, as it is: stamps, tombstones and all.
fn take_over(shared: &dyn RecordStore, table: &str, transaction: &mut Transaction) -> EngineResult<()> {
    let schema = crate::schema::schema();
    let columns: Vec<&str> = schema.table(table).map_or_else(Vec::new, |table| {
        table.columns.iter().map(|column| column.name.as_str()).collect()
    });
    let mut query = Query::over(table).select(&columns);
    loop {
        let batch = shared.scan(&query).map_err(of_store)?;
        let rows: Vec<_> = (0..batch.len()).map(|row| batch.row(row)).collect();
        if !rows.is_empty() {
            transaction.push(OperationKind::Insert, table, &columns, rows);
        }
        if batch.next().is_empty() {
            return Ok(());
        }
        query.after = batch.next().to_vec();
    }
}

/// Fails when somebody else than `register` has the code.
fn free(shared: &dyn RecordStore, shop: &Shop, code: &str, register: Option<Uuid>) -> EngineResult<bool> {
    let claims = rows::scan_all::<Claim>(shared, claim::of_shop(shop.id.uuid()), shop.currency)?;
    match claims.iter().find(|claim| claim.code == code) {
        None => Ok(true),
        Some(claim) if Some(claim.register) == register => Ok(false),
        Some(_) => Err(taken(code, &claims)),
    }
}

fn taken(code: &str, claims: &[Claim]) -> EngineError {
    let codes: Vec<&str> = claims.iter().map(|claim| claim.code.as_str()).collect();
    Code::CodeTaken.error(format!("The register code {code} is taken; the shop has {}.", codes.join(", ")))
}

fn claim_code(
    shared: &dyn RecordStore,
    shop: &Shop,
    register: &Register,
    name: &str,
    env: &mut dyn Env,
) -> EngineResult<()> {
    let code = register.code.as_str();
    let own = register.id.uuid();
    if !free(shared, shop, code, Some(own))? {
        return Ok(());
    }
    let now = env.now();
    let wanted = Claim {
        shop: shop.id.uuid(),
        code: code.to_owned(),
        register: own,
        incarnation: register.incarnation.uuid(),
        name: name.to_owned(),
        claimed: now,
        seen: now,
        revoked: None,
    };
    let epoch = shared.info().map_err(of_store)?.epoch;
    match shared.commit(&claim::claim(&wanted, epoch, env.new_id())) {
        Ok(_) => Ok(()),
        // Somebody was quicker; or it was this one, and only the answer was lost.
        Err(error) if error.code == ErrorCode::Conflict => free(shared, shop, code, Some(own)).map(drop),
        Err(error) => Err(of_store(error)),
    }
}
