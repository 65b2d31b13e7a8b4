//! The machine over the reference store, call by call; whole shops are the simulator's.

#![allow(clippy::unwrap_used)]

use super::Sync;
use super::call::{Answer, Call, Input, Next, Rest, StoreCall};
use super::claim;
use super::status::{Phase, Status};
use crate::apply::FindingKind;
use crate::command::Command;
use crate::env::Env;
use crate::queries;
use crate::rows;
use crate::rows::sync::Claim;
use crate::setup::{Joining, join_shop, shop_to_join};
use crate::testing::{TestEnv, WatchedStore, World, identity, new_product};
use aurapos_contract::error::{ErrorCode, PluginError};
use aurapos_contract::query::Query;
use aurapos_contract::{RecordStore, Uuid};
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::ids::{RegisterCode, RegisterId};
use aurapos_domain::money::Currency;
use aurapos_plugin_testkit::ReferenceStore;
use std::sync::Arc;

/// A register with its sync.
struct Node {
    world: World,
    sync: Sync,
    at_us: i64,
}

/// What becomes of a call of the shared store.
enum Fate {
    Good,
    /// It happens, and nobody hears of it.
    AnswerLost,
    /// It does not happen.
    Unreachable,
}

impl Node {
    fn of(world: World) -> Node {
        Node { world, sync: Sync::new(), at_us: 0 }
    }

    /// Turns the sync until it rests.
    fn turn(&mut self, shared: &ReferenceStore, input: Input, mut fate: impl FnMut(&StoreCall) -> Fate) -> Rest {
        let mut next = self.sync.step(input, self.at_us, &mut self.world.env);
        loop {
            let answer = match next {
                Next::Rest(rest) => return rest,
                Next::Pending => panic!("every call was answered"),
                Next::Call(Call::Local(query)) => Answer::Rows(self.world.store.scan(&query)),
                Next::Call(Call::Engine(call)) => call.give(&mut self.world.engine, &mut self.world.env),
                Next::Call(Call::Shared(call)) => match fate(&call) {
                    Fate::Good => call.ask(shared),
                    Fate::AnswerLost => {
                        call.ask(shared);
                        call.failed(PluginError::new(ErrorCode::Timeout, "no answer"))
                    }
                    Fate::Unreachable => call.failed(PluginError::new(ErrorCode::Unreachable, "no line")),
                },
            };
            next = self.sync.step(Input::Answer(answer), self.at_us, &mut self.world.env);
        }
    }

    /// Until everything is where it belongs.
    fn settle(&mut self, shared: &ReferenceStore) -> Status {
        let rest = self.turn(shared, Input::Hurry, |_| Fate::Good);
        assert!(rest.watch.is_some(), "{:?}", self.sync.status());
        self.sync.status()
    }

    fn findings(&self) -> Vec<FindingKind> {
        queries::findings(self.world.store.as_ref()).unwrap().into_iter().map(|finding| finding.kind).collect()
    }
}

fn empty() -> ReferenceStore {
    let shared = ReferenceStore::new();
    shared.migrate(&crate::schema::schema()).unwrap();
    shared
}

fn count(store: &ReferenceStore, table: &str) -> usize {
    store.scan(&Query::over(table)).unwrap().len()
}

fn claims(shared: &ReferenceStore) -> Vec<Claim> {
    rows::scan(shared, &rows::query::<Claim>(), Currency::EUR).unwrap()
}

/// A register that joins the shop of a shared store, without people yet.
fn join(shared: &ReferenceStore, code: &str, env: &mut TestEnv) -> Arc<WatchedStore> {
    let store = WatchedStore::over(ReferenceStore::new());
    let own: Arc<dyn RecordStore> = store.clone();
    let joining = Joining {
        register: RegisterId::new(env.new_id()),
        code: RegisterCode::parse(code).unwrap(),
        may_be_taken: false,
        epoch: shared.info().unwrap().epoch,
        identity: identity("t1"),
    };
    join_shop(&own, &shared.scan(&shop_to_join()).unwrap(), &joining, env).unwrap();
    store
}

