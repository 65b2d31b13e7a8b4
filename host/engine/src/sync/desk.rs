//! Where the protocol lays down what it asks, and finds what was answered. The protocol is written as one asynchronous
//! function a part: it reads from top to bottom, and the compiler makes the state machine.

use super::call::{Answer, Call, EngineCall, Rest, StoreCall};
use super::status::{Phase, Status};
use super::stop::Stop;
use crate::command::Reply;
use crate::rows::sync::SyncLife;
use crate::rows::{self, Record};
use aurapos_contract::query::{ChangeBatch, Query};
use aurapos_contract::storage::StoreInfo;
use aurapos_contract::transaction::{Committed, Transaction};
use aurapos_contract::{ErrorCode, PluginError, PluginResult, RowBatch, Uuid};
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::money::Currency;
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

/// What the protocol wants.
#[derive(Debug)]
pub(super) enum Asked {
    Call(Call),
    Rest(Rest),
}

/// How it goes on.
#[derive(Debug)]
pub(super) enum Given {
    Answer(Answer),
    /// A rest is over; `true`: somebody is in a hurry.
    Woken(bool),
    /// A rest is over, because waiting for news failed.
    Lost(Box<PluginError>),
}

/// The moment of a step.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Moment {
    /// A clock that never jumps.
    pub(super) at_us: i64,
    /// The wall clock.
    pub(super) wall: Timestamp,
    /// For jitter.
    pub(super) random: u32,
}

#[derive(Debug, Default)]
pub(super) struct Papers {
    pub(super) asked: Option<Asked>,
    pub(super) given: Option<Given>,
    pub(super) moment: Moment,
    /// Ids to be used: one a step is enough for the one call that a step asks.
    pub(super) id: Uuid,
    pub(super) status: Status,
    /// What is known of the register's lives, which its own store is told only now and then.
    pub(super) lives: BTreeMap<Uuid, SyncLife>,
}

/// Shared by the protocol and the machine around it.
#[derive(Debug, Clone, Default)]
pub(super) struct Desk(Arc<Mutex<Papers>>);

impl Desk {
    /// A lock whose data stays whole even when a holder panicked: it is written field by field.
    pub(super) fn papers(&self) -> MutexGuard<'_, Papers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(&self, asked: Asked) -> Given {
        self.papers().asked = Some(asked);
        poll_fn(|_| match self.papers().given.take() {
            Some(given) => Poll::Ready(given),
            None => Poll::Pending,
        })
        .await
    }

    /// Rests; `true` when somebody is in a hurry. Ends at once, and says so, when the shared store went away meanwhile.
    pub(super) async fn rest(&self, rest: Rest) -> Result<bool, Stop> {
        match self.ask(Asked::Rest(rest)).await {
            Given::Lost(why) if is_gone(why.code) => Err(Stop::away(*why)),
            given => Ok(matches!(given, Given::Woken(true))),
        }
    }

    pub(super) fn moment(&self) -> Moment {
        self.papers().moment
    }

    /// Gives a transaction its id, its time, and the life of the shared store that it is for; answers the id.
    pub(super) fn seal(&self, transaction: &mut Transaction, epoch: Uuid) -> Uuid {
        (transaction.id, transaction.time) = (self.id(), self.moment().wall.0);
        transaction.epoch = Some(epoch);
        transaction.id
    }

    /// A new id; one a call.
    pub(super) fn id(&self) -> Uuid {
        self.papers().id
    }

    pub(super) fn phase(&self, phase: Phase) {
        self.papers().status.phase = phase;
    }

    pub(super) fn status(&self, change: impl FnOnce(&mut Status)) {
        change(&mut self.papers().status);
    }

    async fn shared(&self, call: StoreCall) -> Answer {
        match self.ask(Asked::Call(Call::Shared(call))).await {
            Given::Answer(answer) => answer,
            Given::Woken(_) | Given::Lost(_) => Answer::Info(Err(unasked())),
        }
    }

    pub(super) async fn info(&self) -> PluginResult<StoreInfo> {
        match self.shared(StoreCall::Info).await {
            Answer::Info(answer) => answer,
            _ => Err(unasked()),
        }
    }

    pub(super) async fn scan(&self, query: Query) -> PluginResult<RowBatch> {
        match self.shared(StoreCall::Scan(Box::new(query))).await {
            Answer::Rows(answer) => answer,
            _ => Err(unasked()),
        }
    }

    pub(super) async fn commit(&self, transaction: Transaction) -> PluginResult<Committed> {
        match self.shared(StoreCall::Commit(Box::new(transaction))).await {
            Answer::Committed(answer) => answer,
            _ => Err(unasked()),
        }
    }

    pub(super) async fn changes(&self, after: Vec<u8>, max: u32) -> PluginResult<ChangeBatch> {
        match self.shared(StoreCall::Changes { after, max }).await {
            Answer::Changes(answer) => answer,
            _ => Err(unasked()),
        }
    }

    /// A question to the register's own store.
    pub(super) async fn own(&self, query: Query) -> Result<RowBatch, Stop> {
        match self.ask(Asked::Call(Call::Local(Box::new(query)))).await {
            Given::Answer(Answer::Rows(answer)) => answer.map_err(Stop::here),
            _ => Err(Stop::here(unasked())),
        }
    }

    pub(super) async fn engine(&self, call: EngineCall) -> Result<Reply, Stop> {
        match self.ask(Asked::Call(Call::Engine(call))).await {
            Given::Answer(Answer::Engine(answer)) => answer.map_err(Stop::from),
            _ => Err(Stop::here(unasked())),
        }
    }

    /// Every row of a question to the shared store, as records.
    pub(super) async fn all<R: Record>(&self, mut query: Query) -> Result<Vec<R>, Stop> {
        let mut records = Vec::new();
        loop {
            let batch = self.scan(query.clone()).await.map_err(Stop::away)?;
            records.append(&mut rows::read_all(&batch, Currency::NONE)?);
            if batch.next().is_empty() {
                return Ok(records);
            }
            query.after = batch.next().to_vec();
        }
    }

    /// The same of the register's own store.
    pub(super) async fn all_own<R: Record>(&self, mut query: Query) -> Result<Vec<R>, Stop> {
        let mut records = Vec::new();
        loop {
            let batch = self.own(query.clone()).await?;
            records.append(&mut rows::read_all(&batch, Currency::NONE)?);
            if batch.next().is_empty() {
                return Ok(records);
            }
            query.after = batch.next().to_vec();
        }
    }
}

/// What says that the store is away; a wait that fails otherwise is looked into like any other news.
fn is_gone(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::Unreachable | ErrorCode::Timeout)
}

fn unasked() -> PluginError {
    PluginError::new(ErrorCode::Internal, "the answer belongs to another call")
}
