//! Moving the log into the file, beside the commits and never inside one.
//!
//! A log begins anew only here, under the writer's lock, so that each has its marks (see `mark.rs`). A reader at its end, the
//! pin, keeps SQLite from doing it inside a commit.

use crate::commit::Writer;
use crate::connect::{self, Use};
use crate::contract::error::PluginResult;
use crate::error::from_sqlite;
use crate::store::lock;
use rusqlite::Connection;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Pages of log (4 KiB each) from which the background checkpoint runs although nobody called `maintain`. When a reader
/// holds a part of it back, it runs again after as many more.
const WAKE_PAGES: u32 = 4 * 1024;

#[derive(Debug)]
pub(crate) struct Checkpoints {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    work: Mutex<Work>,
    wanted: Mutex<Wanted>,
    rung: Condvar,
}

/// The connections of whoever moves the log.
#[derive(Debug)]
struct Work {
    mover: Connection,
    pin: Connection,
}

#[derive(Debug)]
struct Wanted {
    run: bool,
    stop: bool,
    /// The next time that it runs by itself.
    from_pages: u32,
}

impl Checkpoints {
    /// Begins the log with its mark, and holds it from now on.
    pub fn start(database: &Path, writer: Arc<Mutex<Writer>>) -> PluginResult<Self> {
        let connect = || connect::open(database, Use::Write, true);
        let work = Work { mover: connect()?, pin: connect::open(database, Use::Read, true)? };
        {
            let mut writer = lock(&writer);
            writer.begin_log()?;
            work.hold().map_err(|error| from_sqlite(&error, "the log could not be held"))?;
        }
        let wanted = Mutex::new(Wanted { run: false, stop: false, from_pages: WAKE_PAGES });
        let shared = Arc::new(Shared { work: Mutex::new(work), wanted, rung: Condvar::new() });
        let theirs = shared.clone();
        let thread = std::thread::Builder::new()
            .name("sqlite-checkpoint".to_owned())
            .spawn(move || theirs.serve(&writer))
            .map_err(|error| crate::error::from_io(&error, database, "cannot start a thread for"))?;
        Ok(Checkpoints { shared, thread: Some(thread) })
    }

    pub fn wake_if_large(&self, log_pages: u32) {
        if log_pages >= WAKE_PAGES {
            let mut wanted = lock(&self.shared.wanted);
            wanted.run |= log_pages >= wanted.from_pages;
            self.shared.rung.notify_one();
        }
    }

    /// Moves the log now; a commit waits for the last few pages only.
    pub fn run_now(&self, writer: &Mutex<Writer>) -> PluginResult<()> {
        self.shared.tidy(writer)
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
            // A failure (a full disk) leaves the log as it is; a later commit rings again.
            let _ = self.tidy(writer);
            let left = lock(writer).log_pages();
            lock(&self.wanted).from_pages = left.saturating_add(WAKE_PAGES);
        }
    }

    fn tidy(&self, writer: &Mutex<Writer>) -> PluginResult<()> {
        let work = lock(&self.work);
        let failed = |error| from_sqlite(&error, "the log could not be moved into the file");
        {
            let writer = lock(writer);
            if !writer.has_log() {
                return Ok(());
            }
            // To its present end: so far the next step may move it.
            work.hold().map_err(failed)?;
        }
        // The most of it while commits go on.
        work.move_log().map_err(failed)?;
        let mut writer = lock(writer);
        let moved = writer.end_log().and_then(|()| {
            work.let_go().map_err(failed)?;
            work.move_log().map_err(failed)
        });
        // It begins anew, unless a reader holds it back: then it goes on.
        let begun = match moved {
            Ok(true) => writer.begin_log(),
            other => other.map(|_| ()),
        };
        work.hold().map_err(failed)?;
        begun
    }
}

impl Work {
    /// A reader at the end of the log: it is not begun anew meanwhile.
    fn hold(&self) -> rusqlite::Result<()> {
        self.let_go()?;
        self.pin.execute_batch("BEGIN")?;
        connect::position(&self.pin).map(|_| ())
    }

    fn let_go(&self) -> rusqlite::Result<()> {
        if self.pin.is_autocommit() { Ok(()) } else { self.pin.execute_batch("ROLLBACK") }
    }

    /// Moves what can be moved without making anybody wait; answers whether that is all of it.
    fn move_log(&self) -> rusqlite::Result<bool> {
        self.mover.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
            let (busy, pages, moved) = (row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?);
            Ok(busy == 0 && pages == moved)
        })
    }
}
