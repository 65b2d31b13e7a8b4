//! Appending so that every sale is in the file once, whatever dies when.
//!
//! A delivery first writes down where the file will end (`pending`), then appends and syncs, then writes down the new
//! position. Whoever finds a pending delivery cuts the file back to where it began: the host never heard that it was
//! taken and sends it again. A file that somebody else changed is never cut; it is set aside and a new one begins.

use crate::position::Position;
use crate::rows;
use aurapos_plugin_api::contract::events::HostEvent;
use aurapos_plugin_api::os::sync_folder;
use aurapos_plugin_api::{ErrorCode, EventSink, PluginError, PluginResult, Uuid};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

const FILE: &str = "sales.csv";
const POSITION: &str = "sales.position";

/// Sales in a CSV file.
#[derive(Debug)]
pub struct SalesCsv {
    folder: PathBuf,
    /// What stands in the position file. `None` after a failed write, when the file must be looked at again.
    position: Mutex<Option<Position>>,
}

impl SalesCsv {
    /// Opens the folder, made when missing, and repairs what a crash left.
    pub fn open(folder: &Path) -> PluginResult<Self> {
        fs::create_dir_all(folder).map_err(|error| failed("making the folder", folder, &error))?;
        let sink = SalesCsv { folder: folder.to_path_buf(), position: Mutex::new(None) };
        let position = sink.recover()?;
        *sink.position.lock().unwrap_or_else(PoisonError::into_inner) = Some(position);
        Ok(sink)
    }

    fn file(&self) -> PathBuf {
        self.folder.join(FILE)
    }

    /// The position, after the file was made to agree with it.
    fn recover(&self) -> PluginResult<Position> {
        let path = self.folder.join(POSITION);
        let mut position = match fs::read_to_string(&path) {
            Ok(text) => Position::parse(&text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Position::default(),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Position::parse("")?,
            Err(error) => return Err(failed("reading", &path, &error)),
        };
        let length = self.length()?;
        match position.pending {
            Some(pending) if (position.length..=pending).contains(&length) => {
                self.cut(position.length)?;
                position.pending = None;
                self.save(&position)?;
            }
            None if length == position.length => {}
            _ => {
                self.set_aside()?;
                position = Position { length: 0, pending: None, sequences: position.sequences };
                self.save(&position)?;
            }
        }
        Ok(position)
    }

    fn length(&self) -> PluginResult<u64> {
        match fs::metadata(self.file()) {
            Ok(metadata) if metadata.is_file() => Ok(metadata.len()),
            Ok(_) => Err(failed("reading", &self.file(), &io::Error::from(io::ErrorKind::IsADirectory))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(failed("reading", &self.file(), &error)),
        }
    }

    fn cut(&self, length: u64) -> PluginResult<()> {
        let path = self.file();
        let cut = || {
            let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path)?;
            file.set_len(length)?;
            file.sync_all()
        };
        cut().map_err(|error| failed("cutting a half-written line off", &path, &error))
    }

    /// Somebody else changed, cut or removed the file: what is there is theirs now.
    fn set_aside(&self) -> PluginResult<()> {
        let path = self.file();
        if !path.exists() {
            return Ok(());
        }
        let free = (1u32..).map(|number| self.folder.join(format!("sales-{number}.csv"))).find(|path| !path.exists());
        let aside = free.expect("a folder holds fewer than 2^32 files");
        fs::rename(&path, &aside).map_err(|error| failed("setting aside", &path, &error))
    }

    /// Replaces the position file, durably.
    fn save(&self, position: &Position) -> PluginResult<()> {
        let path = self.folder.join(POSITION);
        let part = self.folder.join(".sales.position.part");
        let write = || {
            let mut file = File::create(&part)?;
            file.write_all(position.to_text().as_bytes())?;
            file.sync_all()?;
            fs::rename(&part, &path)?;
            sync_folder(&self.folder)
        };
        write().map_err(|error| failed("writing", &path, &error))
    }

    fn append(&self, bytes: &[u8]) -> PluginResult<()> {
        let path = self.file();
        let write = || {
            let mut file = OpenOptions::new().append(true).create(true).open(&path)?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        write().map_err(|error| failed("writing", &path, &error))
    }

    /// Takes what is new in the events. An error at any point leaves the pending position behind.
    fn take(&self, position: &Position, events: &[HostEvent]) -> PluginResult<Position> {
        let mut next = Position { pending: None, ..position.clone() };
        let mut bytes = if position.length == 0 { rows::header()? } else { Vec::new() };
        let before = bytes.len();
        for event in events {
            let taken = next.sequences.entry(event.incarnation).or_insert(0);
            if event.sequence > *taken {
                *taken = event.sequence;
                bytes.extend(rows::of_event(event)?);
            }
        }
        if bytes.len() == before {
            // Nothing for the file; the position alone moves.
            self.save(&next)?;
            return Ok(next);
        }
        next.length = position.length + bytes.len() as u64;
        self.save(&Position { pending: Some(next.length), ..position.clone() })?;
        self.append(&bytes)?;
        self.save(&next)?;
        Ok(next)
    }
}

impl EventSink for SalesCsv {
    fn deliver(&self, events: &[HostEvent]) -> PluginResult<()> {
        let mut known = self.position.lock().unwrap_or_else(PoisonError::into_inner);
        let position = match known.take() {
            Some(position) if self.length()? == position.length => position,
            _ => self.recover()?,
        };
        if events.iter().all(|event| position.sequences.get(&event.incarnation) >= Some(&event.sequence)) {
            *known = Some(position);
            return Ok(());
        }
        *known = Some(self.take(&position, events)?);
        Ok(())
    }

    fn position(&self, incarnation: Uuid) -> PluginResult<u64> {
        let mut known = self.position.lock().unwrap_or_else(PoisonError::into_inner);
        let position = match known.take() {
            Some(position) => position,
            None => self.recover()?,
        };
        Ok(known.insert(position).sequences.get(&incarnation).copied().unwrap_or(0))
    }
}

fn failed(doing: &str, path: &Path, error: &io::Error) -> PluginError {
    PluginError::new(ErrorCode::of_io(error), format!("{doing} {} failed: {error}", path.display()))
        .with_next("Sales go on; they are written here as soon as the folder can be written again.")
}

#[cfg(test)]
mod tests;
