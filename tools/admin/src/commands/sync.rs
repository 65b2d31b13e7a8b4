//! `sync …`: how a register stands with the shop's shared storage, and one exchange with it.

use super::context::{Context, Open};
use super::findings;
use super::progress::ProgressLine;
use super::standing::Known;
use crate::cli::{FindingsCommand, SyncCommand};
use crate::output::{Answer, Failure, Outcome};
use crate::table::pairs;
use crate::words::count;
use aurapos_runtime::contract::Progress as _;
use aurapos_runtime::domain::calendar::Timestamp;
use aurapos_runtime::engine::error::Code;
use aurapos_runtime::engine::queries;
use aurapos_runtime::engine::sync::status::{Phase, Status};
use aurapos_runtime::register::Settled;
use aurapos_runtime::settings::Mode;
use aurapos_runtime::{ids, zone};
use serde_json::{Value, json};
use std::time::Duration;

/// `sync …`
pub fn sync(context: &Context, command: &SyncCommand) -> Outcome {
    match command {
        SyncCommand::Status => status(context),
        SyncCommand::Now(args) => now(context, Duration::from_secs(args.seconds)),
        SyncCommand::Conflicts => findings::findings(context, &FindingsCommand::List { all: false }),
    }
}

fn status(context: &Context) -> Outcome {
    let reader = context.reader()?;
    let (store, zone) = (reader.store.as_ref(), reader.site.zone.get());
    let mode = reader.site.settings.mode;
    let (state, open) = (queries::sync_state(store)?, queries::findings(store)?.len());
    let queue = if mode == Mode::Single { 0 } else { state.unsent };
    let when = |time: Option<Timestamp>| time.map(|time| zone::rfc3339(zone, time.0));
    let known = (mode != Mode::Single).then(|| Known::of(context, reader.holder.is_some()));
    let lag_us = state.oldest.filter(|_| queue > 0).map_or(0, |oldest| (ids::now() - oldest.0).max(0));
    let mut json = json!({
        "mode": mode.code(), "register": reader.facts.code, "queue": queue, "last_ack": when(state.acked_at),
        "lag_ms": lag_us / 1_000,
        "contact": when(state.contact), "epoch": state.epoch.map(|epoch| epoch.to_string()),
        "quarantined": state.quarantined, "findings": open, "held_by": reader.holder,
    });
    known.as_ref().unwrap_or(&Known::default()).add_to(&mut json, zone);
    let Some(known) = known else {
        return Ok(Answer::new(
            json,
            format!("{} is by itself: there is nothing to bring anywhere.", reader.facts.code),
        ));
    };
    let never = || "never".to_owned();
    let mut lines = vec![
        ("Register", format!("{}, {}", reader.facts.code, mode.code())),
        ("To be brought", count(queue, "journal entry", "journal entries")),
        ("The oldest of them", when(state.oldest).unwrap_or_else(|| "none".to_owned())),
        ("Last brought", when(state.acked_at).unwrap_or_else(never)),
        ("Last answer", when(state.contact).unwrap_or_else(never)),
        (
            "In use by",
            reader.holder.clone().unwrap_or_else(|| "nobody: nothing is brought until it is open".to_owned()),
        ),
    ];
    if known.online() == Some(true) {
        lines.push(("The shop", "answers".to_owned()));
    }
    if let Some(told) = &known.trouble {
        lines.push(("Trouble", format!("{}: {} {}", told.code, told.message, told.next)));
    }
    if state.quarantined > 0 {
        lines.push((
            "Kept back",
            format!("{}: see `aurapos-admin sync conflicts`", count(state.quarantined, "entry", "entries")),
        ));
    }
    if open > 0 {
        lines.push((
            "To look at",
            format!("{}: `aurapos-admin sync conflicts`", count(open as u64, "finding", "findings")),
        ));
    }
    Ok(Answer::new(json, pairs(&lines)))
}

fn now(context: &Context, patience: Duration) -> Outcome {
    let open = Open::register(context)?;
    let shares = open.register.sync().is_some();
    let zone = open.register.site().zone.get();
    let settled = settled(&open, patience);
    let products = queries::counts(open.register.store().as_ref()).map(|counts| counts.products);
    open.close();
    let status = settled?;
    let json = json!({
        "online": shares, "queue": status.unsent, "products": products?, "server": status.server,
        "last_ack": status.acked_at.map(|time| zone::rfc3339(zone, time.0)),
    });
    let text = match shares {
        true => "Everything is where it belongs: nothing waits to be brought or taken.",
        false => "This register is by itself: there is nothing to bring anywhere.",
    };
    Ok(Answer::new(json, text))
}

/// Waits until everything was brought and taken.
pub fn settled(open: &Open, patience: Duration) -> Result<Status, Failure> {
    let progress = ProgressLine::new();
    let settled = open.register.settle(patience, &mut |status| {
        progress.report(0, 0, told(status));
        true
    });
    match settled {
        Settled::Whole(status) => Ok(status),
        // Nobody calls it off here.
        Settled::CalledOff => Ok(Status::default()),
        Settled::Away(status) => {
            let why = status.trouble.unwrap_or_else(|| "it takes longer than was allowed".to_owned());
            let waiting = count(status.unsent, "journal entry waits", "journal entries wait");
            let next = "Nothing is lost, and selling goes on. `aurapos-admin sync status` says why, and what to do.";
            Err(Failure::new(Code::StorageAway.text(), format!("{why} ({waiting})"), next))
        }
    }
}

fn told(status: &Status) -> &'static str {
    match status.phase {
        Phase::Connecting => "connecting",
        Phase::Recovering => "bringing the shop",
        Phase::Bootstrapping => "taking the shop in",
        Phase::Exchanging => "bringing and taking",
        Phase::Resting => "done",
        Phase::Waiting | Phase::Refused => "waiting",
    }
}

/// The value of a queue for other answers.
pub fn queue(mode: Mode, store: &dyn aurapos_runtime::contract::RecordStore) -> Value {
    match mode {
        Mode::Single => json!(0),
        _ => queries::sync_state(store).map_or(Value::Null, |state| json!(state.unsent)),
    }
}
