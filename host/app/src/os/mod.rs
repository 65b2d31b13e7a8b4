//! What differs between operating systems: the line between two starts of the program, and requests to end it.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod other;
#[cfg(unix)]
mod signals;

#[cfg(target_os = "linux")]
pub(crate) use linux::{Call, Line, dial, listen, user};
#[cfg(not(target_os = "linux"))]
pub(crate) use other::{Call, Line, dial, listen, user};
#[cfg(unix)]
pub(crate) use signals::on_end;

/// Windows ends a program that has a window through the window.
#[cfg(not(unix))]
pub(crate) fn on_end(_: impl Fn() + Send + 'static) -> std::io::Result<()> {
    Ok(())
}
