//! What a disk would hold if it kept only synced bytes: replays the log of `examples/recorder.rs`.
//!
//! A kill keeps the page cache, so it cannot show a missing fsync; this can. The model: written bytes and truncations of a
//! file become durable when a sync of that file, begun after them, has ended. Names (unlink, rename) are durable at once,
//! as on a journaling filesystem. What was written and never synced is dropped, or a random part of it is kept
//! ([`Disk::torn`]): a disk may write whatever it likes early, in any order.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// One record of the log.
#[derive(Debug, Clone)]
enum Record {
    Write { path: String, offset: u64, data: Vec<u8> },
    Truncate { path: String, length: u64 },
    SyncBegin { path: String, id: u64 },
    SyncEnd { path: String, id: u64 },
    Printed { text: Vec<u8> },
    Unlink { path: String },
    Rename { from: String, to: String },
}

/// A change of one file that is not durable yet.
#[derive(Debug, Clone)]
enum Pending {
    Write { offset: u64, data: Vec<u8> },
    Truncate { length: u64 },
}

#[derive(Debug, Clone, Default)]
struct File {
    durable: Vec<u8>,
    pending: Vec<Pending>,
    /// Sync id → how many pending changes it covers.
    syncs: BTreeMap<u64, usize>,
}

/// The files of a disk that is replayed record by record.
#[derive(Debug, Clone, Default)]
pub struct Disk {
    files: BTreeMap<String, File>,
    /// Syncs that ended, over all files.
    pub syncs: u64,
}

/// Reads a log that was written over the files of `disk` and calls `at_print` after each piece of text the program printed,
/// with the disk at that moment.
///
/// # Errors
/// The log is cut or is none.
pub fn replay(mut disk: Disk, log: &[u8], mut at_print: impl FnMut(&Disk, &[u8])) -> io::Result<Disk> {
    let mut rest = log;
    while !rest.is_empty() {
        let (record, after) = parse(rest)?;
        rest = after;
        if let Record::Printed { text } = &record {
            at_print(&disk, text);
        } else {
            disk.apply(record);
        }
    }
    Ok(disk)
}

/// How many changes and syncs a log has: the steps at which the recorder can kill (`AURAPOS_RECORD_KILL_AT`).
///
/// # Errors
/// The log is cut or is none.
pub fn steps_in(log: &[u8]) -> io::Result<u64> {
    let (mut steps, mut rest) = (0, log);
    while !rest.is_empty() {
        let (record, after) = parse(rest)?;
        rest = after;
        steps += u64::from(!matches!(record, Record::Printed { .. } | Record::SyncEnd { .. }));
    }
    Ok(steps)
}

fn parse(bytes: &[u8]) -> io::Result<(Record, &[u8])> {
    let cut = || io::Error::new(io::ErrorKind::UnexpectedEof, "the recorder's log is cut");
    let header = bytes.get(..25).ok_or_else(cut)?;
    let number = |at: usize| u64::from_le_bytes(header[at..at + 8].try_into().expect("eight bytes"));
    let length = |at: usize| u32::from_le_bytes(header[at..at + 4].try_into().expect("four bytes")) as usize;
    let (id, path_length, data_length, offset) = (number(1), length(9), length(13), number(17));
    let path = bytes.get(25..25 + path_length).ok_or_else(cut)?;
    let data = bytes.get(25 + path_length..25 + path_length + data_length).ok_or_else(cut)?;
    let (path, data) = (String::from_utf8_lossy(path).into_owned(), data.to_vec());
    let record = match header[0] {
        1 => Record::Write { path, offset, data },
        2 => Record::Truncate { path, length: offset },
        3 => Record::SyncBegin { path, id },
        4 => Record::SyncEnd { path, id },
        5 => Record::Printed { text: data },
        6 => Record::Unlink { path },
        7 => Record::Rename { from: path, to: String::from_utf8_lossy(&data).into_owned() },
        other => return Err(io::Error::new(io::ErrorKind::InvalidData, format!("unknown record {other}"))),
    };
    Ok((record, &bytes[25 + path_length + data_length..]))
}

impl Pending {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Pending::Write { offset, data } => {
                let start = *offset as usize;
                if content.len() < start + data.len() {
                    content.resize(start + data.len(), 0);
                }
                content[start..start + data.len()].copy_from_slice(data);
            }
            Pending::Truncate { length } => content.resize(*length as usize, 0),
        }
    }
}

