//! A register's place without its data: the folder, the settings, the plugins. What rescue and plugin commands need, and
//! what an open register stands on.

use crate::devices::DeviceSet;
use crate::folder::DataFolder;
use crate::ids::IdMaker;
use crate::secrets::{Secrets, SecretsError};
use crate::services::{Services, SharedZone};
use crate::settings::{self, Instance, MachineSettings, SettingsError};
use crate::storage_choice;
use crate::{RuntimeError, identity};
use aurapos_contract::{BackupScheduler, Settings, StorageProvider};
use aurapos_plugin_host::manifest::{Kind, Manifest, complete_settings};
use aurapos_plugin_host::{self as plugin_host, Code, PluginHost, PluginHostOptions, Refusal};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// A storage, and the settings that open it.
pub(crate) type Opener = (Arc<dyn StorageProvider>, Settings);

/// How a register is opened.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// The data folder.
    pub folder: DataFolder,
    /// Who opens it, for the lock: `aurapos-admin`.
    pub program: String,
    /// Where the programs, `plugins/` and `builtin.lock` are; the folder of this program where none is given.
    pub programs: Option<PathBuf>,
    /// Hash of the machine's id; this machine's where none is given.
    pub machine: Option<String>,
    /// Third parties' plugins are left out, whatever the settings say.
    pub safe_mode: bool,
}

impl OpenOptions {
    /// This machine, the programs beside this one.
    pub fn new(folder: DataFolder, program: &str) -> Self {
        let program = program.to_owned();
        OpenOptions { folder, program, programs: None, machine: None, safe_mode: false }
    }

    pub(crate) fn machine(&self) -> String {
        self.machine.clone().unwrap_or_else(identity::machine)
    }

    /// Where the programs are.
    pub fn program_dir(&self) -> PathBuf {
        let own = || std::env::current_exe().ok().and_then(|program| program.parent().map(PathBuf::from));
        self.programs.clone().or_else(own).unwrap_or_else(|| PathBuf::from("."))
    }
}

/// Folder, settings and plugins.
#[derive(Debug)]
pub struct Site {
    /// The folder.
    pub folder: DataFolder,
    /// The settings.
    pub settings: MachineSettings,
    /// The plugins.
    pub plugins: Arc<PluginHost>,
    /// The shop's wall.
    pub zone: SharedZone,
    /// The maker of ids.
    pub ids: Arc<IdMaker>,
    /// Third parties' plugins are left out.
    pub safe_mode: bool,
}

/// The plugins behind the payment instances, for whoever finds one of them lying.
#[derive(Debug)]
pub(crate) struct PaymentPlugins {
    host: Arc<PluginHost>,
    /// Instance → plugin id.
    ids: BTreeMap<String, String>,
}

impl PaymentPlugins {
    /// An answer was computed again and is wrong: nothing more is begun with its plugin, now and after a restart.
    pub(crate) fn shut_out_the_liar(&self, instance: &str, message: &str) {
        if let Some(id) = self.ids.get(instance) {
            self.host.report_wrong_answer(id, "payment", message);
        }
    }
}

/// An instance that is not used although the settings name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedInstance {
    /// `payment`, `printer`, …
    pub kind: &'static str,
    /// Instance.
    pub name: String,
    /// Why.
    pub refusal: Refusal,
}

impl Site {
    /// Reads the settings of a folder and looks for plugins. `look_only`: another program may have the register open.
    ///
    /// # Errors
    /// Settings that are refused; a plugin host that cannot keep its files.
    pub fn open(options: &OpenOptions, look_only: bool) -> Result<Self, RuntimeError> {
        Self::with(options, settings_of(options)?, look_only)
    }

    /// With settings that need not stand in the folder yet.
    pub(crate) fn with(
        options: &OpenOptions,
        settings: MachineSettings,
        look_only: bool,
    ) -> Result<Self, RuntimeError> {
        let mut places = PluginHostOptions::in_folders(&options.program_dir(), options.folder.root());
        let third_party = settings.plugin_dirs.iter().filter(|_| !options.safe_mode);
        places.dirs = third_party.map(|dir| options.folder.root().join(dir)).collect();
        places.trust = match settings.trust {
            settings::Trust::Open => plugin_host::Trust::Open,
            settings::Trust::Tofu => plugin_host::Trust::Tofu,
        };
        places.look_only = look_only;
        let plugins = Arc::new(PluginHost::open(places));
        let zone = SharedZone::new(settings.time_zone);
        let (folder, safe_mode) = (options.folder.clone(), options.safe_mode);
        Ok(Site { folder, settings, plugins, zone, ids: IdMaker::new(), safe_mode })
    }

