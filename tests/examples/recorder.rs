//! A library to preload (`LD_PRELOAD`) into a program: records every write, truncation and sync of files below a folder,
//! and everything the program prints, in the order in which they happened.
//!
//! `AURAPOS_RECORD_DIR` is the folder, `AURAPOS_RECORD_LOG` the log. `aurapos_tests::durability` reads the log and says what
//! a disk that kept only synced bytes would hold. Nothing here changes what the program does, with one exception:
//! `AURAPOS_RECORD_KILL_AT=N` kills it (SIGKILL) instead of the N-th recorded change or sync, so that a test can kill at
//! every step. `AURAPOS_RECORD_IGNORE_SYNC=1` records no syncs, to see that the tests notice.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// One kind of record in the log: `kind u8, id u64, path length u32, data length u32, offset u64, path, data`.
#[repr(u8)]
#[derive(Clone, Copy)]
enum Kind {
    Write = 1,
    Truncate = 2,
    SyncBegin = 3,
    SyncEnd = 4,
    Printed = 5,
    Unlink = 6,
    Rename = 7,
}

struct Recorder {
    dir: Vec<u8>,
    log: c_int,
    /// Changes and syncs until the end; 0 for never.
    kill_at: u64,
    ignores_syncs: bool,
}

fn recorder() -> Option<&'static Recorder> {
    static RECORDER: OnceLock<Option<Recorder>> = OnceLock::new();
    RECORDER
        .get_or_init(|| {
            let dir = std::env::var_os("AURAPOS_RECORD_DIR")?;
            let log = std::ffi::CString::new(std::env::var("AURAPOS_RECORD_LOG").ok()?).ok()?;
            let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_APPEND | libc::O_CLOEXEC;
            // SAFETY: a system call with a string that ends in a zero byte; it takes a mode because of O_CREAT.
            let log = unsafe { libc::syscall(libc::SYS_openat, libc::AT_FDCWD, log.as_ptr(), flags, 0o600) };
            let number = |name| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(0);
            (log >= 0).then(|| Recorder {
                dir: dir.into_encoded_bytes(),
                log: log as c_int,
                kill_at: number("AURAPOS_RECORD_KILL_AT"),
                ignores_syncs: number("AURAPOS_RECORD_IGNORE_SYNC") != 0,
            })
        })
        .as_ref()
}

/// Appends one record with a single write to a file opened for appending: records of threads never mix.
fn record(kind: Kind, id: u64, path: &[u8], offset: u64, data: &[u8]) {
    let Some(recorder) = recorder() else { return };
    match kind {
        Kind::SyncBegin | Kind::SyncEnd if recorder.ignores_syncs => return,
        Kind::Printed | Kind::SyncEnd => {}
        _ => count_step(recorder),
    }
    let mut bytes = Vec::with_capacity(32 + path.len() + data.len());
    bytes.push(kind as u8);
    bytes.extend_from_slice(&id.to_le_bytes());
    bytes.extend_from_slice(&(path.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&(data.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&offset.to_le_bytes());
    bytes.extend_from_slice(path);
    bytes.extend_from_slice(data);
    // SAFETY: a system call with a pointer and the length of a live vector.
    let written = unsafe { libc::syscall(libc::SYS_write, recorder.log, bytes.as_ptr(), bytes.len()) };
    assert_eq!(written, bytes.len() as i64, "the recorder's log could not be written");
}

/// Ends the program at once where it was asked for.
fn count_step(recorder: &Recorder) {
    static STEPS: AtomicU64 = AtomicU64::new(0);
    if STEPS.fetch_add(1, Ordering::Relaxed) + 1 == recorder.kill_at {
        // SAFETY: a system call with plain numbers; nothing of this process runs after it.
        unsafe { libc::kill(libc::getpid(), libc::SIGKILL) };
    }
}

/// The path of an open file below the recorded folder.
fn path_of(fd: c_int) -> Option<Vec<u8>> {
    let recorder = recorder()?;
    let link = format!("/proc/self/fd/{fd}\0");
    let mut buffer = [0u8; 4096];
    // SAFETY: the string ends in a zero byte and the buffer is as long as said.
    let length = unsafe { libc::readlink(link.as_ptr().cast(), buffer.as_mut_ptr().cast(), buffer.len()) };
    let path = buffer.get(..usize::try_from(length).ok()?)?;
    path.starts_with(&recorder.dir).then(|| path.to_vec())
}

fn is_recorded(path: &[u8]) -> bool {
    recorder().is_some_and(|recorder| path.starts_with(&recorder.dir))
}

fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn record_write(fd: c_int, data: *const c_void, count: usize, offset: u64) {
    if data.is_null() {
        return;
    }
    if let Some(path) = path_of(fd) {
        // SAFETY: the caller hands `count` readable bytes to write, as the function it called demands.
        let bytes = unsafe { std::slice::from_raw_parts(data.cast::<u8>(), count) };
        record(Kind::Write, 0, &path, offset, bytes);
    }
}

/// # Safety
/// As write(2).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn write(fd: c_int, data: *const c_void, count: usize) -> isize {
    if fd == 1 && recorder().is_some() {
        // SAFETY: as in `record_write`.
        record(Kind::Printed, 0, b"", 0, unsafe { std::slice::from_raw_parts(data.cast::<u8>(), count) });
    } else if path_of(fd).is_some() {
        // SAFETY: a system call that reads the position.
        let offset = unsafe { libc::lseek(fd, 0, libc::SEEK_CUR) };
        record_write(fd, data, count, offset.max(0) as u64);
    }
    // SAFETY: the caller's own arguments.
    let result = unsafe { libc::syscall(libc::SYS_write, fd, data, count) };
    result as isize
}

/// # Safety
/// As pwrite(2).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pwrite64(fd: c_int, data: *const c_void, count: usize, offset: i64) -> isize {
    record_write(fd, data, count, offset as u64);
    // SAFETY: the caller's own arguments.
    let result = unsafe { libc::syscall(libc::SYS_pwrite64, fd, data, count, offset) };
    result as isize
}

