//! The one thread that turns the engine: commands and answers in, replies, notices and effects out.
//!
//! Every queue has a limit. The turn never waits for a worker: effects that find a full queue wait here, in order, and
//! answers have a queue of their own, so that workers and turn cannot block each other.

use super::answer::{Answer, CallResult};
use super::listeners::Listeners;
use super::notice::Notice;
use super::sync::Bell;
use super::wheel::{Ending, Message, Queues};
use super::workers::{END_PATIENCE, Workers};
use crate::head_file::HeadFile;
use crate::ids::RuntimeEnv;
use crate::site::PaymentPlugins;
use aurapos_contract::Uuid;
use aurapos_engine::Event;
use aurapos_engine::command::{Command, CommandId, SessionId};
use aurapos_engine::effect::{Effect, EffectAnswer, EffectId};
use aurapos_engine::step::Input;
use aurapos_engine::sync::call::EngineCall;
use aurapos_engine::{Engine, Step};
use aurapos_plugin_host::spin;
use crossbeam_channel::{Receiver, select};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How often a commit in doubt is asked about.
const DOUBT_INTERVAL: Duration = Duration::from_millis(500);
/// How often an effect that found a full queue is tried again.
const EFFECT_INTERVAL: Duration = Duration::from_millis(20);
/// How long the engine looks for the next input before it sleeps: a payment's answer, the next line of a script.
const SPIN_FOR_INPUT: Duration = Duration::from_micros(500);

/// The thread's own things.
pub(crate) struct Turn {
    engine: Engine,
    env: RuntimeEnv,
    inbox: Ending,
    answers: Receiver<(EffectId, EffectAnswer)>,
    turns: Arc<AtomicU64>,
    workers: Workers,
    plugins: PaymentPlugins,
    waiting: HashMap<CommandId, Answer>,
    listeners: Listeners,
    effects: VecDeque<Effect>,
    next_command: u64,
    head: HeadFile,
    /// Rung when something was written that others want to have.
    bell: Option<Bell>,
    /// What is written in it.
    reached: (Uuid, u64, u64),
}

impl Turn {
    pub(crate) fn new(
        engine: Engine,
        env: RuntimeEnv,
        queues: Queues,
        workers: Workers,
        plugins: PaymentPlugins,
        head: HeadFile,
        bell: Option<Bell>,
    ) -> Self {
        Turn {
            head,
            bell,
            reached: Default::default(),
            engine,
            env,
            inbox: queues.inbox,
            answers: queues.answers,
            turns: queues.wheel.turns,
            workers,
            plugins,
            waiting: HashMap::new(),
            listeners: Listeners::default(),
            effects: VecDeque::new(),
            next_command: 0,
        }
    }

    /// Runs until it is told to stop; the engine's last step is finished then, and so are the workers.
    pub(crate) fn run(mut self, start: Step) {
        self.keep_head();
        self.take(start);
        let mut asked = Instant::now();
        loop {
            let patience = if !self.effects.is_empty() {
                EFFECT_INTERVAL
            } else if self.engine.in_doubt() {
                DOUBT_INTERVAL
            } else {
                Duration::from_secs(3600)
            };
            spin::until(SPIN_FOR_INPUT, || !self.answers.is_empty() || !self.inbox.messages().is_empty());
            select! {
                recv(self.answers) -> answer => match answer {
                    Ok((effect, answer)) => self.answered(effect, answer),
                    Err(_) => break,
                },
                recv(self.inbox.messages()) -> message => match message {
                    Ok(Message::Call { session, command, answer }) => self.command(session, command, Some(answer)),
                    Ok(Message::Sync { call, answer }) => self.sync(call, answer),
                    Ok(Message::Subscribe(subscriber)) => self.listeners.add(subscriber),
                    Ok(Message::Tell(notice)) => self.listeners.tell(&notice),
                    Ok(Message::Stop) | Err(_) => break,
                },
                default(patience) => {}
            }
            if self.engine.in_doubt() && asked.elapsed() >= DOUBT_INTERVAL {
                asked = Instant::now();
                self.command(None, Command::ResolveDoubt, None);
            }
            self.push_effects();
        }
        self.finish();
    }

    fn command(&mut self, session: Option<SessionId>, command: Command, answer: Option<Answer>) {
        self.next_command += 1;
        let id = CommandId(self.next_command);
        if let Some(answer) = answer {
            self.waiting.insert(id, answer);
        }
        self.turn(Input::Command { id, session, command });
    }

