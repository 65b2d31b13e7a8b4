//! The screen "sign in".

use crate::shell::Shell;

/// State of the screen.
#[derive(Debug, Default)]
pub struct SignIn {}

/// The screen is shown.
pub fn enter(_shell: &mut Shell) {}

/// Locks a register that nobody touched for as long as the preferences say.
pub fn lock_when_idle(_shell: &mut Shell, _now: aurapos_domain::calendar::Timestamp) {}

/// Asks for the PIN before anything else; the ticket stays.
pub fn lock(_shell: &mut Shell) {}

/// Ends the session.
pub fn sign_out(_shell: &mut Shell) {}

/// A key that no control wanted.
pub fn key(_shell: &mut Shell, _key: &crate::presenter::keys::KeyPress) -> bool {
    false
}
