//! The plugin's object behind the lanes, made anew after a panic.

use aurapos_contract::call::Link;
use aurapos_contract::{ApiVersion, ErrorCode, PluginError, PluginResult};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// Makes the object; runs on a lane's thread.
pub(crate) type Make = Box<dyn Fn() -> PluginResult<Arc<dyn Link>> + Send + Sync>;

struct Held {
    object: Option<Arc<dyn Link>>,
    /// The object that was held last: a hung call may still be inside it.
    last: Weak<dyn Link>,
    /// A call panicked: the object's insides are anyone's guess.
    stale: bool,
}

/// An object of a plugin.
pub(crate) struct Live {
    held: Mutex<Held>,
    make: Make,
    peer: ApiVersion,
    /// Never two at once: the old one is gone before the new one is made, and nothing is made beside a hung call.
    exclusive: bool,
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Live")
    }
}

impl Live {
    /// Around an object that is there, and how to make the next.
    pub(crate) fn new(object: Arc<dyn Link>, make: Make, exclusive: bool) -> Arc<Self> {
        let peer = object.peer();
        let held = Mutex::new(Held { last: Arc::downgrade(&object), object: Some(object), stale: false });
        Arc::new(Live { held, make, peer, exclusive })
    }

    /// The version that the plugin speaks.
    pub(crate) fn peer(&self) -> ApiVersion {
        self.peer
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether an object is there, or a call still inside one.
    pub(crate) fn is_occupied(&self) -> bool {
        let held = self.held();
        held.object.is_some() || held.last.strong_count() > 0
    }

    fn current(&self) -> PluginResult<Arc<dyn Link>> {
        let mut held = self.held();
        if let Some(object) = &held.object {
            let busy = self.exclusive && Arc::strong_count(object) > 1;
            if !held.stale || busy {
                return Ok(Arc::clone(object));
            }
        }
        if self.exclusive {
            held.object = None;
        }
        let made = (self.make)().map_err(|error| {
            let message = format!("after it failed, the plugin could not be started anew: {error}");
            PluginError { message, ..error }
        })?;
        held.last = Arc::downgrade(&made);
        held.object = Some(Arc::clone(&made));
        held.stale = false;
        Ok(made)
    }

    /// Runs a call on the object; on a lane's thread only.
    pub(crate) fn run<R>(&self, work: impl FnOnce(&dyn Link) -> PluginResult<R>) -> PluginResult<R> {
        let object = self.current()?;
        let result = work(&*object);
        if result.as_ref().is_err_and(|error| error.code == ErrorCode::Panic) {
            self.held().stale = true;
        }
        result
    }

    /// Lets the object go; on a lane's thread only. A call that hangs in it keeps it.
    pub(crate) fn retire(&self) {
        let object = self.held().object.take();
        drop(object);
    }
}
