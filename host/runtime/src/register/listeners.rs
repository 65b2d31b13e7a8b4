//! Who hears what happens. Owns: subscribers, and what somebody has to hear that happened before there was one: a register
//! is open before its window listens. Must not know: what a notice is about, but for that.

use super::notice::Notice;
use aurapos_engine::Event;
use crossbeam_channel::Sender;

/// Most notices that are kept for the first subscriber.
const KEPT_MAX: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Listeners {
    subscribers: Vec<Sender<Notice>>,
    kept: Vec<Notice>,
    /// Somebody listened: what comes later is theirs, or nobody's.
    heard: bool,
}

impl Listeners {
    /// One more, who hears first what nobody heard yet.
    pub(super) fn add(&mut self, subscriber: Sender<Notice>) {
        self.heard = true;
        if self.kept.drain(..).all(|notice| subscriber.try_send(notice).is_ok()) {
            self.subscribers.push(subscriber);
        }
    }

    pub(super) fn tell(&mut self, notice: &Notice) {
        if !self.heard && self.kept.len() < KEPT_MAX && needs_somebody(notice) {
            self.kept.push(notice.clone());
        }
        // Full or gone: such a subscriber starts again with a fresh picture.
        self.subscribers.retain(|subscriber| subscriber.try_send(notice.clone()).is_ok());
    }
}

/// Whether a person has to do something about it. Everything else a screen reads when it is shown.
fn needs_somebody(notice: &Notice) -> bool {
    let Notice::Event(event) = notice else { return false };
    matches!(
        event.as_ref(),
        Event::PrintFailed { .. }
            | Event::PaymentManual { .. }
            | Event::PaymentLied { .. }
            | Event::ClockJumped { .. }
            | Event::InDoubt(_)
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use aurapos_domain::ids::ReceiptNumber;
    use crossbeam_channel::bounded;

    fn unprinted(counter: usize) -> Notice {
        let receipt_no = ReceiptNumber::parse(&format!("R1-1-{counter:06}")).unwrap();
        Notice::Event(Box::new(Event::PrintFailed { receipt_no, message: String::new() }))
    }

    #[test]
    fn the_first_one_hears_what_happened_before() {
        let mut listeners = Listeners::default();
        (1..=100).for_each(|counter| listeners.tell(&unprinted(counter)));
        listeners.tell(&Notice::Event(Box::new(Event::CatalogChanged { product: None })));
        let (window, heard) = bounded(1_000);
        listeners.add(window);
        assert_eq!(heard.try_iter().count(), KEPT_MAX);
        listeners.tell(&unprinted(101));
        assert_eq!(heard.try_iter().count(), 1);
        let (second, nothing) = bounded(1_000);
        listeners.add(second);
        assert_eq!(nothing.try_iter().count(), 0, "it was told already");
        drop((heard, nothing));
        listeners.tell(&unprinted(102));
        let (late, nothing) = bounded(1_000);
        listeners.add(late);
        assert_eq!(nothing.try_iter().count(), 0);
    }
}
