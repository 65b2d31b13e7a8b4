//! One file that holds a store: a head, then entries that are only ever appended.
//!
//! Owns: the bytes of the file and when they are synced. Must not know: who else wants the file; the lock is the
//! provider's.
//!
//! The head names the format and how many bytes were committed when it was last written. It is written after each
//! entry's sync and needs none of its own: entries behind that length are read as well, as far as they are whole. So half
//! an entry at the end is a crash (nobody was told that it happened) and is cut off, and a file shorter than its head
//! says was damaged.

use super::super::table::Data;
use super::super::{lock, snapshot};
use aurapos_contract::codec;
use aurapos_contract::error::{ErrorCode, PluginError, PluginResult};
use aurapos_contract::schema::Schema;
use aurapos_contract::transaction::{Prune, Transaction};
use aurapos_contract::{Timestamp, Uuid, validate, wire_struct};
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Mutex;

/// Names the format; as long as it is so that the length behind it is aligned.
const MAGIC: &[u8; 24] = b"AuraPOS file store 1\n\n\n\n";
/// The magic and the committed length.
const HEAD_BYTES: usize = MAGIC.len() + 8;
/// Length, then the first bytes of the SHA-256 of what follows.
const ENTRY_HEAD_BYTES: usize = 4 + 16;

/// What an entry holds, by its first byte.
const BASE: u8 = b'B';
const MIGRATE: u8 = b'M';
const COMMIT: u8 = b'C';
const FORGET: u8 = b'F';
const PRUNE: u8 = b'P';

wire_struct! {
    /// A schema that the host asked for.
    pub struct Migration {
        /// The schema.
        1 => schema: Schema,
        /// The life of the data, when this is its first schema.
        2 => epoch: Uuid,
    }
}

wire_struct! {
    /// Ids of old transactions were forgotten.
    pub struct Forgetting {
        /// By the clock of the host then.
        1 => now: Timestamp,
    }
}

/// One step of the data's life.
#[derive(Debug, Clone)]
pub(super) enum Entry<'a> {
    Migrate(Migration),
    Commit(&'a Transaction),
    Forget(Forgetting),
    Prune(&'a Prune),
}

impl Entry<'_> {
    fn body(&self) -> Vec<u8> {
        let (kind, bytes) = match self {
            Entry::Migrate(migration) => (MIGRATE, codec::encode(migration)),
            Entry::Commit(transaction) => (COMMIT, codec::encode(*transaction)),
            Entry::Forget(forgetting) => (FORGET, codec::encode(forgetting)),
            Entry::Prune(request) => (PRUNE, codec::encode(*request)),
        };
        [&[kind], bytes.as_slice()].concat()
    }
}

/// What a file holds, as far as its entries are whole.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) data: Data,
    /// Bytes up to the end of the last whole entry.
    pub(super) used: usize,
}

/// Reads a file's content. `file` is for the words of a refusal.
///
/// # Errors
/// [`ErrorCode::NotAStore`]; [`ErrorCode::Damaged`] when something that was committed is missing or changed.
pub(super) fn read(bytes: &[u8], file: &Path) -> PluginResult<Found> {
    let damaged = |what: &str| PluginError::new(ErrorCode::Damaged, format!("{}: {what}", file.display()));
    if !bytes.starts_with(MAGIC) {
        return Err(PluginError::new(ErrorCode::NotAStore, format!("{} is no store of this kind", file.display())));
    }
    let committed = bytes[MAGIC.len()..].first_chunk::<8>().ok_or_else(|| damaged("it was cut in its head"))?;
    let committed = u64::from_le_bytes(*committed);
    let mut found = Found { data: Data::default(), used: HEAD_BYTES };
    while let Some(body) = entry(&bytes[found.used..]) {
        apply(&mut found.data, body, file)?;
        found.used += ENTRY_HEAD_BYTES + body.len();
    }
    if (found.used as u64) < committed {
        return Err(damaged("a part that was committed is missing or changed"));
    }
    Ok(found)
}

/// The body of the entry at the beginning of these bytes, if a whole one is there.
fn entry(bytes: &[u8]) -> Option<&[u8]> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (sum, rest) = rest.split_first_chunk::<16>()?;
    let body = rest.get(..u32::from_le_bytes(*length) as usize).filter(|body| !body.is_empty())?;
    (Sha256::digest(body)[..16] == *sum).then_some(body)
}

