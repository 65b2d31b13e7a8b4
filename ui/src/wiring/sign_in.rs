//! Binds the sign-in screen and the lock to their presenter.

use crate::markup::{AppWindow, Modality, OperatorTile, Screen, SignIn};
use crate::models::sync;
use crate::presenter::{sign_in, status};
use crate::shell::Shell;
use crate::ui::{Ui, on};
use aurapos_locale::Language;
use slint::{ComponentHandle, ModelRc, SharedString, VecModel};
use std::rc::Rc;

/// The lists of the screen.
#[derive(Default)]
pub(crate) struct SignInRoom {
    people: Rc<VecModel<OperatorTile>>,
}

impl SignInRoom {
    /// Connects the callbacks and the lists.
    pub(crate) fn wire(&self, ui: &Rc<Ui>, window: &AppWindow) {
        let global = window.global::<SignIn>();
        global.set_operators(ModelRc::from(self.people.clone()));
        let languages: Vec<SharedString> = Language::ALL.iter().map(|language| language.name().into()).collect();
        global.set_languages(ModelRc::from(Rc::new(VecModel::from(languages))));
        on!(ui, global.on_choose, |shell, index| sign_in::choose(shell, place(index)));
        on!(ui, global.on_key, |shell, key| sign_in::pad(shell, &key));
        on!(ui, global.on_clear, |shell| sign_in::clear(shell));
        on!(ui, global.on_enter, |shell| sign_in::submit(shell));
        on!(ui, global.on_choose_language, |shell, index| sign_in::choose_language(shell, place(index)));
        on!(ui, global.on_other_operator, |shell| sign_in::other_operator(shell));
        on!(ui, global.on_leave, |shell| sign_in::leave(shell));
        on!(ui, global.on_stay, |shell| sign_in::stay(shell));
        on!(ui, global.on_retry, |shell| sign_in::load(shell));
        on!(ui, global.on_laid_out, |shell, columns| sign_in::laid_out(shell, place(columns)));
    }

    /// Shows the state. Called after everything that happened; setting what is equal costs nothing.
    pub(crate) fn flush(&self, shell: &Shell, window: &AppWindow) {
        let modality = window.global::<Modality>();
        modality.set_shut(shell.locked);
        modality.set_help(shell.status.help_open);
        let global = window.global::<SignIn>();
        if shell.screen != Screen::SignIn && !shell.locked && !global.get_asks_to_leave() && shell.session.is_none() {
            return;
        }
        let view = sign_in::view(shell);
        sync(&self.people, view.tiles);
        global.set_loading(view.loading);
        global.set_failed(view.failed);
        global.set_chosen(view.chosen);
        global.set_person(view.person);
        global.set_entered(view.entered);
        global.set_busy(view.busy);
        global.set_fault(view.fault);
        global.set_tries_left(view.tries_left);
        global.set_fault_text(view.fault_text);
        global.set_date_text(view.date_text);
        let (health, text) = status::backup(shell);
        global.set_backup_health(health);
        global.set_backup_text(text.into());
        let language = Language::ALL.iter().position(|language| *language == shell.language);
        global.set_language(language.and_then(|place| i32::try_from(place).ok()).unwrap_or_default());
        global.set_ticket_lines(view.ticket_lines);
        global.set_asks_to_leave(view.asks_to_leave);
        global.set_leaving(view.leaving);
    }
}

/// An index of the markup.
pub(crate) fn place(index: i32) -> usize {
    usize::try_from(index).unwrap_or(usize::MAX)
}
