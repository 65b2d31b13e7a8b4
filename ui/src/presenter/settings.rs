//! The screen "settings".

use crate::shell::Shell;

/// State of the screen.
#[derive(Debug, Default)]
pub struct Settings {}

/// The screen is shown.
pub fn enter(_shell: &mut Shell) {}
