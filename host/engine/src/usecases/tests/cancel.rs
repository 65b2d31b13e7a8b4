//! The wish to stop a payment: taken to the payment that goes on and to no other, and never an outcome.

use aurapos_contract::PluginResult;
use aurapos_contract::error::{ErrorCode, PluginError};
use aurapos_contract::payment::{PaymentAnswer, PaymentState};

use super::{refused, sale, ticket};
use crate::command::people::PeopleCommand;
use crate::command::{Command, CommandId, RefundRequest, Reply, SessionId};
use crate::effect::{Effect, EffectAnswer, EffectId, PaymentAction};
use crate::error::{Code, EngineResult};
use crate::event::Event;
use crate::step::{Input, Step};
use crate::testing::{PIN, World, item, pay, request};

/// The command that pays, in every test.
const PAYING: CommandId = CommandId(900);

fn begin(world: &mut World, command: Command) -> Step {
    let session = world.session;
    world.engine.step(Input::Command { id: PAYING, session, command }, &mut world.env)
}

/// A ticket whose card payment goes on, and the effect of it.
fn paying(world: &mut World) -> EffectId {
    ticket(world, Command::AddItem(item("4"))).unwrap();
    let step = begin(world, Command::Tender(pay(&[("card", 0)]).remove(0)));
    effect_of(&step, PaymentAction::Begin)
}

fn effect_of(step: &Step, wanted: PaymentAction) -> EffectId {
    let effect = step.effects.iter().find(|one| matches!(one, Effect::Payment { action, .. } if *action == wanted));
    effect.unwrap_or_else(|| panic!("{step:?}")).id()
}

fn answer(world: &mut World, effect: EffectId, answer: PluginResult<PaymentAnswer>) -> Step {
    world.engine.step(Input::Answer { effect, answer: EffectAnswer::Payment(answer) }, &mut world.env)
}

fn says(state: PaymentState, approved_minor: i64) -> PluginResult<PaymentAnswer> {
    Ok(PaymentAnswer { state, approved_minor, ..Default::default() })
}

fn result(step: &Step, of: CommandId) -> Option<&EngineResult<Reply>> {
    step.events.iter().find_map(|event| match event {
        Event::Done { command, result } if *command == of => Some(result),
        _ => None,
    })
}

/// Asks to stop as a session; what came of it, and the effects that are to be stopped.
fn cancel_as(world: &mut World, session: Option<SessionId>) -> (EngineResult<Reply>, Vec<EffectId>) {
    let id = CommandId(901);
    let step = world.engine.step(Input::Command { id, session, command: Command::CancelPayment }, &mut world.env);
    assert!(step.effects.is_empty(), "nothing is asked of anybody: {step:?}");
    let told = step.events.iter().filter_map(|event| match event {
        Event::PaymentCancelling { payment, .. } => Some(*payment),
        _ => None,
    });
    (result(&step, id).unwrap_or_else(|| panic!("answered at once: {step:?}")).clone(), told.collect())
}

fn cancel(world: &mut World) -> (EngineResult<Reply>, Vec<EffectId>) {
    let session = world.session;
    cancel_as(world, session)
}

#[test]
fn it_reaches_the_payment_that_goes_on_and_says_so_once() {
    let mut world = World::new();
    let effect = paying(&mut world);
    assert!(!ticket(&mut world, Command::ShowTicket).unwrap().cancelling);
    assert_eq!(cancel(&mut world), (Ok(Reply::Done), vec![effect]));
    assert!(ticket(&mut world, Command::ShowTicket).unwrap().cancelling);
    assert_eq!(cancel(&mut world), (Ok(Reply::Done), vec![]), "asking twice is asking once");
    assert_eq!(world.intents(), ["sent"], "the wish is no outcome");
}

#[test]
fn the_answer_decides_and_not_the_wish() {
    let check = |said: PluginResult<PaymentAnswer>, code: Option<Code>, intents: &str| {
        let mut world = World::new();
        let effect = paying(&mut world);
        cancel(&mut world).0.unwrap();
        let step = answer(&mut world, effect, said);
        let told = result(&step, PAYING).unwrap_or_else(|| panic!("{step:?}")).clone();
        match code {
            Some(code) => {
                refused(told, code);
                let open = ticket(&mut world, Command::ShowTicket).unwrap();
                assert!(!open.cancelling && !open.payment_unknown && open.tenders.is_empty(), "{open:?}");
                sale(&mut world, Command::Tender(pay(&[("cash", 0)]).remove(0))).unwrap();
            }
            None => assert!(matches!(told, Ok(Reply::Sale(_))), "{told:?}"),
        }
        assert_eq!(world.intents(), [intents]);
        world.check();
    };
    check(says(PaymentState::Approved, 1000), None, "approved");
    check(says(PaymentState::Aborted, 0), Some(Code::Declined), "aborted");
    check(says(PaymentState::Declined, 0), Some(Code::Declined), "declined");
}

