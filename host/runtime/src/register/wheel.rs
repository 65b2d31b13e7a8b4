//! The way to the engine's thread and back: the queues of commands and of answers, and the handle that gives commands.
//!
//! Owns: how much may wait in a queue, that nothing waits for ever in one that has ended. Must not know: what becomes of a
//! command, or who works on effects.

use super::answer::{Answer, CallResult, Callback, busy, stopped};
use super::notice::Notice;
use aurapos_contract::PluginError;
use aurapos_engine::command::{Command, SessionId};
use aurapos_engine::effect::{EffectAnswer, EffectId};
use aurapos_engine::sync::call::EngineCall;
use aurapos_plugin_host::spin;
use crossbeam_channel::{Receiver, Sender, TryRecvError, TrySendError, bounded};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Commands that may wait for the engine.
pub const COMMANDS_MAX: usize = 256;
/// Notices that a subscriber may leave unread before it is dropped and has to subscribe again.
pub const NOTICES_MAX: usize = 4096;
/// Answers of workers that may wait for the engine.
const ANSWERS_MAX: usize = 256;
/// How long a caller looks for its answer before it sleeps; a sale is mostly over by then.
const SPIN_FOR_ANSWER: Duration = Duration::from_millis(2);

/// Where workers give what came of effects.
pub(super) type Answers = Sender<(EffectId, EffectAnswer)>;

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
    /// What the sync wants of the engine.
    Sync {
        /// What.
        call: EngineCall,
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
    pub(super) turns: Arc<AtomicU64>,
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
pub(super) struct Ending(Arc<Inbox>);

impl Ending {
    /// What waits in it.
    pub(super) fn messages(&self) -> &Receiver<Message> {
        &self.0.messages
    }

    /// Ends it now.
    pub(super) fn close(&self) {
        self.0.close();
    }
}

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

    /// Gives what the sync wants and waits for its answer, asleep: nobody stands at the counter for it.
    pub(crate) fn sync(&self, call: EngineCall) -> CallResult {
        let (reply, answered) = bounded(1);
        let answer = Answer::new(Box::new(move |result| drop(reply.try_send(result))));
        self.push(Message::Sync { call, answer });
        answered.recv().unwrap_or_else(|_| Err(stopped()))
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

    /// Tells the log and the subscribers of a device that failed.
    pub(super) fn device_failed(&self, instance: &str, error: &PluginError) {
        tracing::warn!(instance, code = ?error.code, "a device failed: {error}");
        self.tell(Notice::DeviceFailed { instance: instance.to_owned(), message: error.to_string() });
    }
}

/// The queues between the turn and everybody else.
pub(crate) struct Queues {
    pub(crate) wheel: Wheel,
    pub(super) inbox: Ending,
    pub(crate) answers_in: Answers,
    pub(super) answers: Receiver<(EffectId, EffectAnswer)>,
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
        let Ok(Message::Call { answer, .. }) = queues.inbox.messages().recv() else { panic!("another message") };
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
}
