//! The engine: one step at a time, never waiting. What takes time leaves as an effect and comes back as an answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use aurapos_contract::error::ErrorCode;
use aurapos_contract::events::HostEvent;
use aurapos_contract::{PluginError, RecordStore, Uuid};
use aurapos_domain::calendar::Date;
use aurapos_domain::ids::{ReceiptNumber, TicketId};
use aurapos_domain::people::Operator;

use crate::boot;
use crate::command::{Command, CommandId, Reply, SessionId};
use crate::effect::{Devices, Effect, EffectAnswer, EffectId, PAYMENTS_MAX, PaymentInstance, PrintRequest};
use crate::env::Env;
use crate::error::{Code, EngineResult};
use crate::event::Event;
use crate::identity::{LastKnown, MachineIdentity};
use crate::rights::{self, Need, Rights};
use crate::rows::payment::{IntentRow, PrintJobRow};
use crate::rows::shop::Shop;
use crate::sessions::Session;
use crate::state::Core;
use crate::step::{Input, Step};
use crate::work::Work;

/// Most effects that may wait for an answer; above it receipts count as not printed, and sinks read from the journal.
pub const WAITING_MAX: usize = 1_000;

/// What an effect in flight is for.
#[derive(Debug)]
pub(crate) enum Waiting {
    /// A payment of a ticket.
    Payment(TicketId),
    /// A payment without a ticket that is asked about.
    Recovery(IntentRow),
    /// A payment without a sale that is taken back.
    Reversal(IntentRow),
    /// Cash of a ticket that a machine gives back.
    TakeBack(TicketId),
    /// A receipt.
    Print(Box<PrintJobRow>),
    /// Events.
    Deliver,
}

/// A register's engine. One thread turns it.
#[derive(Debug)]
pub struct Engine {
    pub(crate) core: Core,
    pub(crate) devices: Devices,
    pub(crate) sessions: BTreeMap<SessionId, Session>,
    /// The same, for other threads.
    rights: Rights,
    pub(crate) works: BTreeMap<TicketId, Work>,
    pub(crate) waiting: BTreeMap<EffectId, Waiting>,
    /// Payments of an earlier life of the program, or of sales that did not come about, that are not settled yet.
    pub(crate) open_intents: Vec<IntentRow>,
    /// Outcomes of payments that could not be written yet (full disk, doubt).
    pub(crate) late_intents: Vec<IntentRow>,
    /// Finished print jobs that are written with the next sale.
    pub(crate) printed: Vec<PrintJobRow>,
    /// Events were left out because too many waited or nobody knew what happened; said with the next ones.
    pub(crate) events_missed: bool,
    /// Jobs that an earlier life of the program left were looked at.
    pub(crate) jobs_seen: bool,
    /// This database is a copy, or came from a backup: the life before it may have gone on.
    pub(crate) copied: bool,
    /// The day on which the drawer was told to be of an earlier one.
    pub(crate) day_told: Option<Date>,
    pub(crate) last_session: u64,
    last_effect: u64,
    pub(crate) out: Step,
}

impl Engine {
    /// Opens the register of a store: schema, state, recovery; a new incarnation when the identity differs.
    ///
    /// # Errors
    /// [`Code::NoShop`] when none was set up, [`Code::RegisterDamaged`] and the storage's codes otherwise.
    pub fn open(
        store: Arc<dyn RecordStore>,
        identity: &MachineIdentity,
        env: &mut dyn Env,
    ) -> EngineResult<(Engine, Vec<Event>)> {
        Self::open_after(store, identity, None, env)
    }

    /// The same where it is known how far the journal had come: a register whose data knows less opens in a new incarnation
    /// with a finding that says what is missing.
    ///
    /// # Errors
    /// Those of [`Engine::open`].
    pub fn open_after(
        store: Arc<dyn RecordStore>,
        identity: &MachineIdentity,
        known: Option<&LastKnown>,
        env: &mut dyn Env,
    ) -> EngineResult<(Engine, Vec<Event>)> {
        let (core, mut events) = boot::open(store, identity, known, env)?;
        let open_intents = crate::rows::payment::open_intents(core.store.as_ref(), core.currency())?;
        let mut engine = Engine {
            core,
            devices: Devices::default(),
            sessions: BTreeMap::new(),
            rights: Rights::default(),
            works: BTreeMap::new(),
            waiting: BTreeMap::new(),
            open_intents,
            late_intents: Vec::new(),
            printed: Vec::new(),
            events_missed: false,
            jobs_seen: false,
            copied: false,
            day_told: None,
            last_session: 0,
            last_effect: 0,
            out: Step::default(),
        };
        if events.iter().any(|event| matches!(event, Event::IncarnationOpened { .. })) {
            engine.copied = true;
            // This database is a copy: in the life it was copied from, these payments may long belong to a sale.
            for row in std::mem::take(&mut engine.open_intents) {
                engine.give_to_a_person(row, env);
            }
            events.append(&mut engine.out.events);
        }
        events.append(&mut engine.core.notices);
        Ok((engine, events))
    }

