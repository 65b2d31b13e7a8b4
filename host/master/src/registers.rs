//! The registers of a shop as the machine with the server knows them: of pairing and connections the server's tables tell, of when
//! each was here the shop's own.

use crate::MasterError;
use aurapos_runtime::engine::rows::sync::Claim;
use aurapos_runtime::registers::{Change, change, claims};
use aurapos_runtime::{OpenOptions, zone};
use aurapos_server::Home;
use aurapos_server::pair::{self, PairedRegister};

/// Every register of the server of a data folder, by code.
///
/// # Errors
/// There is no server, it does not run, this user is not its owner; those of the shop's tables.
pub fn registers(options: &OpenOptions) -> Result<Vec<PairedRegister>, MasterError> {
    let mut all = pair::registers(&Home::of_data(options.folder.root()))?;
    let known = if options.folder.is_fresh() { Vec::new() } else { claims(options)? };
    all.iter_mut().for_each(|one| see(one, &known));
    Ok(all)
}

/// When it was here last: the server knows of pairing and of who is connected now, the shop of every minute in which it exchanged.
fn see(one: &mut PairedRegister, claims: &[Claim]) {
    let Some(claim) = claims.iter().find(|claim| claim.code == one.code) else { return };
    let seen = zone::rfc3339_utc(claim.seen.0);
    // Both begin with date and time of one zone.
    if one.last_seen.as_deref().is_none_or(|known| known < seen.as_str()) {
        one.last_seen = Some(seen);
    }
}

/// Locks a register out until it is let in again. How many of its sessions ended.
///
/// # Errors
/// As [`registers`]; there is none of that code, or it is this machine's own.
pub fn lock_out(options: &OpenOptions, code: &str) -> Result<u64, MasterError> {
    let ended = pair::revoke(&Home::of_data(options.folder.root()), code)?;
    // Where it is told why, should it find another way in.
    tell_all(options, code, Change::Revoked)?;
    Ok(ended)
}

/// Lets a register in again that was locked out. `false`: it was not.
///
/// # Errors
/// As [`lock_out`].
pub fn readmit(options: &OpenOptions, code: &str) -> Result<bool, MasterError> {
    let changed = pair::readmit(&Home::of_data(options.folder.root()), code)?;
    // Also where the role was opened by a run that was cut off before it told the registers.
    tell_all(options, code, Change::Readmitted)?;
    Ok(changed)
}

/// Calls a register something else.
///
/// # Errors
/// As [`registers`]; there is none of that code, or the name is not possible.
pub fn rename(options: &OpenOptions, code: &str, name: &str) -> Result<(), MasterError> {
    pair::rename(&Home::of_data(options.folder.root()), code, name)?;
    tell_all(options, code, Change::Name(name))
}

fn tell_all(options: &OpenOptions, code: &str, what: Change<'_>) -> Result<(), MasterError> {
    if !options.folder.is_fresh() {
        change(options, code, what)?;
    }
    Ok(())
}
