//! Event sinks: told what was committed, in order, at least once. What a sink missed (it failed, the program was killed,
//! the data was restored, it was configured later) it gets from the journal, life after life of the register, after the
//! position that it names itself. What an entry is told as, [`aurapos_engine::tell`] alone knows (ADR 0023).

use super::wheel::{Answers, Wheel};
use crate::RuntimeError;
use aurapos_contract::events::HostEvent;
use aurapos_contract::{EventSink, PluginResult, RecordStore, Uuid};
use aurapos_domain::ids::IncarnationId;
use aurapos_engine::effect::{Effect, EffectAnswer};
use aurapos_engine::tell;
use crossbeam_channel::Receiver;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Journal entries told at once when a sink has to catch up.
const CATCH_UP_ROWS: u32 = 200;

/// The worker of all sinks.
pub(super) struct Sinks {
    pub(super) store: Arc<dyn RecordStore>,
    pub(super) sinks: Vec<(String, Arc<dyn EventSink>)>,
    pub(super) answers: Answers,
    pub(super) wheel: Wheel,
    /// The register closes: catching up goes on at the next start.
    pub(super) closing: Arc<AtomicBool>,
}

/// Why a sink is not up to date.
enum Behind {
    /// The register closes.
    Closing,
    /// The sink or the store failed.
    Failed(String),
}

impl Sinks {
    /// Runs until the queue ends.
    pub(super) fn run(self, effects: &Receiver<Effect>) {
        // At start each may have missed the end of an earlier life.
        let mut behind: Vec<bool> = vec![true; self.sinks.len()];
        self.bring_up(&mut behind);
        for effect in effects {
            let Effect::Deliver { id, events, missed } = effect else { continue };
            if missed {
                behind.fill(true);
            }
            let answer = self.tell(&mut behind, &events);
            if self.answers.send((id, EffectAnswer::Delivered(answer))).is_err() {
                break;
            }
        }
    }

    /// Tells each sink what it does not have yet; the first error is the answer.
    fn tell(&self, behind: &mut [bool], events: &[HostEvent]) -> PluginResult<()> {
        self.bring_up(behind);
        let mut answer = Ok(());
        for ((name, sink), behind) in self.sinks.iter().zip(behind) {
            if *behind {
                continue;
            }
            let told = missing(sink.as_ref(), events)
                .and_then(|missing| if missing.is_empty() { Ok(()) } else { sink.deliver(&missing) });
            if let Err(error) = told {
                *behind = true;
                self.wheel.device_failed(name, &error);
                answer = answer.and(Err(error));
            }
        }
        answer
    }

    fn bring_up(&self, behind: &mut [bool]) {
        if !behind.contains(&true) {
            return;
        }
        let lives = match tell::lives(self.store.as_ref()) {
            Ok(lives) => lives,
            Err(error) => return tracing::warn!("the event sinks are behind: {error}"),
        };
        for ((name, sink), behind) in self.sinks.iter().zip(behind).filter(|(_, behind)| **behind) {
            let caught_up = lives.iter().try_for_each(|life| self.catch_up(sink.as_ref(), *life));
            match caught_up {
                Ok(()) => *behind = false,
                Err(Behind::Closing) => return,
                Err(Behind::Failed(why)) => tracing::warn!(instance = name, "the event sink is behind: {why}"),
            }
        }
    }

    /// Tells a sink everything of one life that it does not have.
    fn catch_up(&self, sink: &dyn EventSink, life: IncarnationId) -> Result<(), Behind> {
        let fail = |error: RuntimeError| Behind::Failed(error.to_string());
        let mut position = sink.position(life.uuid()).map_err(|error| fail(error.into()))?;
        loop {
            if self.closing.load(Ordering::Relaxed) {
                return Err(Behind::Closing);
            }
            let after = tell::events_after(self.store.as_ref(), life, position, CATCH_UP_ROWS);
            let (events, last) = after.map_err(|error| fail(error.into()))?;
            if last == position {
                return Ok(());
            }
            if !events.is_empty() {
                sink.deliver(&events).map_err(|error| fail(error.into()))?;
            }
            position = last;
        }
    }
}

/// The events that a sink does not have.
fn missing(sink: &dyn EventSink, events: &[HostEvent]) -> PluginResult<Vec<HostEvent>> {
    let mut missing = Vec::new();
    let mut known: Option<(Uuid, u64)> = None;
    for event in events {
        let position = match known {
            Some((incarnation, position)) if incarnation == event.incarnation => position,
            _ => sink.position(event.incarnation)?,
        };
        known = Some((event.incarnation, position));
        if event.sequence > position {
            missing.push(event.clone());
        }
    }
    Ok(missing)
}

#[cfg(test)]
mod tests;
