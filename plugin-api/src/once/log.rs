//! The file behind [`super::Once`]: entries that are only ever appended, read whole at the start.
//!
//! An entry is its length (4 bytes, little endian) and the same with all bits turned, the first 8 bytes of the SHA-256 of its
//! body, and its body: a message of the codec. Half an entry at the end is a crash and is cut off before the next one is written; nobody had been told of it.
//! Damage before the end is refused: a memory with a hole must not say "never".

use crate::os;
use aurapos_contract::payment::{PaymentAnswer, PaymentIntent};
use aurapos_contract::{ErrorCode, PluginError, PluginResult, Timestamp, Uuid, codec, wire_struct};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The file's name in the instance's folder.
const FILE: &str = "payments.log";
/// Length, length turned and checksum before each body.
const HEAD_BYTES: usize = 4 + 4 + 8;
/// The largest body: an answer with its receipts.
const BODY_BYTES_MAX: usize = 256 * 1024;
/// At the start, a larger file loses what is older than [`KEPT_DAYS`] and not in doubt.
const TIDY_BYTES_MIN: u64 = 1024 * 1024;
/// How long answers are kept: the host asks about the payment at hand, and about one in doubt.
const KEPT_DAYS: i64 = 30;
const MICROSECONDS_A_DAY: i64 = 86_400_000_000;

wire_struct! {
    /// One entry.
    pub struct Entry {
        /// The intent's id; nil: the entry says since when the file knows everything.
        1 => id: Uuid,
        /// When: the intent's time, or that beginning.
        2 => time: Timestamp,
        /// SHA-256 of the intent's encoding.
        3 => digest: Vec<u8>,
        /// The answer; none: it was begun.
        4 => answer: Option<PaymentAnswer>,
    }
}

impl Entry {
    pub(super) fn begun(intent: &PaymentIntent, digest: [u8; 32]) -> Entry {
        Entry { id: intent.id, time: intent.time, digest: digest.to_vec(), answer: None }
    }
    pub(super) fn answered(intent: &PaymentIntent, digest: [u8; 32], answer: &PaymentAnswer) -> Entry {
        let entry = Entry { answer: Some(answer.clone()), ..Entry::begun(intent, digest) };
        if codec::encode(&entry).len() <= BODY_BYTES_MAX {
            return entry;
        }
        // What became of the money is worth more than how the receipt looked.
        let (customer_receipt, merchant_receipt) = (Vec::new(), Vec::new());
        let short = PaymentAnswer { customer_receipt, merchant_receipt, message: String::new(), ..answer.clone() };
        Entry { answer: Some(short), ..entry }
    }
    fn since(time: Timestamp) -> Entry {
        Entry { time, ..Default::default() }
    }
}

/// What is kept in memory of an intent.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) digest: [u8; 32],
    time: Timestamp,
    /// Where its answer's entry stands, and how long its body is.
    answer: Option<(u64, usize)>,
}

/// The file.
#[derive(Debug)]
pub(super) struct Log {
    path: PathBuf,
    /// Open for writing, and locked, from the first entry of this life on: one that only looks disturbs nobody.
    file: Option<File>,
    /// Locked in its stead, where nobody could read a file that is locked.
    lock: Option<File>,
    /// Bytes of whole entries.
    used: u64,
    since: Timestamp,
    known: HashMap<Uuid, Known>,
}

fn failed(path: &Path, error: &io::Error) -> PluginError {
    PluginError::new(ErrorCode::of_io(error), format!("{}: {error}", path.display()))
}

impl Log {
    /// Reads what is there. A file that is not there knows everything from `now` on.
    pub(super) fn read(folder: &Path, now: Timestamp) -> PluginResult<Log> {
        let path = folder.join(FILE);
        let mut log = Log { path, file: None, lock: None, used: 0, since: now, known: HashMap::new() };
        log.read_again()?;
        Ok(log)
    }

