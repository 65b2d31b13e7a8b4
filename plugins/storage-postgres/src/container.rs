//! The file of a snapshot (ADR 0029): a head, then the rows of each table as PostgreSQL's binary `COPY` gives them, in blocks.
//! Each block is followed by a hash over itself and over the hash of the block before, so that a file that was cut,
//! overwritten, put together from two or made longer is told apart without any server.
//!
//! ```text
//! "AuraPOS/pgcopy/1" | block… to the end block, and nothing behind it
//! block: u8 kind | u32 length | bytes | first 16 bytes of SHA-256(hash before, kind, length, bytes)
//! kinds: 1 head, 2 rows of a table, 3 the end of a table (u64 rows), 4 the end
//! ```
//! Numbers are big endian. Must not know: connections.

use crate::contract::error::{ErrorCode, PluginError, PluginResult};
use crate::contract::schema::Schema;
use crate::contract::{Uuid, codec, wire_struct};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;

const MAGIC: &[u8; 16] = b"AuraPOS/pgcopy/1";
/// Bytes of rows in one block, about.
pub(crate) const BLOCK_BYTES: usize = 1024 * 1024;
/// Bytes of any block, at most: a larger length is damage.
const BLOCK_BYTES_MAX: usize = 64 * 1024 * 1024;
const HASH_BYTES: usize = 16;

const HEAD: u8 = 1;
const ROWS: u8 = 2;
const TABLE_END: u8 = 3;
const END: u8 = 4;

wire_struct! {
    /// What a snapshot begins with.
    pub struct Head {
        /// The life of the data.
        1 => epoch: Uuid,
        /// Highest position of a commit in it.
        2 => position: u64,
        /// The schema, encoded as it stood in the data.
        3 => schema: Vec<u8>,
        /// The server's version, for people.
        4 => server: String,
        /// Tables in order, those of the bookkeeping last.
        5 => tables: Vec<String>,
    }
}

impl Head {
    pub fn schema(&self) -> PluginResult<Schema> {
        codec::decode(&self.schema).map_err(|_| damaged(Path::new("the copy"), "its schema cannot be read"))
    }
}

pub(crate) fn damaged(file: &Path, what: &str) -> PluginError {
    PluginError::new(ErrorCode::Damaged, format!("{} is damaged: {what}", file.display()))
        .with_next("Choose another backup.")
}

/// A failure with a file.
pub(crate) fn from_io(error: &io::Error, file: &Path, what: &str) -> PluginError {
    PluginError::new(ErrorCode::of_io(error), format!("{what} {}: {error}", file.display()))
}

fn next_hash(before: [u8; HASH_BYTES], kind: u8, bytes: &[u8]) -> [u8; HASH_BYTES] {
    let length = (bytes.len() as u32).to_be_bytes();
    let hash =
        Sha256::new().chain_update(before).chain_update([kind]).chain_update(length).chain_update(bytes).finalize();
    std::array::from_fn(|at| hash[at])
}

/// Counts the rows of a binary `COPY` as they pass, wherever it is cut.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    /// What is not counted yet.
    rest: Vec<u8>,
    begun: bool,
    ended: bool,
    pub rows: u64,
}

impl Counter {
    /// Signature, flags and length of an extension.
    const HEADER: usize = 19;

    /// False: this is no `COPY`.
    pub fn pass(&mut self, bytes: &[u8]) -> bool {
        self.rest.extend_from_slice(bytes);
        let mut at = 0;
        if !self.begun {
            if self.rest.len() < Self::HEADER {
                return true;
            }
            if !self.rest.starts_with(b"PGCOPY\n\xff\r\n\0") {
                return false;
            }
            (self.begun, at) = (true, Self::HEADER);
        }
        while let Some(end) = self.row_from(at) {
            at = end;
        }
        self.rest.drain(..at);
        !self.ended || self.rest.is_empty()
    }

    fn number<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.rest.get(at..at + N)?.try_into().ok()
    }

    /// Where the row that begins here ends, when it is whole.
    fn row_from(&mut self, from: usize) -> Option<usize> {
        if self.ended {
            return None;
        }
        let fields = i16::from_be_bytes(self.number(from)?);
        let mut at = from + 2;
        if fields < 0 {
            self.ended = true;
            return Some(at);
        }
        for _ in 0..fields {
            let length = i32::from_be_bytes(self.number(at)?);
            at += 4 + usize::try_from(length).unwrap_or(0);
        }
        (at <= self.rest.len()).then(|| {
            self.rows += 1;
            at
        })
    }

    /// Whether it ended where it should.
    pub fn is_whole(&self) -> bool {
        self.ended && self.rest.is_empty()
    }
}

/// Writes a snapshot.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    out: BufWriter<File>,
    file: &'a Path,
    hash: [u8; HASH_BYTES],
}

impl<'a> Writer<'a> {
    pub fn new(out: File, file: &'a Path, head: &Head) -> PluginResult<Self> {
        let mut writer = Writer { out: BufWriter::new(out), file, hash: [0; HASH_BYTES] };
        writer.out.write_all(MAGIC).map_err(|error| from_io(&error, file, "cannot write"))?;
        writer.block(HEAD, &codec::encode(head))?;
        Ok(writer)
    }

