//! Progress on standard error when that is a terminal; otherwise silence. Ctrl-C ends the program: what is long is made
//! so that an end in the middle leaves nothing half-done.

use aurapos_runtime::contract::Progress;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How often the line is drawn again.
const INTERVAL: Duration = Duration::from_millis(100);

/// A line that tells how far a long command is.
#[derive(Debug)]
pub struct ProgressLine {
    visible: bool,
    drawn: Mutex<Option<Instant>>,
}

impl ProgressLine {
    /// A line for this run of the program.
    pub fn new() -> Self {
        ProgressLine { visible: io::stderr().is_terminal(), drawn: Mutex::new(None) }
    }
}

impl Progress for ProgressLine {
    fn report(&self, done: u64, total: u64, text: &str) {
        if !self.visible {
            return;
        }
        let Ok(mut drawn) = self.drawn.lock() else { return };
        let finished = total > 0 && done >= total;
        if !finished && drawn.is_some_and(|last| last.elapsed() < INTERVAL) {
            return;
        }
        *drawn = Some(Instant::now());
        let line = match (done * 100).checked_div(total) {
            Some(percent) => format!("{percent:3} %  {text}"),
            None => text.to_owned(),
        };
        // A closed standard error is no reason to stop.
        let _ = write!(io::stderr(), "\r\x1b[2K{line}");
    }

    fn cancelled(&self) -> bool {
        false
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        if self.visible && self.drawn.lock().is_ok_and(|drawn| drawn.is_some()) {
            // The line makes room for the answer.
            let _ = write!(io::stderr(), "\r\x1b[2K");
        }
    }
}
