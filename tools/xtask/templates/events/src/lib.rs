//! What was committed, one line of JSON each. It works as it is; edit it until it is yours.
//!
//! Owns: its file, which is also its memory of how far it came. Must not know: where events come from; it can never fail a
//! sale.

#![deny(unsafe_code)]

use aurapos_plugin_api::contract::events::*;
use aurapos_plugin_api::*;
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

export_plugin! {
    manifest: include_str!("../plugin.toml"),
    events: json_lines,
}

/// Makes one instance, with the settings of its `[[events]]` table; defaults are filled in already.
fn json_lines(context: PluginContext) -> PluginResult<JsonLines> {
    let path = Path::new(&context.host.data_dir()).join(context.settings.text("file")?);
    Ok(JsonLines { told: Mutex::new(Told::open(&path).map_err(failed)?) })
}

#[derive(Debug)]
struct JsonLines {
    told: Mutex<Told>,
}

/// The file, its length, and the highest number of each incarnation in it.
#[derive(Debug)]
struct Told {
    file: File,
    bytes: u64,
    positions: HashMap<String, u64>,
}

impl Told {
    fn open(path: &Path) -> io::Result<Told> {
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let mut all = Vec::new();
        file.read_to_end(&mut all)?;
        // Half a line is a crash: it was never answered for, and its events come again.
        all.truncate(all.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1));
        file.set_len(all.len() as u64)?;
        let mut told = Told { file, bytes: all.len() as u64, positions: HashMap::new() };
        for line in all.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
            let line: Json = serde_json::from_slice(line)?;
            let (incarnation, sequence) = (line["incarnation"].as_str(), line["sequence"].as_u64());
            told.positions.insert(incarnation.unwrap_or_default().to_owned(), sequence.unwrap_or(0));
        }
        Ok(told)
    }
}

impl EventSink for JsonLines {
    /// Takes events: when it returns they are on the disk, after an error none of them is.
    fn deliver(&self, events: &[HostEvent]) -> PluginResult<()> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut lines, mut positions) = (Vec::new(), told.positions.clone());
        for event in events {
            let position = positions.entry(event.incarnation.to_string()).or_default();
            // The host tells again what it is not sure of.
            if event.sequence > *position {
                *position = event.sequence;
                writeln!(lines, "{}", line(event)).map_err(failed)?;
            }
        }
        if let Err(error) = told.file.write_all(&lines).and_then(|()| told.file.sync_data()) {
            told.file.set_len(told.bytes).map_err(failed)?;
            return Err(failed(error));
        }
        (told.bytes, told.positions) = (told.bytes + lines.len() as u64, positions);
        Ok(())
    }

    fn position(&self, incarnation: Uuid) -> PluginResult<u64> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(told.positions.get(&incarnation.to_string()).copied().unwrap_or(0))
    }
}

/// One event. Money stays in minor units: a float would lose cents.
fn line(event: &HostEvent) -> Json {
    json!({
        "incarnation": event.incarnation.to_string(), "sequence": event.sequence, "kind": format!("{:?}", event.kind),
        "time_us": event.time, "register": event.register, "operator": event.operator,
        "receipt": event.receipt_number, "total_minor": event.total_minor, "currency": event.currency,
        "text": event.text,
    })
}

fn failed(error: io::Error) -> PluginError {
    PluginError::new(ErrorCode::Io, format!("the file of events: {error}")).with_next("Check its folder and the disk.")
}

#[cfg(test)]
mod tests;
