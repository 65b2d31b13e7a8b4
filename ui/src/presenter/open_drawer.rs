//! The screen "open drawer".

use crate::shell::Shell;

/// State of the screen.
#[derive(Debug, Default)]
pub struct OpenDrawer {}

/// The screen is shown.
pub fn enter(_shell: &mut Shell) {}

/// A key that no control wanted.
pub fn key(_shell: &mut Shell, _key: &crate::presenter::keys::KeyPress) -> bool {
    false
}
