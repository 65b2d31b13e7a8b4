//! The allocator that the program and its plugins share: glibc's.

/// Gives memory that was freed back to the system, where the allocator keeps it: what an import needed for a moment.
///
/// glibc has a heap for every few threads and keeps what was freed in the middle of each (`malloc_trim(3)`).
#[allow(unsafe_code)]
pub fn give_memory_back() {
    // SAFETY: the function may be called at any time from any thread; it moves nothing that is in use.
    unsafe {
        libc::malloc_trim(0);
    }
}