/// # Safety
/// As pwrite(2).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pwrite(fd: c_int, data: *const c_void, count: usize, offset: i64) -> isize {
    // SAFETY: the caller's own arguments.
    unsafe { pwrite64(fd, data, count, offset) }
}

/// # Safety
/// As ftruncate(2).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ftruncate64(fd: c_int, length: i64) -> c_int {
    if let Some(path) = path_of(fd) {
        record(Kind::Truncate, 0, &path, length as u64, b"");
    }
    // SAFETY: the caller's own arguments.
    let result = unsafe { libc::syscall(libc::SYS_ftruncate, fd, length) };
    result as c_int
}

/// # Safety
/// As ftruncate(2).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ftruncate(fd: c_int, length: i64) -> c_int {
    // SAFETY: the caller's own arguments.
    unsafe { ftruncate64(fd, length) }
}

fn sync(fd: c_int, call: i64) -> c_int {
    let path = path_of(fd);
    let id = next_id();
    if let Some(path) = &path {
        record(Kind::SyncBegin, id, path, 0, b"");
    }
    // SAFETY: the caller's own argument.
    let result = unsafe { libc::syscall(call, fd) };
    if let Some(path) = path.filter(|_| result == 0) {
        record(Kind::SyncEnd, id, &path, 0, b"");
    }
    result as c_int
}

/// # Safety
/// As fsync(2).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fsync(fd: c_int) -> c_int {
    sync(fd, libc::SYS_fsync)
}

/// # Safety
/// As fdatasync(2).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdatasync(fd: c_int) -> c_int {
    sync(fd, libc::SYS_fdatasync)
}

/// # Safety
/// As unlink(2).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn unlink(path: *const c_char) -> c_int {
    // SAFETY: the caller's own argument: a path ends in a zero byte.
    let name = unsafe { CStr::from_ptr(path) }.to_bytes();
    // SAFETY: the caller's own argument.
    if is_recorded(name) && unsafe { libc::access(path, libc::F_OK) } == 0 {
        record(Kind::Unlink, 0, name, 0, b"");
    }
    // SAFETY: the caller's own argument.
    let result = unsafe { libc::syscall(libc::SYS_unlink, path) };
    result as c_int
}

/// # Safety
/// As rename(2).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
    // SAFETY: the caller's own arguments: paths end in a zero byte.
    let (name, new_name) = unsafe { (CStr::from_ptr(from).to_bytes(), CStr::from_ptr(to).to_bytes()) };
    // SAFETY: the caller's own argument.
    if (is_recorded(name) || is_recorded(new_name)) && unsafe { libc::access(from, libc::F_OK) } == 0 {
        record(Kind::Rename, 0, name, 0, new_name);
    }
    // SAFETY: the caller's own arguments.
    let result = unsafe { libc::syscall(libc::SYS_rename, from, to) };
    result as c_int
}
