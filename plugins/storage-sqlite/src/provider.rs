//! The factory: settings, opening, and the handling of files.

use crate::connect;
use crate::contract::error::{ErrorCode, PluginError, PluginResult};
use crate::contract::host::{HostServices, Progress, Settings};
use crate::contract::settings::{SettingProblem, SettingsGuide};
use crate::contract::storage::RestoreReport;
use crate::contract::{PluginContext, RecordStore, StorageProvider, Value};
use crate::error::{damaged, from_io};
use crate::place::{self, beside};
use crate::store::{Copy, SqliteStore};
use crate::{mark, restore};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Name of the database unless the settings say otherwise.
const DEFAULT_PATH: &str = "AuraPOS.db";

/// The host sets it to read beside the program that has the register open. Not a setting of the owner's.
const READ_ONLY: &str = "read_only";

/// Opens SQLite stores.
#[derive(Debug)]
pub struct SqliteProvider {
    host: Arc<dyn HostServices>,
    synced: bool,
}

impl SqliteProvider {
    /// One instance; what `export_plugin!` is given.
    pub fn new(context: PluginContext) -> PluginResult<Self> {
        Ok(SqliteProvider { host: context.host, synced: true })
    }

    /// For the durability test only: commits are acknowledged before they are on the disk, and the test must notice.
    #[doc(hidden)]
    pub fn without_sync_for_tests(context: PluginContext) -> PluginResult<Self> {
        Ok(SqliteProvider { host: context.host, synced: false })
    }

    /// For tests of a full disk: a store whose file cannot grow beyond so many pages of 4 KiB.
    #[doc(hidden)]
    pub fn open_limited_for_tests(&self, settings: &Settings, pages: u32) -> PluginResult<Box<dyn RecordStore>> {
        let store = self.open_store(settings)?;
        store.limit_pages(pages)?;
        Ok(Box::new(store))
    }

    fn database(&self, settings: &Settings) -> PluginResult<PathBuf> {
        database(self.host.as_ref(), settings)
    }

    fn open_store(&self, settings: &Settings) -> PluginResult<SqliteStore> {
        let database = self.database(settings)?;
        let hold = place::hold(&database)?;
        place::sweep_parts(&database);
        if !place::look(&database)? {
            connect::create(&database)?;
        }
        let had_log = mark::look(&database)?;
        if !had_log {
            place::expect_log(&database)?;
        }
        SqliteStore::open(&database, hold, self.synced, self.host.new_id(), had_log)
    }
}

/// The database that the settings name.
pub(crate) fn database(host: &dyn HostServices, settings: &Settings) -> PluginResult<PathBuf> {
    // An absolute path replaces the data folder.
    place::real(&Path::new(&host.data_dir()).join(path_of(settings).map_err(config)?))
}

/// The setting `path`, or what is wrong with it.
fn path_of(settings: &Settings) -> Result<&str, &'static str> {
    let path = match settings.get("path") {
        None => DEFAULT_PATH,
        Some(Value::Text(path)) => path,
        Some(_) => return Err("must be text"),
    };
    if path.is_empty() || path.ends_with(['/', '\\']) || path.contains('\0') || path == ":memory:" {
        return Err("must name a file");
    }
    Ok(path)
}

/// What this plugin knows of its settings.
#[derive(Debug, Clone, Copy, Default)]
pub struct SqliteSettings;

impl SettingsGuide for SqliteSettings {
    fn validate(&self, _: &str, settings: &Settings) -> PluginResult<Vec<SettingProblem>> {
        let problem = |message: &str| SettingProblem { key: "path".to_owned(), message: message.to_owned() };
        Ok(path_of(settings).err().map(problem).into_iter().collect())
    }
}

fn config(message: &str) -> PluginError {
    PluginError::new(ErrorCode::Config, format!("the setting `path` {message}"))
        .with_next("Correct it in aurapos.toml, under the storage's settings.")
}

impl StorageProvider for SqliteProvider {
    fn open(&self, settings: &Settings) -> PluginResult<Box<dyn RecordStore>> {
        if settings.get(READ_ONLY) == Some(&Value::Bool(true)) {
            let database = self.database(settings)?;
            if !place::look(&database)? {
                let message = format!("there is no database {}", database.display());
                return Err(PluginError::new(ErrorCode::NotFound, message));
            }
            // Whoever writes it now looked at its log before.
            match mark::look(&database) {
                Err(error) if !place::is_held(&database) => return Err(error),
                _ => {}
            }
            // Its log counts, whether somebody writes it right now or the last one was killed.
            return Ok(Box::new(SqliteStore::look(&database)?));
        }
        Ok(Box::new(self.open_store(settings)?))
    }

    fn open_copy(&self, file: &str) -> PluginResult<Box<dyn RecordStore>> {
        let file = place::real(Path::new(file))?;
        let opened = File::open(&file).map_err(|error| from_io(&error, &file, "cannot open"))?;
        let header = place::header_of(&opened, &file)?;
        // Data that somebody writes right now can be read as well: its log and what belongs to it are there already.
        if place::is_held(&file) && beside(&file, "-wal").exists() {
            return Ok(Box::new(SqliteStore::look(&file)?));
        }
        // Told by its sizes before SQLite finds a page that is not there.
        if let Some(fault) = header.fault().filter(|_| header.bytes < header.pages * header.page_bytes) {
            return Err(damaged(&file, &fault));
        }
        Ok(Box::new(SqliteStore::open_copy(&file, Copy { file: Mutex::new(opened), host: self.host.clone() })?))
    }

    fn put_back(&self, settings: &Settings, previous: &str, progress: &dyn Progress) -> PluginResult<RestoreReport> {
        restore::put_back(&self.database(settings)?, previous, self.host.new_id(), progress)
    }
}
