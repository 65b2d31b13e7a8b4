//! The allocator that the program and its plugins share: glibc's.

/// An arena gives back what is free at its end as soon as that is more than this: glibc's own value at the start.
const KEPT_BYTES: libc::c_int = 128 * 1024;

/// Lets the allocator keep little of what was freed.
///
/// glibc raises by itself what an arena may keep with the largest block it gave back so far (`mallopt(3)`,
/// `M_MMAP_THRESHOLD`): after one buffer of a window that is 8 MB an arena, each thread may have one, and `malloc_trim`
/// does not reach it. Saying the value ends that.
#[allow(unsafe_code)]
pub(crate) fn keep_little_memory() {
    // SAFETY: the function may be called at any time from any thread; it only sets a number.
    unsafe {
        libc::mallopt(libc::M_TRIM_THRESHOLD, KEPT_BYTES);
    }
}

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
