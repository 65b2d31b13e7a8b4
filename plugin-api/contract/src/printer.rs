//! Printers: take a document, print it, or say why not.

use crate::document::Document;
use crate::error::{ErrorCode, PluginError};
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
    pub enum PrinterState or Unknown {
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

capability! {
    /// A printer.
    pub trait Printer, table PrinterTable, client PrinterClient, layer PrinterLayer, kind 5 {
        /// What it can do.
        1 => fn capabilities(&self) -> PrinterCapabilities [Main, Start, Freely];
        /// Prints a whole job, or an error: then it may have been printed in part.
        2 => fn print(&self, ref job: PrintJob) -> () [Main, Device, Never];
        /// How it is.
        3 => fn status(&self) -> PrinterStatus [Main, Device, Freely];
        /// Opens the cash drawer.
        4 => fn open_drawer(&self) -> () [Main, Device, Never]
            default { Err(PluginError::new(ErrorCode::Unsupported, "no cash drawer is connected to this printer")) };
    }
}
