//! Binds the screen "done" to its presenter.

use crate::markup::{AppWindow, Done, PaidBy, ReceiptLine, Screen};
use crate::models::sync;
use crate::presenter::done;
use crate::shell::Shell;
use crate::ui::{Ui, on};
use slint::{ComponentHandle, ModelRc, VecModel};
use std::rc::Rc;

/// The lists of the screen.
#[derive(Default)]
pub(crate) struct DoneRoom {
    tenders: Rc<VecModel<PaidBy>>,
    receipt: Rc<VecModel<ReceiptLine>>,
}

impl DoneRoom {
    /// Connects the callbacks and the lists.
    pub(crate) fn wire(&self, ui: &Rc<Ui>, window: &AppWindow) {
        let global = window.global::<Done>();
        global.set_tenders(ModelRc::from(self.tenders.clone()));
        global.set_receipt(ModelRc::from(self.receipt.clone()));
        on!(ui, global.on_new_sale, |shell| done::new_sale(shell));
        on!(ui, global.on_reprint, |shell| done::reprint(shell));
    }

    /// Shows the state. Called after everything that happened; setting what is equal costs nothing.
    pub(crate) fn flush(&self, shell: &Shell, window: &AppWindow) {
        if shell.screen != Screen::Done {
            return;
        }
        let view = done::view(shell);
        let global = window.global::<Done>();
        global.set_number(view.number.into());
        global.set_refund(view.refund);
        global.set_total(view.total.into());
        global.set_rounding(view.rounding.into());
        global.set_paid(view.paid.into());
        sync(&self.tenders, view.tenders);
        global.set_change(view.change.into());
        sync(&self.receipt, view.receipt);
        global.set_receipt_failed(view.receipt_failed);
        global.set_prints(view.prints);
        global.set_printing(view.printing);
    }
}
