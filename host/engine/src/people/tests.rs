//! Signing in, lockout and the commands, against a shop on the reference store.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::command::people::PeopleCommand;
use crate::command::{Command, Reply};
use crate::error::{Code, Detail, EngineResult};
use crate::queries::fixture::{MANAGER, TestShop};
use crate::queries::operators;
use aurapos_domain::calendar::SECOND_US;

fn people(shop: &mut TestShop, command: PeopleCommand) -> EngineResult<Operator> {
    match shop.call(Command::People(command))? {
        Reply::People(reply) => Ok(reply.operator),
        other => panic!("another reply: {other:?}"),
    }
}

fn add(shop: &mut TestShop, name: &str, role: &str) -> EngineResult<Operator> {
    let (name, role) = (name.to_owned(), role.to_owned());
    people(shop, PeopleCommand::Add { name, role, pin: "2580".to_owned() })
}

fn code(result: EngineResult<impl std::fmt::Debug>) -> &'static str {
    result.unwrap_err().code
}

#[test]
fn names_match_in_any_case_and_without_accents() {
    let mut shop = TestShop::new();
    add(&mut shop, "Zoé", "cashier").unwrap();
    shop.sign_in("zoe", "2580").unwrap();
    assert_eq!(code(shop.sign_in("nobody", "2580")), Code::WrongPin.text());
    let error = shop.sign_in("zoe", "2581").unwrap_err();
    assert_eq!((error.code, error.message.as_str()), (Code::WrongPin.text(), "The name or the PIN is wrong."));
}

#[test]
fn ten_wrong_pins_lock_and_a_restart_does_not_unlock() {
    let mut shop = TestShop::new();
    for attempt in 1..=4 {
        assert_eq!(code(shop.sign_in(MANAGER.0, "0001")), Code::WrongPin.text(), "attempt {attempt}");
    }
    assert_eq!(code(shop.sign_in(MANAGER.0, "0001")), Code::LockedOut.text(), "the fifth wrong PIN locks");
    for _ in 6..=10 {
        assert_eq!(code(shop.sign_in(MANAGER.0, "0001")), Code::LockedOut.text());
    }
    assert_eq!(code(shop.sign_in(MANAGER.0, MANAGER.1)), Code::LockedOut.text(), "the right PIN does not help");
    let mut shop = shop.restarted();
    let error = shop.sign_in(MANAGER.0, MANAGER.1).unwrap_err();
    assert_eq!(error.code, Code::LockedOut.text(), "nor does a restart");
    assert!(error.message.starts_with("Mia is locked out after wrong PINs, for "), "{}", error.message);
    shop.env.now.0 += 3_600 * SECOND_US;
    shop.sign_in(MANAGER.0, MANAGER.1).unwrap();
    assert_eq!(operators(&shop.store, shop.env.now).unwrap()[0].failures, 0, "the right PIN starts the count again");
}

#[test]
fn an_error_tells_how_many_tries_are_left_and_how_long_the_lock_lasts() {
    let mut shop = TestShop::new();
    let detail = |shop: &mut TestShop| shop.sign_in(MANAGER.0, "0001").unwrap_err().detail.map(|detail| *detail);
    for left in [4, 3, 2, 1] {
        assert_eq!(detail(&mut shop), Some(Detail::WrongPin { tries_left: left }));
        assert_eq!(operators(&shop.store, shop.env.now).unwrap()[0].tries_left, left);
    }
    assert_eq!(detail(&mut shop), Some(Detail::LockedOut { seconds_left: 30 }));
    shop.env.now.0 += SECOND_US / 2;
    assert_eq!(detail(&mut shop), Some(Detail::LockedOut { seconds_left: 29 }), "rounded up");
    let seen = &operators(&shop.store, shop.env.now).unwrap()[0];
    assert_eq!((seen.tries_left, seen.locked_us), (0, Some(28 * SECOND_US + SECOND_US / 2)), "seen before trying");
    assert_eq!(shop.sign_in("nobody", "0001").unwrap_err().detail, None, "nothing is told of who is not there");
}

#[test]
fn a_clock_set_back_does_not_unlock_early() {
    let mut shop = TestShop::new();
    (0..5).for_each(|_| drop(shop.sign_in(MANAGER.0, "0001")));
    shop.env.now.0 -= 365 * 24 * 3_600 * SECOND_US;
    assert_eq!(code(shop.sign_in(MANAGER.0, MANAGER.1)), Code::LockedOut.text());
    let mut shop = shop.restarted();
    assert_eq!(code(shop.sign_in(MANAGER.0, MANAGER.1)), Code::LockedOut.text());
    shop.env.now.0 += 31 * SECOND_US;
    shop.sign_in(MANAGER.0, MANAGER.1).unwrap();
}

#[test]
fn a_remembered_pin_knows_locks_rights_and_resets() {
    let mut shop = TestShop::new();
    add(&mut shop, "Zoé", "cashier").unwrap();
    let manager = shop.session;
    shop.sign_in("Zoé", "2580").unwrap();
    let cashier = shop.session;
    // The PIN was verified in this run; what follows is asked of the store each time.
    (0..5).for_each(|_| drop(shop.call_as(cashier, Command::Unlock { pin: "9999".into() })));
    assert_eq!(code(shop.call_as(cashier, Command::Unlock { pin: "2580".into() })), Code::LockedOut.text());
    shop.session = manager;
    people(&mut shop, PeopleCommand::ResetPin { name: "Zoé".to_owned(), pin: "1470".to_owned() }).unwrap();
    assert_eq!(code(shop.call_as(cashier, Command::Unlock { pin: "2580".into() })), Code::WrongPin.text());
    shop.call_as(cashier, Command::Unlock { pin: "1470".into() }).unwrap();
    people(&mut shop, PeopleCommand::Disable { name: "Zoé".to_owned() }).unwrap();
    assert_eq!(code(shop.call_as(cashier, Command::Unlock { pin: "1470".into() })), Code::WrongPin.text());
}

