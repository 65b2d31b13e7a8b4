//! Binds the pages "registers" and "to look at" of the settings to their presenters.

use crate::host::RegisterRole;
use crate::markup::{
    AppWindow, FindingLine, Findings, RegisterLine, RegisterRole as Role, RegistersPage, Screen, SettingsPage,
};
use crate::models::sync;
use crate::presenter::settings::{findings, registers as page, storage};
use crate::presenter::status;
use crate::shell::Shell;
use crate::ui::{Ui, on};
use crate::wiring::sign_in::place;
use slint::{ComponentHandle, ModelRc, VecModel};
use std::rc::Rc;

/// The lists of both.
#[derive(Default)]
pub(crate) struct RegistersRoom {
    lines: Rc<VecModel<RegisterLine>>,
    findings: Rc<VecModel<FindingLine>>,
}

impl RegistersRoom {
    /// Connects the callbacks and the lists.
    pub(crate) fn wire(&self, ui: &Rc<Ui>, window: &AppWindow) {
        let global = window.global::<RegistersPage>();
        global.set_lines(ModelRc::from(self.lines.clone()));
        on!(ui, global.on_look, |shell| page::look(shell));
        on!(ui, global.on_rename, |shell, at| page::rename(shell, place(at)));
        on!(ui, global.on_lock_out, |shell, at| page::lock_out(shell, place(at)));
        on!(ui, global.on_let_in, |shell, at| page::let_in(shell, place(at)));
        on!(ui, global.on_add, |shell| page::add(shell));
        on!(ui, global.on_name_typed, |shell, text| page::name_typed(shell, &text));
        on!(ui, global.on_confirm, |shell| page::confirm(shell));
        on!(ui, global.on_file_typed, |shell, text| page::file_typed(shell, &text));
        on!(ui, global.on_save_file, |shell| page::save_file(shell));
        on!(ui, global.on_close, |shell| page::close(shell));
        let global = window.global::<Findings>();
        global.set_lines(ModelRc::from(self.findings.clone()));
        on!(ui, global.on_reload, |shell| findings::load(shell));
        on!(ui, global.on_tick_off, |shell, at| findings::tick_off(shell, place(at)));
    }

    /// Shows the state of the one that is on the screen.
    pub(crate) fn flush(&self, shell: &Shell, window: &AppWindow) {
        let page = (shell.screen == Screen::Settings).then_some(shell.settings.page);
        if page == Some(SettingsPage::Registers) {
            self.registers(shell, &window.global::<RegistersPage>());
        } else {
            // A code that was shown is not kept in the window.
            window.global::<RegistersPage>().set_pairing_code("".into());
        }
        if page == Some(SettingsPage::Findings) {
            let global = window.global::<Findings>();
            global.set_state(shell.settings.findings.state());
            global.set_error(findings::error(shell).into());
            sync(&self.findings, findings::lines(shell));
        }
    }

    fn registers(&self, shell: &Shell, global: &RegistersPage<'_>) {
        let state = &shell.settings.registers;
        let view = state.view();
        global.set_state(state.state());
        global.set_error(page::error(shell).into());
        global.set_role(match view.role {
            RegisterRole::Single => Role::Single,
            RegisterRole::Master => Role::Master,
            RegisterRole::Slave => Role::Slave,
        });
        global.set_code(view.code.as_str().into());
        global.set_name(view.name.as_str().into());
        global.set_place(view.place.as_str().into());
        let (last, kept) = status::brought(shell);
        global.set_last(storage::moment(shell, last).into());
        global.set_kept(kept);
        global.set_server(status::server(shell).into());
        let (trouble, next) = page::list_trouble(shell);
        global.set_list_trouble(trouble.into());
        global.set_list_next(next.into());
        sync(&self.lines, page::lines(shell));
        global.set_allowed(view.allowed);
        global.set_line(view.line.as_str().into());
        global.set_dialog(state.dialog);
        global.set_busy(state.busy);
        global.set_chosen(page::chosen_line(shell));
        global.set_typed_name(state.typed_name.as_str().into());
        let (failed, next) = page::failed(shell);
        global.set_failed(failed.into());
        global.set_failed_next(next.into());
        self.pairing(shell, global);
    }

    fn pairing(&self, shell: &Shell, global: &RegistersPage<'_>) {
        let state = &shell.settings.registers;
        let pairing = state.pairing();
        global.set_pairing_code(pairing.code.as_str().into());
        global.set_pairing_register(pairing.register.as_str().into());
        global.set_pairing_address(pairing.addresses.join(", ").into());
        global.set_pairing_port(pairing.port.to_string().into());
        global.set_pairing_until(storage::moment(shell, pairing.until).into());
        global.set_pairing_alone(pairing.alone);
        global.set_file(state.file.as_str().into());
        global.set_saved(state.saved.as_str().into());
    }
}
