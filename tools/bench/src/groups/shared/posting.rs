//! How fast journals get into the shared store: the sync of the engine with the plugin in process, one of each for every
//! register, from the data of real registers that sold without a server.
//!
//! The feed answers that there is nothing: taking in what others posted is work of each register's own machine, and sixteen
//! of them have one here. `seeing` measures both together.

use super::super::postgres::BY_HAND;
use super::super::postgres::by_hand::{self, Way};
use super::{Street, codes};
use crate::BenchResult;
use crate::report::{Figure, Goal};
use crate::shop::Shop;
use aurapos_contract::query::{ChangeBatch, Query};
use aurapos_contract::transaction::Transaction;
use aurapos_contract::{RecordStore, Uuid};
use aurapos_domain::calendar::Timestamp;
use aurapos_engine::Env;
use aurapos_engine::command::Reply;
use aurapos_engine::sync::Sync;
use aurapos_engine::sync::call::{Answer, Call, Input, Next, StoreCall};
use aurapos_runtime::ids::{self, IdMaker};
use std::sync::{Arc, Barrier};
use std::time::Instant;

/// The goals of issue 10: of `pgbench`, and a second.
const SHARE: f64 = 0.6;
const RATE: f64 = 1_000.0;
/// Each side takes its turn so often.
const TURNS: usize = 3;

/// How much of a journal goes into one commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Posted {
    /// As much as the protocol takes: a queue.
    Batches,
    /// One sale: as they are sold.
    Singly,
}

/// One register that posts.
struct Till {
    local: Arc<dyn RecordStore>,
    shared: Arc<dyn RecordStore>,
    clock: Clock,
}

struct Clock(Arc<IdMaker>);

impl Env for Clock {
    fn now(&self) -> Timestamp {
        Timestamp(ids::now())
    }
    fn new_id(&mut self) -> Uuid {
        self.0.next()
    }
    fn random(&mut self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

pub fn run(street: &Street<'_>) -> BenchResult<Vec<Figure>> {
    let sizes = &street.bench.sizes;
    let most = sizes.posting.iter().copied().max().unwrap_or(1);
    let shops: Vec<Shop> = street.registers(most)?;
    let shops: Vec<Shop> = shops.into_iter().map(|shop| shop.alone(street.bench)).collect::<Result<_, _>>()?;
    street.site.open(BY_HAND, true)?.close()?;
    let pattern = pattern(street, &shops[0])?;
    let mut figures = Vec::new();
    for posted in [Posted::Batches, Posted::Singly] {
        for &count in &sizes.posting {
            figures.extend(one(street, &shops[..count], posted, &pattern)?);
        }
    }
    Ok(figures)
}

/// What one sale is when it is posted.
fn pattern(street: &Street<'_>, shop: &Shop) -> BenchResult<Transaction> {
    sell(std::slice::from_ref(shop), 1)?;
    let posted = post(&mut till(street, shop)?, Posted::Singly)?;
    Ok(posted.ok_or("nothing was posted")?)
}

fn sell(shops: &[Shop], each: usize) -> BenchResult<()> {
    let codes = codes();
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    shops.iter().try_for_each(|shop| (0..each).try_for_each(|_| shop.sell(&codes)))
}

fn till(street: &Street<'_>, shop: &Shop) -> BenchResult<Till> {
    let clock = Clock(shop.register.site().ids.clone());
    Ok(Till { local: shop.register.store().clone(), shared: street.store()?, clock })
}

fn one(street: &Street<'_>, shops: &[Shop], posted: Posted, pattern: &Transaction) -> BenchResult<Vec<Figure>> {
    let registers = shops.len();
    let times = if posted == Posted::Batches { 4 } else { 1 };
    let each = (street.bench.sizes.sales * times / registers.max(3)).max(1);
    let mut tills: Vec<Till> = shops.iter().map(|shop| till(street, shop)).collect::<Result<_, _>>()?;
    let (mut ours, mut in_turn) = (0.0, 0.0);
    // Once more than is counted: then everything is prepared.
    for turn in 0..=TURNS {
        let each = if turn == 0 { 2 } else { each };
        sell(shops, each)?;
        let seconds = seconds(&mut tills, posted)?;
        if turn > 0 {
            ours += seconds;
            // `pgbench` posts one by one whatever we do, so that fewer of them say as much.
            let fewer = (each / times).max(1);
            let rate = by_hand::rate(street.site, pattern, registers, fewer, (Way::InTurn, true), false)?;
            in_turn += 1.0 / rate;
        }
    }
    tills.iter().try_for_each(|till| till.shared.close())?;
    let rate = (TURNS * registers * each) as f64 / ours;
    let what = if posted == Posted::Batches { "of a queue" } else { "one by one" };
    let name = format!("3-line sales posted {what}, {registers} registers");
    let beside = TURNS as f64 / in_turn;
    let figure = |goal| Figure::alone("shared", name.clone(), rate, "/s", goal);
    let mut figures = vec![figure(Goal::Share(SHARE)).beside(beside, "pgbench, the same rows, a sale a transaction")];
    if posted == Posted::Batches || registers > 1 {
        figures.push(figure(Goal::AtLeast(RATE)));
    }
    Ok(figures)
}

/// How long all registers take, from the moment in which all begin.
fn seconds(tills: &mut [Till], posted: Posted) -> BenchResult<f64> {
    let begin = Barrier::new(tills.len() + 1);
    let (start, done) = std::thread::scope(|scope| {
        let posting: Vec<_> = tills
            .iter_mut()
            .map(|till| {
                let begin = &begin;
                scope.spawn(move || {
                    begin.wait();
                    post(till, posted).map(drop).map_err(|error| error.to_string())
                })
            })
            .collect();
        begin.wait();
        let start = Instant::now();
        let done: Result<Vec<()>, String> =
            posting.into_iter().map(|one| one.join().unwrap_or_else(|_| Err("a register failed".to_owned()))).collect();
        (start, done)
    });
    done?;
    Ok(start.elapsed().as_secs_f64())
}

/// Turns a sync until everything is posted; answers the last commit with a sale.
fn post(till: &mut Till, posted: Posted) -> BenchResult<Option<Transaction>> {
    let (mut sync, start) = (Sync::new(), Instant::now());
    let mut last = None;
    let mut input = Input::Wake;
    loop {
        let at = i64::try_from(start.elapsed().as_micros())?;
        let call = match sync.step(input, at, &mut till.clock) {
            Next::Call(call) => call,
            // The feed, which would tell that it is there, is not read here.
            Next::Rest(_) if sync.status().unsent == 0 && sync.status().trouble.is_none() => return Ok(last),
            other => return Err(format!("{other:?}: {:?}", sync.status()).into()),
        };
        input = Input::Answer(match call {
            Call::Shared(StoreCall::Changes { .. }) => {
                Answer::Changes(Ok(ChangeBatch { next: vec![1], ..ChangeBatch::default() }))
            }
            Call::Shared(call) => {
                if let StoreCall::Commit(transaction) = &call
                    && transaction.operations.iter().any(|operation| operation.table == "sale")
                {
                    last = Some(transaction.as_ref().clone());
                }
                call.ask(till.shared.as_ref())
            }
            Call::Local(query) => Answer::Rows(till.local.scan(&as_posted(*query, posted))),
            // What is known of the shared store is looked at anew by the next turn.
            Call::Engine(_) => Answer::Engine(Ok(Reply::Done)),
        });
    }
}

fn as_posted(query: Query, posted: Posted) -> Query {
    if posted == Posted::Singly && query.table == "journal" && !query.descending { query.limit(1) } else { query }
}
