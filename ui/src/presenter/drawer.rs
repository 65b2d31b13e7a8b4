//! The drawer: how it stands, cash in and out, opening it without a sale.

mod view;

pub use view::{View, view};

use crate::host::{HostEvent, Topic, Trouble};
use crate::markup::{DrawerDialog, DrawerFault, Screen};
use crate::presenter::keys::KeyPress;
use crate::presenter::payment::entry::MoneyEntry;
use crate::presenter::status;
use crate::shell::Shell;
use aurapos_domain::drawer::DrawerState;
use aurapos_domain::people::Permission;
use aurapos_engine::command::CashMove;
use aurapos_engine::error::Code;
use aurapos_engine::event::Event;
use aurapos_engine::queries::DrawerHistory;
use aurapos_engine::view as engine_view;
use aurapos_engine::{Command, Reply};

/// Most characters of a reason, as the engine takes them.
const REASON_CHARS_MAX: usize = 200;
/// Rows that are loaded at once.
const PAGE: usize = 200;

/// State of the screen.
#[derive(Debug, Default)]
pub struct Drawer {
    /// The drawer session as it was told last; `None` when no drawer is open.
    known: Option<engine_view::DrawerView>,
    /// Nobody has told yet how it stands.
    asked: bool,
    failed: bool,
    history: DrawerHistory,
    /// Pages of the history that somebody asked for beyond the first.
    further: usize,
    dialog: DrawerDialog,
    reason: String,
    typed: MoneyEntry,
    fault: DrawerFault,
    trouble: Option<Trouble>,
    busy: bool,
}

/// The engine tells how the drawer stands. Whether it is open.
pub fn note(shell: &mut Shell, drawer: engine_view::Drawer) -> bool {
    shell.drawer.known = drawer.session.filter(|session| session.state == DrawerState::Open);
    shell.drawer.asked = false;
    shell.drawer.failed = false;
    is_open(shell)
}

/// Says it when the drawer was left open on an earlier day: somebody should count it. Selling goes on.
pub fn tell_of_earlier_day(shell: &mut Shell) {
    if shell.drawer.known.as_ref().is_some_and(engine_view::DrawerView::is_of_earlier_day) {
        let code = Code::DrawerOld.text().to_owned();
        status::warn_trouble(shell, &Trouble { code, ..Trouble::default() });
    }
}

/// Whether a drawer is open.
pub fn is_open(shell: &Shell) -> bool {
    shell.drawer.known.is_some()
}

/// The screen is shown.
pub fn enter(shell: &mut Shell) {
    dismiss(shell);
    shell.drawer.further = 0;
    load(shell);
}

/// Asks how the drawer stands; sales changed it since it was told last.
pub fn load(shell: &mut Shell) {
    shell.drawer.asked = shell.drawer.known.is_none();
    shell.drawer.failed = false;
    shell.submit(Command::DrawerStatus, |shell, result| match result {
        Ok(Reply::Drawer(drawer)) => {
            note(shell, *drawer);
            load_history(shell);
        }
        Ok(_) => {}
        Err(error) => {
            shell.drawer.asked = false;
            shell.drawer.failed = shell.drawer.known.is_none();
            shell.fail(&error);
        }
    });
}

/// Older ones too.
pub fn load_more(shell: &mut Shell) {
    if shell.drawer.history.more {
        shell.drawer.further += 1;
        load_history(shell);
    }
}

fn load_history(shell: &mut Shell) {
    // Whoever may not see it sees how the drawer stands, and no moves.
    let Some(known) = shell.drawer.known.as_ref().filter(|_| shell.may(Permission::DrawerSession)) else { return };
    let (id, now) = (known.id, shell.host().now());
    let max = PAGE * (shell.drawer.further + 1);
    shell.read(
        Topic::Drawer,
        move |reading| reading.drawer_history(id, max, now),
        |shell, result| match result {
            Ok(history) => shell.drawer.history = history,
            Err(error) => shell.fail(&error),
        },
    );
}

