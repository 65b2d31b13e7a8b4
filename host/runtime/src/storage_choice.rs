//! Which storage plugin holds the data of a register, or the shop that several share, as it is chosen when the register is set up;
//! and that nobody puts another one under a register's own data by a line in a file afterwards.
//!
//! Must not know: any plugin, what a setting means.

use crate::RuntimeError;
use crate::folder::DataFolder;
use crate::head_file::HeadFile;
use crate::secrets::Secrets;
use crate::settings::{self, MachineSettings, Mode, SettingsEdit};
use aurapos_contract::RecordStore;
use aurapos_engine::queries;
use std::fmt;
use toml_edit::Value;

/// The plugin that keeps the data in a file of the data folder: what a register has where nobody chooses.
pub const USUAL: &str = "sqlite";

/// The name of the storage that a shop's registers share, in the settings and for its secrets.
pub const SHARED: &str = "shared";

/// A storage plugin with its settings. Its `Debug` hides the secrets.
#[derive(Clone, Default)]
pub struct StorageChoice {
    /// Id of the plugin: `postgres`.
    pub plugin: String,
    /// Settings by key, each as TOML writes it, or as plain text: `5433`, `true`, `localhost`.
    pub settings: Vec<(String, String)>,
    /// Secret settings by key; they go into `secrets.toml`.
    pub secrets: Vec<(String, String)>,
    /// The owner lets a plugin that did not come with AuraPOS run inside the register.
    pub in_process: bool,
}

impl fmt::Debug for StorageChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<&str> = self.secrets.iter().map(|(key, _)| key.as_str()).collect();
        f.debug_struct("StorageChoice")
            .field("plugin", &self.plugin)
            .field("settings", &self.settings)
            .field("secrets", &keys)
            .finish()
    }
}

impl StorageChoice {
    /// The shared storage of the present settings, as whoever sells reaches it: not as the owner of its tables.
    pub fn of_seller(instance: &settings::Instance, secrets: &Secrets) -> Self {
        let text = |value: &aurapos_contract::Value| match value {
            aurapos_contract::Value::Int(number) => number.to_string(),
            aurapos_contract::Value::Bool(truth) => truth.to_string(),
            other => format!("{:?}", other.as_text().unwrap_or_default()),
        };
        let is_sellers = |key: &str| !key.starts_with("owner_");
        let items = instance.settings.items.iter().filter(|item| !item.secret && is_sellers(&item.key));
        let keys = secrets.keys("storage", &instance.name).into_iter().filter(|key| is_sellers(key));
        StorageChoice {
            plugin: instance.plugin().to_owned(),
            settings: items.map(|item| (item.key.clone(), text(&item.value))).collect(),
            secrets: keys
                .filter_map(|key| Some((key.clone(), secrets.get("storage", &instance.name, &key)?.to_owned())))
                .collect(),
            in_process: instance.in_process,
        }
    }

    /// A setting as people write it: without the quotes of TOML.
    pub fn setting(&self, key: &str) -> Option<String> {
        let (_, text) = self.settings.iter().find(|(its, _)| its == key)?;
        Some(match value_of(text) {
            Value::Integer(number) => number.value().to_string(),
            Value::Boolean(truth) => truth.value().to_string(),
            Value::String(text) => text.into_value(),
            _ => text.clone(),
        })
    }

    /// Writes the choice into the settings of the machine.
    pub(crate) fn write(&self, edit: &mut SettingsEdit) -> Result<(), RuntimeError> {
        let settings = self.settings.iter().map(|(key, text)| (key.as_str(), value_of(text)));
        Ok(edit.set_storage(&self.plugin, settings, self.in_process)?)
    }

    /// The same as the storage that the shop's registers share.
    pub(crate) fn write_shared(&self, edit: &mut SettingsEdit, mode: Mode) -> Result<(), RuntimeError> {
        let settings = self.settings.iter().map(|(key, text)| (key.as_str(), value_of(text)));
        Ok(edit.set_shared(mode, SHARED, &self.plugin, settings, self.in_process)?)
    }

