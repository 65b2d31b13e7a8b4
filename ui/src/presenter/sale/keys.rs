//! The keys of the sale: those that no control wanted, and the function keys.

use super::{basket, dialogs, editor, grid, search, undo, unknown, weigh};
use crate::markup::{LineMode, SaleDialog, SaleGrid, Screen};
use crate::presenter::keys::KeyPress;
use crate::shell::Shell;
use slint::platform::Key;

/// A function key that works on every screen. True: taken.
pub fn function_key(shell: &mut Shell, key: &KeyPress) -> bool {
    if key.is(Key::F2) && shell.screen != Screen::Payment {
        if !is_free(shell) && shell.screen == Screen::Sale {
            return true;
        }
        if shell.screen != Screen::Sale {
            shell.go_home(Screen::Sale);
        }
        search::focus(shell);
        return true;
    }
    let sells = [Key::F8, Key::F9, Key::F10].into_iter().any(|named| key.is(named));
    if shell.screen != Screen::Sale || !sells {
        return false;
    }
    // A dialog or a form wants an answer first.
    if is_free(shell) {
        // What is typed for a line counts before it is paid.
        editor::apply(shell);
        if key.is(Key::F8) {
            dialogs::open(shell, SaleDialog::Discount);
        } else if key.is(Key::F9) {
            basket::pay(shell);
        } else {
            basket::exact_cash(shell);
        }
    }
    true
}

/// No dialog and no form is open.
fn is_free(shell: &Shell) -> bool {
    shell.sale.dialogs.shown == SaleDialog::None && shell.sale.unknown.form.is_none()
}

/// A key that no control wanted. True: taken.
pub fn key(shell: &mut Shell, key: &KeyPress) -> bool {
    if key.control && !key.alt && matches!(key.text.as_str(), "z" | "Z") {
        if is_free(shell) {
            undo::undo(shell);
        }
        return true;
    }
    if key.control || key.alt {
        return false;
    }
    match shell.sale.dialogs.shown {
        SaleDialog::None => {}
        SaleDialog::Weigh => return key.pad().map(|pad| weigh::key(shell, pad)).is_some(),
        SaleDialog::Discount => return key.pad().map(|pad| dialogs::discount_key(shell, pad)).is_some(),
        _ => return false,
    }
    if key.is(Key::Escape) {
        return !key.repeat && escape(shell);
    }
    if shell.sale.unknown.form.is_some() {
        return false;
    }
    if key.is(Key::PageDown) {
        grid::next_page(shell);
        return true;
    }
    if key.is(Key::PageUp) {
        grid::previous_page(shell);
        return true;
    }
    line_key(shell, key)
}

/// Leaves what is innermost.
fn escape(shell: &mut Shell) -> bool {
    if shell.sale.editor.open {
        editor::close(shell);
    } else if shell.sale.unknown.form.is_some() {
        unknown::cancel(shell);
    } else if shell.sale.search.is_shown() {
        search::leave(shell);
    } else if super::view::grid(shell) == SaleGrid::Unknown {
        unknown::skip(shell);
    } else {
        return false;
    }
    true
}

/// Keys of the selected line.
fn line_key(shell: &mut Shell, key: &KeyPress) -> bool {
    if key.is(Key::UpArrow) {
        basket::select_next(shell, false);
    } else if key.is(Key::DownArrow) {
        basket::select_next(shell, true);
    } else if basket::view_selected(shell).is_none() {
        return false;
    } else if key.text == "+" && !shell.sale.editor.is_typing() {
        basket::step(shell, 1);
    } else if matches!(key.text.as_str(), "-" | "\u{2212}") && !shell.sale.editor.is_typing() {
        basket::step(shell, -1);
    } else if key.text == "%" && shell.sale.editor.open {
        let figures = std::mem::take(&mut shell.sale.editor.figures);
        editor::set_mode(shell, LineMode::Discount);
        shell.sale.editor.figures = figures;
    } else if key.is(Key::Delete) && !key.repeat {
        editor::remove(shell);
    } else if key.is(Key::Return) && shell.sale.editor.open && !key.repeat {
        if shell.sale.editor.is_typing() { editor::apply(shell) } else { editor::close(shell) }
    } else if let Some(pad) = key.pad() {
        if !shell.sale.editor.open && pad == "back" {
            return false;
        }
        editor::key(shell, pad);
    } else {
        return false;
    }
    true
}
