//! Cancelling a payment in cash: the money goes back to the customer, the ticket stays.
//!
//! Only what never left the register is taken back here. Nothing of it is stored before the sale is: after a crash there
//! is neither ticket nor tender. Other payments stay, and are undone by their own rules.

use aurapos_contract::PluginResult;
use aurapos_contract::payment::{PaymentAnswer, PaymentIntent, PaymentState};
use aurapos_domain::ids::TicketId;
use aurapos_domain::tender::TenderKind;

use super::payment::running;
use crate::command::{CommandId, Reply, SessionId};
use crate::effect::PaymentAction;
use crate::engine::{Engine, Waiting};
use crate::error::{Code, EngineError, EngineResult};
use crate::event::Event;
use crate::work::{Paid, Work};

impl Paid {
    /// Cash that is at the register. What a plugin has a stored intent of has left it.
    fn is_cash_at_hand(&self) -> bool {
        self.tender.kind == TenderKind::Cash && self.intent.is_none()
    }
}

impl Engine {
    /// Takes all cash off the session's ticket. `None`: a machine that counts the money is asked to give it back.
    pub(crate) fn take_back_cash(
        &mut self,
        command: CommandId,
        session: Option<SessionId>,
    ) -> EngineResult<Option<Reply>> {
        let (id, work) = self.ticket_to_pay(session)?;
        if !work.paid.iter().any(Paid::is_cash_at_hand) {
            return Err(Code::BadTender.error("There is no cash on the ticket to give back."));
        }
        work.command = Some(command);
        let result = self.take_back_next(id);
        self.end_taking_back(id, &result);
        result
    }

    /// The newest note first, as it lies on top.
    fn take_back_next(&mut self, id: TicketId) -> EngineResult<Option<Reply>> {
        loop {
            let work = self.works.get_mut(&id).ok_or_else(|| Code::Bug.error("The ticket is gone."))?;
            let Some(place) = work.paid.iter().rposition(Paid::is_cash_at_hand) else { return shown(work).map(Some) };
            let (instance, asked) = (work.paid[place].instance.clone(), work.paid[place].asked.clone());
            let reference = work.paid[place].reference.clone();
            let reverses = self.instance(&instance).is_ok_and(|known| known.capabilities.reverses);
            let work = self.works.get_mut(&id).ok_or_else(|| Code::Bug.error("The ticket is gone."))?;
            match asked.filter(|_| reverses) {
                Some(intent) => {
                    work.taking_back = Some(place);
                    let intent = PaymentIntent { original_reference: reference, ..intent };
                    self.call(Waiting::TakeBack(id), instance, PaymentAction::Reverse, intent);
                    return Ok(None);
                }
                // A drawer knows nothing of payments: the operator gives the money back.
                None => drop(work.paid.remove(place)),
            }
        }
    }

    pub(crate) fn taken_back(&mut self, id: TicketId, answer: PluginResult<PaymentAnswer>) {
        let Some(work) = self.works.get_mut(&id) else { return };
        let (Some(place), Some(command)) = (work.taking_back.take(), work.command) else { return };
        let instance = work.paid.get(place).map(|paid| paid.instance.clone()).unwrap_or_default();
        let result = match refusal(&instance, answer) {
            None => {
                work.paid.remove(place);
                self.take_back_next(id)
            }
            Some(error) => Err(error),
        };
        self.end_taking_back(id, &result);
        match result {
            Ok(None) => {}
            Ok(Some(reply)) => self.done(command, Ok(reply)),
            Err(error) => self.done(command, Err(error)),
        }
    }

    fn end_taking_back(&mut self, id: TicketId, result: &EngineResult<Option<Reply>>) {
        let Some(work) = self.works.get_mut(&id).filter(|_| !matches!(result, Ok(None))) else { return };
        work.command = None;
        let session = work.session;
        // Also after a refusal: what was given back before it is off the ticket.
        if let Ok(ticket) = work.view() {
            self.out.events.push(Event::TicketChanged { session, ticket: Box::new(ticket) });
        }
    }
}

fn shown(work: &Work) -> EngineResult<Reply> {
    if work.taking_back.is_some() {
        return Err(running());
    }
    Ok(Reply::Ticket(Box::new(work.view()?)))
}

/// Why the machine did not give the money back.
fn refusal(instance: &str, answer: PluginResult<PaymentAnswer>) -> Option<EngineError> {
    match answer {
        Ok(answer) if answer.state == PaymentState::Approved => None,
        Ok(_) => Some(Code::PaymentFailed.error(format!("{instance} did not give the money back."))),
        Err(error) => {
            Some(Code::PaymentFailed.because(format!("{instance} did not give the money back: {error}."), error))
        }
    }
}
