//! Binds the screen "orders" to its presenter.

use crate::markup::{AppWindow, OrderRow, Orders, PaidBy, PayLine, ReceiptLine, Screen};
use crate::models::sync;
use crate::presenter::orders;
use crate::shell::Shell;
use crate::ui::{Ui, on};
use aurapos_domain::people::Permission;
use slint::{ComponentHandle, ModelRc, SharedString, VecModel};
use std::rc::Rc;

/// The lists of the screen.
#[derive(Default)]
pub(crate) struct OrdersRoom {
    rows: Rc<VecModel<OrderRow>>,
    lines: Rc<VecModel<PayLine>>,
    tenders: Rc<VecModel<PaidBy>>,
    receipt: Rc<VecModel<ReceiptLine>>,
    registers: Rc<VecModel<SharedString>>,
    choices: Rc<VecModel<SharedString>>,
}

impl OrdersRoom {
    /// Connects the callbacks and the lists.
    pub(crate) fn wire(&self, ui: &Rc<Ui>, window: &AppWindow) {
        let global = window.global::<Orders>();
        global.set_rows(ModelRc::from(self.rows.clone()));
        global.set_lines(ModelRc::from(self.lines.clone()));
        global.set_tenders(ModelRc::from(self.tenders.clone()));
        global.set_receipt(ModelRc::from(self.receipt.clone()));
        global.set_registers(ModelRc::from(self.registers.clone()));
        global.set_choices(ModelRc::from(self.choices.clone()));
        on!(ui, global.on_search_edited, |shell, text| orders::search(shell, &text));
        on!(ui, global.on_choose_range, |shell, range| orders::choose_range(shell, range));
        on!(ui, global.on_choose_register, |shell, place| {
            orders::choose_register(shell, usize::try_from(place).unwrap_or_default())
        });
        on!(ui, global.on_choose, |shell, row| orders::choose(shell, usize::try_from(row).unwrap_or(usize::MAX)));
        on!(ui, global.on_load_more, |shell| orders::load_more(shell));
        on!(ui, global.on_reload, |shell| orders::load(shell));
        on!(ui, global.on_reprint, |shell| orders::reprint(shell));
    }

    /// Shows the state. Called after everything that happened; setting what is equal costs nothing.
    pub(crate) fn flush(&self, shell: &Shell, window: &AppWindow) {
        if shell.screen != Screen::Orders {
            return;
        }
        let global = window.global::<Orders>();
        let (state, detail_state) = orders::states(shell);
        let (search, range) = orders::asked(shell);
        sync(&self.rows, orders::rows(shell));
        global.set_state(state);
        global.set_search(search.into());
        global.set_range(range);
        let (registers, register) = orders::registers(shell);
        let codes: Vec<SharedString> = registers.iter().map(SharedString::from).collect();
        let all = std::iter::once(global.get_all_registers());
        sync(&self.choices, all.chain(codes.iter().cloned()).collect());
        sync(&self.registers, codes);
        global.set_register(i32::try_from(register).unwrap_or_default());
        global.set_more(orders::has_more(shell));
        global.set_busy(orders::is_busy(shell));
        global.set_selected(orders::selected(shell).and_then(|row| i32::try_from(row).ok()).unwrap_or(-1));
        let detail = orders::detail(shell);
        global.set_detail(detail.head);
        sync(&self.lines, detail.lines);
        sync(&self.tenders, detail.tenders);
        sync(&self.receipt, detail.receipt);
        global.set_duplicate(detail.duplicate);
        global.set_detail_state(detail_state);
        global.set_may_reprint(shell.may(Permission::Reprint));
        global.set_prints(shell.facts.as_ref().is_some_and(|facts| facts.prints));
        let (printing, printed) = orders::printing(shell);
        global.set_printing(printing);
        global.set_printed(printed);
    }
}
