//! The dialog "Roles": what each role of the shop may do, and changing it.
//!
//! What is changed is kept here until it is saved as one change. Who may decide about which right, the engine says; what
//! is not theirs is shown so, as a courtesy.

use crate::markup::{PeopleDialog, RightLine, RoleFault, RoleLine, RoleStays};
use crate::presenter::operators::{load, may_change};
use crate::presenter::status;
use crate::shell::Shell;
use aurapos_domain::catalog::CatalogError;
use aurapos_domain::people::{Permission, PermissionSet, Role};
use aurapos_engine::command::people::{PeopleCommand, RoleChange};
use aurapos_engine::queries::{RoleOrigin, RoleView};
use aurapos_engine::{Command, EngineError, Reply};
use aurapos_locale::{Language, names};

/// The roles, and the one that is looked at.
#[derive(Debug, Default)]
pub struct Roles {
    pub(super) list: Vec<RoleView>,
    draft: Draft,
    name_fault: RoleFault,
    /// The question before one is removed.
    asking: bool,
    busy: bool,
    /// Why the engine refused.
    refused: String,
    attempt: i32,
}

/// A role as the dialog has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Draft {
    /// `None`: a new one.
    code: Option<String>,
    name: String,
    allowed: PermissionSet,
}

/// What the dialog shows.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct View {
    pub rows: Vec<RoleLine>,
    pub chosen: i32,
    pub rights: Vec<RightLine>,
    pub name: String,
    pub name_fault: RoleFault,
    pub named: bool,
    pub manager: bool,
    pub missing: bool,
    pub newer: i32,
    pub dirty: bool,
    pub busy: bool,
    pub stays: RoleStays,
    pub resets: bool,
    pub asking: bool,
    pub refused: String,
    pub attempt: i32,
}

impl Draft {
    fn of(language: Language, role: &RoleView) -> Self {
        let name = match role.origin {
            RoleOrigin::Missing => String::new(),
            _ => names::role_named(language, &role.code, &role.name).to_owned(),
        };
        Draft { code: Some(role.code.clone()), name, allowed: role.permissions.known }
    }
}

impl Roles {
    fn chosen(&self) -> Option<&RoleView> {
        let code = self.draft.code.as_ref()?;
        self.list.iter().find(|role| role.code == *code)
    }

    /// The draft as it would be without changes.
    fn unchanged(&self, language: Language) -> Draft {
        self.chosen().map(|role| Draft::of(language, role)).unwrap_or_default()
    }

    fn is_dirty(&self, language: Language) -> bool {
        self.draft != self.unchanged(language)
    }

    /// A change is on its way.
    pub(super) const fn is_busy(&self) -> bool {
        self.busy
    }

    fn look_at(&mut self, draft: Draft) {
        self.draft = draft;
        self.name_fault = RoleFault::None;
        self.refused.clear();
        self.asking = false;
    }
}

/// The list was read again: what is looked at is as it is now, unless somebody changes it.
pub(super) fn read(shell: &mut Shell, list: Vec<RoleView>) {
    let dirty = shell.operators.roles.is_dirty(shell.language);
    shell.operators.roles.list = list;
    let roles = &mut shell.operators.roles;
    if !dirty {
        let first = roles.list.first().filter(|_| roles.draft.code.is_none());
        roles.draft = match roles.chosen().or(first) {
            Some(role) => Draft::of(shell.language, role),
            None => Draft::default(),
        };
    }
}

/// The dialog opens with the role of whoever is chosen in the list.
pub(super) fn enter(shell: &mut Shell, code: Option<&str>) {
    let language = shell.language;
    let roles = &mut shell.operators.roles;
    let role = roles.list.iter().find(|role| Some(role.code.as_str()) == code).or(roles.list.first());
    let draft = role.map(|role| Draft::of(language, role)).unwrap_or_default();
    roles.look_at(draft);
}

/// Another role is looked at.
pub fn choose(shell: &mut Shell, index: usize) {
    let language = shell.language;
    let roles = &mut shell.operators.roles;
    if roles.busy || roles.is_dirty(language) {
        return;
    }
    if let Some(role) = roles.list.get(index) {
        let draft = Draft::of(language, role);
        roles.look_at(draft);
    }
}

/// A new role, which may nothing yet.
pub fn add(shell: &mut Shell) {
    let dirty = shell.operators.roles.is_dirty(shell.language);
    let roles = &mut shell.operators.roles;
    if !roles.busy && !dirty {
        roles.look_at(Draft::default());
    }
}

/// The name was typed in.
pub fn edited(shell: &mut Shell, text: &str) {
    let roles = &mut shell.operators.roles;
    if !roles.busy {
        text.clone_into(&mut roles.draft.name);
        roles.name_fault = RoleFault::None;
        roles.refused.clear();
    }
}

