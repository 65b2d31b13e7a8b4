//! The drawer: how it stands, cash in and out, opening it without a sale.

mod view;

pub use view::{View, view};

use crate::host::{HostEvent, Topic, Trouble};
use crate::markup::{DrawerDialog, DrawerFault, Screen};
use crate::presenter::keys::KeyPress;
use crate::presenter::payment::entry::MoneyEntry;
use crate::presenter::status;
use crate::shell::Shell;
use aurapos_contract::RecordStore;
use aurapos_contract::query::Query;
use aurapos_domain::drawer::DrawerState;
use aurapos_domain::ids::DrawerSessionId;
use aurapos_domain::money::Currency;
use aurapos_domain::people::Permission;
use aurapos_engine::command::CashMove;
use aurapos_engine::error::Code;
use aurapos_engine::rows::drawer::DrawerMove;
use aurapos_engine::view::{self as engine_view, Event};
use aurapos_engine::{Command, EngineError, Reply, queries, rows};
use std::collections::BTreeMap;

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
    history: History,
    /// Pages of the history that somebody asked for beyond the first.
    further: usize,
    dialog: DrawerDialog,
    reason: String,
    typed: MoneyEntry,
    fault: DrawerFault,
    trouble: Option<Trouble>,
    busy: bool,
}

/// What moved without a sale, newest first, with the names of who did it.
#[derive(Debug, Clone, Default)]
struct History {
    opened_by: String,
    moves: Vec<(DrawerMove, String)>,
    /// There are older ones.
    more: bool,
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
        status::warn_trouble(shell, &Trouble { code, message: String::new(), next: String::new() });
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
    let Some(known) = &shell.drawer.known else { return };
    let (id, opened_by, now) = (known.id, known.opened_by, shell.host().now());
    let (currency, max) = (shell.currency(), PAGE * (shell.drawer.further + 1));
    shell.read(
        Topic::Drawer,
        move |store| -> Result<History, EngineError> {
            let people = queries::operators(store, now)?;
            let name = |id| people.iter().find(|one| one.operator.id == id).map(|one| one.operator.name.clone());
            let names: BTreeMap<_, _> = people.iter().map(|one| (one.operator.id, one.operator.name.clone())).collect();
            let (moves, more) = moves(store, id, max, currency)?;
            let moves = moves.into_iter().map(|one| {
                let by = names.get(&one.operator).cloned().unwrap_or_default();
                (one, by)
            });
            Ok(History { opened_by: name(opened_by).unwrap_or_default(), moves: moves.collect(), more })
        },
        |shell, result| match result {
            Ok(history) => shell.drawer.history = history,
            Err(error) => shell.fail(&error),
        },
    );
}

/// What moved without a sale in a session, newest first, `max` at most, and whether there is more.
fn moves(
    store: &dyn RecordStore,
    drawer: DrawerSessionId,
    max: usize,
    currency: Currency,
) -> Result<(Vec<DrawerMove>, bool), EngineError> {
    let of_session = vec![rows::equal("drawer", drawer.uuid())];
    let query = Query { filters: of_session, ..rows::query::<DrawerMove>().order_by("drawer", true) };
    let (mut moves, more) = rows::scan_up_to(store, query, max, currency)?;
    // A session may go on in a new life of the register, whose numbers begin again.
    moves.sort_by_key(|one: &DrawerMove| std::cmp::Reverse(one.time));
    Ok((moves, more))
}

/// The program tells something.
pub fn event(shell: &mut Shell, event: &HostEvent) {
    let HostEvent::Engine(event) = event else { return };
    if let Event::DrawerChanged(drawer) = event.as_ref() {
        note(shell, drawer.as_ref().clone());
        tell_of_earlier_day(shell);
        if shell.screen == Screen::Drawer {
            load_history(shell);
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
