//! Binds the dialogs of closing to their presenter.

use crate::markup::{AppWindow, Closing as Global, ClosingStage, Modality};
use crate::presenter::closing::{self, Stage};
use crate::presenter::{sign_in, status};
use crate::shell::Shell;
use crate::ui::{Ui, on};
use slint::ComponentHandle;
use std::rc::Rc;

/// Nothing of its own.
#[derive(Default)]
pub(crate) struct ClosingRoom {}

impl ClosingRoom {
    /// Connects the callbacks.
    pub(crate) fn wire(&self, ui: &Rc<Ui>, window: &AppWindow) {
        let global = window.global::<Global>();
        on!(ui, global.on_go_on, |shell| closing::go_on(shell));
        on!(ui, global.on_cancel, |shell| closing::cancel(shell));
        on!(ui, global.on_finish_in_background, |shell| closing::finish_in_background(shell));
        on!(ui, global.on_try_again, |shell| closing::back_up(shell));
        on!(ui, global.on_close_anyway, |shell| closing::close_anyway(shell));
    }

    /// Shows the state. Called after everything that happened; setting what is equal costs nothing.
    pub(crate) fn flush(&self, shell: &Shell, window: &AppWindow) {
        let global = window.global::<Global>();
        let (stage, progress, told) = match &shell.closing.stage {
            Stage::Open | Stage::Asked | Stage::Gone => (ClosingStage::Hidden, -1.0, None),
            Stage::Ticket => (ClosingStage::Ticket, -1.0, None),
            Stage::Backup { progress, .. } => (ClosingStage::Backup, progress.share(), None),
            Stage::Failed(trouble) => (ClosingStage::Failed, -1.0, Some(status::told(shell, trouble))),
        };
        window.global::<Modality>().set_closing(stage != ClosingStage::Hidden);
        global.set_progress(progress);
        let (sentence, next) = told.unwrap_or_default();
        global.set_sentence(sentence.into());
        global.set_next(next.into());
        let lines = sign_in::ticket_lines(shell);
        global.set_ticket_lines(i32::try_from(lines).unwrap_or(i32::MAX));
        global.set_stage(stage);
    }
}
