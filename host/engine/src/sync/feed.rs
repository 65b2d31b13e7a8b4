//! Takes the feed in, in bounded parts; the cursor goes on in the transaction of the last part. Nothing can block it: what
//! can't be taken is left out and told by the engine.

use super::call::EngineCall;
use super::connect::There;
use super::desk::Desk;
use super::facts;
use super::here::Here;
use super::stop::Stop;
use crate::apply::feed::{FEED_BYTES_MAX, FEED_CHANGES_MAX, Feed};
use aurapos_contract::query::Change;
use aurapos_contract::{ErrorCode, Value};

/// About so many changes are asked for at a time: what the engine takes in one transaction.
const CHANGES: u32 = FEED_CHANGES_MAX as u32;

/// Takes the next part. `false`: there was nothing.
pub(super) async fn take(desk: &Desk, here: &mut Here, there: &There) -> Result<bool, Stop> {
    let batch = match desk.changes(here.mark.cursor.clone(), CHANGES).await {
        Err(error) if error.code == ErrorCode::CursorTooOld && !here.mark.cursor.is_empty() => {
            let epoch = desk.info().await.map_err(Stop::away)?.epoch;
            if epoch != there.epoch {
                return Err(Stop::Again);
            }
            // Somebody put an earlier copy in its place by hand, which has the same epoch: what it lost is brought again, whoever
            // wrote it, and everything is read again. What is known already changes nothing.
            here.mark.cursor.clear();
            here.mark.recovering = true;
            super::remember::remember(desk, here).await?;
            // The heads that this session goes by are those of before: what they cover may be lost.
            return Err(Stop::Again);
        }
        other => other.map_err(Stop::away)?,
    };
    // A cursor holds the life of the data, but the beginning of a feed is no cursor: it is read of whatever is there by now.
    if here.mark.cursor.is_empty() && desk.info().await.map_err(Stop::away)?.epoch != there.epoch {
        return Err(Stop::Again);
    }
    let now_us = desk.moment().at_us;
    batch.changes.iter().for_each(|change| here.proved(change.transaction, now_us));
    let (present, acked) = (here.register.incarnation.uuid(), here.present().acked());
    let foreign: Vec<Change> =
        batch.changes.into_iter().filter(|change| !here.did_itself(change.transaction)).collect();
    if foreign.iter().any(|change| facts::is_unknown_entry(change, present, acked)) {
        // Written by a commit that this session does not know of, or by a copy of this register: the heads tell.
        return Err(Stop::Again);
    }
    let news = !foreign.is_empty();
    here.mark.cursor = batch.next;
    let parts = parts(foreign);
    let count = parts.len();
    for (at, changes) in parts.into_iter().enumerate() {
        let mark = (at + 1 == count).then(|| here.mark.clone());
        let feed = Feed { id: desk.id(), changes, mark };
        desk.engine(EngineCall::Apply(Box::new(feed))).await?;
    }
    if news {
        here.stored = here.mark.clone();
        here.stored_at_us = here.stored_at_us.max(desk.moment().at_us);
    }
    here.at_end = !batch.more;
    if here.proof_due_us().is_some_and(|due| now_us >= due) {
        return Err(Stop::Again);
    }
    // What comes after it is for the watch to tell: a second look at the end of the feed finds nothing.
    Ok(batch.more)
}

/// In parts that the engine takes. Transactions stay whole where they can; one that is larger than a part was written by
/// somebody else than a register, and is taken piece by piece.
fn parts(changes: Vec<Change>) -> Vec<Vec<Change>> {
    let mut parts: Vec<Vec<Change>> = Vec::new();
    let mut bytes = 0;
    let mut run = 0;
    let whole: Vec<usize> = run_lengths(&changes);
    for (at, change) in changes.into_iter().enumerate() {
        let size: usize = change.row.iter().map(Value::size).sum();
        if run == 0 {
            run = whole[at];
        }
        let begins = run == whole[at];
        let full = parts.last().is_none_or(|part| {
            let coming = if begins { run.min(FEED_CHANGES_MAX) } else { 1 };
            part.len() + coming > FEED_CHANGES_MAX || bytes + size > FEED_BYTES_MAX
        });
        if full {
            parts.push(Vec::new());
            bytes = 0;
        }
        bytes += size;
        run -= 1;
        if let Some(part) = parts.last_mut() {
            part.push(change);
        }
    }
    parts
}

/// For each change, how long the run of its transaction is.
fn run_lengths(changes: &[Change]) -> Vec<usize> {
    let mut lengths = Vec::with_capacity(changes.len());
    while lengths.len() < changes.len() {
        let id = changes[lengths.len()].transaction;
        let run = changes[lengths.len()..].iter().take_while(|change| change.transaction == id).count();
        lengths.extend(std::iter::repeat_n(run, run));
    }
    lengths
}

#[cfg(test)]
mod tests {
    use super::*;
    use aurapos_contract::Uuid;

    fn change(transaction: u128, bytes: usize) -> Change {
        let row = vec![Value::Bytes(vec![0; bytes])];
        Change { transaction: Uuid::from_u128(transaction), row, ..Change::default() }
    }

    fn sizes(runs: &[(u128, usize, usize)]) -> Vec<usize> {
        let changes = runs.iter().flat_map(|(id, count, bytes)| vec![change(*id, *bytes); *count]).collect();
        parts(changes).iter().map(Vec::len).collect()
    }

    #[test]
    fn a_feed_is_taken_in_parts_that_end_with_transactions() {
        let most = FEED_CHANGES_MAX;
        for (runs, expected) in [
            (&[(1, 3, 1), (2, 4, 1)][..], vec![7]),
            (&[], vec![]),
            // The second one does not fit behind the first, and stays whole.
            (&[(1, most - 1, 1), (2, 2, 1)], vec![most - 1, 2]),
            (&[(1, most, 1), (2, 1, 1)], vec![most, 1]),
            // Larger than a part: by pieces, and what follows begins anew.
            (&[(1, most + 5, 1), (2, 1, 1)], vec![most, 6]),
            (&[(1, 5, 1_000_000), (2, 1, 1_000_000)], vec![4, 2]),
        ] {
            assert_eq!(sizes(runs), expected, "{runs:?}");
        }
    }
}
