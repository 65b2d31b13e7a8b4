//! The screen "orders".

use crate::host::HostEvent;
use crate::shell::Shell;

/// State of the screen.
#[derive(Debug, Default)]
pub struct Orders {}

/// The screen is shown.
pub fn enter(_shell: &mut Shell) {}

/// The program tells something.
pub fn event(_shell: &mut Shell, _event: &HostEvent) {}

/// A key that no control wanted.
pub fn key(_shell: &mut Shell, _key: &crate::presenter::keys::KeyPress) -> bool {
    false
}

/// A code was scanned while the screen is shown. True: it was meant for the screen.
pub fn scanned(_shell: &mut Shell, _code: &str) -> bool {
    false
}
