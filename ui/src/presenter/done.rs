//! The sale is on disk: the change to hand back, the receipt, and the way to the next sale.

pub mod receipt;

use crate::host::Topic;
use crate::markup::{PaidBy, ReceiptLine, Screen};
use crate::presenter::keys::KeyPress;
use crate::presenter::payment::{money, signed};
use crate::shell::Shell;
use aurapos_domain::receipt::ReceiptCopy;
use aurapos_domain::sale::SaleKind;
use aurapos_engine::{Command, view};
use aurapos_locale::names;
use slint::platform::Key;

/// State of the screen.
#[derive(Debug, Default)]
pub struct Done {
    sale: Option<view::Sale>,
    receipt: Vec<ReceiptLine>,
    receipt_failed: bool,
    printing: bool,
}

/// Shows a sale that was just committed.
pub fn show(shell: &mut Shell, sale: view::Sale) {
    shell.done = Done { sale: Some(sale.clone()), ..Done::default() };
    let id = sale.id();
    shell.read(
        Topic::Other,
        move |reading| receipt::read(reading, &sale, ReceiptCopy::Original),
        move |shell, result| {
            // The next sale may have been faster.
            if shell.done.sale.as_ref().is_none_or(|shown| shown.id() != id) {
                return;
            }
            match result {
                Ok(rows) => shell.done.receipt = receipt::lines(&rows),
                Err(error) => {
                    tracing::warn!(code = error.code, "the receipt is not shown: {}", error.message);
                    shell.done.receipt_failed = true;
                }
            }
        },
    );
    shell.go_home(Screen::Done);
}

/// The screen is shown.
pub fn enter(shell: &mut Shell) {
    if shell.done.sale.is_none() {
        shell.go_home(Screen::Sale);
    }
}

/// On to the next customer.
pub fn new_sale(shell: &mut Shell) {
    shell.done = Done::default();
    shell.go_home(Screen::Sale);
}

/// Prints the receipt again, marked as a duplicate.
pub fn reprint(shell: &mut Shell) {
    let Some(sale) = shell.done.sale.as_ref().filter(|_| !shell.done.printing) else { return };
    let receipt_no = sale.receipt_no().to_string();
    shell.done.printing = true;
    shell.submit(Command::Reprint { receipt_no }, |shell, result| {
        shell.done.printing = false;
        if let Err(error) = result {
            shell.fail(&error);
        }
    });
}

/// A key that no control wanted.
pub fn key(shell: &mut Shell, key: &KeyPress) -> bool {
    let next = key.is(Key::Return) || key.is(Key::Escape) || key.text == " ";
    if next && !key.repeat && !key.control && !key.alt {
        new_sale(shell);
    }
    next
}

/// What the screen shows, as texts in the operator's language.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct View {
    pub number: String,
    pub refund: bool,
    pub total: String,
    pub rounding: String,
    pub paid: String,
    pub tenders: Vec<PaidBy>,
    pub change: String,
    pub receipt: Vec<ReceiptLine>,
    pub receipt_failed: bool,
    pub prints: bool,
    pub printing: bool,
}

/// Builds it.
pub fn view(shell: &Shell) -> View {
    let Some(shown) = &shell.done.sale else { return View::default() };
    let (language, sale) = (shell.language, &shown.sale);
    let paid = |kind| names::tender(language, kind);
    let tenders = sale
        .tenders
        .iter()
        .map(|tender| PaidBy { title: paid(tender.kind).into(), amount: money(language, tender.tendered).into() });
    View {
        number: shown.receipt_no().to_string(),
        refund: sale.header.kind == SaleKind::Refund,
        total: money(language, sale.total),
        rounding: if sale.rounding.is_zero() { String::new() } else { signed(language, sale.rounding) },
        paid: money(language, sale.to_pay().unwrap_or(sale.total)),
        tenders: tenders.collect(),
        change: if sale.change.is_zero() { String::new() } else { money(language, sale.change) },
        receipt: shell.done.receipt.clone(),
        receipt_failed: shell.done.receipt_failed,
        prints: shell.facts.as_ref().is_some_and(|facts| facts.prints),
        printing: shell.done.printing,
    }
}
