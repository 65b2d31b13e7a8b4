//! How it is known that the log beside the database (`AuraPOS.db-wal`) is its own. SQLite applies whatever log lies there; one
//! that was left by another state of the data, or by other data, makes a database that never was.
//!
//! The table `_log` has one row, the mark: an id and a turn. The rules that make it tell:
//! - Each log begins with a commit that writes the mark as the database has it (its id the same, its turn another).
//! - Before a log is moved into the database to its end, its last commit writes a new id.
//!
//! So the id that the database has *alone* stands in the log that belongs to it, however much of it was moved already; and
//! after the log was moved, no earlier or other database has that id. A hand copy of the database put back beside a later log
//! is noticed, and so is an old log put back, and a log or database of another register. A snapshot has no id (nil). Data
//! from before there were marks has no table: beside a log without marks it is believed.
//!
//! Must not know: what the rows mean.

use crate::connect;
use crate::contract::Uuid;
use crate::contract::error::{ErrorCode, PluginError, PluginResult};
use crate::error::from_io;
use crate::place::{self, beside};
use rusqlite::{Connection, OptionalExtension};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

/// The table, as it is made in a new database and in one that has none yet.
pub(crate) const TABLE: &str =
    r#"CREATE TABLE IF NOT EXISTS "_log" ("id" INTEGER NOT NULL PRIMARY KEY, "mark" BLOB NOT NULL) STRICT;"#;

/// Begins every mark, so that its page is told from all others in a log.
const MAGIC: &[u8; 16] = b"AuraPOS log mark";
/// Magic, id, turn.
const BYTES: usize = 16 + 16 + 8;
/// The cell of the one row: payload bytes, row number, then a record of a null (the row's number) and 40 bytes.
const CELL: [u8; 5] = [3 + BYTES as u8, 1, 3, 0, (BYTES * 2 + 12) as u8];

const READ: &str = r#"SELECT "mark" FROM "_log" WHERE "id" = 1"#;

fn id_in(mark: &[u8]) -> Option<Uuid> {
    Uuid::from_slice(mark.strip_prefix(MAGIC)?.get(..16)?).ok()
}

