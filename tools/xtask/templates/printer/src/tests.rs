//! The conformance suite of printers, and what it cannot know: what is in the files.

use super::*;
use aurapos_plugin_api::contract::document::{Align, Style};
use aurapos_plugin_testkit::TestHost;
use aurapos_plugin_testkit::conformance::printer::{PrinterFixture, run};
use std::sync::Arc;

/// One instance that prints below a folder of its own; the host keeps the folder.
fn fresh(folder: &str) -> (FolderPrinter, Arc<TestHost>) {
    let host = TestHost::new();
    let printer = folder_printer(host.context(Settings::default().with("folder", folder))).unwrap();
    (printer, host)
}

/// Keeps the folders of all printers until the end.
#[derive(Default)]
struct Fresh(std::sync::Mutex<Vec<Arc<TestHost>>>);

impl PrinterFixture for Fresh {
    fn fresh(&self) -> Arc<dyn Printer> {
        let (printer, host) = fresh("Printed");
        self.0.lock().unwrap().push(host);
        Arc::new(printer)
    }
}

#[test]
fn conforms() {
    let report = run(&Fresh::default());
    assert!(report.passed(), "{report}");
}

#[test]
fn a_job_is_one_file_and_no_folder_is_offline() {
    let (printer, host) = fresh("Printed");
    let mut job = PrintJob { title: "R1-1-000042".into(), ..Default::default() };
    job.document.text("Bonjour", Align::Left, Style::Normal);
    printer.print(&job).unwrap();
    printer.print(&job).unwrap();
    let folder = host.folder().join("Printed");
    let files: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    assert_eq!(fs::read_to_string(&files[0]).unwrap(), "Bonjour\n");

    fs::remove_dir_all(&folder).unwrap();
    assert_eq!(printer.status().unwrap().state, PrinterState::Offline);
    assert!(printer.print(&job).is_err());
    // A folder elsewhere is never made.
    let elsewhere = host.folder().join("stick");
    let (printer, _) = fresh(elsewhere.to_str().unwrap());
    assert_eq!((printer.status().unwrap().state, elsewhere.exists()), (PrinterState::Offline, false));
}
