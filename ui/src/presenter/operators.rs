//! The screen "operators": who may sign in, what they may do, and their PINs.
//!
//! What is typed as a PIN stays in a [`Secret`](crate::presenter::secret::Secret), goes to the engine with the command and
//! is forgotten with the dialog.

mod form;
pub mod roles;
mod view;

pub use form::{Form, cancel, choose_role, confirm, edited, open};
pub use view::{View, choices, view};

use crate::host::{Topic, Trouble};
use crate::markup::{ListState, PeopleDialog, PeopleSaid};
use crate::presenter::keys::KeyPress;
use crate::presenter::status;
use crate::shell::Shell;
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::ids::OperatorId;
use aurapos_domain::people::Permission;
use aurapos_engine::command::people::PeopleCommand;
use aurapos_engine::queries::OperatorView;
use aurapos_engine::{Command, EngineError, Reply};
use slint::platform::Key;

/// State of the screen.
#[derive(Debug)]
pub struct Operators {
    list: Vec<OperatorView>,
    /// When the list was read: locks are told from then.
    read: Timestamp,
    state: ListState,
    trouble: (String, String),
    chosen: Option<OperatorId>,
    /// The dialog.
    pub form: Form,
    /// The roles of the shop, and their dialog.
    pub roles: roles::Roles,
    /// What went well a moment ago, and with whom.
    pub said: Option<(PeopleSaid, String)>,
}

impl Default for Operators {
    fn default() -> Self {
        Operators {
            list: Vec::new(),
            read: Timestamp(0),
            state: ListState::Loading,
            trouble: Default::default(),
            chosen: None,
            form: Form::default(),
            roles: roles::Roles::default(),
            said: None,
        }
    }
}

impl Operators {
    /// Who is chosen.
    fn person(&self) -> Option<&OperatorView> {
        self.list.iter().find(|one| Some(one.operator.id) == self.chosen)
    }
}

/// The screen is shown.
pub fn enter(shell: &mut Shell) {
    shell.operators.form = Form::default();
    shell.operators.said = None;
    if shell.operators.person().is_none() {
        shell.operators.chosen = shell.session.as_ref().map(|session| session.operator.id);
    }
    load(shell);
}

/// Reads who there is; also after something went wrong.
pub fn load(shell: &mut Shell) {
    if shell.operators.list.is_empty() {
        shell.operators.state = ListState::Loading;
    }
    let now = shell.host().now();
    shell.read(
        Topic::Operators,
        move |reading| reading.operators(now).and_then(|list| Ok((list, reading.roles()?))),
        move |shell, result| match result {
            Ok((list, roles)) => {
                shell.operators.list = list;
                roles::read(shell, roles);
                shell.operators.read = now;
                shell.operators.state = ListState::Ready;
            }
            Err(error) => failed(shell, error),
        },
    );
}

fn failed(shell: &mut Shell, error: EngineError) {
    if shell.operators.list.is_empty() {
        shell.operators.trouble = status::told(shell, &Trouble::from(error));
        shell.operators.state = ListState::Failed;
    } else {
        shell.fail(&error);
    }
}

/// Somebody of the list is looked at.
pub fn choose(shell: &mut Shell, index: usize) {
    if let Some(one) = shell.operators.list.get(index) {
        shell.operators.chosen = Some(one.operator.id);
    }
}

fn step(shell: &mut Shell, by: isize) {
    let list = &shell.operators.list;
    let now = list.iter().position(|one| Some(one.operator.id) == shell.operators.chosen);
    let target = now.map_or(Some(0), |now| now.checked_add_signed(by));
    if let Some(target) = target {
        choose(shell, target);
    }
}

/// Whether whoever is signed in may change operators.
fn may_change(shell: &Shell) -> bool {
    shell.may(Permission::ManageOperators)
}

/// Somebody works here again.
pub fn enable(shell: &mut Shell) {
    let Some(name) = shell.operators.person().map(|one| one.operator.name.clone()) else { return };
    if may_change(shell) && !shell.operators.form.busy {
        submit(shell, PeopleCommand::Enable { name }, PeopleSaid::Enabled);
    }
}

/// Gives a command; the dialog stays until it is answered.
fn submit(shell: &mut Shell, command: PeopleCommand, said: PeopleSaid) {
    shell.operators.form.busy = true;
    shell.operators.said = None;
    shell.submit(Command::People(command), move |shell, result| {
        shell.operators.form.busy = false;
        match result {
            Ok(Reply::People(reply)) => {
                shell.operators.form = Form::default();
                shell.operators.chosen = Some(reply.operator.id);
                shell.operators.said = Some((said, reply.operator.name));
                load(shell);
            }
            Ok(_) => {}
            Err(error) => form::refused(shell, &error),
        }
    });
}

/// What went well was read.
pub fn dismiss_said(shell: &mut Shell) {
    shell.operators.said = None;
}

/// A key that no control wanted.
pub fn key(shell: &mut Shell, key: &KeyPress) -> bool {
    if key.control || key.alt {
        return false;
    }
    if shell.operators.form.dialog != PeopleDialog::None {
        if key.is(Key::Escape) {
            roles::leave(shell);
        }
        return key.is(Key::Escape);
    }
    let by = if key.is(Key::DownArrow) {
        1
    } else if key.is(Key::UpArrow) {
        -1
    } else {
        return false;
    };
    step(shell, by);
    true
}