/// A switch of a right.
pub fn toggled(shell: &mut Shell, index: usize, on: bool) {
    let Some(right) = rights().nth(index).filter(|right| shell.may(*right)) else { return };
    let roles = &mut shell.operators.roles;
    if roles.busy || roles.draft.code.as_deref() == Some(Role::MANAGER) {
        return;
    }
    let allowed = roles.draft.allowed;
    roles.draft.allowed = if on { allowed.with(right) } else { allowed.without(right) };
    roles.refused.clear();
}

/// What was changed is forgotten.
pub fn discard(shell: &mut Shell) {
    let language = shell.language;
    let roles = &mut shell.operators.roles;
    if roles.busy {
        return;
    }
    let draft = match (roles.draft.code.is_none(), roles.list.first()) {
        (true, Some(first)) => Draft::of(language, first),
        _ => roles.unchanged(language),
    };
    roles.look_at(draft);
}

/// Escape: the question goes, then what was changed, then the dialog, whichever it is.
pub(super) fn leave(shell: &mut Shell) {
    let language = shell.language;
    if shell.operators.roles.asking {
        keep(shell);
    } else if shell.operators.form.dialog == PeopleDialog::Roles && shell.operators.roles.is_dirty(language) {
        discard(shell);
    } else {
        super::cancel(shell);
    }
}

/// Saves what was changed as one change.
pub fn save(shell: &mut Shell) {
    let language = shell.language;
    let roles = &mut shell.operators.roles;
    if roles.busy || !roles.is_dirty(language) {
        return;
    }
    let before = roles.unchanged(language);
    let draft = roles.draft.clone();
    roles.name_fault = fault_of_name(language, &draft, &roles.list);
    if roles.name_fault != RoleFault::None {
        roles.attempt = roles.attempt.wrapping_add(1);
        return;
    }
    let change = RoleChange {
        code: draft.code.clone().unwrap_or_else(|| new_code(&draft.name, &roles.list)),
        name: (draft.name != before.name).then(|| draft.name.trim().to_owned()),
        allow: draft.allowed.minus(before.allowed),
        deny: before.allowed.minus(draft.allowed),
    };
    submit(shell, PeopleCommand::SaveRole(change));
}

/// Asks before a role is removed.
pub fn ask_removal(shell: &mut Shell) {
    let asks = stays(&shell.operators.roles) == RoleStays::No && !shell.operators.roles.is_dirty(shell.language);
    shell.operators.roles.asking = asks && !shell.operators.roles.busy;
}

/// It stays.
pub fn keep(shell: &mut Shell) {
    if !shell.operators.roles.busy {
        shell.operators.roles.asking = false;
    }
}

/// Removes the role that is looked at.
pub fn remove(shell: &mut Shell) {
    let roles = &shell.operators.roles;
    let Some(code) = roles.draft.code.clone().filter(|_| roles.asking && !roles.busy) else { return };
    submit(shell, PeopleCommand::RemoveRole { code });
}

fn submit(shell: &mut Shell, command: PeopleCommand) {
    if !may_change(shell) {
        return;
    }
    shell.operators.roles.busy = true;
    shell.operators.roles.refused.clear();
    shell.submit(Command::People(command), move |shell, result| {
        let language = shell.language;
        let roles = &mut shell.operators.roles;
        roles.busy = false;
        roles.asking = false;
        match result {
            Ok(Reply::Role(role)) => {
                let first = || roles.list.first().map(|role| Draft::of(language, role)).unwrap_or_default();
                let draft = role.as_deref().map_or_else(first, |role| Draft::of(language, role));
                if let Some(role) = role {
                    roles.list.retain(|known| known.code != role.code);
                    roles.list.push(*role);
                }
                roles.look_at(draft);
                load(shell);
            }
            Ok(_) => {}
            Err(error) => refused(shell, &error),
        }
    });
}

fn refused(shell: &mut Shell, error: &EngineError) {
    tracing::warn!(code = error.code, "refused at the roles: {}", error.message);
    if shell.operators.form.dialog != PeopleDialog::Roles {
        return shell.fail(error);
    }
    let (sentence, next) = status::told(shell, &error.clone().into());
    shell.operators.roles.refused = format!("{sentence} {next}");
}

/// The rights in the order of the dialog.
fn rights() -> impl Iterator<Item = Permission> {
    names::permission_groups(Language::English).flat_map(|(_, rights)| rights.iter().copied())
}

/// What is wrong with the name of a role, beside those there are.
fn fault_of_name(language: Language, draft: &Draft, others: &[RoleView]) -> RoleFault {
    match Role::check_name(draft.name.trim()) {
        Err(CatalogError::NameTooLong { .. }) => return RoleFault::TooLong,
        Err(_) => return RoleFault::Empty,
        Ok(()) => {}
    }
    let wanted = draft.name.trim().to_lowercase();
    let mut others = others.iter().filter(|role| Some(&role.code) != draft.code.as_ref());
    let taken = others.any(|role| names::role_named(language, &role.code, &role.name).to_lowercase() == wanted);
    if taken { RoleFault::Taken } else { RoleFault::None }
}

