//! Payments: stored before they leave, believed only when they add up, never made twice.

use std::collections::BTreeSet;

use aurapos_contract::PluginResult;
use aurapos_contract::error::{ErrorCode, PluginError, Retry};
use aurapos_contract::payment::{PaymentAnswer, PaymentState};
use aurapos_plugin_testkit::Fault;

use super::{refused, sale, ticket};
use crate::command::{Command, CommandId};
use crate::effect::{Effect, EffectAnswer, PaymentAction};
use crate::error::Code;
use crate::event::Event;
use crate::step::{Input, Step};
use crate::testing::{WatchedStore, World, approve, eur, item, pay, request};

fn answer(state: PaymentState, approved_minor: i64, change_minor: i64) -> PaymentAnswer {
    PaymentAnswer { state, approved_minor, change_minor, ..Default::default() }
}

fn silence() -> PluginResult<PaymentAnswer> {
    Err(PluginError::new(ErrorCode::Timeout, "no answer"))
}

fn by(instance: &str, minor: i64) -> Command {
    Command::Tender(pay(&[(instance, minor)]).remove(0))
}

fn actions(world: &World) -> Vec<PaymentAction> {
    world.calls.iter().map(|(_, action, _)| *action).collect()
}

#[test]
fn lies_are_refused_and_the_ticket_is_kept() {
    let check = |instance: &str, tendered: i64, approved: i64, change: i64| {
        let mut world = World::new();
        ticket(&mut world, Command::AddItem(item("4"))).unwrap();
        world.answers.push_back(Ok(answer(PaymentState::Approved, approved, change)));
        refused(world.run(by(instance, tendered)), Code::PaymentLied);
        let kept = ticket(&mut world, Command::ShowTicket).unwrap();
        let found = (kept.tenders.len(), kept.total, world.rows("sale"));
        assert_eq!(found, (0, eur(1000), 0), "{instance} {approved} {change}");
        sale(&mut world, by("cash", 0)).unwrap();
    };
    check("cash", 2000, 1000, 999); // change too small
    check("cash", 2000, 1000, 2000); // change too large
    check("cash", 2000, 2000, 0); // keeps the change
    check("cash", 2000, -1000, 3000);
    check("cash", 2000, i64::MIN, i64::MAX);
    check("cash", 2000, 0, 0); // approved nothing
    check("card", 1000, 1001, 0);
    check("card", 1000, 0, 0);
    check("card", 1000, 1000, 5);
    check("card", 1000, -1000, 0);
}

#[test]
fn a_card_that_lies_is_given_to_a_person() {
    let mut world = World::new();
    world.answers.push_back(Ok(answer(PaymentState::Approved, 1001, 0)));
    refused(world.sell(&["4"], &[("card", 0)]), Code::PaymentLied);
    assert!(world.events.iter().any(|event| matches!(event, Event::PaymentManual { .. })));
    assert_eq!(world.intents(), ["manual"]);
}

#[test]
fn a_card_is_stored_before_it_is_asked() {
    let mut world = World::new();
    world.store.inner.order_fault(Fault::Refused(PluginError::new(ErrorCode::DiskFull, "no room")));
    refused(world.sell(&["4"], &[("card", 0)]), Code::DiskFull);
    assert_eq!(world.calls.len(), 0, "not stored, not charged");
    world.sell(&["4"], &[("card", 0)]).unwrap();
    assert_eq!(world.intents(), ["approved"]);
    assert_eq!(world.store.seen().len(), 3, "the refused one, the intent, the sale");
    world.check();
}

#[test]
fn declined_and_partly_approved() {
    let mut world = World::new();
    ticket(&mut world, Command::AddItem(item("4"))).unwrap();
    world.answers.push_back(Ok(answer(PaymentState::Declined, 0, 0)));
    refused(world.run(by("card", 0)), Code::Declined);
    world.answers.push_back(Ok(answer(PaymentState::Aborted, 0, 0)));
    refused(world.run(by("card", 0)), Code::Declined);
    world.answers.push_back(Ok(answer(PaymentState::Approved, 600, 0)));
    let shown = ticket(&mut world, by("card", 0)).unwrap();
    assert_eq!(shown.due_cash, eur(400), "a card may approve a part");
    let sold = sale(&mut world, by("cash", 500)).unwrap();
    assert_eq!(sold.sale.change, eur(100));
    assert_eq!(world.intents(), ["aborted", "approved", "declined"]);
}

