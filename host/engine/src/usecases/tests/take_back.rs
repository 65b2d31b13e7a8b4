//! Cancelling a payment in cash.

use aurapos_contract::error::{ErrorCode, PluginError};
use aurapos_contract::payment::{PaymentAnswer, PaymentCapabilities, PaymentState};
use aurapos_domain::people::Permission;
use aurapos_plugin_testkit::Fault;

use super::{refused, sale, ticket};
use crate::command::{Command, CommandId};
use crate::effect::{Effect, EffectAnswer, PaymentAction, PaymentInstance};
use crate::error::Code;
use crate::event::Event;
use crate::step::Input;
use crate::testing::{World, devices, eur, item, pay};
use crate::view::Ticket;

fn tender(instance: &str, minor: i64) -> Command {
    Command::Tender(pay(&[(instance, minor)]).remove(0))
}

/// A book of 10.00 with 2.00 and 3.00 of cash on it.
fn partly_paid(world: &mut World, instance: &str) -> Ticket {
    ticket(world, Command::AddItem(item("4"))).unwrap();
    ticket(world, tender(instance, 200)).unwrap();
    ticket(world, tender(instance, 300)).unwrap()
}

#[test]
fn all_cash_comes_off_and_the_ticket_can_be_changed_again() {
    let mut world = World::new();
    partly_paid(&mut world, "cash");
    world.clear();
    let shown = ticket(&mut world, Command::TakeBackCash).unwrap();
    assert_eq!((shown.tenders.len(), shown.due_cash), (0, eur(1000)));
    assert!(world.calls.is_empty(), "a drawer is not asked");
    assert!(world.events.iter().any(|event| matches!(event, Event::TicketChanged { .. })));
    refused(world.run(Command::TakeBackCash), Code::BadTender);
    ticket(&mut world, Command::RemoveLine { line: 1 }).unwrap();
    ticket(&mut world, Command::RestoreLine { line: 1 }).unwrap();
    let sold = sale(&mut world, tender("cash", 1000)).unwrap();
    assert_eq!(sold.sale.tenders.len(), 1, "what was given back is not on the receipt");
    assert_eq!(world.expected_cash(), eur(11_000));
    world.check();
}

#[test]
fn a_card_payment_stays() {
    let mut world = World::new();
    ticket(&mut world, Command::AddItem(item("4"))).unwrap();
    ticket(&mut world, tender("card", 400)).unwrap();
    refused(world.run(Command::TakeBackCash), Code::BadTender);
    ticket(&mut world, tender("cash", 100)).unwrap();
    let shown = ticket(&mut world, Command::TakeBackCash).unwrap();
    assert_eq!((shown.tenders.len(), shown.tenders[0].instance.as_str(), shown.due_other), (1, "card", eur(600)));
    refused(world.run(Command::RemoveLine { line: 1 }), Code::TicketPaid);
    sale(&mut world, tender("cash", 0)).unwrap();
    assert_eq!(world.intents(), ["approved"]);
    world.check();
}

#[test]
fn a_paid_ticket_that_could_not_be_stored_gives_its_cash_back() {
    let mut world = World::new();
    ticket(&mut world, Command::AddItem(item("2"))).unwrap();
    world.store.inner.order_fault(Fault::Refused(PluginError::new(ErrorCode::DiskFull, "no room")));
    refused(world.run(tender("cash", 500)), Code::DiskFull);
    let shown = ticket(&mut world, Command::TakeBackCash).unwrap();
    assert!(!shown.settled && shown.tenders.is_empty());
    refused(world.run(Command::Finish), Code::NotPaid);
}

#[test]
fn in_doubt_nothing_is_given_back() {
    let mut world = World::new();
    ticket(&mut world, Command::AddItem(item("2"))).unwrap();
    world.store.silent.store(true, std::sync::atomic::Ordering::Relaxed);
    world.store.inner.order_fault(Fault::Refused(PluginError::new(ErrorCode::Timeout, "silence")));
    refused(world.run(tender("cash", 500)), Code::InDoubt);
    refused(world.run(Command::TakeBackCash), Code::InDoubt);
}

