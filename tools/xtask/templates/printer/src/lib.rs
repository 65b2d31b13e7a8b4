//! A printer that is a folder: each document becomes a text file. It works as it is; edit it until it is yours.
//!
//! Owns: the files in its folder. Must not know: what a receipt says; the host made the document.

#![deny(unsafe_code)]

use aurapos_plugin_api::contract::printer::*;
use aurapos_plugin_api::*;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

export_plugin! {
    manifest: include_str!("../plugin.toml"),
    printer: folder_printer,
}

/// Characters in a line: 80 mm paper.
const COLUMNS: u32 = 42;

/// Makes one instance, with the settings of its `[[printer]]` table; defaults are filled in already.
fn folder_printer(context: PluginContext) -> PluginResult<FolderPrinter> {
    let wanted = PathBuf::from(context.settings.text("folder")?);
    let folder = Path::new(&context.host.data_dir()).join(&wanted);
    // A folder of ours is made; one that the owner named elsewhere (a share, a stick) is there or the printer is offline.
    if wanted.is_relative() {
        fs::create_dir_all(&folder).map_err(|error| failed(&folder, &error))?;
    }
    Ok(FolderPrinter { folder })
}

#[derive(Debug)]
struct FolderPrinter {
    folder: PathBuf,
}

impl Printer for FolderPrinter {
    fn capabilities(&self) -> PluginResult<PrinterCapabilities> {
        Ok(PrinterCapabilities { name: "Text files".into(), columns: COLUMNS, ..Default::default() })
    }

    /// Prints whole, or says why not. The same job again has the same id, and so the same file.
    fn print(&self, job: &PrintJob) -> PluginResult<()> {
        let text = job.document.to_text(COLUMNS as usize);
        let name: String =
            job.title.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '-' }).take(40).collect();
        let file = self.folder.join(format!("{name}-{}.txt", job.id));
        let part = file.with_extension("part");
        let mut written =
            File::create(&part).and_then(|mut open| open.write_all(text.as_bytes()).and_then(|()| open.sync_all()));
        written = written.and_then(|()| fs::rename(&part, &file));
        written.map_err(|error| failed(&file, &error))
    }

    fn status(&self) -> PluginResult<PrinterStatus> {
        let there = self.folder.is_dir();
        let state = if there { PrinterState::Ready } else { PrinterState::Offline };
        let message = if there { "ready".into() } else { format!("{} is not there", self.folder.display()) };
        Ok(PrinterStatus { state, message })
    }

    fn open_drawer(&self) -> PluginResult<()> {
        Err(PluginError::new(ErrorCode::Unsupported, "a folder has no cash drawer"))
    }
}

fn failed(path: &Path, error: &io::Error) -> PluginError {
    PluginError::new(ErrorCode::Io, format!("{}: {error}", path.display()))
        .with_next("Check the folder, then print again.")
}

#[cfg(test)]
mod tests;
