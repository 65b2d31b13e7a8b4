//! The shop's shared store: opened when it is needed first, and again as long as it does not open.
//!
//! Must not know: what is asked of it.

use crate::site::Opener;
use aurapos_contract::error::ErrorCode;
use aurapos_contract::query::Query;
use aurapos_contract::{PluginError, PluginResult, RecordStore};
use aurapos_plugin_host::Refusal;
use std::fmt::{self, Debug};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// See above.
pub(crate) struct Shared {
    /// Or why there is none.
    made: PluginResult<Opener>,
    /// It may make the tables there: the master, whose shop is the first in it.
    founds: bool,
    open: Mutex<Option<Arc<dyn RecordStore>>>,
    closed: AtomicBool,
}

impl Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("closed", &self.closed).finish_non_exhaustive()
    }
}

impl Shared {
    pub(crate) fn new(made: Result<Opener, Refusal>, founds: bool) -> Self {
        let refused = |refusal: Refusal| {
            let told = format!("{}: {}", refusal.code_text(), refusal.message);
            PluginError::new(ErrorCode::Unsupported, told).with_next(refusal.next)
        };
        Shared { made: made.map_err(refused), founds, open: Mutex::default(), closed: AtomicBool::new(false) }
    }

    /// The open store. A store that was opened stays: it finds its server again by itself. One that says it is closed (a backup was
    /// restored in its place) is opened anew.
    ///
    /// # Errors
    /// Those of opening it; [`ErrorCode::Closed`] after [`Shared::close`].
    pub(crate) fn store(&self) -> PluginResult<Arc<dyn RecordStore>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        self.must_be_open()?;
        if let Some(store) = open.as_ref() {
            return Ok(store.clone());
        }
        let (provider, settings) = self.made.as_ref().map_err(Clone::clone)?;
        let store: Arc<dyn RecordStore> = Arc::from(provider.open(settings)?);
        // Whoever closes meanwhile does not wait for a server that does not answer.
        let ready = self.migrated(store.as_ref()).and_then(|()| self.must_be_open());
        if let Err(error) = ready {
            let _ = store.close();
            return Err(error);
        }
        *open = Some(store.clone());
        Ok(store)
    }

    fn migrated(&self, store: &dyn RecordStore) -> PluginResult<()> {
        if !self.founds && store.info()?.schema_major == 0 {
            return Err(PluginError::new(ErrorCode::NotFound, "the shop's database has no shop yet")
                .with_next("Start AuraPOS on the master once while its server runs; then try again."));
        }
        store.migrate(&aurapos_engine::schema::schema())?;
        // What a register keeps for itself has a register in it. Two of them in one would spoil both.
        if store.scan(&Query::over("register").select(&["id"]).limit(1))?.is_empty() {
            return Ok(());
        }
        let told = "the database holds what one register keeps for itself, and is no shared storage";
        Err(PluginError::new(ErrorCode::Unsupported, told).with_next(
            "Give the shop a master: `aurapos-admin init --mode master`, on a server or database of its own.",
        ))
    }

    fn must_be_open(&self) -> PluginResult<()> {
        match self.closed.load(Ordering::SeqCst) {
            true => Err(PluginError::new(ErrorCode::Closed, "the register is closing")),
            false => Ok(()),
        }
    }

    /// One that says it is closed: the next call opens it again, unless somebody did already.
    pub(super) fn open_anew(&self, gone: &Arc<dyn RecordStore>) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let store = open.take_if(|store| Arc::ptr_eq(store, gone));
        drop(open);
        if let Some(Err(error)) = store.map(|store| store.close()) {
            tracing::warn!("the shared store did not close cleanly: {error}");
        }
    }

    /// Ends all work on it; calls that go on end early. It does not open again.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        // One that is being opened just now is closed by whoever opens it.
        let open = self.open.try_lock().ok().and_then(|mut open| open.take());
        if let Some(Err(error)) = open.map(|store| store.close()) {
            tracing::warn!("the shared store did not close cleanly: {error}");
        }
    }
}
