//! How a register stands to the others of its shop, as its data folder says it: the folder of one that was paired, before it has any
//! data (settings, secrets, the shop's authority), and one with data that becomes a master or is by itself again.
//!
//! Owns the order: the settings file comes last, so that a run that was killed is simply made again. Must not know how a pairing is
//! carried from the master, nor any storage plugin.

use crate::folder::{DataFolder, replace_file};
use crate::lock::RegisterLock;
use crate::secrets::Secrets;
use crate::settings::{self, MachineSettings, Mode, SettingsEdit};
use crate::storage_choice::{SHARED, StorageChoice};
use crate::{RuntimeError, ids};
use aurapos_domain::ids::RegisterCode;
use std::fs;
use std::path::PathBuf;

/// The file of the shop's authority in the data folder of a register without a server.
pub const AUTHORITY_FILE: &str = "authority.pem";

/// The file that says that the shop was not brought here whole yet; what the register is called stands in it.
pub fn arriving_file(folder: &DataFolder) -> PathBuf {
    folder.root().join("shop.arriving")
}

/// Whether the register of a folder was paired, and has never had the shop whole since: it is brought to the end before anybody
/// sells.
pub fn is_arriving(folder: &DataFolder) -> bool {
    arriving_file(folder).exists()
}

/// What a register is called whose shop was not brought here whole yet; empty where nobody said.
pub(crate) fn name_of_arriving(folder: &DataFolder) -> String {
    fs::read_to_string(arriving_file(folder)).unwrap_or_default()
}

/// The shop is here, whole.
pub fn arrived(folder: &DataFolder) {
    // Where it stays, the next start looks once more and finds nothing to bring.
    let _ = fs::remove_file(arriving_file(folder));
}

/// A register that joins a shop.
#[derive(Debug, Clone)]
pub struct Joining<'a> {
    /// Its code.
    pub code: &'a str,
    /// What it is called; may be empty.
    pub name: &'a str,
    /// The shop's time zone; the store has the last word.
    pub time_zone: &'a str,
    /// The storage that the shop shares, with the register's secrets.
    pub shared: &'a StorageChoice,
    /// Certificate of the shop's authority, PEM; the setting that names it says [`AUTHORITY_FILE`].
    pub authority: &'a str,
}

/// Whether a folder is free for a register that joins: nobody's shop is or was in it.
///
/// # Errors
/// There is one.
pub fn check_free(folder: &DataFolder) -> Result<(), RuntimeError> {
    if folder.is_fresh() {
        return Ok(());
    }
    Err(RuntimeError::ShopExists { folder: folder.root().display().to_string() })
}

/// The code of the register that a folder was paired as; `None`: nobody paired it, or its register is by itself by now.
///
/// # Errors
/// Its settings cannot be read.
pub fn paired_as(folder: &DataFolder) -> Result<Option<String>, RuntimeError> {
    if !folder.settings_file().exists() {
        return Ok(None);
    }
    let settings = MachineSettings::read(folder)?;
    Ok(settings.register.filter(|_| settings.mode == Mode::Slave))
}

/// Prepares the data folder. `program`: who does it, for the lock.
///
/// # Errors
/// A shop is there already, or a file cannot be written.
pub fn prepare(folder: &DataFolder, program: &str, joining: &Joining<'_>) -> Result<(), RuntimeError> {
    check_free(folder)?;
    let text = text_of(joining)?;
    MachineSettings::parse(&text, &folder.settings_file().display().to_string(), false)?;
    folder.create()?;
    let _lock = RegisterLock::take(folder, program, ids::now())?;
    check_free(folder)?;
    let file = folder.root().join(AUTHORITY_FILE);
    replace_file(&file, joining.authority.as_bytes()).map_err(RuntimeError::file("writing authority.pem"))?;
    joining.shared.keep_secrets(folder, SHARED)?;
    replace_file(&arriving_file(folder), joining.name.as_bytes())
        .map_err(RuntimeError::file("writing shop.arriving"))?;
    Ok(settings::write_text(folder, &text)?)
}

/// A register by itself becomes the master of several: from its next opening on it brings the shop to a shared storage. Its own
/// data stays where it is.
///
/// # Errors
/// No shop is here, another program has it open, or a file cannot be written.
pub fn share(folder: &DataFolder, program: &str, shared: &StorageChoice) -> Result<(), RuntimeError> {
    change(folder, program, |edit| {
        shared.keep_secrets(folder, SHARED)?;
        shared.write_shared(edit, Mode::Master)
    })
}