    /// A plugin that is not found in safe mode may well be there.
    fn told(&self, refusal: Refusal) -> Refusal {
        if !self.safe_mode || refusal.code != Code::NotFound {
            return refusal;
        }
        Refusal {
            message: "it did not come with AuraPOS, and safe mode leaves such plugins out".to_owned(),
            next: "Start without --safe-mode to use it.".to_owned(),
            ..refusal
        }
    }

    /// The storage that the settings name. Never another one.
    ///
    /// # Errors
    /// Its refusal; [`RuntimeError::OtherStorage`] when its settings are those of the one that held the data until now.
    pub fn storage(&self) -> Result<Arc<dyn StorageProvider>, RuntimeError> {
        let made = self.instance(Kind::Storage, &self.settings.storage).and_then(|one| self.plugins.storage(&one));
        made.map_err(|refusal| match storage_choice::other(&self.folder, &self.settings) {
            // Settings of the one under the name of the other. A name that nobody has is a slip of the pen.
            Some(other) if refusal.code == Code::Settings => other,
            _ => RuntimeError::StorageRefused { refusal: self.told(refusal) },
        })
    }

    /// The storage's settings for opening and restoring: as the plugin was given them when it was made.
    ///
    /// # Errors
    /// The plugin, a setting or the file of secrets is refused.
    pub fn storage_settings(&self, read_only: bool) -> Result<Settings, RuntimeError> {
        let settings = self
            .complete(&self.settings.storage)
            .map_err(|refusal| RuntimeError::StorageRefused { refusal: self.told(refusal) })?;
        // What a register keeps for itself is nobody else's, wherever it is.
        Ok(settings.with(if read_only { "read_only" } else { "alone" }, true))
    }

    fn complete(&self, storage: &Instance) -> Result<Settings, Refusal> {
        let manifest = self.plugins.manifest(&storage.selector, Kind::Storage)?;
        complete_settings(&self.with_secrets(storage, Kind::Storage, &manifest)?, &manifest)
            .map_err(|error| Refusal::new(Code::Settings, &manifest.id, error))
    }

    /// The storage that the shop's registers share, with the settings that open it; `None`: a register by itself has none.
    pub(crate) fn shared(&self) -> Option<Result<Opener, Refusal>> {
        let shared = self.settings.shared.as_ref()?;
        let made = self
            .complete(shared)
            .and_then(|settings| Ok((self.plugins.storage(&self.instance(Kind::Storage, shared)?)?, settings)));
        Some(made.map_err(|refusal| self.told(refusal)))
    }

    /// The backup plugin that the settings name. `shop` holds what the shop's own settings say; for our plugin they
    /// win over the file, because retention is the shop's and not this machine's.
    ///
    /// # Errors
    /// None is named or it is switched off; its refusal.
    pub fn backup(&self, shop: Settings) -> Result<Arc<dyn BackupScheduler>, RuntimeError> {
        let mut chosen = self.settings.backup.clone().filter(|one| one.enabled).ok_or(RuntimeError::NoBackup)?;
        if chosen.plugin() == "backup-scheduler" {
            for setting in shop.items {
                chosen.settings = chosen.settings.with(&setting.key, setting.value);
            }
        }
        let refused =
            |refusal| RuntimeError::Plugin { what: "the backup plugin".to_owned(), refusal: self.told(refusal) };
        self.instance(Kind::Backup, &chosen).and_then(|one| self.plugins.backup(&one)).map_err(refused)
    }

