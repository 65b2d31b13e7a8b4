//! What only this operating system can do. Windows cannot be built or tried by this project yet: there the sentinel does
//! nothing, and a plugin that takes the program down is not named at the next start.

#[cfg(unix)]
mod death;
#[cfg(unix)]
mod group;
#[cfg(target_os = "linux")]
pub(crate) mod sealed;

#[cfg(unix)]
pub(crate) use death::{EXITED, SLOT_BYTES, SlotMemory, hold_loader, is_loader_held, read_slot, watch_deaths};
#[cfg(unix)]
pub(crate) use group::{end, has_ended, lead_a_group};

/// Windows holds its loader too; what to do about it waits until it can be tried.
#[cfg(not(unix))]
pub(crate) fn hold_loader() {}
/// As above.
#[cfg(not(unix))]
pub(crate) fn is_loader_held() -> bool {
    false
}
#[cfg(not(unix))]
pub(crate) fn lead_a_group(_: &mut std::process::Command) {}
#[cfg(not(unix))]
pub(crate) fn has_ended(child: &mut std::process::Child) -> std::io::Result<bool> {
    Ok(child.try_wait()?.is_some())
}
#[cfg(not(unix))]
pub(crate) fn end(child: &mut std::process::Child) -> std::io::Result<()> {
    child.kill()
}
