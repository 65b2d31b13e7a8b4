//! Binds the screen "operators" to its presenter.

use crate::markup::{
    AppWindow, Operators, PeopleDialog, PeopleSaid, PersonLine, RadioOption, RightLine, RoleLine, Roles, Screen,
};
use crate::models::sync;
use crate::presenter::operators::{self, roles};
use crate::shell::Shell;
use crate::ui::{Ui, on};
use crate::wiring::sign_in::place;
use slint::{ComponentHandle, ModelRc, VecModel};
use std::rc::Rc;

/// The lists of the screen.
#[derive(Default)]
pub(crate) struct OperatorsRoom {
    rows: Rc<VecModel<PersonLine>>,
    choices: Rc<VecModel<RadioOption>>,
    roles: Rc<VecModel<RoleLine>>,
    rights: Rc<VecModel<RightLine>>,
}

impl OperatorsRoom {
    /// Connects the callbacks and the lists.
    pub(crate) fn wire(&self, ui: &Rc<Ui>, window: &AppWindow) {
        let global = window.global::<Operators>();
        global.set_rows(ModelRc::from(self.rows.clone()));
        global.set_roles(ModelRc::from(self.choices.clone()));
        on!(ui, global.on_choose, |shell, index| operators::choose(shell, place(index)));
        on!(ui, global.on_retry, |shell| operators::load(shell));
        on!(ui, global.on_open, |shell, dialog| operators::open(shell, dialog));
        on!(ui, global.on_enable, |shell| operators::enable(shell));
        on!(ui, global.on_edited, |shell, field, text| operators::edited(shell, field, &text));
        on!(ui, global.on_choose_role, |shell, index| operators::choose_role(shell, place(index)));
        on!(ui, global.on_confirm, |shell| operators::confirm(shell));
        on!(ui, global.on_cancel, |shell| operators::cancel(shell));
        on!(ui, global.on_dismiss_said, |shell| operators::dismiss_said(shell));
        let global = window.global::<Roles>();
        global.set_rows(ModelRc::from(self.roles.clone()));
        global.set_rights(ModelRc::from(self.rights.clone()));
        on!(ui, global.on_choose, |shell, index| roles::choose(shell, place(index)));
        on!(ui, global.on_add, |shell| roles::add(shell));
        on!(ui, global.on_edited, |shell, text| roles::edited(shell, &text));
        on!(ui, global.on_toggled, |shell, index, on| roles::toggled(shell, place(index), on));
        on!(ui, global.on_save, |shell| roles::save(shell));
        on!(ui, global.on_discard, |shell| roles::discard(shell));
        on!(ui, global.on_ask_removal, |shell| roles::ask_removal(shell));
        on!(ui, global.on_remove, |shell| roles::remove(shell));
        on!(ui, global.on_keep, |shell| roles::keep(shell));
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
        let (choices, chosen) = operators::choices(shell);
        sync(&self.choices, choices);
        global.set_role(chosen);
        global.set_state(view.state);
        global.set_error(view.error.into());
        global.set_next(view.next.into());
        global.set_chosen(view.chosen);
        global.set_person(view.person);
        global.set_dialog(form.dialog);
        global.set_busy(form.busy);
        global.set_name(form.name.as_str().into());
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
        if form.dialog == PeopleDialog::Roles {
            self.flush_roles(shell, window);
        }
    }

    fn flush_roles(&self, shell: &Shell, window: &AppWindow) {
        let (global, view) = (window.global::<Roles>(), roles::view(shell));
        sync(&self.roles, view.rows);
        sync(&self.rights, view.rights);
        global.set_chosen(view.chosen);
        global.set_name(view.name.into());
        global.set_name_fault(view.name_fault);
        global.set_named(view.named);
        global.set_manager(view.manager);
        global.set_missing(view.missing);
        global.set_newer(view.newer);
        global.set_dirty(view.dirty);
        global.set_busy(view.busy);
        global.set_stays(view.stays);
        global.set_resets(view.resets);
        global.set_asking(view.asking);
        global.set_refused(view.refused.into());
        global.set_attempt(view.attempt);
    }
}