    /// Everything else that the settings name: what works, and what was refused. A refused device never stops the rest.
    pub(crate) fn devices(&self) -> (DeviceSet, Vec<RefusedInstance>) {
        let mut devices = DeviceSet::default();
        let mut refused = Vec::new();
        let mut note = |kind: &'static str, one: &Instance, refusal: Refusal| {
            let refusal = self.told(refusal);
            tracing::warn!(kind, instance = one.name, code = refusal.code_text(), "{}", refusal.message);
            refused.push(RefusedInstance { kind, name: one.name.clone(), refusal });
        };
        for one in self.settings.payments.iter().filter(|one| one.enabled) {
            match self.instance(Kind::Payment, one).and_then(|one| self.plugins.payment(&one)) {
                Ok(provider) => devices.payments.push((one.name.clone(), provider)),
                Err(refusal) => note("payment", one, refusal),
            }
        }
        for one in self.settings.printers.iter().filter(|one| one.enabled) {
            match self.instance(Kind::Printer, one).and_then(|one| self.plugins.printer(&one)) {
                Ok(printer) => devices.printers.push((one.name.clone(), printer)),
                Err(refusal) => note("printer", one, refusal),
            }
        }
        for one in self.settings.events.iter().filter(|one| one.enabled) {
            match self.instance(Kind::Events, one).and_then(|one| self.plugins.events(&one)) {
                Ok(sink) => devices.sinks.push((one.name.clone(), sink)),
                Err(refusal) => note("events", one, refusal),
            }
        }
        (devices, refused)
    }

    /// Which plugin serves which payment instance.
    pub(crate) fn payment_plugins(&self) -> PaymentPlugins {
        let ids = self.settings.payments.iter().map(|one| (one.name.clone(), one.plugin().to_owned())).collect();
        PaymentPlugins { host: Arc::clone(&self.plugins), ids }
    }

    /// Every instance of the settings that would not work now. Loads the plugins to find out.
    pub fn check_instances(&self) -> Vec<RefusedInstance> {
        let (_, mut refused) = self.devices();
        if let Err(RuntimeError::StorageRefused { refusal }) = self.storage() {
            refused.push(RefusedInstance { kind: "storage", name: self.settings.storage.name.clone(), refusal });
        }
        if let Err(RuntimeError::Plugin { refusal, .. }) = self.backup(Settings::default()) {
            refused.push(RefusedInstance { kind: "backup", name: "backup".to_owned(), refusal });
        }
        refused
    }

    pub(crate) fn instance(&self, kind: Kind, one: &Instance) -> Result<plugin_host::Instance, Refusal> {
        let services = Services {
            speaker: format!("{kind}/{}", one.name),
            data_dir: self.folder.root().to_owned(),
            zone: self.zone.clone(),
            ids: self.ids.clone(),
        };
        // A plugin that is not to be had has its own refusal, and that is the one to tell.
        let settings = match self.plugins.manifest(&one.selector, kind) {
            Ok(manifest) => self.with_secrets(one, kind, &manifest)?,
            Err(_) => one.settings.clone(),
        };
        Ok(plugin_host::Instance {
            name: one.name.clone(),
            selector: one.selector.clone(),
            in_process: one.in_process,
            deadline: one.deadline,
            settings,
            services: Arc::new(services),
        })
    }

    /// The settings of the file with the secrets that the plugin declares. The file of secrets is read for nobody else,
    /// and anew each time: whatever is wrong with it touches only those who need it, and no secret is kept in between.
    fn with_secrets(&self, one: &Instance, kind: Kind, manifest: &Manifest) -> Result<Settings, Refusal> {
        let mut settings = one.settings.clone();
        let keys: Vec<&str> = manifest.fields.iter().filter(|one| one.secret).map(|one| one.key.as_str()).collect();
        if keys.is_empty() {
            return Ok(settings);
        }
        let secrets = Secrets::read(&self.folder).map_err(|error| unreadable(&manifest.id, &error))?;
        for key in keys {
            // What stands in the settings file stays there, and is refused for it.
            if let Some(text) = secrets.get(kind.word(), &one.name, key).filter(|_| settings.get(key).is_none()) {
                settings = settings.with_secret(key, text);
            }
        }
        Ok(settings)
    }
}

/// The settings of a folder in which a shop may not have been set up.
pub(crate) fn settings_of(options: &OpenOptions) -> Result<MachineSettings, RuntimeError> {
    let folder = &options.folder;
    match MachineSettings::read(folder) {
        Err(SettingsError::Missing { fresh: true, .. }) => {
            Err(RuntimeError::NoShop { folder: folder.root().display().to_string() })
        }
        other => Ok(other?),
    }
}

