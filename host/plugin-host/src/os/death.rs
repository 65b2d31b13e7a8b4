//! Notices that the process dies inside a plugin's call: fatal signals and `exit`.
//!
//! A power cut, `kill -9` or a crash of the host's own code leaves no record: only a thread that is inside a call has a
//! slot, and only signals of its own making are written down. The record is a store into a shared mapping of a file: it
//! survives the process without a sync.

use std::cell::Cell;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::ptr;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// Whether [`SlotMemory`] is of any use.
pub(crate) const DEATHS_ARE_WATCHED: bool = true;
/// Stands for a call of `exit` where a signal's number would stand.
pub(crate) const EXITED: u32 = 1000;
/// Bytes of one slot.
pub(crate) const SLOT_BYTES: usize = 128;
const SIGNALS: [libc::c_int; 5] = [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGABRT];

/// What one lane writes while it is inside a plugin.
#[repr(C)]
struct Slot {
    /// Number of the call; 0 outside.
    call: AtomicU32,
    /// Signal number or [`EXITED`]; 0 while alive.
    died: AtomicU32,
}

thread_local! {
    static SLOT: Cell<*const Slot> = const { Cell::new(ptr::null()) };
}

/// A file's bytes, shared with the kernel. Never unmapped: lanes may outlive everything.
#[derive(Debug)]
pub(crate) struct SlotMemory {
    start: *mut u8,
    slots: usize,
}

// SAFETY: the mapping lives until the process ends; each slot is written through atomics, or by the one thread that was
// given it before it is used.
#[allow(unsafe_code)]
unsafe impl Send for SlotMemory {}
// SAFETY: as above.
#[allow(unsafe_code)]
unsafe impl Sync for SlotMemory {}

impl SlotMemory {
    /// Maps a file of `slots` slots; it must be that long already.
    #[allow(unsafe_code)]
    pub(crate) fn map(file: &File, slots: usize) -> io::Result<SlotMemory> {
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new shared mapping of an open file; nothing else refers to it.
        let start = unsafe {
            libc::mmap(ptr::null_mut(), slots * SLOT_BYTES, protection, libc::MAP_SHARED, file.as_raw_fd(), 0)
        };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        Ok(SlotMemory { start: start.cast(), slots })
    }

    /// Makes this slot the calling thread's, labelled with what a later start needs to know.
    #[allow(unsafe_code)]
    pub(crate) fn take(&self, slot: usize, label: &[u8]) {
        assert!(slot < self.slots, "slots are given out by number");
        let room = SLOT_BYTES - size_of::<Slot>();
        let label = &label[..label.len().min(room)];
        // SAFETY: inside the mapping; the slot belongs to this thread alone; alignment is that of the page plus 128.
        unsafe {
            let start = self.start.add(slot * SLOT_BYTES);
            ptr::write_bytes(start, 0, SLOT_BYTES);
            ptr::copy_nonoverlapping(label.as_ptr(), start.add(size_of::<Slot>()), label.len());
            SLOT.set(start.cast());
        }
    }

    /// Takes the calling thread's slot away.
    pub(crate) fn release() {
        SLOT.set(ptr::null());
    }

    /// Says which call the thread is in; 0 for none.
    #[allow(unsafe_code)]
    pub(crate) fn mark(call: u32) {
        let slot = SLOT.get();
        if !slot.is_null() {
            // SAFETY: set by `take`, and the mapping stays.
            unsafe { (*slot).call.store(call, Ordering::Relaxed) };
        }
    }
}

/// What stands in a slot's bytes: call, death, label.
pub(crate) fn read_slot(bytes: &[u8]) -> (u32, u32, &[u8]) {
    let number = |at: usize| u32::from_ne_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    (number(0), number(4), &bytes[size_of::<Slot>()..])
}

/// Async-signal-safe: one thread-local read and one store.
#[allow(unsafe_code)]
fn record(death: u32) {
    let slot = SLOT.get();
    if slot.is_null() {
        return;
    }
    // SAFETY: set by `take`, and the mapping stays.
    unsafe {
        if (*slot).call.load(Ordering::Relaxed) != 0 {
            (*slot).died.store(death, Ordering::Relaxed);
        }
    }
}

#[allow(unsafe_code)]
static mut PREVIOUS: [Option<libc::sigaction>; SIGNALS.len()] = [None; SIGNALS.len()];

#[allow(unsafe_code)]
extern "C" fn on_signal(signal: libc::c_int, info: *mut libc::siginfo_t, _: *mut libc::c_void) {
    // SAFETY: the kernel passes a valid siginfo; `PREVIOUS` was written before this handler was installed.
    unsafe {
        let code = (*info).si_code;
        // Somebody else's `kill` is not the plugin's doing.
        if code != libc::SI_USER {
            record(signal as u32);
        }
        let at = SIGNALS.iter().position(|known| *known == signal).unwrap_or(0);
        if let Some(previous) = &*ptr::addr_of!(PREVIOUS[at]) {
            libc::sigaction(signal, previous, ptr::null_mut());
        }
        // A fault happens again when this returns, now under the handler that was there before (Rust's own tells stack
        // overflows apart). What was sent must be sent again.
        if code <= 0 {
            libc::raise(signal);
        }
    }
}

/// A library hangs while it is loaded and holds the system's loader, which the usual end of a process waits for.
static IS_LOADER_HELD: AtomicBool = AtomicBool::new(false);

/// From now on nothing more is loaded, and the process ends without the loader's leave.
pub(crate) fn hold_loader() {
    IS_LOADER_HELD.store(true, Ordering::Relaxed);
}

/// Whether whatever is loaded now would hang.
pub(crate) fn is_loader_held() -> bool {
    IS_LOADER_HELD.load(Ordering::Relaxed)
}

// SAFETY: declared as in the C library's manual, on_exit(3).
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code)]
unsafe extern "C" {
    /// As `atexit`, with the status that the process ends with.
    #[link_name = "on_exit"]
    fn at_exit_with_status(
        handler: extern "C" fn(libc::c_int, *mut libc::c_void),
        argument: *mut libc::c_void,
    ) -> libc::c_int;
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code)]
extern "C" fn on_exit(status: libc::c_int, _: *mut libc::c_void) {
    record(EXITED);
    if is_loader_held() {
        // SAFETY: ends the process; Rust's own output was flushed before the handlers run.
        unsafe { libc::_exit(status) };
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
extern "C" fn on_exit() {
    record(EXITED);
}

/// Installs the handlers, once per process.
#[allow(unsafe_code)]
pub(crate) fn watch_deaths() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for (at, signal) in SIGNALS.into_iter().enumerate() {
            // SAFETY: installing a handler that does only async-signal-safe work; `PREVIOUS` is written before the
            // handler that reads it can run for this signal, and by this thread alone.
            unsafe {
                let mut previous: libc::sigaction = std::mem::zeroed();
                libc::sigaction(signal, ptr::null(), &mut previous);
                PREVIOUS[at] = Some(previous);
                let mut action: libc::sigaction = std::mem::zeroed();
                action.sa_sigaction = on_signal as *const () as usize;
                action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
                libc::sigemptyset(&mut action.sa_mask);
                libc::sigaction(signal, &action, ptr::null_mut());
            }
        }
        // SAFETY: a plain function without captured state; its argument is not used.
        #[cfg(all(target_os = "linux", target_env = "gnu"))]
        unsafe {
            at_exit_with_status(on_exit, ptr::null_mut())
        };
        // SAFETY: a plain function without captured state.
        #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
        unsafe {
            libc::atexit(on_exit)
        };
    });
}
