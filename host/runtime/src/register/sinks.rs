//! Event sinks: told what was committed, in order, at least once. What a sink missed (it failed, the program was killed,
//! it was configured later) it gets from the journal, after the position that it names itself.

use super::turn::Wheel;
use super::workers::{Answers, failed};
use crate::RuntimeError;
use aurapos_contract::events::HostEvent;
use aurapos_contract::query::{FilterKind, Query};
use aurapos_contract::{EventSink, PluginResult, RecordStore, RowBatch, Uuid, Value};
use aurapos_domain::journal::{EntryKind, Hash};
use aurapos_domain::sale;
use aurapos_engine::effect::{Effect, EffectAnswer};
use aurapos_engine::queries;
use aurapos_engine::usecases::tell::of_sale;
use aurapos_engine::view;
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
        if let Ok(register) = queries::register(self.store.as_ref()) {
            self.bring_up(&mut behind, register.incarnation.uuid());
        }
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
        if let Some(first) = events.first() {
            self.bring_up(behind, first.incarnation);
        }
        let mut answer = Ok(());
        for ((name, sink), behind) in self.sinks.iter().zip(behind) {
            if *behind {
                continue;
            }
            let told = missing(sink.as_ref(), events)
                .and_then(|missing| if missing.is_empty() { Ok(()) } else { sink.deliver(&missing) });
            if let Err(error) = told {
                *behind = true;
                failed(&self.wheel, name, &error);
                answer = answer.and(Err(error));
            }
        }
        answer
    }

    fn bring_up(&self, behind: &mut [bool], incarnation: Uuid) {
        for ((name, sink), behind) in self.sinks.iter().zip(behind).filter(|(_, behind)| **behind) {
            match self.catch_up(sink.as_ref(), incarnation) {
                Ok(()) => *behind = false,
                Err(Behind::Closing) => return,
                Err(Behind::Failed(why)) => tracing::warn!(instance = name, "the event sink is behind: {why}"),
            }
        }
    }

    fn catch_up(&self, sink: &dyn EventSink, incarnation: Uuid) -> Result<(), Behind> {
        let fail = |error: RuntimeError| Behind::Failed(error.to_string());
        let mut position = sink.position(incarnation).map_err(|error| fail(error.into()))?;
        loop {
            if self.closing.load(Ordering::Relaxed) {
                return Err(Behind::Closing);
            }
            let (events, last) = self.sales_after(incarnation, position).map_err(fail)?;
            let Some(last) = last else { return Ok(()) };
            sink.deliver(&events).map_err(|error| fail(error.into()))?;
            position = last;
        }
    }

    /// The next sales and refunds of a chain, and the last one's number.
    fn sales_after(&self, incarnation: Uuid, position: u64) -> Result<(Vec<HostEvent>, Option<u64>), RuntimeError> {
        let kinds = [EntryKind::SALE, EntryKind::REFUND].map(|kind| Value::Int(i64::from(kind.0)));
        let query = Query::over("journal")
            .select(&["seq", "hash", "body"])
            .filter("incarnation", FilterKind::Equal, incarnation)
            .filter("seq", FilterKind::Greater, i64::try_from(position).unwrap_or(i64::MAX))
            .filter_in("kind", kinds.to_vec())
            .limit(CATCH_UP_ROWS);
        let batch = self.store.scan(&query)?;
        let events: Vec<HostEvent> = (0..batch.len()).filter_map(|row| event(&batch, row)).collect();
        let last = events.last().map(|event| event.sequence);
        Ok((events, last))
    }
}

/// The event of a stored sale. What cannot be read is for `journal verify` to tell.
fn event(batch: &RowBatch, row: usize) -> Option<HostEvent> {
    let seq = u64::try_from(batch.int(row, 0)?).ok()?;
    let hash = Hash(batch.bytes(row, 1)?.try_into().ok()?);
    let sale = sale::decode(batch.bytes(row, 2)?).ok()?;
    Some(of_sale(&view::Sale { sale, seq, hash, repeated: false }))
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
