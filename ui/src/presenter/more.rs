//! The screen "more".

use crate::shell::Shell;

/// State of the screen.
#[derive(Debug, Default)]
pub struct More {}

/// The screen is shown.
pub fn enter(_shell: &mut Shell) {}
