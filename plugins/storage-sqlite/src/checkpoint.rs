//! Moving the log into the file, beside the commits and never inside one.

use crate::commit::Writer;
use crate::connect::{self, Use};
use crate::contract::error::PluginResult;
use crate::error::from_sqlite;
use crate::store::lock;
use rusqlite::Connection;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Pages of log (4 KiB each) from which the background checkpoint runs although nobody called `maintain`.
const WAKE_PAGES: u32 = 4 * 1024;
/// Pages of log from which a commit waits, for the milliseconds in which the last few pages are moved: only then does
/// the log begin anew. Without it a register that never rests would fill its disk.
const HOLD_PAGES: u32 = 32 * 1024;

#[derive(Debug)]
pub(crate) struct Checkpoints {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    connection: Mutex<Connection>,
    wanted: Mutex<Wanted>,
    rung: Condvar,
}

#[derive(Debug, Default)]
struct Wanted {
    run: bool,
    stop: bool,
}

impl Checkpoints {
    pub fn start(database: &Path, writer: Arc<Mutex<Writer>>) -> PluginResult<Self> {
        let connection = Mutex::new(connect::open(database, Use::Write, true)?);
        let shared = Arc::new(Shared { connection, wanted: Mutex::default(), rung: Condvar::new() });
        let theirs = shared.clone();
        let thread = std::thread::Builder::new()
            .name("sqlite-checkpoint".to_owned())
            .spawn(move || theirs.serve(&writer))
            .map_err(|error| crate::error::from_io(&error, database, "cannot start a thread for"))?;
        Ok(Checkpoints { shared, thread: Some(thread) })
    }

    pub fn wake_if_large(&self, log_pages: u32) {
        if log_pages >= WAKE_PAGES {
            lock(&self.shared.wanted).run = true;
            self.shared.rung.notify_one();
        }
    }

    /// Moves what can be moved without making anybody wait.
    pub fn run_now(&self) -> PluginResult<()> {
        self.shared
            .passive()
            .map(|_| ())
            .map_err(|error| from_sqlite(&error, "the log could not be moved into the file"))
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        lock(&self.shared.wanted).stop = true;
        self.shared.rung.notify_one();
        if let Some(thread) = self.thread.take() {
            // A panic there was the thread's own; the store closes all the same.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn serve(&self, writer: &Mutex<Writer>) {
        loop {
            let mut wanted = self
                .rung
                .wait_while(lock(&self.wanted), |wanted| !wanted.run && !wanted.stop)
                .unwrap_or_else(PoisonError::into_inner);
            if wanted.stop {
                return;
            }
            wanted.run = false;
            drop(wanted);
            // A failure (a full disk) leaves the log as it is; the next commit rings again.
            if self.passive().is_ok_and(|log_pages| log_pages >= HOLD_PAGES) {
                let writer = lock(writer);
                let _ = self.passive();
                drop(writer);
            }
        }
    }

    /// Answers how many pages the log had.
    fn passive(&self) -> rusqlite::Result<u32> {
        lock(&self.connection)
            .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get::<_, i64>(1))
            .map(|pages| u32::try_from(pages).unwrap_or(0))
    }
}