fn write(connection: &Connection, id: Uuid, turn: u64) -> rusqlite::Result<()> {
    let mark = [MAGIC.as_slice(), id.as_bytes(), &turn.to_be_bytes()].concat();
    connection
        .prepare_cached(r#"INSERT INTO "_log" VALUES (1, ?1) ON CONFLICT DO UPDATE SET "mark" = excluded."mark""#)?
        .execute([mark])
        .map(|_| ())
}

fn read(connection: &Connection) -> rusqlite::Result<Option<(Uuid, u64)>> {
    let mark: Option<Vec<u8>> = connection.prepare_cached(READ)?.query_row([], |row| row.get(0)).optional()?;
    Ok(mark.and_then(|mark| {
        let turn = mark.get(32..)?.first_chunk::<8>()?;
        Some((id_in(&mark)?, u64::from_be_bytes(*turn)))
    }))
}

/// Makes the table where there is none; its mark is nil. Answers whether the mark is nil.
pub(crate) fn ensure(connection: &Connection) -> rusqlite::Result<bool> {
    if !has_table(connection)? {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let made = connection.execute_batch(TABLE).and_then(|()| write(connection, Uuid::nil(), 0));
        connection.execute_batch(if made.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
        made?;
    }
    Ok(read(connection)?.is_none_or(|(id, _)| id.is_nil()))
}

fn has_table(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row(r#"SELECT EXISTS (SELECT 1 FROM "sqlite_schema" WHERE "name" = '_log')"#, [], |row| row.get(0))
}

/// The same id again, in a commit of its own: what a log begins with.
pub(crate) fn turn(connection: &Connection) -> rusqlite::Result<()> {
    let (id, turn) = read(connection)?.unwrap_or_default();
    write(connection, id, turn.wrapping_add(1))
}

/// A new id: before a log is moved to its end, and for a database that begins.
pub(crate) fn renew(connection: &Connection) -> rusqlite::Result<()> {
    let id: Vec<u8> = connection.query_row("SELECT randomblob(16)", [], |row| row.get(0))?;
    write(connection, Uuid::from_slice(&id).unwrap_or_default(), 0)
}

/// No id: for a snapshot, which is beside no log.
pub(crate) fn clear(connection: &Connection) -> rusqlite::Result<()> {
    if has_table(connection)? { write(connection, Uuid::nil(), 0) } else { Ok(()) }
}

/// Refuses a log or a journal that is not of this database. Answers whether there is a log with commits. Nobody may have
/// the data open for writing.
pub(crate) fn look(database: &Path) -> PluginResult<bool> {
    let journal = beside(database, "-journal");
    // As SQLite tells a journal that it would play back from one that is over.
    let mut first = [0u8; 1];
    if File::open(&journal).and_then(|mut file| file.read_exact(&mut first)).is_ok() && first[0] != 0 {
        return Err(foreign(database, "-journal", "a journal of changes to be taken back, which AuraPOS never leaves"));
    }
    let log = beside(database, "-wal");
    let Some(marks) = marks_of(&log)? else {
        return Ok(false);
    };
    let alone = connect::open_copy(database, false).and_then(|connection| {
        let there = has_table(&connection).and_then(|there| if there { read(&connection) } else { Ok(None) });
        there.map_err(|error| crate::error::from_sqlite(&error, "cannot read the database"))
    });
    let fits = match alone {
        Ok(Some((id, _))) => marks.contains(&id),
        // From before there were marks, or its log is the one that makes the table.
        Ok(None) => marks.is_empty() || marks.contains(&Uuid::nil()),
        // A page that was half moved when the power went: the log has it whole.
        Err(error) if matches!(error.code, ErrorCode::Damaged | ErrorCode::NotAStore | ErrorCode::Internal) => {
            !marks.is_empty()
        }
        Err(error) => return Err(error),
    };
    if fits { Ok(true) } else { Err(foreign(database, "-wal", "a log of other data, or of another state of it")) }
}

fn foreign(database: &Path, ending: &str, what: &str) -> PluginError {
    let file = beside(database, ending);
    let message = format!(
        "beside {} lies {} ({}): the two together would be data that never was",
        database.display(),
        file.display(),
        what
    );
    let next = format!(
        "Was a backup copied over the database by hand? Restore it instead: `aurapos-admin backup restore FILE`; what is \
         there now is kept. Or move {} elsewhere and keep it: then the database is used as it is, without the sales that \
         are only in that file.",
        file.display()
    );
    PluginError::new(ErrorCode::Damaged, message).with_next(next)
}

/// The ids in the commits of a log, as far as SQLite would apply it. `None`: there is nothing to apply.
fn marks_of(log: &Path) -> PluginResult<Option<Vec<Uuid>>> {
    if place::length(log) <= HEAD_BYTES as u64 {
        return Ok(None);
    }
    let failed = |error: std::io::Error| from_io(&error, log, "cannot read");
    let mut file = BufReader::with_capacity(1024 * 1024, File::open(log).map_err(failed)?);
    let mut head = [0u8; HEAD_BYTES];
    file.read_exact(&mut head).map_err(failed)?;
    let Some(mut frames) = Frames::of(&head) else {
        return Ok(None);
    };
    let (mut committed, mut marks, mut open) = (false, Vec::new(), Vec::new());
    while let Some(is_commit) = frames.next(&mut file).map_err(failed)? {
        open.extend(mark_in(&frames.page));
        if is_commit {
            committed = true;
            marks.append(&mut open);
        }
    }
    Ok(committed.then_some(marks))
}

const HEAD_BYTES: usize = 32;
const FRAME_HEAD_BYTES: usize = 24;

/// Goes through a log as SQLite's recovery does: up to the first frame whose salt or sum is not right.
struct Frames {
    salt: [u8; 8],
    big_endian: bool,
    sum: (u32, u32),
    page: Vec<u8>,
}

impl Frames {
    fn of(head: &[u8; HEAD_BYTES]) -> Option<Self> {
        let number = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let bytes = number(8) as usize;
        if number(0) & !1 != 0x377f_0682 || !bytes.is_power_of_two() || !(512..=65_536).contains(&bytes) {
            return None;
        }
        let salt = head[16..24].first_chunk::<8>().copied()?;
        let mut frames = Frames { salt, big_endian: number(0) & 1 == 1, sum: (0, 0), page: vec![0; bytes] };
        frames.add(&head[..24]);
        (frames.sum == (number(24), number(28))).then_some(frames)
    }

    fn add(&mut self, bytes: &[u8]) {
        let (mut one, mut two) = self.sum;
        for pair in bytes.chunks_exact(8) {
            let word = |at: usize| {
                let word = [pair[at], pair[at + 1], pair[at + 2], pair[at + 3]];
                if self.big_endian { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) }
            };
            one = one.wrapping_add(word(0)).wrapping_add(two);
            two = two.wrapping_add(word(4)).wrapping_add(one);
        }
        self.sum = (one, two);
    }

    /// Reads the next frame into `page`; answers whether it ends a commit.
    fn next(&mut self, file: &mut impl Read) -> std::io::Result<Option<bool>> {
        let mut head = [0u8; FRAME_HEAD_BYTES];
        for part in [head.as_mut_slice(), self.page.as_mut_slice()] {
            match file.read_exact(part) {
                Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
                read => read?,
            }
        }
        let page = std::mem::take(&mut self.page);
        self.add(&head[..8]);
        self.add(&page);
        self.page = page;
        let number = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let right = head[8..16] == self.salt && self.sum == (number(16), number(20));
        Ok(right.then(|| number(4) != 0))
    }
}

/// The id of the mark whose page this is.
fn mark_in(page: &[u8]) -> Option<Uuid> {
    // A leaf of a table with one row.
    if page.first() != Some(&0x0d) || page.get(3..5)? != [0, 1] {
        return None;
    }
    let at = usize::from(u16::from_be_bytes(*page.get(8..)?.first_chunk::<2>()?));
    id_in(page.get(at..)?.strip_prefix(&CELL)?.get(..BYTES)?)
}

#[cfg(test)]
mod tests;
