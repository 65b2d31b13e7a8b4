//! Sockets with an abstract name: no file that could be left behind, and a name that ends with its program.

use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};

/// One call.
pub(crate) type Call = UnixStream;
/// Where calls come in.
pub(crate) type Line = UnixListener;

/// Calls whoever has that name.
pub(crate) fn dial(name: &str) -> io::Result<Call> {
    UnixStream::connect_addr(&SocketAddr::from_abstract_name(name)?)
}

/// Takes the name.
pub(crate) fn listen(name: &str) -> io::Result<Line> {
    UnixListener::bind_addr(&SocketAddr::from_abstract_name(name)?)
}

/// The number of this process' user.
pub(crate) fn user() -> u32 {
    std::fs::metadata("/proc/self").map_or(0, |process| process.uid())
}
