//! Binds the screen "import" to its presenter.

use crate::markup::{AppWindow, Import, PreviewLine, RefusedLine, Screen};
use crate::models::sync;
use crate::presenter::import;
use crate::shell::Shell;
use crate::ui::{Ui, on};
use aurapos_locale::format;
use slint::{ComponentHandle, ModelRc, VecModel};
use std::rc::Rc;

/// The lists of the screen.
#[derive(Default)]
pub(crate) struct ImportRoom {
    rows: Rc<VecModel<PreviewLine>>,
    refused: Rc<VecModel<RefusedLine>>,
}

impl ImportRoom {
    /// Connects the callbacks and the lists.
    pub(crate) fn wire(&self, ui: &Rc<Ui>, window: &AppWindow) {
        let global = window.global::<Import>();
        global.set_rows(ModelRc::from(self.rows.clone()));
        global.set_refused(ModelRc::from(self.refused.clone()));
        on!(ui, global.on_choose_file, |shell| import::choose_file(shell));
        on!(ui, global.on_retry, |shell| import::retry(shell));
        on!(ui, global.on_start, |shell| import::start(shell));
        on!(ui, global.on_cancel, |shell| import::cancel(shell));
        on!(ui, global.on_show_products, |shell| import::show_products(shell));
        on!(ui, global.on_back, |shell| import::back(shell));
    }

    /// Shows the state. Called after everything that happened; setting what is equal costs nothing.
    pub(crate) fn flush(&self, shell: &Shell, window: &AppWindow) {
        if shell.screen != Screen::ImportCatalog {
            return;
        }
        let global = window.global::<Import>();
        let state = &shell.import;
        let (name, folder) = state.file();
        let (sentence, next) = state.trouble();
        let (running, cancelling) = state.running();
        let shown = state.shown();
        sync(&self.rows, shown.rows.clone());
        sync(&self.refused, shown.refused.clone());
        global.set_stage(state.stage());
        global.set_file_name(name.into());
        global.set_file_folder(folder.into());
        global.set_preview(state.preview());
        global.set_counts(shown.counts.clone());
        global.set_preview_error(sentence.into());
        global.set_preview_next(next.into());
        global.set_error(sentence.into());
        global.set_next(next.into());
        global.set_changes(i32::try_from(state.changes()).unwrap_or(i32::MAX));
        global.set_changes_text(format::on_screen(format::count(shell.language, state.changes())).into());
        global.set_running(running);
        global.set_cancelling(cancelling);
        global.set_progress(state.progress());
    }
}
