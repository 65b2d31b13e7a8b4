//! Payments: what is asked of a plugin, and what is believed of its answer.
//!
//! Money moves once. A payment that leaves the register is stored before the plugin is called; silence means *unknown*:
//! ask, never charge again. Every answer is computed again by the domain and refused when it does not add up.

use aurapos_contract::error::{ErrorCode, Retry};
use aurapos_contract::payment::{PaymentAnswer, PaymentIntent, PaymentKind, PaymentState};
use aurapos_contract::{PluginError, PluginResult};
use aurapos_domain::ids::{PaymentIntentId, TicketId};
use aurapos_domain::journal::EntryKind;
use aurapos_domain::money::Money;
use aurapos_domain::tender::{self, PaymentRequest, Tender, TenderKind};

use crate::command::{CommandId, Reply, SessionId, TenderRequest};
use crate::effect::{Effect, EffectId, PaymentAction, PaymentInstance};
use crate::engine::{Engine, Waiting};
use crate::env::Env;
use crate::error::refused;
use crate::error::{Code, EngineError, EngineResult};
use crate::fold::nfc;
use crate::rows::payment::{IntentRow, IntentState};
use crate::work::{Paid, Pending, Work};
use crate::{journal, rows};

/// What an answer comes to.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It counts.
    Approved { approved: Money, reference: String },
    /// No money moved.
    Refused { error: EngineError, state: IntentState },
    /// It can't be true, and money may have moved.
    Lied(EngineError),
    /// Nobody knows.
    Unknown(EngineError),
}

/// What a payment left behind.
#[derive(Debug, Default)]
struct Outcome {
    reference: String,
    row: Option<IntentRow>,
    asked: Option<PaymentIntent>,
}

/// Which question an answer is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// The payment itself: an error may promise that it was not begun.
    Payment,
    /// What became of it: an error says that the question failed, and nothing about the payment.
    Status,
}

impl Engine {
    pub(crate) fn tender(
        &mut self,
        command: CommandId,
        session: Option<SessionId>,
        request: TenderRequest,
        env: &mut dyn Env,
    ) -> EngineResult<Option<Reply>> {
        let (id, work) = self.ticket_to_pay(session)?;
        work.command = Some(command);
        work.plan.push_back(request);
        self.advance(id, env)
    }

    pub(crate) fn finish_ticket(
        &mut self,
        session: Option<SessionId>,
        env: &mut dyn Env,
    ) -> EngineResult<Option<Reply>> {
        let (id, work) = self.ticket_to_pay(session)?;
        let (_, settlement) = work.settlement(&[])?;
        if !settlement.settled {
            let due = settlement.remaining_voucher;
            return Err(Code::NotPaid.error(format!("{due} is still to be paid.")));
        }
        self.advance(id, env)
    }

    pub(crate) fn ask_payment(
        &mut self,
        command: CommandId,
        session: Option<SessionId>,
        env: &mut dyn Env,
    ) -> EngineResult<Option<Reply>> {
        let id = self.session(session)?.ticket;
        let work = id.and_then(|id| self.works.get_mut(&id));
        let (Some(id), Some(work)) = (id, work) else { return Err(Code::TicketEmpty.error("There is no ticket.")) };
        match &mut work.pending {
            _ if work.taking_back.is_some() => Err(running()),
            Some(pending) if pending.running => Err(running()),
            Some(pending) => {
                pending.running = true;
                let (instance, intent) = (pending.instance.clone(), pending.intent.clone());
                work.command = Some(command);
                self.call(Waiting::Payment(id), instance, PaymentAction::QueryStatus, intent);
                Ok(None)
            }
            None => self.advance(id, env),
        }
    }