/// Why a plugin goes without the secrets that it needs.
pub(crate) fn unreadable(plugin: &str, error: &SecretsError) -> Refusal {
    Refusal { next: error.next(), ..Refusal::new(Code::Secrets, plugin, error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn safe_mode_looks_for_no_third_party_and_says_so() {
        let place = tempfile::tempdir().unwrap();
        let text = settings::default_text("R1", "Europe/Brussels").replace("use = \"cash\"", "use = \"acme\"");
        settings::write_text(&DataFolder::new(place.path()), &text).unwrap();
        let mut options = OpenOptions::new(DataFolder::new(place.path()), "test");
        options.programs = Some(place.path().to_owned());
        let reason = |options: &OpenOptions| {
            let (_, refused) = Site::open(options, true).unwrap().devices();
            refused.first().map(|one| (one.refusal.code_text(), one.refusal.message.clone())).unwrap()
        };
        let (code, usual) = reason(&options);
        options.safe_mode = true;
        let (same, told) = reason(&options);
        assert_eq!(code, same);
        assert!(told.contains("safe mode") && !usual.contains("safe mode"), "{usual} {told}");
    }

    /// A place with one third-party storage, of which only the manifest lies there: nothing here loads it.
    fn place_with_a_storage(fields: &str) -> (tempfile::TempDir, Site) {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(place.path());
        let text = settings::default_text("R1", "Europe/Brussels").replace("use = \"sqlite\"", "use = \"acme-store\"");
        settings::write_text(&folder, &text).unwrap();
        let plugin = folder.plugins().join("acme-store");
        std::fs::create_dir_all(&plugin).unwrap();
        let manifest =
            format!("id = \"acme-store\"\nversion = \"1.0.0\"\nkinds = [\"storage\"]\napi = \"^1\"\n{fields}");
        std::fs::write(plugin.join("plugin.toml"), manifest).unwrap();
        let mut options = OpenOptions::new(folder, "test");
        options.programs = Some(place.path().join("programs"));
        let site = Site::open(&options, true).unwrap();
        (place, site)
    }

    const PATH: &str = "[[config.field]]\nkey = \"path\"\ntype = \"text\"\ndefault = \"acme.db\"\n";
    const KEY: &str = "[[config.field]]\nkey = \"key\"\ntype = \"text\"\nsecret = true\nrequired = true\n";

    fn broken(site: &Site) {
        std::fs::write(site.folder.secrets_file(), "not = [toml").unwrap();
        #[cfg(unix)]
        {
            let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
            std::fs::set_permissions(site.folder.secrets_file(), private).unwrap();
        }
    }

    #[test]
    fn a_storage_is_opened_with_defaults_and_secrets() {
        let (_place, site) = place_with_a_storage(&format!("{PATH}{KEY}"));
        let missing = site.storage_settings(false).unwrap_err();
        assert!(missing.code() == "P-129" && missing.to_string().contains("set-secret"), "{missing}");
        for (key, text, code) in [("path", "x", "AP-0305"), ("none", "x", "AP-0305"), ("key", "", "AP-0306")] {
            assert_eq!(site.set_secret("storage", key, text).unwrap_err().code(), code, "{key}");
        }
        assert!(!site.folder.secrets_file().exists());
        site.set_secret("storage", "key", "open sesame").unwrap();
        let given = site.storage_settings(true).unwrap();
        assert_eq!((given.text("path"), given.text("key")), (Ok("acme.db"), Ok("open sesame")));
        assert_eq!((given.bool("read_only"), given.has_secret("key")), (Ok(true), true));
        assert!(site.storage_settings(false).unwrap().get("read_only").is_none());
        let made = site.instance(Kind::Storage, &site.settings.storage).unwrap();
        assert!(made.settings.has_secret("key") && !format!("{made:?}").contains("sesame"), "{made:?}");
        broken(&site);
        for refused in [site.storage_settings(false).unwrap_err(), site.storage().unwrap_err()] {
            assert!(refused.code() == "P-143" && refused.to_string().contains("secrets.toml"), "{refused}");
            assert!(refused.next().contains("set-secret"), "{}", refused.next());
        }
    }

    #[test]
    fn whoever_has_no_secrets_does_not_care_about_their_file() {
        let (_place, site) = place_with_a_storage(PATH);
        broken(&site);
        assert_eq!(site.storage_settings(false).unwrap().text("path"), Ok("acme.db"));
        assert!(site.instance(Kind::Storage, &site.settings.storage).is_ok());
        let form = site.form(Kind::Storage, &site.settings.storage).unwrap();
        assert!(form.good(), "{form:?}");
    }

    /// A later version of the plugin asks for one secret less: it works, and what is kept for nothing is told.
    #[test]
    fn a_secret_that_nobody_asks_for_is_told_and_not_handed_over() {
        let (_place, site) = place_with_a_storage(&format!("{PATH}{KEY}"));
        let mut secrets = Secrets::read(&site.folder).unwrap();
        secrets.set("storage", "acme-store", "key", "a");
        secrets.set("storage", "acme-store", "old_key", "b");
        secrets.set("storage", "acme-store", "path", "c");
        secrets.write(&site.folder).unwrap();
        let given = site.storage_settings(false).unwrap();
        let mut keys: Vec<&str> = given.items.iter().map(|item| item.key.as_str()).collect();
        keys.sort_unstable();
        assert_eq!((keys, given.text("path")), (vec!["alone", "key", "path"], Ok("acme.db")));
        let form = site.form(Kind::Storage, &site.settings.storage).unwrap();
        assert!(form.good() && form.unused_secrets == ["old_key", "path"], "{form:?}");
    }
}
