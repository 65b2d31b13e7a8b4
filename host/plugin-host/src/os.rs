//! What only this operating system can do. Windows cannot be built or tried by this project yet: there the sentinel does
//! nothing, and a plugin that takes the program down is not named at the next start.

#[cfg(unix)]
mod death;
#[cfg(unix)]
pub(crate) use death::{EXITED, SLOT_BYTES, SlotMemory, read_slot, watch_deaths};
