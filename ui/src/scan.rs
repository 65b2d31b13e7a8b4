//! Telling a scanner from a typist: a scanner types a code in one burst and ends it with Enter.
//!
//! Every character is held for a moment before any control sees it. When the burst ends with Enter it is a scan and no
//! control ever sees it; when the moment passes, what was held is typed as if nothing had happened. Whether a burst goes
//! on is decided by what is still held and not by how late a key is seen: a window that was busy sees a burst late, but
//! still in one go. Knows no codes and no screens.

use slint::SharedString;
use slint::platform::Key;
use std::time::Duration;

/// How long a key is held while a second one may come. Scanners send one every 1 to 30 ms; hands need 60 and more. Every
/// key that is typed is seen so much later, so it is as short as can be.
pub const HOLD: Duration = Duration::from_millis(32);
/// How long the keys of a burst are held that has begun: hardly ever typed by hands, so that waiting longer costs nothing.
pub const HOLD_BURST: Duration = Duration::from_millis(50);
/// Once the moment has passed, keys that wait behind a busy window are looked at first. They are all there by then: one turn
/// of the window's loop is enough.
pub const GRACE: Duration = Duration::from_millis(4);
/// The shortest code that a scan can be; shop codes are often of four figures.
pub const CODE_MIN: usize = 4;
/// The longest code; what is longer was not scanned.
pub const CODE_MAX: usize = 128;

/// What becomes of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on to the controls.
    Pass,
    /// It is held.
    Hold,
    /// It ended a scan of this code.
    Scan(String),
}

/// Holds keys until it is clear what they are.
#[derive(Debug, Default)]
pub struct ScanFilter {
    held: Vec<SharedString>,
    /// Where the burst that may be a scan begins in `held`.
    burst: usize,
    until: Option<Duration>,
    in_grace: bool,
}

impl ScanFilter {
    /// A key without Control or Alt.
    pub fn press(&mut self, text: &SharedString, repeat: bool, now: Duration) -> Verdict {
        if is_modifier(text) {
            return Verdict::Pass;
        }
        if !repeat && is_code_character(text) {
            self.held.push(text.clone());
            if self.held.len() - self.burst > CODE_MAX {
                // Too long for a code: it is text.
                self.burst = self.held.len();
            }
            let alone = self.held.len() - self.burst == 1;
            self.until = Some(now + if alone { HOLD } else { HOLD_BURST });
            self.in_grace = false;
            return Verdict::Hold;
        }
        if !repeat && ends_a_scan(text) && self.held.len() - self.burst >= CODE_MIN {
            let code: String = self.held.drain(self.burst..).map(String::from).collect();
            // What was typed before the burst is typed now.
            self.until = (!self.held.is_empty()).then_some(now);
            self.in_grace = true;
            return Verdict::Scan(code);
        }
        if self.held.is_empty() {
            return Verdict::Pass;
        }
        // Behind what is held, so that the order stays.
        self.held.push(text.clone());
        self.burst = self.held.len();
        self.until = Some(now);
        self.in_grace = true;
        Verdict::Hold
    }

    /// Whether keys are held that may be a scan: what comes now may belong to it.
    pub fn is_in_burst(&self) -> bool {
        self.held.len() > self.burst
    }

    /// When [`ScanFilter::release`] has to be asked; `None` when nothing is held.
    pub fn held_until(&self) -> Option<Duration> {
        self.until
    }

