//! How far the register's journal had come, written down outside of its database: the file `register.head`.
//!
//! After each commit the register writes it in place, without waiting for the disk; the upkeep thread syncs it when the
//! register is idle, and closing does. So it is never ahead of the database and mostly not behind it: a program that is
//! killed leaves it exact, and only a power cut may leave it some seconds old. A database that knows less than it lost
//! commits (ADR 0032). In no backup, as `register.token`.
//!
//! Must not know: how a storage keeps its commits, what is done about a loss.

use crate::folder::{DataFolder, sync_folder_of};
use crate::identity::hexadecimal;
use crate::os;
use aurapos_contract::Uuid;
use aurapos_domain::journal::Hash;
use aurapos_engine::LastKnown;
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

const HEAD: &str = "AuraPOS register head 1";
/// Bytes of the file, always: one sector, so that it is written whole or not at all.
const BYTES: usize = 512;

/// The open file.
#[derive(Debug)]
pub(crate) struct HeadFile {
    file: File,
    /// A failure was told: once is enough.
    told: bool,
}

impl HeadFile {
    /// Opens or makes the file of a data folder and writes into it.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub(crate) fn begin(folder: &DataFolder, known: &LastKnown) -> io::Result<Self> {
        let path = folder.register_head();
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        os::private(&mut options);
        let mut head = HeadFile { file: options.open(&path)?, told: false };
        head.write(known)?;
        head.file.set_len(BYTES as u64)?;
        head.file.sync_all()?;
        sync_folder_of(&path)?;
        Ok(head)
    }

    /// Writes down how far the journal has come; nobody waits for the disk. A failure is told in the log: the sale is
    /// stored all the same.
    pub(crate) fn note(&mut self, known: &LastKnown) {
        if let Err(error) = self.write(known)
            && !std::mem::replace(&mut self.told, true)
        {
            tracing::warn!("register.head cannot be written: {error}");
        }
    }

    /// The same file for whoever makes it lasting (`sync_data`), so that no commit waits for that.
    ///
    /// # Errors
    /// The system's.
    pub(crate) fn to_sync(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    fn write(&mut self, known: &LastKnown) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(written(known).as_bytes())
    }

    /// What the file of a data folder says. `None`: there is none, or it is torn.
    ///
    /// # Errors
    /// It is there and cannot be read.
    pub(crate) fn read(folder: &DataFolder) -> io::Result<Option<LastKnown>> {
        let mut text = String::new();
        match File::open(folder.register_head()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => {
                if opened?.take(BYTES as u64).read_to_string(&mut text).is_err() {
                    return Ok(None);
                }
            }
        }
        Ok(read(&text))
    }

    /// Removes it: what is put in the place of the data knows less on purpose.
    ///
    /// # Errors
    /// It is there and cannot be removed.
    pub(crate) fn remove(folder: &DataFolder) -> io::Result<()> {
        match fs::remove_file(folder.register_head()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

fn written(known: &LastKnown) -> String {
    let LastKnown { register, incarnation, seq, hash, receipts, receipt } = known;
    let hash = hexadecimal(&hash.0);
    let body = format!(
        "{HEAD}\nregister {register}\nlife {incarnation}\nentry {seq}\nhash {hash}\nreceipts {receipts}\nreceipt {receipt}\n"
    );
    let check = check_of(&body);
    let mut text = body + "check " + &check;
    text.extend(std::iter::repeat_n('\n', BYTES.saturating_sub(text.len())));
    text
}

fn read(text: &str) -> Option<LastKnown> {
    let body = &text[..text.rfind("check ")?];
    if text[body.len()..].strip_prefix("check ")?.trim_end() != check_of(body) {
        return None;
    }
    let mut lines = body.lines();
    let mut next = |name: &str| lines.next()?.strip_prefix(name);
    next(HEAD)?;
    Some(LastKnown {
        register: Uuid::try_parse(next("register ")?).ok()?,
        incarnation: Uuid::try_parse(next("life ")?).ok()?,
        seq: next("entry ")?.parse().ok()?,
        hash: hash_of(next("hash ")?)?,
        receipts: next("receipts ")?.parse().ok()?,
        receipt: next("receipt ")?.to_owned(),
    })
}

fn hash_of(text: &str) -> Option<Hash> {
    let mut hash = [0; 32];
    if text.len() != 64 {
        return None;
    }
    for (byte, at) in hash.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
    }
    Some(Hash(hash))
}

fn check_of(text: &str) -> String {
    hexadecimal(&Sha256::digest(text.as_bytes())[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(seq: u64) -> LastKnown {
        LastKnown {
            register: Uuid::from_bytes([1; 16]),
            incarnation: Uuid::from_bytes([2; 16]),
            seq,
            hash: Hash([0xab; 32]),
            receipts: seq / 2,
            receipt: format!("REGISTER-7KQ2-{:06}", seq / 2),
        }
    }

    fn place() -> (tempfile::TempDir, DataFolder) {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(place.path());
        (place, folder)
    }

    #[test]
    fn the_last_word_is_read_again() {
        let (_place, folder) = place();
        assert_eq!(HeadFile::read(&folder).unwrap(), None);
        let mut file = HeadFile::begin(&folder, &known(1)).unwrap();
        for seq in [7, u64::MAX, 12] {
            file.note(&known(seq));
            assert_eq!(HeadFile::read(&folder).unwrap(), Some(known(seq)));
        }
        file.to_sync().unwrap().sync_data().unwrap();
        assert_eq!(fs::metadata(folder.register_head()).unwrap().len(), BYTES as u64);
        drop(file);
        HeadFile::begin(&folder, &known(13)).unwrap();
        assert_eq!(HeadFile::read(&folder).unwrap(), Some(known(13)));
        HeadFile::remove(&folder).unwrap();
        HeadFile::remove(&folder).unwrap();
        assert_eq!(HeadFile::read(&folder).unwrap(), None);
    }

    #[test]
    fn a_torn_or_changed_file_says_nothing() {
        let (_place, folder) = place();
        HeadFile::begin(&folder, &known(8)).unwrap();
        let text = fs::read_to_string(folder.register_head()).unwrap();
        for cut in 0..text.trim_end().len() {
            fs::write(folder.register_head(), &text[..cut]).unwrap();
            assert_eq!(HeadFile::read(&folder).unwrap(), None, "cut at {cut}");
        }
        for (from, to) in [("entry 8", "entry 9"), ("head 1", "head 2"), ("check ", "check 0")] {
            fs::write(folder.register_head(), text.replace(from, to)).unwrap();
            assert_eq!(HeadFile::read(&folder).unwrap(), None, "{to}");
        }
        fs::write(folder.register_head(), [0xff; BYTES]).unwrap();
        assert_eq!(HeadFile::read(&folder).unwrap(), None);
    }
}
