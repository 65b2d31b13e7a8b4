//! The thread that keeps a register and the shop's shared store together: it makes the calls that the engine's protocol
//! ([`aurapos_engine::sync`]) asks for, and rests when that says so.
//!
//! Owns: its thread, the one that waits for news, when the shared store is opened and closed. Must not know: what is brought
//! and taken, what a conflict is, how often is tried again: that is the protocol's. Selling never waits for any of it.

mod ahead;
mod bell;
mod shared;
mod watch;

pub(crate) use bell::Bell;
pub(crate) use shared::Shared;

use super::notice::Notice;
use super::wheel::Wheel;
use crate::RuntimeError;
use crate::ids::RuntimeEnv;
use crate::standing::Board;
use ahead::Ahead;
use aurapos_contract::{ErrorCode, PluginResult, RecordStore};
use aurapos_engine::sync::Sync;
use aurapos_engine::sync::call::{Answer, Call, Input, Next, Rest, StoreCall};
use aurapos_engine::sync::status::{Phase, Status};
use bell::{Ear, Woken};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use watch::Watch;

/// How long closing waits for a call that goes on. What is not brought by then is brought at the next start.
const END_PATIENCE: Duration = Duration::from_secs(3);
/// How long closing brings what was done last, where the shared store answers.
const LAST_ROUND: Duration = Duration::from_secs(2);
/// Between two looks whether it has ended.
const END_LOOK: Duration = Duration::from_millis(10);

/// The link between an open register and the shared store.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) bell: Bell,
    shared: Arc<Shared>,
    status: Arc<Mutex<Status>>,
    threads: Mutex<Option<(JoinHandle<()>, Watch)>>,
}

/// What the thread has.
struct Driver {
    shared: Arc<Shared>,
    ahead: Ahead,
    local: Arc<dyn RecordStore>,
    wheel: Wheel,
    env: RuntimeEnv,
    ear: Ear,
    told: Arc<Mutex<Status>>,
    board: Board,
    begun: Instant,
    /// Until when the last round goes on, once the register closes.
    last_round: Option<Instant>,
    /// That round was begun.
    bade_farewell: bool,
}

impl Link {
    /// A link whose thread does not run yet, and what that needs.
    pub(crate) fn new(shared: Shared) -> (Self, Ear) {
        let (bell, ear) = Bell::new();
        let link = Link { bell, shared: Arc::new(shared), status: Arc::default(), threads: Mutex::default() };
        (link, ear)
    }

    /// Starts it.
    pub(crate) fn start(
        &self,
        ear: Ear,
        local: Arc<dyn RecordStore>,
        wheel: Wheel,
        env: RuntimeEnv,
        board: Board,
    ) -> Result<(), RuntimeError> {
        let (shared, told) = (self.shared.clone(), self.status.clone());
        let watch = Watch::start(shared.clone(), self.bell.clone());
        let watch = watch.map_err(RuntimeError::file("starting the sync's threads"))?;
        let watched = watch.handle();
        let driver = Driver {
            shared,
            ahead: Ahead::default(),
            local,
            wheel,
            env,
            ear,
            told,
            board,
            begun: Instant::now(),
            last_round: None,
            bade_farewell: false,
        };
        let thread = thread::Builder::new()
            .name("sync".into())
            .spawn(move || driver.run(&watched))
            .map_err(RuntimeError::file("starting the sync's threads"))?;
        *self.threads.lock().unwrap_or_else(PoisonError::into_inner) = Some((thread, watch));
        Ok(())
    }

