//! Roles as rows: who may make what of them, and what becomes of those who are signed in with one.

#![allow(clippy::unwrap_used)]

use aurapos_contract::Value;
use aurapos_domain::journal::EntryKind;
use aurapos_domain::people::{Operator, Permission, PermissionSet};

use crate::command::people::{PeopleCommand, RoleChange};
use crate::command::{Command, Reply, SessionId};
use crate::error::{Code, EngineResult};
use crate::event::Event;
use crate::queries::{self, RoleOrigin, RoleView};
use crate::rights::Deed;
use crate::testing::{PIN, World, request};

const OTHER_PIN: &str = "2580";

fn set(codes: &str) -> PermissionSet {
    codes.split_whitespace().fold(PermissionSet::NONE, |set, code| set.with(Permission::from_code(code).unwrap()))
}

/// `allow` and `deny` as codes; a name for a new role.
fn change(code: &str, name: Option<&str>, allow: &str, deny: &str) -> Command {
    let (code, name) = (code.to_owned(), name.map(str::to_owned));
    Command::People(PeopleCommand::SaveRole(RoleChange { code, name, allow: set(allow), deny: set(deny) }))
}

fn role(reply: EngineResult<Reply>) -> EngineResult<Option<RoleView>> {
    match reply? {
        Reply::Role(role) => Ok(role.map(|role| *role)),
        other => panic!("another reply: {other:?}"),
    }
}

fn add(world: &mut World, name: &str, role: &str) -> EngineResult<Operator> {
    let add = PeopleCommand::Add { name: name.to_owned(), role: role.to_owned(), pin: OTHER_PIN.to_owned() };
    person(world.run(Command::People(add)))
}

fn person(reply: EngineResult<Reply>) -> EngineResult<Operator> {
    match reply? {
        Reply::People(reply) => Ok(reply.operator),
        other => panic!("another reply: {other:?}"),
    }
}

fn set_role(world: &mut World, name: &str, role: &str) -> EngineResult<Operator> {
    let command = PeopleCommand::SetRole { name: name.to_owned(), role: role.to_owned() };
    person(world.run(Command::People(command)))
}

fn remove(world: &mut World, code: &str) -> EngineResult<Option<RoleView>> {
    role(world.run(Command::People(PeopleCommand::RemoveRole { code: code.to_owned() })))
}

fn told(result: EngineResult<impl std::fmt::Debug>) -> (&'static str, String) {
    let error = result.unwrap_err();
    (error.code, error.message)
}

fn code(result: EngineResult<impl std::fmt::Debug>) -> &'static str {
    result.unwrap_err().code
}

/// A shop in which Ben has the role `shift`, which sells and manages operators; the manager is signed in.
fn with_shift() -> (World, SessionId, SessionId) {
    let mut world = World::new();
    let mia = world.session.unwrap();
    world.run(change("shift", Some("Shift lead"), "sell manage_operators reprint", "")).unwrap();
    add(&mut world, "Ben", "shift").unwrap();
    let ben = world.sign_in("Ben", OTHER_PIN).unwrap();
    world.session = Some(mia);
    (world, mia, ben)
}

#[test]
fn a_role_is_made_changed_and_removed_and_each_is_journaled() {
    let mut world = World::new();
    let made = role(world.run(change("shift", Some(" Shift lead "), "sell refund", ""))).unwrap().unwrap();
    assert_eq!((made.name.as_str(), made.origin), ("Shift lead", RoleOrigin::Own));
    assert_eq!(made.permissions.to_string(), "refund sell");
    let changed = role(world.run(change("shift", None, "discount", "refund"))).unwrap().unwrap();
    assert_eq!((changed.name.as_str(), changed.permissions.to_string().as_str()), ("Shift lead", "discount sell"));
    let before = world.rows("journal");
    world.run(change("shift", None, "discount", "refund")).unwrap();
    assert_eq!(world.rows("journal"), before, "nothing changed, nothing is told");
    assert_eq!(remove(&mut world, "shift").unwrap(), None);
    assert_eq!(code(add(&mut world, "Ben", "shift")), Code::NoSuchRole.text());
    let told = world.kinds().into_iter().filter(|kind| *kind == EntryKind::ROLE_CHANGED).count();
    assert_eq!(told, 3);
    let again = role(world.run(change("shift", Some("Again"), "sell", ""))).unwrap().unwrap();
    assert_eq!(again.permissions.to_string(), "sell", "nothing of the removed one is left");
    world.check();
}

