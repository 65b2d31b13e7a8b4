//! An open register: one engine under one thread, its workers, its store, and the right to write.

mod answer;
mod listeners;
mod notice;
mod open;
mod settle;
mod sinks;
mod sync;
mod teller;
mod turn;
mod upkeep;
mod wheel;
mod workers;

pub use answer::{CallResult, Callback};
pub use notice::Notice;
pub(crate) use open::{facts as read_facts, open_store as read_store, same_register};
pub use settle::Settled;
pub(crate) use sync::Shared;
pub use wheel::{COMMANDS_MAX, NOTICES_MAX, Pending};

use crate::backup::{Backups, CopyDesk, OpenRegister, series_name, shop_settings};
use crate::identity::{self, TokenFile};
use crate::lock::RegisterLock;
use crate::logs::LogGuard;
use crate::site::{OpenOptions, RefusedInstance, Site};
use crate::{RuntimeError, ids};
use aurapos_contract::backup::BackupInfo;
use aurapos_contract::error::ErrorCode;
use aurapos_contract::{PluginError, PluginResult, RecordStore, StorageProvider, Uuid};
use aurapos_domain::money::Currency;
use aurapos_engine::MachineIdentity;
use aurapos_engine::agree::{Agreement, agree};
use aurapos_engine::command::{BackupDeed, BackupNote, Command, SessionId};
use aurapos_engine::effect::Devices;
use aurapos_engine::error::of_store;
use aurapos_engine::rights::Rights;
use aurapos_engine::sync::status::Status;
use aurapos_engine::went_back::WentBack;
use crossbeam_channel::{Receiver, Sender};
use std::fmt::{self, Debug};
use std::fs::File;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use sync::Link;
use wheel::Wheel;

/// What of shop and register never changes while it is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterFacts {
    /// The shop.
    pub shop: Uuid,
    /// Its name.
    pub shop_name: String,
    /// Its currency.
    pub currency: Currency,
    /// The register's code: `R1`.
    pub code: String,
    /// Code of the register's life: `1`, `7KQ2`.
    pub incarnation: String,
    /// Why it opened in a new life just now; empty when it did not.
    pub new_incarnation: String,
    /// What is missing of the data that was here before; `None` when nothing is known to be.
    pub went_back: Option<WentBack>,
}

/// An open register. Dropping it closes it.
pub struct Register {
    inner: Arc<Inner>,
    facts: RegisterFacts,
    devices: Devices,
    refused: Vec<RefusedInstance>,
}

/// What the register shares with its helpers.
pub(crate) struct Inner {
    site: Site,
    provider: Arc<dyn StorageProvider>,
    store: Arc<dyn RecordStore>,
    wheel: Wheel,
    rights: Rights,
    token: Mutex<TokenFile>,
    names: (Uuid, String, String),
    /// To the shop's shared store; `None`: the register is by itself.
    link: Option<Link>,
    /// Taken by whoever closes first.
    running: Mutex<Option<Running>>,
}

/// What ends when the register is closed. Fields are dropped in this order: the lock last.
struct Running {
    thread: JoinHandle<()>,
    upkeep: Option<(Sender<()>, JoinHandle<()>)>,
    head_to_sync: File,
    log: Option<LogGuard>,
    _lock: RegisterLock,
}

impl Register {
    /// Opens the register of a data folder for selling.
    ///
    /// # Errors
    /// No shop, settings or storage refused, another program has it, the data is damaged, newer or missing. Whatever the
    /// reason, no other data is opened in its place.
    pub fn open(options: &OpenOptions) -> Result<Self, RuntimeError> {
        open::open(options)
    }

    /// Gives a command and waits for its one answer.
    ///
    /// # Errors
    /// The engine's refusal.
    pub fn call(&self, session: Option<SessionId>, command: Command) -> CallResult {
        self.inner.wheel.call(session, command)
    }

    /// Gives a command whose answer is fetched later, for callers that must never wait. Giving it waits only when
    /// [`COMMANDS_MAX`] commands are queued.
    pub fn submit(&self, session: Option<SessionId>, command: Command) -> Pending {
        self.inner.wheel.submit(session, command)
    }

    /// Gives a command and never waits. `answer` is called exactly once: on the engine's thread with what came of the
    /// command, or with the reason when the register closes first; on this thread, at once, with the retryable
    /// [`Code::RegisterBusy`](aurapos_engine::error::Code::RegisterBusy) when [`COMMANDS_MAX`] commands are queued, and
    /// when the register is closed already. It must be quick and must not wait for the register.
    pub fn submit_then(&self, session: Option<SessionId>, command: Command, answer: Callback) {
        self.inner.wheel.submit_then(session, command, answer);
    }

    /// What happens from now on. Who leaves [`NOTICES_MAX`] unread is dropped and subscribes again.
    pub fn subscribe(&self) -> Receiver<Notice> {
        self.inner.wheel.subscribe()
    }

    /// The store, for pure reads from any thread (`engine::queries`).
    pub fn store(&self) -> &Arc<dyn RecordStore> {
        &self.inner.store
    }

    /// Who is signed in and may do what; for any thread.
    pub fn rights(&self) -> &Rights {
        &self.inner.rights
    }

    /// Folder, settings, plugins.
    pub fn site(&self) -> &Site {
        &self.inner.site
    }

    /// Shop and register.
    pub fn facts(&self) -> &RegisterFacts {
        &self.facts
    }

    /// The ways to pay and what else is configured around the engine.
    pub fn devices(&self) -> &Devices {
        &self.devices
    }