    /// Keeps the secrets in the data folder, for the storage of this name in the settings.
    pub(crate) fn keep_secrets(&self, folder: &DataFolder, name: &str) -> Result<(), RuntimeError> {
        if self.secrets.is_empty() {
            return Ok(());
        }
        let mut secrets = Secrets::read(folder)?;
        for (key, text) in &self.secrets {
            secrets.set("storage", name, key, text);
        }
        Ok(secrets.write(folder)?)
    }
}

/// A number or truth as such, everything else as text.
pub(crate) fn value_of(text: &str) -> Value {
    match text.parse::<Value>() {
        Ok(value @ (Value::Integer(_) | Value::Boolean(_) | Value::String(_))) => value.decorated(" ", ""),
        _ => Value::from(text).decorated(" ", ""),
    }
}

/// The refusal of settings that name another storage plugin than the one that held the data when the register was last
/// open; `None`: it is the same, or nothing ever was open. Whether it is one is for the data to say ([`holds_the_data`]): an
/// owner may put a plugin of somebody else before the same data.
pub(crate) fn other(folder: &DataFolder, chosen: &MachineSettings) -> Option<RuntimeError> {
    // Settings that can't be read any more decide nothing.
    let text = std::fs::read_to_string(folder.last_good_file()).ok()?;
    let known = MachineSettings::parse(&text, "", false).ok()?;
    let differs = known.storage.plugin() != chosen.storage.plugin();
    differs.then(|| RuntimeError::OtherStorage {
        file: folder.settings_file().display().to_string(),
        chosen: chosen.storage.plugin().to_owned(),
        stored: known.storage.plugin().to_owned(),
        stored_as: settings::storage_lines(&text),
    })
}

/// Whether a store has the data of the register that was last open here.
pub(crate) fn holds_the_data(folder: &DataFolder, store: &dyn RecordStore) -> bool {
    let known = HeadFile::read(folder).ok().flatten();
    let there = queries::register(store).ok();
    known.zip(there).is_some_and(|(known, there)| known.register == there.id.uuid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_what_they_look_like() {
        for (text, written) in [
            ("5433", "5433"),
            ("true", "true"),
            ("localhost", "\"localhost\""),
            ("\"5433\"", "\"5433\""),
            ("192.168.1.10", "\"192.168.1.10\""),
            ("1.5", "\"1.5\""),
            ("2026-11-30", "\"2026-11-30\""),
            ("", "\"\""),
            ("a = 1", "\"a = 1\""),
        ] {
            assert_eq!(value_of(text).to_string().trim(), written, "{text}");
        }
    }

    #[test]
    fn a_choice_hides_its_secrets() {
        let choice = StorageChoice {
            plugin: "postgres".to_owned(),
            secrets: vec![("password".to_owned(), "sesame".to_owned())],
            ..StorageChoice::default()
        };
        let shown = format!("{choice:?}");
        assert!(shown.contains("password") && !shown.contains("sesame"), "{shown}");
    }

    #[test]
    fn another_storage_than_the_datas_is_noticed() {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(place.path());
        let of = |plugin: &str| {
            MachineSettings::parse(&format!("[storage.local]\nuse = \"{plugin}\"\n"), "aurapos.toml", false).unwrap()
        };
        assert!(other(&folder, &of("postgres")).is_none(), "nothing was ever opened");
        let known = "[storage.local]\nuse = \"postgres@^1\"\n[storage.local.config]\nhost = \"localhost\"\n";
        std::fs::write(folder.last_good_file(), known).unwrap();
        assert!(other(&folder, &of("postgres")).is_none());
        let error = other(&folder, &of("sqlite")).unwrap();
        let told = format!("{error} {}", error.next());
        for words in ["sqlite", "postgres", "use = \"postgres@^1\"", "host = \"localhost\""] {
            assert!(told.contains(words), "{words}: {told}");
        }
        assert_eq!(error.code(), "AP-0108");
    }
}
