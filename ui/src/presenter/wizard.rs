//! The screen "wizard".

use crate::shell::Shell;

/// State of the screen.
#[derive(Debug, Default)]
pub struct Wizard {}

/// The screen is shown.
pub fn enter(_shell: &mut Shell) {}