#[test]
fn what_can_be_no_role_is_refused() {
    let mut world = World::new();
    let bad = Code::BadRole.text();
    assert_eq!(code(world.run(change("manager", None, "", "sell"))), bad, "somebody must be able to help");
    assert_eq!(code(remove(&mut world, "manager")), bad);
    assert_eq!(code(remove(&mut world, "cashier")), bad, "it is as every shop starts with");
    assert_eq!(code(remove(&mut world, "owner")), Code::NoSuchRole.text());
    assert_eq!(code(world.run(change("Shift", Some("Shift"), "", ""))), bad);
    assert_eq!(code(world.run(change("shift", None, "sell", ""))), bad, "a mistyped code makes no role");
    assert_eq!(code(world.run(change("shift", Some("  "), "sell", ""))), bad);
    assert_eq!(code(world.run(change("shift", Some("Shift"), "sell", "sell"))), bad);
    world.run(change("shift", Some("Shift"), "sell", "")).unwrap();
    assert_eq!(code(world.run(change("late", Some("SHIFT"), "sell", ""))), bad, "one name, one role");
    assert_eq!(code(world.run(change("late", Some("Manager"), "sell", ""))), bad, "nobody is taken in by a name");
    for number in queries::roles(world.store.as_ref()).unwrap().len()..super::roles::ROLES_MAX {
        world.run(change(&format!("r{number}"), Some(&format!("R{number}")), "", "")).unwrap();
    }
    assert_eq!(code(world.run(change("late", Some("Late"), "", ""))), bad, "a list that somebody looks through");
}

#[test]
fn the_cashiers_role_may_be_changed_and_becomes_again_what_it_was() {
    let mut world = World::new();
    add(&mut world, "Tom", "cashier").unwrap();
    let mia = world.session;
    let tom = world.sign_in("Tom", OTHER_PIN).unwrap();
    let rights = world.engine.rights();
    let may = |deed: Deed| rights.allow(Some(tom), deed.need()).is_ok();
    assert!(!may(Deed::SeeAllSales));
    world.session = mia;
    let changed = role(world.run(change("cashier", None, "see_all_sales", "reprint"))).unwrap().unwrap();
    assert_eq!((changed.origin, changed.people), (RoleOrigin::Changed, vec!["Tom".to_owned()]));
    assert!(may(Deed::SeeAllSales) && !may(Deed::FindReceipt), "at once, on every thread");
    let back = remove(&mut world, "cashier").unwrap().unwrap();
    assert_eq!(back.origin, RoleOrigin::BuiltIn);
    assert!(!may(Deed::SeeAllSales) && may(Deed::FindReceipt));
}

#[test]
fn whoever_is_signed_in_has_what_the_role_allows_now() {
    let (mut world, mia, ben) = with_shift();
    world.session = Some(ben);
    world.sell_request(request(&["2"], &[("cash", 0)])).unwrap();
    world.session = Some(mia);
    world.clear();
    world.run(change("shift", None, "", "sell")).unwrap();
    let heard = world.events.iter().find_map(|event| match event {
        Event::RightsChanged { session, operator } => Some((*session, operator.permissions)),
        _ => None,
    });
    assert_eq!(heard, Some((ben, set("manage_operators reprint"))));
    world.session = Some(ben);
    assert_eq!(code(world.sell_request(request(&["2"], &[("cash", 0)]))), Code::NotAllowed.text());
    // A PIN that was verified before gives nothing back either.
    world.run(Command::Lock).unwrap();
    world.run(Command::Unlock { pin: OTHER_PIN.into() }).unwrap();
    assert_eq!(code(world.sell_request(request(&["2"], &[("cash", 0)]))), Code::NotAllowed.text());
    let mut world = world.reopen("t1");
    let again = world.sign_in("Ben", OTHER_PIN).unwrap();
    assert_eq!(code(world.sell_request(request(&["2"], &[("cash", 0)]))), Code::NotAllowed.text());
    assert!(world.engine.rights().allow(Some(again), Deed::SeeOperators.need()).is_ok());
}

