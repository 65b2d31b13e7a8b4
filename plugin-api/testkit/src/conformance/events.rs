//! Every promise of [`aurapos_contract::EventSink`].

use super::{Case, CaseResult, Check, Report, run_cases, same};
use crate::host::START;
use aurapos_contract::events::{EventKind, EventLine, EventTender, HostEvent};
use aurapos_contract::{EventSink, Uuid};
use std::sync::Arc;

/// Makes event sinks to be tested.
pub trait EventsFixture: Sync {
    /// A fresh instance without any past, in a place of its own.
    fn fresh(&self) -> Arc<dyn EventSink>;
    /// An instance over the same place as the one that was made last, as after a restart of the program.
    fn again(&self) -> Arc<dyn EventSink>;
}

/// A row of the table of cases: name, promise, how it is tried.
type Row = (&'static str, &'static str, fn(&dyn EventsFixture) -> Check);

/// All cases, in order.
pub fn cases<'a>() -> Vec<Case<dyn EventsFixture + 'a>> {
    let all: [Row; 5] = [
        ("position", "the position is 0 at first and the highest sequence that was taken afterwards", position),
        ("incarnations", "each incarnation has its own position", incarnations),
        ("again", "events that were taken already are accepted again and change nothing", again),
        ("restart", "the position survives a restart", restart),
        ("kinds", "every kind, empty and odd texts and extreme numbers are taken; so is an empty list", kinds),
    ];
    all.into_iter().map(|(name, promise, run)| Case { name, promise, run }).collect()
}

/// Runs all cases.
pub fn run(fixture: &dyn EventsFixture) -> Report {
    run_some(fixture, &|_| true, &mut |_| {})
}

/// Runs the cases that `wanted` chooses, and tells each result as it comes.
pub fn run_some(
    fixture: &dyn EventsFixture,
    wanted: &dyn Fn(&str) -> bool,
    heard: &mut dyn FnMut(&CaseResult),
) -> Report {
    run_cases("events", &cases(), fixture, wanted, heard)
}

fn event(incarnation: u128, sequence: u64) -> HostEvent {
    HostEvent {
        kind: EventKind::Sale,
        time: START + sequence as i64,
        register: "R1".to_owned(),
        incarnation: Uuid::from_u128(incarnation),
        sequence,
        operator: "Ann".to_owned(),
        receipt_number: format!("R1-1-{sequence:06}"),
        total_minor: 250,
        currency: "EUR".to_owned(),
        lines: vec![EventLine {
            sku: "A;1".to_owned(),
            name: "Crème \"brûlée\"\r\n=1+1".to_owned(),
            quantity: 1_000,
            unit_price_minor: 250,
            total_minor: 250,
            vat_rate: 600,
        }],
        tenders: vec![EventTender { name: "cash".to_owned(), amount_minor: 250 }],
        text: String::new(),
    }
}

fn position(fixture: &dyn EventsFixture) -> Check {
    let sink = fixture.fresh();
    let incarnation = Uuid::from_u128(1);
    same(sink.position(incarnation)?, 0, "before anything")?;
    sink.deliver(&[event(1, 1), event(1, 2)])?;
    same(sink.position(incarnation)?, 2, "after two")?;
    sink.deliver(&[event(1, 3)])?;
    sink.deliver(&[event(1, 7)])?;
    same(sink.position(incarnation)?, 7, "after a gap: not every entry is told")
}

fn incarnations(fixture: &dyn EventsFixture) -> Check {
    let sink = fixture.fresh();
    sink.deliver(&[event(1, 5)])?;
    sink.deliver(&[event(2, 1)])?;
    sink.deliver(&[event(1, 6), event(2, 2), event(3, 1)])?;
    let position = |number: u128| sink.position(Uuid::from_u128(number));
    same((position(1)?, position(2)?, position(3)?, position(4)?), (6, 2, 1, 0), "positions")
}

fn again(fixture: &dyn EventsFixture) -> Check {
    let sink = fixture.fresh();
    sink.deliver(&[event(1, 1), event(1, 2)])?;
    sink.deliver(&[event(1, 1), event(1, 2)])?;
    sink.deliver(&[event(1, 2), event(1, 3)])?;
    same(sink.position(Uuid::from_u128(1))?, 3, "the position")
}

fn restart(fixture: &dyn EventsFixture) -> Check {
    let sink = fixture.fresh();
    sink.deliver(&[event(1, 1), event(1, 2), event(2, 9)])?;
    drop(sink);
    let sink = fixture.again();
    same((sink.position(Uuid::from_u128(1))?, sink.position(Uuid::from_u128(2))?), (2, 9), "positions")?;
    sink.deliver(&[event(1, 2), event(1, 3)])?;
    drop(sink);
    same(fixture.again().position(Uuid::from_u128(1))?, 3, "the position after another restart")
}

fn kinds(fixture: &dyn EventsFixture) -> Check {
    use EventKind::{BackupMade, DrawerClosed, DrawerOpened, Other, Refund, Sale};
    let sink = fixture.fresh();
    sink.deliver(&[])?;
    let mut sequence = 0;
    for kind in [Other, Sale, Refund, DrawerOpened, DrawerClosed, BackupMade] {
        for text in ["", "a\0b", "\u{FEFF}é\n\t;,\"'"] {
            sequence += 1;
            let mut told = HostEvent { kind, text: text.to_owned(), operator: text.to_owned(), ..event(1, sequence) };
            told.total_minor = i64::MIN;
            if let Some(line) = told.lines.first_mut() {
                (line.quantity, line.total_minor) = (i64::MIN, i64::MAX);
            }
            sink.deliver(&[told])?;
        }
        sequence += 1;
        sink.deliver(&[HostEvent { kind, incarnation: Uuid::from_u128(1), sequence, ..Default::default() }])?;
    }
    same(sink.position(Uuid::from_u128(1))?, sequence, "the position")
}
