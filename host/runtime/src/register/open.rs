//! Opening: lock, settings, plugins, store, identity, engine, threads; in this order, and back out of all of it when one
//! is refused.

use super::sync::{Link, Shared};
use super::turn::Turn;
use super::wheel::Queues;
use super::workers::Workers;
use super::{Inner, Register, RegisterFacts, Running, identity_of, upkeep};
use crate::RuntimeError;
use crate::devices::DeviceSet;
use crate::first_open;
use crate::head_file::HeadFile;
use crate::identity::{self, TokenFile};
use crate::ids::{self, RuntimeEnv};
use crate::lock::RegisterLock;
use crate::settings::{self, Mode};
use crate::site::{OpenOptions, Site, settings_of};
use crate::standing::Board;
use crate::storage_choice;
use crate::{logs, zone};
use aurapos_contract::query::Query;
use aurapos_contract::{PluginError, RecordStore, StorageProvider};
use aurapos_engine::Event;
use aurapos_engine::effect::{Devices, PaymentInstance};
use aurapos_engine::error::{Code, of_store};
use aurapos_engine::{Engine, EngineError, MachineIdentity, queries};
use std::sync::{Arc, Mutex};

/// See [`Register::open`].
pub(super) fn open(options: &OpenOptions) -> Result<Register, RuntimeError> {
    let folder = &options.folder;
    let settings = settings_of(options)?;
    folder.check_writable()?;
    let lock = RegisterLock::take(folder, &options.program, ids::now())?;
    let log = logs::start(folder, &settings.log_level).map_err(RuntimeError::file("starting the log"))?;
    let site = Site::with(options, settings, false)?;
    let provider = site.storage()?;
    if first_open::is_first(&site) {
        first_open::join(options, &site, provider.as_ref())?;
    }
    let store = open_store(&site, provider.as_ref(), false)?;
    let known = HeadFile::read(folder).map_err(RuntimeError::file("reading register.head"))?;
    let (token, identity) = claim(options, store.as_ref())?;
    // Before anything is written that would make this database the register's.
    same_register(&site, &facts(store.as_ref(), &[])?)?;
    let mut env = RuntimeEnv::new(site.ids.clone());
    let (mut engine, mut events) = Engine::open_after(store.clone(), &identity, known.as_ref(), &mut env)?;
    let head = HeadFile::begin(folder, &engine.last_known()).map_err(RuntimeError::file("writing register.head"))?;
    let head_to_sync = head.to_sync().map_err(RuntimeError::file("writing register.head"))?;
    let facts = facts(store.as_ref(), &events)?;
    if let Some(zone) = zone::zone_of_name(&queries::shop(store.as_ref())?.timezone) {
        site.zone.set(zone);
    }
    let (devices, refused) = site.devices();
    let known = devices_of(&devices);
    let rights = engine.rights();
    let mut start = engine.set_devices(known.clone(), &mut env)?;
    start.events.splice(0..0, events.drain(..));
    let queues = Queues::new();
    let wheel = queues.wheel.clone();
    let spawn = RuntimeError::file("starting the register's threads");
    let workers = Workers::start(&devices, &store, &queues.answers_in, &wheel).map_err(spawn)?;
    let (link, ear) =
        site.shared().map(|made| Link::new(Shared::new(made, site.settings.mode == Mode::Master))).unzip();
    let bell = link.as_ref().map(|link| link.bell.clone());
    let turn = Turn::new(engine, env, queues, workers, site.payment_plugins(), head, bell);
    let thread = std::thread::Builder::new()
        .name("engine".into())
        .spawn(move || turn.run(start))
        .map_err(RuntimeError::file("starting the engine's thread"))?;
    let running = Running { thread, upkeep: None, head_to_sync, log: Some(log), _lock: lock };
    let names = (facts.shop, facts.shop_name.clone(), facts.code.clone());
    let (token, running) = (Mutex::new(token), Mutex::new(Some(running)));
    let inner = Arc::new(Inner { site, provider, store, wheel, rights, token, names, link, running });
    let register = Register { inner, facts, devices: known, refused };
    // From here on a failure closes the register as its drop.
    register.inner.rotate()?;
    upkeep::start(&register)?;
    if let Some((link, ear)) = register.inner.link.as_ref().zip(ear) {
        let env = RuntimeEnv::new(register.inner.site.ids.clone());
        let board = Board::new(folder);
        link.start(ear, register.inner.store.clone(), register.inner.wheel.clone(), env, board)?;
    }
    settings::keep_last_good(folder)?;
    tracing::info!(program = options.program, register = register.facts.code, "opened");
    Ok(register)
}