impl Disk {
    /// What lies in a folder before the recording starts, taken as durable: the files whose name `wanted` accepts.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn of_folder(folder: &Path, wanted: impl Fn(&str) -> bool) -> io::Result<Self> {
        let mut disk = Disk::default();
        for entry in std::fs::read_dir(folder.canonicalize()?)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_file() && wanted(&name) {
                let file = File { durable: std::fs::read(&path)?, ..File::default() };
                disk.files.insert(path.to_string_lossy().into_owned(), file);
            }
        }
        Ok(disk)
    }

    fn apply(&mut self, record: Record) {
        match record {
            Record::Write { path, offset, data } => {
                self.files.entry(path).or_default().pending.push(Pending::Write { offset, data });
            }
            Record::Truncate { path, length } => {
                self.files.entry(path).or_default().pending.push(Pending::Truncate { length });
            }
            Record::SyncBegin { path, id } => {
                let file = self.files.entry(path).or_default();
                file.syncs.insert(id, file.pending.len());
            }
            Record::SyncEnd { path, id } => {
                self.syncs += 1;
                let file = self.files.entry(path).or_default();
                let covered = file.syncs.remove(&id).unwrap_or(0).min(file.pending.len());
                for change in file.pending.drain(..covered) {
                    change.apply(&mut file.durable);
                }
                file.syncs.values_mut().for_each(|count| *count = count.saturating_sub(covered));
            }
            Record::Unlink { path } => {
                self.files.remove(&path);
            }
            Record::Rename { from, to } => {
                if let Some(file) = self.files.remove(&from) {
                    self.files.insert(to, file);
                }
            }
            Record::Printed { .. } => {}
        }
    }

    /// The same disk if each change that was never synced had reached it or not by the toss of a coin. Equal seeds give
    /// equal disks.
    #[must_use]
    pub fn torn(&self, seed: u64) -> Disk {
        let mut disk = self.clone();
        let mut state = seed | 1;
        for file in disk.files.values_mut() {
            for change in std::mem::take(&mut file.pending) {
                // xorshift64: any source of coins does, and the seed is printed with a failure.
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                if state & 1 == 1 {
                    change.apply(&mut file.durable);
                }
            }
        }
        disk
    }

    /// Writes what is durable of the files whose name `wanted` accepts into a folder, by file name.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn write_to(&self, folder: &Path, wanted: impl Fn(&str) -> bool) -> io::Result<()> {
        for (path, file) in &self.files {
            let name = path.rsplit('/').next().unwrap_or(path);
            if wanted(name) {
                std::fs::write(folder.join(name), &file.durable)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn write(path: &str, offset: u64, data: &[u8]) -> Record {
        Record::Write { path: path.into(), offset, data: data.to_vec() }
    }

    fn sync(disk: &mut Disk, path: &str, id: u64) {
        disk.apply(Record::SyncBegin { path: path.into(), id });
        disk.apply(Record::SyncEnd { path: path.into(), id });
    }

    #[test]
    fn what_was_there_before_stays_and_is_written_over() {
        let place = tempfile::tempdir().unwrap();
        std::fs::write(place.path().join("a"), b"before").unwrap();
        std::fs::write(place.path().join("other"), b"").unwrap();
        let mut disk = Disk::of_folder(place.path(), |name| name == "a").unwrap();
        let path = place.path().canonicalize().unwrap().join("a").to_str().unwrap().to_owned();
        assert_eq!(disk.files.keys().collect::<Vec<_>>(), [&path]);
        disk.apply(write(&path, 2, b"x"));
        assert_eq!(disk.files[&path].durable, b"before");
        sync(&mut disk, &path, 1);
        assert_eq!(disk.files[&path].durable, b"bexore");
    }

    #[test]
    fn a_torn_disk_keeps_some_of_what_was_not_synced() {
        let mut disk = Disk::default();
        (0..64).for_each(|at| disk.apply(write("/d/a", at, b"x")));
        let kept = |seed| disk.torn(seed).files["/d/a"].durable.iter().filter(|byte| **byte == b'x').count();
        assert!((10..54).contains(&kept(1)) && kept(1) == kept(1));
        assert_ne!(disk.torn(1).files["/d/a"].durable, disk.torn(99).files["/d/a"].durable);
    }

    #[test]
    fn only_what_was_synced_stays() {
        let mut disk = Disk::default();
        disk.apply(write("/d/a", 0, b"one"));
        sync(&mut disk, "/d/a", 1);
        disk.apply(write("/d/a", 3, b"two"));
        sync(&mut disk, "/d/b", 2);
        assert_eq!(disk.files["/d/a"].durable, b"one");
        sync(&mut disk, "/d/a", 3);
        assert_eq!(disk.files["/d/a"].durable, b"onetwo");
    }

    #[test]
    fn a_sync_covers_only_what_was_written_before_it_began() {
        let mut disk = Disk::default();
        disk.apply(write("/d/a", 0, b"x"));
        disk.apply(Record::SyncBegin { path: "/d/a".into(), id: 7 });
        disk.apply(write("/d/a", 1, b"y"));
        disk.apply(Record::SyncEnd { path: "/d/a".into(), id: 7 });
        assert_eq!(disk.files["/d/a"].durable, b"x");
        assert_eq!(disk.files["/d/a"].pending.len(), 1);
    }
}