/// A stable name for a new role, made of what people call it, and not there yet.
fn new_code(name: &str, others: &[RoleView]) -> String {
    const STEM_CHARS_MAX: usize = Role::CODE_CHARS_MAX - 4;
    let folded = aurapos_engine::fold::fold(name);
    let plain = |letter: char| if letter.is_ascii_lowercase() || letter.is_ascii_digit() { letter } else { '_' };
    let stem: String = folded.chars().map(plain).take(STEM_CHARS_MAX).collect();
    let stem = stem.trim_matches('_');
    let stem = if stem.starts_with(|letter: char| letter.is_ascii_lowercase()) { stem } else { "role" };
    let free = |code: &String| Role::built_in(code).is_none() && others.iter().all(|role| role.code != *code);
    let numbered = (2..).map(|number| format!("{stem}_{number}"));
    std::iter::once(stem.to_owned()).chain(numbered).find(free).unwrap_or_default()
}

/// Why the role that is looked at can't be removed.
fn stays(roles: &Roles) -> RoleStays {
    match roles.chosen() {
        None => RoleStays::Fresh,
        Some(role) if role.code == Role::MANAGER => RoleStays::Manager,
        Some(role) => match role.origin {
            RoleOrigin::BuiltIn => RoleStays::Standard,
            RoleOrigin::Changed => RoleStays::No,
            RoleOrigin::Missing => RoleStays::Fresh,
            RoleOrigin::Own if role.people.is_empty() => RoleStays::No,
            RoleOrigin::Own => RoleStays::Used,
        },
    }
}

/// What is shown now.
pub fn view(shell: &Shell) -> View {
    let (roles, language) = (&shell.operators.roles, shell.language);
    let chosen = roles.chosen();
    let place = roles.list.iter().position(|role| Some(&role.code) == roles.draft.code.as_ref());
    let line = |role: &RoleView| RoleLine {
        title: names::role_named(language, &role.code, &role.name).into(),
        people: role.people.join(", ").into(),
        missing: role.origin == RoleOrigin::Missing,
    };
    let mut lines = Vec::new();
    for (group, rights) in names::permission_groups(language) {
        lines.extend(rights.iter().enumerate().map(|(at, right)| RightLine {
            group: if at == 0 { group.into() } else { Default::default() },
            title: names::permission(language, *right).into(),
            allowed: roles.draft.allowed.contains(*right),
            foreign: !shell.may(*right),
        }));
    }
    let origin = chosen.map(|role| role.origin);
    View {
        rows: roles.list.iter().map(line).collect(),
        chosen: place.and_then(|place| i32::try_from(place).ok()).unwrap_or(-1),
        rights: lines,
        name: roles.draft.name.clone(),
        name_fault: roles.name_fault,
        named: !matches!(origin, Some(RoleOrigin::BuiltIn | RoleOrigin::Changed)),
        manager: roles.draft.code.as_deref() == Some(Role::MANAGER),
        missing: origin == Some(RoleOrigin::Missing),
        newer: chosen.map_or(0, |role| i32::try_from(role.permissions.newer.len()).unwrap_or(i32::MAX)),
        dirty: roles.is_dirty(language),
        busy: roles.busy,
        stays: stays(roles),
        resets: origin == Some(RoleOrigin::Changed),
        asking: roles.asking,
        refused: roles.refused.clone(),
        attempt: roles.attempt,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(code: &str, name: &str) -> RoleView {
        let (code, name) = (code.to_owned(), name.to_owned());
        RoleView { code, name, origin: RoleOrigin::Own, permissions: Default::default(), people: Vec::new() }
    }

    #[test]
    fn a_new_role_gets_a_code_of_its_own() {
        let known = [role("shift", "Shift"), role("shift_2", "Shift 2")];
        for (name, code) in [
            ("Chef d'équipe", "chef_d_equipe"),
            ("Shift", "shift_3"),
            ("Manager", "manager_2"),
            ("2e verkoper", "role"),
            ("Αρχηγός", "role"),
            (&"x".repeat(40), &"x".repeat(28)),
        ] {
            let found = new_code(name, &known);
            assert_eq!(found, code, "{name}");
            assert_eq!(Role::check_code(&found), Ok(()), "{name}");
        }
    }

    #[test]
    fn names() {
        let known = [role("manager", ""), role("shift", "Chef d'équipe")];
        let draft = |code: Option<&str>, name: &str| Draft {
            code: code.map(str::to_owned),
            name: name.to_owned(),
            ..Draft::default()
        };
        for (draft, fault) in [
            (draft(None, " "), RoleFault::Empty),
            (draft(None, &"x".repeat(41)), RoleFault::TooLong),
            (draft(None, "chef d'équipe"), RoleFault::Taken),
            (draft(None, "responsable"), RoleFault::Taken),
            (draft(Some("shift"), "Chef d'équipe"), RoleFault::None),
            (draft(None, "Apprenti"), RoleFault::None),
        ] {
            assert_eq!(fault_of_name(Language::French, &draft, &known), fault, "{draft:?}");
        }
    }
}
