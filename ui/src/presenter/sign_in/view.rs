//! What the sign-in screen and the lock show.

use super::{Fault, Person, person_of, ticket_lines};
use crate::markup::{OperatorTile, PinFault};
use crate::presenter::keys::KeyPress;
use crate::presenter::status;
use crate::shell::Shell;
use crate::wiring::frame::initials;
use aurapos_domain::calendar::{SECOND_US, Timestamp};
use aurapos_locale::{format, names};
use slint::SharedString;
use slint::platform::Key;

/// Everything that changes on the two screens.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct View {
    pub tiles: Vec<OperatorTile>,
    pub loading: bool,
    pub failed: bool,
    pub chosen: i32,
    pub person: OperatorTile,
    pub entered: i32,
    pub busy: bool,
    pub fault: PinFault,
    pub tries_left: i32,
    pub fault_text: SharedString,
    pub date_text: SharedString,
    pub ticket_lines: i32,
    pub asks_to_leave: bool,
    pub leaving: bool,
}

fn small(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// What is shown now.
pub fn view(shell: &Shell) -> View {
    let state = &shell.sign_in;
    let now = shell.host().now();
    let person = person_of(shell).map(|person| tile(shell, person, now));
    let person = person.or_else(|| signed_in(shell)).unwrap_or_default();
    let (fault, tries_left, fault_text) = match &state.fault {
        _ if !person.wait.is_empty() => (PinFault::Locked, -1, SharedString::default()),
        Fault::None => (PinFault::None, -1, SharedString::default()),
        Fault::Wrong(left) => {
            let left = left.and_then(|left| i32::try_from(left).ok()).unwrap_or(-1);
            (PinFault::Wrong, left, SharedString::default())
        }
        Fault::Other(trouble) => (PinFault::Other, -1, status::told(shell, trouble).0.into()),
    };
    View {
        tiles: state.people.iter().map(|person| tile(shell, person, now)).collect(),
        loading: state.loading,
        failed: state.failed,
        chosen: small(state.chosen),
        person,
        entered: small(state.pin.len()),
        busy: state.busy,
        fault,
        tries_left,
        fault_text,
        date_text: format::long_date(shell.language, shell.host().local(now).date).into(),
        ticket_lines: small(ticket_lines(shell)),
        asks_to_leave: state.asks_to_leave,
        leaving: state.leaving,
    }
}

fn tile(shell: &Shell, person: &Person, now: Timestamp) -> OperatorTile {
    let wait = left_us(person.locked_until, now).map(countdown).unwrap_or_default();
    OperatorTile {
        name: person.name.as_str().into(),
        role: names::role_named(shell.language, &person.role, &person.role_name).into(),
        initials: initials(&person.name).into(),
        wait: wait.into(),
    }
}

/// Who is signed in, when the list does not have them (it was not read since they were added).
fn signed_in(shell: &Shell) -> Option<OperatorTile> {
    let operator = &shell.session.as_ref().filter(|_| shell.locked)?.operator;
    Some(OperatorTile {
        name: operator.name.as_str().into(),
        role: names::role_named(shell.language, &operator.role, &operator.role_name).into(),
        initials: initials(&operator.name).into(),
        wait: SharedString::default(),
    })
}

/// What is left of a lock.
pub(super) fn left_us(until: Option<Timestamp>, now: Timestamp) -> Option<i64> {
    until.map(|until| until.0.saturating_sub(now.0)).filter(|left| *left > 0)
}

/// `0:29`, `12:05`, `1:00:00`; a begun second counts whole, so that it never says 0:00 while the lock still runs.
pub fn countdown(left_us: i64) -> String {
    let seconds = left_us.max(0).div_euclid(SECOND_US) + i64::from(left_us.max(0).rem_euclid(SECOND_US) > 0);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// Where an arrow leads in a grid that is filled row by row; `None` for another key.
pub(super) fn arrow_target(key: &KeyPress, chosen: usize, count: usize, columns: usize) -> Option<usize> {
    let columns = columns.max(1);
    let target = if key.is(Key::LeftArrow) {
        chosen.saturating_sub(1)
    } else if key.is(Key::RightArrow) {
        chosen + 1
    } else if key.is(Key::UpArrow) {
        if chosen >= columns { chosen - columns } else { chosen }
    } else if key.is(Key::DownArrow) {
        if chosen + columns < count { chosen + columns } else { chosen }
    } else {
        return None;
    };
    Some(target.min(count.saturating_sub(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_countdown_never_ends_early() {
        let second = SECOND_US;
        for (left, text) in [
            (0, "0:00"),
            (-5, "0:00"),
            (1, "0:01"),
            (second, "0:01"),
            (29 * second + 1, "0:30"),
            (60 * second, "1:00"),
            (725 * second, "12:05"),
            (3600 * second, "1:00:00"),
        ] {
            assert_eq!(countdown(left), text, "{left}");
        }
        assert_eq!(left_us(Some(Timestamp(5)), Timestamp(5)), None);
        assert_eq!(left_us(Some(Timestamp(5)), Timestamp(4)), Some(1));
        assert_eq!(left_us(None, Timestamp(4)), None);
    }

    #[test]
    fn arrows_move_in_the_grid() {
        let press = |key: Key| KeyPress { text: key.into(), control: false, alt: false, shift: false, repeat: false };
        // Five tiles, three in a row.
        for (key, from, to) in [
            (Key::RightArrow, 0, 1),
            (Key::RightArrow, 4, 4),
            (Key::LeftArrow, 0, 0),
            (Key::LeftArrow, 3, 2),
            (Key::DownArrow, 1, 4),
            (Key::DownArrow, 2, 2),
            (Key::UpArrow, 4, 1),
            (Key::UpArrow, 1, 1),
        ] {
            assert_eq!(arrow_target(&press(key), from, 5, 3), Some(to), "{key:?} from {from}");
        }
        assert_eq!(arrow_target(&press(Key::Return), 0, 5, 3), None);
        assert_eq!(arrow_target(&press(Key::DownArrow), 0, 0, 0), Some(0), "nobody there");
    }
}
