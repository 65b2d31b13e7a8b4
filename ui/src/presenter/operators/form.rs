//! The dialogs: somebody new, another role, a new PIN, somebody who leaves.

use crate::markup::{PeopleDialog, PeopleFault, PeopleSaid, PeopleText};
use crate::presenter::operators::{may_change, roles, submit, view};
use crate::presenter::secret::Secret;
use crate::presenter::status;
use crate::shell::Shell;
use aurapos_domain::catalog::{CatalogError, check_name};
use aurapos_domain::people::{Pin, PinError, Role};
use aurapos_engine::EngineError;
use aurapos_engine::command::people::PeopleCommand;
use aurapos_engine::error::Code;
use aurapos_locale::errors;

/// What stands in the open dialog.
#[derive(Debug, Default)]
#[allow(missing_docs)]
pub struct Form {
    pub dialog: PeopleDialog,
    pub name: String,
    pub pin: Secret,
    pub again: Secret,
    /// Code of the role that is chosen.
    pub role: String,
    pub name_fault: PeopleFault,
    pub pin_fault: PeopleFault,
    pub again_fault: PeopleFault,
    /// Why the engine refused.
    pub refused: String,
    pub attempt: i32,
    pub busy: bool,
}

/// Opens a dialog, for somebody new or for who is chosen.
pub fn open(shell: &mut Shell, dialog: PeopleDialog) {
    let person = shell.operators.person();
    let own = person.zip(shell.session.as_ref()).is_some_and(|(one, me)| one.operator.id == me.operator.id);
    let allowed = match dialog {
        PeopleDialog::None => return cancel(shell),
        PeopleDialog::Add | PeopleDialog::Roles => may_change(shell),
        PeopleDialog::Pin => person.is_some() && (own || may_change(shell)),
        PeopleDialog::Role | PeopleDialog::Disable => person.is_some() && !own && may_change(shell),
    };
    if allowed && !shell.operators.form.busy {
        let theirs = person.map(|one| one.operator.role.code.clone());
        if dialog == PeopleDialog::Roles {
            roles::enter(shell, theirs.as_deref());
        }
        // Somebody new sells, unless another role is chosen.
        let role = theirs.filter(|_| dialog != PeopleDialog::Add).unwrap_or_else(|| Role::CASHIER.to_owned());
        shell.operators.form = Form { dialog, role, ..Form::default() };
        shell.operators.said = None;
    }
}

/// The dialog goes, and what was typed with it.
pub fn cancel(shell: &mut Shell) {
    if !shell.operators.form.busy && !shell.operators.roles.is_busy() {
        roles::keep(shell);
        shell.operators.form = Form::default();
    }
}

/// A field was typed in.
pub fn edited(shell: &mut Shell, field: PeopleText, text: &str) {
    let form = &mut shell.operators.form;
    if form.busy {
        return;
    }
    form.refused.clear();
    match field {
        PeopleText::Name => {
            text.clone_into(&mut form.name);
            form.name_fault = PeopleFault::None;
        }
        PeopleText::Pin => {
            form.pin.set(text);
            form.pin_fault = PeopleFault::None;
        }
        PeopleText::Again => {
            form.again.set(text);
            form.again_fault = PeopleFault::None;
        }
    }
}

/// One of the roles that the dialog offers.
pub fn choose_role(shell: &mut Shell, index: usize) {
    let Some(role) = view::offered(shell).nth(index).map(|role| role.code.clone()) else { return };
    if !shell.operators.form.busy {
        shell.operators.form.role = role;
    }
}

/// What is wrong with a name; `others` are the names there are, with whether they work here.
fn fault_of_name<'a>(name: &str, others: impl Iterator<Item = (&'a str, bool)>) -> PeopleFault {
    match check_name(name.trim()) {
        Err(CatalogError::NameTooLong { .. }) => return PeopleFault::TooLong,
        Err(_) => return PeopleFault::Empty,
        Ok(()) => {}
    }
    let wanted = name.trim().to_lowercase();
    let known = others.into_iter().find(|(other, _)| other.to_lowercase() == wanted);
    match known {
        None => PeopleFault::None,
        Some((_, true)) => PeopleFault::Taken,
        Some((_, false)) => PeopleFault::TakenDisabled,
    }
}

/// What is wrong with a PIN, and with its repetition.
fn fault_of_pin(pin: &str, again: &str) -> (PeopleFault, PeopleFault) {
    let fault = match Pin::choose(pin) {
        _ if pin.is_empty() => PeopleFault::Empty,
        Ok(_) => PeopleFault::None,
        Err(PinError::Form) => PeopleFault::Form,
        Err(PinError::Repeated) => PeopleFault::Repeated,
        Err(PinError::InARow) => PeopleFault::InARow,
    };
    let differs = fault == PeopleFault::None && pin != again;
    (fault, if differs { PeopleFault::Differs } else { PeopleFault::None })
}

