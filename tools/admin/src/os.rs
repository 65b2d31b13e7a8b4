//! What differs between operating systems: Ctrl+C, how a process ended, who owns a file.

use std::io;
use std::path::Path;
use std::process::ExitStatus;

/// Calls `heard` at each Ctrl+C with how many came before. Where it says that it did nothing, the program ends as if nobody
/// had listened.
#[cfg(unix)]
pub fn on_interrupt(heard: impl Fn(usize) -> bool + Send + 'static) -> io::Result<()> {
    use signal_hook::consts::SIGINT;
    let mut signals = signal_hook::iterator::Signals::new([SIGINT])?;
    let work = move || {
        for (before, _) in signals.forever().enumerate() {
            if !heard(before) {
                let _ = signal_hook::low_level::emulate_default_handler(SIGINT);
            }
        }
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(work).map(drop)
}

/// Here Ctrl+C ends the program, in the middle of a payment too: it is asked about at the next start (ADR 0020).
#[cfg(windows)]
pub fn on_interrupt(_: impl Fn(usize) -> bool + Send + 'static) -> io::Result<()> {
    Ok(())
}

/// The signal that ended a process; the numbers are those of Linux.
#[cfg(unix)]
pub fn signal_of(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

/// There are no signals here.
#[cfg(windows)]
pub fn signal_of(_: ExitStatus) -> Option<i32> {
    None
}

/// Gives a file, where it is there, to who owns a folder. Only root can, and only root needs to: it makes files in the folders
/// of others.
#[cfg(unix)]
pub fn give_to_owner_of(folder: &Path, file: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let owner = std::fs::metadata(folder)?;
    match std::fs::symlink_metadata(file) {
        Ok(present) if present.uid() != owner.uid() => {
            match std::os::unix::fs::lchown(file, Some(owner.uid()), Some(owner.gid())) {
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
                given => given,
            }
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Who makes a file owns it.
#[cfg(windows)]
pub fn give_to_owner_of(_: &Path, _: &Path) -> io::Result<()> {
    Ok(())
}