    pub(super) fn ticket_to_pay(&mut self, session: Option<SessionId>) -> EngineResult<(TicketId, &mut Work)> {
        self.core.drawer_open()?;
        let id = self.session(session)?.ticket;
        let work = id.and_then(|id| self.works.get_mut(&id).map(|work| (id, work)));
        let (id, work) = work.ok_or_else(|| Code::TicketEmpty.error("There is no ticket."))?;
        match &work.pending {
            _ if work.taking_back.is_some() => return Err(running()),
            Some(pending) if pending.running => return Err(running()),
            Some(pending) => return Err(unknown(&pending.instance)),
            None => {}
        }
        if work.ticket.is_empty() {
            return Err(Code::TicketEmpty.error("There is nothing on the ticket."));
        }
        Ok((id, work))
    }

    /// Goes on with a ticket: the next payment of its plan, or the commit when it is paid. `None`: an answer is awaited.
    pub(crate) fn advance(&mut self, id: TicketId, env: &mut dyn Env) -> EngineResult<Option<Reply>> {
        let result = self.try_advance(id, env);
        match &result {
            Ok(None) => {}
            Ok(Some(_)) => self.settle_command(id),
            Err(_) => self.failed(id, env),
        }
        result
    }

    fn try_advance(&mut self, id: TicketId, env: &mut dyn Env) -> EngineResult<Option<Reply>> {
        loop {
            let work = self.works.get_mut(&id).ok_or_else(|| Code::Bug.error("The ticket is gone."))?;
            if let Some(next) = work.plan.pop_front() {
                if self.pay(id, &next, env)? {
                    continue;
                }
                return Ok(None);
            }
            let (_, settlement) = work.settlement(&[])?;
            if settlement.settled {
                return self.finish(id, env).map(Some);
            }
            if work.whole {
                let due = settlement.remaining_voucher;
                return Err(Code::NotPaid.error(format!("{due} is still to be paid.")));
            }
            let shown = Box::new(work.view()?);
            let session = work.session;
            self.out.events.push(crate::Event::TicketChanged { session, ticket: shown.clone() });
            return Ok(Some(Reply::Ticket(shown)));
        }
    }

    fn settle_command(&mut self, id: TicketId) {
        if let Some(work) = self.works.get_mut(&id) {
            work.command = None;
        }
    }

    /// A refused ticket is kept for its operator; a refused whole sale is undone. In doubt both wait.
    fn failed(&mut self, id: TicketId, env: &mut dyn Env) {
        let Some(work) = self.works.get_mut(&id) else { return };
        work.command = None;
        work.plan.clear();
        if work.whole && self.core.doubt.is_none() {
            self.give_up(id, env);
        }
    }

    /// Asks for one payment. `true`: it counts at once, without a plugin.
    fn pay(&mut self, id: TicketId, request: &TenderRequest, env: &mut dyn Env) -> EngineResult<bool> {
        let instance = self.instance(&request.instance)?.clone();
        let work = self.works.get(&id).ok_or_else(|| Code::Bug.error("The ticket is gone."))?;
        let ask = question(work, &instance, request)?;
        if self.is_recovering(&instance.name) {
            self.recover_payments(Some(&instance.name), env);
            return Err(unknown(&instance.name));
        }
        let nothing = ask.due.is_zero() && ask.tendered.is_zero();
        if nothing {
            let tender = Tender { kind: instance.kind, amount: ask.tendered };
            return self.count(id, tender, &instance, Outcome::default()).map(|()| true);
        }
        let intent = self.intent(id, &ask, &instance, env)?;
        let action = match intent.kind {
            PaymentKind::Refund => PaymentAction::Refund,
            _ => PaymentAction::Begin,
        };
        let row = instance.capabilities.leaves_register.then(|| self.intent_row(id, &intent, &instance.name));
        if let Some(row) = &row {
            self.write_intent(row, env)?;
        }
        let name = instance.name;
        let effect = self.call(Waiting::Payment(id), name.clone(), action, intent.clone());
        if let Some(work) = self.works.get_mut(&id) {
            work.pending = Some(Pending {
                intent,
                request: ask,
                instance: name,
                row,
                asked: false,
                running: true,
                effect,
                cancelling: false,
            });
        }
        Ok(false)
    }