#[test]
fn nobody_gives_or_takes_what_they_have_not() {
    let (mut world, mia, ben) = with_shift();
    add(&mut world, "Tom", "cashier").unwrap();
    world.run(change("back", Some("Back office"), "backup restore", "")).unwrap();
    world.session = Some(ben);
    let not = Code::NotAllowed.text();
    let missing = |right: &str| (not, format!("Ben may not do this (it needs the right \"{right}\")."));
    assert_eq!(told(world.run(change("shift", None, "refund", ""))), missing("refund"));
    assert_eq!(told(world.run(change("own", Some("Own"), "sell restore", ""))), missing("restore"));
    assert_eq!(told(world.run(change("cashier", None, "", "void_line"))), missing("void line"), "nor takes it away");
    assert_eq!(told(remove(&mut world, "back")), missing("backup"), "nor with the whole role");
    assert_eq!(code(add(&mut world, "Eve", "manager")), not);
    assert_eq!(code(set_role(&mut world, "Ben", "manager")), not);
    assert_eq!(code(set_role(&mut world, "Mia", "shift")), not, "nobody is brought down by who is below");
    let people = |command: PeopleCommand| Command::People(command);
    let name = |name: &str| name.to_owned();
    assert_eq!(code(world.run(people(PeopleCommand::Disable { name: name("Mia") }))), not);
    let pin = |who: &str| people(PeopleCommand::ResetPin { name: name(who), pin: name("1470") });
    assert_eq!(code(world.run(pin("Mia"))), not, "her PIN is all that she may");
    assert_eq!(code(world.run(pin("Tom"))), not, "a cashier may cancel lines");
    world.run(pin("Ben")).unwrap();
    world.run(change("own", Some("Own"), "sell", "")).unwrap();
    add(&mut world, "Eve", "own").unwrap();
    world.run(pin("Eve")).unwrap();
    remove(&mut world, "own").unwrap_err();
    set_role(&mut world, "Eve", "shift").unwrap();
    remove(&mut world, "own").unwrap();
    // All that there is today is not what a manager has.
    world.session = Some(mia);
    let all = Permission::ALL.iter().map(|right| right.code()).collect::<Vec<_>>().join(" ");
    world.run(change("all", Some("All"), &all, "")).unwrap();
    set_role(&mut world, "Ben", "all").unwrap();
    world.session = Some(ben);
    assert_eq!(
        told(set_role(&mut world, "Ben", "manager")),
        (not, "Ben may not do this (only a manager decides about managers).".to_owned())
    );
    assert_eq!(code(world.run(pin("Mia"))), not);
}

#[test]
fn a_role_that_somebody_has_is_not_removed() {
    let (mut world, ..) = with_shift();
    assert_eq!(
        told(remove(&mut world, "shift")),
        (Code::RoleInUse.text(), "The role shift is that of Ben.".to_owned())
    );
    for name in ["Ann", "Eve", "Zoe"] {
        add(&mut world, name, "shift").unwrap();
    }
    assert_eq!(told(remove(&mut world, "shift")).1, "The role shift is that of Ann, Ben, Eve and 1 more.");
    for name in ["Ann", "Ben", "Eve", "Zoe"] {
        world.run(Command::People(PeopleCommand::Disable { name: name.to_owned() })).unwrap();
    }
    remove(&mut world, "shift").unwrap();
    world.run(Command::People(PeopleCommand::Enable { name: "Ben".to_owned() })).unwrap();
    let missing = queries::roles(world.store.as_ref()).unwrap().pop().unwrap();
    assert_eq!((missing.code.as_str(), missing.origin), ("shift", RoleOrigin::Missing));
    assert_eq!(missing.people, ["Ben"]);
    world.sign_in("Ben", OTHER_PIN).unwrap();
    assert_eq!(code(world.sell_request(request(&["2"], &[("cash", 0)]))), Code::NotAllowed.text());
}

#[test]
fn who_only_manages_operators_is_no_last_manager() {
    let (mut world, ..) = with_shift();
    let disable = Command::People(PeopleCommand::Disable { name: "Mia".to_owned() });
    assert_eq!(code(world.run(disable)), Code::LastManager.text(), "Ben could never give again what only Mia has");
    assert_eq!(code(set_role(&mut world, "Mia", "shift")), Code::LastManager.text());
    // And when she is locked out, he cannot help: the machine's owner can.
    (0..5).for_each(|_| drop(world.sign_in("Mia", "0001")));
    world.session = None;
    let rescue = PeopleCommand::RescueManager { name: "Mia".to_owned(), pin: "1470".to_owned() };
    world.run(Command::People(rescue)).unwrap();
    world.sign_in("Mia", "1470").unwrap();
}

