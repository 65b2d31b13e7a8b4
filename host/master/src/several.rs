//! From one register to several and back: what has to be so before.

use crate::{MasterError, POSTGRES};
use aurapos_runtime::settings::MachineSettings;
use aurapos_runtime::{DataFolder, OpenOptions, RuntimeError, registers};

/// Whether a register may become the master of several. One that keeps its own data on a server has nothing to go on with when that
/// is away.
///
/// # Errors
/// It may not, or its settings cannot be read.
pub fn check_share(folder: &DataFolder) -> Result<(), MasterError> {
    let settings = MachineSettings::read(folder).map_err(RuntimeError::from)?;
    if settings.storage.plugin() == POSTGRES { Err(MasterError::OwnDataElsewhere) } else { Ok(()) }
}

/// The codes of the other registers that belong to the shop of the register `own`.
///
/// # Errors
/// The shared storage is away or refused.
pub fn others(options: &OpenOptions, own: &str) -> Result<Vec<String>, MasterError> {
    let claims = registers::claims(options)?;
    Ok(claims.into_iter().filter(|one| one.code != own && one.revoked.is_none()).map(|one| one.code).collect())
}
