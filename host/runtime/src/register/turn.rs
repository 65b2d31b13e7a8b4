//! The one thread that turns the engine: commands and answers in, replies, notices and effects out.
//!
//! Every queue has a limit. The turn never waits for a worker: effects that find a full queue wait here, in order, and
//! answers have a queue of their own, so that workers and turn cannot block each other.

use super::workers::{END_PATIENCE, Workers};
use crate::ids::RuntimeEnv;
use crate::site::PaymentPlugins;
use aurapos_engine::command::{Command, CommandId, Input, Reply, SessionId};
use aurapos_engine::effect::{Effect, EffectAnswer, EffectId};
use aurapos_engine::error::{Code, EngineError};
use aurapos_engine::view::Event;
use aurapos_engine::{Engine, Step};
use aurapos_plugin_host::spin;
use crossbeam_channel::{Receiver, Sender, TryRecvError, bounded, select};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Commands that may wait for the engine.
pub const COMMANDS_MAX: usize = 256;
/// Notices that a subscriber may leave unread before it is dropped and has to subscribe again.
pub const NOTICES_MAX: usize = 4096;
/// Answers of workers that may wait for the engine.
const ANSWERS_MAX: usize = 256;
/// How often a commit in doubt is asked about.
const DOUBT_INTERVAL: Duration = Duration::from_millis(500);
/// How often an effect that found a full queue is tried again.
const EFFECT_INTERVAL: Duration = Duration::from_millis(20);
/// How long a caller looks for its answer before it sleeps; a sale is mostly over by then.
const SPIN_FOR_ANSWER: Duration = Duration::from_millis(2);
/// How long the engine looks for the next input before it sleeps: a payment's answer, the next line of a script.
const SPIN_FOR_INPUT: Duration = Duration::from_micros(500);

/// What a subscriber hears.
#[derive(Debug, Clone)]
pub enum Notice {
    /// From the engine.
    Event(Box<Event>),
    /// A payment plugin tells the operator something.
    PaymentProgress {
        /// Instance.
        instance: String,
        /// The text.
        text: String,
    },
    /// A device failed; nothing of a sale is lost.
    DeviceFailed {
        /// Instance.
        instance: String,
        /// What it said.
        message: String,
    },
}

/// The answer to one command.
pub type CallResult = Result<Reply, EngineError>;

/// A command that was given, and its answer to come.
#[derive(Debug)]
pub struct Pending(Receiver<CallResult>);

impl Pending {
    /// Waits for the answer.
    pub fn wait(self) -> CallResult {
        spin::until(SPIN_FOR_ANSWER, || !self.0.is_empty());
        self.0.recv().unwrap_or_else(|_| Err(stopped()))
    }

    /// The answer if it is there; the command itself back otherwise. Never waits.
    pub fn ready(self) -> Result<CallResult, Pending> {
        match self.0.try_recv() {
            Ok(answer) => Ok(answer),
            Err(TryRecvError::Disconnected) => Ok(Err(stopped())),
            Err(TryRecvError::Empty) => Err(self),
        }
    }
}

/// What goes to the thread.
pub(crate) enum Message {
    /// A command.
    Call {
        /// Whose.
        session: Option<SessionId>,
        /// What.
        command: Command,
        /// Where the one answer goes.
        reply: Sender<CallResult>,
    },
    /// Somebody wants notices.
    Subscribe(Sender<Notice>),
    /// A worker has something to tell the subscribers.
    Tell(Notice),
    /// No more.
    Stop,
}

/// A way to give commands to the engine; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Wheel {
    messages: Sender<Message>,
    turns: Arc<AtomicU64>,
}

impl Wheel {
    /// Gives a command.
    pub(crate) fn submit(&self, session: Option<SessionId>, command: Command) -> Pending {
        let (reply, answer) = bounded(1);
        if self.messages.send(Message::Call { session, command, reply: reply.clone() }).is_err() {
            // The one place in the channel is free: nobody else has the sender.
            let _ = reply.send(Err(stopped()));
        }
        Pending(answer)
    }

    /// Gives a command and waits for its answer.
    pub(crate) fn call(&self, session: Option<SessionId>, command: Command) -> CallResult {
        self.submit(session, command).wait()
    }

    /// Notices from now on.
    pub(crate) fn subscribe(&self) -> Receiver<Notice> {
        let (sender, receiver) = bounded(NOTICES_MAX);
        // A stopped engine says nothing more: the receiver ends at once.
        let _ = self.messages.send(Message::Subscribe(sender));
        receiver
    }

    /// Tells the subscribers something, if there is room.
    pub(crate) fn tell(&self, notice: Notice) {
        // Progress texts may be lost when the register is busy; answers never are.
        let _ = self.messages.try_send(Message::Tell(notice));
    }

    /// How many commands and answers the engine has worked on: it is idle while this stands still.
    pub(crate) fn turns(&self) -> u64 {
        self.turns.load(Ordering::Relaxed)
    }

    /// Asks the thread to end after what is queued before this.
    pub(crate) fn stop(&self) {
        // Already stopped is what was wanted.
        let _ = self.messages.send(Message::Stop);
    }
}