/// A sync of its own for an engine that nobody else turns, until it rests.
fn turn(own: &Arc<WatchedStore>, shared: &dyn RecordStore, engine: &mut crate::Engine, env: &mut TestEnv) {
    let mut sync = Sync::new();
    let mut next = sync.step(Input::Wake, 0, env);
    while let Next::Call(call) = next {
        let answer = match call {
            Call::Shared(call) => call.ask(shared),
            Call::Local(query) => Answer::Rows(own.scan(&query)),
            Call::Engine(call) => call.give(engine, env),
        };
        next = sync.step(Input::Answer(answer), 0, env);
    }
}

#[test]
fn the_first_register_founds_the_shared_store_and_another_one_joins() {
    let shared = empty();
    let mut first = Node::of(World::new());
    first.world.sell(&["1"], &[("cash", 0)]).unwrap();
    let status = first.settle(&shared);
    assert!(status.settled() && status.online(), "{status:?}");
    assert_eq!((count(&shared, "sale"), count(&shared, "shop"), count(&shared, "register_claim")), (1, 1, 1));
    let mut env = TestEnv::of_register(2);
    let store = join(&shared, "R2", &mut env);
    // Nobody can sign in before the first feed: it is opened, fed, and only then used.
    let own: Arc<dyn RecordStore> = store.clone();
    let (mut engine, _) = crate::Engine::open(own, &identity("t1"), &mut env).unwrap();
    turn(&store, &shared, &mut engine, &mut env);
    drop(engine);
    let mut second = Node::of(World::open(store, "t1", env));
    assert_eq!((second.world.rows("sale"), second.world.rows("product")), (1, 5));
    second.world.run(Command::OpenDrawer { float: crate::testing::eur(100) }).unwrap();
    assert_eq!(second.world.sell(&["1"], &[("cash", 0)]).unwrap().receipt_no().to_string(), "R2-1-000001");
    second.settle(&shared);
    first.settle(&shared);
    assert_eq!(first.world.rows("sale"), 2);
    first.world.check();
    second.world.check();
    let codes: Vec<String> = claims(&shared).into_iter().map(|claim| claim.code).collect();
    assert_eq!(codes, ["R1", "R2"]);
}

#[test]
fn whatever_answer_is_lost_everything_is_there_once() {
    // Each call in turn.
    for lost in 0..40 {
        let shared = empty();
        let mut node = Node::of(World::new());
        node.world.sell(&["1"], &[("cash", 0)]).unwrap();
        let mut calls = 0;
        node.turn(&shared, Input::Wake, |_| {
            calls += 1;
            if calls == lost { Fate::AnswerLost } else { Fate::Good }
        });
        node.world.sell(&["2"], &[("cash", 0)]).unwrap();
        let status = node.settle(&shared);
        assert!(status.settled(), "call {lost}: {status:?}");
        assert_eq!((count(&shared, "sale"), count(&shared, "journal")), (2, node.world.rows("journal")), "call {lost}");
        assert_eq!(node.findings(), [], "call {lost}");
        node.world.check();
    }
}

#[test]
fn what_waits_is_counted_while_nobody_answers_and_tries_become_rarer() {
    let shared = empty();
    let mut node = Node::of(World::new());
    node.settle(&shared);
    let mut waits = Vec::new();
    for _ in 0..8 {
        let rest = node.turn(&shared, Input::Hurry, |_| Fate::Unreachable);
        assert_eq!(rest.watch, None);
        waits.push(rest.until_us - node.at_us);
    }
    assert!(waits.windows(2).take(3).all(|pair| pair[1] > pair[0]), "{waits:?}");
    assert!(waits.iter().all(|wait| (100_000..=4_000_000).contains(wait)), "{waits:?}");
    let status = node.sync.status();
    assert_eq!((status.phase, status.online(), status.unsent), (Phase::Waiting, false, 0));
    assert_eq!(status.offline_since, Some(node.world.env.now));
    assert!(status.trouble.unwrap().contains("no line"));
    // A sale does not make it try again before its time, and is counted.
    node.world.sell(&["1"], &[("cash", 0)]).unwrap();
    node.turn(&shared, Input::Wake, |call| panic!("{call:?}"));
    assert_eq!(node.sync.status().unsent, 1);
    let status = node.settle(&shared);
    assert_eq!((status.unsent, status.offline_since), (0, None));
    assert_eq!(count(&shared, "sale"), 1);
}

