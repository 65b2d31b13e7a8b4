//! Opening the drawer: the cash it begins with, counted by coin and note or typed as a total.

pub mod count;

use crate::host::Trouble;
use crate::markup::{Denomination, Screen};
use crate::presenter::keys::KeyPress;
use crate::presenter::payment::entry::{MoneyEntry, decimal_key};
use crate::presenter::payment::{amount, money};
use crate::presenter::{drawer, status};
use crate::shell::Shell;
use aurapos_domain::money::Money;
use aurapos_domain::people::Permission;
use aurapos_engine::error::Code;
use aurapos_engine::{Command, Reply};
use aurapos_locale::format;
use count::{Count, is_note, used};
use slint::platform::Key;

/// State of the screen.
#[derive(Debug, Default)]
pub struct OpenDrawer {
    count: Count,
    by_total: bool,
    typed: MoneyEntry,
    busy: bool,
    trouble: Option<Trouble>,
}

/// After signing in: to the sale, or here when no drawer is open.
pub fn check_then_sale(shell: &mut Shell) {
    shell.submit(Command::DrawerStatus, |shell, result| match result {
        Ok(Reply::Drawer(known)) => {
            let open = drawer::note(shell, *known);
            shell.go_home(if open { Screen::Sale } else { Screen::OpenDrawer });
            drawer::tell_of_earlier_day(shell);
        }
        Ok(_) => {}
        Err(error) => {
            shell.fail(&error);
            shell.go_home(Screen::Sale);
        }
    });
}

/// The screen is shown.
pub fn enter(shell: &mut Shell) {
    let country = shell.facts.as_ref().map(|facts| facts.country.clone()).unwrap_or_default();
    let used = used(shell.currency(), &country);
    shell.open_drawer = OpenDrawer {
        // A currency whose coins are not known is typed.
        by_total: used.is_empty(),
        count: Count::of(used),
        busy: shell.open_drawer.busy,
        ..OpenDrawer::default()
    };
}

/// Typed as a total, or counted.
pub fn by_total(shell: &mut Shell, by_total: bool) {
    if !shell.open_drawer.count.rows().is_empty() && !shell.open_drawer.busy {
        shell.open_drawer.by_total = by_total;
        shell.open_drawer.trouble = None;
    }
}

/// A key of the pad.
pub fn pad(shell: &mut Shell, key: &str) {
    let currency = shell.currency();
    let state = &mut shell.open_drawer;
    if state.busy {
        return;
    }
    state.trouble = None;
    if state.by_total { state.typed.key(key, currency) } else { state.count.key(key) }
}

/// Digits go to this row.
pub fn select(shell: &mut Shell, place: usize) {
    shell.open_drawer.count.select(place);
}

/// More or less of a row.
pub fn add(shell: &mut Shell, place: usize, by: i64) {
    if !shell.open_drawer.busy {
        shell.open_drawer.trouble = None;
        shell.open_drawer.count.add(place, by);
    }
}

/// From nothing again.
pub fn clear(shell: &mut Shell) {
    if !shell.open_drawer.busy {
        shell.open_drawer.count.clear();
        shell.open_drawer.typed.clear();
        shell.open_drawer.trouble = None;
    }
}

fn total(shell: &Shell) -> Money {
    let (currency, state) = (shell.currency(), &shell.open_drawer);
    let nothing = Money::zero(currency);
    if state.by_total {
        state.typed.amount(currency).unwrap_or(nothing)
    } else {
        state.count.total(currency).unwrap_or(nothing)
    }
}

/// Opens the drawer with what was counted or typed.
pub fn open(shell: &mut Shell) {
    if shell.open_drawer.busy || !shell.may(Permission::DrawerSession) {
        return;
    }
    shell.open_drawer.busy = true;
    shell.open_drawer.trouble = None;
    let float = total(shell);
    shell.submit(Command::OpenDrawer { float }, |shell, result| {
        shell.open_drawer.busy = false;
        match result {
            Ok(Reply::Drawer(known)) => {
                drawer::note(shell, *known);
                leave(shell);
            }
            Ok(_) => {}
            // Somebody else was faster, which is what was wanted.
            Err(error) if error.is(Code::DrawerOpen) => leave(shell),
            Err(error) => {
                let trouble = Trouble::from(error);
                let (sentence, _) = status::told(shell, &trouble);
                status::note_refusal(shell, &trouble.code, &sentence);
                tracing::warn!(code = trouble.code, "shown to the operator: {}", trouble.message);
                shell.open_drawer.trouble = Some(trouble);
            }
        }
    });
}