    fn sync(&mut self, call: EngineCall, answer: Answer) {
        self.next_command += 1;
        let id = CommandId(self.next_command);
        self.waiting.insert(id, answer);
        self.turn(call.input(id));
    }

    fn answered(&mut self, effect: EffectId, answer: EffectAnswer) {
        self.turn(Input::Answer { effect, answer });
        // After the turn: in it the wish could still be for this effect, later no more.
        self.workers.answered(effect);
    }

    fn turn(&mut self, input: Input) {
        let step = self.engine.step(input, &mut self.env);
        self.turns.fetch_add(1, Ordering::Relaxed);
        self.keep_head();
        self.take(step);
    }

    /// Writes down how far the journal has come, before anybody is told of it: what was told is known to be missing when the
    /// database loses it.
    fn keep_head(&mut self) {
        let reached = self.engine.reached();
        if reached != self.reached {
            self.reached = reached;
            self.head.note(&self.engine.last_known());
            // Whatever this register writes itself moves its journal.
            if let Some(bell) = &self.bell {
                bell.ring();
            }
        }
    }

    fn take(&mut self, step: Step) {
        for event in step.events {
            match event {
                Event::Done { command, result } => self.done(command, result),
                other => {
                    log(&other);
                    match &other {
                        Event::PaymentLied { instance, message } => self.plugins.shut_out_the_liar(instance, message),
                        Event::PaymentCancelling { payment, .. } => self.workers.stop_payment(*payment),
                        _ => {}
                    }
                    self.listeners.tell(&Notice::Event(Box::new(other)));
                }
            }
        }
        self.effects.extend(step.effects);
        self.push_effects();
    }

    fn done(&mut self, command: CommandId, result: CallResult) {
        if let Some(answer) = self.waiting.remove(&command) {
            answer.give(result);
        }
    }

    fn push_effects(&mut self) {
        self.workers.hand_all(&mut self.effects);
    }

    /// Lets the workers finish what they have; their answers still reach the engine, so that nothing has to be asked
    /// or printed again at the next start.
    fn finish(mut self) {
        self.inbox.close();
        self.push_effects();
        drop(std::mem::take(&mut self.workers));
        let deadline = Instant::now() + END_PATIENCE;
        while let Ok((effect, answer)) = self.answers.recv_deadline(deadline) {
            self.answered(effect, answer);
        }
        self.engine.settle_prints(&mut self.env);
        self.keep_head();
    }
}

/// What somebody may want to read later. Sales are in the journal; names, amounts and PINs have no place here.
fn log(event: &Event) {
    match event {
        Event::InDoubt(error) => tracing::error!(code = error.code, "a commit is in doubt: {}", error.message),
        Event::Resolved { committed } => tracing::warn!(committed, "the commit in doubt is resolved"),
        Event::IncarnationOpened { code, previous, reason } => {
            tracing::warn!(code = code.as_str(), previous = previous.as_str(), "new incarnation: {reason}");
        }
        Event::WentBack(found) => tracing::error!("{}", found.told()),
        Event::ClockJumped { last, now } => tracing::warn!(last = last.0, now = now.0, "the clock jumped"),
        Event::PrintFailed { receipt_no, message } => tracing::warn!("{receipt_no} did not print: {message}"),
        Event::DeliverFailed { message } => tracing::warn!("events were not delivered: {message}"),
        Event::PaymentManual { intent, instance, .. } => {
            tracing::error!(instance, "the payment {intent} needs somebody's eyes");
        }
        Event::PaymentLied { instance, message } => tracing::error!(instance, "{message}"),
        Event::PaymentCancelling { instance, .. } => tracing::info!(instance, "a payment was asked to stop"),
        Event::Applied(applied) => {
            tracing::info!(edited = applied.edited, facts = applied.facts, lost = applied.lost, "a feed was taken in");
            for finding in &applied.findings {
                tracing::warn!(kind = finding.kind.code(), "{}", finding.told);
            }
        }
        Event::Done { .. }
        | Event::CatalogChanged { .. }
        | Event::TicketChanged { .. }
        | Event::RightsChanged { .. }
        | Event::Committed(_)
        | Event::DrawerChanged(_) => {}
    }
}
