//! The screen "about".

use crate::shell::Shell;

/// State of the screen.
#[derive(Debug, Default)]
pub struct About {}

/// The screen is shown.
pub fn enter(_shell: &mut Shell) {}
