//! Panics stop here. A panic that reaches a `#[sabi_trait]` method ends the whole process, so every method that this
//! library offers to another one, and every Drop, runs inside [`guard`].
//!
//! Panic hooks are per library: the hook set by [`attach`] keeps the message for the error and tells the host's log; it
//! prints nothing, because standard error belongs to the host.

use crate::objects::HostProxy;
use aurapos_contract::{ErrorCode, PluginError, PluginResult};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Once, PoisonError, RwLock};

/// The call named by panics outside every call: a thread that the plugin started.
pub const OUTSIDE: &str = "a thread of its own";

/// The host that was attached last: a program that opens its register anew has a new one over the same library.
static HOST: RwLock<Option<Arc<HostProxy>>> = RwLock::new(None);

thread_local! {
    static CALL: Cell<&'static str> = const { Cell::new(OUTSIDE) };
    static LAST_PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps the host for panic reports and silences this library's standard panic message.
pub(crate) fn attach(host: HostProxy) {
    let before = HOST.write().unwrap_or_else(PoisonError::into_inner).replace(Arc::new(host));
    // Outside the lock: it is the other side's object, and its Drop may do anything.
    drop(before);
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            let place = info.location().map_or_else(String::new, |at| format!(" ({}:{})", at.file(), at.line()));
            let text = format!("{}{place}", payload_text(info.payload()));
            let call = CALL.get();
            LAST_PANIC.with_borrow_mut(|last| *last = Some(text.clone()));
            let host = HOST.read().unwrap_or_else(PoisonError::into_inner).clone();
            if let Some(host) = host {
                host.panicked(call, &text);
            }
        }))
    });
}

fn payload_text(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

/// Runs `work`; a panic becomes [`ErrorCode::Panic`] with its message and place.
pub(crate) fn guard<T>(call: &'static str, work: impl FnOnce() -> PluginResult<T>) -> PluginResult<T> {
    // One look-up of the thread's own storage: in a shared library each costs as much as the call itself.
    let result = CALL.with(|current| {
        let outer = current.replace(call);
        let result = catch_unwind(AssertUnwindSafe(work));
        current.set(outer);
        result
    });
    result.unwrap_or_else(|payload| {
        let noted = LAST_PANIC.with_borrow_mut(Option::take);
        let text = noted.unwrap_or_else(|| payload_text(payload.as_ref()).to_owned());
        // A payload may panic again when it is dropped; leaking it is the price of one panic.
        std::mem::forget(payload);
        Err(PluginError::new(ErrorCode::Panic, format!("panicked in {call}: {text}")))
    })
}

/// Drops a value; a panic of its Drop is reported through the hook and goes no further.
pub(crate) fn guard_drop<T>(value: T) {
    let _ = guard("drop", move || {
        drop(value);
        Ok(())
    });
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
        let error = guard::<()>("commit", || panic!("no {}", 7)).unwrap_err();
        assert_eq!(error.code, ErrorCode::Panic);
        assert!(error.message.contains("commit") && error.message.contains("no 7"), "{}", error.message);
        let error = guard::<()>("scan", || std::panic::panic_any(Mine)).unwrap_err();
        assert!(error.message.contains("no message"), "a payload whose Drop panics is leaked: {}", error.message);
        guard_drop(Mine);
        assert_eq!(guard("list", || Ok(3)), Ok(3));
    }
}
