//! Signing in, and the lock: who works at this register, and the PIN that is being typed.
//!
//! Both screens have the same pad. The PIN is kept here while it is typed and nowhere else; it is handed over with the
//! command and forgotten. Locking takes effect at once, whatever the engine is doing: the screen is covered first, the
//! command follows.

mod leave;
mod view;

pub use leave::{leave, other_operator, sign_out, stay};
pub use view::{View, countdown, view};

use crate::host::{Topic, Trouble};
use crate::markup::Screen;
use crate::presenter::keys::KeyPress;
use crate::presenter::secret::Secret;
use crate::presenter::{open_drawer, settings};
use crate::shell::{Session, Shell};
use aurapos_domain::calendar::{SECOND_US, Timestamp};
use aurapos_domain::ids::OperatorId;
use aurapos_domain::people::Pin;
use aurapos_engine::command::TypedPin;
use aurapos_engine::error::{Code, Detail};
use aurapos_engine::queries::PersonView;
use aurapos_engine::{Command, EngineError, Reply};
use aurapos_locale::Language;
use slint::platform::Key;

const MINUTE_US: i64 = 60 * SECOND_US;

/// Somebody who may sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Person {
    id: OperatorId,
    name: String,
    role: String,
    role_name: String,
    locked_until: Option<Timestamp>,
}

/// Why the last PIN was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Fault {
    #[default]
    None,
    Wrong(Option<u32>),
    Other(Trouble),
}

/// State of the screen and of the lock.
#[derive(Debug, Default)]
pub struct SignIn {
    people: Vec<Person>,
    loading: bool,
    failed: bool,
    chosen: usize,
    /// Who signed in last on this machine is chosen when the screen is shown again.
    last: Option<OperatorId>,
    pin: Secret,
    busy: bool,
    fault: Fault,
    asks_to_leave: bool,
    leaving: bool,
    /// Tiles in a row, as the screen says.
    columns: usize,
}

/// The screen is shown.
pub fn enter(shell: &mut Shell) {
    forget_typed(shell);
    shell.sign_in.asks_to_leave = false;
    shell.sign_in.leaving = false;
    load(shell);
}

/// Reads who there is; also after something went wrong.
pub fn load(shell: &mut Shell) {
    shell.sign_in.loading = true;
    shell.sign_in.failed = false;
    let now = shell.host().now();
    shell.read(
        Topic::People,
        move |reading| reading.people(now),
        move |shell, result| {
            shell.sign_in.loading = false;
            match result {
                Ok(list) => known(shell, list, now),
                Err(error) => {
                    shell.sign_in.failed = true;
                    shell.fail(&error);
                }
            }
        },
    );
}

fn known(shell: &mut Shell, list: Vec<PersonView>, asked: Timestamp) {
    let chosen = shell.sign_in.people.get(shell.sign_in.chosen).map(|person| person.id).or(shell.sign_in.last);
    let people = list.into_iter().map(|one| Person {
        id: one.id,
        locked_until: one.locked_us.map(|left| Timestamp(asked.0 + left)),
        role: one.role,
        role_name: one.role_name,
        name: one.name,
    });
    shell.sign_in.people = people.collect();
    let place = shell.sign_in.people.iter().position(|person| Some(person.id) == chosen);
    shell.sign_in.chosen = place.unwrap_or_default();
}

/// The PIN is for this one.
pub fn choose(shell: &mut Shell, index: usize) {
    if shell.sign_in.busy || index >= shell.sign_in.people.len() {
        return;
    }
    if index != shell.sign_in.chosen {
        forget_typed(shell);
    }
    shell.sign_in.chosen = index;
}

/// A key of the pad: a figure, or `back`.
pub fn pad(shell: &mut Shell, key: &str) {
    if shell.sign_in.busy || wait_us(shell).is_some() {
        return;
    }
    shell.sign_in.fault = Fault::None;
    match (key, key.chars().next()) {
        ("back", _) => shell.sign_in.pin.pop(),
        (_, Some(figure)) => shell.sign_in.pin.push(figure, Pin::DIGITS_MAX),
        (_, None) => {}
    }
}

/// Everything that was typed goes.
pub fn clear(shell: &mut Shell) {
    if !shell.sign_in.busy {
        forget_typed(shell);
    }
}

fn forget_typed(shell: &mut Shell) {
    shell.sign_in.pin.clear();
    shell.sign_in.fault = Fault::None;
}

/// The PIN is complete: signs in, or takes the lock away.
pub fn submit(shell: &mut Shell) {
    if shell.sign_in.busy || shell.sign_in.pin.is_empty() || wait_us(shell).is_some() {
        return;
    }
    if shell.locked {
        unlock(shell);
    } else if shell.session.is_some() {
        // Signed in already; the way to the sale is being looked for.
    } else if let Some(person) = shell.sign_in.people.get(shell.sign_in.chosen) {
        let name = person.name.clone();
        let pin = shell.sign_in.pin.take();
        sign_in(shell, name, pin);
    }
}

fn sign_in(shell: &mut Shell, operator: String, pin: TypedPin) {
    shell.sign_in.busy = true;
    shell.submit(Command::SignIn { operator, pin }, |shell, result| {
        shell.sign_in.busy = false;
        match result {
            Ok(Reply::SignedIn { session, operator }) => {
                shell.sign_in.last = Some(operator.id);
                shell.session = Some(Session { id: session, operator });
                shell.locked = false;
                forget_typed(shell);
                shell.status.last_touch = Some(shell.host().now());
                open_drawer::check_then_sale(shell);
                settings::findings::load(shell);
                settings::sharing::look(shell);
            }
            Ok(_) => {}
            Err(error) => refused(shell, &error),
        }
    });
}

