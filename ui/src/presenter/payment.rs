//! The screen "payment".

use crate::shell::Shell;

/// State of the screen.
#[derive(Debug, Default)]
pub struct Payment {}

/// The screen is shown.
pub fn enter(_shell: &mut Shell) {}

/// A key that no control wanted.
pub fn key(_shell: &mut Shell, _key: &crate::presenter::keys::KeyPress) -> bool {
    false
}

/// A function key that works on every screen. True: taken.
pub fn function_key(_shell: &mut Shell, _key: &crate::presenter::keys::KeyPress) -> bool {
    false
}
