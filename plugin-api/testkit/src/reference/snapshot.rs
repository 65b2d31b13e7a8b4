//! A snapshot as a file: a line that names the format, framed codec messages, SHA-256 over all before it.

use super::table::{Data, Known, Logged};
use aurapos_contract::codec::{self, Wire};
use aurapos_contract::error::{ErrorCode, PluginError, PluginResult};
use aurapos_contract::host::Progress;
use aurapos_contract::schema::Schema;
use aurapos_contract::storage::{SnapshotInfo, TableCount, VerifyReport};
use aurapos_contract::{Uuid, Value, wire_struct};
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;

const MAGIC: &[u8] = b"AuraPOS reference store 1\n";
const ROWS_A_MESSAGE: usize = 200;

wire_struct! {
    /// The head of the file.
    pub struct Head {
        /// Epoch.
        1 => epoch: Uuid,
        /// Schema.
        2 => schema: Schema,
        /// Position.
        3 => position: u64,
        /// How many messages follow.
        4 => messages: u64,
    }
}

wire_struct! {
    /// Rows of a table, or commits, or feed entries.
    pub struct Part {
        /// Rows of this table; empty for the others.
        1 => table: String,
        /// Rows.
        2 => rows: Vec<Vec<Value>>,
        /// A commit: id, position, hash, time.
        3 => commits: Vec<Vec<Value>>,
        /// A feed entry: position, transaction, table, then the key.
        4 => touched: Vec<Vec<Value>>,
    }
}

pub(crate) fn failed(what: &str, error: &std::io::Error) -> PluginError {
    PluginError::new(ErrorCode::of_io(error), format!("{what}: {error}"))
}

fn parts(data: &Data) -> Vec<Part> {
    let mut parts = Vec::new();
    for (name, table) in &data.tables {
        let rows: Vec<Vec<Value>> = table.rows.values().cloned().collect();
        parts.extend(rows.chunks(ROWS_A_MESSAGE).map(|rows| Part {
            table: name.clone(),
            rows: rows.to_vec(),
            ..Part::default()
        }));
    }
    let commits: Vec<Vec<Value>> = data
        .commits
        .iter()
        .map(|(&id, known)| {
            vec![id.into(), Value::Int(known.position as i64), known.hash.to_vec().into(), Value::Time(known.time)]
        })
        .collect();
    parts.extend(commits.chunks(ROWS_A_MESSAGE).map(|commits| Part { commits: commits.to_vec(), ..Part::default() }));
    for (&position, logged) in &data.log {
        let touched = logged.touched.iter().map(|(table, key)| {
            let head = vec![Value::Int(position as i64), logged.transaction.into(), table.clone().into()];
            [head, key.clone()].concat()
        });
        parts.push(Part { touched: touched.collect(), ..Part::default() });
    }
    parts
}

pub(crate) fn counts(data: &Data) -> Vec<TableCount> {
    data.tables.iter().map(|(table, rows)| TableCount { table: table.clone(), rows: rows.rows.len() as u64 }).collect()
}

/// Writes a snapshot; after an error there is no file.
pub(crate) fn write(data: &Data, dest: &str, progress: &dyn Progress) -> PluginResult<SnapshotInfo> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(dest).map_err(|error| failed(dest, &error))?;
    let written = fill(data, &mut file, progress).and_then(|bytes| {
        file.sync_all().map_err(|error| failed(dest, &error))?;
        Ok(bytes)
    });
    match written {
        Ok(bytes) => Ok(SnapshotInfo { bytes, position: data.position, tables: counts(data), epoch: data.epoch }),
        Err(error) => {
            // The copy is of no use; that it could not be removed changes nothing about the answer.
            let _ = fs::remove_file(dest);
            Err(error)
        }
    }
}

fn fill(data: &Data, file: &mut File, progress: &dyn Progress) -> PluginResult<u64> {
    let bytes = bytes(data, progress)?;
    file.write_all(&bytes).map_err(|error| failed("the copy", &error))?;
    Ok(bytes.len() as u64)
}

