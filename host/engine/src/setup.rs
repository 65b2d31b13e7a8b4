//! Setting up a shop: all or nothing, never over an existing one.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use aurapos_contract::query::Query;
use aurapos_contract::transaction::{OperationKind, Transaction};
use aurapos_contract::{PluginError, RecordStore, RowBatch, Uuid};
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::catalog::check_name;
use aurapos_domain::country::CountryProfile;
use aurapos_domain::ids::{IncarnationCode, IncarnationId, OperatorId, RegisterCode, RegisterId, ShopId, TaxRateId};
use aurapos_domain::journal::{EntryKind, Hash};
use aurapos_domain::money::Currency;
use aurapos_domain::people::{Operator, Role};
use aurapos_domain::tax::TaxTable;

use crate::boot;
use crate::env::Env;
use crate::error::{Code, EngineError, EngineResult};
use crate::fold::sort_key;
use crate::identity::MachineIdentity;
use crate::journal;
use crate::people::pin;
use crate::rows::people::{self, OperatorRow};
use crate::rows::register::{Incarnation, Numbers, Register};
use crate::rows::shop::Shop;
use crate::rows::sync::SyncMark;
use crate::rows::{self, Record};
use crate::state::{Core, Draft};

/// Most lines of an address.
pub const ADDRESS_LINES_MAX: usize = 6;

/// What the wizard asks.
#[derive(Clone, PartialEq, Default)]
pub struct NewShop {
    /// Name of the shop.
    pub name: String,
    /// Country profile: `BE`.
    pub country: String,
    /// Language of receipts: `en`, `fr`, `nl`, `de`.
    pub language: String,
    /// IANA time zone; empty: the country's.
    pub timezone: String,
    /// Address, a line each.
    pub address: Vec<String>,
    /// Phone number; may be empty.
    pub phone: String,
    /// VAT number; may be empty.
    pub vat_number: String,
    /// Register code: `R1`.
    pub register: String,
    /// Name of the first manager.
    pub manager: String,
    /// Their PIN.
    pub pin: String,
    /// Where the database lives.
    pub identity: MachineIdentity,
}

/// PINs don't stand in logs.
impl fmt::Debug for NewShop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewShop")
            .field("name", &self.name)
            .field("country", &self.country)
            .field("language", &self.language)
            .field("register", &self.register)
            .field("manager", &self.manager)
            .finish_non_exhaustive()
    }
}

/// What was set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedShop {
    /// The shop.
    pub shop: ShopId,
    /// The register.
    pub register: RegisterId,
    /// The manager.
    pub manager: OperatorId,
}

/// Languages that receipts are printed in.
pub const LANGUAGES: [&str; 4] = ["en", "fr", "nl", "de"];

/// Fails when the answers can't become a shop, so that nothing is made for one that is refused.
///
/// # Errors
/// [`Code::BadShop`], as [`create_shop`] would say it.
pub fn check(new: &NewShop) -> EngineResult<()> {
    /// Makes nothing that is kept.
    struct Nowhere;
    impl Env for Nowhere {
        fn now(&self) -> Timestamp {
            Timestamp(0)
        }
        fn new_id(&mut self) -> Uuid {
            Uuid::nil()
        }
        fn random(&mut self, _: &mut [u8]) {}
    }
    shop(new, &mut Nowhere)?;
    manager_name(new)?;
    register_code(new).map(|_| ())
}

/// Sets up shop, tax rates, manager and register in one transaction.
pub fn create_shop(store: &Arc<dyn RecordStore>, new: &NewShop, env: &mut dyn Env) -> EngineResult<CreatedShop> {
    store.migrate(&crate::schema::schema())?;
    match Core::load(Arc::clone(store)) {
        Ok(core) => {
            return Err(Code::ShopExists.error(format!("There is a shop here already: {}.", core.shop.name)));
        }
        Err(error) if error.is(Code::NoShop) => {}
        Err(error) => return Err(error),
    }
    let shop = shop(new, env)?;
    let manager = manager(new, env)?;
    let code = register_code(new)?;
    let taxes = taxes(shop.country, env)?;
    let incarnation = Incarnation {
        id: IncarnationId::new(env.new_id()),
        register: RegisterId::new(env.new_id()),
        code: IncarnationCode::first(),
        previous: None,
        previous_seq: 0,
        previous_hash: Hash::ZERO,
        reason: "the shop was set up".to_owned(),
        opened: shop.created,
        numbers: Some(Numbers { shop: shop.id, register: code.clone() }),
    };
    let register = Register {
        id: incarnation.register,
        shop: shop.id,
        code,
        incarnation: incarnation.id,
        incarnation_code: incarnation.code.clone(),
        identity: new.identity.clone(),
        created: shop.created,
    };
    let created = CreatedShop { shop: shop.id, register: register.id, manager: manager.operator.id };
    write(store, shop, register, &incarnation, taxes, &manager, env)?;
    Ok(created)
}

