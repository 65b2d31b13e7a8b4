//! What the screen "drawer" shows, as texts in the operator's language.

use crate::markup::{DrawerDialog, DrawerFault, DrawerMoveKind, DrawerMoveRow, ListState, PaidBy};
use crate::presenter::payment::entry::decimal_key;
use crate::presenter::payment::{amount, money};
use crate::presenter::status;
use crate::shell::Shell;
use aurapos_domain::money::Money;
use aurapos_domain::people::Permission;
use aurapos_domain::tender::TenderKind;
use aurapos_engine::rows::drawer::DrawerMove;
use aurapos_engine::view::DrawerView;
use aurapos_locale::{format, names};

/// The whole screen.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct View {
    pub state: ListState,
    pub number: String,
    pub opened_at: String,
    pub opened_by: String,
    pub float: String,
    pub cash_sales: String,
    pub cash_in: String,
    pub cash_out: String,
    pub blind: bool,
    pub expected: String,
    pub others: Vec<PaidBy>,
    pub moves: Vec<DrawerMoveRow>,
    pub more: bool,
    pub may_open: bool,
    pub may_move: bool,
    pub may_no_sale: bool,
    pub dialog: DrawerDialog,
    pub reason: String,
    pub typed: String,
    pub currency: String,
    pub decimal: String,
    pub fault: DrawerFault,
    pub trouble: String,
    pub busy: bool,
}

/// Builds it.
pub fn view(shell: &Shell) -> View {
    let (language, currency, state) = (shell.language, shell.currency(), &shell.drawer);
    let told = state.trouble.as_ref().map(|trouble| status::told(shell, trouble)).unwrap_or_default();
    let mut view = View {
        state: match &state.known {
            Some(_) => ListState::Ready,
            None if state.asked => ListState::Loading,
            None if state.failed => ListState::Failed,
            None => ListState::Empty,
        },
        may_open: shell.may(Permission::DrawerSession),
        may_move: shell.may(Permission::CashMovement),
        may_no_sale: shell.may(Permission::OpenDrawer),
        dialog: state.dialog,
        reason: state.reason.clone(),
        typed: state.typed.shown(language),
        currency: format::symbol(currency),
        decimal: decimal_key(language, currency),
        fault: state.fault,
        trouble: format!("{} {}", told.0, told.1).trim().to_owned(),
        busy: state.busy,
        ..View::default()
    };
    if let Some(known) = &state.known {
        sums(shell, known, &mut view);
        view.more = state.history.more;
        view.moves = state.history.moves.iter().filter_map(|(one, by)| row(shell, one, by)).collect();
    }
    view
}

fn sums(shell: &Shell, known: &DrawerView, view: &mut View) {
    let language = shell.language;
    let nothing = Money::zero(known.float.currency);
    let host = shell.host();
    let today = host.local(host.now()).date;
    view.number = known.number.to_string();
    view.opened_at = format::relative_day(language, today, host.local(known.opened_at));
    view.opened_by.clone_from(&shell.drawer.history.opened_by);
    view.float = money(language, known.float);
    view.cash_in = money(language, known.loans);
    view.cash_out = money(language, less(known.pickups));
    let Some(takings) = &known.takings else {
        view.blind = true;
        return;
    };
    let cash = takings.tenders.iter().find(|(kind, _)| *kind == TenderKind::Cash).map_or(nothing, |(_, sum)| *sum);
    view.cash_sales = money(language, cash);
    view.expected = money(language, takings.expected_cash);
    let others = takings.tenders.iter().filter(|(kind, _)| *kind != TenderKind::Cash);
    view.others = others
        .map(|(kind, sum)| PaidBy {
            title: names::tender(language, *kind).into(),
            amount: money(language, *sum).into(),
        })
        .collect();
}

/// What is taken off, with its minus.
fn less(sum: Money) -> Money {
    sum.checked_neg().unwrap_or(sum)
}

fn row(shell: &Shell, one: &DrawerMove, by: &str) -> Option<DrawerMoveRow> {
    let language = shell.language;
    let (kind, sum) = match one.kind.as_str() {
        "loan" => (DrawerMoveKind::CashIn, amount(language, one.amount)),
        "pickup" => (DrawerMoveKind::CashOut, amount(language, less(one.amount))),
        "no_sale" => (DrawerMoveKind::NoSale, String::new()),
        _ => return None,
    };
    let time = shell.host().local(one.time);
    Some(DrawerMoveRow {
        kind,
        time: format::time(time).into(),
        operator: by.into(),
        reason: one.reason.as_str().into(),
        amount: sum.into(),
    })
}
