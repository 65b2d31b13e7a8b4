//! A register opened for reading only, beside whatever program sells on it.

use crate::RuntimeError;
use crate::head_file::HeadFile;
use crate::ids::RuntimeEnv;
use crate::lock::RegisterLock;
use crate::register::{CallResult, RegisterFacts, read_facts, read_store, same_register};
use crate::site::{OpenOptions, Site, settings_of};
use crate::zone;
use aurapos_contract::RecordStore;
use aurapos_engine::Event;
use aurapos_engine::command::{Command, CommandId};
use aurapos_engine::error::{Code, of_store};
use aurapos_engine::schema::older::seen_today;
use aurapos_engine::step::Input;
use aurapos_engine::went_back::went_back;
use aurapos_engine::{Engine, queries};
use std::sync::Arc;

/// Reads a register. Takes no lock and writes nothing.
#[derive(Debug)]
pub struct Reader {
    /// Folder, settings, plugins.
    pub site: Site,
    /// The store, read-only.
    pub store: Arc<dyn RecordStore>,
    /// Shop and register.
    pub facts: RegisterFacts,
    /// Who has the register open for writing, if anybody.
    pub holder: Option<String>,
}

impl Reader {
    /// Opens the register of a data folder for reading.
    ///
    /// # Errors
    /// No shop, settings or storage refused, the data is damaged, newer or missing.
    pub fn open(options: &OpenOptions) -> Result<Self, RuntimeError> {
        let site = Site::with(options, settings_of(options)?, true)?;
        // Before the store: whoever sells meanwhile only gets farther.
        let known = HeadFile::read(&site.folder).unwrap_or_else(|error| {
            tracing::warn!("register.head cannot be read: {error}");
            None
        });
        let provider = site.storage()?;
        let store = read_store(&site, provider.as_ref(), true)?;
        let store = seen_today(store).map_err(of_store)?;
        let mut facts = read_facts(store.as_ref(), &[])?;
        facts.went_back = known.map_or(Ok(None), |known| went_back(store.as_ref(), &known))?;
        same_register(&site, &facts)?;
        if let Some(zone) = zone::zone_of_name(&queries::shop(store.as_ref())?.timezone) {
            site.zone.set(zone);
        }
        let holder = RegisterLock::holder(&site.folder);
        Ok(Reader { site, store, facts, holder })
    }
}

impl Reader {
    /// Asks what needs the engine's state and changes nothing (the drawer).
    ///
    /// # Errors
    /// The engine's refusal; anything that writes is refused by the store.
    pub fn ask(&self, command: Command) -> CallResult {
        let identity = queries::register(self.store.as_ref())?.identity;
        let mut env = RuntimeEnv::new(self.site.ids.clone());
        let (mut engine, _) = Engine::open(self.store.clone(), &identity, &mut env)?;
        let step = engine.step(Input::Command { id: CommandId(1), session: None, command }, &mut env);
        let done = step.events.into_iter().find_map(|event| match event {
            Event::Done { result, .. } => Some(result),
            _ => None,
        });
        done.unwrap_or_else(|| Err(Code::Bug.error("The engine gave no answer.")))
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        // Nothing was written: there is nothing to lose.
        let _ = self.store.close();
    }
}
