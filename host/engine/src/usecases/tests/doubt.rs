//! A commit of which nobody knows whether it happened: selling stops, the store is asked, nothing is lost or doubled.

use std::sync::atomic::Ordering;

use aurapos_contract::error::{ErrorCode, PluginError};
use aurapos_contract::payment::{PaymentAnswer, PaymentState};
use aurapos_domain::ids::SaleId;
use aurapos_plugin_testkit::Fault;

use super::{refused, sale, ticket};
use crate::command::{Command, CommandId, Reply, SaleRequest};
use crate::effect::{Effect, EffectAnswer, EffectId};
use crate::error::{Code, EngineResult};
use crate::event::Event;
use crate::step::Input;
use crate::testing::{World, eur, item, pay, request};
use crate::view;

fn timeout() -> PluginError {
    PluginError::new(ErrorCode::Timeout, "the deadline passed")
}

fn wanted() -> SaleRequest {
    SaleRequest { id: Some(SaleId::from_bytes([5; 16])), ..request(&["2"], &[("cash", 0)]) }
}

fn resolve(world: &mut World) -> EngineResult<(bool, Option<Box<view::Sale>>)> {
    world.run(Command::ResolveDoubt).map(|reply| match reply {
        Reply::Resolved { committed, sale } => (committed, sale),
        other => panic!("{other:?}"),
    })
}

#[test]
fn an_answer_that_is_lost_is_asked_for_at_once() {
    let mut world = World::new();
    for code in [ErrorCode::Timeout, ErrorCode::Panic, ErrorCode::Internal, ErrorCode::Io] {
        world.store.inner.order_fault(Fault::AnswerLost(PluginError::new(code, "lost")));
        world.sell(&["2"], &[("cash", 0)]).unwrap();
        world.store.inner.order_fault(Fault::Refused(PluginError::new(code, "lost")));
        refused(world.sell(&["2"], &[("cash", 0)]), Code::StorageFailed);
    }
    assert_eq!(world.sell(&["2"], &[("cash", 0)]).unwrap().receipt_no().counter, 5);
    world.check();
}

#[test]
fn a_hung_store_stops_selling_until_it_tells_that_it_happened() {
    let mut world = World::new();
    world.store.inner.order_fault(Fault::AnswerLost(timeout()));
    world.store.silent.store(true, Ordering::Relaxed);
    refused(world.sell_request(wanted()), Code::InDoubt);
    assert!(world.engine.in_doubt());
    assert!(world.events.iter().any(|event| matches!(event, Event::InDoubt(_))));
    assert_eq!(world.effects.len(), 0, "nothing prints before it is known");
    refused(world.sell(&["4"], &[("cash", 0)]), Code::InDoubt);
    refused(world.run(Command::NoSale { reason: String::new() }), Code::InDoubt);
    refused(resolve(&mut world), Code::InDoubt);
    world.run(Command::Lock).unwrap();
    refused(world.run(Command::ShowTicket), Code::SessionLocked);
    world.store.silent.store(false, Ordering::Relaxed);
    let (committed, sale) = resolve(&mut world).unwrap();
    assert!(committed);
    world.run(Command::Unlock { pin: crate::testing::PIN.into() }).unwrap();
    assert_eq!(Some(sale.unwrap().id()), wanted().id);
    assert!(matches!(world.effects[..], [Effect::Print { .. }, Effect::Deliver { .. }]));
    assert!(world.sell_request(wanted()).unwrap().repeated, "who repeats the id gets the first result");
    assert_eq!(world.sell(&["2"], &[("cash", 0)]).unwrap().receipt_no().counter, 2);
    assert_eq!(world.expected_cash(), eur(10_570));
    world.check();
}

#[test]
fn a_hung_store_that_did_not_store_lets_the_sale_be_made_again() {
    let mut world = World::new();
    world.store.inner.order_fault(Fault::Refused(timeout()));
    world.store.silent.store(true, Ordering::Relaxed);
    refused(world.sell_request(wanted()), Code::InDoubt);
    world.store.silent.store(false, Ordering::Relaxed);
    assert_eq!(resolve(&mut world).unwrap(), (false, None));
    assert_eq!(world.rows("sale"), 0);
    let made = world.sell_request(wanted()).unwrap();
    assert!(!made.repeated);
    assert_eq!(made.receipt_no().counter, 1);
}

