//! The protocol as a whole: connect, then bring facts, bring edits, take the feed, rest; and again after each failure.

use super::call::Rest;
use super::desk::Desk;
use super::here::Here;
use super::remember::{remember, unlike};
use super::status::{Phase, Trouble};
use super::stop::Stop;
use super::{connect, edits, facts, feed};
use std::convert::Infallible;

/// The first wait after a failure; each further one is twice as long.
const BACKOFF_US_MIN: i64 = 250_000;
/// The longest wait between two tries. The banner shows the failure at once; this, and a call that just went unanswered, is how late
/// its end may be seen.
const BACKOFF_US_MAX: i64 = 2_000_000;
/// How long a refusal (another shop, a shut out register) is believed.
const REFUSED_US: i64 = 30_000_000;
/// How long it rests at most: then it looks at everything, and shows that it is here.
pub(super) const REST_US_MAX: i64 = 60_000_000;
/// How often, at most, its own store is told what the shared one has: a commit there takes time from the sales.
const REMEMBER_US: i64 = 5_000_000;

/// Runs for ever.
pub(super) async fn run(desk: Desk) -> Infallible {
    let mut failures = 0_u32;
    loop {
        let begun = desk.moment().at_us;
        let Err(stop) = session(&desk, &mut failures).await;
        let hurry_up = matches!(stop, Stop::Again) && failures == 0;
        failures = failures.saturating_add(1);
        if hurry_up {
            continue;
        }
        let (phase, trouble) = match stop {
            Stop::Away(why) | Stop::Here(why) => (Phase::Waiting, why),
            Stop::Again => (Phase::Connecting, Trouble::default()),
            Stop::Refused(why) => (Phase::Refused, why),
        };
        let wall = desk.moment().wall;
        let offline = phase == Phase::Waiting;
        desk.status(|status| {
            status.phase = phase;
            status.trouble = Some(trouble.words).filter(|why| !why.is_empty());
            (status.cause, status.next) = (trouble.cause, trouble.next);
            if offline {
                status.offline_since.get_or_insert(wall);
            }
        });
        let wait = if phase == Phase::Refused { REFUSED_US } else { backoff(failures, desk.moment().random) };
        pause(&desk, begun.max(desk.moment().at_us) + wait).await;
    }
}

/// Twice as long after each failure, and between half and all of it: registers that lost one server do not come back at
/// one moment.
fn backoff(failures: u32, random: u32) -> i64 {
    let whole = BACKOFF_US_MIN.saturating_mul(1 << failures.clamp(1, 20).saturating_sub(1)).min(BACKOFF_US_MAX);
    whole / 2 + whole / 2 * i64::from(random >> 16) / i64::from(u32::MAX >> 16)
}

/// Waits until then, or until somebody is in a hurry. Meanwhile what waits to be sent is counted.
async fn pause(desk: &Desk, until_us: i64) {
    while desk.moment().at_us < until_us {
        if desk.rest(Rest { until_us, watch: None }).await {
            return;
        }
        if let Ok(mut here) = Here::read(desk).await {
            let _ = here.count(desk).await;
        }
    }
}

/// One session with the shared store. `failures` counts those since it last went well.
async fn session(desk: &Desk, failures: &mut u32) -> Result<Infallible, Stop> {
    desk.phase(Phase::Connecting);
    let mut here = Here::read(desk).await?;
    here.tell(desk);
    let there = connect::connect(desk, &mut here).await?;
    let mut shown_at_us = desk.moment().at_us;
    let mut stands = false;
    loop {
        desk.phase(match () {
            () if here.mark.recovering => Phase::Recovering,
            () if here.mark.cursor.is_empty() => Phase::Bootstrapping,
            () => Phase::Exchanging,
        });
        let mut busy = facts::post(desk, &mut here, &there).await?;
        busy |= edits::bring(desk, &mut here, &there).await?;
        busy |= feed::take(desk, &mut here, &there).await?;
        if !stands && here.is_proved() {
            stands = connect::stands(desk, &here).await?;
            if !stands {
                return Err(Stop::Again);
            }
        }
        // What waited for the end of the feed goes on.
        busy |= here.is_proved() && (here.mark.recovering || here.passed.is_some());
        let moment = desk.moment();
        here.mark.contact = Some(moment.wall);
        // It went well once through.
        *failures = 0;
        desk.status(|status| {
            (status.offline_since, status.trouble, status.cause) = (None, None, None);
            status.next.clear();
        });
        here.count(desk).await?;
        if moment.at_us - here.stored_at_us >= REMEMBER_US || (!busy && unlike(&here)) {
            remember(desk, &mut here).await?;
        }
        if busy {
            continue;
        }
        if moment.at_us - shown_at_us >= REST_US_MAX {
            shown_at_us = moment.at_us;
            connect::show(desk, &here, &there).await?;
        }
        // Until the feed told what was brought, it is not known to be there.
        desk.phase(if here.is_proved() { Phase::Resting } else { Phase::Exchanging });
        let until_us = (shown_at_us + REST_US_MAX).min(next_note(&here, moment.at_us));
        let until_us = here.proof_due_us().map_or(until_us, |due| until_us.min(due));
        if desk.rest(Rest { until_us, watch: Some(here.mark.cursor.clone()) }).await {
            // Whoever is in a hurry may end right after.
            remember(desk, &mut here).await?;
        }
    }
}

/// When what is not kept yet should be.
fn next_note(here: &Here, now_us: i64) -> i64 {
    let behind = here.mark.cursor != here.stored.cursor || here.lives.iter().any(|life| life.known != life.stored);
    if behind { here.stored_at_us + REMEMBER_US } else { now_us + REST_US_MAX }
}
