//! A system on which nobody writes down that the process dies inside a plugin's call. Windows ends a process that aborts
//! without asking anybody in it, so that a handler like the one for signals would see half of the deaths.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether [`SlotMemory`] is of any use.
pub(crate) const DEATHS_ARE_WATCHED: bool = false;
/// Stands for a call of `exit` where a signal's number would stand.
pub(crate) const EXITED: u32 = 1000;
/// Bytes of one slot.
pub(crate) const SLOT_BYTES: usize = 128;

/// There is none.
#[derive(Debug)]
pub(crate) enum SlotMemory {}

impl SlotMemory {
    pub(crate) fn map(_: &File, _: usize) -> io::Result<SlotMemory> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn take(&self, _: usize, _: &[u8]) {
        match *self {}
    }

    pub(crate) fn release() {}

    pub(crate) fn mark(_: u32) {}
}

/// What stands in a slot's bytes: no call, no death.
pub(crate) fn read_slot(bytes: &[u8]) -> (u32, u32, &[u8]) {
    (0, 0, &bytes[..0])
}

pub(crate) fn watch_deaths() {}

/// A library hangs while it is loaded and holds the system's loader.
static IS_LOADER_HELD: AtomicBool = AtomicBool::new(false);

/// From now on nothing more is loaded.
pub(crate) fn hold_loader() {
    IS_LOADER_HELD.store(true, Ordering::Relaxed);
}

/// Whether whatever is loaded now would hang.
pub(crate) fn is_loader_held() -> bool {
    IS_LOADER_HELD.load(Ordering::Relaxed)
}
