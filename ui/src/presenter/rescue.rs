//! The rescue screen: what happened to the register, where its data and backups are, and what can be done.

use crate::host;
use crate::shell::Shell;

/// State of the screen.
#[derive(Debug, Default)]
pub struct Rescue {
    trouble: Option<host::Rescue>,
}

/// Why the register did not open.
pub fn set(shell: &mut Shell, trouble: host::Rescue) {
    shell.rescue.trouble = Some(trouble);
}

/// The screen is shown.
pub fn enter(_shell: &mut Shell) {}