/// Opens the store of a register that was set up. A database that is gone is told, never replaced by an empty one.
pub(crate) fn open_store(
    site: &Site,
    provider: &dyn StorageProvider,
    read_only: bool,
) -> Result<Arc<dyn RecordStore>, RuntimeError> {
    let other = storage_choice::other(&site.folder, &site.settings);
    let missing = |database: String| {
        if first_open::is_first(site) {
            let waits = Code::NoShop.error("This register was paired and has not taken the shop in yet.");
            let next = "While the master's server runs: `aurapos-admin sync now`, or start AuraPOS here.";
            return waits.with_next(next).into();
        }
        let folder = site.folder.root().display().to_string();
        // What never opened holds nothing that could be missed: settings alone, or an `init` that was cut short.
        match site.folder.last_good_file().exists() {
            true => RuntimeError::DatabaseMissing { folder, database },
            false => RuntimeError::NoShop { folder },
        }
    };
    let chosen = &site.settings.storage;
    let is_ours = chosen.plugin() == crate::storage_choice::USUAL && chosen.settings.items.is_empty();
    if is_ours && !site.folder.database().exists() {
        return Err(other.unwrap_or_else(|| missing(site.folder.database().display().to_string())));
    }
    let store: Arc<dyn RecordStore> = Arc::from(provider.open(&site.storage_settings(read_only)?).map_err(unopened)?);
    let info = store.info().map_err(of_store)?;
    if info.schema_major == 0 {
        store.close()?;
        return Err(other.unwrap_or_else(|| missing(info.location)));
    }
    if let Some(other) = other
        && !storage_choice::holds_the_data(&site.folder, store.as_ref())
    {
        store.close()?;
        return Err(other);
    }
    Ok(store)
}

/// Opening stores nothing: when the storage just fails, its files cannot be used.
fn unopened(error: PluginError) -> EngineError {
    let told = !error.detail.next.is_empty();
    let error = of_store(error);
    if told || !error.is(Code::StorageFailed) {
        return error;
    }
    error.with_next(
        "Check the rights of the data folder and its files and the room on its disk; `aurapos-admin doctor` tells more.",
    )
}

/// The settings file must not name another register than the database is of.
pub(crate) fn same_register(site: &Site, facts: &RegisterFacts) -> Result<(), RuntimeError> {
    match &site.settings.register {
        Some(chosen) if *chosen != facts.code => Err(RuntimeError::OtherRegister {
            file: site.folder.settings_file().display().to_string(),
            chosen: chosen.clone(),
            stored: facts.code.clone(),
        }),
        _ => Ok(()),
    }
}

/// The token file, and the identity under which the engine opens: the file's token that the database holds, or a new one,
/// which opens a new incarnation.
fn claim(options: &OpenOptions, store: &dyn RecordStore) -> Result<(TokenFile, MachineIdentity), RuntimeError> {
    let unusable = || RuntimeError::file("using register.token");
    let mut file = TokenFile::open(&options.folder, &options.machine()).map_err(unusable())?;
    store.migrate(&aurapos_engine::schema::schema()).map_err(of_store)?;
    let row = store.scan(&Query::over("register").select(&["token"]).limit(1)).map_err(of_store)?;
    let stored = row.text(0, 0).unwrap_or_default();
    let token = if file.vouches_for(stored).map_err(unusable())? {
        stored.to_owned()
    } else {
        let new = identity::new_token();
        // Before the database: killed in between, the next start finds a difference again.
        file.settle(&new).map_err(unusable())?;
        new
    };
    let identity = identity_of(&file, &token);
    Ok((file, identity))
}

fn devices_of(devices: &DeviceSet) -> Devices {
    let mut payments = Vec::new();
    for (name, provider) in &devices.payments {
        match provider.capabilities() {
            Ok(capabilities) => payments.push(PaymentInstance::new(name.as_str(), capabilities)),
            Err(error) => tracing::warn!(instance = name, "the payment plugin does not say what it can do: {error}"),
        }
    }
    let receipt_printer = devices.printers.first().map(|(name, _)| name.clone());
    Devices { payments, receipt_printer, event_sinks: !devices.sinks.is_empty() }
}

/// What of shop and register is told to callers.
pub(crate) fn facts(store: &dyn RecordStore, events: &[Event]) -> Result<RegisterFacts, RuntimeError> {
    let (shop, register) = (queries::shop(store)?, queries::register(store)?);
    let reason = events.iter().find_map(|event| match event {
        Event::IncarnationOpened { reason, .. } => Some(reason.clone()),
        _ => None,
    });
    let went_back = events.iter().find_map(|event| match event {
        Event::WentBack(found) => Some(found.as_ref().clone()),
        _ => None,
    });
    Ok(RegisterFacts {
        shop: shop.id.uuid(),
        shop_name: shop.name,
        currency: shop.currency,
        code: register.code.to_string(),
        incarnation: register.incarnation_code.to_string(),
        new_incarnation: reason.unwrap_or_default(),
        went_back,
    })
}

#[cfg(test)]
mod tests {
    use super::unopened;
    use aurapos_contract::PluginError;
    use aurapos_contract::error::ErrorCode;

    #[test]
    fn a_store_that_does_not_open_says_what_to_look_at() {
        let next = |code, next: &str| unopened(PluginError::new(code, "no").with_next(next)).next;
        assert!(next(ErrorCode::Io, "").contains("rights of the data folder"));
        assert_eq!(next(ErrorCode::Io, "Plug it in."), "Plug it in.");
        assert!(next(ErrorCode::Damaged, "").contains("Restore a backup"));
    }
}
