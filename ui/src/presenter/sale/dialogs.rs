//! The dialogs of the sale: the discount on the ticket, notes; which one is shown.

use super::basket;
use super::figures::Figures;
use crate::markup::SaleDialog;
use crate::shell::Shell;
use aurapos_domain::money::Money;
use aurapos_domain::people::Permission;
use aurapos_domain::pricing::Discount;
use aurapos_engine::Command;

/// The dialog that is shown.
#[derive(Debug, Default)]
pub(crate) struct Dialogs {
    pub(crate) shown: SaleDialog,
    /// The discount is an amount, otherwise a percentage.
    pub(crate) amount: bool,
    pub(crate) figures: Figures,
}

/// Opens a dialog, where it has a meaning.
pub fn open(shell: &mut Shell, dialog: SaleDialog) {
    let lines = shell.sale.ticket.as_ref().is_some_and(|ticket| !ticket.lines.is_empty());
    let possible = match dialog {
        SaleDialog::None | SaleDialog::Categories => true,
        SaleDialog::Weigh => !shell.sale.scale.waiting.is_empty(),
        SaleDialog::Discount => lines && shell.may(Permission::Discount),
        SaleDialog::LineNote => basket::view_selected(shell).is_some(),
        SaleDialog::TicketNote => lines,
        SaleDialog::Clear => lines && shell.may(Permission::VoidLine),
    };
    if possible {
        shell.sale.dialogs = Dialogs { shown: dialog, ..Dialogs::default() };
    }
}

/// Closes the dialog; a product that is not weighed is left out. The next one to weigh comes.
pub fn close(shell: &mut Shell) {
    if shell.sale.dialogs.shown == SaleDialog::Weigh {
        shell.sale.scale.waiting.pop_front();
        shell.sale.scale.figures.clear();
    }
    resume(shell);
}

/// Nothing but what waits to be weighed.
pub(crate) fn resume(shell: &mut Shell) {
    let waiting = !shell.sale.scale.waiting.is_empty();
    let shown = if waiting { SaleDialog::Weigh } else { SaleDialog::None };
    shell.sale.dialogs = Dialogs { shown, ..Dialogs::default() };
}

/// Sets the note that is being written.
pub fn set_note(shell: &mut Shell, text: &str) {
    let line = match shell.sale.dialogs.shown {
        SaleDialog::LineNote => basket::view_selected(shell).map(|line| line.number),
        SaleDialog::TicketNote => None,
        _ => return,
    };
    close(shell);
    basket::change(shell, Command::Note { line, text: text.trim().to_owned() });
}

/// The note as it is.
pub fn note(shell: &Shell) -> &str {
    match shell.sale.dialogs.shown {
        SaleDialog::LineNote => basket::view_selected(shell).map_or("", |line| &line.note),
        _ => shell.sale.ticket.as_ref().map_or("", |ticket| &ticket.note),
    }
}

/// Percent or amount.
pub fn discount_kind(shell: &mut Shell, amount: bool) {
    shell.sale.dialogs.amount = amount;
    shell.sale.dialogs.figures.clear();
}

/// A key of the pad.
pub fn discount_key(shell: &mut Shell, key: &str) {
    let decimals = if shell.sale.dialogs.amount { shell.currency().digits() } else { 2 };
    shell.sale.dialogs.figures.key(key, decimals);
}

/// The discount that is typed, when the ticket allows it.
pub(crate) fn discount(shell: &Shell) -> Option<Discount> {
    let figures = &shell.sale.dialogs.figures;
    let discount = match shell.sale.dialogs.amount {
        true => Discount::Amount(figures.money(shell.currency()).filter(|amount| amount.is_positive())?),
        false => Discount::Percent(figures.percent().filter(|rate| *rate > 0)?),
    };
    let subtotal = shell.sale.ticket.as_ref()?.subtotal;
    discount.of(subtotal).ok().map(|_| discount)
}

/// What the ticket would come to, before VAT that is not in the prices.
pub(crate) fn after_discount(shell: &Shell) -> Option<Money> {
    let subtotal = shell.sale.ticket.as_ref()?.subtotal;
    let off = discount(shell).and_then(|discount| discount.of(subtotal).ok());
    off.map_or(Some(subtotal), |off| subtotal.checked_sub(off).ok())
}

/// Gives the discount that is typed.
pub fn discount_done(shell: &mut Shell) {
    if let Some(discount) = discount(shell) {
        give_discount(shell, Some(discount));
    }
}

/// One of the discounts that have a key.
pub fn discount_preset(shell: &mut Shell, percent: i32) {
    give_discount(shell, Some(Discount::Percent(i64::from(percent) * 100)));
}

/// Takes the discount off.
pub fn discount_none(shell: &mut Shell) {
    give_discount(shell, None);
}

fn give_discount(shell: &mut Shell, discount: Option<Discount>) {
    close(shell);
    basket::change(shell, Command::DiscountTicket { discount });
}