#[test]
fn silence_is_asked_about_and_never_charged_again() {
    let mut world = World::new();
    ticket(&mut world, Command::AddItem(item("4"))).unwrap();
    world.answers.extend([silence(), silence()]);
    refused(world.run(by("card", 0)), Code::PaymentUnknown);
    assert_eq!(actions(&world), [PaymentAction::Begin, PaymentAction::QueryStatus]);
    refused(world.run(by("card", 0)), Code::PaymentUnknown);
    refused(world.run(Command::Finish), Code::PaymentUnknown);
    refused(world.run(Command::ClearTicket), Code::TicketPaid);
    assert!(ticket(&mut world, Command::ShowTicket).unwrap().payment_unknown);
    assert_eq!(world.calls.len(), 2, "not asked by accident");
    world.answers.push_back(Ok(answer(PaymentState::Approved, 1000, 0)));
    let sold = sale(&mut world, Command::AskPayment).unwrap();
    assert_eq!(sold.sale.total, eur(1000));
    assert_eq!(actions(&world).iter().filter(|action| **action == PaymentAction::Begin).count(), 1);
    let ids: BTreeSet<_> = world.calls.iter().map(|(_, _, intent)| intent.id).collect();
    assert_eq!(ids.len(), 1, "always the same intent");
}

#[test]
fn a_plugin_that_is_too_old_for_an_intent_refused_it_and_an_answer_that_is_too_new_says_nothing() {
    let newer = |retry| {
        let error = PluginError::new(ErrorCode::NeedsNewer, "the message needs version 2 of PaymentIntent");
        Err(PluginError { retry, ..error })
    };
    let mut world = World::new();
    world.answers.push_back(newer(Retry::Never));
    refused(world.sell(&["4"], &[("card", 0)]), Code::PaymentFailed);
    assert_eq!((actions(&world), world.intents()), (vec![PaymentAction::Begin], vec!["aborted".to_owned()]));
    let mut world = World::new();
    world.answers.push_back(newer(Retry::AskFirst));
    world.answers.push_back(newer(Retry::Never));
    refused(world.sell(&["4"], &[("card", 0)]), Code::PaymentUnknown);
    assert_eq!(actions(&world), [PaymentAction::Begin, PaymentAction::QueryStatus], "who cannot be asked said nothing");
    assert_eq!(world.intents(), ["unknown"]);
}

#[test]
fn cash_that_does_not_answer_is_just_refused() {
    let mut world = World::new();
    world.answers.push_back(silence());
    refused(world.sell(&["4"], &[("cash", 0)]), Code::PaymentFailed);
    world.sell(&["4"], &[("cash", 0)]).unwrap();
}

#[test]
fn a_whole_sale_that_fails_takes_its_card_back() {
    let mut world = World::new();
    world.answers.push_back(Ok(answer(PaymentState::Approved, 400, 0)));
    world.answers.push_back(Err(PluginError::new(ErrorCode::Config, "no drawer")));
    refused(world.sell(&["4"], &[("card", 400), ("cash", 600)]), Code::PaymentFailed);
    assert_eq!(actions(&world), [PaymentAction::Begin, PaymentAction::Begin, PaymentAction::Reverse]);
    assert_eq!(world.intents(), ["reversed"]);
    assert_eq!(world.rows("sale"), 0);
    world.sell(&["4"], &[("card", 0)]).unwrap();
}

#[test]
fn a_crash_in_the_middle_of_a_payment_is_cleared_up_at_start() {
    let check = |told: PaymentAnswer, wanted: &[PaymentAction], state: &str| {
        let mut world = World::new();
        world.answers.extend([silence(), silence()]);
        ticket(&mut world, Command::AddItem(item("4"))).unwrap();
        refused(world.run(by("card", 0)), Code::PaymentUnknown);
        // The program dies here; its ticket is gone, the intent is not.
        let store = WatchedStore::over(world.store.inner.reopen());
        let mut world = World::open_with(store, "t1", world.env, vec![Ok(told)]);
        assert_eq!(actions(&world), wanted);
        assert_eq!(world.intents(), [state]);
        world.sell(&["4"], &[("card", 0)]).unwrap();
    };
    check(answer(PaymentState::Declined, 0, 0), &[PaymentAction::QueryStatus], "declined");
    let approved = answer(PaymentState::Approved, 1000, 0);
    check(approved, &[PaymentAction::QueryStatus, PaymentAction::Reverse], "reversed");
}

