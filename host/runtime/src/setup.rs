//! Setting up a shop in an empty data folder: what the wizard and `init` do.

use crate::folder::DataFolder;
use crate::head_file::HeadFile;
use crate::identity::{self, TokenFile};
use crate::ids::{self, RuntimeEnv};
use crate::lock::RegisterLock;
use crate::settings::{self, MachineSettings, Mode, SettingsEdit, SettingsError};
use crate::site::{OpenOptions, Site};
use crate::storage_choice::{SHARED, StorageChoice};
use crate::traces::Traces;
use crate::{RuntimeError, logs, zone};
use aurapos_contract::RecordStore;
use aurapos_domain::country::CountryProfile;
use aurapos_engine::MachineIdentity;
use aurapos_engine::boot::stored_identity;
use aurapos_engine::error::Code;
use aurapos_engine::setup::{CreatedShop, NewShop, check, create_shop};
use std::sync::Arc;

/// Sets up a shop. `new.identity` is filled in here.
///
/// Whether there is a shop is for the database to say: settings alone, or what an interrupted run left, are used again.
///
/// # Errors
/// A shop is there already or was, the folder cannot be written, a plugin was refused, or a value is not possible.
pub fn set_up(options: &OpenOptions, new: NewShop) -> Result<CreatedShop, RuntimeError> {
    set_up_on(options, new, None)
}

/// The same on a storage that is chosen for it; without one, on that of the settings that lie there, or SQLite.
///
/// # Errors
/// As [`set_up`].
pub fn set_up_on(
    options: &OpenOptions,
    new: NewShop,
    storage: Option<&StorageChoice>,
) -> Result<CreatedShop, RuntimeError> {
    made(options, new, Storages { own: storage, shared: None })
}

/// The same as the master of several registers: its own data lies where it would alone, and the shop in a storage that the
/// others share. It is brought there when the register is opened.
///
/// # Errors
/// As [`set_up`].
pub fn set_up_sharing(
    options: &OpenOptions,
    new: NewShop,
    shared: &StorageChoice,
) -> Result<CreatedShop, RuntimeError> {
    made(options, new, Storages { own: None, shared: Some(shared) })
}

/// What was chosen.
#[derive(Debug, Clone, Copy, Default)]
struct Storages<'a> {
    /// For the register's own data.
    own: Option<&'a StorageChoice>,
    /// For the shop, with other registers.
    shared: Option<&'a StorageChoice>,
}

fn made(options: &OpenOptions, new: NewShop, storages: Storages<'_>) -> Result<CreatedShop, RuntimeError> {
    let folder = &options.folder;
    let exists = || RuntimeError::ShopExists { folder: folder.root().display().to_string() };
    // A register opened here once: its data may be damaged or gone, and is not replaced by an empty shop.
    if folder.last_good_file().exists() {
        return Err(exists());
    }
    // Before anything is made: a refused PIN leaves nothing behind.
    check(&new)?;
    let text = settings_for(folder, &new, storages)?;
    let file = folder.settings_file().display().to_string();
    let chosen = MachineSettings::parse(&text, &file, false)?;
    // This machine is paired: its shop is on the master, and comes from there.
    if chosen.mode == Mode::Slave {
        return Err(exists());
    }
    folder.create()?;
    let lock = RegisterLock::take(folder, &options.program, ids::now())?;
    // Not before: what a register at work writes there is its own.
    let traces = Traces::of(folder);
    let made = make(options, new, storages, chosen, &text).inspect_err(|error| {
        // A shop that may be there needs what belongs to it: the next start opens it, or the next run makes it.
        if !matches!(error, RuntimeError::Engine(error) if error.is(Code::InDoubt)) {
            traces.put_back();
        }
    });
    drop(lock);
    made
}

/// Makes it, in a folder that nobody else has.
fn make(
    options: &OpenOptions,
    mut new: NewShop,
    storages: Storages<'_>,
    chosen: MachineSettings,
    text: &str,
) -> Result<CreatedShop, RuntimeError> {
    let folder = &options.folder;
    let log = logs::start(folder, &chosen.log_level).map_err(RuntimeError::file("starting the log"))?;
    if let Some(own) = storages.own {
        own.keep_secrets(folder, &chosen.storage.name)?;
    }
    if let Some(shared) = storages.shared {
        shared.keep_secrets(folder, SHARED)?;
    }
    let site = Site::with(options, chosen, false)?;
    let store: Arc<dyn RecordStore> = Arc::from(site.storage()?.open(&site.storage_settings(false)?)?);
    // Its token stays what it is: only its settings files are gone.
    if store.info()?.schema_major > 0 && matches!(stored_identity(store.as_ref()), Ok(Some(_))) {
        return Err(RuntimeError::ShopExists { folder: folder.root().display().to_string() });
    }
    new.identity = new_identity(options)?;
    // The shop comes last and in one piece: killed anywhere, there is a whole one or none, and the run can be repeated.
    settings::write_text(folder, text)?;
    let mut env = RuntimeEnv::new(site.ids.clone());
    let created = create_shop(&store, &new, &mut env)?;
    store.close()?;
    tracing::info!(shop = new.name, register = new.register, "set up");
    drop(log);
    Ok(created)
}