/// Carries the dialog out when nothing is wrong in it.
pub fn confirm(shell: &mut Shell) {
    if shell.operators.form.busy || !is_right(shell) {
        return;
    }
    let person = shell.operators.person().map(|one| one.operator.name.clone());
    let form = &mut shell.operators.form;
    let role = form.role.clone();
    let (command, said) = match (form.dialog, person) {
        (PeopleDialog::Add, _) => {
            let (name, pin) = (form.name.trim().to_owned(), form.pin.text().to_owned());
            (PeopleCommand::Add { name, role, pin }, PeopleSaid::Added)
        }
        (PeopleDialog::Pin, Some(name)) => {
            let pin = form.pin.text().to_owned();
            (PeopleCommand::ResetPin { name, pin }, PeopleSaid::Pin)
        }
        (PeopleDialog::Role, Some(name)) => (PeopleCommand::SetRole { name, role }, PeopleSaid::Role),
        (PeopleDialog::Disable, Some(name)) => (PeopleCommand::Disable { name }, PeopleSaid::Disabled),
        (PeopleDialog::None | PeopleDialog::Roles, _) | (_, None) => return,
    };
    form.refused.clear();
    submit(shell, command, said);
}

/// Looks at what was typed; what is wrong is said at its field.
fn is_right(shell: &mut Shell) -> bool {
    let names = shell.operators.list.iter().map(|one| (one.operator.name.as_str(), one.operator.active));
    let form = &shell.operators.form;
    let name_fault = match form.dialog {
        PeopleDialog::Add => fault_of_name(&form.name, names),
        _ => PeopleFault::None,
    };
    let (pin_fault, again_fault) = match form.dialog {
        PeopleDialog::Add | PeopleDialog::Pin => fault_of_pin(form.pin.text(), form.again.text()),
        _ => (PeopleFault::None, PeopleFault::None),
    };
    let form = &mut shell.operators.form;
    (form.name_fault, form.pin_fault, form.again_fault) = (name_fault, pin_fault, again_fault);
    let right = [name_fault, pin_fault, again_fault].iter().all(|fault| *fault == PeopleFault::None);
    if !right {
        form.attempt = form.attempt.wrapping_add(1);
    }
    right
}

/// The engine refused: the dialog says why and stays; without a dialog a message does.
pub(super) fn refused(shell: &mut Shell, error: &EngineError) {
    let dialog = shell.operators.form.dialog;
    if dialog == PeopleDialog::None {
        return shell.fail(error);
    }
    let name = match dialog {
        PeopleDialog::Add => shell.operators.form.name.trim().to_owned(),
        _ => shell.operators.person().map(|one| one.operator.name.clone()).unwrap_or_default(),
    };
    let names_somebody =
        [Code::OperatorExists, Code::NoSuchOperator, Code::LastManager].iter().any(|code| error.is(*code));
    let told = names_somebody.then(|| errors::sentence(shell.language, error.code, &[&name])).flatten();
    let (sentence, next) = match told {
        Some(told) => (told.sentence, told.next),
        None => status::told(shell, &error.clone().into()),
    };
    tracing::warn!(code = error.code, "refused at the operators: {}", error.message);
    shell.operators.form.refused = format!("{sentence} {next}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let known = [("Sofie Vermeulen", true), ("Jan", false)];
        let cases = [
            ("", PeopleFault::Empty),
            ("   ", PeopleFault::Empty),
            ("Amélie", PeopleFault::None),
            (" sofie VERMEULEN ", PeopleFault::Taken),
            ("jan", PeopleFault::TakenDisabled),
        ];
        for (name, fault) in cases {
            assert_eq!(fault_of_name(name, known.into_iter()), fault, "{name:?}");
        }
        assert_eq!(fault_of_name(&"x".repeat(121), known.into_iter()), PeopleFault::TooLong);
    }

    #[test]
    fn pins() {
        let cases = [
            ("", "", PeopleFault::Empty, PeopleFault::None),
            ("123", "123", PeopleFault::Form, PeopleFault::None),
            ("471a", "471a", PeopleFault::Form, PeopleFault::None),
            ("0000", "0000", PeopleFault::Repeated, PeopleFault::None),
            ("1234", "1234", PeopleFault::InARow, PeopleFault::None),
            ("4711", "4712", PeopleFault::None, PeopleFault::Differs),
            ("4711", "4711", PeopleFault::None, PeopleFault::None),
        ];
        for (pin, again, fault, differs) in cases {
            assert_eq!(fault_of_pin(pin, again), (fault, differs), "{pin:?} {again:?}");
        }
    }

    #[test]
    fn what_is_typed_stands_in_no_log() {
        let mut form = Form { dialog: PeopleDialog::Add, ..Form::default() };
        form.pin.set("4711");
        form.again.set("4711");
        assert!(!format!("{form:?}").contains("4711"));
    }
}