/// A register that joins a shop that others have. Its code was claimed before ([`crate::sync::claim`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joining {
    /// The register, as it was claimed.
    pub register: RegisterId,
    /// Its code, as it was claimed.
    pub code: RegisterCode,
    /// The code may have been given before ([`crate::sync::claim::may_have_forgotten`]): the first life has a random code,
    /// as every later one has.
    pub may_be_taken: bool,
    /// The life of the shared store in which it was claimed: a register that finds another at its first contact knows that
    /// the store was restored meanwhile.
    pub epoch: Uuid,
    /// Where the database lives.
    pub identity: MachineIdentity,
}

/// The question for the shop's row in a shared store, as [`join_shop`] takes its answer.
pub fn shop_to_join() -> Query {
    Query::over(Shop::TABLE).limit(2)
}

/// Sets up a register of a shop that others have: the shop's row as it was read from the shared store
/// ([`shop_to_join`]), with its stamps, and the first entry of a journal. People, rates and catalog come by the feed.
///
/// # Errors
/// [`Code::NoShop`] when the shared store has none, [`Code::ShopExists`] when the register's store has one.
pub fn join_shop(
    store: &Arc<dyn RecordStore>,
    shops: &RowBatch,
    joining: &Joining,
    env: &mut dyn Env,
) -> EngineResult<()> {
    store.migrate(&crate::schema::schema())?;
    match Core::load(Arc::clone(store)) {
        Ok(core) => {
            return Err(Code::ShopExists.error(format!("There is a shop here already: {}.", core.shop.name)));
        }
        Err(error) if error.is(Code::NoShop) => {}
        Err(error) => return Err(error),
    }
    let columns: Vec<&str> = shops.columns().map(|(name, _)| name).collect();
    if shops.len() != 1 {
        return Err(Code::NoShop.error("The shared storage has no shop yet, or more than one."));
    }
    // Read as this program reads it; stored as it came.
    let mut known = RowBatch::with_columns(shops.columns().filter(|(name, _)| Shop::COLUMNS.contains(name)));
    let of = |column: &str| shops.column(column).map(|at| shops.value(0, at)).unwrap_or_default();
    let row: Vec<_> = known.columns().map(|(name, _)| of(name)).collect();
    known.push(&row).map_err(PluginError::from)?;
    let shop = rows::read_all::<Shop>(&known, Currency::NONE)?.pop();
    let shop = shop.ok_or_else(|| Code::NoShop.error("The shared storage has no shop yet."))?;
    let now = env.now();
    let mut random = [0; 4];
    env.random(&mut random);
    let code = if joining.may_be_taken { IncarnationCode::from_random(random) } else { IncarnationCode::first() };
    let incarnation = Incarnation {
        id: IncarnationId::new(env.new_id()),
        register: joining.register,
        code,
        previous: None,
        previous_seq: 0,
        previous_hash: Hash::ZERO,
        reason: "the register joined the shop".to_owned(),
        opened: now,
        numbers: Some(Numbers { shop: shop.id, register: joining.code.clone() }),
    };
    let register = Register {
        id: joining.register,
        shop: shop.id,
        code: joining.code.clone(),
        incarnation: incarnation.id,
        incarnation_code: incarnation.code.clone(),
        identity: joining.identity.clone(),
        created: now,
    };
    let head = boot::empty_head(&incarnation, now);
    let core = Core::new(Arc::clone(store), shop, register, head.clone(), TaxTable::default())?;
    let transaction = Transaction { id: env.new_id(), time: now.0, ..Transaction::default() };
    let mut draft = Draft { transaction, head, time: now };
    boot::begin(&core, &mut draft, &incarnation, 0)?;
    rows::insert(&mut draft.transaction, std::slice::from_ref(&core.register));
    draft.transaction.push(OperationKind::Insert, Shop::TABLE, &columns, vec![shops.row(0)]);
    let mark = SyncMark { epoch: Some(joining.epoch), edits: i64::MIN, ..SyncMark::default() };
    rows::insert(&mut draft.transaction, &[mark]);
    core.begin_with(draft)
}