/// The identity of data that is about to be made in the folder.
pub(crate) fn new_identity(options: &OpenOptions) -> Result<MachineIdentity, RuntimeError> {
    let folder = &options.folder;
    let unusable = || RuntimeError::file("writing register.token");
    let mut token_file = TokenFile::open(folder, &options.machine()).map_err(unusable())?;
    // Of a shop whose database is gone for good.
    HeadFile::remove(folder).map_err(RuntimeError::file("removing register.head"))?;
    let token = identity::new_token();
    token_file.settle(&token).map_err(unusable())?;
    let inode = token_file.number();
    Ok(MachineIdentity { token, machine: token_file.machine().to_owned(), inode })
}

/// The settings file of the new register: the one that lies there, or the default.
fn settings_for(folder: &DataFolder, new: &NewShop, storages: Storages<'_>) -> Result<String, RuntimeError> {
    let country_zone = CountryProfile::find(&new.country).map(|country| country.timezone);
    let zone_name =
        if new.timezone.is_empty() { country_zone.unwrap_or(zone::DEFAULT_ZONE.name()) } else { &new.timezone };
    let text = match settings::read_text(folder) {
        Err(SettingsError::Missing { .. }) => settings::default_text(&new.register, zone_name),
        Err(error) => return Err(error.into()),
        Ok(text) => {
            let file = folder.settings_file().display().to_string();
            MachineSettings::parse(&text, &file, false)?;
            let mut edit = SettingsEdit::of(&text)?;
            edit.set_register(&new.register, Some(zone_name))?;
            edit.text()
        }
    };
    let mut edit = SettingsEdit::of(&text)?;
    if let Some(own) = storages.own {
        own.write(&mut edit)?;
    }
    if let Some(shared) = storages.shared {
        shared.write_shared(&mut edit, Mode::Master)?;
    }
    Ok(edit.text())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(register: &str, pin: &str) -> NewShop {
        NewShop {
            name: "Shop".to_owned(),
            country: "BE".to_owned(),
            language: "fr".to_owned(),
            register: register.to_owned(),
            manager: "Mia".to_owned(),
            pin: pin.to_owned(),
            ..NewShop::default()
        }
    }

    #[test]
    fn a_shop_that_is_refused_leaves_nothing_behind() {
        for (new, words) in [(new("R1", "1111"), "PIN"), (new("r1", "4711"), "--register")] {
            let place = tempfile::tempdir().unwrap();
            let root = place.path().join("shop");
            let error = set_up(&OpenOptions::new(DataFolder::new(&root), "test"), new).unwrap_err();
            let told = format!("{error} {}", error.next());
            assert!(told.contains(words), "{told}");
            assert!(!root.exists());
        }
    }

    #[test]
    fn a_paired_machine_gets_its_shop_from_the_master() {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(place.path());
        let text =
            "[register]\nmode = \"slave\"\n[storage.local]\nuse = \"sqlite\"\n[storage.shared]\nuse = \"postgres\"\n";
        settings::write_text(&folder, text).unwrap();
        let error = set_up(&OpenOptions::new(folder.clone(), "test"), new("R1", "4711")).unwrap_err();
        assert_eq!(error.code(), "AP-1002", "{error}");
        assert_eq!(settings::read_text(&folder).unwrap(), text);
        assert!(!folder.database().exists());
    }

    #[test]
    fn settings_that_lie_there_are_used_and_named_after_the_new_register() {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(place.path());
        let default = settings_for(&folder, &new("R3", "4711"), Storages::default()).unwrap();
        assert_eq!(default, settings::default_text("R3", "Europe/Brussels"));
        let own = settings::default_text("R1", "Europe/Paris").replace("\"info\"", "\"debug\"");
        settings::write_text(&folder, &own).unwrap();
        let text = settings_for(&folder, &new("R2", "4711"), Storages::default()).unwrap();
        assert_eq!(text, own.replace("\"R1\"", "\"R2\"").replace("Europe/Paris", "Europe/Brussels"));
        settings::write_text(&folder, "[storage").unwrap();
        assert_eq!(settings_for(&folder, &new("R2", "4711"), Storages::default()).unwrap_err().code(), "AP-0203");
    }
}
