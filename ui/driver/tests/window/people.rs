//! Operators are added, sign in, get another PIN and role, and are disabled.

use crate::support::{Shop, sample};
use aurapos_runtime::domain::people::Permission;
use aurapos_ui::markup::{PeopleFault, PeopleSaid, RoleFault, RoleStays, Screen};
use aurapos_ui::presenter::operators;
use aurapos_ui_driver::place::MANAGER;
use slint::platform::Key;

/// The manager at the operators.
fn at_operators() -> Shop {
    let shop = sample();
    shop.type_text(MANAGER.1);
    shop.key(Key::Return);
    shop.act(|shell| shell.go_home(Screen::Sale));
    shop.act(|shell| shell.go(Screen::Operators));
    shop
}

fn fill(shop: &Shop, field: &str, text: &str) {
    shop.tap(field);
    shop.type_text(text);
}

fn said(shop: &Shop) -> Option<PeopleSaid> {
    shop.shell(|shell| shell.operators.said.as_ref().map(|said| said.0))
}

/// Adds a cashier.
fn add(shop: &Shop, name: &str, pin: &str) {
    shop.tap("New operator");
    shop.type_text(name);
    shop.key(Key::Return);
    shop.type_text(pin);
    shop.key(Key::Return);
    shop.type_text(pin);
    shop.key(Key::Return);
    assert_eq!(said(shop), Some(PeopleSaid::Added), "{:#?}", shop.names());
}

/// Signs the manager out and somebody else in.
fn sign_in(shop: &Shop, name: &str, pin: &str) {
    shop.act(aurapos_ui::presenter::sign_in::sign_out);
    assert_eq!(shop.screen(), Screen::SignIn, "{:#?}", shop.names());
    shop.tap(name);
    shop.type_text(pin);
    shop.key(Key::Return);
}

#[test]
fn somebody_new_signs_in_and_may_not_manage_operators() {
    let shop = at_operators();
    add(&shop, "Jan Peeters", "2580");
    sign_in(&shop, "Jan Peeters", "2580");
    let who = shop.shell(|shell| shell.session.as_ref().map(|session| session.operator.name.clone()));
    assert_eq!(who.as_deref(), Some("Jan Peeters"), "{:#?}", shop.names());
    let before = shop.screen();
    shop.act(|shell| shell.go(Screen::Operators));
    assert_eq!(shop.screen(), before, "a cashier adds nobody");
}

#[test]
fn who_is_disabled_is_asked_about_first_and_cannot_sign_in() {
    let shop = at_operators();
    add(&shop, "Jan Peeters", "2580");
    shop.tap("Disable");
    assert!(shop.sees("Disable Jan Peeters?"), "{:#?}", shop.names());
    shop.tap("Cancel");
    assert!(shop.shell(|shell| operators::view(shell).person.active));
    shop.tap("Disable");
    // The button of the question lies over the one that asked it.
    shop.act(operators::confirm);
    assert_eq!(said(&shop), Some(PeopleSaid::Disabled));
    assert!(!shop.shell(|shell| operators::view(shell).person.active));
    shop.act(aurapos_ui::presenter::sign_in::sign_out);
    assert!(!shop.sees("Jan Peeters"), "{:#?}", shop.names());
    shop.type_text(MANAGER.1);
    shop.key(Key::Return);
    shop.act(|shell| shell.go(Screen::Operators));
    shop.tap("Jan Peeters");
    shop.tap("Enable again");
    assert_eq!(said(&shop), Some(PeopleSaid::Enabled));
}

#[test]
fn oneself_and_the_last_manager_stay() {
    let shop = at_operators();
    let view = shop.shell(operators::view);
    assert!(view.person.oneself && view.person.last_manager, "{view:?}");
    shop.tap("Disable");
    assert!(!shop.sees("Disable Sofie"), "{:#?}", shop.names());
    assert!(shop.names().iter().any(|name| name.contains("last manager")), "{:#?}", shop.names());
}

#[test]
fn what_is_wrong_with_a_pin_is_said_at_its_field() {
    let shop = at_operators();
    shop.tap("New operator");
    shop.type_text("Sofie Vermeulen");
    fill(&shop, "PIN once more", "4712");
    shop.tap("Add");
    let faults = || {
        shop.shell(|shell| {
            let form = &shell.operators.form;
            (form.name_fault, form.pin_fault, form.again_fault)
        })
    };
    assert_eq!(faults(), (PeopleFault::Taken, PeopleFault::Empty, PeopleFault::None));
    fill(&shop, "PIN", "1234");
    shop.key(Key::Return);
    shop.key(Key::Return);
    assert_eq!(faults().1, PeopleFault::InARow);
    shop.key(Key::Escape);
    assert!(shop.shell(|shell| shell.operators.form.pin.is_empty()), "what was typed is forgotten");
}

#[test]
fn another_pin_and_another_role_count_from_now_on() {
    let shop = at_operators();
    add(&shop, "Jan Peeters", "2580");
    shop.tap("New PIN");
    shop.type_text("3690");
    shop.key(Key::Return);
    shop.type_text("3690");
    shop.key(Key::Return);
    assert_eq!(said(&shop), Some(PeopleSaid::Pin), "{:#?}", shop.names());
    shop.tap("Change the role");
    shop.tap("Manager");
    shop.tap("Save");
    assert_eq!(said(&shop), Some(PeopleSaid::Role), "{:#?}", shop.names());
    sign_in(&shop, "Jan Peeters", "3690");
    shop.act(|shell| shell.go(Screen::Operators));
    let view = shop.shell(operators::view);
    assert!(view.rows.iter().any(|row| row.oneself && row.manager && row.name == "Jan Peeters"), "{:?}", view.rows);
    assert!(!view.rows.iter().any(|row| row.last_manager), "there are two now");
}

