//! What goes between an operator and a payment while it is made: the plugin's texts one way, the wish to stop the other.
//!
//! Owns: which payments somebody wants stopped, how often and how long a text may be. Must not know: what becomes of a
//! payment.

use super::notice::Notice;
use super::wheel::Wheel;
use aurapos_contract::{PluginError, Progress};
use aurapos_engine::effect::EffectId;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often the screen hears of a payment: texts share the engine's queue with commands, and a plugin that reports without
/// end must not fill it.
const INTERVAL: Duration = Duration::from_millis(50);
/// Characters of a text that are shown: a line and a half of the screen.
const TEXT_CHARS_MAX: usize = 160;

/// Payments that somebody wants stopped, by their effect: each call of a plugin has its own, so that a wish never reaches
/// another one, also of the same intent.
#[derive(Debug, Clone, Default)]
pub(super) struct Stops(Arc<Mutex<BTreeSet<EffectId>>>);

impl Stops {
    fn all(&self) -> MutexGuard<'_, BTreeSet<EffectId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn ask(&self, payment: EffectId) {
        self.all().insert(payment);
    }

    pub(super) fn asked(&self, payment: EffectId) -> bool {
        self.all().contains(&payment)
    }

    /// It has answered.
    pub(super) fn forget(&self, payment: EffectId) {
        self.all().remove(&payment);
    }
}

/// Speaks for one payment instance.
#[derive(Debug)]
pub(super) struct Teller {
    pub(super) instance: String,
    pub(super) wheel: Wheel,
    pub(super) stops: Stops,
}

impl Teller {
    pub(super) fn failed(&self, error: &PluginError) {
        self.wheel.device_failed(&self.instance, error);
    }

    /// For one call.
    pub(super) fn of(&self, payment: EffectId) -> Telling<'_> {
        Telling { teller: self, payment, texts: Mutex::default() }
    }
}

/// The progress of one call.
#[derive(Debug)]
pub(super) struct Telling<'a> {
    teller: &'a Teller,
    payment: EffectId,
    texts: Mutex<Texts>,
}

#[derive(Debug, Default)]
struct Texts {
    /// The newest one.
    latest: String,
    /// The one that is shown, and since when.
    told: String,
    when: Option<Instant>,
}

impl Texts {
    /// The text to tell now: a newer one than is shown, when the last one was shown long enough.
    fn due(&mut self, now: Instant) -> Option<String> {
        let rests = self.when.is_some_and(|when| now.duration_since(when) < INTERVAL);
        if rests || self.latest == self.told {
            return None;
        }
        self.when = Some(now);
        self.told.clone_from(&self.latest);
        Some(self.latest.clone())
    }
}

impl Telling<'_> {
    fn tell(&self, newer: Option<&str>) {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(text) = newer {
            texts.latest = one_line(text);
        }
        if let Some(text) = texts.due(Instant::now()) {
            self.teller.wheel.tell(Notice::PaymentProgress { instance: self.teller.instance.clone(), text });
        }
    }
}

/// A plugin's text as a screen can show it.
fn one_line(text: &str) -> String {
    let mut line: String =
        text.chars().map(|one| if one.is_control() { ' ' } else { one }).take(TEXT_CHARS_MAX).collect();
    line.truncate(line.trim_end().len());
    line
}

impl Progress for Telling<'_> {
    fn report(&self, _: u64, _: u64, text: &str) {
        self.tell(Some(text));
    }

    /// Asked every 50 ms at least, as long as the call goes on: a text that came too soon after another is told then.
    fn cancelled(&self) -> bool {
        self.tell(None);
        self.teller.stops.asked(self.payment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_text_is_told_however_fast_they_come() {
        let mut texts = Texts::default();
        let start = Instant::now();
        let mut told = Vec::new();
        let mut at = |texts: &mut Texts, ms: u64| told.extend(texts.due(start + Duration::from_millis(ms)));
        at(&mut texts, 0);
        for number in 0..1_000 {
            texts.latest = format!("{number}");
            at(&mut texts, number / 20);
        }
        at(&mut texts, 49);
        at(&mut texts, 50);
        at(&mut texts, 500);
        assert_eq!(told, ["0", "999"]);
    }

    #[test]
    fn a_text_is_one_line_of_bearable_length() {
        for (text, shown) in [("Insert the card", "Insert the card"), ("a\nb\u{1b}c\r\n", "a b c"), ("", "")] {
            assert_eq!(one_line(text), shown, "{text:?}");
        }
        assert_eq!(one_line(&"\u{e9}".repeat(100_000)).chars().count(), TEXT_CHARS_MAX);
    }

    #[test]
    fn a_wish_is_for_one_call() {
        let stops = Stops::default();
        stops.ask(EffectId(1));
        stops.ask(EffectId(1));
        assert_eq!((stops.asked(EffectId(1)), stops.asked(EffectId(2))), (true, false));
        stops.forget(EffectId(1));
        assert!(stops.all().is_empty());
    }
}