    /// Gives a file another name, if there is one.
    pub(super) fn put_aside(folder: &Path, now: Timestamp) -> PluginResult<()> {
        let path = folder.join(FILE);
        match fs::rename(&path, folder.join(format!("payments.damaged-{now}.log"))) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(&path, &error)),
            _ => Ok(()),
        }
    }

    /// Since when every intent is known.
    pub(super) fn since(&self) -> Timestamp {
        self.since
    }

    pub(super) fn known(&self, id: Uuid) -> Option<&Known> {
        self.known.get(&id)
    }

    fn read_again(&mut self) -> PluginResult<()> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(failed(&self.path, &error)),
        };
        self.known.clear();
        let mut at = 0;
        while let Some(body) = self.body_at(&bytes, at)? {
            let entry: Entry = codec::decode(body)?;
            self.note(entry, at as u64, body.len());
            at += HEAD_BYTES + body.len();
        }
        self.used = at as u64;
        Ok(())
    }

    /// The body of the entry there; `None` where whole entries end.
    fn body_at<'a>(&self, bytes: &'a [u8], at: usize) -> PluginResult<Option<&'a [u8]>> {
        let entry = &bytes[at..];
        let Some((head, rest)) = entry.split_at_checked(HEAD_BYTES) else { return Ok(None) };
        let number = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        // A damaged length must not look like the end: what follows would be forgotten.
        let length = Some(number(0)).filter(|length| *length == !number(4)).map(|length| length as usize);
        let whole = length.and_then(|length| rest.get(..length)).filter(|body| checksum(body) == head[8..]);
        if whole.is_some() || is_torn(entry, length) {
            return Ok(whole);
        }
        let message = format!("{}: damaged after byte {at}", self.path.display());
        let next = "Ask the payment terminal what became of the payments in doubt, then move the file away.";
        Err(PluginError::new(ErrorCode::Damaged, message).with_next(next))
    }

    fn note(&mut self, entry: Entry, at: u64, length: usize) {
        if entry.id.is_nil() {
            self.since = entry.time;
            return;
        }
        let digest = <[u8; 32]>::try_from(entry.digest).unwrap_or_default();
        let answer = entry.answer.map(|_| (at + HEAD_BYTES as u64, length));
        self.known.insert(entry.id, Known { digest, time: entry.time, answer });
    }

    /// The answer that was kept.
    pub(super) fn answer(&self, known: &Known) -> PluginResult<Option<PaymentAnswer>> {
        let Some((at, length)) = known.answer else { return Ok(None) };
        let mut body = vec![0; length];
        File::open(&self.path)
            .and_then(|mut file| {
                file.seek(SeekFrom::Start(at))?;
                file.read_exact(&mut body)
            })
            .map_err(|error| failed(&self.path, &error))?;
        Ok(codec::decode::<Entry>(&body)?.answer)
    }

    /// Appends an entry; it is on the disk when this returns, if `synced`.
    pub(super) fn append(&mut self, entry: &Entry, synced: bool, now: Timestamp) -> PluginResult<()> {
        if self.file.is_none() {
            self.take()?;
            self.tidy(now)?;
        }
        let bytes = framed(entry);
        let (at, used) = (self.used, self.used + bytes.len() as u64);
        let Some(file) = self.file.as_mut() else {
            return Err(PluginError::new(ErrorCode::Closed, "the memory of payments is closed"));
        };
        let written = file
            .seek(SeekFrom::Start(at))
            .and_then(|_| file.write_all(&bytes))
            .and_then(|()| if synced { file.sync_data() } else { Ok(()) });
        if let Err(error) = written {
            // What is half there is cut off before the next entry, or at the next start.
            let _ = file.set_len(at);
            return Err(failed(&self.path, &error));
        }
        self.used = used;
        self.note(entry.clone(), at, bytes.len() - HEAD_BYTES);
        Ok(())
    }

    /// Opens the file for writing, alone, and begins it where there is none.
    fn take(&mut self) -> PluginResult<()> {
        let fail = |error: io::Error| failed(&self.path, &error);
        let is_new = !self.path.exists();
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let lock = os::lock_beside(&self.path).map(|beside| options.open(beside)).transpose().map_err(fail)?;
        let mut file = options.open(&self.path).map_err(fail)?;
        lock.as_ref().unwrap_or(&file).try_lock().map_err(|_| {
            let message = format!("{} is in use by another program", self.path.display());
            PluginError::new(ErrorCode::Busy, message)
        })?;
        if is_new {
            let first = framed(&Entry::since(self.since));
            file.write_all(&first).and_then(|()| file.sync_all()).map_err(fail)?;
            sync_folder(&self.path).map_err(fail)?;
        }
        (self.file, self.lock) = (Some(file), lock);
        // Somebody else may have written since it was read, and a crash may have left half an entry.
        self.read_again()?;
        let used = self.used;
        self.file.as_ref().map_or(Ok(()), |file| file.set_len(used)).map_err(|error| failed(&self.path, &error))
    }

    /// Leaves out what is old and not in doubt, when there is much of it.
    fn tidy(&mut self, now: Timestamp) -> PluginResult<()> {
        let cut = now - KEPT_DAYS * MICROSECONDS_A_DAY;
        let goes = |known: &Known| known.answer.is_some() && known.time < cut;
        if self.used < TIDY_BYTES_MIN || !self.known.values().any(goes) {
            return Ok(());
        }
        let mut kept = framed(&Entry::since(self.since.max(cut)));
        for (id, known) in self.known.iter().filter(|(_, known)| !goes(known)) {
            let (time, digest) = (known.time, known.digest.to_vec());
            kept.extend(framed(&Entry { id: *id, time, digest, answer: self.answer(known)? }));
        }
        let fail = |error: io::Error| failed(&self.path, &error);
        let part = self.path.with_extension("part");
        let mut file = File::create(&part).map_err(fail)?;
        file.write_all(&kept).and_then(|()| file.sync_all()).map_err(fail)?;
        if self.lock.is_none() {
            file.try_lock().map_err(|error| fail(io::Error::from(error)))?;
        }
        fs::rename(&part, &self.path).and_then(|()| sync_folder(&self.path)).map_err(fail)?;
        self.file = Some(file);
        self.read_again()
    }
}

fn checksum(body: &[u8]) -> [u8; 8] {
    let hash: [u8; 32] = Sha256::digest(body).into();
    [hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7]]
}

fn framed(entry: &Entry) -> Vec<u8> {
    let body = codec::encode(entry);
    let length = body.len() as u32;
    let mut bytes = [length.to_le_bytes(), (!length).to_le_bytes()].concat();
    bytes.extend(checksum(&body));
    bytes.extend(body);
    bytes
}

/// Whether what is not a whole entry is the end of a write that was cut: it reaches the end of the file, or the system never
/// wrote what it had made room for.
fn is_torn(at_entry: &[u8], body: Option<usize>) -> bool {
    body.is_some_and(|body| at_entry.len() <= HEAD_BYTES + body) || at_entry.iter().all(|byte| *byte == 0)
}

/// A new name in a folder is on the disk when the folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), os::sync_folder)
}
