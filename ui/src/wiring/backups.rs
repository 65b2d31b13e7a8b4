//! Binds the screen "backups" to its presenter.

use crate::markup::{AppWindow, BackupRow, Backups, Screen};
use crate::models::sync;
use crate::presenter::backups;
use crate::shell::Shell;
use crate::ui::{Ui, on};
use slint::{ComponentHandle, ModelRc, VecModel};
use std::rc::Rc;

/// The lists of the screen.
#[derive(Default)]
pub(crate) struct BackupsRoom {
    rows: Rc<VecModel<BackupRow>>,
}

impl BackupsRoom {
    /// Connects the callbacks and the lists.
    pub(crate) fn wire(&self, ui: &Rc<Ui>, window: &AppWindow) {
        let global = window.global::<Backups>();
        global.set_rows(ModelRc::from(self.rows.clone()));
        on!(ui, global.on_back_up, |shell| backups::back_up(shell));
        on!(ui, global.on_cancel, |shell| backups::cancel(shell));
        on!(ui, global.on_select, |shell, index| backups::select(shell, index));
        on!(ui, global.on_verify, |shell| backups::verify(shell));
        on!(ui, global.on_ask_restore, |shell| backups::ask_restore(shell));
        on!(ui, global.on_give_up, |shell| backups::give_up(shell));
        on!(ui, global.on_restore, |shell| backups::restore(shell));
        on!(ui, global.on_show_folder, |shell| backups::show_folder(shell));
        on!(ui, global.on_reload, |shell| backups::reload(shell));
    }

    /// Shows the state.
    pub(crate) fn flush(&self, shell: &Shell, window: &AppWindow) {
        if shell.screen != Screen::Backups {
            return;
        }
        let global = window.global::<Backups>();
        let state = &shell.backups;
        sync(&self.rows, backups::rows(shell));
        global.set_state(state.state());
        global.set_selected(state.selected().and_then(|index| i32::try_from(index).ok()).unwrap_or(-1));
        global.set_folder(state.folder().into());
        global.set_error(state.error().into());
        global.set_due(state.due());
        global.set_deed(state.deed());
        global.set_progress(state.progress());
        global.set_cancelling(state.cancelling());
        global.set_asking(state.asking());
    }
}