#[test]
fn what_happens_during_a_call_is_not_overlooked() {
    let shared = empty();
    let mut node = Node::of(World::new());
    node.settle(&shared);
    let mut sold = false;
    let mut next = node.sync.step(Input::Wake, 0, &mut node.world.env);
    loop {
        let answer = match next {
            Next::Rest(_) => break,
            Next::Call(Call::Shared(call)) => {
                // Its last look at the journal is behind it.
                if !std::mem::replace(&mut sold, true) {
                    node.world.sell(&["1"], &[("cash", 0)]).unwrap();
                    assert!(matches!(node.sync.step(Input::Wake, 0, &mut node.world.env), Next::Pending));
                }
                call.ask(&shared)
            }
            Next::Call(Call::Local(query)) => Answer::Rows(node.world.store.scan(&query)),
            Next::Call(Call::Engine(call)) => call.give(&mut node.world.engine, &mut node.world.env),
            Next::Pending => panic!("every call was answered"),
        };
        next = node.sync.step(Input::Answer(answer), 0, &mut node.world.env);
    }
    assert_eq!(count(&shared, "sale"), 1);
}

#[test]
fn a_code_belongs_to_whoever_asked_first() {
    let shared = empty();
    let mut node = Node::of(World::new());
    node.settle(&shared);
    let epoch = shared.info().unwrap().epoch;
    let first = claims(&shared).remove(0);
    let wanted = Claim { register: Uuid::from_u128(9), code: "R2".to_owned(), ..first.clone() };
    let commit = |claim: &Claim, id| shared.commit(&claim::claim(claim, epoch, Uuid::from_u128(id)));
    assert!(commit(&wanted, 1).is_ok());
    let error = commit(&Claim { register: Uuid::from_u128(10), ..wanted }, 2).unwrap_err();
    assert_eq!(error.code, ErrorCode::Conflict);
    // One that was set up with a code of somebody else goes on, and a person is told.
    let mut same = Node::of(World::register(1));
    same.turn(&shared, Input::Wake, |_| Fate::Good);
    assert!(same.findings().contains(&FindingKind::SameNumbers), "{:?} {:?}", same.findings(), same.sync.status());
}

#[test]
fn a_register_that_was_shut_out_brings_nothing_until_it_is_let_in() {
    let shared = empty();
    let mut node = Node::of(World::new());
    node.settle(&shared);
    let claim = claims(&shared).remove(0);
    shared.commit(&claim::change(&claim, "Counter", Some(Timestamp(5)), Timestamp(5), Uuid::from_u128(1))).unwrap();
    let mut again = Node::of(node.world);
    again.world.sell(&["1"], &[("cash", 0)]).unwrap();
    again.turn(&shared, Input::Wake, |_| Fate::Good);
    assert_eq!((again.sync.status().phase, count(&shared, "sale")), (Phase::Refused, 0));
    shared.commit(&claim::change(&claim, "Counter", None, Timestamp(6), Uuid::from_u128(2))).unwrap();
    again.settle(&shared);
    assert_eq!((count(&shared, "sale"), claims(&shared)[0].name.as_str()), (1, "Counter"));
}

#[test]
fn another_shops_store_is_left_alone() {
    let shared = empty();
    Node::of(World::new()).settle(&shared);
    // A shop of its own: other ids from the first on.
    let mut env = TestEnv::new();
    (0..50).for_each(|_| assert!(!env.new_id().is_nil()));
    let store = WatchedStore::over(ReferenceStore::new());
    let own: Arc<dyn RecordStore> = store.clone();
    crate::setup::create_shop(&own, &crate::testing::new_shop(), &mut env).unwrap();
    let mut other = Node::of(World::open(store, "t1", env));
    let before = shared.info().unwrap().position;
    other.turn(&shared, Input::Wake, |_| Fate::Good);
    let status = other.sync.status();
    assert_eq!((status.phase, shared.info().unwrap().position), (Phase::Refused, before));
    assert!(status.trouble.unwrap().contains("another shop"));
}

