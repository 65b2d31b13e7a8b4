//! The factory: settings, opening, copies, and help with the settings.

use crate::contract::error::PluginResult;
use crate::contract::host::{HostServices, Progress, Settings};
use crate::contract::settings::{SettingProblem, SettingsGuide};
use crate::contract::storage::RestoreReport;
use crate::contract::{PluginContext, RecordStore, StorageProvider};
use crate::copy::CopyStore;
use crate::restore;
use crate::server;
use crate::session::{Bell, Io, Purpose, Session};
use crate::settings::Target;
use crate::store::PostgresStore;
use std::sync::Arc;

/// Opens stores in a PostgreSQL database.
#[derive(Debug)]
pub struct PostgresProvider {
    host: Arc<dyn HostServices>,
    /// Of the instance: copies are read with the help of its server.
    settings: Settings,
}

impl PostgresProvider {
    /// One instance; what `export_plugin!` is given.
    ///
    /// # Errors
    /// None today: a server that cannot be reached is told when it is opened.
    pub fn new(context: PluginContext) -> PluginResult<Self> {
        Ok(PostgresProvider { host: context.host, settings: context.settings })
    }
}

impl StorageProvider for PostgresProvider {
    fn open(&self, settings: &Settings) -> PluginResult<Box<dyn RecordStore>> {
        let target = Target::of(settings, &self.host.data_dir())?;
        Ok(Box::new(PostgresStore::open(target, self.host.clone())?))
    }

    fn open_copy(&self, file: &str) -> PluginResult<Box<dyn RecordStore>> {
        Ok(Box::new(CopyStore::open(file, self.host.clone(), self.settings.clone())?))
    }

    fn put_back(&self, settings: &Settings, previous: &str, _: &dyn Progress) -> PluginResult<RestoreReport> {
        restore::put_back(&Target::of(settings, &self.host.data_dir())?, previous, self.host.new_id())
    }
}

/// What this plugin knows of its settings.
#[derive(Debug, Clone, Copy, Default)]
pub struct PostgresSettings;

impl SettingsGuide for PostgresSettings {
    fn validate(&self, _: &str, settings: &Settings) -> PluginResult<Vec<SettingProblem>> {
        // A relative file of the authority is looked for when the data folder is known.
        let problem =
            |(key, words): (&str, String)| SettingProblem { key: key.to_owned(), message: format!("`{key}` {words}") };
        let is_file = |key: &str| key == "authority" && settings.get("authority").is_some();
        Ok(Target::read(settings, "").err().filter(|(key, _)| !is_file(key)).map(problem).into_iter().collect())
    }

    fn test_connection(&self, _: &str, settings: &Settings, _: &dyn Progress) -> PluginResult<String> {
        let target = Target::of(settings, "")?;
        let io = Io::start()?;
        // Not one that reads: those switch synchronous_commit off for themselves, and that is looked at.
        let mut session = Session::connect(&io, &target, &target.user, Purpose::Own, &Arc::<Bell>::default())?;
        let facts = server::facts(&mut session).map_err(|fault| fault.told("the server does not say what it is"))?;
        facts.check(&target)?;
        drop(session);
        Ok(format!("PostgreSQL {} answers at {}", facts.version, target.location()))
    }
}