    /// What was held and is no scan, in order; empty while the moment has not passed.
    pub fn release(&mut self, now: Duration) -> Vec<SharedString> {
        match self.until {
            Some(until) if now >= until && self.in_grace => {
                self.until = None;
                self.burst = 0;
                std::mem::take(&mut self.held)
            }
            Some(until) if now >= until => {
                self.in_grace = true;
                self.until = Some(now + GRACE);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// Forgets what is held: the screen it was meant for is gone.
    pub fn clear(&mut self) {
        *self = ScanFilter::default();
    }
}

/// FNC1 between the elements of a GS1 code, as scanners send it: no key of a keyboard types it.
pub const SEPARATOR: char = '\u{1d}';

/// A character that can stand in a code: printable or [`SEPARATOR`], one, and no space at the beginning of anything.
fn is_code_character(text: &str) -> bool {
    let mut characters = text.chars();
    let (Some(character), None) = (characters.next(), characters.next()) else { return false };
    if character == SEPARATOR {
        return true;
    }
    !character.is_control() && !character.is_whitespace() && !('\u{e000}'..='\u{f8ff}').contains(&character)
}

fn ends_a_scan(text: &SharedString) -> bool {
    *text == SharedString::from(Key::Return) || *text == SharedString::from(Key::Tab)
}

fn is_modifier(text: &SharedString) -> bool {
    [Key::Shift, Key::ShiftR, Key::Control, Key::ControlR, Key::Alt, Key::AltGr, Key::CapsLock, Key::Meta, Key::MetaR]
        .into_iter()
        .any(|key| *text == SharedString::from(key))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const ENTER: &str = "\n";

    /// Keys with their times in ms; `!` in a text stands for Enter, `<` for the left arrow. Gives what was scanned and what
    /// was typed, with the timer asked as the window does.
    fn play(keys: &[(u64, &str)]) -> (Vec<String>, String) {
        let mut filter = ScanFilter::default();
        let (mut scans, mut typed) = (Vec::new(), String::new());
        let show = |text: &str| text.replace('\n', "!").replace('\u{f702}', "<");
        let ask = |filter: &mut ScanFilter, until: Option<Duration>, typed: &mut String| {
            while let Some(at) = filter.held_until().filter(|at| until.is_none_or(|until| *at <= until)) {
                for text in filter.release(at) {
                    typed.push_str(&show(&text));
                }
            }
        };
        for (at, text) in keys {
            let now = Duration::from_millis(*at);
            ask(&mut filter, Some(now), &mut typed);
            for character in text.chars() {
                let text: SharedString = match character {
                    '!' => ENTER.into(),
                    '<' => Key::LeftArrow.into(),
                    other => String::from(other).into(),
                };
                match filter.press(&text, false, now) {
                    Verdict::Pass => typed.push_str(&show(&text)),
                    Verdict::Hold => {}
                    Verdict::Scan(code) => scans.push(code),
                }
            }
        }
        ask(&mut filter, None, &mut typed);
        (scans, typed)
    }

    #[test]
    fn a_burst_with_enter_is_a_scan_and_everything_else_is_typed() {
        #[track_caller]
        fn check(keys: &[(u64, &str)], scans: &[&str], typed: &str) {
            assert_eq!(play(keys), (scans.iter().map(|s| (*s).to_owned()).collect(), typed.to_owned()));
        }
        // One burst, as slow scanners do it, and two in a row.
        check(&[(0, "5400000000003!")], &["5400000000003"], "");
        check(&[(0, "5"), (30, "4"), (60, "0"), (90, "1"), (120, "!")], &["5401"], "");
        // One that stumbles once it has begun.
        check(&[(0, "5"), (10, "4"), (58, "0"), (70, "1"), (118, "!")], &["5401"], "");
        check(&[(0, "54001!"), (5, "54002!")], &["54001", "54002"], "");
        // A GS1 code with FNC1 in it.
        check(&[(0, "0105400000002649\u{1d}10AB!")], &["0105400000002649\u{1d}10AB"], "");
        // Typed by hand: slow, with Enter at the end or not.
        check(&[(0, "5"), (100, "4"), (200, "0"), (300, "1"), (400, "!")], &[], "5401!");
        check(&[(0, "cafe")], &[], "cafe");
        check(&[(0, "caf"), (10, "!")], &[], "caf!");
        check(&[(0, "!")], &[], "!");
        // A scan in the middle of typing does not swallow what was typed and is not mixed with it.
        check(&[(0, "ab"), (200, "54001!"), (400, "c")], &["54001"], "abc");
        // Order stays with keys that are no characters.
        check(&[(0, "ab<c")], &[], "ab<c");
        check(&[(0, "ab"), (5, "<"), (10, "54001!")], &["54001"], "ab<");
    }

    #[test]
    fn a_busy_window_does_not_cut_a_scan_in_two() {
        // The keys came at 0 to 12 ms; the window was busy from 5 to 90 ms and asks the timer first when it wakes.
        let mut filter = ScanFilter::default();
        for character in ["5", "4", "0"] {
            assert_eq!(filter.press(&character.into(), false, Duration::from_millis(4)), Verdict::Hold);
        }
        assert!(filter.release(Duration::from_millis(90)).is_empty(), "keys behind a busy window get a chance");
        for character in ["0", "1"] {
            assert_eq!(filter.press(&character.into(), false, Duration::from_millis(91)), Verdict::Hold);
        }
        assert_eq!(filter.press(&ENTER.into(), false, Duration::from_millis(91)), Verdict::Scan("54001".to_owned()));
    }

    #[test]
    fn a_key_held_down_is_no_scan() {
        let mut filter = ScanFilter::default();
        for _ in 0..10 {
            assert_eq!(filter.press(&"7".into(), true, Duration::ZERO), Verdict::Pass);
        }
        assert_eq!(filter.held_until(), None);
    }

    #[test]
    fn what_is_longer_than_a_code_is_text() {
        let (scans, typed) = play(&[(0, &"x".repeat(CODE_MAX + 2)), (1, "!")]);
        assert_eq!((scans.len(), typed.len()), (0, CODE_MAX + 3));
    }
}
