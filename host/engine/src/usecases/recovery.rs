//! Payments without a sale: asked about at start, taken back, or given to a person.

use aurapos_contract::PluginResult;
use aurapos_contract::payment::{PaymentAnswer, PaymentIntent, PaymentKind, PaymentState};
use aurapos_domain::ids::TicketId;
use aurapos_domain::tender::PaymentRequest;

use super::payment::{Asked, Verdict, judge};
use crate::effect::PaymentAction;
use crate::engine::{Engine, Waiting};
use crate::env::Env;
use crate::event::Event;
use crate::rows::payment::{IntentRow, IntentState};

/// Most outcomes that wait to be written; what falls out is asked about at the next start.
const LATE_MAX: usize = 1_000;

impl Engine {
    /// Whether an instance has a payment of which the outcome is open: nothing else is charged there before it is known.
    pub(crate) fn is_recovering(&self, instance: &str) -> bool {
        let asked = self.waiting.values().any(|waiting| match waiting {
            Waiting::Recovery(row) | Waiting::Reversal(row) => row.instance == instance,
            _ => false,
        });
        asked || self.open_intents.iter().any(|row| row.instance == instance)
    }

    /// Asks about open payments, of one instance or of all that are configured.
    pub(crate) fn recover_payments(&mut self, instance: Option<&str>, env: &mut dyn Env) {
        let known: Vec<String> = self.devices.payments.iter().map(|known| known.name.clone()).collect();
        let wanted =
            |row: &IntentRow| known.contains(&row.instance) && instance.is_none_or(|instance| row.instance == instance);
        let (now, later): (Vec<IntentRow>, Vec<IntentRow>) = self.open_intents.drain(..).partition(wanted);
        self.open_intents = later;
        for row in now {
            if row.state == IntentState::Approved {
                self.take_back(row, env);
            } else {
                let intent = self.intent_of(&row);
                self.call(Waiting::Recovery(row.clone()), row.instance, PaymentAction::QueryStatus, intent);
            }
        }
    }

    /// Undoes a whole sale that did not come about.
    pub(crate) fn give_up(&mut self, id: TicketId, env: &mut dyn Env) {
        let Some(work) = self.drop_work(id) else { return };
        if let Some(row) = work.pending.and_then(|pending| pending.row) {
            let row = IntentRow { state: IntentState::Unknown, ..row };
            self.note_intent(row.clone(), env);
            self.open_intents.push(row);
        }
        for row in work.paid.into_iter().filter_map(|paid| paid.intent) {
            self.take_back(row, env);
        }
    }

    /// Takes back a payment that has no sale, or gives it to a person when that is not possible.
    fn take_back(&mut self, row: IntentRow, env: &mut dyn Env) {
        let reverses = self.instance(&row.instance).is_ok_and(|instance| instance.capabilities.reverses);
        if !reverses || row.kind == PaymentKind::Refund {
            return self.give_to_a_person(row, env);
        }
        let intent = PaymentIntent { original_reference: row.reference.clone(), ..self.intent_of(&row) };
        self.call(Waiting::Reversal(row.clone()), row.instance, PaymentAction::Reverse, intent);
    }

    /// Money may be in the wrong hands: journalled and shown, decided by a manager.
    pub(crate) fn give_to_a_person(&mut self, row: IntentRow, env: &mut dyn Env) {
        let row = IntentRow { state: IntentState::Manual, ..row };
        self.note_intent(row.clone(), env);
        let (intent, amount) = (row.id.uuid(), row.amount);
        self.out.events.push(Event::PaymentManual { intent, instance: row.instance, amount });
    }

    pub(crate) fn recovery_answered(&mut self, row: IntentRow, answer: PluginResult<PaymentAnswer>, env: &mut dyn Env) {
        let kind = self.instance(&row.instance).map_or(aurapos_domain::tender::TenderKind::Other, |known| known.kind);
        // The customer is long gone: what counts is only whether money moved.
        let ask = PaymentRequest { kind, due: row.amount, tendered: row.tendered };
        match judge(&ask, &row.instance, Asked::Status, answer) {
            Verdict::Approved { approved, reference } => self.take_back(row.approved(approved, &reference), env),
            Verdict::Refused { state, .. } => {
                self.note_intent(IntentRow { state, ..row }, env);
            }
            Verdict::Lied(error) => {
                self.name_the_liar(&row.instance, &error);
                self.give_to_a_person(row, env);
            }
            Verdict::Unknown(_) => self.open_intents.push(row),
        }
    }

    pub(crate) fn reversal_answered(&mut self, row: IntentRow, answer: PluginResult<PaymentAnswer>, env: &mut dyn Env) {
        match answer {
            Ok(answer) if answer.state == PaymentState::Approved => {
                self.note_intent(IntentRow { state: IntentState::Reversed, ..row }, env);
            }
            _ => self.give_to_a_person(row, env),
        }
    }

    /// Writes an outcome down, or keeps it until that is possible: unwritten, a payment that was taken back would be asked
    /// about at the next start, and maybe taken back again.
    pub(crate) fn note_intent(&mut self, row: IntentRow, env: &mut dyn Env) {
        // What came later counts.
        self.late_intents.retain(|late| late.id != row.id);
        if self.write_intent(&row, env).is_err() {
            self.late_intents.truncate(LATE_MAX - 1);
            self.late_intents.push(row);
        }
    }

    /// Writes what could not be written before, as far as it goes.
    pub(crate) fn write_late_intents(&mut self, env: &mut dyn Env) {
        while let Some(row) = self.late_intents.first().filter(|_| self.core.doubt.is_none()).cloned() {
            if self.write_intent(&row, env).is_err() {
                break;
            }
            self.late_intents.remove(0);
        }
    }

    fn intent_of(&self, row: &IntentRow) -> PaymentIntent {
        PaymentIntent {
            id: row.id.uuid(),
            kind: row.kind,
            amount_minor: row.amount.minor,
            currency: row.amount.currency.code().to_owned(),
            tendered_minor: row.tendered.minor,
            ticket: row.ticket.uuid(),
            time: row.created.0,
            register: self.core.register.code.as_str().to_owned(),
            original_reference: row.original_reference.clone(),
        }
    }
}