fn leave(shell: &mut Shell) {
    if shell.screen == Screen::OpenDrawer {
        shell.go_home(Screen::Sale);
    }
}

/// A key that no control wanted.
pub fn key(shell: &mut Shell, key: &KeyPress) -> bool {
    if key.control || key.alt || !shell.may(Permission::DrawerSession) {
        return false;
    }
    // Notes and coins are counted whole: the point is for a typed total only.
    if let Some(typed) = key.pad().filter(|typed| *typed != "." || shell.open_drawer.by_total) {
        pad(shell, typed);
    } else if key.is(Key::Return) {
        // One Enter too many after the PIN is no count: an empty drawer is opened with the button.
        if !key.repeat && !total(shell).is_zero() {
            open(shell);
        }
    } else if shell.open_drawer.by_total {
        return false;
    } else {
        return row_key(shell, key);
    }
    true
}

/// The arrows choose a row, plus and minus change it.
fn row_key(shell: &mut Shell, key: &KeyPress) -> bool {
    let selected = shell.open_drawer.count.selected();
    let currency = shell.currency();
    let rows = shell.open_drawer.count.rows();
    let notes = rows.iter().filter(|(value, _)| is_note(*value, currency)).count();
    if key.is(Key::DownArrow) {
        shell.open_drawer.count.step(1);
    } else if key.is(Key::UpArrow) {
        shell.open_drawer.count.step(-1);
    } else if key.is(Key::RightArrow) && selected < notes {
        let place = (selected + notes).min(rows.len().saturating_sub(1));
        select(shell, place);
    } else if key.is(Key::LeftArrow) && selected >= notes {
        select(shell, (selected - notes).min(notes.saturating_sub(1)));
    } else if key.text == "+" {
        add(shell, selected, 1);
    } else if key.text == "-" {
        add(shell, selected, -1);
    } else {
        return false;
    }
    true
}

/// What the screen shows, as texts in the operator's language.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct View {
    pub allowed: bool,
    pub notes: Vec<Denomination>,
    pub coins: Vec<Denomination>,
    pub countable: bool,
    pub by_total: bool,
    pub total: String,
    pub decimal: String,
    pub busy: bool,
    pub trouble: String,
}

/// Builds it.
pub fn view(shell: &Shell) -> View {
    let (language, currency, state) = (shell.language, shell.currency(), &shell.open_drawer);
    let rows = state.count.rows().iter().enumerate();
    let shown = |place: usize, value: i64, count: u32| Denomination {
        place: i32::try_from(place).unwrap_or_default(),
        value: value_text(shell, Money::new(value, currency)).into(),
        count: i32::try_from(count).unwrap_or(i32::MAX),
        amount: if count == 0 {
            Default::default()
        } else {
            let sum = Money::new(value, currency).scaled(i64::from(count), 1);
            amount(language, sum.unwrap_or(Money::zero(currency))).into()
        },
        selected: place == state.count.selected(),
    };
    let (notes, coins): (Vec<_>, Vec<_>) = rows.partition(|(_, (value, _))| is_note(*value, currency));
    let all = |rows: Vec<(usize, &(i64, u32))>| {
        rows.into_iter().map(|(place, (value, count))| shown(place, *value, *count)).collect()
    };
    let (trouble, next) = state.trouble.as_ref().map(|trouble| status::told(shell, trouble)).unwrap_or_default();
    View {
        allowed: shell.may(Permission::DrawerSession),
        notes: all(notes),
        coins: all(coins),
        countable: !state.count.rows().is_empty(),
        by_total: state.by_total,
        total: money(language, total(shell)),
        decimal: decimal_key(language, currency),
        busy: state.busy,
        trouble: format!("{trouble} {next}").trim().to_owned(),
    }
}

/// `50 €`, `0,50 €`: whole values without decimals.
fn value_text(shell: &Shell, value: Money) -> String {
    let text = format::money(shell.language, value);
    let unit = 10_i64.pow(u32::from(value.currency.digits()));
    if value.minor % unit != 0 || unit == 1 {
        return text;
    }
    let zeros = format!("{}{}", format::decimal_sign(shell.language), "0".repeat(usize::from(value.currency.digits())));
    text.replacen(&zeros, "", 1)
}
