//! The storages that a shop can be set up on, what each asks for, and asking one before there is a shop.
//!
//! Nothing is made or kept by any of it. Must not know: any plugin, how a form is shown.

use crate::RuntimeError;
use crate::form::{Advice, Form};
use crate::settings::{self, MachineSettings, SettingsEdit, SettingsError};
use crate::site::{OpenOptions, Site};
use crate::storage_choice::{StorageChoice, USUAL};
use crate::traces::Traces;
use crate::zone;
use aurapos_contract::Value;
use aurapos_plugin_host::manifest::{ConfigField, FieldType, Kind, Words};

/// A storage plugin that is installed.
#[derive(Debug, Clone, PartialEq)]
pub struct StorageOffer {
    /// Its id.
    pub plugin: String,
    /// Its name for people.
    pub name: Words,
    /// What it is for.
    pub description: Words,
    /// It came with the program.
    pub built_in: bool,
    /// Its settings, in the order of its manifest.
    pub fields: Vec<ConfigField>,
}

impl StorageOffer {
    /// The choice of this plugin with what was typed. What is empty, or the default, is not given.
    pub fn choice(&self, typed: &[(String, String)]) -> StorageChoice {
        let mut choice = StorageChoice { plugin: self.plugin.clone(), ..StorageChoice::default() };
        for (key, text) in typed {
            let Some(field) = self.fields.iter().find(|field| field.key == *key) else { continue };
            let is_default = field.default.as_ref().is_some_and(|default| plain(default) == text.trim());
            if text.is_empty() || is_default {
                continue;
            }
            match field.kind {
                // Blanks may be a part of a secret, and of nothing else.
                _ if field.secret => choice.secrets.push((key.clone(), text.clone())),
                FieldType::Text => {
                    choice.settings.push((key.clone(), quoted(text.trim())));
                }
                _ => choice.settings.push((key.clone(), text.trim().to_owned())),
            }
        }
        choice
    }
}

/// A text as [`StorageChoice`] holds it: as TOML writes it.
pub fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}

/// The same back: what people wrote.
pub fn unquoted(text: &str) -> String {
    let value = text.parse::<toml_edit::Value>().ok();
    value.as_ref().and_then(toml_edit::Value::as_str).unwrap_or(text).to_owned()
}

/// A value as people write it.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        _ => String::new(),
    }
}

/// The storage plugins that are installed, by id; of several versions the newest.
///
/// # Errors
/// Settings that lie in the folder are refused.
pub fn offers(options: &OpenOptions) -> Result<Vec<StorageOffer>, RuntimeError> {
    let site = site_of(options, None)?;
    let mut offers: Vec<StorageOffer> = Vec::new();
    for found in site.plugins.discover().found {
        if !found.manifest.kinds.contains(&Kind::Storage) {
            continue;
        }
        let manifest = found.manifest;
        offers.retain(|known| known.plugin != manifest.id);
        offers.push(StorageOffer {
            plugin: manifest.id,
            name: manifest.name,
            description: manifest.description,
            built_in: found.builtin,
            fields: manifest.fields,
        });
    }
    Ok(offers)
}

/// The storage that the settings in the folder name, where they name one that is not the usual file.
///
/// # Errors
/// Settings that lie in the folder are refused.
pub fn named(options: &OpenOptions) -> Result<Option<String>, RuntimeError> {
    let settings = match MachineSettings::read(&options.folder) {
        Err(SettingsError::Missing { .. }) => return Ok(None),
        settings => settings?,
    };
    let storage = settings.storage;
    let is_usual = storage.plugin() == USUAL && storage.settings.items.is_empty();
    Ok((!is_usual).then(|| storage.plugin().to_owned()))
}

/// The form of a choice: what is given, and what is wrong with it as far as its manifest tells. Runs no plugin.
///
/// # Errors
/// The plugin is not there, or its manifest is refused.
pub fn look(options: &OpenOptions, choice: &StorageChoice) -> Result<Form, RuntimeError> {
    let site = site_of(options, Some(choice))?;
    let refused = |refusal| RuntimeError::StorageRefused { refusal };
    site.form(Kind::Storage, &site.settings.storage).map_err(refused)
}

/// Asks the plugin of a choice: what is wrong beyond its manifest, and with `connect` whether the other end answers.
///
/// # Errors
/// The plugin is refused, or cannot be asked.
pub fn ask(options: &OpenOptions, choice: &StorageChoice, connect: bool) -> Result<Advice, RuntimeError> {
    // A plugin that is loaded leaves what its trial found in the folder, which may not even be there.
    let (traces, was_there) = (Traces::of(&options.folder), options.folder.root().exists());
    let asked =
        site_of(options, Some(choice)).and_then(|site| site.ask_plugin(Kind::Storage, &site.settings.storage, connect));
    traces.put_back();
    if !was_there {
        // Refused when anything else is in it.
        let _ = std::fs::remove_dir(options.folder.root());
    }
    asked
}

