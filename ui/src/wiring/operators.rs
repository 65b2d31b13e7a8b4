//! Binds the screen "operators" to its presenter.

use crate::markup::{AppWindow, Operators, PeopleSaid, PersonLine, Screen};
use crate::models::sync;
use crate::presenter::operators;
use crate::shell::Shell;
use crate::ui::{Ui, on};
use crate::wiring::sign_in::place;
use aurapos_locale::names;
use slint::{ComponentHandle, ModelRc, SharedString, VecModel};
use std::rc::Rc;

/// The lists of the screen.
#[derive(Default)]
pub(crate) struct OperatorsRoom {
    rows: Rc<VecModel<PersonLine>>,
    roles: Rc<VecModel<SharedString>>,
}

impl OperatorsRoom {
    /// Connects the callbacks and the lists.
    pub(crate) fn wire(&self, ui: &Rc<Ui>, window: &AppWindow) {
        let global = window.global::<Operators>();
        global.set_rows(ModelRc::from(self.rows.clone()));
        global.set_roles(ModelRc::from(self.roles.clone()));
        on!(ui, global.on_choose, |shell, index| operators::choose(shell, place(index)));
        on!(ui, global.on_retry, |shell| operators::load(shell));
        on!(ui, global.on_open, |shell, dialog| operators::open(shell, dialog));
        on!(ui, global.on_enable, |shell| operators::enable(shell));
        on!(ui, global.on_edited, |shell, field, text| operators::edited(shell, field, &text));
        on!(ui, global.on_choose_role, |shell, manager| operators::choose_role(shell, manager));
        on!(ui, global.on_confirm, |shell| operators::confirm(shell));
        on!(ui, global.on_cancel, |shell| operators::cancel(shell));
        on!(ui, global.on_dismiss_said, |shell| operators::dismiss_said(shell));
    }

    /// Shows the state. Called after everything that happened; setting what is equal costs nothing.
    pub(crate) fn flush(&self, shell: &Shell, window: &AppWindow) {
        let global = window.global::<Operators>();
        let form = &shell.operators.form;
        // Also when the screen is left: no PIN stays in a field.
        global.set_pin(form.pin.text().into());
        global.set_again(form.again.text().into());
        if shell.screen != Screen::Operators {
            return;
        }
        let view = operators::view(shell);
        sync(&self.rows, view.rows);
        let roles = ["cashier", "manager"].iter().filter_map(|code| names::role(shell.language, code));
        sync(&self.roles, roles.map(SharedString::from).collect());
        global.set_state(view.state);
        global.set_error(view.error.into());
        global.set_next(view.next.into());
        global.set_chosen(view.chosen);
        global.set_person(view.person);
        global.set_dialog(form.dialog);
        global.set_busy(form.busy);
        global.set_name(form.name.as_str().into());
        global.set_manager(form.manager);
        global.set_name_fault(form.name_fault);
        global.set_pin_fault(form.pin_fault);
        global.set_again_fault(form.again_fault);
        global.set_refused(form.refused.as_str().into());
        global.set_attempt(form.attempt);
        let said = shell.operators.said.as_ref();
        global.set_said(said.map_or(PeopleSaid::None, |said| said.0));
        if let Some((_, name)) = said {
            global.set_said_name(name.as_str().into());
        }
    }
}
