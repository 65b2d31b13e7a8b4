//! Binds the screen "payment" to its presenter.

use crate::markup::{AppWindow, GivenTender, NoteTile, PayLine, Payment, Screen, TenderTile};
use crate::models::sync;
use crate::presenter::payment;
use crate::shell::Shell;
use crate::ui::{Ui, on};
use slint::{ComponentHandle, ModelRc, VecModel};
use std::rc::Rc;

/// The lists of the screen.
#[derive(Default)]
pub(crate) struct PaymentRoom {
    lines: Rc<VecModel<PayLine>>,
    given: Rc<VecModel<GivenTender>>,
    tenders: Rc<VecModel<TenderTile>>,
    notes: Rc<VecModel<NoteTile>>,
}

impl PaymentRoom {
    /// Connects the callbacks and the lists.
    pub(crate) fn wire(&self, ui: &Rc<Ui>, window: &AppWindow) {
        let global = window.global::<Payment>();
        global.set_lines(ModelRc::from(self.lines.clone()));
        global.set_given(ModelRc::from(self.given.clone()));
        global.set_tenders(ModelRc::from(self.tenders.clone()));
        global.set_notes(ModelRc::from(self.notes.clone()));
        on!(ui, global.on_choose, |shell, index| payment::choose(shell, usize::try_from(index).unwrap_or(usize::MAX)));
        on!(ui, global.on_key, |shell, key| payment::pad(shell, &key));
        on!(ui, global.on_take, |shell| payment::take(shell));
        on!(ui, global.on_exact, |shell| payment::exact(shell));
        on!(ui, global.on_note, |shell, index| payment::note(shell, usize::try_from(index).unwrap_or(usize::MAX)));
        on!(ui, global.on_retry, |shell| payment::retry(shell));
        on!(ui, global.on_cancel, |shell| payment::cancel(shell));
        on!(ui, global.on_back, |shell| payment::back(shell));
        on!(ui, global.on_give_back, |shell| payment::give_back(shell));
        on!(ui, global.on_give_back_confirmed, |shell| payment::hand_back(shell));
        on!(ui, global.on_give_back_dismissed, |shell| payment::keep(shell));
    }

    /// Shows the state. Called after everything that happened; setting what is equal costs nothing.
    pub(crate) fn flush(&self, shell: &Shell, window: &AppWindow) {
        if shell.screen != Screen::Payment {
            return;
        }
        let view = payment::view(shell);
        let global = window.global::<Payment>();
        global.set_state(view.state);
        sync(&self.lines, view.lines);
        global.set_items(view.items);
        global.set_subtotal(view.subtotal.into());
        global.set_discount(view.discount.into());
        global.set_vat_names(view.vat_names.into());
        global.set_vat_amounts(view.vat_amounts.into());
        global.set_total(view.total.into());
        global.set_due(view.due.into());
        global.set_due_cash(view.due_cash.into());
        global.set_rounding(view.rounding.into());
        sync(&self.given, view.given);
        global.set_handed_over(view.handed_over.into());
        global.set_payable(view.payable);
        sync(&self.tenders, view.tenders);
        global.set_cash(view.cash);
        sync(&self.notes, view.notes);
        global.set_typed(view.typed.into());
        global.set_typed_amount(view.typed_amount.into());
        global.set_change(view.change.into());
        global.set_missing(view.missing.into());
        global.set_decimal(view.decimal.into());
        global.set_trouble(view.trouble.into());
        global.set_trouble_next(view.trouble_next.into());
        global.set_waiting(view.waiting);
        global.set_progress(view.progress.into());
        global.set_cancellable(view.cancellable);
        global.set_cancelling(view.cancelling);
        global.set_asking_back(view.asking_back);
    }
}
