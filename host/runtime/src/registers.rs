//! The registers of a shop, as the storage that they share knows them.
//!
//! Must not know: roles and passwords of a server (`aurapos-server`), how a register is paired.

use crate::RuntimeError;
use crate::ids;
use crate::register::Shared;
use crate::settings::Mode;
use crate::site::{OpenOptions, Site};
use aurapos_contract::RecordStore;
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::money::Currency;
use aurapos_engine::error::of_store;
use aurapos_engine::rows::sync::Claim;
use aurapos_engine::sync::claim;
use aurapos_engine::{EngineError, queries, rows};

/// Every register that was here, by its code; none where the register of this folder is by itself. Works beside the program that
/// sells.
///
/// # Errors
/// The shared storage is away or refused.
pub fn claims(options: &OpenOptions) -> Result<Vec<Claim>, RuntimeError> {
    with_shared(options, |_, there| all(there)).map(Option::unwrap_or_default)
}

/// What is to be known of a register.
#[derive(Debug, Clone, Copy)]
pub enum Change<'a> {
    /// What people call it.
    Name(&'a str),
    /// It is shut out.
    Revoked,
    /// It is let in again.
    Readmitted,
}

/// Writes it where all registers see it. `false`: no such register was here yet.
///
/// # Errors
/// As [`claims`].
pub fn change(options: &OpenOptions, code: &str, change: Change<'_>) -> Result<bool, RuntimeError> {
    let changed = with_shared(options, |site, there| {
        let Some(known) = all(there)?.into_iter().find(|known| known.code == code) else { return Ok(false) };
        let now = Timestamp(ids::now());
        let (name, revoked) = match change {
            Change::Name(name) => (name, known.revoked),
            Change::Revoked => (known.name.as_str(), known.revoked.or(Some(now))),
            Change::Readmitted => (known.name.as_str(), None),
        };
        there.commit(&claim::change(&known, name, revoked, now, site.ids.next())).map_err(of_store)?;
        Ok(true)
    });
    changed.map(Option::unwrap_or_default)
}

fn all(there: &dyn RecordStore) -> Result<Vec<Claim>, EngineError> {
    let shop = queries::shop(there)?;
    rows::scan_all::<Claim>(there, claim::of_shop(shop.id.uuid()), Currency::NONE)
}

/// Works with the shared storage; `None` where there is none.
fn with_shared<T>(
    options: &OpenOptions,
    work: impl FnOnce(&Site, &dyn RecordStore) -> Result<T, EngineError>,
) -> Result<Option<T>, RuntimeError> {
    let site = Site::open(options, true)?;
    let Some(made) = site.shared() else { return Ok(None) };
    let shared = Shared::new(made, site.settings.mode == Mode::Master);
    let answer = shared.store().map_err(of_store).and_then(|there| work(&site, there.as_ref()));
    shared.close();
    Ok(Some(answer?))
}
