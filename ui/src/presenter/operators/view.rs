//! What the screen "operators" shows.

use crate::markup::{ListState, PersonLine, RadioOption};
use crate::shell::Shell;
use crate::wiring::frame::initials;
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::people::{Permission, Role};
use aurapos_engine::queries::{OperatorView, RoleOrigin, RoleView};
use aurapos_locale::{format, names};

/// Most characters of the line that says what a role may do.
const SUMMARY_CHARS_MAX: usize = 56;

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

/// The roles that somebody can be given.
pub(super) fn offered(shell: &Shell) -> impl Iterator<Item = &RoleView> {
    shell.operators.roles.list.iter().filter(|role| role.origin != RoleOrigin::Missing)
}

/// The same as choices with what each may do, and the place of the one that the dialog has; -1: of none of them.
pub fn choices(shell: &Shell) -> (Vec<RadioOption>, i32) {
    let chosen = offered(shell).position(|role| role.code == shell.operators.form.role);
    let option = |role: &RoleView| RadioOption {
        title: names::role_named(shell.language, &role.code, &role.name).into(),
        subtitle: allows(shell, role).into(),
    };
    (offered(shell).map(option).collect(), chosen.and_then(|place| i32::try_from(place).ok()).unwrap_or(-1))
}

fn allows(shell: &Shell, role: &RoleView) -> String {
    if role.code == Role::MANAGER {
        return names::everything(shell.language).to_owned();
    }
    let rights = names::permission_groups(shell.language).flat_map(|(_, rights)| rights);
    let allowed = rights.filter(|right| role.permissions.known.contains(**right));
    let names: Vec<&str> = allowed.map(|right: &Permission| names::permission(shell.language, *right)).collect();
    if names.is_empty() { names::nothing(shell.language).to_owned() } else { in_one_line(&names) }
}

/// As many names as fit a line of a choice, and how many more there are: `Sell · Print a receipt again · +2`.
fn in_one_line(names: &[&str]) -> String {
    let mut line = names.first().copied().unwrap_or_default().to_owned();
    for (shown, name) in names.iter().enumerate().skip(1) {
        if line.chars().count() + name.chars().count() > SUMMARY_CHARS_MAX {
            return format!("{line} · +{}", names.len() - shown);
        }
        line = format!("{line} · {name}");
    }
    line
}

fn line(shell: &Shell, one: &OperatorView) -> PersonLine {
    let host = shell.host();
    let operator = &one.operator;
    let until = one.locked_us.map(|left| Timestamp(shell.operators.read.0.saturating_add(left)));
    let until = until.filter(|until| until.0 > host.now().0);
    let manages = |one: &OperatorView| one.operator.active && one.operator.role.is_manager();
    PersonLine {
        id: operator.id.to_string().into(),
        name: operator.name.as_str().into(),
        initials: initials(&operator.name).into(),
        role: names::role_named(shell.language, &operator.role.code, &operator.role.name).into(),
        manager: operator.role.is_manager(),
        active: operator.active,
        locked_until: until.map(|until| format::time(host.local(until)).into()).unwrap_or_default(),
        failures: i32::try_from(one.failures).unwrap_or(i32::MAX),
        since: format::date(shell.language, host.local(one.created).date).into(),
        oneself: shell.session.as_ref().is_some_and(|session| session.operator.id == operator.id),
        last_manager: manages(one) && shell.operators.list.iter().filter(|other| manages(other)).count() == 1,
    }
}

#[cfg(test)]
mod tests {
    use super::in_one_line;

    #[test]
    fn what_does_not_fit_is_counted() {
        assert_eq!(in_one_line(&["Sell"]), "Sell");
        assert_eq!(in_one_line(&["Sell", "Take goods back"]), "Sell · Take goods back");
        let long = "x".repeat(40);
        assert_eq!(in_one_line(&["Sell", &long, &long, "a"]), format!("Sell · {long} · +2"));
        assert_eq!(in_one_line(&[]), "");
    }
}
