//! Windows, beside what [`super::other`] says of every system that is not Linux.

use std::io;

/// The variable of the environment that says where a person's files lie.
pub(crate) const HOME: &str = "USERPROFILE";

/// Shows a folder.
pub(crate) const FILE_MANAGER: &str = "explorer";

/// Windows ends a program that has a window through the window; that it ends the session is not heard yet (ADR 0020).
pub(crate) fn on_end(_: impl Fn() + Send + 'static) -> io::Result<()> {
    Ok(())
}
