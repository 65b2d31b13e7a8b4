//! The one thread that turns the engine: commands and answers in, replies, notices and effects out.
//!
//! Every queue has a limit. The turn never waits for a worker: effects that find a full queue wait here, in order, and
//! answers have a queue of their own, so that workers and turn cannot block each other.

use super::answer::{Answer, Callback, busy, stopped};
use super::listeners::Listeners;
use super::workers::{END_PATIENCE, Workers};
use crate::ids::RuntimeEnv;
use crate::site::PaymentPlugins;
use aurapos_engine::Event;
use aurapos_engine::command::{Command, CommandId, Reply, SessionId};
use aurapos_engine::effect::{Effect, EffectAnswer, EffectId};
use aurapos_engine::error::EngineError;
use aurapos_engine::step::Input;
use aurapos_engine::{Engine, Step};
use aurapos_plugin_host::spin;
use crossbeam_channel::{Receiver, Sender, TryRecvError, TrySendError, bounded, select};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
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
    /// A payment plugin tells the operator something: one line, at most every 50 ms.
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
        answer: Answer,
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
    inbox: Arc<Inbox>,
    turns: Arc<AtomicU64>,
}

/// The other end of the queue. A channel keeps what is in it as long as anybody could still send, so that a command which
/// came after the end would wait for ever: whoever put it there, or the end itself, takes it out again.
#[derive(Debug)]
struct Inbox {
    messages: Receiver<Message>,
    closed: AtomicBool,
}

impl Inbox {
    /// Ends the queue: what is in it is dropped, and with it answered.
    fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        self.sweep();
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    fn sweep(&self) {
        if self.is_closed() {
            self.messages.try_iter().for_each(drop);
        }
    }
}