#[test]
fn without_a_ticket_or_a_session_there_is_nothing_to_give_back() {
    let mut world = World::new();
    refused(world.run(Command::TakeBackCash), Code::TicketEmpty);
    world.session = None;
    refused(world.run(Command::TakeBackCash), Code::SignedOut);
}

#[test]
fn who_may_not_sell_gives_nothing_back() {
    let mut world = World::new();
    partly_paid(&mut world, "cash");
    for open in world.engine.sessions.values_mut() {
        open.operator.role.permissions = open.operator.role.permissions.without(Permission::Sell);
    }
    refused(world.run(Command::TakeBackCash), Code::NotAllowed);
    let shown = ticket(&mut world, Command::ShowTicket).unwrap();
    assert_eq!(shown.tenders.len(), 2);
}

/// A machine beside the register that counts notes and gives them back.
fn with_machine() -> World {
    let mut world = World::new();
    let machine = PaymentCapabilities { rounds_cash: true, gives_change: true, reverses: true, ..Default::default() };
    let mut devices = devices();
    devices.payments.push(PaymentInstance::new("machine", machine));
    world.engine.set_devices(devices, &mut world.env).unwrap();
    world
}

#[test]
fn a_machine_gives_each_payment_back_the_newest_first() {
    let mut world = with_machine();
    partly_paid(&mut world, "machine");
    ticket(&mut world, tender("cash", 100)).unwrap();
    let begun: Vec<_> = world.calls.drain(..).map(|(_, _, intent)| intent.id).collect();
    let shown = ticket(&mut world, Command::TakeBackCash).unwrap();
    assert!(shown.tenders.is_empty());
    let asked: Vec<_> = world.calls.iter().map(|(name, action, intent)| (name.as_str(), *action, intent.id)).collect();
    let reverse = PaymentAction::Reverse;
    assert_eq!(asked, [("machine", reverse, begun[1]), ("machine", reverse, begun[0])], "the drawer is not asked");
    assert_eq!(world.calls[0].2.original_reference, "machine-300");
}

#[test]
fn what_a_machine_keeps_stays_on_the_ticket() {
    let mut world = with_machine();
    partly_paid(&mut world, "machine");
    let given = PaymentAnswer { state: PaymentState::Approved, ..Default::default() };
    world.answers = [Ok(given), Err(PluginError::new(ErrorCode::Timeout, "jammed"))].into();
    refused(world.run(Command::TakeBackCash), Code::PaymentFailed);
    let shown = ticket(&mut world, Command::ShowTicket).unwrap();
    let left: Vec<_> = shown.tenders.iter().map(|tender| tender.amount).collect();
    assert_eq!(left, [eur(200)], "the first that came back is off");
    let declined = PaymentAnswer { state: PaymentState::Declined, ..Default::default() };
    world.answers = [Ok(declined)].into();
    refused(world.run(Command::TakeBackCash), Code::PaymentFailed);
    assert!(ticket(&mut world, Command::TakeBackCash).unwrap().tenders.is_empty(), "it can be asked again");
}

#[test]
fn while_a_machine_gives_back_nothing_else_is_paid() {
    let mut world = with_machine();
    partly_paid(&mut world, "machine");
    let (session, env) = (world.session, &mut world.env);
    let mut give = |number: u64, command: Command| {
        world.engine.step(Input::Command { id: CommandId(number), session, command }, env)
    };
    let step = give(900, Command::TakeBackCash);
    let effect = step.effects.first().map(Effect::id).unwrap();
    assert!(step.events.iter().all(|event| !matches!(event, Event::Done { .. })));
    let others = [tender("cash", 500), Command::Finish, Command::TakeBackCash, Command::AskPayment];
    for (number, command) in (901..).zip(others) {
        let step = give(number, command);
        let told = step.events.iter().find_map(|event| match event {
            Event::Done { result: Err(error), .. } => Some(error.code),
            _ => None,
        });
        assert_eq!(told, Some(Code::PaymentRunning.text()));
    }
    let answer = EffectAnswer::Payment(Ok(PaymentAnswer { state: PaymentState::Declined, ..Default::default() }));
    let step = world.engine.step(Input::Answer { effect, answer }, &mut world.env);
    let done = |event: &Event| matches!(event, Event::Done { command: CommandId(900), result: Err(_) });
    assert!(step.events.iter().any(done), "the one that asked is answered, once");
}