/// Asks for the PIN before anything else; the ticket stays.
pub fn lock(shell: &mut Shell) {
    if shell.session.is_none() || shell.locked {
        return;
    }
    // First the screen: it is covered even while the engine is busy with something long.
    shell.locked = true;
    shell.status.help_open = false;
    shell.sign_in.asks_to_leave = false;
    shell.sign_in.leaving = false;
    forget_typed(shell);
    shell.submit(Command::Lock, |shell, result| {
        if let Err(error) = result {
            tracing::warn!(code = error.code, "the session was not locked: {}", error.message);
            if error.is(Code::SignedOut) {
                signed_out(shell);
            }
        }
    });
}

fn unlock(shell: &mut Shell) {
    let pin = shell.sign_in.pin.take();
    shell.sign_in.busy = true;
    shell.submit(Command::Unlock { pin }, |shell, result| {
        shell.sign_in.busy = false;
        match result {
            Ok(_) => {
                shell.locked = false;
                forget_typed(shell);
                shell.status.last_touch = Some(shell.host().now());
            }
            Err(error) if error.is(Code::SignedOut) => signed_out(shell),
            Err(error) => refused(shell, &error),
        }
    });
}

/// The PIN was not taken: says why at the pad.
fn refused(shell: &mut Shell, error: &EngineError) {
    shell.sign_in.pin.clear();
    let until = match error.detail.as_deref() {
        Some(Detail::LockedOut { seconds_left }) => {
            let left = i64::try_from(*seconds_left).unwrap_or(i64::MAX / SECOND_US).saturating_mul(SECOND_US);
            Some(Timestamp(shell.host().now().0.saturating_add(left)))
        }
        _ => None,
    };
    shell.sign_in.fault = match error.detail.as_deref() {
        Some(Detail::WrongPin { tries_left }) => Fault::Wrong(Some(*tries_left)),
        _ if error.is(Code::WrongPin) => Fault::Wrong(None),
        _ if until.is_some() => Fault::None,
        _ => Fault::Other(Trouble::from(error.clone())),
    };
    let id = person_of(shell).map(|person| person.id);
    if let Some(person) = shell.sign_in.people.iter_mut().find(|person| Some(person.id) == id) {
        person.locked_until = until;
    }
}

/// Whose PIN is asked: of who is signed in when the register is locked, otherwise of who is chosen.
fn person_of(shell: &Shell) -> Option<&Person> {
    match (&shell.session, shell.locked) {
        (Some(session), true) => shell.sign_in.people.iter().find(|person| person.id == session.operator.id),
        _ => shell.sign_in.people.get(shell.sign_in.chosen),
    }
}

/// How long whoever's PIN is asked still has to wait.
fn wait_us(shell: &Shell) -> Option<i64> {
    view::left_us(person_of(shell)?.locked_until, shell.host().now())
}

/// Nobody is signed in any more.
pub(crate) fn signed_out(shell: &mut Shell) {
    shell.end_session();
    shell.sale.ticket = None;
    shell.go_home(Screen::SignIn);
}

/// A key that no control wanted. True: taken.
pub fn key(shell: &mut Shell, key: &KeyPress) -> bool {
    if key.control || key.alt {
        return false;
    }
    if let Some(figure) = key.digit() {
        if !key.repeat {
            pad(shell, &figure.to_string());
        }
        return true;
    }
    if key.is(Key::Backspace) {
        pad(shell, "back");
    } else if key.is(Key::Return) {
        submit(shell);
    } else if key.is(Key::Escape) || key.is(Key::Delete) {
        clear(shell);
    } else {
        return !shell.locked && arrow(shell, key);
    }
    true
}

fn arrow(shell: &mut Shell, key: &KeyPress) -> bool {
    let SignIn { chosen, columns, .. } = shell.sign_in;
    let Some(target) = view::arrow_target(key, chosen, shell.sign_in.people.len(), columns) else { return false };
    choose(shell, target);
    true
}

/// Another language for the screens, from now on and at the next start.
pub fn choose_language(shell: &mut Shell, index: usize) {
    let Some(language) = Language::ALL.get(index).copied() else { return };
    shell.language = language;
    shell.language_of_run = false;
    shell.preferences.language = language.code().to_owned();
    let answer = shell.expect(|shell, result: Result<(), Trouble>| {
        if let Err(trouble) = result {
            shell.fail_host(&trouble);
        }
    });
    shell.host().keep_preferences(shell.session_id(), shell.preferences.clone(), answer);
}

/// Locks a register that nobody touched for as long as the preferences say.
pub fn lock_when_idle(shell: &mut Shell, now: Timestamp) {
    let minutes = i64::from(shell.preferences.idle_lock_minutes);
    let Some(last) = shell.status.last_touch else { return };
    // A clock that was put back is no long absence, and one that was put forward locks: the careful way.
    if minutes > 0 && now.0.saturating_sub(last.0) >= minutes * MINUTE_US {
        lock(shell);
    }
}

/// So many tiles stand in a row.
pub fn laid_out(shell: &mut Shell, columns: usize) {
    shell.sign_in.columns = columns;
}

/// Lines of the ticket of whoever is signed in.
pub fn ticket_lines(shell: &Shell) -> usize {
    let ticket = shell.sale.ticket.as_ref().filter(|_| shell.session.is_some());
    ticket.map_or(0, |ticket| ticket.lines.len())
}