fn write(
    store: &Arc<dyn RecordStore>,
    shop: Shop,
    register: Register,
    incarnation: &Incarnation,
    taxes: TaxTable,
    manager: &OperatorRow,
    env: &mut dyn Env,
) -> EngineResult<()> {
    let time = shop.created;
    let head = boot::empty_head(incarnation, time);
    let mut core = Core::new(Arc::clone(store), shop, register, head.clone(), taxes)?;
    let transaction = Transaction { id: env.new_id(), time: time.0, ..Transaction::default() };
    let mut draft = Draft { transaction, head, time };
    boot::begin(&core, &mut draft, incarnation, 0)?;
    core.append(&mut draft, EntryKind::SHOP_CREATED, journal::shop_created(&core.shop, &core.register.code)?)?;
    core.append(&mut draft, EntryKind::OPERATOR_ADDED, journal::operator(&manager.operator)?)?;
    let transaction = &mut draft.transaction;
    rows::insert(transaction, std::slice::from_ref(&core.shop));
    rows::insert(transaction, std::slice::from_ref(&core.register));
    rows::insert(transaction, core.taxes.rates());
    people::insert_operator(transaction, manager);
    core.commit(draft)
}

fn bad(error: impl std::fmt::Display) -> EngineError {
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
    Code::BadShop.error(format!("{first}{}.", letters.as_str()))
}

fn shop(new: &NewShop, env: &mut dyn Env) -> EngineResult<Shop> {
    check_name(&new.name).map_err(|error| bad(format!("the shop's name: {error}")))?;
    let country = CountryProfile::offered().find(|one| one.code == new.country).ok_or_else(|| {
        let known = CountryProfile::offered().map(|one| format!("{} ({})", one.code, one.name));
        let known = known.collect::<Vec<_>>().join(", ");
        bad(format!("there is no country profile \"{}\"; use one of {known}", new.country))
    })?;
    if !LANGUAGES.contains(&new.language.as_str()) {
        return Err(bad(format!("there is no language \"{}\"; use one of {}", new.language, LANGUAGES.join(", "))));
    }
    let timezone = if new.timezone.is_empty() { country.timezone } else { &new.timezone };
    crate::local_time::zone(timezone)?;
    if new.address.len() > ADDRESS_LINES_MAX {
        return Err(bad(format!("the address has more than {ADDRESS_LINES_MAX} lines")));
    }
    for line in new.address.iter().chain([&new.phone]).filter(|line| !line.is_empty()) {
        check_name(line).map_err(|error| bad(format!("the address: {error}")))?;
    }
    let vat_number = match new.vat_number.trim() {
        "" => String::new(),
        number => country.vat_number.normalise(number).map_err(bad)?,
    };
    Ok(Shop {
        id: ShopId::new(env.new_id()),
        name: crate::fold::nfc(new.name.trim()),
        country,
        language: new.language.clone(),
        currency: country.currency,
        timezone: timezone.to_owned(),
        address: new.address.iter().map(|line| crate::fold::nfc(line)).collect(),
        phone: new.phone.clone(),
        vat_number,
        price_mode: country.price_mode,
        created: env.now(),
        newer: BTreeMap::new(),
    })
}

fn register_code(new: &NewShop) -> EngineResult<RegisterCode> {
    let wrong = |error: &dyn std::fmt::Display| bad(format!("the register's code \"{}\": {error}", new.register));
    RegisterCode::parse(&new.register).map_err(|error| wrong(&error).with_next("Give another one: --register R1."))
}

/// The manager's name, when name and PIN can be taken.
fn manager_name(new: &NewShop) -> EngineResult<String> {
    check_name(&new.manager).map_err(|error| bad(format!("the manager's name: {error}")))?;
    pin::check_new_pin(&new.pin).map_err(bad)?;
    let name = crate::fold::nfc(new.manager.trim());
    if sort_key(&name).is_empty() {
        return Err(bad("the manager's name has no letter or digit"));
    }
    Ok(name)
}

fn manager(new: &NewShop, env: &mut dyn Env) -> EngineResult<OperatorRow> {
    let name = manager_name(new)?;
    let mut salt = [0; pin::SALT_BYTES];
    env.random(&mut salt);
    let operator = Operator { id: OperatorId::new(env.new_id()), name, role: Role::manager(), active: true };
    let pin_hash = pin::hash_pin(&new.pin, &salt).map_err(bad)?;
    Ok(OperatorRow { operator, pin_hash, created: env.now() })
}

fn taxes(country: &CountryProfile, env: &mut dyn Env) -> EngineResult<TaxTable> {
    let ids: Vec<TaxRateId> = country.rates.iter().map(|_| TaxRateId::new(env.new_id())).collect();
    country.tax_table(|index| ids[index]).map_err(bad)
}
