//! Why a register does not reach the shop's shared storage: the diagnosis of `aurapos-admin server test` with the settings and the
//! password that the register itself uses.

use crate::trial::{Trial, try_storage};
use aurapos_runtime::DataFolder;
use aurapos_runtime::secrets::Secrets;
use aurapos_runtime::settings::MachineSettings;
use aurapos_runtime::storage_choice::StorageChoice;
use aurapos_server::diagnosis::Diagnosis;

/// Asks the shared storage of a data folder as the register that sells. `None`: the register is by itself, its settings cannot be
/// read, or only its plugin knows how to ask. Takes some seconds where nobody answers; nothing is changed.
pub fn why_away(folder: &DataFolder) -> Option<Diagnosis> {
    let settings = MachineSettings::read(folder).ok()?;
    let secrets = Secrets::read(folder).ok()?;
    let choice = StorageChoice::of_seller(settings.shared.as_ref()?, &secrets);
    match try_storage(folder, &choice, &|| false) {
        Ok(Trial::Found(found)) => Some(*found),
        // A file of the authority that is gone is told by the plugin itself.
        Ok(Trial::OfThePlugin | Trial::CalledOff) | Err(_) => None,
    }
}
