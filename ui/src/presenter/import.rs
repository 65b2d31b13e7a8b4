//! The screen "import": a catalog from a file, looked at first and then brought in.
//!
//! The file is only read. What was written stays when the rest is stopped, and the same file goes on there.

use crate::host::{Cancel, CatalogPreview, CatalogSource, HostResult, Progress, Trouble};
use crate::markup::{ImportStage, ListState, Screen};
use crate::presenter::catalog_preview::{self, Shown};
use crate::presenter::{file_picker, products, status};
use crate::shell::Shell;
use aurapos_engine::import::ImportReport;
use std::path::PathBuf;

/// State of the screen.
#[derive(Debug)]
pub struct Import {
    stage: ImportStage,
    path: PathBuf,
    preview: ListState,
    shown: Shown,
    /// New and changed products of the file.
    changes: u64,
    /// Sentence and next step of what failed.
    trouble: (String, String),
    running: bool,
    cancelling: bool,
    /// 0 to 1; `None` when it is not known.
    progress: Progress,
    cancel: Cancel,
    /// Answers about an earlier file don't count.
    asked: u64,
    /// It ended while another screen was shown: the result waits.
    unseen: bool,
}

impl Default for Import {
    fn default() -> Self {
        Import {
            stage: ImportStage::Choose,
            path: PathBuf::new(),
            preview: ListState::Loading,
            shown: Shown::default(),
            changes: 0,
            trouble: Default::default(),
            running: false,
            cancelling: false,
            progress: Progress::default(),
            cancel: Cancel::default(),
            asked: 0,
            unseen: false,
        }
    }
}

impl Import {
    /// How far the operator is.
    pub fn stage(&self) -> ImportStage {
        self.stage
    }

    /// How the look at the file is.
    pub fn preview(&self) -> ListState {
        self.preview
    }

    /// What the file would do, or did.
    pub fn shown(&self) -> &Shown {
        &self.shown
    }

    /// New and changed products of the file.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// Sentence and next step of what failed.
    pub fn trouble(&self) -> (&str, &str) {
        (&self.trouble.0, &self.trouble.1)
    }

    /// The import is at work, and whether it was asked to stop.
    pub fn running(&self) -> (bool, bool) {
        (self.running, self.cancelling)
    }

    /// How far it is, as [`Progress::share`].
    pub fn progress(&self) -> f32 {
        self.progress.share()
    }

    /// Name of the file, and the folder it is in.
    pub fn file(&self) -> (String, String) {
        let name = self.path.file_name().map(|name| name.to_string_lossy().into_owned());
        let folder = self.path.parent().map(|folder| folder.display().to_string());
        (name.unwrap_or_default(), folder.unwrap_or_default())
    }
}

/// The screen is shown. An import that goes on is still there, and the result of one that ended meanwhile.
pub fn enter(shell: &mut Shell) {
    file_picker::cancel(shell);
    let waits = std::mem::take(&mut shell.import.unseen);
    if !shell.import.running && !waits {
        forget(shell);
    }
}

/// Back to the beginning; a look that goes on is of no use any more.
fn forget(shell: &mut Shell) {
    shell.import.cancel.ask();
    shell.import = Import { asked: shell.import.asked + 1, ..Import::default() };
}

/// Asks for the file.
pub fn choose_file(shell: &mut Shell) {
    if products::may_change(shell) && !shell.import.running {
        file_picker::open(shell, "csv", look);
    }
}

/// Once more, the same file.
pub fn retry(shell: &mut Shell) {
    let path = shell.import.path.clone();
    look(shell, path);
}

/// Reads the file without changing anything.
fn look(shell: &mut Shell, path: PathBuf) {
    forget(shell);
    let import = &mut shell.import;
    import.stage = ImportStage::Preview;
    import.path.clone_from(&path);
    let (asked, cancel) = (import.asked, import.cancel.clone());
    let answer = shell.expect(move |shell, result| {
        if shell.import.asked == asked {
            looked(shell, result);
        }
    });
    shell.host().preview_catalog(shell.session_id(), CatalogSource::File(path), None, cancel, answer);
}

fn looked(shell: &mut Shell, result: HostResult<CatalogPreview>) {
    match result {
        Ok(preview) => {
            shell.import.shown = catalog_preview::shown(shell.language, &preview);
            shell.import.changes = changes(&preview.report);
            shell.import.preview = ListState::Ready;
        }
        Err(trouble) => {
            shell.import.trouble = status::told(shell, &trouble);
            shell.import.preview = ListState::Failed;
        }
    }
}

fn changes(report: &ImportReport) -> u64 {
    report.added.saturating_add(report.updated)
}

/// Brings it in.
pub fn start(shell: &mut Shell) {
    let Some(session) = shell.session.as_ref().map(|session| session.id) else { return };
    let import = &mut shell.import;
    if import.running || import.stage != ImportStage::Preview || import.preview != ListState::Ready {
        return;
    }
    import.running = true;
    import.cancelling = false;
    import.progress = Progress::default();
    import.cancel = Cancel::default();
    let (source, cancel) = (CatalogSource::File(import.path.clone()), import.cancel.clone());
    let progress = shell.hear(|shell, progress: Progress| shell.import.progress = progress);
    let answer = shell.expect(ended);
    shell.host().import_catalog(session, source, progress, cancel, answer);
}

fn ended(shell: &mut Shell, result: HostResult<ImportReport>) {
    shell.import.running = false;
    shell.import.cancelling = false;
    shell.import.unseen = shell.screen != Screen::ImportCatalog;
    match result {
        Ok(report) => {
            let rows = std::mem::take(&mut shell.import.shown.rows);
            let done = catalog_preview::shown(shell.language, &CatalogPreview { report, rows: Vec::new() });
            shell.import.shown = with_rows(done, rows);
            shell.import.stage = ImportStage::Done;
        }
        Err(trouble) => failed(shell, &trouble),
    }
}

/// The report of what was done has no rows of its own: those that were looked at stay.
fn with_rows(mut done: Shown, rows: Vec<crate::markup::PreviewLine>) -> Shown {
    done.counts.has_rows = !rows.is_empty();
    done.rows = rows;
    done
}

fn failed(shell: &mut Shell, trouble: &Trouble) {
    tracing::warn!(code = trouble.code, "the import ended: {}", trouble.message);
    shell.import.trouble = status::told(shell, trouble);
    shell.import.stage = ImportStage::Failed;
}

/// Stops it: what is written stays.
pub fn cancel(shell: &mut Shell) {
    if shell.import.running {
        shell.import.cancelling = true;
        shell.import.cancel.ask();
    }
}

/// To the products, where we mostly came from.
pub fn show_products(shell: &mut Shell) {
    if shell.trail.last() == Some(&Screen::Products) { shell.back() } else { shell.go(Screen::Products) }
}

/// Leaves the screen.
pub fn back(shell: &mut Shell) {
    if !shell.import.running {
        forget(shell);
        shell.back();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_as_it_is_is_no_change() {
        let report = ImportReport { rows: 9, added: 2, updated: 3, unchanged: 4, ..ImportReport::default() };
        assert_eq!(changes(&report), 5);
    }
}
