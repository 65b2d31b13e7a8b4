//! The keypad of the selected line: quantity, discount, price.

use super::figures::Figures;
use super::{basket, undo};
use crate::markup::LineMode;
use crate::shell::Shell;
use aurapos_domain::catalog::Unit;
use aurapos_domain::people::Permission;
use aurapos_domain::pricing::Discount;
use aurapos_engine::Command;
use aurapos_engine::view::TicketLine;

/// The keypad.
#[derive(Debug, Default)]
pub(crate) struct Editor {
    pub(crate) open: bool,
    pub(crate) mode: LineMode,
    pub(crate) figures: Figures,
}

impl Editor {
    /// Something is typed and not yet applied.
    pub(crate) fn is_typing(&self) -> bool {
        self.open && !self.figures.is_empty()
    }

    /// Another line is selected: what was typed for the last one is dropped.
    pub(crate) fn retarget(&mut self) {
        self.figures.clear();
        self.mode = LineMode::Quantity;
    }
}

/// Opens it for the selected line.
pub(crate) fn open(shell: &mut Shell) {
    shell.sale.editor = Editor { open: true, ..Editor::default() };
}

/// Closes it; what was typed is dropped.
pub fn close(shell: &mut Shell) {
    shell.sale.editor = Editor::default();
}

/// What the keypad sets.
pub fn set_mode(shell: &mut Shell, mode: LineMode) {
    shell.sale.editor.mode = mode;
    shell.sale.editor.figures.clear();
}

/// Decimals of what is typed for a line.
pub(crate) fn decimals(shell: &Shell, line: &TicketLine) -> u8 {
    match (shell.sale.editor.mode, line.unit) {
        (LineMode::Quantity, Unit::Piece) => 0,
        (LineMode::Quantity, Unit::Kilogram | Unit::Newer(_)) => 3,
        (LineMode::Discount, _) => 2,
        (LineMode::Price, _) => shell.currency().digits(),
    }
}

/// A key of the pad. The first digit opens it.
pub fn key(shell: &mut Shell, key: &str) {
    let Some(line) = basket::view_selected(shell) else { return };
    let decimals = decimals(shell, line);
    if !shell.sale.editor.open {
        open(shell);
    }
    shell.sale.editor.figures.key(key, decimals);
}

/// The command that what is typed means.
pub(crate) fn command(shell: &Shell) -> Option<Command> {
    let line = basket::view_selected(shell)?;
    let figures = &shell.sale.editor.figures;
    let number = line.number;
    match shell.sale.editor.mode {
        LineMode::Quantity if line.fixed => None,
        LineMode::Quantity => figures.quantity().map(|quantity| Command::SetQuantity { line: number, quantity }),
        LineMode::Price if line.fixed || !shell.may(Permission::PriceOverride) => None,
        LineMode::Price => figures.money(shell.currency()).map(|price| Command::OverridePrice { line: number, price }),
        LineMode::Discount if !shell.may(Permission::Discount) => None,
        LineMode::Discount => {
            let discount = figures.percent()?;
            let discount = (discount > 0).then_some(Discount::Percent(discount));
            Some(Command::DiscountLine { line: number, discount })
        }
    }
}

/// Does what is typed.
pub fn apply(shell: &mut Shell) {
    let Some(command) = command(shell) else { return };
    close(shell);
    match command {
        // Nothing of a line: it goes, and can be put back.
        Command::SetQuantity { line, quantity } if quantity.is_zero() => undo::remove(shell, line),
        command => basket::change(shell, command),
    }
}

/// One of the discounts that have a key.
pub fn preset(shell: &mut Shell, percent: i32) {
    let Some(line) = basket::view_selected(shell).map(|line| line.number) else { return };
    close(shell);
    let discount = Some(Discount::Percent(i64::from(percent) * 100));
    basket::change(shell, Command::DiscountLine { line, discount });
}

/// Takes the discount off, or goes back to the price of the catalog.
pub fn reset(shell: &mut Shell) {
    let Some(line) = basket::view_selected(shell) else { return };
    let (number, price) = (line.number, line.list_price);
    let command = match shell.sale.editor.mode {
        LineMode::Discount => Command::DiscountLine { line: number, discount: None },
        LineMode::Price => Command::OverridePrice { line: number, price },
        LineMode::Quantity => return,
    };
    close(shell);
    basket::change(shell, command);
}

/// Takes the selected line away.
pub fn remove(shell: &mut Shell) {
    let Some(line) = basket::view_selected(shell).map(|line| line.number) else { return };
    close(shell);
    undo::remove(shell, line);
}
