//! What differs between operating systems, and nothing else of this crate does: how a library is held and opened, the
//! trial's process and its handles, private files, and whether a death inside a plugin can be written down.
//!
//! On Windows the sentinel watches nothing (ADR 0020): a plugin that takes the program down is not named at the next start.

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod allocator;
#[cfg(unix)]
mod death;
#[cfg(unix)]
mod group;
#[cfg(target_os = "linux")]
mod sealed;
#[cfg(unix)]
mod unix;
#[cfg(not(target_os = "linux"))]
mod unsealed;
#[cfg(not(unix))]
mod unwatched;
#[cfg(windows)]
mod windows;

#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub use allocator::give_memory_back;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) use allocator::keep_little_memory;
#[cfg(unix)]
pub(crate) use death::{
    DEATHS_ARE_WATCHED, EXITED, SLOT_BYTES, SlotMemory, hold_loader, is_loader_held, read_slot, watch_deaths,
};
#[cfg(unix)]
pub(crate) use group::{end, has_ended, lead_a_group};
#[cfg(target_os = "linux")]
pub(crate) use sealed::{Sealed, fixed, path_of, seal_copy};
#[cfg(unix)]
pub(crate) use unix::{nameless, open_held, open_library, private, read_start, take_handles, write_start};
#[cfg(not(target_os = "linux"))]
pub(crate) use unsealed::{Sealed, fixed, path_of, seal_copy};
#[cfg(not(unix))]
pub(crate) use unwatched::{
    DEATHS_ARE_WATCHED, EXITED, SLOT_BYTES, SlotMemory, hold_loader, is_loader_held, read_slot, watch_deaths,
};
#[cfg(windows)]
pub(crate) use windows::{
    end, has_ended, lead_a_group, nameless, open_held, open_library, private, read_start, take_handles, write_start,
};

/// Gives memory that was freed back to the system, where the allocator keeps it: what an import needed for a moment.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn give_memory_back() {}

/// Lets the allocator keep little of what was freed; here it does so by itself.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn keep_little_memory() {}
