//! Binds the wizard of a register that joins a shop to its presenter.

use crate::markup::{AppWindow, JoinField, Screen, WizardJoin};
use crate::presenter::status;
use crate::presenter::wizard::{Work, join};
use crate::shell::Shell;
use crate::ui::{Ui, on};
use slint::ComponentHandle;
use std::rc::Rc;

/// There are no lists on it.
#[derive(Default)]
pub(crate) struct JoinRoom {}

impl JoinRoom {
    /// Connects the callbacks.
    pub(crate) fn wire(&self, ui: &Rc<Ui>, window: &AppWindow) {
        let global = window.global::<WizardJoin>();
        on!(ui, global.on_edited, |shell, field, text| join::edited(shell, field, &text));
        on!(ui, global.on_choose_file, |shell| join::choose_file(shell));
        on!(ui, global.on_forget_file, |shell| join::forget_file(shell));
        on!(ui, global.on_test, |shell| join::test(shell));
        on!(ui, global.on_stop_test, |shell| join::stop(shell));
    }

    /// Shows the state. Called after everything that happened; setting what is equal costs nothing.
    pub(crate) fn flush(&self, shell: &Shell, window: &AppWindow) {
        let global = window.global::<WizardJoin>();
        if shell.screen != Screen::Wizard {
            // A key to the shop is not kept in the window either.
            global.set_code("".into());
            return;
        }
        let state = &shell.wizard.join;
        global.set_address(state.address.as_str().into());
        global.set_port(state.port.as_str().into());
        global.set_database(state.database.as_str().into());
        global.set_code(state.code.as_str().into());
        global.set_name(state.name.as_str().into());
        let file = state.file.as_ref().and_then(|file| file.file_name());
        global.set_file_name(file.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default().into());
        global.set_address_fault(state.fault(JoinField::Address));
        global.set_port_fault(state.fault(JoinField::Port));
        global.set_database_fault(state.fault(JoinField::Database));
        global.set_code_fault(state.fault(JoinField::Code));
        global.set_attempt(state.attempt);
        global.set_connection(state.connection.shown());
        global.set_stage(state.stage());
        taking(shell, &global);
    }
}

/// How much of the shop is here.
fn taking(shell: &Shell, global: &WizardJoin<'_>) {
    let taking = shell.wizard.join.taking();
    let words = |(here, of): (u64, Option<u64>)| match of {
        Some(of) => format!("{here} / {}", of.max(here)),
        None if here == 0 => String::new(),
        None => here.to_string(),
    };
    global.set_products(words(taking.products).into());
    global.set_operators(words(taking.operators).into());
    global.set_sales(words(taking.sales).into());
    let pairing = match &shell.wizard.work {
        Work::Running { progress, .. } if progress.total > 0 => progress.share(),
        _ => -1.0,
    };
    global.set_progress(if taking.products == (0, None) { pairing } else { taking.share() });
    let (sentence, next) = taking.trouble.as_ref().map(|trouble| status::told(shell, trouble)).unwrap_or_default();
    global.set_trouble(sentence.into());
    global.set_trouble_next(next.into());
}
