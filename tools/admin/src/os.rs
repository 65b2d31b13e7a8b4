//! What differs between operating systems: Ctrl+C, how a process ended.

use std::io;
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
