//! Setting up a shop in an empty data folder: what the wizard and `init` do.

use crate::identity::{self, TokenFile};
use crate::ids::{self, RuntimeEnv};
use crate::lock::RegisterLock;
use crate::settings::{self, MachineSettings};
use crate::site::{OpenOptions, Site};
use crate::{RuntimeError, logs, zone};
use aurapos_contract::RecordStore;
use aurapos_domain::country::CountryProfile;
use aurapos_engine::MachineIdentity;
use aurapos_engine::boot::stored_identity;
use aurapos_engine::setup::{CreatedShop, NewShop, check, create_shop};
use std::sync::Arc;

/// Sets up a shop. `new.identity` is filled in here.
///
/// The settings file is written last, so that an interrupted run can simply be repeated.
///
/// # Errors
/// A shop is there already, the folder cannot be written, a plugin was refused, or a value is not possible.
pub fn set_up(options: &OpenOptions, mut new: NewShop) -> Result<CreatedShop, RuntimeError> {
    let folder = &options.folder;
    let exists = || RuntimeError::ShopExists { folder: folder.root().display().to_string() };
    if folder.settings_file().exists() || folder.last_good_file().exists() {
        return Err(exists());
    }
    let country_zone = CountryProfile::find(&new.country).map(|country| country.timezone);
    let zone_name =
        if new.timezone.is_empty() { country_zone.unwrap_or(zone::DEFAULT_ZONE.name()) } else { &new.timezone };
    let text = settings::default_text(&new.register, zone_name);
    let file = folder.settings_file().display().to_string();
    let chosen = MachineSettings::parse(&text, &file, false)?;
    // Before anything is made: a refused PIN leaves nothing behind.
    check(&new)?;
    folder.create()?;
    let lock = RegisterLock::take(folder, &options.program, ids::now())?;
    let log = logs::start(folder, &chosen.log_level).map_err(RuntimeError::file("starting the log"))?;
    let site = Site::with(options, chosen, false)?;
    let store: Arc<dyn RecordStore> = Arc::from(site.storage()?.open(&site.storage_settings(false))?);
    // Its token stays what it is: only its settings files are gone.
    if store.info()?.schema_major > 0 && matches!(stored_identity(store.as_ref()), Ok(Some(_))) {
        return Err(exists());
    }
    let unusable = || RuntimeError::file("writing register.token");
    let mut token_file = TokenFile::open(folder, &options.machine()).map_err(unusable())?;
    let token = identity::new_token();
    token_file.settle(&token).map_err(unusable())?;
    let inode = token_file.number();
    new.identity = MachineIdentity { token, machine: token_file.machine().to_owned(), inode };
    let mut env = RuntimeEnv::new(site.ids.clone());
    let created = create_shop(&store, &new, &mut env)?;
    store.close()?;
    settings::write_text(folder, &text)?;
    tracing::info!(shop = new.name, register = new.register, "set up");
    drop((log, lock));
    Ok(created)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::DataFolder;

    #[test]
    fn a_shop_that_is_refused_leaves_nothing_behind() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path().join("shop");
        let new = NewShop {
            name: "Shop".to_owned(),
            country: "BE".to_owned(),
            language: "fr".to_owned(),
            register: "R1".to_owned(),
            manager: "Mia".to_owned(),
            pin: "1111".to_owned(),
            ..NewShop::default()
        };
        let error = set_up(&OpenOptions::new(DataFolder::new(&root), "test"), new).unwrap_err();
        assert!(error.to_string().contains("PIN"), "{error}");
        assert!(!root.exists());
    }
}
