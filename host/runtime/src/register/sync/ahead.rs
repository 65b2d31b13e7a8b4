//! Reads the next part of a feed while the register takes in the one before: on its first day a register takes in everything, and
//! neither the server nor the register would have anything to do half of the time.
//!
//! Must not know: what a change is, where it comes from. What was read ahead is an answer that was a little longer on its way;
//! the protocol holds every answer to the life of the store in its cursor (ADR 0035, 0040).

use aurapos_contract::PluginResult;
use aurapos_contract::query::ChangeBatch;
use std::thread::{self, JoinHandle};

/// The part that is being read, if there is one.
#[derive(Debug, Default)]
pub(super) struct Ahead(Option<Reading>);

#[derive(Debug)]
struct Reading {
    after: Vec<u8>,
    max: u32,
    thread: JoinHandle<PluginResult<ChangeBatch>>,
}

impl Ahead {
    /// The changes after a cursor, by `read`; begins to read the ones behind them where there are more.
    pub(super) fn changes<R>(&mut self, read: R, after: &[u8], max: u32) -> PluginResult<ChangeBatch>
    where
        R: Fn(&[u8], u32) -> PluginResult<ChangeBatch> + Send + 'static,
    {
        let batch = match self.0.take() {
            Some(reading) if reading.after == after && reading.max == max => {
                reading.thread.join().unwrap_or_else(|_| read(after, max))
            }
            // Of another place of the feed: what became of it is nobody's.
            _ => read(after, max),
        }?;
        if batch.more {
            let (after, from) = (batch.next.clone(), batch.next.clone());
            let work = move || read(&from, max);
            // Without a thread it is read when it is asked for.
            let thread = thread::Builder::new().name("sync ahead".into()).spawn(work);
            self.0 = thread.ok().map(|thread| Reading { after, max, thread });
        }
        Ok(batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aurapos_contract::{ErrorCode, PluginError};
    use std::sync::{Arc, Mutex};

    type Asked = Arc<Mutex<Vec<u8>>>;

    /// A feed of so many parts; the cursor is the number of the part. Notes what it was asked for, once a question.
    fn feed(parts: u8, asked: &Asked) -> impl Fn(&[u8], u32) -> PluginResult<ChangeBatch> + Send + 'static {
        let asked = asked.clone();
        move |after, _| {
            let at = after.first().copied().unwrap_or_default();
            asked.lock().unwrap().push(at);
            if at == 9 {
                return Err(PluginError::new(ErrorCode::CursorTooOld, "another life"));
            }
            Ok(ChangeBatch { next: vec![at + 1], more: at + 1 < parts, ..ChangeBatch::default() })
        }
    }

    #[test]
    fn each_part_is_read_once_and_nothing_behind_the_last() {
        let (asked, mut ahead) = (Asked::default(), Ahead::default());
        for at in 0..3 {
            let batch = ahead.changes(feed(3, &asked), &[at], 10).unwrap();
            assert_eq!((batch.next, batch.more), (vec![at + 1], at < 2));
        }
        assert!(ahead.0.is_none());
        assert_eq!(*asked.lock().unwrap(), [0, 1, 2]);
    }

    #[test]
    fn what_was_read_of_another_place_is_not_the_answer() {
        let (asked, mut ahead) = (Asked::default(), Ahead::default());
        ahead.changes(feed(3, &asked), &[0], 10).unwrap();
        // From the beginning, as after a restore; and with another size.
        assert_eq!(ahead.changes(feed(3, &asked), &[], 10).unwrap().next, [1]);
        assert_eq!(ahead.changes(feed(3, &asked), &[1], 20).unwrap().next, [2]);
    }

    #[test]
    fn an_error_is_told_when_its_part_is_asked_for_and_then_asked_anew() {
        let (asked, mut ahead) = (Asked::default(), Ahead::default());
        assert!(ahead.changes(feed(20, &asked), &[8], 10).unwrap().more);
        for _ in 0..2 {
            assert_eq!(ahead.changes(feed(20, &asked), &[9], 10).unwrap_err().code, ErrorCode::CursorTooOld);
        }
        assert_eq!(*asked.lock().unwrap(), [8, 9, 9], "once ahead, once because nothing was read ahead of an error");
    }
}
