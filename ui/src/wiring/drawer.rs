//! Binds the screen "drawer" to its presenter.

use crate::markup::{AppWindow, Drawer, DrawerMoveRow, PaidBy, Screen};
use crate::models::sync;
use crate::presenter::drawer;
use crate::shell::Shell;
use crate::ui::{Ui, on};
use slint::{ComponentHandle, ModelRc, VecModel};
use std::rc::Rc;

/// The lists of the screen.
#[derive(Default)]
pub(crate) struct DrawerRoom {
    others: Rc<VecModel<PaidBy>>,
    moves: Rc<VecModel<DrawerMoveRow>>,
}

impl DrawerRoom {
    /// Connects the callbacks and the lists.
    pub(crate) fn wire(&self, ui: &Rc<Ui>, window: &AppWindow) {
        let global = window.global::<Drawer>();
        global.set_others(ModelRc::from(self.others.clone()));
        global.set_moves(ModelRc::from(self.moves.clone()));
        on!(ui, global.on_open, |shell| drawer::open(shell));
        on!(ui, global.on_reload, |shell| drawer::load(shell));
        on!(ui, global.on_load_more, |shell| drawer::load_more(shell));
        on!(ui, global.on_ask, |shell, dialog| drawer::ask(shell, dialog));
        on!(ui, global.on_reason_edited, |shell, text| drawer::reason(shell, &text));
        on!(ui, global.on_key, |shell, key| drawer::pad(shell, &key));
        on!(ui, global.on_confirm, |shell| drawer::confirm(shell));
        on!(ui, global.on_dismiss, |shell| drawer::dismiss(shell));
    }

    /// Shows the state. Called after everything that happened; setting what is equal costs nothing.
    pub(crate) fn flush(&self, shell: &Shell, window: &AppWindow) {
        if shell.screen != Screen::Drawer {
            return;
        }
        let view = drawer::view(shell);
        let global = window.global::<Drawer>();
        global.set_state(view.state);
        global.set_number(view.number.into());
        global.set_opened_at(view.opened_at.into());
        global.set_opened_by(view.opened_by.into());
        global.set_float(view.float.into());
        global.set_cash_sales(view.cash_sales.into());
        global.set_cash_in(view.cash_in.into());
        global.set_cash_out(view.cash_out.into());
        global.set_blind(view.blind);
        global.set_expected(view.expected.into());
        sync(&self.others, view.others);
        sync(&self.moves, view.moves);
        global.set_more(view.more);
        global.set_may_open(view.may_open);
        global.set_may_move(view.may_move);
        global.set_may_no_sale(view.may_no_sale);
        global.set_reason(view.reason.into());
        global.set_typed(view.typed.into());
        global.set_currency(view.currency.into());
        global.set_decimal(view.decimal.into());
        global.set_fault(view.fault);
        global.set_trouble(view.trouble.into());
        global.set_busy(view.busy);
        global.set_dialog(view.dialog);
    }
}