/// The site of settings that stand nowhere yet. Secrets are given beside them, as if they came from their file.
fn site_of(options: &OpenOptions, choice: Option<&StorageChoice>) -> Result<Site, RuntimeError> {
    let folder = &options.folder;
    let text = match settings::read_text(folder) {
        Err(SettingsError::Missing { .. }) => settings::default_text("R1", zone::DEFAULT_ZONE.name()),
        text => text?,
    };
    let mut edit = SettingsEdit::of(&text)?;
    if let Some(choice) = choice {
        choice.write(&mut edit)?;
    }
    let mut chosen = MachineSettings::parse(&edit.text(), &folder.settings_file().display().to_string(), false)?;
    for (key, text) in choice.iter().flat_map(|choice| &choice.secrets) {
        chosen.storage.settings = chosen.storage.settings.with_secret(key, text);
    }
    Site::with(options, chosen, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::DataFolder;

    const MANIFEST: &str = "id = \"acme\"\nversion = \"1.0.0\"\nkinds = [\"storage\"]\napi = \"^1\"\n\
        [[config.field]]\nkey = \"host\"\ntype = \"text\"\ndefault = \"localhost\"\n\
        [[config.field]]\nkey = \"port\"\ntype = \"int\"\nmin = 1\n\
        [[config.field]]\nkey = \"name\"\ntype = \"text\"\nrequired = true\n\
        [[config.field]]\nkey = \"password\"\ntype = \"text\"\nsecret = true\n";

    fn place() -> (tempfile::TempDir, OpenOptions) {
        let place = tempfile::tempdir().unwrap();
        let plugin = place.path().join("programs/plugins/acme");
        std::fs::create_dir_all(&plugin).unwrap();
        std::fs::write(plugin.join("plugin.toml"), MANIFEST).unwrap();
        let mut options = OpenOptions::new(DataFolder::new(place.path().join("shop")), "test");
        options.programs = Some(place.path().join("programs"));
        (place, options)
    }

    #[test]
    fn what_was_typed_becomes_a_choice_and_what_is_wrong_is_told_by_field() {
        let (_place, options) = place();
        let offers = offers(&options).unwrap();
        let offer = offers.iter().find(|offer| offer.plugin == "acme").unwrap();
        let typed = |fields: &[(&str, &str)]| -> Vec<(String, String)> {
            fields.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect()
        };
        let choice = offer.choice(&typed(&[
            ("host", "localhost"),
            ("port", " 5433 "),
            ("name", "123"),
            ("password", " a b "),
            ("none", "x"),
        ]));
        let pairs = |pairs: &[(String, String)]| pairs.iter().map(|(a, b)| format!("{a}={b}")).collect::<Vec<_>>();
        assert_eq!(pairs(&choice.settings), ["port=5433", "name=\"123\""], "a text of figures stays a text");
        assert_eq!(pairs(&choice.secrets), ["password= a b "]);
        assert!(look(&options, &choice).unwrap().good());
        let wrong = offer.choice(&typed(&[("port", "0")]));
        let form = look(&options, &wrong).unwrap();
        let bad: Vec<&str> =
            form.fields.iter().filter(|line| line.problem.is_some()).map(|line| line.field.key.as_str()).collect();
        assert_eq!(bad, ["port", "name"]);
        assert!(!options.folder.root().exists(), "looking makes nothing");
    }

    #[test]
    fn consent_is_given_to_the_plugin_that_was_chosen_and_to_no_other() {
        let (_place, options) = place();
        let choice = |plugin: &str, in_process| {
            let plugin = plugin.to_owned();
            StorageChoice { plugin, in_process, ..StorageChoice::default() }
        };
        let inside = |choice: &StorageChoice| site_of(&options, Some(choice)).unwrap().settings.storage.in_process;
        assert!(!inside(&choice("acme", false)) && inside(&choice("acme", true)));
        options.folder.create().unwrap();
        let text = settings::default_text("R1", "Europe/Brussels");
        let consented = text.replace("use = \"sqlite\"", "use = \"acme\"\nisolation = \"in-process\"");
        settings::write_text(&options.folder, &consented).unwrap();
        assert!(!inside(&choice("other", false)), "what stood there was for acme");
    }

    #[test]
    fn settings_that_name_another_storage_are_seen() {
        let (_place, options) = place();
        assert_eq!(named(&options).unwrap(), None);
        options.folder.create().unwrap();
        let text = settings::default_text("R1", "Europe/Brussels");
        settings::write_text(&options.folder, &text).unwrap();
        assert_eq!(named(&options).unwrap(), None);
        settings::write_text(&options.folder, &text.replace("use = \"sqlite\"", "use = \"acme\"")).unwrap();
        assert_eq!(named(&options).unwrap().as_deref(), Some("acme"));
    }
}