    fn intent(
        &self,
        id: TicketId,
        ask: &PaymentRequest,
        instance: &PaymentInstance,
        env: &mut dyn Env,
    ) -> EngineResult<PaymentIntent> {
        let back = ask.due.is_negative() || ask.tendered.is_negative();
        let references = self.works.get(&id).map(|work| work.original_references.as_slice()).unwrap_or_default();
        let original =
            references.iter().find(|(name, _)| *name == instance.name).map(|(_, reference)| reference.clone());
        let size = |amount: Money| amount.checked_abs().map(|amount| amount.minor).map_err(refused(Code::BadTender));
        Ok(PaymentIntent {
            id: env.new_id(),
            kind: if back { PaymentKind::Refund } else { PaymentKind::Sale },
            amount_minor: size(ask.due)?,
            currency: ask.due.currency.code().to_owned(),
            tendered_minor: size(ask.tendered)?,
            ticket: id.uuid(),
            time: env.now().0,
            register: self.core.register.code.as_str().to_owned(),
            original_reference: original.unwrap_or_default(),
        })
    }

    fn intent_row(&self, id: TicketId, intent: &PaymentIntent, instance: &str) -> IntentRow {
        let money = |minor| Money::new(minor, self.core.currency());
        let time = aurapos_domain::calendar::Timestamp(intent.time);
        IntentRow {
            id: PaymentIntentId::new(intent.id),
            ticket: id,
            instance: instance.to_owned(),
            kind: intent.kind,
            state: IntentState::Sent,
            amount: money(intent.amount_minor),
            tendered: money(intent.tendered_minor),
            approved: money(0),
            reference: String::new(),
            original_reference: intent.original_reference.clone(),
            created: time,
            updated: time,
            sale: None,
        }
    }

    /// Stores an intent's state, journalled, in its own transaction.
    pub(crate) fn write_intent(&mut self, row: &IntentRow, env: &mut dyn Env) -> EngineResult<()> {
        let mut draft = self.core.draft(env)?;
        self.core.append(&mut draft, EntryKind::PAYMENT_INTENT, journal::payment_intent(row)?)?;
        let row = IntentRow { updated: draft.time, ..row.clone() };
        rows::upsert(&mut draft.transaction, &[row]);
        self.core.commit(draft)
    }

    pub(crate) fn call(
        &mut self,
        waiting: Waiting,
        instance: String,
        action: PaymentAction,
        intent: PaymentIntent,
    ) -> EffectId {
        self.effect(waiting, |id| Effect::Payment { id, instance, action, intent })
    }

    fn count(
        &mut self,
        id: TicketId,
        tender: Tender,
        instance: &PaymentInstance,
        outcome: Outcome,
    ) -> EngineResult<()> {
        let work = self.works.get_mut(&id).ok_or_else(|| Code::Bug.error("The ticket is gone."))?;
        let opens_drawer = instance.capabilities.opens_drawer;
        let Outcome { reference, row, asked } = outcome;
        let instance = instance.name.clone();
        work.paid.push(Paid { tender, instance, reference, intent: row, opens_drawer, asked });
        Ok(())
    }

    pub(crate) fn payment_answered(&mut self, id: TicketId, answer: PluginResult<PaymentAnswer>, env: &mut dyn Env) {
        let Some(command) = self.works.get(&id).and_then(|work| work.command) else { return };
        let result = match self.take_answer(id, answer, env) {
            Ok(true) => self.advance(id, env),
            Ok(false) => return,
            Err(error) => {
                self.failed(id, env);
                Err(error)
            }
        };
        match result {
            Ok(None) => {}
            Ok(Some(reply)) => self.done(command, Ok(reply)),
            Err(error) => self.done(command, Err(error)),
        }
    }

