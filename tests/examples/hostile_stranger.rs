//! A shared library that is no plugin.
#![allow(unsafe_code)]

/// Something that some other program wants.
// SAFETY: no other library of a test has a symbol of this name.
#[unsafe(no_mangle)]
pub extern "C" fn greet(number: u32) -> u32 {
    number + 1
}