fn framed(body: &[u8]) -> PluginResult<Vec<u8>> {
    let too_large = |_| PluginError::new(ErrorCode::TooLarge, "more than 4 GiB in one entry");
    let length = u32::try_from(body.len()).map_err(too_large)?;
    Ok([&length.to_le_bytes(), &Sha256::digest(body)[..16], body].concat())
}

fn apply(data: &mut Data, body: &[u8], file: &Path) -> PluginResult<()> {
    let rest = &body[1..];
    match body[0] {
        BASE => *data = snapshot::parse(rest, file)?,
        MIGRATE => migrate(data, &codec::decode(rest)?)?,
        // It was written before it was tried: one that was refused then is refused again, and nothing else is.
        COMMIT => drop(data.commit(&codec::decode::<Transaction>(rest)?)),
        PRUNE => drop(data.prune(&codec::decode::<Prune>(rest)?)),
        FORGET => data.forget(codec::decode::<Forgetting>(rest)?.now),
        other => {
            let message = format!("{}: an entry of kind {other}, written by a later version", file.display());
            return Err(PluginError::new(ErrorCode::Damaged, message));
        }
    }
    Ok(())
}

/// Brings the data to a schema; the first one begins its life.
pub(super) fn migrate(data: &mut Data, migration: &Migration) -> PluginResult<()> {
    let plan = validate::plan_migration(&data.disk, &migration.schema)?;
    let first = data.epoch.is_nil();
    data.migrate(&migration.schema, plan)?;
    if first {
        data.epoch = migration.epoch;
    }
    Ok(())
}

/// The content of a file that holds this data and nothing else: a snapshot, or what a restore puts in place.
pub(super) fn whole(content: &[u8]) -> PluginResult<Vec<u8>> {
    let entry = if content.is_empty() { Vec::new() } else { framed(&[&[BASE], content].concat())? };
    let committed = (HEAD_BYTES + entry.len()) as u64;
    Ok([MAGIC.as_slice(), &committed.to_le_bytes(), &entry].concat())
}

/// Writes a file that must not exist yet, synced; after an error there is none.
pub(super) fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).inspect_err(|_| {
        // It is of no use; that it could not be removed changes nothing about the answer.
        let _ = fs::remove_file(path);
    })
}

/// The file, open for appending.
#[derive(Debug)]
pub(super) struct Log {
    writer: Mutex<Writer>,
}

#[derive(Debug)]
struct Writer {
    file: File,
    end: u64,
    /// A sync failed: what is on the disk is not known any more until it is read again.
    in_doubt: bool,
}

impl Log {
    /// Opens the file behind its last whole entry; what a crash left there is cut off.
    pub(super) fn open(path: &Path, end: usize) -> io::Result<Log> {
        let file = OpenOptions::new().write(true).open(path)?;
        file.set_len(end as u64)?;
        Ok(Log { writer: Mutex::new(Writer { file, end: end as u64, in_doubt: false }) })
    }

    /// Puts an entry on the disk, then does what it says; what is refused then is taken off again. Others wait.
    pub(super) fn append<T>(&self, entry: &Entry<'_>, then: impl FnOnce() -> PluginResult<T>) -> PluginResult<T> {
        let bytes = framed(&entry.body())?;
        let mut writer = lock(&self.writer);
        writer.append(&bytes)?;
        let done = then();
        match &done {
            Ok(_) => writer.commit(bytes.len() as u64),
            Err(_) => writer.cut()?,
        }
        done
    }
}

impl Writer {
    fn append(&mut self, bytes: &[u8]) -> PluginResult<()> {
        if self.in_doubt {
            return Err(PluginError::new(ErrorCode::Io, "the disk failed before").with_next(
                "Close the program and look at the disk; what was answered for is read again at the start.",
            ));
        }
        let written = self.file.seek(SeekFrom::Start(self.end)).and_then(|_| self.file.write_all(bytes));
        if let Err(error) = written {
            self.cut()?;
            return Err(snapshot::failed("writing the store", &error));
        }
        self.file.sync_data().map_err(|error| {
            self.in_doubt = true;
            snapshot::failed("syncing the store", &error)
        })
    }

    fn commit(&mut self, bytes: u64) {
        self.end += bytes;
        let head = self.end.to_le_bytes();
        let written = self.file.seek(SeekFrom::Start(MAGIC.len() as u64)).and_then(|_| self.file.write_all(&head));
        // An old length is true as well: it only notices less damage. The entry itself is on the disk.
        drop(written);
    }

    fn cut(&mut self) -> PluginResult<()> {
        self.file.set_len(self.end).map_err(|error| {
            self.in_doubt = true;
            snapshot::failed("taking an entry back", &error)
        })
    }
}
