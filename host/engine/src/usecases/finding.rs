//! Ticking off a finding: a person looked at it and decided. It stays in the store, so that the same is not told again.

use aurapos_contract::Uuid;
use aurapos_domain::journal::EntryKind;
use aurapos_domain::people::Operator;

use crate::apply::finding::Finding;
use crate::command::Reply;
use crate::engine::Engine;
use crate::env::Env;
use crate::error::{Code, EngineResult};
use crate::journal;
use crate::people::somebody;
use crate::rows;

impl Engine {
    /// Ticks a finding off. Doing it again changes nothing.
    pub(crate) fn resolve_finding(
        &mut self,
        by: Option<&Operator>,
        id: Uuid,
        env: &mut dyn Env,
    ) -> EngineResult<Reply> {
        let by = somebody(by)?;
        let found: Option<Finding> = rows::find(self.core.store.as_ref(), "id", id, self.core.currency())?;
        let Some(mut finding) = found else {
            return Err(Code::NoSuchFinding.error(format!("There is no finding {id}.")));
        };
        if finding.resolved.is_some() {
            return Ok(Reply::Done);
        }
        let mut draft = self.core.draft(env)?;
        finding.resolved = Some((draft.time, by.id));
        let body = journal::finding_resolved(&finding, by)?;
        self.core.append(&mut draft, EntryKind::FINDING_RESOLVED, body)?;
        rows::upsert(&mut draft.transaction, &[finding]);
        self.core.commit(draft)?;
        Ok(Reply::Done)
    }
}
