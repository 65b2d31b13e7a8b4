//! Binds the screen "open drawer" to its presenter.

use crate::markup::{AppWindow, Denomination, OpenDrawer, Screen};
use crate::models::sync;
use crate::presenter::{open_drawer, sign_in};
use crate::shell::Shell;
use crate::ui::{Ui, on};
use slint::{ComponentHandle, ModelRc, VecModel};
use std::rc::Rc;

/// The lists of the screen.
#[derive(Default)]
pub(crate) struct OpenDrawerRoom {
    notes: Rc<VecModel<Denomination>>,
    coins: Rc<VecModel<Denomination>>,
}

impl OpenDrawerRoom {
    /// Connects the callbacks and the lists.
    pub(crate) fn wire(&self, ui: &Rc<Ui>, window: &AppWindow) {
        let global = window.global::<OpenDrawer>();
        global.set_notes(ModelRc::from(self.notes.clone()));
        global.set_coins(ModelRc::from(self.coins.clone()));
        let place = |place: i32| usize::try_from(place).unwrap_or(usize::MAX);
        on!(ui, global.on_by_total_chosen, |shell, by_total| open_drawer::by_total(shell, by_total));
        on!(ui, global.on_select, |shell, row| open_drawer::select(shell, place(row)));
        on!(ui, global.on_more, |shell, row| open_drawer::add(shell, place(row), 1));
        on!(ui, global.on_less, |shell, row| open_drawer::add(shell, place(row), -1));
        on!(ui, global.on_key, |shell, key| open_drawer::pad(shell, &key));
        on!(ui, global.on_open, |shell| open_drawer::open(shell));
        on!(ui, global.on_clear, |shell| open_drawer::clear(shell));
        on!(ui, global.on_sign_out, |shell| sign_in::sign_out(shell));
    }

    /// Shows the state. Called after everything that happened; setting what is equal costs nothing.
    pub(crate) fn flush(&self, shell: &Shell, window: &AppWindow) {
        if shell.screen != Screen::OpenDrawer {
            return;
        }
        let view = open_drawer::view(shell);
        let global = window.global::<OpenDrawer>();
        global.set_allowed(view.allowed);
        sync(&self.notes, view.notes);
        sync(&self.coins, view.coins);
        global.set_countable(view.countable);
        global.set_by_total(view.by_total);
        global.set_total(view.total.into());
        global.set_decimal(view.decimal.into());
        global.set_busy(view.busy);
        global.set_trouble(view.trouble.into());
    }
}
