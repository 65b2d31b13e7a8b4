//! What differs between operating systems: the line between two starts of the program, requests to end it, where people
//! keep their files and what shows them.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod other;
#[cfg(unix)]
mod signals;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
pub(crate) use linux::{Call, Line, dial, listen, user};
#[cfg(not(target_os = "linux"))]
pub(crate) use other::{Call, Line, dial, listen, user};
#[cfg(unix)]
pub(crate) use signals::on_end;

#[cfg(windows)]
pub(crate) use windows::{FILE_MANAGER, HOME, on_end};

/// The variable of the environment that says where a person's files lie.
#[cfg(unix)]
pub(crate) const HOME: &str = "HOME";

/// Shows a folder.
#[cfg(unix)]
pub(crate) const FILE_MANAGER: &str = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