#[test]
fn a_register_whose_data_went_back_goes_on_in_a_new_life_and_gets_it_again() {
    let shared = empty();
    let mut node = Node::of(World::new());
    node.settle(&shared);
    let copy = node.world.store.inner.duplicate();
    node.world.sell(&["1"], &[("cash", 0)]).unwrap();
    node.settle(&shared);
    // The copy takes its place, and nothing outside of it tells.
    let env = node.world.env.clone();
    let mut back = Node::of(World::open(WatchedStore::over(copy), "t1", env));
    // Signing in was an entry: the same number, another hash.
    back.settle(&shared);
    assert!(back.findings().contains(&FindingKind::Fork), "{:?}", back.findings());
    assert_ne!(back.world.engine.incarnation_code(), "1");
    assert!(back.sync.status().quarantined > 0);
    back.world.sell(&["2"], &[("cash", 0)]).unwrap();
    back.settle(&shared);
    assert_eq!(count(&shared, "sale"), 2);
    back.world.check();
}

#[test]
fn a_restored_store_gets_what_it_lost() {
    let shared = empty();
    let mut node = Node::of(World::new());
    node.settle(&shared);
    let copy = shared.duplicate();
    let waits = |node: &Node| queries::sync_state(node.world.store.as_ref()).unwrap();
    // What was acknowledged is remembered some seconds later.
    for _ in 0..2 {
        node.at_us += 10_000_000;
        node.settle(&shared);
    }
    assert_eq!((waits(&node).unsent, waits(&node).oldest), (0, None));
    let first = node.world.sell(&["1"], &[("cash", 0)]).unwrap().sale.header.time;
    node.world.env.now.0 += 1_000_000;
    node.world.run(Command::SaveProduct(Box::new(new_product("Thé")))).unwrap();
    assert_eq!((waits(&node).unsent, waits(&node).oldest), (2, Some(first)));
    node.settle(&shared);
    let restored = copy.restored();
    assert_eq!((count(&restored, "sale"), count(&restored, "product")), (0, 5));
    node.settle(&restored);
    assert_eq!((count(&restored, "sale"), count(&restored, "product")), (1, 6));
    let known = queries::sync_state(node.world.store.as_ref()).unwrap();
    assert_eq!((known.epoch, node.findings()), (Some(restored.info().unwrap().epoch), Vec::new()));
}

/// Put back by hand: the same life of the data, and yet it knows less.
#[test]
fn a_store_that_was_put_back_by_hand_gets_what_it_lost() {
    let shared = empty();
    let mut node = Node::of(World::new());
    node.settle(&shared);
    let copy = shared.duplicate();
    node.world.sell(&["1"], &[("cash", 0)]).unwrap();
    node.world.run(Command::SaveProduct(Box::new(new_product("Thé")))).unwrap();
    node.settle(&shared);
    let mut again = Node { sync: Sync::new(), ..node };
    // It was remembered before the program ended.
    again.at_us += 10_000_000;
    again.settle(&shared);
    again.at_us += 10_000_000;
    again.settle(&shared);
    again.sync = Sync::new();
    again.settle(&copy);
    assert_eq!((count(&copy, "sale"), count(&copy, "product")), (1, 6));
}

/// The data went back to the very entry that the shared store has, too: nothing differs, and yet the next number was given.
#[test]
fn a_register_that_is_behind_without_another_history_begins_a_new_life() {
    let shared = empty();
    let mut node = Node::of(World::new());
    node.settle(&shared);
    let copy = node.world.store.inner.duplicate();
    node.world.sell(&["1"], &[("cash", 0)]).unwrap();
    node.settle(&shared);
    let (own, mut env) = (WatchedStore::over(copy), node.world.env.clone());
    let opened: Arc<dyn RecordStore> = own.clone();
    let (mut engine, _) = crate::Engine::open(opened, &identity("t1"), &mut env).unwrap();
    turn(&own, &shared, &mut engine, &mut env);
    assert_ne!(engine.incarnation_code(), "1");
    let kinds: Vec<_> = queries::findings(own.as_ref()).unwrap().into_iter().map(|finding| finding.kind).collect();
    assert_eq!(kinds, [FindingKind::WentBack]);
    drop(engine);
    let mut back = World::open(own, "t1", env);
    assert_eq!(back.rows("sale"), 1, "what was lost here came back");
    back.sell(&["2"], &[("cash", 0)]).unwrap();
    back.check();
}