    /// `true`: the payment counts; `false`: the plugin is asked again.
    fn take_answer(
        &mut self,
        id: TicketId,
        answer: PluginResult<PaymentAnswer>,
        env: &mut dyn Env,
    ) -> EngineResult<bool> {
        let pending = self.works.get_mut(&id).and_then(|work| work.pending.take());
        let mut pending = pending.ok_or_else(|| Code::UnknownAnswer.error("A payment was answered twice."))?;
        let of_what = if pending.asked { Asked::Status } else { Asked::Payment };
        match judge(&pending.request, &pending.instance, of_what, answer) {
            Verdict::Approved { approved, reference } => {
                let cash = pending.request.kind == TenderKind::Cash;
                let amount = if cash { pending.request.tendered } else { approved };
                let row = pending.row.map(|row| row.approved(approved, &reference));
                let instance = self.instance(&pending.instance)?.clone();
                let tender = Tender { kind: pending.request.kind, amount };
                let outcome = Outcome { reference, row, asked: Some(pending.intent) };
                self.count(id, tender, &instance, outcome).map(|()| true)
            }
            Verdict::Refused { error, state } => {
                if let Some(row) = pending.row {
                    self.note_intent(IntentRow { state, ..row }, env);
                }
                Err(error)
            }
            Verdict::Lied(error) => {
                self.name_the_liar(&pending.instance, &error);
                if let Some(row) = pending.row {
                    self.give_to_a_person(row, env);
                }
                Err(error)
            }
            Verdict::Unknown(error) => {
                if pending.row.is_none() {
                    // Money that stays at the register is in the operator's hand: there is nothing to ask.
                    let failed =
                        Code::PaymentFailed.error(format!("The payment by {} did not answer.", pending.instance));
                    return Err(EngineError { source: error.source, ..failed });
                }
                let again = !pending.asked;
                pending.asked = true;
                pending.running = again;
                let (instance, intent) = (pending.instance.clone(), pending.intent.clone());
                if let Some(work) = self.works.get_mut(&id) {
                    work.pending = Some(pending);
                }
                if again {
                    self.call(Waiting::Payment(id), instance, PaymentAction::QueryStatus, intent);
                    return Ok(false);
                }
                Err(error)
            }
        }
    }
}

impl Engine {
    pub(crate) fn name_the_liar(&mut self, instance: &str, error: &EngineError) {
        let (instance, message) = (instance.to_owned(), error.message.clone());
        self.out.events.push(crate::Event::PaymentLied { instance, message });
    }
}

impl IntentRow {
    pub(crate) fn approved(self, approved: Money, reference: &str) -> IntentRow {
        let approved = approved.checked_abs().unwrap_or(approved);
        IntentRow { state: IntentState::Approved, approved, reference: reference.to_owned(), ..self }
    }
}

/// What is asked of the plugin, and whether the ticket may be paid that way.
fn question(work: &Work, instance: &PaymentInstance, request: &TenderRequest) -> EngineResult<PaymentRequest> {
    let (totals, settlement) = work.settlement(&[])?;
    let remaining = Work::remaining(&settlement, instance.kind);
    let back = totals.total.is_negative();
    let amount = match request.amount {
        None => remaining,
        Some(given) if given.is_negative() => {
            return Err(Code::BadTender.error(format!("{given} is not an amount to pay.")));
        }
        Some(given) if back => given.checked_neg().map_err(refused(Code::BadTender))?,
        Some(given) => given,
    };
    if back && !instance.capabilities.refunds {
        return Err(Code::BadTender.error(format!("{} can't pay money back.", instance.name)));
    }
    let currencies = &instance.capabilities.currencies;
    if !currencies.is_empty() && !currencies.iter().any(|code| code == amount.currency.code()) {
        return Err(Code::BadTender.error(format!("{} does not take {}.", instance.name, amount.currency)));
    }
    if amount.is_zero() && instance.kind != TenderKind::Cash {
        return Err(Code::BadTender.error(format!("Nothing is due by {}.", instance.name)));
    }
    let kind = instance.kind;
    believed(kind, amount, remaining)?;
    work.settlement(&[Tender { kind, amount }])?;
    let smaller = remaining.minor.unsigned_abs() < amount.minor.unsigned_abs();
    Ok(PaymentRequest { kind, due: if smaller { remaining } else { amount }, tendered: amount })
}

