//! Panics stop here. A panic that reaches a `#[sabi_trait]` method ends the whole process, so every method that this
//! library offers to another one, and every Drop, runs inside [`caught`].
//!
//! Panic hooks are per library: the hook set by [`attach`] keeps the message for the error and tells the host; it prints
//! nothing, because standard error belongs to the host. Which call a panic belongs to is known where it is caught, and the
//! host knows whether its thread is inside a call: nothing is noted call by call.

use aurapos_contract::{ApiVersion, ErrorCode, PluginError};
use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Once, PoisonError, RwLock};

/// Whom a plugin tells of its panics: the host.
pub(crate) trait HearsPanics: Send + Sync {
    /// Of a panic in that call; in none when the call is empty.
    fn panicked(&self, call: &str, message: &str);
}

/// The host that was attached last: a program that opens its register anew has a new one over the same library.
static HOST: RwLock<Option<Arc<dyn HearsPanics>>> = RwLock::new(None);
/// The version that it speaks; until it is there, this library's own.
static HOST_API: AtomicU64 = AtomicU64::new(ApiVersion::OWN.pack());

thread_local! {
    static LAST_PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps the host for panic reports and silences this library's standard panic message.
pub(crate) fn attach(host: Arc<dyn HearsPanics>, api: ApiVersion) {
    HOST_API.store(api.pack(), Ordering::Relaxed);
    let before = HOST.write().unwrap_or_else(PoisonError::into_inner).replace(host);
    // Outside the lock: it is the other side's object, and its Drop may do anything.
    drop(before);
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            let place = info.location().map_or_else(String::new, |at| format!(" ({}:{})", at.file(), at.line()));
            let text = format!("{}{place}", payload_text(info.payload()));
            LAST_PANIC.with_borrow_mut(|last| *last = Some(text.clone()));
            tell("", &text);
        }))
    });
}

/// The version that the host speaks.
pub(crate) fn host_api() -> ApiVersion {
    ApiVersion::unpack(HOST_API.load(Ordering::Relaxed))
}

/// Tells the host of a panic in that call, or, without one, wherever it was.
fn tell(call: &str, text: &str) {
    let host = HOST.read().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(host) = host {
        host.panicked(call, text);
    }
}

fn payload_text(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

/// A panic that was caught.
pub(crate) struct Caught(Box<dyn Any + Send>);

impl Caught {
    /// Its message and place.
    fn text(self) -> String {
        let noted = LAST_PANIC.with_borrow_mut(Option::take);
        let text = noted.unwrap_or_else(|| payload_text(self.0.as_ref()).to_owned());
        // A payload may panic again when it is dropped; leaking it is the price of one panic.
        std::mem::forget(self.0);
        text
    }

    /// As the error of a call.
    #[cold]
    pub(crate) fn in_call(self, call: &str) -> PluginError {
        PluginError::new(ErrorCode::Panic, format!("panicked in {call}: {}", self.text()))
    }
}

/// Runs `work` and catches a panic.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Caught> {
    catch_unwind(AssertUnwindSafe(work)).map_err(Caught)
}

/// Drops a value; a panic of its Drop is told to the host and goes no further.
pub(crate) fn guard_drop<T>(value: T) {
    if let Err(panic) = caught(move || drop(value)) {
        tell("drop", &panic.text());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Mine;
    impl Drop for Mine {
        fn drop(&mut self) {
            panic!("dropped badly");
        }
    }

    #[test]
    fn panics_become_errors_that_name_the_call() {
        let error = caught(|| panic!("no {}", 7)).err().unwrap().in_call("commit");
        assert_eq!(error.code, ErrorCode::Panic);
        assert!(error.message.contains("commit") && error.message.contains("no 7"), "{}", error.message);
        let error = caught(|| std::panic::panic_any(Mine)).err().unwrap().in_call("scan");
        assert!(error.message.contains("no message"), "a payload whose Drop panics is leaked: {}", error.message);
        guard_drop(Mine);
        assert!(matches!(caught(|| 3), Ok(3)));
    }
}
