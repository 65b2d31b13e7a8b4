//! The screen "about": versions, places, licences.

use crate::host;
use crate::shell::Shell;

/// State of the screen.
#[derive(Debug, Default)]
pub struct About {
    data: host::About,
}

impl About {
    /// Versions and places as they were when the screen was shown.
    pub fn data(&self) -> &host::About {
        &self.data
    }
}

/// The screen is shown.
pub fn enter(shell: &mut Shell) {
    shell.about.data = shell.host().about();
}

/// Shows a folder in the system's file manager.
pub fn show_folder(shell: &mut Shell, path: &str) {
    let answer = shell.expect(|shell, result| {
        if let Err(trouble) = result {
            shell.fail_host(&trouble);
        }
    });
    shell.host().show_folder(shell.session_id(), path, answer);
}
