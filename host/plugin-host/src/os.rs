//! What only this operating system can do. Windows cannot be built or tried by this project yet: there the sentinel does
//! nothing, and a plugin that takes the program down is not named at the next start.

#[cfg(unix)]
mod death;
#[cfg(unix)]
pub(crate) use death::{EXITED, SLOT_BYTES, SlotMemory, hold_loader, is_loader_held, read_slot, watch_deaths};

/// Windows holds its loader too; what to do about it waits until it can be tried.
#[cfg(not(unix))]
pub(crate) fn hold_loader() {}
/// As above.
#[cfg(not(unix))]
pub(crate) fn is_loader_held() -> bool {
    false
}
