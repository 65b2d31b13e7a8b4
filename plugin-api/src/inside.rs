//! Whether this thread is inside a call into a plugin. Must not know: which one, or what crosses.

use std::cell::Cell;

thread_local! {
    /// How many calls into plugins this thread is inside of.
    static INSIDE: Cell<u32> = const { Cell::new(0) };
}

/// Whether this thread is inside a call into a plugin.
pub(crate) fn is_inside() -> bool {
    INSIDE.get() > 0
}

/// Runs what goes into a plugin. Nothing unwinds out of there.
pub(crate) fn inside<T>(work: impl FnOnce() -> T) -> T {
    INSIDE.set(INSIDE.get() + 1);
    let result = work();
    INSIDE.set(INSIDE.get() - 1);
    result
}
