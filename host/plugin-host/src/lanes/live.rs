//! The plugin's object behind the lanes, made anew after a panic.

use crate::calls::Call;
use crate::exchange::Patience;
use crate::lane::{Lane, Served};
use aurapos_contract::{ErrorCode, PluginError, PluginResult};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Makes the object; runs on a lane's thread.
pub(crate) type Make<T> = Box<dyn Fn() -> PluginResult<Box<T>> + Send + Sync>;

struct Held<T: ?Sized> {
    object: Option<Arc<Box<T>>>,
    /// A call panicked: the object's insides are anyone's guess.
    stale: bool,
}

/// An object of a plugin.
pub(crate) struct Live<T: ?Sized> {
    held: Mutex<Held<T>>,
    make: Make<T>,
    /// Never two at once: the old one is gone before the new one is made, and nothing is made beside a hung call.
    exclusive: bool,
}

impl<T: ?Sized> fmt::Debug for Live<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Live")
    }
}

impl<T: ?Sized> Live<T> {
    /// Around an object that is there, and how to make the next.
    pub(crate) fn new(object: Box<T>, make: Make<T>, exclusive: bool) -> Arc<Self> {
        let held = Mutex::new(Held { object: Some(Arc::new(object)), stale: false });
        Arc::new(Live { held, make, exclusive })
    }

    fn current(&self) -> PluginResult<Arc<Box<T>>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(object) = &held.object {
            let busy = self.exclusive && Arc::strong_count(object) > 1;
            if !held.stale || busy {
                return Ok(Arc::clone(object));
            }
        }
        if self.exclusive {
            held.object = None;
        }
        let made = Arc::new((self.make)().map_err(|error| {
            let message = format!("after it failed, the plugin could not be started anew: {error}");
            PluginError { message, ..error }
        })?);
        held.object = Some(Arc::clone(&made));
        held.stale = false;
        Ok(made)
    }

    /// Runs a call on the object; on a lane's thread only.
    pub(crate) fn run<R>(&self, work: impl FnOnce(&T) -> PluginResult<R>) -> PluginResult<R> {
        let object = self.current()?;
        let result = work(&object);
        if result.as_ref().is_err_and(|error| error.code == ErrorCode::Panic) {
            self.held.lock().unwrap_or_else(PoisonError::into_inner).stale = true;
        }
        result
    }
}

/// Drops the object on a lane's thread, for its Drop may do anything, and waits a while for it.
pub(crate) fn retire<T: ?Sized + Send + Sync + 'static>(live: &Arc<Live<T>>, lane: &Lane, deadline: Duration) {
    let theirs = Arc::clone(live);
    let gone = lane.call(Call::Drop, Patience::fixed(deadline), Served::default(), move |_| {
        let mut held = theirs.held.lock().unwrap_or_else(PoisonError::into_inner);
        let object = held.object.take();
        drop(held);
        drop(object);
        Ok(())
    });
    if let Err(error) = gone {
        tracing::warn!(%error, "a plugin's object was left behind");
    }
}
