//! The screen "plugins".

use crate::shell::Shell;

/// State of the screen.
#[derive(Debug, Default)]
pub struct Plugins {}

/// The screen is shown.
pub fn enter(_shell: &mut Shell) {}
