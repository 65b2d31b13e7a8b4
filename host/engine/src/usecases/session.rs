//! Signing in, locking, signing out.

use aurapos_domain::journal::EntryKind;
use aurapos_domain::people::Operator;

use crate::command::{Reply, SessionId};
use crate::engine::Engine;
use crate::env::Env;
use crate::error::{Code, EngineResult};
use crate::event::Event;
use crate::rights::{Standing, signed_out};
use crate::sessions::{SESSIONS_MAX, Session};
use crate::{journal, people, view};

impl Engine {
    pub(crate) fn sign_in(&mut self, name: &str, pin: &str, env: &mut dyn Env) -> EngineResult<Reply> {
        if self.sessions.len() >= SESSIONS_MAX {
            return Err(Code::TooManySessions.error(format!("{SESSIONS_MAX} sessions are open, no more are possible.")));
        }
        let operator = people::sign_in(&mut self.core, name, pin, env)?;
        let mut draft = self.core.draft(env)?;
        self.core.append(&mut draft, EntryKind::SIGN_IN, journal::operator(&operator)?)?;
        self.core.commit(draft)?;
        self.last_session += 1;
        let session = SessionId(self.last_session);
        let shown = view::Operator::from(&operator);
        self.sessions.insert(session, Session { operator, locked: false, ticket: None });
        Ok(Reply::SignedIn { session, operator: shown })
    }

    pub(crate) fn sign_out(&mut self, session: Option<SessionId>, env: &mut dyn Env) -> EngineResult<Reply> {
        let id = session.ok_or_else(signed_out)?;
        let open = self.sessions.get(&id).ok_or_else(signed_out)?;
        let (operator, ticket) = (open.operator.clone(), open.ticket);
        let work = ticket.and_then(|ticket| self.works.get(&ticket));
        if work.is_some_and(|work| work.holds_money()) {
            return Err(Code::TicketPaid.error("The ticket has payments and can't be given up."));
        }
        let mut draft = self.core.draft(env)?;
        if let Some(work) = work.filter(|work| !work.ticket.is_empty()) {
            let body = journal::ticket_abandoned(&work.ticket, operator.id)?;
            self.core.append(&mut draft, EntryKind::TICKET_ABANDONED, body)?;
        }
        self.core.append(&mut draft, EntryKind::SIGN_OUT, journal::operator(&operator)?)?;
        self.core.commit(draft)?;
        if let Some(ticket) = ticket {
            self.works.remove(&ticket);
        }
        self.sessions.remove(&id);
        if self.sessions.values().all(|open| open.operator.id != operator.id) {
            self.core.pins.forget(operator.id);
        }
        Ok(Reply::Done)
    }

    pub(crate) fn lock(&mut self, session: Option<SessionId>) -> EngineResult<Reply> {
        let open = session.and_then(|id| self.sessions.get_mut(&id)).ok_or_else(signed_out)?;
        open.locked = true;
        Ok(Reply::Done)
    }

    pub(crate) fn unlock(&mut self, session: Option<SessionId>, pin: &str, env: &mut dyn Env) -> EngineResult<Reply> {
        let id = session.ok_or_else(signed_out)?;
        let name = self.sessions.get(&id).ok_or_else(signed_out)?.operator.name.clone();
        let operator = people::sign_in(&mut self.core, &name, pin, env)?;
        if let Some(open) = self.sessions.get_mut(&id) {
            // Rights may have changed since.
            open.operator = operator;
            open.locked = false;
        }
        Ok(Reply::Done)
    }

    /// Gives everybody who is signed in the rights that they have now: those of their row and of its role. After every
    /// command about people and every feed that brought some.
    pub(crate) fn refresh_people(&mut self) -> EngineResult<()> {
        for (id, open) in &mut self.sessions {
            let before = open.operator.clone();
            match crate::rows::people::operator(self.core.store.as_ref(), before.id)? {
                Some(row) => open.operator = row.operator,
                // A tombstone: whoever is signed in may do nothing more.
                None => open.operator.active = false,
            }
            if open.operator != before {
                let operator = Box::new(view::Operator::from(&open.operator));
                self.out.events.push(Event::RightsChanged { session: *id, operator });
            }
        }
        Ok(())
    }

    /// Tells other threads who is signed in now.
    pub(crate) fn publish_rights(&self) {
        let standing = |open: &Session| Standing { operator: open.operator.clone(), locked: open.locked };
        self.rights().publish(self.sessions.iter().map(|(id, open)| (*id, standing(open))).collect());
    }

    /// The operator of a command's session. What they may was asked before.
    pub(crate) fn operator(&self, session: Option<SessionId>) -> EngineResult<Operator> {
        self.session(session).map(|open| open.operator.clone())
    }

    /// The session of a command, which must be open and not locked.
    pub(crate) fn session(&self, session: Option<SessionId>) -> EngineResult<&Session> {
        let open = session.and_then(|id| self.sessions.get(&id)).ok_or_else(signed_out)?;
        if open.locked {
            return Err(Code::SessionLocked.error(format!("The session of {} is locked.", open.operator.name)));
        }
        Ok(open)
    }
}