    fn block(&mut self, kind: u8, bytes: &[u8]) -> PluginResult<()> {
        self.hash = next_hash(self.hash, kind, bytes);
        let length = (bytes.len() as u32).to_be_bytes();
        let parts: [&[u8]; 4] = [&[kind], &length, bytes, &self.hash];
        let written = parts.iter().try_for_each(|part| self.out.write_all(part));
        written.map_err(|error| from_io(&error, self.file, "cannot write"))
    }

    pub fn rows(&mut self, bytes: &[u8]) -> PluginResult<()> {
        // One row can be larger than a block should be, and never than one may be.
        bytes.chunks(BLOCK_BYTES_MAX).try_for_each(|bytes| self.block(ROWS, bytes))
    }

    pub fn end_table(&mut self, rows: u64) -> PluginResult<()> {
        self.block(TABLE_END, &rows.to_be_bytes())
    }

    /// Ends the file; it is on the disk then.
    pub fn end(mut self) -> PluginResult<u64> {
        self.block(END, &[])?;
        let failed = |error: &io::Error| from_io(error, self.file, "cannot write");
        let file = self.out.into_inner().map_err(|error| failed(error.error()))?;
        file.sync_all().map_err(|error| failed(&error))?;
        file.metadata().map(|file| file.len()).map_err(|error| failed(&error))
    }
}

/// What a snapshot holds, block by block.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Block {
    Rows(Vec<u8>),
    /// The end of a table, with its number of rows.
    TableEnd(u64),
    End,
}

/// Reads a snapshot, and believes nothing.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    from: BufReader<&'a File>,
    file: &'a Path,
    hash: [u8; HASH_BYTES],
    /// Bytes read so far.
    pub done: u64,
}

impl<'a> Reader<'a> {
    /// Begins at the head.
    pub fn new(mut opened: &'a File, file: &'a Path) -> PluginResult<(Self, Head)> {
        opened.rewind().map_err(|error| from_io(&error, file, "cannot read"))?;
        let mut reader =
            Reader { from: BufReader::with_capacity(BLOCK_BYTES, opened), file, hash: [0; HASH_BYTES], done: 0 };
        let mut magic = [0; MAGIC.len()];
        match reader.from.read_exact(&mut magic) {
            Ok(()) if &magic == MAGIC => {}
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
                return Err(from_io(&error, file, "cannot read"));
            }
            _ => {
                let message = format!("{} is no copy of a PostgreSQL storage of AuraPOS", file.display());
                return Err(PluginError::new(ErrorCode::NotAStore, message));
            }
        }
        reader.done = MAGIC.len() as u64;
        let (kind, bytes) = reader.block()?;
        if kind != HEAD {
            return Err(damaged(file, "it has no head"));
        }
        let head = codec::decode(&bytes).map_err(|_| damaged(file, "its head cannot be read"))?;
        Ok((reader, head))
    }

    fn block(&mut self) -> PluginResult<(u8, Vec<u8>)> {
        let cut = |error: io::Error| match error.kind() {
            io::ErrorKind::UnexpectedEof => damaged(self.file, "it ends too early"),
            _ => from_io(&error, self.file, "cannot read"),
        };
        let mut begin = [0; 5];
        self.from.read_exact(&mut begin).map_err(cut)?;
        let length = u32::from_be_bytes([begin[1], begin[2], begin[3], begin[4]]) as usize;
        if length > BLOCK_BYTES_MAX {
            return Err(damaged(self.file, "a block is longer than any"));
        }
        // Not all at once: a length that is damage must not take the memory of its promise.
        let mut bytes = Vec::new();
        (&mut self.from).take(length as u64).read_to_end(&mut bytes).map_err(cut)?;
        if bytes.len() < length {
            return Err(damaged(self.file, "it ends too early"));
        }
        let mut hash = [0; HASH_BYTES];
        self.from.read_exact(&mut hash).map_err(cut)?;
        self.hash = next_hash(self.hash, begin[0], &bytes);
        if self.hash != hash {
            return Err(damaged(self.file, "a block does not have the hash that it was written with"));
        }
        self.done += (5 + length + HASH_BYTES) as u64;
        Ok((begin[0], bytes))
    }

    pub fn next(&mut self) -> PluginResult<Block> {
        let (kind, bytes) = self.block()?;
        match kind {
            ROWS => Ok(Block::Rows(bytes)),
            TABLE_END => {
                let rows = bytes.try_into().map_err(|_| damaged(self.file, "a number of rows cannot be read"))?;
                Ok(Block::TableEnd(u64::from_be_bytes(rows)))
            }
            END => {
                let mut more = [0];
                match self.from.read(&mut more) {
                    Ok(0) => Ok(Block::End),
                    Ok(_) => Err(damaged(self.file, "something lies behind its end")),
                    Err(error) => Err(from_io(&error, self.file, "cannot read")),
                }
            }
            _ => Err(damaged(self.file, "it has a block of an unknown kind")),
        }
    }
}

#[cfg(test)]
mod tests;
