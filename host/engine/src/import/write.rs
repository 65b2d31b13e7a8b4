//! Writing a whole file while others work: slice after slice, one written while the next is planned. What somebody changed
//! in between is never written over: its rows are compared again, and go in or are refused by line like any other.
//! Must not know: threads, the engine's queue; how a slice is given to the engine is the caller's.

use std::io::Read;

use super::plan::Planner;
use super::slice::{ImportSlice, Source};
use crate::error::{Code, EngineResult};

/// How often in a row the same rows are planned again. Somebody who saves a product takes seconds, a slice less than one.
const ATTEMPTS_MAX: u32 = 10;

/// Writes everything that the planner finds. `submit` begins to write a slice; `None` ends the import there. `wait` waits
/// until it is written. The planner's report is whole afterwards.
pub fn write_all<R: Read, P>(
    planner: &mut Planner<'_, R>,
    mut submit: impl FnMut(ImportSlice) -> Option<P>,
    mut wait: impl FnMut(P) -> EngineResult<()>,
) -> EngineResult<()> {
    planner.keep_sources();
    let mut written: Option<(P, Vec<Source>)> = None;
    let mut attempts = 0;
    loop {
        let next = planner.next_slice()?;
        if let Some((pending, mut sources)) = written.take() {
            match wait(pending) {
                Ok(()) => attempts = 0,
                Err(error) if error.is(Code::Changed) && attempts < ATTEMPTS_MAX => {
                    attempts += 1;
                    // The next one may count on what this one did not do.
                    sources.extend(next.into_iter().flat_map(|slice| slice.sources));
                    planner.plan_again(sources)?;
                    continue;
                }
                Err(error) => return Err(error),
            }
        }
        let Some(mut slice) = next else { return Ok(()) };
        let sources = std::mem::take(&mut slice.sources);
        match submit(slice) {
            Some(pending) => written = Some((pending, sources)),
            None => return Ok(()),
        }
    }
}