/// The content of a snapshot.
pub(crate) fn bytes(data: &Data, progress: &dyn Progress) -> PluginResult<Vec<u8>> {
    let parts = parts(data);
    let head =
        Head { epoch: data.epoch, schema: data.disk.clone(), position: data.position, messages: parts.len() as u64 };
    let mut bytes = MAGIC.to_vec();
    frame(&head, &mut bytes);
    progress.report(0, parts.len() as u64, "copying");
    for (done, part) in parts.iter().enumerate() {
        if progress.cancelled() {
            return Err(PluginError::new(ErrorCode::Cancelled, "the copy was cancelled"));
        }
        frame(part, &mut bytes);
        progress.report(done as u64 + 1, parts.len() as u64, "copying");
    }
    if progress.cancelled() {
        return Err(PluginError::new(ErrorCode::Cancelled, "the copy was cancelled"));
    }
    bytes.extend_from_slice(&Sha256::digest(&bytes));
    Ok(bytes)
}

fn frame<T: Wire>(message: &T, out: &mut Vec<u8>) {
    let bytes = codec::encode(message);
    out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(&bytes);
}

/// Reads a snapshot and proves it.
pub(crate) fn read(file: &Path) -> PluginResult<(Data, VerifyReport)> {
    let bytes = fs::read(file).map_err(|error| failed(&file.display().to_string(), &error))?;
    let data = parse(&bytes, file)?;
    let report = report(&data, bytes.len() as u64);
    Ok((data, report))
}

/// About how many bytes a snapshot of the data has.
pub(crate) fn size(data: &Data) -> u64 {
    let rows = data.tables.values().flat_map(|table| table.rows.values().flatten());
    (MAGIC.len() + rows.map(Value::size).sum::<usize>() + data.commits.len() * 80) as u64
}

/// What is told of sound data that lies in so many bytes.
pub(crate) fn report(data: &Data, bytes: u64) -> VerifyReport {
    VerifyReport {
        ok: true,
        problems: Vec::new(),
        bytes,
        position: data.position,
        tables: counts(data),
        schema_major: data.disk.major,
        schema_minor: data.disk.minor,
    }
}

/// The data in the content of a snapshot; `file` is for the words of a refusal.
pub(crate) fn parse(bytes: &[u8], file: &Path) -> PluginResult<Data> {
    let damaged = |what: &str| PluginError::new(ErrorCode::Damaged, format!("{}: {what}", file.display()));
    if !bytes.starts_with(MAGIC) {
        return Err(PluginError::new(ErrorCode::NotAStore, format!("{} is no reference store", file.display())));
    }
    let (content, sum) = bytes.split_last_chunk::<32>().ok_or_else(|| damaged("it was cut"))?;
    if Sha256::digest(content)[..] != sum[..] {
        return Err(damaged("its content does not have its checksum: it was cut or changed"));
    }
    let mut rest = &content[MAGIC.len()..];
    let mut message = || -> Option<&[u8]> {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (message, after) = after.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        rest = after;
        Some(message)
    };
    let head: Head = codec::decode(message().ok_or_else(|| damaged("it was cut"))?)?;
    let mut data = Data {
        epoch: head.epoch,
        disk: head.schema.clone(),
        active: head.schema,
        position: head.position,
        ..Data::default()
    };
    for _ in 0..head.messages {
        let part: Part = codec::decode(message().ok_or_else(|| damaged("it was cut"))?)?;
        take(&mut data, part).ok_or_else(|| damaged("a part of it does not fit"))?;
    }
    for table in &data.disk.tables {
        data.tables.entry(table.name.clone()).or_default();
    }
    Ok(data)
}

fn take(data: &mut Data, part: Part) -> Option<()> {
    if let Some(table) = data.disk.table(&part.table) {
        let rows = data.tables.entry(part.table.clone()).or_default();
        for row in part.rows {
            let key = super::table::pick(table, &table.key, &row);
            rows.replace(table, &key, Some(row));
        }
    }
    for commit in part.commits {
        let [Value::Uuid(id), Value::Int(position), Value::Bytes(hash), Value::Time(time)] = commit.as_slice() else {
            return None;
        };
        let hash = hash.as_slice().try_into().ok()?;
        data.commits.insert(*id, Known { position: *position as u64, hash, time: *time });
    }
    for entry in part.touched {
        let [Value::Int(position), Value::Uuid(transaction), Value::Text(table), key @ ..] = entry.as_slice() else {
            return None;
        };
        let logged = data
            .log
            .entry(*position as u64)
            .or_insert_with(|| Logged { transaction: *transaction, ..Default::default() });
        logged.touched.push((table.clone(), key.to_vec()));
    }
    Some(())
}