    /// How it stands.
    pub(crate) fn status(&self) -> Status {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The shared store, for whoever compares.
    pub(crate) fn shared(&self) -> PluginResult<Arc<dyn RecordStore>> {
        self.shared.store()
    }

    /// Somebody wants it now: a rest after a failure is over.
    pub(crate) fn hurry(&self) {
        self.bell.hurry();
    }

    /// Ends it. A call of a server that does not answer is left to itself: the heads of the shared store tell at the next start what became of it.
    pub(crate) fn end(&self) {
        let Some((thread, watch)) = self.threads.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
        self.bell.end();
        let deadline = Instant::now() + END_PATIENCE;
        while !thread.is_finished() && Instant::now() < deadline {
            thread::sleep(END_LOOK);
        }
        self.shared.close();
        for thread in [thread, watch.end()] {
            let deadline = Instant::now() + END_PATIENCE;
            while !thread.is_finished() && Instant::now() < deadline {
                thread::sleep(END_LOOK);
            }
            match thread.is_finished() {
                true => drop(thread.join()),
                false => tracing::warn!("a call of the shared store goes on after closing"),
            }
        }
    }
}

impl Driver {
    fn run(mut self, watch: &watch::Handle) {
        self.turn(watch);
        self.board.wipe();
    }

    fn turn(&mut self, watch: &watch::Handle) {
        let mut sync = Sync::new();
        let mut input = Input::Wake;
        loop {
            let at = i64::try_from(self.begun.elapsed().as_micros()).unwrap_or(i64::MAX);
            let next = sync.step(input, at, &mut self.env);
            self.tell(sync.status());
            if self.ear.ended() && !self.goes_on(&sync) {
                return;
            }
            input = match next {
                Next::Call(call) => Input::Answer(self.made(call)),
                Next::Rest(rest) => match self.rested(&rest, watch) {
                    Some(input) => input,
                    None => return,
                },
                // There is one call at a time, and it was answered.
                Next::Pending => return tracing::error!("the sync waits for an answer that it was given"),
            };
        }
    }

    /// Whether a register that closes is worth waiting for: what it did last is brought, and how far it is written down.
    fn goes_on(&mut self, sync: &Sync) -> bool {
        let until = *self.last_round.get_or_insert_with(|| Instant::now() + LAST_ROUND);
        let status = sync.status();
        // A command of a moment has just begun to connect.
        let hopeful = status.phase == Phase::Connecting && status.offline_since.is_none();
        (status.online() || hopeful) && Instant::now() < until
    }

    fn made(&mut self, call: Call) -> Answer {
        match call {
            Call::Shared(call) => match self.shared.store() {
                Ok(store) => {
                    let answer = match call {
                        StoreCall::Changes { after, max } => {
                            let shared = self.shared.clone();
                            let read =
                                move |after: &[u8], max| shared.store().and_then(|store| store.changes(after, max));
                            Answer::Changes(self.ahead.changes(read, &after, max))
                        }
                        call => call.ask(store.as_ref()),
                    };
                    if answer.error() == Some(ErrorCode::Closed) {
                        self.shared.open_anew(&store);
                    }
                    answer
                }
                Err(error) => call.failed(error),
            },
            Call::Local(query) => Answer::Rows(self.local.scan(&query)),
            Call::Engine(call) => Answer::Engine(self.wheel.sync(call)),
        }
    }

    fn rested(&mut self, rest: &Rest, watch: &watch::Handle) -> Option<Input> {
        watch.after(rest.watch.as_ref());
        let until = Duration::from_micros(rest.until_us.unsigned_abs());
        match self.ear.rest(self.begun + until) {
            Woken::Rung => Some(Input::Wake),
            Woken::Hurried => Some(Input::Hurry),
            Woken::Ended if self.bade_farewell => None,
            Woken::Ended => {
                self.bade_farewell = true;
                Some(Input::Hurry)
            }
        }
    }

    /// Tells whoever listens when something changed that a person would see.
    fn tell(&mut self, status: Status) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if *told == status {
            return;
        }
        if told.online() != status.online() {
            let trouble = status.trouble.as_deref().unwrap_or_default();
            tracing::info!(online = status.online(), unsent = status.unsent, trouble, "the shared store");
        }
        told.clone_from(&status);
        drop(told);
        self.board.show(&status);
        self.wheel.tell(Notice::Sync(Box::new(status)));
    }
}