    /// The shop's currency.
    pub fn currency(&self) -> Currency {
        self.facts.currency
    }

    /// Instances of the settings that could not be used.
    pub fn refused(&self) -> &[RefusedInstance] {
        &self.refused
    }

    /// How the register stands with the shop's shared store; `None`: it is by itself.
    pub fn sync(&self) -> Option<Status> {
        self.inner.link.as_ref().map(Link::status)
    }

    /// Tries to reach the shared store now, where it was left alone after a failure.
    pub fn sync_now(&self) {
        if let Some(link) = &self.inner.link {
            link.hurry();
        }
    }

    /// Compares every row that the registers share with the shared store's; `None`: called off by `progress`, or the register is
    /// by itself.
    ///
    /// # Errors
    /// Those of either store.
    pub fn agree(&self, progress: &mut dyn FnMut(&str, u64) -> bool) -> Result<Option<Agreement>, RuntimeError> {
        let Some(link) = &self.inner.link else { return Ok(None) };
        let there = link.shared().map_err(of_store)?;
        Ok(agree(self.inner.store.as_ref(), there.as_ref(), progress)?)
    }

    /// The backups of this register.
    ///
    /// # Errors
    /// No backup plugin is named, or it was refused.
    pub fn backups(&self) -> Result<Backups, RuntimeError> {
        let scheduler = self.inner.site.backup(shop_settings(self.inner.store.as_ref()))?;
        let desk = CopyDesk {
            provider: Ok(self.inner.provider.clone()),
            settings: self.inner.site.storage_settings(false)?,
            folder: self.inner.site.folder.clone(),
            register: Mutex::new(Some(self.inner.clone())),
            proved: Mutex::default(),
        };
        Ok(Backups::new(scheduler, desk))
    }

    /// Writes into the journal that this data came from a backup. For whoever opens the register after a restore.
    pub fn note_restored(&self, restored: &BackupInfo) {
        self.inner.note(BackupDeed::Restored, restored, "");
    }

    /// Ends everything in order: commands that are queued are answered, workers finish what they have, the store is
    /// tidied and closed, the lock is given back. Closing twice is no error.
    pub fn close(&self) {
        if let Err(error) = self.inner.close() {
            tracing::error!("the register did not close cleanly: {error}");
        }
    }
}

impl Drop for Register {
    fn drop(&mut self) {
        self.close();
    }
}

impl Debug for Register {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Register").field("facts", &self.facts).finish_non_exhaustive()
    }
}

impl Inner {
    /// Gives the database a new token. From then on every copy made before is a copy.
    fn rotate(&self) -> PluginResult<()> {
        let mut token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        let new = identity::new_token();
        token.announce(&new).map_err(|error| token_error(&error))?;
        let identity = identity_of(&token, &new);
        self.wheel.call(None, Command::RotateToken { identity }).map_err(|error| {
            error.source.map_or_else(|| PluginError::new(ErrorCode::Internal, error.message), |source| *source)
        })?;
        token.settle(&new).map_err(|error| token_error(&error))
    }

    fn end(&self, running: Running) -> PluginResult<()> {
        let Running { thread, upkeep, head_to_sync, log, _lock } = running;
        if let Some((stop, thread)) = upkeep {
            drop(stop);
            // A panic there was logged; the register closes all the same.
            let _ = thread.join();
        }
        if let Some(link) = &self.link {
            link.end();
        }
        // A copy made behind our back while the register was open is older from now on.
        if let Err(error) = self.rotate() {
            tracing::warn!("the token was not changed at closing: {error}");
        }
        self.wheel.stop();
        if thread.join().is_err() {
            tracing::error!("the engine's thread ended with a panic");
        }
        if let Err(error) = head_to_sync.sync_data() {
            tracing::warn!("register.head was not synced at closing: {error}");
        }
        if let Err(error) = self.store.maintain(ids::now()) {
            tracing::warn!("the store was not tidied at closing: {error}");
        }
        let closed = self.store.close();
        tracing::info!("closed");
        drop(log);
        closed
    }
}

impl OpenRegister for Inner {
    fn store(&self) -> Arc<dyn RecordStore> {
        self.store.clone()
    }

    fn names(&self) -> (Uuid, String, String) {
        self.names.clone()
    }

    fn note(&self, deed: BackupDeed, info: &BackupInfo, reason: &str) {
        let note = BackupNote {
            deed,
            name: info.name.clone(),
            sha256: info.sha256.clone(),
            sales: info.sales,
            position: info.position,
            series: series_name(info.kind).to_owned(),
            made: aurapos_domain::calendar::Timestamp(info.time),
            bytes: info.bytes,
            reason: reason.to_owned(),
        };
        // The backup is there whether the journal tells of it or not.
        if let Err(error) = self.wheel.call(None, Command::NoteBackup(note)) {
            tracing::warn!(code = error.code, "the backup is not in the journal: {}", error.message);
        }
    }

    fn snapshot_taken(&self) -> PluginResult<()> {
        self.rotate()
    }

    fn close(&self) -> PluginResult<()> {
        // Held to the end: a second closer comes back when everything is closed, not before.
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.take().map_or(Ok(()), |running| self.end(running))
    }
}

/// The identity that goes into the database with a token.
fn identity_of(file: &TokenFile, token: &str) -> MachineIdentity {
    MachineIdentity { token: token.to_owned(), machine: file.machine().to_owned(), inode: file.number() }
}

fn token_error(error: &io::Error) -> PluginError {
    PluginError::new(ErrorCode::Io, format!("the file register.token cannot be written: {error}"))
        .with_next("Check the rights of the data folder and the room on its disk.")
}