/// Ends the queue with the thread, also when that panics.
struct Ending(Arc<Inbox>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Wheel {
    /// Gives a command.
    pub(crate) fn submit(&self, session: Option<SessionId>, command: Command) -> Pending {
        let (reply, pending) = bounded(1);
        // Whoever asked may have gone away; what happened has happened.
        let answer = Answer::new(Box::new(move |result| drop(reply.try_send(result))));
        self.push(Message::Call { session, command, answer });
        Pending(pending)
    }

    /// Gives a command and never waits, not even for a place in the queue.
    pub(crate) fn submit_then(&self, session: Option<SessionId>, command: Command, callback: Callback) {
        if self.inbox.is_closed() {
            return callback(Err(stopped()));
        }
        let message = Message::Call { session, command, answer: Answer::new(callback) };
        if let Err(TrySendError::Full(Message::Call { answer, .. })) = self.messages.try_send(message) {
            answer.give(Err(busy()));
        }
        self.inbox.sweep();
    }

    /// Waits for a place in the queue. A stopped engine drops the message, and the answer in it says so.
    fn push(&self, message: Message) {
        if !self.inbox.is_closed() {
            // Never disconnected: the inbox is ours too.
            let _ = self.messages.send(message);
            self.inbox.sweep();
        }
    }

    /// Gives a command and waits for its answer.
    pub(crate) fn call(&self, session: Option<SessionId>, command: Command) -> CallResult {
        self.submit(session, command).wait()
    }

    /// Notices from now on.
    pub(crate) fn subscribe(&self) -> Receiver<Notice> {
        let (sender, receiver) = bounded(NOTICES_MAX);
        // A stopped engine says nothing more: the receiver ends at once.
        self.push(Message::Subscribe(sender));
        receiver
    }

    /// Tells the subscribers something, if there is room.
    pub(crate) fn tell(&self, notice: Notice) {
        // Progress texts may be lost when the register is busy; answers never are.
        let _ = self.messages.try_send(Message::Tell(notice));
        self.inbox.sweep();
    }

    /// How many commands and answers the engine has worked on: it is idle while this stands still.
    pub(crate) fn turns(&self) -> u64 {
        self.turns.load(Ordering::Relaxed)
    }

    /// Asks the thread to end after what is queued before this.
    pub(crate) fn stop(&self) {
        // Already stopped is what was wanted.
        self.push(Message::Stop);
    }
}

/// The queues between the turn and everybody else.
pub(crate) struct Queues {
    pub(crate) wheel: Wheel,
    inbox: Ending,
    pub(crate) answers_in: Sender<(EffectId, EffectAnswer)>,
    answers: Receiver<(EffectId, EffectAnswer)>,
}

impl Queues {
    pub(crate) fn new() -> Self {
        let (sender, messages) = bounded(COMMANDS_MAX);
        let (answers_in, answers) = bounded(ANSWERS_MAX);
        let inbox = Arc::new(Inbox { messages, closed: AtomicBool::new(false) });
        let wheel = Wheel { messages: sender, inbox: inbox.clone(), turns: Arc::default() };
        Queues { wheel, inbox: Ending(inbox), answers_in, answers }
    }
}

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
            spin::until(SPIN_FOR_INPUT, || !self.answers.is_empty() || !self.inbox.0.messages.is_empty());
            select! {
                recv(self.answers) -> answer => match answer {
                    Ok((effect, answer)) => self.answered(effect, answer),
                    Err(_) => break,
                },
                recv(self.inbox.0.messages) -> message => match message {
                    Ok(Message::Call { session, command, answer }) => self.command(session, command, Some(answer)),
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

    fn answered(&mut self, effect: EffectId, answer: EffectAnswer) {
        self.turn(Input::Answer { effect, answer });
        // After the turn: in it the wish could still be for this effect, later no more.
        self.workers.answered(effect);
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
        self.inbox.0.close();
        self.push_effects();
        drop(std::mem::take(&mut self.workers));
        let deadline = Instant::now() + END_PATIENCE;
        while let Ok((effect, answer)) = self.answers.recv_deadline(deadline) {
            self.answered(effect, answer);
        }
        self.engine.settle_prints(&mut self.env);
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
        | Event::Committed(_)
        | Event::DrawerChanged(_) => {}
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use aurapos_engine::error::Code;
    use std::sync::Mutex;

    type Told = Arc<Mutex<Vec<(usize, String)>>>;

    fn note(told: &Told, number: usize) -> Callback {
        let told = told.clone();
        Box::new(move |result| told.lock().unwrap().push((number, result.unwrap_err().code.to_owned())))
    }

    fn numbers(told: &Told) -> Vec<usize> {
        told.lock().unwrap().iter().map(|(number, _)| *number).collect()
    }

    #[test]
    fn a_full_queue_answers_at_once_and_loses_nothing() {
        let queues = Queues::new();
        let told = Told::default();
        (0..COMMANDS_MAX).for_each(|number| queues.wheel.submit_then(None, Command::Lock, note(&told, number)));
        assert!(told.lock().unwrap().is_empty(), "there was room");
        queues.wheel.submit_then(None, Command::Lock, note(&told, COMMANDS_MAX));
        let busy = Code::RegisterBusy;
        assert_eq!(*told.lock().unwrap(), [(COMMANDS_MAX, busy.text().to_owned())]);
        assert!(busy.retry());
        // The one that waited longest is taken: there is room again.
        let Ok(Message::Call { answer, .. }) = queues.inbox.0.messages.recv() else { panic!("another message") };
        answer.give(Err(Code::DrawerClosed.error("no")));
        queues.wheel.submit_then(None, Command::Lock, note(&told, 1_000));
        assert_eq!(numbers(&told), [COMMANDS_MAX, 0]);
    }

    #[test]
    fn closing_answers_every_command_once() {
        let queues = Queues::new();
        let wheel = queues.wheel.clone();
        let told = Told::default();
        (0..3).for_each(|number| wheel.submit_then(None, Command::Lock, note(&told, number)));
        let pending = wheel.submit(None, Command::Lock);
        drop(queues);
        assert_eq!(numbers(&told), [0, 1, 2]);
        assert!(pending.ready().unwrap().is_err());
        wheel.submit_then(None, Command::Lock, note(&told, 3));
        assert_eq!(numbers(&told), [0, 1, 2, 3], "also one that comes too late");
        assert!(wheel.call(None, Command::Lock).is_err());
        assert!(told.lock().unwrap().iter().all(|(_, code)| code == Code::Bug.text()));
    }

    #[test]
    fn a_panic_of_whoever_asked_stays_theirs() {
        Answer::new(Box::new(|_| panic!("a mistake of the caller"))).give(Err(stopped()));
        let told = Told::default();
        drop(Answer::new(note(&told, 7)));
        assert_eq!(numbers(&told), [7]);
    }
}
