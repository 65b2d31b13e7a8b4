//! The session's ticket: lines, prices, discounts, notes.

use aurapos_domain::ids::{SaleId, TicketId};
use aurapos_domain::journal::EntryKind;
use aurapos_domain::money::Quantity;
use aurapos_domain::ticket::{Line, NewLine, Ticket, TicketError};

use super::item;
use crate::command::{Command, Reply, SessionId};
use crate::engine::Engine;
use crate::env::Env;
use crate::error::refused;
use crate::error::{Code, EngineResult};
use crate::event::Event;
use crate::journal;
use crate::work::{REMOVED_MAX, WORKS_MAX, Work};

impl Engine {
    pub(crate) fn show_ticket(&mut self, session: Option<SessionId>) -> EngineResult<Reply> {
        let open = self.session(session)?;
        let work = open.ticket.and_then(|ticket| self.works.get(&ticket));
        let work = work.ok_or_else(|| Code::TicketEmpty.error("There is no ticket."))?;
        Ok(Reply::Ticket(Box::new(work.view()?)))
    }

    /// The session's ticket, made when there is none.
    pub(crate) fn session_work(&mut self, session: Option<SessionId>, env: &mut dyn Env) -> EngineResult<TicketId> {
        let operator = self.operator(session)?;
        let open = self.session(session)?;
        if let Some(ticket) = open.ticket.filter(|ticket| self.works.contains_key(ticket)) {
            return Ok(ticket);
        }
        let id = session.ok_or_else(|| Code::SignedOut.error("Nobody is signed in."))?;
        self.core.drawer_open()?;
        self.room_for_work()?;
        let ticket = self.new_ticket(env);
        let ticket_id = ticket.id();
        let rule = self.core.rounding(false);
        self.works.insert(ticket_id, Work::new(ticket, SaleId::new(env.new_id()), operator, id, rule));
        if let Some(open) = self.sessions.get_mut(&id) {
            open.ticket = Some(ticket_id);
        }
        Ok(ticket_id)
    }

    pub(crate) fn room_for_work(&self) -> EngineResult<()> {
        if self.works.len() < WORKS_MAX {
            return Ok(());
        }
        Err(Code::SaleRunning.error(format!("{WORKS_MAX} tickets are being worked on, no more are possible.")))
    }

    pub(crate) fn new_ticket(&self, env: &mut dyn Env) -> Ticket {
        Ticket::new(TicketId::new(env.new_id()), self.core.currency(), self.core.shop.price_mode)
    }

    /// Every command that changes the lines of the session's ticket.
    pub(crate) fn change_ticket(
        &mut self,
        session: Option<SessionId>,
        command: Command,
        env: &mut dyn Env,
    ) -> EngineResult<Reply> {
        if command == Command::ClearTicket {
            return self.clear_ticket(session, env);
        }
        let id = self.session_work(session, env)?;
        let line = match &command {
            Command::AddItem(item) => Some(item::line(&mut self.core, item, env.now())?),
            _ => None,
        };
        let work = self.works.get_mut(&id).ok_or_else(|| Code::Bug.error("The ticket is gone."))?;
        if work.holds_money() {
            return Err(Code::TicketPaid.error("The ticket has payments and can't be changed."));
        }
        // On a copy, so that a change whose totals are not possible leaves the ticket as it was.
        let mut ticket = work.ticket.clone();
        let mut removed = work.removed.clone();
        match (command, line) {
            (Command::RestoreLine { line }, _) => restore(&mut ticket, &mut removed, line),
            (command, line) => change(&mut ticket, command, line).map(|gone| removed.extend(gone)),
        }
        .map_err(refused(Code::TicketRefused))?;
        ticket.totals().map_err(refused(Code::TicketRefused))?;
        let oldest = removed.len().saturating_sub(REMOVED_MAX);
        work.removed = removed.split_off(oldest);
        work.ticket = ticket;
        let shown = Box::new(work.view()?);
        let session = work.session;
        self.out.events.push(Event::TicketChanged { session, ticket: shown.clone() });
        Ok(Reply::Ticket(shown))
    }

    fn clear_ticket(&mut self, session: Option<SessionId>, env: &mut dyn Env) -> EngineResult<Reply> {
        let operator = self.operator(session)?;
        let Some(id) = self.session(session)?.ticket else { return Ok(Reply::Done) };
        if let Some(work) = self.works.get(&id) {
            if work.holds_money() {
                return Err(Code::TicketPaid.error("The ticket has payments and can't be given up."));
            }
            if !work.ticket.is_empty() {
                let body = journal::ticket_abandoned(&work.ticket, operator.id)?;
                let mut draft = self.core.draft(env)?;
                self.core.append(&mut draft, EntryKind::TICKET_ABANDONED, body)?;
                self.core.commit(draft)?;
            }
        }
        self.drop_work(id);
        Ok(Reply::Done)
    }

    /// Forgets a ticket, wherever it is named.
    pub(crate) fn drop_work(&mut self, id: TicketId) -> Option<Work> {
        for session in self.sessions.values_mut().filter(|session| session.ticket == Some(id)) {
            session.ticket = None;
        }
        self.works.remove(&id)
    }
}

/// Changes a ticket; returns the line that this takes away.
fn change(ticket: &mut Ticket, command: Command, line: Option<NewLine>) -> Result<Option<Line>, TicketError> {
    match command {
        Command::SetQuantity { line, quantity: Quantity::ZERO } | Command::RemoveLine { line } => {
            return ticket.remove_line(line).map(Some);
        }
        Command::AddItem(_) => line.map_or(Ok(()), |line| ticket.add_line(line).map(|_| ())),
        Command::SetQuantity { line, quantity } => ticket.set_quantity(line, quantity),
        Command::OverridePrice { line, price } => ticket.override_price(line, price),
        Command::DiscountLine { line, discount } => ticket.set_line_discount(line, discount),
        Command::DiscountTicket { discount } => ticket.set_discount(discount),
        Command::Note { line: Some(line), text } => ticket.set_line_note(line, &crate::fold::nfc(&text)),
        Command::Note { line: None, text } => ticket.set_note(&crate::fold::nfc(&text)),
        _ => Ok(()),
    }
    .map(|()| None)
}

fn restore(ticket: &mut Ticket, removed: &mut Vec<Line>, number: u32) -> Result<(), TicketError> {
    let place = removed.iter().rposition(|line| line.number == number);
    let place = place.ok_or(TicketError::NoSuchLine { line: number })?;
    ticket.restore_line(removed.remove(place))
}