/// Refuses cash that nobody hands over: a barcode went into the amount. Other ways to pay give no change at all.
pub(crate) fn believed(kind: TenderKind, amount: Money, due: Money) -> EngineResult<()> {
    if kind != TenderKind::Cash {
        return Ok(());
    }
    tender::check_handed_over(amount, due).map_err(refused(Code::BadTender))
}

/// What an answer comes to, computed again.
pub(crate) fn judge(
    ask: &PaymentRequest,
    instance: &str,
    asked: Asked,
    answer: PluginResult<PaymentAnswer>,
) -> Verdict {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return judge_error(instance, asked, error),
    };
    let said = if answer.message.is_empty() { String::new() } else { format!(": {}", answer.message) };
    let refused = |state| {
        let word = if state == IntentState::Declined { "declined" } else { "stopped" };
        Verdict::Refused { error: Code::Declined.error(format!("The payment by {instance} was {word}{said}.")), state }
    };
    match answer.state {
        PaymentState::Declined => refused(IntentState::Declined),
        PaymentState::Aborted => refused(IntentState::Aborted),
        PaymentState::Approved => {
            let sign = if ask.due.is_negative() || ask.tendered.is_negative() { -1 } else { 1 };
            let signed = |minor: i64| minor.checked_mul(sign).map(|minor| Money::new(minor, ask.due.currency));
            let (Some(approved), Some(change)) = (signed(answer.approved_minor), signed(answer.change_minor)) else {
                return Verdict::Lied(lied(instance, "the amounts are impossible"));
            };
            match tender::check_answer(*ask, tender::PaymentAnswer { approved, change }) {
                Ok(()) if approved.is_zero() && !ask.due.is_zero() => {
                    Verdict::Lied(lied(instance, "it approved nothing"))
                }
                Ok(()) => Verdict::Approved { approved, reference: storable(&answer.reference) },
                Err(error) => Verdict::Lied(lied(instance, &error.to_string())),
            }
        }
        // Unknown, still going on, or a state of a newer contract: ask.
        _ => Verdict::Unknown(unknown(instance)),
    }
}

/// Most characters that are kept of what a terminal calls a payment: acquirers' own have 6 to 64.
const REFERENCE_CHARS_MAX: usize = 1_000;

/// What a plugin calls a payment, as a store takes it: money has moved already, so that nothing in a name may stop its sale.
fn storable(reference: &str) -> String {
    nfc(reference).chars().filter(|letter| !letter.is_control()).take(REFERENCE_CHARS_MAX).collect()
}

fn judge_error(instance: &str, asked: Asked, error: PluginError) -> Verdict {
    let message = format!("The payment by {instance} failed: {error}.");
    let never_happened = matches!(
        error.code,
        ErrorCode::Declined
            | ErrorCode::Unsupported
            | ErrorCode::Config
            | ErrorCode::Busy
            | ErrorCode::BadValue
            | ErrorCode::Closed
            | ErrorCode::NeedsNewer
    );
    if error.code == ErrorCode::Declined {
        return Verdict::Refused { error: Code::Declined.because(message, error), state: IntentState::Declined };
    }
    if asked == Asked::Payment && never_happened && error.retry != Retry::AskFirst {
        return Verdict::Refused { error: Code::PaymentFailed.because(message, error), state: IntentState::Aborted };
    }
    Verdict::Unknown(Code::PaymentUnknown.because(message, error))
}

fn lied(instance: &str, why: &str) -> EngineError {
    Code::PaymentLied.error(format!("The answer of {instance} was refused: {why}."))
}

pub(crate) fn unknown(instance: &str) -> EngineError {
    Code::PaymentUnknown.error(format!("Nobody knows whether a payment by {instance} happened."))
}

pub(super) fn running() -> EngineError {
    Code::PaymentRunning.error("A payment of this ticket is going on.")
}