#[test]
fn rights_of_a_newer_program_stay_where_they_are() {
    let (mut world, mia, ben) = with_shift();
    world.edit_elsewhere("role", "shift", &[("permissions", "fly manage_operators sell".into())]);
    let stored = |world: &World| world.stored("role", "shift", "permissions");
    world.run(change("shift", None, "refund", "sell")).unwrap();
    assert_eq!(stored(&world), Value::from("fly manage_operators refund"));
    // Ben may fly where that is known, so that he may give it; nobody gives him what only another role has.
    world.edit_elsewhere("role", "pilot", &[("name", "Pilot".into()), ("permissions", "fly".into())]);
    world.edit_elsewhere("role", "diver", &[("name", "Diver".into()), ("permissions", "dive".into())]);
    world.session = Some(ben);
    add(&mut world, "Eve", "pilot").unwrap();
    assert_eq!(
        told(add(&mut world, "Zoe", "diver")),
        (Code::NotAllowed.text(), "Ben may not do this (it needs the right \"dive\" of a newer program).".to_owned())
    );
    world.session = Some(mia);
    add(&mut world, "Zoe", "diver").unwrap();
    assert_eq!(stored(&world), Value::from("fly manage_operators refund"));
    world.check();
}

#[test]
fn what_another_register_makes_of_a_role_is_in_force_at_once() {
    let (mut world, _, ben) = with_shift();
    let rights = world.engine.rights();
    let may = |deed: Deed| rights.allow(Some(ben), deed.need()).is_ok();
    assert!(may(Deed::SeeOperators));
    world.clear();
    world.edit_elsewhere("role", "shift", &[("permissions", "sell restore".into())]);
    assert!(!may(Deed::SeeOperators) && may(Deed::Restore), "also on other threads");
    assert!(world.events.iter().any(|event| matches!(event, Event::RightsChanged { session, .. } if *session == ben)));
    world.edit_elsewhere("role", "shift", &[("deleted", Value::Bool(true))]);
    assert!(!may(Deed::Restore), "a role that was removed allows nothing");
    world.edit_elsewhere("role", "manager", &[("permissions", "".into())]);
    let own = queries::roles(world.store.as_ref()).unwrap().remove(0);
    assert_eq!((own.code.as_str(), own.permissions.known), ("manager", set_of_all()), "whatever is stored");
    world.run(change("late", Some("Late"), "restore", "")).unwrap();
    let id = world.engine.sessions[&ben].operator.id.uuid();
    world.edit_elsewhere("operator", id, &[("role", "late".into())]);
    assert!(may(Deed::Restore));
    world.edit_elsewhere("operator", id, &[("role", "of_tomorrow".into())]);
    assert!(!may(Deed::Restore) && may(Deed::SeeOwnSales), "signed in, and no more");
    assert_eq!(world.stored("operator", id, "role"), Value::from("of_tomorrow"));
    world.edit_elsewhere("operator", id, &[("deleted", Value::Bool(true))]);
    assert!(!may(Deed::SeeOwnSales), "whoever is deleted may nothing at all");
}

#[test]
fn a_shop_that_was_left_without_a_manager_gets_one_from_the_machine() {
    let (mut world, ..) = with_shift();
    let mia = crate::rows::people::operator_named(world.store.as_ref(), "Mia").unwrap().unwrap().operator.id.uuid();
    world.session = None;
    let rescue =
        |name: &str| Command::People(PeopleCommand::RescueManager { name: name.to_owned(), pin: "1470".to_owned() });
    assert_eq!(code(world.run(rescue("Ben"))), Code::NotAllowed.text(), "Mia can help");
    world.edit_elsewhere("operator", mia, &[("active", Value::Bool(false))]);
    let ben = person(world.run(rescue("Ben"))).unwrap();
    assert!(ben.role.is_manager() && ben.active);
    world.sign_in("Ben", "1470").unwrap();
    world.run(Command::People(PeopleCommand::Enable { name: "Mia".to_owned() })).unwrap();
    world.sign_in("Mia", PIN).unwrap();
}

fn set_of_all() -> PermissionSet {
    PermissionSet::of(Permission::ALL)
}