/// A register of several is by itself from its next opening on. What the shared storage has stays there.
///
/// # Errors
/// As [`share`].
pub fn be_alone(folder: &DataFolder, program: &str) -> Result<(), RuntimeError> {
    change(folder, program, |edit| Ok(edit.set_single()?))?;
    // After the settings: what is left of a run that was cut off opens nothing.
    let mut secrets = Secrets::read(folder)?;
    let mut unset = false;
    for key in secrets.keys("storage", SHARED) {
        unset |= secrets.unset("storage", SHARED, &key);
    }
    if unset {
        secrets.write(folder)?;
    }
    Ok(())
}

fn change(
    folder: &DataFolder,
    program: &str,
    edit: impl FnOnce(&mut SettingsEdit) -> Result<(), RuntimeError>,
) -> Result<(), RuntimeError> {
    let _lock = RegisterLock::take(folder, program, ids::now())?;
    let mut text = SettingsEdit::of(&settings::read_text(folder)?)?;
    edit(&mut text)?;
    let text = text.text();
    MachineSettings::parse(&text, &folder.settings_file().display().to_string(), false)?;
    Ok(settings::write_text(folder, &text)?)
}

fn text_of(joining: &Joining<'_>) -> Result<String, RuntimeError> {
    let code = RegisterCode::parse(joining.code).map_err(|error| settings::EditError::NotToml(error.to_string()))?;
    let mut edit = SettingsEdit::of(&settings::default_text(code.as_str(), joining.time_zone))?;
    joining.shared.write_shared(&mut edit, Mode::Slave)?;
    Ok(edit.text())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice() -> StorageChoice {
        StorageChoice {
            plugin: "postgres".to_owned(),
            settings: vec![("host".into(), "192.168.1.10".into()), ("port".into(), "5432".into())],
            secrets: vec![("password".into(), "sesame".into())],
            in_process: false,
        }
    }

    #[test]
    fn a_folder_is_prepared_once_and_its_secret_is_in_one_file() {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(place.path().join("bar"));
        let shared = choice();
        let joining =
            Joining { code: "R2", name: "Bar", time_zone: "Europe/Paris", shared: &shared, authority: "-----BEGIN" };
        prepare(&folder, "test", &joining).unwrap();
        let settings = MachineSettings::read(&folder).unwrap();
        let found = settings.shared.unwrap();
        assert_eq!(
            (settings.mode, settings.register.as_deref(), found.name.as_str()),
            (Mode::Slave, Some("R2"), SHARED)
        );
        assert_eq!((settings.time_zone.name(), found.settings.int("port").unwrap()), ("Europe/Paris", 5432));
        assert_eq!(Secrets::read(&folder).unwrap().get("storage", SHARED, "password"), Some("sesame"));
        for entry in
            std::fs::read_dir(folder.root()).unwrap().flatten().filter(|entry| entry.file_name() != "secrets.toml")
        {
            assert!(!std::fs::read_to_string(entry.path()).unwrap_or_default().contains("sesame"), "{entry:?}");
        }
        assert_eq!(prepare(&folder, "test", &joining).unwrap_err().code(), "AP-1002");
        assert!(is_arriving(&folder), "until it was there whole");
        assert_eq!(name_of_arriving(&folder), "Bar");
        arrived(&folder);
        assert!(!is_arriving(&folder));
    }

    #[test]
    fn a_run_that_was_cut_off_is_made_again_and_a_shop_is_left_alone() {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(place.path());
        let shared = choice();
        let joining =
            Joining { code: "R2", name: "Bar", time_zone: "Europe/Paris", shared: &shared, authority: "-----BEGIN" };
        // The secrets of a run that did not come to its end.
        let mut secrets = Secrets::read(&folder).unwrap();
        secrets.set("server", "aurapos_r2", "password", "sesame");
        secrets.write(&folder).unwrap();
        prepare(&folder, "test", &joining).unwrap();
        assert_eq!(Secrets::read(&folder).unwrap().get("server", "aurapos_r2", "password"), Some("sesame"));
        let bad = Joining { code: "r 2", ..joining.clone() };
        let other = DataFolder::new(place.path().join("other"));
        assert!(prepare(&other, "test", &bad).is_err() && !other.root().exists());
        // A database without settings is somebody's.
        std::fs::remove_file(folder.settings_file()).unwrap();
        std::fs::write(folder.database(), "").unwrap();
        assert_eq!(prepare(&folder, "test", &joining).unwrap_err().code(), "AP-1002");
    }
}