    /// Life, last entry and last receipt number: whether [`Engine::last_known`] says something new.
    pub fn reached(&self) -> (Uuid, u64, u64) {
        (self.core.head.incarnation.uuid(), self.core.head.seq, self.core.receipts)
    }

    /// How far the journal has come, for whoever keeps it outside of the data.
    pub fn last_known(&self) -> LastKnown {
        let (core, register) = (&self.core, &self.core.register);
        let receipt = ReceiptNumber::new(register.code.clone(), register.incarnation_code.clone(), core.receipts);
        LastKnown {
            register: register.id.uuid(),
            incarnation: core.head.incarnation.uuid(),
            seq: core.head.seq,
            hash: core.head.hash,
            receipts: core.receipts,
            receipt: receipt.to_string(),
        }
    }

    /// Tells which ways to pay, printers and sinks there are; asks about payments and prints receipts that an earlier life
    /// left open.
    ///
    /// # Errors
    /// [`Code::BadRequest`] for more than [`PAYMENTS_MAX`] ways to pay.
    pub fn set_devices(&mut self, devices: Devices, env: &mut dyn Env) -> EngineResult<Step> {
        if devices.payments.len() > PAYMENTS_MAX {
            return Err(Code::BadRequest.error(format!("There are more than {PAYMENTS_MAX} ways to pay.")));
        }
        self.devices = devices;
        self.recover_payments(None, env);
        self.print_again(env);
        Ok(std::mem::take(&mut self.out))
    }

    /// One step. Never waits for anything but the local store.
    pub fn step(&mut self, input: Input, env: &mut dyn Env) -> Step {
        match input {
            Input::Command { id, session, command } => {
                self.write_late_intents(env);
                match self.command(id, session, command, env) {
                    Ok(None) => {}
                    Ok(Some(reply)) => self.done(id, Ok(reply)),
                    Err(error) => self.done(id, Err(error)),
                }
                self.publish_rights();
            }
            Input::Apply { id, feed } => {
                let result = self.apply(*feed, env).map(|applied| Reply::Applied(Box::new(applied)));
                self.done(id, result);
                self.publish_rights();
            }
            Input::Remember { id, note } => {
                let result = self.remember(*note, env).map(|()| Reply::Done);
                self.done(id, result);
            }
            Input::NewLife { id, why } => {
                let result = self.new_life(*why, env).map(|()| Reply::Done);
                self.done(id, result);
            }
            Input::Answer { effect, answer } => self.answer(effect, answer, env),
        }
        let mut step = std::mem::take(&mut self.out);
        if !self.core.notices.is_empty() {
            step.events.splice(0..0, self.core.notices.drain(..));
        }
        step
    }

    /// The shop.
    pub fn shop(&self) -> &Shop {
        &self.core.shop
    }

    /// Who is signed in and may do what, for other threads: as it was after the last step.
    pub fn rights(&self) -> Rights {
        self.rights.clone()
    }

    /// The register's code.
    pub fn register_code(&self) -> &str {
        self.core.register.code.as_str()
    }

    /// The present incarnation's code.
    pub fn incarnation_code(&self) -> &str {
        self.core.register.incarnation_code.as_str()
    }

    /// Whether a commit is in doubt; the runtime then repeats [`Command::ResolveDoubt`].
    pub fn in_doubt(&self) -> bool {
        self.core.doubt.is_some()
    }

    pub(crate) fn done(&mut self, command: CommandId, result: EngineResult<Reply>) {
        if let Err(error) = &result
            && error.is(Code::InDoubt)
        {
            self.out.events.push(Event::InDoubt(error.clone()));
        }
        self.out.events.push(Event::Done { command, result });
    }