/// The program tells something.
pub fn event(shell: &mut Shell, event: &HostEvent) {
    let HostEvent::Engine(event) = event else { return };
    if let Event::DrawerChanged(drawer) = event.as_ref() {
        // Everybody hears it, so that it comes without what came in: whoever looks at the drawer asks.
        note(shell, drawer.as_ref().clone());
        tell_of_earlier_day(shell);
        if shell.screen == Screen::Drawer {
            load(shell);
        }
    }
}

/// To counting the float.
pub fn open(shell: &mut Shell) {
    if shell.may(Permission::DrawerSession) {
        shell.go(Screen::OpenDrawer);
    }
}

/// Asks why, and how much.
pub fn ask(shell: &mut Shell, dialog: DrawerDialog) {
    let allowed = match dialog {
        DrawerDialog::NoSale => shell.may(Permission::OpenDrawer),
        DrawerDialog::CashIn | DrawerDialog::CashOut => shell.may(Permission::CashMovement),
        DrawerDialog::None => false,
    };
    if allowed && is_open(shell) && !shell.drawer.busy {
        dismiss(shell);
        shell.drawer.dialog = dialog;
    }
}

/// Nothing is done.
pub fn dismiss(shell: &mut Shell) {
    if shell.drawer.busy {
        return;
    }
    let state = &mut shell.drawer;
    state.dialog = DrawerDialog::None;
    state.reason.clear();
    state.typed.clear();
    state.fault = DrawerFault::None;
    state.trouble = None;
}

/// Why.
pub fn reason(shell: &mut Shell, text: &str) {
    shell.drawer.reason = text.chars().take(REASON_CHARS_MAX).collect();
    shell.drawer.fault = DrawerFault::None;
}

/// A key of the pad.
pub fn pad(shell: &mut Shell, key: &str) {
    let asks_amount = matches!(shell.drawer.dialog, DrawerDialog::CashIn | DrawerDialog::CashOut);
    if asks_amount && !shell.drawer.busy {
        let currency = shell.currency();
        shell.drawer.typed.key(key, currency);
        shell.drawer.fault = DrawerFault::None;
    }
}

/// Does what was asked; what is missing is said at its field.
pub fn confirm(shell: &mut Shell) {
    if shell.drawer.busy || shell.drawer.dialog == DrawerDialog::None {
        return;
    }
    let reason = shell.drawer.reason.trim().to_owned();
    let amount = shell.drawer.typed.amount(shell.currency()).filter(|amount| amount.is_positive());
    let kind = match shell.drawer.dialog {
        DrawerDialog::CashIn => Some(CashMove::Loan),
        DrawerDialog::CashOut => Some(CashMove::Pickup),
        _ => None,
    };
    let command = match (kind, amount) {
        (Some(_), None) => {
            shell.drawer.fault = DrawerFault::NoAmount;
            return;
        }
        _ if reason.is_empty() => {
            shell.drawer.fault = DrawerFault::NoReason;
            return;
        }
        (Some(kind), Some(amount)) => Command::MoveCash { kind, amount, reason },
        (None, _) => Command::NoSale { reason },
    };
    shell.drawer.busy = true;
    shell.drawer.trouble = None;
    shell.submit(command, |shell, result| {
        shell.drawer.busy = false;
        match result {
            Ok(Reply::Drawer(drawer)) => {
                note(shell, *drawer);
                dismiss(shell);
                load_history(shell);
            }
            Ok(_) => dismiss(shell),
            Err(error) => {
                let trouble = Trouble::from(error);
                let (sentence, _) = status::told(shell, &trouble);
                status::note_refusal(shell, &trouble.code, &sentence);
                tracing::warn!(code = trouble.code, "shown to the operator: {}", trouble.message);
                shell.drawer.trouble = Some(trouble);
            }
        }
    });
}

/// A key that no control wanted.
pub fn key(shell: &mut Shell, key: &KeyPress) -> bool {
    if shell.drawer.dialog == DrawerDialog::None || key.control || key.alt {
        return false;
    }
    key.pad().map(|key| pad(shell, key)).is_some()
}
