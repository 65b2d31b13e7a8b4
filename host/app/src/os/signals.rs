//! SIGTERM, SIGINT and SIGHUP: the system or a terminal asks the program to end.

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::io;
use std::thread;

/// Calls `end` when the system asks for the end. A second request is for the system itself: it ends the program at once.
pub(crate) fn on_end(end: impl Fn() + Send + 'static) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP])?;
    let work = move || {
        for (number, signal) in signals.forever().enumerate() {
            if number > 0 {
                tracing::warn!(signal, "asked to end for the second time");
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
            tracing::info!(signal, "asked to end");
            end();
        }
    };
    thread::Builder::new().name("signals".to_owned()).spawn(work).map(drop)
}
