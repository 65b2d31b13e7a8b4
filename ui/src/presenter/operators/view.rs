//! What the screen "operators" shows.

use crate::markup::{ListState, PersonLine};
use crate::presenter::operators::form::MANAGER;
use crate::shell::Shell;
use crate::wiring::frame::initials;
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::people::Permission;
use aurapos_engine::queries::OperatorView;
use aurapos_locale::{format, names};

/// The list and who is chosen.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct View {
    pub rows: Vec<PersonLine>,
    pub state: ListState,
    pub error: String,
    pub next: String,
    pub chosen: i32,
    pub person: PersonLine,
}

/// What is shown now.
pub fn view(shell: &Shell) -> View {
    let state = &shell.operators;
    let rows: Vec<PersonLine> = state.list.iter().map(|one| line(shell, one)).collect();
    let chosen = state.list.iter().position(|one| Some(one.operator.id) == state.chosen);
    View {
        person: chosen.and_then(|place| rows.get(place)).cloned().unwrap_or_default(),
        chosen: chosen.and_then(|place| i32::try_from(place).ok()).unwrap_or(-1),
        rows,
        state: state.state,
        error: state.trouble.0.clone(),
        next: state.trouble.1.clone(),
    }
}

fn line(shell: &Shell, one: &OperatorView) -> PersonLine {
    let host = shell.host();
    let operator = &one.operator;
    let until = one.locked_us.map(|left| Timestamp(shell.operators.read.0.saturating_add(left)));
    let until = until.filter(|until| until.0 > host.now().0);
    let manages = |one: &OperatorView| one.operator.may(Permission::ManageOperators);
    PersonLine {
        id: operator.id.to_string().into(),
        name: operator.name.as_str().into(),
        initials: initials(&operator.name).into(),
        role: names::role(shell.language, &operator.role.code).unwrap_or(&operator.role.code).into(),
        manager: operator.role.code == MANAGER,
        active: operator.active,
        locked_until: until.map(|until| format::time(host.local(until)).into()).unwrap_or_default(),
        failures: i32::try_from(one.failures).unwrap_or(i32::MAX),
        since: format::date(shell.language, host.local(one.created).date).into(),
        oneself: shell.session.as_ref().is_some_and(|session| session.operator.id == operator.id),
        last_manager: manages(one) && shell.operators.list.iter().filter(|other| manages(other)).count() == 1,
    }
}