    fn command(
        &mut self,
        id: CommandId,
        session: Option<SessionId>,
        command: Command,
        env: &mut dyn Env,
    ) -> EngineResult<Option<Reply>> {
        let by = self.allow(session, &command)?;
        let now = match command {
            Command::ResolveDoubt => return self.resolve_doubt(env).map(Some),
            Command::DrawerStatus => self.drawer_reply(session, env),
            Command::ShowTicket => return self.show_ticket(session).map(Some),
            // Also in doubt: whoever leaves the register locks it.
            Command::Lock => return self.lock(session).map(Some),
            // It writes nothing, and the customer at the terminal waits in doubt, too.
            Command::CancelPayment => return self.cancel_payment(session).map(Some),
            other => {
                self.core.need_no_doubt()?;
                match other {
                    Command::SignIn { operator, pin } => self.sign_in(&operator, pin.text(), env)?,
                    Command::SignOut => self.sign_out(session, env)?,
                    Command::Unlock { pin } => self.unlock(session, pin.text(), env)?,
                    Command::OpenDrawer { float } => self.open_drawer(session, float, env)?,
                    Command::MoveCash { kind, amount, reason } => {
                        self.move_cash(session, kind, amount, &reason, env)?
                    }
                    Command::NoSale { reason } => self.no_sale(session, &reason, env)?,
                    Command::Reprint { receipt_no } => self.reprint(session, &receipt_no, env)?,
                    Command::RotateToken { identity } => {
                        boot::rotate(&mut self.core, identity, env)?;
                        Reply::Done
                    }
                    Command::NoteBackup(note) => self.note_backup(&note, env)?,
                    Command::ImportSlice(slice) => {
                        let reply = crate::import::run(&mut self.core, by.as_ref(), *slice, env)?;
                        self.out.events.push(Event::CatalogChanged { product: None });
                        reply
                    }
                    Command::SaveProduct(draft) => {
                        let product = crate::import::save(&mut self.core, by.as_ref(), &draft, env)?;
                        self.out.events.push(Event::CatalogChanged { product: Some(product.product.id) });
                        Reply::Product(Box::new(product))
                    }
                    Command::People(command) => {
                        let reply = crate::people::run(&mut self.core, by.as_ref(), command, env)?;
                        self.refresh_people()?;
                        reply
                    }
                    Command::Settings(command) => crate::settings::run(&mut self.core, by.as_ref(), command, env)?,
                    Command::ResolveFinding { id } => self.resolve_finding(by.as_ref(), id, env)?,
                    Command::Sell(request) => return self.sell(id, session, request, env),
                    Command::Refund(request) => return self.refund(id, session, request, env),
                    Command::Tender(request) => return self.tender(id, session, request, env),
                    Command::AskPayment => return self.ask_payment(id, session, env),
                    Command::TakeBackCash => return self.take_back_cash(id, session),
                    Command::Finish => return self.finish_ticket(session, env),
                    ticket => self.change_ticket(session, ticket, env)?,
                }
            }
        };
        Ok(Some(now))
    }

    fn answer(&mut self, effect: EffectId, answer: EffectAnswer, env: &mut dyn Env) {
        // An answer to a question that was given up (or answered twice) changes nothing.
        let Some(waiting) = self.waiting.remove(&effect) else { return };
        match (waiting, answer) {
            (Waiting::Payment(ticket), EffectAnswer::Payment(answer)) => self.payment_answered(ticket, answer, env),
            (Waiting::Recovery(intent), EffectAnswer::Payment(answer)) => self.recovery_answered(intent, answer, env),
            (Waiting::Reversal(intent), EffectAnswer::Payment(answer)) => self.reversal_answered(intent, answer, env),
            (Waiting::TakeBack(ticket), EffectAnswer::Payment(answer)) => self.taken_back(ticket, answer),
            (Waiting::Print(job), EffectAnswer::Printed(result)) => self.printed(*job, result),
            (Waiting::Deliver, EffectAnswer::Delivered(Err(error))) => {
                self.out.events.push(Event::DeliverFailed { message: error.to_string() });
            }
            (Waiting::Deliver, EffectAnswer::Delivered(Ok(()))) => {}
            // The runtime answered another question: the effect goes on waiting.
            (waiting, _) => {
                self.waiting.insert(effect, waiting);
            }
        }
    }

    /// Who gives a command, when they may: asked before anything of it is done. `None`: nobody, or the program itself.
    pub(crate) fn allow(&self, session: Option<SessionId>, command: &Command) -> EngineResult<Option<Operator>> {
        let need = match rights::need(command) {
            Need::AsBegun => Need::Rights(self.rights_of_payments(session)),
            need => need,
        };
        self.decide(session, need)
    }

    pub(crate) fn decide(&self, session: Option<SessionId>, need: Need<'_>) -> EngineResult<Option<Operator>> {
        let found = session.and_then(|id| self.sessions.get(&id)).map(|open| (&open.operator, open.locked));
        rights::decide(session, found, need)
    }

    pub(crate) fn instance(&self, name: &str) -> EngineResult<&PaymentInstance> {
        self.devices.payments.iter().find(|instance| instance.name == name).ok_or_else(|| {
            let known: Vec<&str> = self.devices.payments.iter().map(|instance| instance.name.as_str()).collect();
            Code::NoSuchTender
                .error(format!("There is no way to pay called \"{name}\"; there is: {}.", known.join(", ")))
        })
    }

    pub(crate) fn effect(&mut self, waiting: Waiting, make: impl FnOnce(EffectId) -> Effect) -> EffectId {
        self.last_effect += 1;
        let id = EffectId(self.last_effect);
        self.waiting.insert(id, waiting);
        self.out.effects.push(make(id));
        id
    }

    pub(crate) fn send_print(&mut self, row: PrintJobRow, job: PrintRequest) {
        if self.waiting.len() < WAITING_MAX {
            self.effect(Waiting::Print(Box::new(row)), |id| Effect::Print { id, job });
        } else {
            let full = format!("{WAITING_MAX} receipts and events wait already");
            self.printed(row, Err(PluginError::new(ErrorCode::Busy, full)));
        }
    }

    pub(crate) fn send_events(&mut self, events: Vec<HostEvent>) {
        if !self.devices.event_sinks || events.is_empty() {
            return;
        }
        if self.waiting.len() >= WAITING_MAX {
            self.events_missed = true;
            return;
        }
        let missed = std::mem::take(&mut self.events_missed);
        self.effect(Waiting::Deliver, |id| Effect::Deliver { id, events, missed });
    }
}
