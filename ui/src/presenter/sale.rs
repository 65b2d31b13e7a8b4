//! The screen "sale".

use crate::host::HostEvent;
use crate::shell::Shell;

/// State of the screen.
#[derive(Debug, Default)]
pub struct Sale {
    /// The ticket as the engine told it last.
    pub ticket: Option<aurapos_engine::view::Ticket>,
}

/// The screen is shown.
pub fn enter(_shell: &mut Shell) {}

/// The program tells something.
pub fn event(_shell: &mut Shell, _event: &HostEvent) {}

/// A key that no control wanted.
pub fn key(_shell: &mut Shell, _key: &crate::presenter::keys::KeyPress) -> bool {
    false
}

/// A code was scanned.
pub fn scanned(_shell: &mut Shell, _code: &str) {}

/// A function key that works on every screen. True: taken.
pub fn function_key(_shell: &mut Shell, _key: &crate::presenter::keys::KeyPress) -> bool {
    false
}
