//! What the register's own store is told of what the shared one has, so that the next session begins where this one was.

use super::call::EngineCall;
use super::desk::Desk;
use super::here::Here;
use super::note::Note;
use super::stop::Stop;

/// Whether more than the time of the last contact is to be kept, and not only the cursor behind what was this register's own.
pub(super) fn unlike(here: &Here) -> bool {
    here.mark.epoch != here.stored.epoch
        || here.mark.edits != here.stored.edits
        || here.mark.recovering != here.stored.recovering
}

/// Keeps how far it is in the register's own store.
pub(super) async fn remember(desk: &Desk, here: &mut Here) -> Result<(), Stop> {
    let lives: Vec<_> =
        here.lives.iter().filter(|life| life.known != life.stored).map(|life| life.known.clone()).collect();
    here.stored_at_us = desk.moment().at_us;
    let behind = here.mark.cursor != here.stored.cursor || unlike(here) || !lives.is_empty();
    if !behind {
        return Ok(());
    }
    let note = Note { mark: Some(here.mark.clone()), lives, findings: Vec::new() };
    desk.engine(EngineCall::Remember(Box::new(note))).await?;
    here.stored = here.mark.clone();
    for life in &mut here.lives {
        life.stored = life.known.clone();
    }
    Ok(())
}