#[test]
fn operators_are_added_changed_and_refused() {
    let mut shop = TestShop::new();
    add(&mut shop, "Tom", "cashier").unwrap();
    assert_eq!(code(add(&mut shop, "tom", "cashier")), Code::OperatorExists.text());
    assert_eq!(code(add(&mut shop, "Ann", "boss")), Code::NoSuchRole.text());
    assert_eq!(code(add(&mut shop, "  ", "cashier")), Code::BadOperator.text());
    let easy = PeopleCommand::Add { name: "Ann".to_owned(), role: "cashier".to_owned(), pin: "1234".to_owned() };
    assert_eq!(code(people(&mut shop, easy)), Code::BadOperator.text());
    assert_eq!(code(people(&mut shop, PeopleCommand::Disable { name: "Bob".to_owned() })), Code::NoSuchOperator.text());
    people(&mut shop, PeopleCommand::Disable { name: "Tom".to_owned() }).unwrap();
    assert_eq!(code(shop.sign_in("Tom", "2580")), Code::WrongPin.text());
    people(&mut shop, PeopleCommand::Enable { name: "Tom".to_owned() }).unwrap();
    shop.sign_in("Tom", "2580").unwrap();
    assert_eq!(code(add(&mut shop, "Eve", "cashier")), Code::NotAllowed.text(), "a cashier adds nobody");
    let own = PeopleCommand::ResetPin { name: "Tom".to_owned(), pin: "1470".to_owned() };
    people(&mut shop, own).unwrap();
    let other = PeopleCommand::ResetPin { name: "Mia".to_owned(), pin: "1470".to_owned() };
    assert_eq!(code(people(&mut shop, other)), Code::NotAllowed.text());
}

#[test]
fn the_last_manager_stays() {
    let mut shop = TestShop::new();
    let disable = PeopleCommand::Disable { name: "Mia".to_owned() };
    assert_eq!(code(people(&mut shop, disable.clone())), Code::LastManager.text());
    let demote = PeopleCommand::SetRole { name: "Mia".to_owned(), role: "cashier".to_owned() };
    assert_eq!(code(people(&mut shop, demote)), Code::LastManager.text());
    add(&mut shop, "Ann", "manager").unwrap();
    people(&mut shop, disable).unwrap();
}

#[test]
fn a_sole_locked_manager_is_helped_from_the_machine_and_nobody_else() {
    let mut shop = TestShop::new();
    add(&mut shop, "Tom", "cashier").unwrap();
    let rescue =
        |name: &str| Command::People(PeopleCommand::RescueManager { name: name.to_owned(), pin: "1470".to_owned() });
    assert_eq!(code(shop.call_as(None, rescue("Mia"))), Code::NotAllowed.text(), "not locked");
    assert_eq!(code(shop.call_as(None, rescue("Tom"))), Code::NotAllowed.text(), "no manager");
    (0..5).for_each(|_| drop(shop.sign_in("Mia", "0001")));
    shop.sign_in("Tom", "2580").unwrap();
    assert_eq!(code(shop.call(rescue("Mia"))), Code::NotAllowed.text(), "a cashier who locked her out on purpose");
    shop.call_as(None, rescue("Mia")).unwrap();
    shop.sign_in("Mia", "1470").unwrap();
    add(&mut shop, "Ann", "manager").unwrap();
    (0..5).for_each(|_| drop(shop.sign_in("Mia", "0001")));
    assert_eq!(code(shop.call_as(None, rescue("Mia"))), Code::NotAllowed.text(), "another manager can help");
    let add = PeopleCommand::Add { name: "Eve".to_owned(), role: "cashier".to_owned(), pin: "2580".to_owned() };
    assert_eq!(
        code(shop.call_as(None, Command::People(add))),
        Code::SignedOut.text(),
        "nobody adds without signing in"
    );
}

#[test]
fn pins_do_not_show_in_debug() {
    let command = PeopleCommand::ResetPin { name: "Mia".to_owned(), pin: "4711".to_owned() };
    assert!(!format!("{command:?}").contains("4711"));
    let sign_in = Command::SignIn { operator: "Mia".to_owned(), pin: "4711".into() };
    let new = crate::setup::NewShop { name: "Chez Mia".to_owned(), pin: "4711".to_owned(), ..Default::default() };
    let input = crate::Input::Command { id: crate::CommandId(1), session: None, command: sign_in.clone() };
    for shown in [
        format!("{sign_in:?} {sign_in:#?}"),
        format!("{:?}", Command::Unlock { pin: "4711".into() }),
        format!("{input:?}"),
        format!("{new:?} {new:#?}"),
    ] {
        assert!(!shown.contains("4711"), "{shown}");
    }
    assert!(format!("{new:?}").contains("Chez Mia"), "the rest is shown");
}
