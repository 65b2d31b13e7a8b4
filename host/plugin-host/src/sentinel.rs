//! Tells the next start which plugin took the program down, and in which call.
//!
//! One small file per process in the state folder, locked while the process lives. Each lane owns a slot in it: the
//! plugin's id and hash, the call it is in, and, if the process dies there by the plugin's doing, how.

use crate::calls;
use crate::os::{DEATHS_ARE_WATCHED, SlotMemory, watch_deaths};
use aurapos_contract::call::Method;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Most lanes of one process that are watched; further ones work, unwatched.
const SLOTS_MAX: usize = 1024;

/// A plugin's doing, found after the fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Death {
    pub(crate) id: String,
    pub(crate) sha256: String,
    pub(crate) call: &'static str,
    /// Signal number; `None` when the plugin called `exit`.
    pub(crate) signal: Option<u32>,
}

/// This process's file.
#[derive(Debug)]
pub(crate) struct Sentinel {
    memory: Option<&'static SlotMemory>,
    /// Slots that no thread has.
    free: Mutex<Vec<usize>>,
}

/// A thread's slot, to be given back.
#[derive(Debug)]
pub(crate) struct Seat(Option<usize>);

impl Sentinel {
    /// A sentinel that watches nothing.
    pub(crate) fn none() -> Sentinel {
        Sentinel { memory: None, free: Mutex::default() }
    }

    /// Opens this process's file and begins to watch, where this system lets anybody watch.
    pub(crate) fn open(folder: &Path) -> io::Result<Sentinel> {
        if !DEATHS_ARE_WATCHED {
            return Ok(Sentinel::none());
        }
        watch_deaths();
        let file = create(folder)?;
        let memory: &'static SlotMemory = Box::leak(Box::new(SlotMemory::map(&file, SLOTS_MAX)?));
        // The lock tells other processes that this one lives: it must stay until the end.
        static FILES: OnceLock<Mutex<Vec<File>>> = OnceLock::new();
        let files = FILES.get_or_init(Default::default);
        files.lock().unwrap_or_else(PoisonError::into_inner).push(file);
        Ok(Sentinel { memory: Some(memory), free: Mutex::new((0..SLOTS_MAX).rev().collect()) })
    }

    /// Gives the calling thread a slot for a plugin.
    pub(crate) fn enter_thread(&self, id: &str, sha256: &str) -> Seat {
        let Some(memory) = self.memory else { return Seat(None) };
        let slot = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match slot {
            Some(slot) => memory.take(slot, format!("{id}\n{sha256}").as_bytes()),
            None => tracing::warn!(plugin = id, "more than {SLOTS_MAX} lanes: this one is not watched"),
        }
        Seat(slot)
    }

    /// Marks the calling thread as inside a call until the guard goes.
    pub(crate) fn inside(call: &Method) -> Inside {
        SlotMemory::mark(call.code());
        Inside
    }

    /// Takes the calling thread's slot away.
    pub(crate) fn leave_thread(&self, seat: &Seat) {
        SlotMemory::release();
        self.free.lock().unwrap_or_else(PoisonError::into_inner).extend(seat.0);
    }
}

/// The calling thread is inside a plugin.
#[derive(Debug)]
pub(crate) struct Inside;

impl Drop for Inside {
    fn drop(&mut self) {
        SlotMemory::mark(0);
    }
}

/// Makes the file under another name and locks it before it gets the name that others look for, so that nobody takes it
/// for a dead process's.
fn create(folder: &Path) -> io::Result<File> {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    fs::create_dir_all(folder)?;
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("sentinel-{}-{number}", std::process::id());
    let part = folder.join(format!("{name}.part"));
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&part)?;
    file.try_lock().map_err(io::Error::other)?;
    file.set_len((SLOTS_MAX * crate::os::SLOT_BYTES) as u64)?;
    fs::rename(&part, folder.join(format!("{name}.bin")))?;
    Ok(file)
}

/// Reads and removes what processes that are gone left behind.
pub(crate) fn collect(folder: &Path) -> Vec<Death> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut deaths = Vec::new();
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if !name.starts_with("sentinel-") {
            continue;
        }
        let Ok(file) = OpenOptions::new().read(true).write(true).open(&path) else { continue };
        if file.try_lock().is_err() {
            continue;
        }
        if let Ok(bytes) = fs::read(&path) {
            deaths.extend(bytes.chunks_exact(crate::os::SLOT_BYTES).filter_map(death));
        }
        if let Err(error) = fs::remove_file(&path) {
            tracing::warn!(file = %path.display(), %error, "an old sentinel stays");
        }
    }
    deaths
}

fn death(slot: &[u8]) -> Option<Death> {
    let (call, died, label) = crate::os::read_slot(slot);
    if died == 0 {
        return None;
    }
    let end = label.iter().position(|&byte| byte == 0).unwrap_or(label.len());
    let label = std::str::from_utf8(&label[..end]).ok()?;
    let (id, sha256) = label.split_once('\n')?;
    Some(Death {
        id: id.to_owned(),
        sha256: sha256.to_owned(),
        call: calls::name_of(call),
        signal: (died != crate::os::EXITED).then_some(died),
    })
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use aurapos_contract::storage::StoreTable;

    #[test]
    fn the_living_are_left_alone_and_the_dead_are_read_once() {
        let folder = tempfile::tempdir().unwrap();
        let living = Sentinel::open(folder.path()).unwrap();
        let seat = living.enter_thread("cash", &"a".repeat(64));
        assert_eq!(collect(folder.path()), []);
        living.leave_thread(&seat);

        let mut slot = vec![0u8; crate::os::SLOT_BYTES];
        slot[..4].copy_from_slice(&StoreTable::commit().code().to_ne_bytes());
        slot[8..15].copy_from_slice(b"evil\nff");
        fs::write(folder.path().join("sentinel-1-0.bin"), &slot).unwrap();
        assert_eq!(collect(folder.path()), [], "killed from outside in the middle of a commit: nobody's fault");
        slot[4..8].copy_from_slice(&11u32.to_ne_bytes());
        fs::write(folder.path().join("sentinel-1-0.bin"), &slot).unwrap();
        let expected = Death { id: "evil".into(), sha256: "ff".into(), call: "commit", signal: Some(11) };
        assert_eq!(collect(folder.path()), [expected]);
        assert_eq!(collect(folder.path()), []);
    }
}
