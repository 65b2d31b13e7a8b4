//! What the machine asks for and what it is answered: plain data, and how each call is made.

use super::note::{NewLife, Note};
use crate::apply::feed::Feed;
use crate::command::{CommandId, Reply};
use crate::engine::Engine;
use crate::env::Env;
use crate::error::{Code, EngineResult};
use crate::event::Event;
use crate::step::{self, Step};
use aurapos_contract::query::{ChangeBatch, Query};
use aurapos_contract::storage::StoreInfo;
use aurapos_contract::transaction::{Committed, Transaction};
use aurapos_contract::{ErrorCode, PluginResult, RecordStore, RowBatch};

/// What happened.
#[derive(Debug)]
pub enum Input {
    /// There may be something to do: the register committed, the shared store has news, or the time of a rest has come.
    /// At the beginning, too. Never wrong to give, and more of them mean no more than one.
    Wake,
    /// Somebody wants it now: a rest after a failure ends, too.
    Hurry,
    /// The answer to the call.
    Answer(Answer),
}

/// What to do next.
#[derive(Debug)]
pub enum Next {
    /// This call; its answer comes back as [`Input::Answer`].
    Call(Call),
    /// Nothing, for now.
    Rest(Rest),
    /// The call that was given before is still to be answered.
    Pending,
}

/// Nothing is to be done until something happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rest {
    /// Wake at this moment at the latest, by the clock that [`super::Sync::step`] is given.
    pub until_us: i64,
    /// Wake when the feed of the shared store goes on after this cursor ([`RecordStore::wait`]), and when waiting for it
    /// fails: so a line that is cut is told at once. `None`: the shared store is away, and there is nothing to wait for.
    pub watch: Option<Vec<u8>>,
}

/// A call. There is never more than one at a time.
#[derive(Debug)]
pub enum Call {
    /// Of the shared store. May take long, fail, or end with nobody knowing whether it happened.
    Shared(StoreCall),
    /// A question to the register's own store; any thread may ask it. Answer: [`Answer::Rows`].
    Local(Box<Query>),
    /// For the register's engine. Answer: [`Answer::Engine`].
    Engine(EngineCall),
}

/// A call of the shared store.
#[derive(Debug, Clone)]
pub enum StoreCall {
    /// [`RecordStore::info`].
    Info,
    /// [`RecordStore::scan`].
    Scan(Box<Query>),
    /// [`RecordStore::commit`].
    Commit(Box<Transaction>),
    /// [`RecordStore::changes`].
    Changes {
        /// Cursor.
        after: Vec<u8>,
        /// About so many.
        max: u32,
    },
}

/// A call for the engine.
#[derive(Debug, Clone)]
pub enum EngineCall {
    /// [`step::Input::Apply`].
    Apply(Box<Feed>),
    /// [`step::Input::Remember`].
    Remember(Box<Note>),
    /// [`step::Input::NewLife`].
    NewLife(Box<NewLife>),
}

/// What came of a call.
#[derive(Debug)]
pub enum Answer {
    /// Of [`StoreCall::Info`].
    Info(PluginResult<StoreInfo>),
    /// Of a question to either store.
    Rows(PluginResult<RowBatch>),
    /// Of [`StoreCall::Commit`].
    Committed(PluginResult<Committed>),
    /// Of [`StoreCall::Changes`].
    Changes(PluginResult<ChangeBatch>),
    /// Of an [`EngineCall`].
    Engine(EngineResult<Reply>),
}

impl Answer {
    /// The code of the error that it is; `None`: it is none of a store.
    pub fn error(&self) -> Option<ErrorCode> {
        match self {
            Answer::Info(answer) => answer.as_ref().err(),
            Answer::Rows(answer) => answer.as_ref().err(),
            Answer::Committed(answer) => answer.as_ref().err(),
            Answer::Changes(answer) => answer.as_ref().err(),
            Answer::Engine(_) => None,
        }
        .map(|error| error.code)
    }
}

impl StoreCall {
    /// Makes the call.
    pub fn ask(&self, store: &dyn RecordStore) -> Answer {
        match self {
            StoreCall::Info => Answer::Info(store.info()),
            StoreCall::Scan(query) => Answer::Rows(store.scan(query)),
            StoreCall::Commit(transaction) => Answer::Committed(store.commit(transaction)),
            StoreCall::Changes { after, max } => Answer::Changes(store.changes(after, *max)),
        }
    }

    /// The answer of a call that could not be made, or of which nobody knows.
    pub fn failed(&self, error: aurapos_contract::PluginError) -> Answer {
        match self {
            StoreCall::Info => Answer::Info(Err(error)),
            StoreCall::Scan(_) => Answer::Rows(Err(error)),
            StoreCall::Commit(_) => Answer::Committed(Err(error)),
            StoreCall::Changes { .. } => Answer::Changes(Err(error)),
        }
    }
}

impl EngineCall {
    /// What the engine is given.
    pub fn input(self, id: CommandId) -> step::Input {
        match self {
            EngineCall::Apply(feed) => step::Input::Apply { id, feed },
            EngineCall::Remember(note) => step::Input::Remember { id, note },
            EngineCall::NewLife(why) => step::Input::NewLife { id, why },
        }
    }

    /// The answer among what the engine's step told; `None` when it is another's step.
    pub fn answer(id: CommandId, step: &Step) -> Option<Answer> {
        step.events.iter().find_map(|event| match event {
            Event::Done { command, result } if *command == id => Some(Answer::Engine(result.clone())),
            _ => None,
        })
    }

    /// Gives it to an engine at hand; whatever else the step tells is dropped. For tests and examples.
    pub fn give(self, engine: &mut Engine, env: &mut dyn Env) -> Answer {
        let id = CommandId(u64::MAX);
        let step = engine.step(self.input(id), env);
        let untold = || Answer::Engine(Err(Code::Bug.error("The engine did not answer.")));
        Self::answer(id, &step).unwrap_or_else(untold)
    }
}
