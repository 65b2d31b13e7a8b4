//! How a register that is open stands with the shop's shared store, for other programs beside the one that sells: the file
//! `register.sync`.
//!
//! Owns: when it is written (when somebody would see something else), that what an ended program left is not believed. It is
//! news and no record: nothing waits for a disk, and what is lost with it is told again a moment later. Must not know: what
//! is brought and taken.

use crate::folder::DataFolder;
use aurapos_contract::ErrorCode;
use aurapos_domain::calendar::Timestamp;
use aurapos_engine::sync::status::Status;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::PathBuf;

/// How it stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Standing {
    /// The shared store answers.
    pub online: bool,
    /// Since when it does not, in microseconds; `None`: it does, or was not asked yet.
    pub offline_since_us: Option<i64>,
    /// What it is: engine and version; empty where it never answered.
    #[serde(default)]
    pub server: String,
    /// Why it is away or refused; empty where nothing is wrong.
    #[serde(default)]
    pub message: String,
    /// What the store says to do; may be empty.
    #[serde(default)]
    pub next: String,
    /// The store says that there is no room on its disk, which nobody sees who only looks at it.
    #[serde(default)]
    pub is_full: bool,
}

impl Standing {
    /// Of the register that a program has open. Believed only while one has: look at the lock first ([`crate::Reader::holder`]).
    /// `None`: it says nothing.
    pub fn of(folder: &DataFolder) -> Option<Self> {
        toml::from_str(&fs::read_to_string(folder.register_sync()).ok()?).ok()
    }

    /// Since when it is away.
    pub fn offline_since(&self) -> Option<Timestamp> {
        self.offline_since_us.map(Timestamp)
    }
}

impl From<&Status> for Standing {
    fn from(status: &Status) -> Self {
        Standing {
            online: status.online(),
            offline_since_us: status.offline_since.map(|time| time.0),
            server: status.server.clone(),
            message: status.trouble.clone().unwrap_or_default(),
            next: status.next.clone(),
            is_full: status.cause == Some(ErrorCode::DiskFull),
        }
    }
}

/// Where the program that has a register open writes it.
#[derive(Debug)]
pub(crate) struct Board {
    file: PathBuf,
    written: Option<Standing>,
}

impl Board {
    /// Takes away what an ended program left.
    pub(crate) fn new(folder: &DataFolder) -> Self {
        let board = Board { file: folder.register_sync(), written: None };
        board.wipe();
        board
    }

    /// Writes it, where it is another one.
    pub(crate) fn show(&mut self, status: &Status) {
        let standing = Standing::from(status);
        if self.written.as_ref() == Some(&standing) {
            return;
        }
        let aside = self.file.with_extension("sync-part");
        let text = toml::to_string(&standing).unwrap_or_default();
        // What somebody else's program left may not be theirs to write.
        let _ = fs::remove_file(&aside);
        // Renamed over: whoever reads sees the old one or the new.
        let written = fs::write(&aside, text).and_then(|()| fs::rename(&aside, &self.file));
        match written {
            Ok(()) => self.written = Some(standing),
            Err(error) => tracing::debug!("register.sync cannot be written: {error}"),
        }
    }

    /// Nobody says any more how it stands.
    pub(crate) fn wipe(&self) {
        // It need not be there; what stays is not believed without somebody who has the register.
        let _ = fs::remove_file(&self.file);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aurapos_engine::sync::status::Phase;

    #[test]
    fn what_is_shown_is_read_by_others_and_gone_with_the_program() {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(place.path());
        assert_eq!(Standing::of(&folder), None);
        fs::write(folder.register_sync(), "online = true").unwrap();
        assert!(Standing::of(&folder).unwrap().online);
        let mut board = Board::new(&folder);
        assert_eq!(Standing::of(&folder), None, "an ended program's");
        let mut status = Status { phase: Phase::Resting, server: "PostgreSQL 17".to_owned(), ..Status::default() };
        board.show(&status);
        let shown = Standing::of(&folder).unwrap();
        assert!(shown.online && shown.server == "PostgreSQL 17" && shown.offline_since().is_none());
        let quote = "it said \"no\"\nand more";
        status.offline_since = Some(Timestamp(7));
        (status.phase, status.trouble, status.next) = (Phase::Waiting, Some(quote.to_owned()), "Wait.".to_owned());
        status.cause = Some(ErrorCode::DiskFull);
        board.show(&status);
        let shown = Standing::of(&folder).unwrap();
        assert_eq!((shown.online, shown.offline_since_us, shown.is_full), (false, Some(7), true));
        assert_eq!((shown.message.as_str(), shown.next.as_str()), (quote, "Wait."));
        board.wipe();
        assert_eq!(Standing::of(&folder), None);
    }

    #[test]
    fn it_is_not_written_again_for_what_nobody_sees() {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(place.path());
        let mut board = Board::new(&folder);
        let status = Status::default();
        board.show(&status);
        fs::remove_file(folder.register_sync()).unwrap();
        board.show(&Status { unsent: 7, ..status.clone() });
        assert_eq!(Standing::of(&folder), None, "a sale changes nothing here");
        board.show(&Status { offline_since: Some(Timestamp(1)), ..status });
        assert!(Standing::of(&folder).is_some());
    }
}
