//! The keyboard and the scanner: every key passes here before any control sees it.
//!
//! Two stages. Before the controls: scans, and the keys that mean the same on every screen. After them: what no control
//! wanted goes to the shown screen.

use crate::markup::Screen;
use crate::presenter::{
    backups, done, drawer, open_drawer, operators, orders, payment, products, sale, settings, sign_in, status,
};
use crate::scan::{SEPARATOR, ScanFilter, Verdict};
use crate::shell::Shell;
use slint::SharedString;
use slint::platform::Key;
use std::time::Duration;

/// Keys that are held.
#[derive(Debug, Default)]
pub struct Keys {
    filter: ScanFilter,
    /// What was held is being typed: it is let through.
    releasing: bool,
    /// Keys whose press no control saw: none sees their release either.
    swallowed: Vec<SharedString>,
}

/// A key that was pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPress {
    /// Slint's text: a character, or a code of the private area for a named key.
    pub text: SharedString,
    /// Control.
    pub control: bool,
    /// Alt.
    pub alt: bool,
    /// Shift.
    pub shift: bool,
    /// It repeats because it is held down.
    pub repeat: bool,
}

impl KeyPress {
    /// Whether it is this named key.
    pub fn is(&self, key: Key) -> bool {
        self.text == SharedString::from(key)
    }

    /// The digit that was typed.
    pub fn digit(&self) -> Option<char> {
        let mut characters = self.text.chars();
        let first = characters.next().filter(char::is_ascii_digit)?;
        characters.next().is_none().then_some(first)
    }

    /// The key of a number pad that it stands for: a digit, `.` or `back`.
    pub fn pad(&self) -> Option<&str> {
        match self.text.as_str() {
            digit if self.digit().is_some() => Some(digit),
            "." | "," => Some("."),
            _ if self.is(Key::Backspace) => Some("back"),
            _ => None,
        }
    }
}

/// A key was pressed. True: taken, no control sees it.
pub fn pressed(shell: &mut Shell, key: &KeyPress, now: Duration) -> bool {
    shell.status.last_touch = Some(shell.host().now());
    if shell.keys.releasing {
        return false;
    }
    let taken = scanned(shell, key, now) || everywhere(shell, key);
    if taken && shell.keys.swallowed.len() < 64 {
        shell.keys.swallowed.push(key.text.clone());
    }
    taken
}

/// A key that no control wanted. True: taken.
pub fn unhandled(shell: &mut Shell, key: &KeyPress) -> bool {
    if shell.locked {
        return sign_in::key(shell, key);
    }
    let taken = match shell.screen {
        Screen::SignIn => sign_in::key(shell, key),
        Screen::OpenDrawer => open_drawer::key(shell, key),
        Screen::Sale => sale::key(shell, key),
        Screen::Payment => payment::key(shell, key),
        Screen::Done => done::key(shell, key),
        Screen::Orders => orders::key(shell, key),
        Screen::Drawer => drawer::key(shell, key),
        Screen::Products => products::key(shell, key),
        Screen::Operators => operators::key(shell, key),
        Screen::Backups => backups::key(shell, key),
        Screen::Settings => settings::key(shell, key),
        _ => false,
    };
    if !taken
        && key.is(Key::Escape)
        && shell.session.is_some()
        && !matches!(shell.screen, Screen::Sale | Screen::SignIn)
    {
        shell.back();
        return true;
    }
    taken
}

/// A key was released. True: taken.
pub fn released(shell: &mut Shell, text: &str) -> bool {
    let place = shell.keys.swallowed.iter().position(|swallowed| swallowed == text);
    place.map(|place| shell.keys.swallowed.swap_remove(place)).is_some()
}

/// Until when keys are held that may be a scan.
pub fn held_until(shell: &Shell) -> Option<Duration> {
    shell.keys.filter.held_until()
}

/// What was held and is typed now.
pub fn release(shell: &mut Shell, now: Duration) -> Vec<SharedString> {
    let typed = shell.keys.filter.release(now);
    shell.keys.releasing = !typed.is_empty();
    typed
}

/// Everything that was held was typed.
pub fn released_all(shell: &mut Shell) {
    shell.keys.releasing = false;
}

/// Whether a scan means something now: somebody is at work and the register is not locked.
fn scans_mean_something(shell: &Shell) -> bool {
    status::at_work(shell) && !shell.locked && shell.screen != Screen::SignIn
}

fn scanned(shell: &mut Shell, key: &KeyPress, now: Duration) -> bool {
    if !scans_mean_something(shell) {
        return false;
    }
    // Scanners that play a keyboard send FNC1 as Control and the bracket.
    let separates = key.control && !key.alt && (key.text == "]" || key.text.starts_with(SEPARATOR));
    if (key.control || key.alt) && !(separates && shell.keys.filter.is_in_burst()) {
        return false;
    }
    let text = if separates { SharedString::from(SEPARATOR) } else { key.text.clone() };
    match shell.keys.filter.press(&text, key.repeat, now) {
        Verdict::Pass => false,
        Verdict::Hold => true,
        Verdict::Scan(code) => {
            route(shell, &code);
            true
        }
    }
}

/// Where a scan goes: to a form that asks for one, to the order whose receipt it is, and otherwise into the ticket.
fn route(shell: &mut Shell, code: &str) {
    let taken = match shell.screen {
        Screen::Products => products::scanned(shell, code),
        Screen::Orders => orders::scanned(shell, code),
        Screen::Settings => settings::scanned(shell, code),
        _ => false,
    };
    if !taken {
        sale::scanned(shell, code);
    }
}

/// Keys that mean the same wherever they are pressed.
fn everywhere(shell: &mut Shell, key: &KeyPress) -> bool {
    // Over the lock nothing opens that would be there when it is gone.
    if key.repeat || key.control || key.alt || shell.locked {
        return false;
    }
    if key.is(Key::F1) {
        shell.status.help_open = !shell.status.help_open;
        return true;
    }
    if shell.status.help_open && key.is(Key::Escape) {
        shell.status.help_open = false;
        return true;
    }
    if !scans_mean_something(shell) {
        return false;
    }
    if key.is(Key::F12) {
        sign_in::lock(shell);
        return true;
    }
    let screen = [(Key::F5, Screen::Sale), (Key::F6, Screen::Orders), (Key::F7, Screen::More)];
    if let Some((_, screen)) = screen.into_iter().find(|(named, _)| key.is(*named)) {
        shell.go(screen);
        return true;
    }
    // The keys of selling work from every screen; they go to the sale first.
    sale::function_key(shell, key) || payment::function_key(shell, key)
}
