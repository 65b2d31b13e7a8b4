//! What the engine does for the sync: keeps its notes, and opens a new life when the shared store knows the present one
//! otherwise. No journal entry: what is known of a store elsewhere tells nothing about trade.

use super::note::{NewLife, Note};
use crate::boot;
use crate::engine::Engine;
use crate::env::Env;
use crate::error::EngineResult;
use crate::rows;
use crate::state::Draft;
use aurapos_contract::transaction::Transaction;

impl Engine {
    /// Keeps a note. What somebody ticked off stays ticked off.
    pub(crate) fn remember(&mut self, mut note: Note, env: &mut dyn Env) -> EngineResult<()> {
        self.core.need_no_doubt()?;
        let known = crate::apply::known(&self.core, &note.findings)?;
        note.findings.retain(|finding| !known.contains(&finding.id()));
        let mut transaction = Transaction { id: env.new_id(), time: env.now().0, ..Transaction::default() };
        add(&mut transaction, &note);
        if transaction.operations.is_empty() { Ok(()) } else { self.core.write(&transaction) }
    }

    /// Ends the present life: later sales have numbers of another. What the old one gave stays as it is.
    pub(crate) fn new_life(&mut self, why: NewLife, env: &mut dyn Env) -> EngineResult<()> {
        self.core.need_no_doubt()?;
        if self.core.register.incarnation.uuid() != why.ends {
            return Ok(());
        }
        let identity = self.core.register.identity.clone();
        let keep = |draft: &mut Draft| add(&mut draft.transaction, &why.note);
        let event = boot::new_incarnation(&mut self.core, &identity, &why.reason, &keep, env)?;
        self.out.events.push(event);
        Ok(())
    }
}

fn add(transaction: &mut Transaction, note: &Note) {
    rows::upsert(transaction, note.mark.as_slice());
    rows::upsert(transaction, &note.lives);
    rows::upsert(transaction, &note.findings);
}
