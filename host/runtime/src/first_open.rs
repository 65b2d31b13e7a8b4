//! The first opening of a register that was paired: its own store is empty, the shop is in the shared one.
//!
//! Owns the order: the register's id is written down, its code is claimed under it, its own data is made last. Killed
//! anywhere, the next opening goes on with the same register, and nobody else has its code. The catalog and everything else
//! comes with the feed.

use crate::folder::{DataFolder, replace_file};
use crate::ids::RuntimeEnv;
use crate::joining;
use crate::register::Shared;
use crate::settings::Mode;
use crate::setup::new_identity;
use crate::site::{OpenOptions, Site};
use crate::{RuntimeError, ids};
use aurapos_contract::error::ErrorCode;
use aurapos_contract::{RecordStore, StorageProvider, Uuid};
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::ids::{RegisterCode, RegisterId};
use aurapos_domain::money::Currency;
use aurapos_engine::boot::stored_identity;
use aurapos_engine::error::{Code, EngineError, of_store};
use aurapos_engine::queries;
use aurapos_engine::rows::sync::Claim;
use aurapos_engine::rows::{self};
use aurapos_engine::setup::{Joining, join_shop, shop_to_join};
use aurapos_engine::sync::claim;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

/// The id of a register whose code may be claimed and whose data is not there yet.
fn id_file(folder: &DataFolder) -> PathBuf {
    folder.root().join("register.joining")
}

/// Whether this opening is the first one of a register that was paired.
pub(crate) fn is_first(site: &Site) -> bool {
    site.settings.mode == Mode::Slave && !site.folder.last_good_file().exists()
}

/// Joins the shop.
///
/// # Errors
/// The shared store is away or has no shop yet; another register has the code; those of both stores.
pub(crate) fn join(options: &OpenOptions, site: &Site, provider: &dyn StorageProvider) -> Result<(), RuntimeError> {
    // Nothing is made here before the shop was found: whoever waits for a master can still be paired anew.
    if site.folder.database().exists() && is_there(site, provider)? {
        return finished(site);
    }
    let shared = match site.shared() {
        Some(Ok(made)) => Shared::new(Ok(made), false),
        Some(Err(refusal)) => return Err(RuntimeError::StorageRefused { refusal }),
        None => return Ok(()),
    };
    let joined = made(options, site, provider, &shared);
    shared.close();
    joined?;
    finished(site)
}

/// Whether everything was done but the removal of the id.
fn is_there(site: &Site, provider: &dyn StorageProvider) -> Result<bool, RuntimeError> {
    let store = provider.open(&site.storage_settings(false)?).map_err(of_store)?;
    let made = store.info()?.schema_major > 0 && matches!(stored_identity(store.as_ref()), Ok(Some(_)));
    store.close()?;
    Ok(made)
}

fn finished(site: &Site) -> Result<(), RuntimeError> {
    // Where it stays it is no harm: the data is there.
    let _ = fs::remove_file(id_file(&site.folder));
    Ok(())
}

fn made(
    options: &OpenOptions,
    site: &Site,
    provider: &dyn StorageProvider,
    shared: &Shared,
) -> Result<(), RuntimeError> {
    let there = shared.store().map_err(|error| match error.code {
        ErrorCode::NotFound => Code::NoShop.error("The shop's database has no shop yet.").with_next(error.detail.next),
        _ => of_store(error),
    })?;
    let mut env = RuntimeEnv::new(site.ids.clone());
    let shop = queries::shop(there.as_ref()).map_err(no_shop_yet)?;
    let code = site.settings.register.clone().unwrap_or_default();
    let code = RegisterCode::parse(&code).map_err(|error| Code::BadShop.error(error.to_string()))?;
    let register = id_of(site)?;
    let epoch = there.info().map_err(of_store)?.epoch;
    let may_be_taken = claim_code(there.as_ref(), shop.id.uuid(), &code, register, epoch, site)?;
    let identity = new_identity(options)?;
    let shops = there.scan(&shop_to_join()).map_err(of_store)?;
    let joining = Joining { register: RegisterId::new(register), code, may_be_taken, epoch, identity };
    let store: Arc<dyn RecordStore> = Arc::from(provider.open(&site.storage_settings(false)?).map_err(of_store)?);
    let joined = join_shop(&store, &shops, &joining, &mut env);
    store.close().map_err(of_store)?;
    Ok(joined?)
}

fn no_shop_yet(error: EngineError) -> EngineError {
    if !error.is(Code::NoShop) {
        return error;
    }
    Code::NoShop
        .error("The shop's database has no shop yet.")
        .with_next("Start AuraPOS on the master once while its server runs; then try again.")
}

/// The id that an earlier run wrote down, or a new one, which is written down before anybody is told of it.
fn id_of(site: &Site) -> Result<Uuid, RuntimeError> {
    let file = id_file(&site.folder);
    if let Some(id) = fs::read_to_string(&file).ok().and_then(|text| Uuid::parse_str(text.trim()).ok()) {
        return Ok(id);
    }
    let id = site.ids.next();
    replace_file(&file, id.to_string().as_bytes()).map_err(RuntimeError::file("writing register.joining"))?;
    Ok(id)
}

/// Makes the code this register's own, or finds that it is already. Answers whether it may have been given before.
fn claim_code(
    shared: &dyn RecordStore,
    shop: Uuid,
    code: &RegisterCode,
    register: Uuid,
    epoch: Uuid,
    site: &Site,
) -> Result<bool, EngineError> {
    let claims = || rows::scan_all::<Claim>(shared, claim::of_shop(shop), Currency::NONE);
    let holder = |claims: &[Claim]| claims.iter().find(|one| one.code == code.as_str()).map(|claim| claim.register);
    let now = Timestamp(ids::now());
    let wanted = Claim {
        shop,
        code: code.to_string(),
        register,
        incarnation: Uuid::nil(),
        epoch,
        name: joining::name_of_arriving(&site.folder),
        claimed: now,
        seen: now,
        revoked: None,
    };
    let known = claims()?;
    let mut held = holder(&known);
    if held.is_none() {
        match shared.commit(&claim::claim(&wanted, epoch, site.ids.next())) {
            Ok(_) => held = Some(register),
            // Somebody was quicker, or it was this register and only the answer was lost.
            Err(error) if error.code == ErrorCode::Conflict => held = holder(&claims()?),
            Err(error) => return Err(of_store(error)),
        }
    }
    if held == Some(register) {
        return Ok(claim::may_have_forgotten(&known, epoch));
    }
    let next = "Pair this machine again under another code: `aurapos-admin pair issue` on the master names a free one.";
    Err(Code::CodeTaken.error(format!("Another register of the shop has the code {code}.")).with_next(next))
}