fn may(shop: &Shop, right: Permission) -> bool {
    shop.shell(|shell| shell.may(right))
}

/// Turns a switch, also one that has to be scrolled to.
fn switch(shop: &Shop, right: &str) {
    let rights = shop.shell(operators::roles::view).rights;
    let place = rights.iter().position(|one| one.title == right).unwrap();
    shop.act(move |shell| operators::roles::toggled(shell, place, !rights[place].allowed));
}

/// Makes a role that may give discounts and sell.
fn new_role(shop: &Shop, name: &str) {
    shop.tap("Roles");
    shop.tap("New role");
    shop.type_text(name);
    shop.tap("Sell");
    shop.tap("Give a discount");
    shop.tap("Save");
    let view = shop.shell(operators::roles::view);
    assert!(!view.dirty && view.refused.is_empty() && view.name == name, "{view:?}");
    assert_eq!(view.stays, RoleStays::No);
}

#[test]
fn a_role_of_the_shop_is_made_given_and_changed() {
    let shop = at_operators();
    new_role(&shop, "Chef d'équipe");
    shop.tap("Close");
    add(&shop, "Jan Peeters", "2580");
    shop.tap("Change the role");
    shop.tap("Chef d'équipe");
    shop.tap("Save");
    assert_eq!(said(&shop), Some(PeopleSaid::Role), "{:#?}", shop.names());
    assert_eq!(shop.shell(|shell| operators::view(shell).person.role.to_string()), "Chef d'équipe");
    // A role that somebody has stays.
    shop.tap("Roles");
    let view = shop.shell(operators::roles::view);
    assert_eq!((view.name.as_str(), view.stays), ("Chef d'équipe", RoleStays::Used), "that of who is chosen");
    shop.act(|shell| shell.operators.form = Default::default());
    sign_in(&shop, "Jan Peeters", "2580");
    assert!(may(&shop, Permission::Discount) && !may(&shop, Permission::Refund));
    let shown = shop.shell(|shell| shell.session.as_ref().map(|session| session.operator.role_name.clone()));
    assert_eq!(shown.as_deref(), Some("Chef d'équipe"));
}

#[test]
fn what_is_not_saved_can_be_discarded_and_nothing_is_lost_by_a_slip() {
    let shop = at_operators();
    new_role(&shop, "Shift lead");
    shop.tap("Sell");
    assert!(shop.shell(operators::roles::view).dirty);
    shop.tap("Cashier");
    assert_eq!(shop.shell(operators::roles::view).name, "Shift lead", "first it is saved or discarded");
    shop.key(Key::Escape);
    let view = shop.shell(operators::roles::view);
    assert!(!view.dirty && view.rights[0].allowed, "the switch shows what is");
    shop.tap("New role");
    shop.type_text("cashier");
    shop.tap("Save");
    assert_eq!(shop.shell(operators::roles::view).name_fault, RoleFault::Taken);
    shop.tap("Discard");
    shop.tap("Shift lead");
    shop.tap("Remove role");
    assert!(shop.sees("Remove the role Shift lead?"), "{:#?}", shop.names());
    shop.key(Key::Escape);
    assert_eq!(shop.shell(|shell| operators::roles::view(shell).rows.len()), 3);
    shop.tap("Remove role");
    shop.act(operators::roles::remove);
    let view = shop.shell(operators::roles::view);
    assert_eq!((view.rows.len(), view.asking), (2, false), "{view:?}");
    shop.key(Key::Escape);
    assert!(!shop.sees("A change counts at once for everybody who has the role."), "{:#?}", shop.names());
}

#[test]
fn the_managers_role_is_shown_and_never_changed() {
    let shop = at_operators();
    shop.tap("Roles");
    let view = shop.shell(operators::roles::view);
    assert!(view.manager && view.rights.iter().all(|right| right.allowed), "{view:?}");
    assert_eq!(view.stays, RoleStays::Manager);
    shop.act(|shell| operators::roles::toggled(shell, 0, false));
    assert!(!shop.shell(operators::roles::view).dirty);
    // The cashier's may be changed, and becomes again what it was.
    shop.tap("Cashier");
    switch(&shop, "See the sales of others");
    shop.tap("Save");
    assert_eq!(shop.shell(|shell| operators::roles::view(shell).stays), RoleStays::No, "{:#?}", shop.names());
    shop.tap("Back to standard");
    shop.act(operators::roles::remove);
    assert_eq!(shop.shell(|shell| operators::roles::view(shell).stays), RoleStays::Standard);
}

#[test]
fn whoever_loses_a_right_sees_it_at_once() {
    let shop = at_operators();
    shop.tap("Roles");
    shop.tap("New role");
    shop.type_text("Second");
    switch(&shop, "Manage operators");
    switch(&shop, "Sell");
    shop.tap("Save");
    shop.tap("Close");
    add(&shop, "Jan Peeters", "2580");
    shop.tap("Change the role");
    shop.tap("Second");
    shop.tap("Save");
    sign_in(&shop, "Jan Peeters", "2580");
    shop.act(|shell| shell.go_home(Screen::Sale));
    shop.act(|shell| shell.go(Screen::Operators));
    shop.tap("Roles");
    shop.tap("Second");
    let foreign = shop.shell(|shell| operators::roles::view(shell).rights.iter().filter(|right| right.foreign).count());
    assert_eq!(foreign, Permission::ALL.len() - 2, "nobody gives what they have not");
    switch(&shop, "Manage operators");
    shop.tap("Save");
    assert_eq!(shop.screen(), Screen::Sale, "{:#?}", shop.names());
    assert!(!may(&shop, Permission::ManageOperators) && may(&shop, Permission::Sell));
}