#[test]
fn nothing_is_charged_where_a_payment_is_open() {
    let mut world = World::new();
    world.answers.extend([silence(), silence()]);
    refused(world.sell(&["4"], &[("card", 0)]), Code::PaymentUnknown);
    world.answers.extend([silence()]);
    refused(world.sell(&["4"], &[("card", 0)]), Code::PaymentUnknown);
    world.sell(&["4"], &[("cash", 0)]).unwrap();
    world.answers.push_back(Ok(answer(PaymentState::Declined, 0, 0)));
    refused(world.sell(&["4"], &[("card", 0)]), Code::PaymentUnknown);
    world.sell(&["4"], &[("card", 0)]).unwrap();
    let begun = actions(&world).iter().filter(|action| **action == PaymentAction::Begin).count();
    assert_eq!((begun, world.rows("sale")), (3, 2), "the first card, the cash, the last card");
}

#[test]
fn a_question_that_fails_says_nothing_about_the_payment() {
    for code in [ErrorCode::Busy, ErrorCode::Unsupported, ErrorCode::Config, ErrorCode::BadValue] {
        let mut world = World::new();
        ticket(&mut world, Command::AddItem(item("4"))).unwrap();
        let deaf = || Err(PluginError::new(code, "not now"));
        world.answers.extend([silence(), deaf(), deaf()]);
        refused(world.run(by("card", 0)), Code::PaymentUnknown);
        refused(world.run(Command::AskPayment), Code::PaymentUnknown);
        refused(world.run(by("cash", 0)), Code::PaymentUnknown);
        // The same at the next start.
        let store = WatchedStore::over(world.store.inner.reopen());
        let world = World::open_with(store, "t1", world.env, vec![deaf()]);
        assert_eq!(world.intents(), ["sent"], "{code:?}");
    }
}

#[test]
fn a_copy_takes_no_payment_back() {
    let mut world = World::new();
    world.answers.extend([silence(), silence()]);
    ticket(&mut world, Command::AddItem(item("4"))).unwrap();
    refused(world.run(by("card", 0)), Code::PaymentUnknown);
    let copy = WatchedStore::over(world.store.inner.duplicate());
    world.answers.push_back(Ok(answer(PaymentState::Approved, 1000, 0)));
    sale(&mut world, Command::AskPayment).unwrap();
    let copied = World::open_with(copy, "t2", world.env, vec![Ok(answer(PaymentState::Approved, 1000, 0))]);
    assert_eq!(actions(&copied), [], "the sale exists in the other life");
    assert_eq!(copied.intents(), ["manual"]);
    assert!(copied.events.iter().any(|event| matches!(event, Event::PaymentManual { .. })));
    copied.check();
}

#[test]
fn a_payment_taken_back_while_the_disk_is_full_is_written_down_later() {
    let mut world = World::new();
    let full = || Fault::Refused(PluginError::new(ErrorCode::DiskFull, "no room"));
    // The intent is stored; the sale is not, and neither is what became of the payment.
    world.store.fail_at(1, full());
    let input = Input::Command { id: CommandId(1000), session: world.session, command: whole() };
    let step = world.engine.step(input, &mut world.env);
    let step = answered(&mut world, &step);
    world.store.inner.order_fault(full());
    answered(&mut world, &step);
    assert_eq!(world.intents(), ["sent"]);
    world.sell(&["2"], &[("cash", 0)]).unwrap();
    assert_eq!(world.intents(), ["reversed"]);
    world.check();
}

fn whole() -> Command {
    Command::Sell(request(&["4"], &[("card", 0)]))
}

/// Answers the one payment of a step.
fn answered(world: &mut World, step: &Step) -> Step {
    let [Effect::Payment { id, intent, .. }] = &step.effects[..] else { panic!("{step:?}") };
    let answer = EffectAnswer::Payment(Ok(approve("card", intent)));
    world.engine.step(Input::Answer { effect: *id, answer }, &mut world.env)
}

/// Money has moved: nothing that a terminal calls it may stop the sale.
#[test]
fn what_a_terminal_calls_a_payment_never_stops_its_sale() {
    let mut world = World::new();
    for reference in ["a\0b".to_owned(), "x".repeat(100_000), "e\u{301}\n".repeat(3)] {
        let answer =
            PaymentAnswer { state: PaymentState::Approved, approved_minor: 283, reference, ..PaymentAnswer::default() };
        world.answers.push_back(Ok(answer));
        world.sell(&["2"], &[("card", 0)]).unwrap();
    }
    let kept = world.texts("sale_tender", "reference");
    assert!(kept.contains(&"ab".to_owned()) && kept.contains(&"ééé".to_owned()), "{kept:?}");
    assert!(kept.iter().all(|reference| reference.chars().count() <= 1_000));
    world.check();
}
