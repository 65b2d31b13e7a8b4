//! Printers: take a document, print it, or say why not.

use crate::document::Document;
use crate::error::PluginResult;
use std::fmt::Debug;
use uuid::Uuid;

wire_struct! {
    /// What a printer can do.
    pub struct PrinterCapabilities {
        /// Name for people.
        1 => name: String,
        /// Characters in a line of normal text.
        2 => columns: u32,
        /// Can cut paper.
        3 => cuts: bool,
        /// Can open a drawer.
        4 => kicks_drawer: bool,
        /// Can draw QR codes.
        5 => qr: bool,
        /// Can draw images.
        6 => images: bool,
    }
}

wire_enum! {
    /// How a printer is.
    pub enum PrinterState {
        /// Cannot be asked.
        0 => Unknown,
        /// Ready.
        1 => Ready,
        /// No paper.
        2 => PaperOut,
        /// Cover open.
        3 => CoverOpen,
        /// Not reachable.
        4 => Offline,
    }
}

wire_struct! {
    /// A printer's answer about itself.
    pub struct PrinterStatus {
        /// State.
        1 => state: PrinterState,
        /// A sentence.
        2 => message: String,
    }
}

wire_struct! {
    /// One document to print.
    pub struct PrintJob {
        /// Chosen by the host; the same job printed again has the same id.
        1 => id: Uuid,
        /// Receipt number or report name, for file names and queues.
        2 => title: String,
        /// What to print.
        3 => document: Document,
    }
}

/// A printer.
pub trait Printer: Send + Sync + Debug {
    /// What it can do.
    fn capabilities(&self) -> PluginResult<PrinterCapabilities>;
    /// Prints a whole job, or an error: then it may have been printed in part.
    fn print(&self, job: &PrintJob) -> PluginResult<()>;
    /// How it is.
    fn status(&self) -> PluginResult<PrinterStatus>;
    /// Opens the cash drawer.
    fn open_drawer(&self) -> PluginResult<()>;
}
