//! The screen "closing".

use crate::shell::Shell;

/// State of the screen.
#[derive(Debug, Default)]
pub struct Closing {}

/// The screen is shown.
pub fn enter(_shell: &mut Shell) {}

/// Somebody wants to end the program.
pub fn begin(_shell: &mut Shell) {}