#[test]
fn a_ticket_waits_for_the_answer() {
    let check = |fault: fn(PluginError) -> Fault, committed: bool| {
        let mut world = World::new();
        ticket(&mut world, Command::AddItem(item("2"))).unwrap();
        world.store.inner.order_fault(fault(timeout()));
        world.store.silent.store(true, Ordering::Relaxed);
        refused(world.run(Command::Tender(pay(&[("cash", 0)]).remove(0))), Code::InDoubt);
        refused(world.run(Command::Finish), Code::InDoubt);
        world.store.silent.store(false, Ordering::Relaxed);
        assert_eq!(resolve(&mut world).unwrap().0, committed);
        if committed {
            refused(world.run(Command::ShowTicket), Code::TicketEmpty);
        } else {
            assert!(ticket(&mut world, Command::ShowTicket).unwrap().settled);
            sale(&mut world, Command::Finish).unwrap();
        }
        assert_eq!((world.rows("sale"), world.calls.len()), (1, 1), "one sale, one payment");
    };
    check(Fault::AnswerLost, true);
    check(Fault::Refused, false);
}

#[test]
fn a_paid_whole_sale_that_was_not_stored_takes_its_card_back() {
    let mut world = World::new();
    let mut card = wanted();
    card.tenders = pay(&[("card", 0)]);
    world.store.fail_at(1, Fault::Refused(timeout()));
    world.store.silent.store(true, Ordering::Relaxed);
    refused(world.sell_request(card), Code::InDoubt);
    assert_eq!(world.calls.len(), 1, "nothing is taken back while it may be stored");
    world.store.silent.store(false, Ordering::Relaxed);
    assert_eq!(resolve(&mut world).unwrap(), (false, None));
    assert_eq!(world.intents(), ["reversed"]);
}

#[test]
fn without_doubt_there_is_nothing_to_resolve() {
    let mut world = World::new();
    assert_eq!(resolve(&mut world).unwrap(), (false, None));
}

/// Begins a command and leaves its payment unanswered.
fn begin(world: &mut World, number: u64, command: Command) -> EffectId {
    let input = Input::Command { id: CommandId(number), session: world.session, command };
    let step = world.engine.step(input, &mut world.env);
    let [Effect::Payment { id, .. }] = step.effects[..] else { panic!("{step:?}") };
    id
}

#[test]
fn answers_of_payments_do_not_hide_a_doubt() {
    let check = |answer: PaymentAnswer, committed: bool, left: &str| {
        let mut world = World::new();
        let other = SaleRequest { id: Some(SaleId::from_bytes([6; 16])), ..request(&["4"], &[("card", 0)]) };
        let card = begin(&mut world, 1000, Command::Sell(other.clone()));
        let fault = if committed { Fault::AnswerLost(timeout()) } else { Fault::Refused(timeout()) };
        world.store.inner.order_fault(fault);
        world.store.silent.store(true, Ordering::Relaxed);
        refused(world.sell_request(wanted()), Code::InDoubt);
        let seen = world.store.seen().len();
        let answer = Input::Answer { effect: card, answer: EffectAnswer::Payment(Ok(answer)) };
        let step = world.engine.step(answer, &mut world.env);
        assert!(matches!(step.events.last(), Some(Event::Done { result: Err(_), .. })), "{step:?}");
        assert_eq!((world.store.seen().len(), seen), (0, 2), "nothing is written beside a doubt");
        assert!(world.engine.in_doubt());
        world.store.silent.store(false, Ordering::Relaxed);
        let (found, sale) = resolve(&mut world).unwrap();
        assert_eq!((found, sale.is_some()), (committed, committed));
        assert_eq!(world.intents(), [left]);
        assert!(world.engine.works.is_empty(), "nothing is left behind");
        assert_eq!(world.sell_request(wanted()).unwrap().repeated, committed);
        assert!(!world.sell_request(other).unwrap().repeated);
        world.check();
    };
    let said = |state| PaymentAnswer { state, approved_minor: 1000, ..Default::default() };
    for committed in [true, false] {
        check(said(PaymentState::Approved), committed, "reversed");
        check(PaymentAnswer { approved_minor: 0, ..said(PaymentState::Declined) }, committed, "declined");
    }
}

/// The drawer was opened after all, and no event was made of it: sinks are sent to the journal.
#[test]
fn what_happened_in_doubt_is_told_from_the_journal() {
    let mut world = World::closed();
    world.store.inner.order_fault(Fault::AnswerLost(timeout()));
    world.store.silent.store(true, Ordering::Relaxed);
    refused(world.run(Command::OpenDrawer { float: eur(100) }), Code::InDoubt);
    world.store.silent.store(false, Ordering::Relaxed);
    assert!(resolve(&mut world).unwrap().0);
    world.clear();
    world.sell(&["2"], &[("cash", 0)]).unwrap();
    let missed = world.effects.iter().any(|effect| matches!(effect, Effect::Deliver { missed: true, .. }));
    assert!(missed, "{:?}", world.effects);
}