fn stopped() -> EngineError {
    Code::Bug.error("The register was closed while the command was waiting.").with_next("Open the register again.")
}

/// The queues between the turn and everybody else.
pub(crate) struct Queues {
    pub(crate) wheel: Wheel,
    messages: Receiver<Message>,
    pub(crate) answers_in: Sender<(EffectId, EffectAnswer)>,
    answers: Receiver<(EffectId, EffectAnswer)>,
}

impl Queues {
    pub(crate) fn new() -> Self {
        let (sender, messages) = bounded(COMMANDS_MAX);
        let (answers_in, answers) = bounded(ANSWERS_MAX);
        Queues { wheel: Wheel { messages: sender, turns: Arc::default() }, messages, answers_in, answers }
    }
}

/// The thread's own things.
pub(crate) struct Turn {
    engine: Engine,
    env: RuntimeEnv,
    messages: Receiver<Message>,
    answers: Receiver<(EffectId, EffectAnswer)>,
    turns: Arc<AtomicU64>,
    workers: Workers,
    plugins: PaymentPlugins,
    waiting: HashMap<CommandId, Sender<CallResult>>,
    subscribers: Vec<Sender<Notice>>,
    effects: VecDeque<Effect>,
    next_command: u64,
}

impl Turn {
    pub(crate) fn new(
        engine: Engine,
        env: RuntimeEnv,
        queues: Queues,
        workers: Workers,
        plugins: PaymentPlugins,
    ) -> Self {
        Turn {
            engine,
            env,
            messages: queues.messages,
            answers: queues.answers,
            turns: queues.wheel.turns,
            workers,
            plugins,
            waiting: HashMap::new(),
            subscribers: Vec::new(),
            effects: VecDeque::new(),
            next_command: 0,
        }
    }

    /// Runs until it is told to stop; the engine's last step is finished then, and so are the workers.
    pub(crate) fn run(mut self, start: Step) {
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
            spin::until(SPIN_FOR_INPUT, || !self.answers.is_empty() || !self.messages.is_empty());
            select! {
                recv(self.answers) -> answer => match answer {
                    Ok((effect, answer)) => self.turn(Input::Answer { effect, answer }),
                    Err(_) => break,
                },
                recv(self.messages) -> message => match message {
                    Ok(Message::Call { session, command, reply }) => self.command(session, command, Some(reply)),
                    Ok(Message::Subscribe(subscriber)) => self.subscribers.push(subscriber),
                    Ok(Message::Tell(notice)) => self.tell(&notice),
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

    fn command(&mut self, session: Option<SessionId>, command: Command, reply: Option<Sender<CallResult>>) {
        self.next_command += 1;
        let id = CommandId(self.next_command);
        if let Some(reply) = reply {
            self.waiting.insert(id, reply);
        }
        self.turn(Input::Command { id, session, command });
    }

    fn turn(&mut self, input: Input) {
        let step = self.engine.step(input, &mut self.env);
        self.turns.fetch_add(1, Ordering::Relaxed);
        self.take(step);
    }

    fn take(&mut self, step: Step) {
        for event in step.events {
            match event {
                Event::Done { command, result } => self.done(command, result),
                other => {
                    log(&other);
                    if let Event::PaymentLied { instance, message } = &other {
                        self.plugins.shut_out_the_liar(instance, message);
                    }
                    self.tell(&Notice::Event(Box::new(other)));
                }
            }
        }
        self.effects.extend(step.effects);
        self.push_effects();
    }

    fn done(&mut self, command: CommandId, result: CallResult) {
        if let Some(reply) = self.waiting.remove(&command) {
            // Whoever asked may have gone away; what happened has happened.
            let _ = reply.try_send(result);
        }
    }

    fn tell(&mut self, notice: &Notice) {
        // Full or gone: such a subscriber starts again with a fresh picture.
        self.subscribers.retain(|subscriber| subscriber.try_send(notice.clone()).is_ok());
    }

    fn push_effects(&mut self) {
        self.workers.hand_all(&mut self.effects);
    }

    /// Lets the workers finish what they have; their answers still reach the engine, so that nothing has to be asked
    /// again at the next start.
    fn finish(mut self) {
        self.push_effects();
        drop(std::mem::take(&mut self.workers));
        let deadline = Instant::now() + END_PATIENCE;
        while let Ok((effect, answer)) = self.answers.recv_deadline(deadline) {
            self.turn(Input::Answer { effect, answer });
        }
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
        Event::ClockJumped { last, now } => tracing::warn!(last = last.0, now = now.0, "the clock jumped"),
        Event::PrintFailed { receipt_no, message } => tracing::warn!("{receipt_no} did not print: {message}"),
        Event::DeliverFailed { message } => tracing::warn!("events were not delivered: {message}"),
        Event::PaymentManual { intent, instance, .. } => {
            tracing::error!(instance, "the payment {intent} needs somebody's eyes");
        }
        Event::PaymentLied { instance, message } => tracing::error!(instance, "{message}"),
        Event::Done { .. } | Event::TicketChanged { .. } | Event::Committed(_) | Event::DrawerChanged(_) => {}
    }
}