#[test]
fn silence_after_it_is_unknown_and_is_asked_about() {
    let mut world = World::new();
    let effect = paying(&mut world);
    cancel(&mut world).0.unwrap();
    let step = answer(&mut world, effect, Err(PluginError::new(ErrorCode::Timeout, "silence")));
    let asking = effect_of(&step, PaymentAction::QueryStatus);
    refused(cancel(&mut world).0, Code::NothingToCancel);
    let step = answer(&mut world, asking, says(PaymentState::Unknown, 0));
    refused(result(&step, PAYING).unwrap().clone(), Code::PaymentUnknown);
    let open = ticket(&mut world, Command::ShowTicket).unwrap();
    assert!(open.payment_unknown && !open.cancelling, "{open:?}");
    refused(cancel(&mut world).0, Code::NothingToCancel);
    // Asked once more it turns out to be paid, whatever was wished.
    world.answers.push_back(says(PaymentState::Approved, 1000));
    sale(&mut world, Command::AskPayment).unwrap();
}

#[test]
fn a_later_payment_is_another_one() {
    let mut world = World::new();
    let first = paying(&mut world);
    assert_eq!(cancel(&mut world).1, [first]);
    answer(&mut world, first, says(PaymentState::Aborted, 0));
    let second = effect_of(&begin(&mut world, Command::Tender(pay(&[("card", 0)]).remove(0))), PaymentAction::Begin);
    assert_ne!(first, second);
    assert!(!ticket(&mut world, Command::ShowTicket).unwrap().cancelling);
    assert_eq!(cancel(&mut world).1, [second]);
}

#[test]
fn where_nothing_goes_on_it_is_refused() {
    let mut world = World::new();
    refused(cancel(&mut world).0, Code::NothingToCancel);
    let effect = paying(&mut world);
    let step = answer(&mut world, effect, says(PaymentState::Approved, 1000));
    assert!(matches!(result(&step, PAYING), Some(Ok(Reply::Sale(_)))), "{step:?}");
    refused(cancel(&mut world).0, Code::NothingToCancel);
}

#[test]
fn only_from_the_session_that_pays_while_it_is_open_and_may_sell() {
    let mut world = World::new();
    let add = |name: &str, role: &str, pin: &str| {
        Command::People(PeopleCommand::Add { name: name.to_owned(), role: role.to_owned(), pin: pin.to_owned() })
    };
    world.run(add("Tom", "cashier", "2580")).unwrap();
    let effect = paying(&mut world);
    let mia = world.session;
    world.sign_in("Tom", "2580").unwrap();
    refused(cancel(&mut world).0, Code::NothingToCancel);
    refused(cancel_as(&mut world, None).0, Code::SignedOut);
    refused(cancel_as(&mut world, Some(SessionId(77))).0, Code::SignedOut);
    world.session = mia;
    world.run(Command::Lock).unwrap();
    refused(cancel(&mut world).0, Code::SessionLocked);
    world.run(Command::Unlock { pin: PIN.into() }).unwrap();
    // The right is looked at now, not when the payment began.
    let role = |world: &mut World, rights| {
        let open = world.engine.sessions.get_mut(&mia.unwrap()).unwrap();
        std::mem::replace(&mut open.operator.role.permissions, rights)
    };
    let rights = role(&mut world, Default::default());
    refused(cancel(&mut world).0, Code::NotAllowed);
    role(&mut world, rights);
    assert_eq!(cancel(&mut world).1, [effect]);
}

#[test]
fn whole_sales_and_refunds_too() {
    let mut world = World::new();
    let step = begin(&mut world, Command::Sell(request(&["4"], &[("card", 0)])));
    let effect = effect_of(&step, PaymentAction::Begin);
    assert_eq!(cancel(&mut world).1, [effect]);
    let step = answer(&mut world, effect, says(PaymentState::Aborted, 0));
    refused(result(&step, PAYING).unwrap().clone(), Code::Declined);
    assert_eq!(world.rows("sale"), 0);
    let receipt_no = world.sell(&["4"], &[("card", 0)]).unwrap().receipt_no().to_string();
    let back = RefundRequest { receipt_no, tenders: pay(&[("card", 0)]), ..Default::default() };
    let effect = effect_of(&begin(&mut world, Command::Refund(back)), PaymentAction::Refund);
    assert_eq!(cancel(&mut world).1, [effect]);
}
