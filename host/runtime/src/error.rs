//! The one error of the runtime: a code, what happened, what to do next. The sources keep their own codes.
//!
//! AP-01xx folder, lock and identity, AP-020x settings file, AP-021x secrets, AP-03xx plugins, AP-04xx backups.

use crate::folder::{FolderError, NOTHING_HERE};
use crate::lock::LockError;
use crate::secrets::SecretsError;
use crate::settings::{EditError, SettingsError};
use aurapos_contract::PluginError;
use aurapos_engine::EngineError;
use aurapos_engine::error::Code;
use aurapos_plugin_host::Refusal;
use std::io;
use thiserror::Error;

/// Why the runtime did not do what was asked.
#[derive(Debug, Error)]
pub enum RuntimeError {
    /// The data folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The lock.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The settings file.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A change of the settings file.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// The file of secrets.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// A file of the register.
    #[error("{what}: {source}")]
    File {
        /// What was being done.
        what: String,
        /// Why it failed.
        source: io::Error,
    },
    /// Nothing was set up here.
    #[error("there is no shop in {folder}")]
    NoShop {
        /// The data folder.
        folder: String,
    },
    /// A shop was set up here already.
    #[error("there is a shop in {folder} already")]
    ShopExists {
        /// The data folder.
        folder: String,
    },
    /// A shop was here and its database is gone.
    #[error("a shop was set up in {folder}, but its database {database} is missing; no new one is made in its place")]
    DatabaseMissing {
        /// The data folder.
        folder: String,
        /// The database.
        database: String,
    },
    /// The settings file and the database name two registers.
    #[error("{file} says that this is the register {chosen}, but the database is of the register {stored}")]
    OtherRegister {
        /// The settings file.
        file: String,
        /// The code in it.
        chosen: String,
        /// The code in the database.
        stored: String,
    },
    /// The settings file names another storage than the one that holds the data.
    #[error("{file} says that the data is in the storage `{chosen}`, but this register's data is in `{stored}`")]
    OtherStorage {
        /// The settings file.
        file: String,
        /// The plugin in it.
        chosen: String,
        /// The plugin that held the data when the register was last open.
        stored: String,
        /// The lines that chose it.
        stored_as: String,
    },
    /// A plugin was refused.
    #[error("{what}: {}", refusal.message)]
    Plugin {
        /// Which instance.
        what: String,
        /// Why.
        refusal: Refusal,
    },
    /// The storage plugin was refused: nothing else is opened in its place.
    #[error("the storage of this register cannot be used, so it cannot sell: {}", refusal.message)]
    StorageRefused {
        /// Why.
        refusal: Refusal,
    },
    /// No plugin of that id.
    #[error("there is no plugin `{id}`; there are: {known}")]
    NoSuchPlugin {
        /// What was asked for.
        id: String,
        /// What there is.
        known: String,
    },
    /// No instance of that name.
    #[error("no plugin is used under the name `{name}`; there are: {known}")]
    NoSuchInstance {
        /// What was asked for.
        name: String,
        /// What there is, with its kind: `payment/cash`.
        known: String,
    },
    /// Several kinds have an instance of that name.
    #[error("several are named `{name}`: {known}")]
    AmbiguousInstance {
        /// What was asked for.
        name: String,
        /// The candidates, with their kinds.
        known: String,
    },
    /// A setting that is none, or none that is a secret.
    #[error("`{key}` is no secret of the plugin `{plugin}`; {known}")]
    NoSuchSecret {
        /// What was asked for.
        key: String,
        /// Plugin id.
        plugin: String,
        /// What there is.
        known: String,
    },
    /// What was given for a secret is none.
    #[error("{0}")]
    BadSecret(String),
    /// No backup plugin is configured.
    #[error("no backup plugin is configured")]
    NoBackup,
    /// A plugin's own error.
    #[error("{0}")]
    Call(PluginError),
    /// The engine's error.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl RuntimeError {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            RuntimeError::Folder(FolderError::NotWritable { .. }) => "AP-0102",
            RuntimeError::Folder(FolderError::Full { .. }) => Code::DiskFull.text(),
            RuntimeError::Folder(_) => "AP-0101",
            RuntimeError::Lock(LockError::Held { .. }) => "AP-0103",
            RuntimeError::Lock(LockError::File { .. }) => "AP-0104",
            RuntimeError::File { .. } => "AP-0105",
            RuntimeError::NoShop { .. } => "AP-1001",
            RuntimeError::ShopExists { .. } => "AP-1002",
            RuntimeError::DatabaseMissing { .. } => "AP-0106",
            RuntimeError::OtherRegister { .. } => "AP-0107",
            RuntimeError::OtherStorage { .. } => "AP-0108",
            RuntimeError::Settings(error) => error.code(),
            RuntimeError::Edit(_) => "AP-0206",
            RuntimeError::Plugin { refusal, .. } | RuntimeError::StorageRefused { refusal } => refusal.code_text(),
            RuntimeError::NoSuchPlugin { .. } => "AP-0301",
            RuntimeError::Secrets(error) => error.code(),
            RuntimeError::NoSuchInstance { .. } => "AP-0303",
            RuntimeError::AmbiguousInstance { .. } => "AP-0304",
            RuntimeError::NoSuchSecret { .. } => "AP-0305",
            RuntimeError::BadSecret(_) => "AP-0306",
            RuntimeError::NoBackup => "AP-0401",
            RuntimeError::Call(_) => "AP-0402",
            RuntimeError::Engine(error) => error.code,
        }
    }

    /// What to do next, one sentence; may be empty.
    pub fn next(&self) -> String {
        match self {
            RuntimeError::Folder(FolderError::Missing { .. }) | RuntimeError::NoShop { .. } => NOTHING_HERE.into(),
            RuntimeError::Folder(FolderError::Full { .. }) => "Make room on the disk, then try again.".into(),
            RuntimeError::Folder(_) => {
                "Give a folder that you may write with --data, or correct its owner and rights.".into()
            }
            RuntimeError::Lock(LockError::Held { .. }) => {
                "Close that program first. Commands that only read work while it is open.".into()
            }
            RuntimeError::Lock(LockError::File { .. }) | RuntimeError::File { .. } => {
                "Check the rights of the data folder and the room on its disk.".into()
            }
            RuntimeError::ShopExists { .. } => "Give another folder with --data for another shop.".into(),
            RuntimeError::DatabaseMissing { .. } => {
                "Put the file back, or restore a backup: `aurapos-admin backup list`, then `backup restore NAME --yes`."
                    .into()
            }
            RuntimeError::OtherRegister { stored, .. } => {
                format!("Write `code = \"{stored}\"` under [register] there: the code of a register does not change.")
            }
            RuntimeError::OtherStorage { stored_as, .. } => format!(
                "Nothing was opened. Write there what stood there before, then start again:\n{stored_as}\nMoving the data of a \
                 register to another storage is no command of this version; `aurapos-admin storage migrate --to master` leaves it where it is and shares the shop."
            ),
            RuntimeError::Settings(error) => error.next(),
            RuntimeError::Edit(_) => "Correct aurapos.toml by hand.".into(),
            RuntimeError::Plugin { refusal, .. } | RuntimeError::StorageRefused { refusal } => refusal.next.clone(),
            RuntimeError::NoSuchPlugin { .. } => "See `aurapos-admin plugin list`.".into(),
            RuntimeError::Secrets(error) => error.next(),
            RuntimeError::NoSuchInstance { .. } => {
                "Give one of these names; `aurapos-admin plugin enable` puts a plugin to use.".into()
            }
            RuntimeError::AmbiguousInstance { .. } => "Give it with its kind, as named here.".into(),
            RuntimeError::NoSuchSecret { .. } => "Settings that are no secrets stand in aurapos.toml.".into(),
            RuntimeError::BadSecret(_) => "Give the secret as its provider wrote it.".into(),
            RuntimeError::NoBackup => "Add `[backup]` with `use = \"backup-scheduler\"` to aurapos.toml.".into(),
            RuntimeError::Call(error) => error.detail.next.clone(),
            RuntimeError::Engine(error) => error.next.clone(),
        }
    }

    /// A file error with what was being done.
    pub(crate) fn file(what: impl Into<String>) -> impl FnOnce(io::Error) -> RuntimeError {
        let what = what.into();
        move |source| RuntimeError::File { what, source }
    }
}

impl From<PluginError> for RuntimeError {
    fn from(error: PluginError) -> Self {
        RuntimeError::Call(error)
    }
}
