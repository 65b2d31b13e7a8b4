//! A printer that is a folder: every document becomes a text file. For shops that send receipts by mail, and for proof
//! that the printer trait can be implemented.
//!
//! Owns: file names in its folder. Must not know: what a receipt says; the host made the document.

mod names;

use aurapos_plugin_api::contract::printer::{PrintJob, PrinterCapabilities, PrinterState, PrinterStatus};
use aurapos_plugin_api::os::sync_folder;
use aurapos_plugin_api::{
    ErrorCode, PluginContext, PluginError, PluginResult, Printer, Settings, Value, export_plugin,
};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

export_plugin! {
    manifest: include_str!("../plugin.toml"),
    printer: file_printer,
}

/// Folder below the data folder when none is set.
const FOLDER: &str = "Printed";
/// Characters a line when none are set: 80 mm paper.
const COLUMNS: i64 = 42;
/// Papers that exist.
const COLUMNS_ALLOWED: [i64; 3] = [32, 42, 48];

/// Makes one instance: what `export_plugin!` is given.
pub fn file_printer(context: PluginContext) -> PluginResult<FilePrinter> {
    let folder = match context.settings.get("folder") {
        Some(Value::Text(text)) if !text.trim().is_empty() => text.clone(),
        _ => FOLDER.to_owned(),
    };
    // An absolute folder replaces the data folder, a relative one lies in it.
    let folder = Path::new(&context.host.data_dir()).join(folder);
    Ok(FilePrinter { folder, columns: columns(&context.settings)? })
}

fn columns(settings: &Settings) -> PluginResult<usize> {
    let columns = match settings.get("columns") {
        None | Some(Value::Null) => COLUMNS,
        Some(_) => settings.int("columns")?,
    };
    if COLUMNS_ALLOWED.contains(&columns) {
        return Ok(columns as usize);
    }
    Err(PluginError::new(ErrorCode::Config, format!("`columns` is {columns}; it must be 32, 42 or 48")))
}

/// Prints into a folder.
#[derive(Debug)]
pub struct FilePrinter {
    folder: PathBuf,
    columns: usize,
}

impl Printer for FilePrinter {
    fn capabilities(&self) -> PluginResult<PrinterCapabilities> {
        let name = format!("files in {}", self.folder.display());
        Ok(PrinterCapabilities { name, columns: self.columns as u32, ..Default::default() })
    }

    /// A job that is printed again (same id) replaces its own file; another job of the same title gets a number.
    fn print(&self, job: &PrintJob) -> PluginResult<()> {
        fs::create_dir_all(&self.folder).map_err(|error| failed("making the folder", &self.folder, &error))?;
        let text = job.document.to_text(self.columns);
        let title = if job.title.is_empty() { &job.document.title } else { &job.title };
        let name = names::for_job(title, job.id);
        let part = self.folder.join(format!(".{name}.part"));
        write(&part, text.as_bytes())
            .and_then(|()| fs::rename(&part, self.folder.join(&name)))
            .and_then(|()| sync_folder(&self.folder))
            .map_err(|error| {
                // What is half written is not a receipt; the next try starts over.
                let _ = fs::remove_file(&part);
                failed("printing into", &self.folder.join(&name), &error)
            })
    }

    fn status(&self) -> PluginResult<PrinterStatus> {
        Ok(match self.try_writing() {
            Ok(()) => PrinterStatus { state: PrinterState::Ready, message: "ready".to_owned() },
            Err(error) => PrinterStatus {
                state: PrinterState::Offline,
                message: format!("{} cannot be written: {error}", self.folder.display()),
            },
        })
    }

    fn open_drawer(&self) -> PluginResult<()> {
        Err(PluginError::new(ErrorCode::Unsupported, "a folder has no cash drawer")
            .with_next("Open the drawer with its key, or choose a receipt printer."))
    }
}

impl FilePrinter {
    /// The only honest way to know: permissions, a full disk and a missing share all show here.
    fn try_writing(&self) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let probe = self.folder.join(format!(".status-{}.part", std::process::id()));
        let written = write(&probe, b"\n");
        let removed = fs::remove_file(&probe);
        written.and(removed)
    }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn failed(doing: &str, path: &Path, error: &io::Error) -> PluginError {
    PluginError::new(ErrorCode::of_io(error), format!("{doing} {} failed: {error}", path.display()))
        .with_next("Check that the folder exists and has room, then print the receipt again.")
}

#[cfg(test)]
mod tests;
