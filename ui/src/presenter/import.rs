//! The screen "import".

use crate::shell::Shell;

/// State of the screen.
#[derive(Debug, Default)]
pub struct Import {}

/// The screen is shown.
pub fn enter(_shell: &mut Shell) {}
