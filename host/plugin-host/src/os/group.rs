//! A child process that leads a group of its own, so that what it starts can be ended with it.
//!
//! A helper that leaves the group (`setsid`) is not found again; it runs on, and nobody waits for it.

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};

/// Has the command lead a group when it is started.
pub(crate) fn lead_a_group(command: &mut Command) {
    command.process_group(0);
}

fn pid(child: &Child) -> io::Result<Pid> {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or_else(|| io::ErrorKind::InvalidInput.into())
}

/// Whether the child ended; it is not reaped.
pub(crate) fn has_ended(child: &mut Child) -> io::Result<bool> {
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    Ok(waitid(WaitId::Pid(pid(child)?), look)?.is_some())
}

/// Ends the child and everything in its group. The child must not have been reaped: until then its number is its own.
pub(crate) fn end(child: &mut Child) -> io::Result<()> {
    Ok(kill_process_group(pid(child)?, Signal::KILL)?)
}
