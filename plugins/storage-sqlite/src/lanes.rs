//! The connections for reading: one for short reads, one for searches, one for long work, as the host's lanes are, so that
//! a scan of a barcode never waits behind the others and none is opened that nothing uses.

use crate::connect::{self, Use};
use crate::contract::error::PluginResult;
use crate::store::lock;
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::Mutex;

/// Where the connections lead.
#[derive(Debug)]
pub(crate) enum Source {
    /// Data that this store writes.
    Live(PathBuf),
    /// A copy, or (`live`) data that somebody else writes.
    Copy { file: PathBuf, live: bool },
}

impl Source {
    /// One more, for whoever holds it for long.
    pub fn connect(&self) -> PluginResult<Connection> {
        match self {
            Source::Live(database) => connect::open(database, Use::Read, true),
            Source::Copy { file, live } => connect::open_copy(file, *live),
        }
    }
}

/// One connection, opened when it is needed; whoever comes meanwhile waits.
#[derive(Debug, Default)]
pub(crate) struct Lane(Mutex<Option<Connection>>);

#[derive(Debug)]
pub(crate) struct Lanes {
    pub source: Source,
    pub short: Lane,
    pub search: Lane,
    pub long: Lane,
}

impl Lanes {
    pub fn new(source: Source) -> Self {
        Lanes { source, short: Lane::default(), search: Lane::default(), long: Lane::default() }
    }

    /// Opens all of them now: whatever has the file's name later, they stay with this file.
    pub fn opened(source: Source) -> PluginResult<Self> {
        let lanes = Lanes::new(source);
        for lane in [&lanes.short, &lanes.search, &lanes.long] {
            *lock(&lane.0) = Some(lanes.source.connect()?);
        }
        Ok(lanes)
    }

    /// Gives the memory of pages back; they are read again when they are needed. Lanes that are at work keep theirs.
    pub fn forget_pages(&self) {
        for lane in [&self.short, &self.search, &self.long] {
            if let Ok(place) = lane.0.try_lock()
                && let Some(connection) = &*place
            {
                connect::forget_pages(connection);
            }
        }
    }

    /// Works with the connection of a lane.
    pub fn with<T>(&self, lane: &Lane, work: impl FnOnce(&Connection) -> PluginResult<T>) -> PluginResult<T> {
        let mut place = lock(&lane.0);
        let connection = match place.take() {
            Some(connection) => connection,
            None => self.source.connect()?,
        };
        // Out of its place while the work goes on: one that a panic left is dropped with it.
        let answer = work(&connection);
        // One that is stuck in a transaction would show old data for ever.
        *place = connection.is_autocommit().then_some(connection);
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::error::{ErrorCode, PluginError};

    fn lanes() -> (tempfile::TempDir, Lanes) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("AuraPOS.db");
        connect::create(&file).unwrap();
        (folder, Lanes::new(Source::Live(file)))
    }

    #[test]
    fn a_short_read_passes_a_search_and_long_work_that_go_on() {
        let (_folder, lanes) = lanes();
        let passed = lanes.with(&lanes.long, |_| {
            lanes.with(&lanes.search, |_| {
                lanes.with(&lanes.short, |connection| Ok(connect::position(connection).unwrap()))
            })
        });
        assert_eq!(passed.unwrap(), 0);
    }

    #[test]
    fn a_connection_is_kept_unless_it_is_stuck_in_a_transaction() {
        let (_folder, lanes) = lanes();
        lanes.with(&lanes.short, |_| Ok(())).unwrap();
        assert!(lock(&lanes.short.0).is_some());
        let stuck = lanes.with(&lanes.short, |connection| {
            connection.execute_batch("BEGIN").unwrap();
            Err::<(), _>(PluginError::new(ErrorCode::Internal, "in the middle"))
        });
        assert!(stuck.is_err() && lock(&lanes.short.0).is_none());
        assert!(lanes.with(&lanes.short, |connection| Ok(connection.is_autocommit())).unwrap());
    }
}
