//! The real SQLite storage behind a gate: while the file that the setting `gate` names is there, a commit hangs before or
//! after it happens, as the file says. The file `<gate>.reached` tells that one hangs.
//!
//! It loads the real plugin (setting `library`) as a host would: a plugin that hosts a plugin.
#![allow(unsafe_code)]

use aurapos_plugin_api::contract::storage::*;
use aurapos_plugin_api::contract::transaction::*;
use aurapos_plugin_api::loader::{Plugin, ROOT_SYMBOL};
use aurapos_plugin_api::*;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug)]
struct Nobody;

impl Border for Nobody {
    fn bad_answer(&self, _: &str, _: &str) {}
    fn panicked(&self, _: &str, _: &str) {}
}

fn load(file: &str) -> PluginResult<Plugin> {
    let failed = |error: &dyn std::fmt::Display| PluginError::new(ErrorCode::Config, format!("{file}: {error}"));
    // SAFETY: the test names the storage plugin of this very build.
    let library = unsafe { libloading::Library::new(file) }.map_err(|error| failed(&error))?;
    // SAFETY: only the address is taken.
    let symbol = unsafe { library.get::<*const std::ffi::c_void>(ROOT_SYMBOL) }.map(|symbol| *symbol);
    std::mem::forget(library);
    let symbol = symbol.map_err(|error| failed(&error))?;
    // SAFETY: the symbol stands in a library that is never closed.
    unsafe { Plugin::from_symbol(symbol) }.map_err(|error| failed(&error))
}

#[derive(Debug)]
struct Hanging {
    real: Box<dyn StorageProvider>,
    gate: PathBuf,
}

impl Hanging {
    fn new(context: PluginContext) -> PluginResult<Hanging> {
        let border: Arc<dyn Border> = Arc::new(Nobody);
        let plugin = load(context.settings.text("library")?)?;
        plugin.attach(Arc::clone(&context.host), Arc::clone(&border))?;
        let gate = PathBuf::from(context.settings.text("gate")?);
        let settings = only_path(&context.settings);
        Ok(Hanging { real: plugin.storage(&PluginContext { settings, ..context }, &border)?, gate })
    }
}

/// The real storage knows no gate.
fn only_path(settings: &Settings) -> Settings {
    let known = |setting: &&contract::host::Setting| setting.key == "path";
    Settings { items: settings.items.iter().filter(known).cloned().collect() }
}

impl StorageLayer for Hanging {
    fn inner(&self) -> &dyn StorageProvider {
        &*self.real
    }
    fn open(&self, settings: &Settings) -> PluginResult<Box<dyn RecordStore>> {
        Ok(Box::new(Store { real: self.real.open(&only_path(settings))?, gate: self.gate.clone() }))
    }
    fn put_back(&self, settings: &Settings, previous: &str, progress: &dyn Progress) -> PluginResult<RestoreReport> {
        self.real.put_back(&only_path(settings), previous, progress)
    }
}

#[derive(Debug)]
struct Store {
    real: Box<dyn RecordStore>,
    gate: PathBuf,
}

/// Hangs as long as the gate says this word.
fn hang_at(gate: &Path, word: &str) {
    let is_shut = || std::fs::read_to_string(gate).is_ok_and(|text| text == word);
    while is_shut() {
        let _ = std::fs::write(gate.with_extension("reached"), word);
        std::thread::sleep(Duration::from_millis(2));
    }
}

impl StoreLayer for Store {
    fn inner(&self) -> &dyn RecordStore {
        &*self.real
    }
    fn commit(&self, transaction: &Transaction) -> PluginResult<Committed> {
        hang_at(&self.gate, "before");
        let committed = self.real.commit(transaction);
        hang_at(&self.gate, "after");
        committed
    }
}

export_plugin! {
    manifest: include_str!("hostile_hanging_store.plugin.toml"),
    storage: Hanging::new,
}
