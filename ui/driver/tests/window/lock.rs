//! Signing in and the lock: wrong PINs, the wait that is shown, the ticket that stays.

use crate::support::{BAGUETTE, Shop, at_work, pieces, sample, sign_in as work};
use aurapos_ui::markup::Screen;
use aurapos_ui::presenter::sign_in;
use aurapos_ui_driver::place::MANAGER;
use slint::platform::Key;
use std::time::Duration;

fn wrong(shop: &Shop) {
    shop.type_text("1935");
    shop.key(Key::Return);
}

/// What the pad says.
fn said(shop: &Shop, text: &str) -> bool {
    shop.whole().words().iter().any(|words| words.text.starts_with(text))
}

fn signed_in(shop: &Shop) -> bool {
    shop.shell(|shell| shell.session.is_some())
}

#[test]
fn a_wrong_pin_is_refused_and_the_right_one_taken() {
    let shop = sample();
    wrong(&shop);
    assert!(!signed_in(&shop));
    assert!(said(&shop, "This PIN is not right."), "{:#?}", shop.whole().words());
    work(&shop);
}

#[test]
fn too_many_wrong_pins_lock_the_operator_and_the_wait_is_shown() {
    let shop = sample();
    let locked = |shop: &Shop| said(shop, "Locked after wrong PINs. Try again in ");
    let mut tries = 0;
    while !locked(&shop) {
        wrong(&shop);
        tries += 1;
        assert!(tries < 12, "never locked: {:#?}", shop.whole().words());
    }
    assert!(tries >= 3, "a slip is forgiven");
    shop.type_text(MANAGER.1);
    shop.key(Key::Return);
    assert!(!signed_in(&shop), "the right PIN counts no more");
    assert_eq!(shop.shell(|shell| sign_in::view(shell).entered), 0, "and is not even taken");
}

#[test]
fn the_lock_covers_everything_and_keeps_the_ticket() {
    let shop = at_work();
    shop.scan(BAGUETTE);
    shop.act(|shell| shell.go(Screen::Orders));
    shop.key(Key::F12);
    assert!(shop.sees("The register is locked"));
    // No key of the register does anything.
    for key in [Key::F5, Key::F6, Key::F10, Key::Escape] {
        shop.key(key);
    }
    assert_eq!(shop.screen(), Screen::Orders);
    wrong(&shop);
    assert!(shop.sees("The register is locked"));
    shop.type_text(MANAGER.1);
    shop.key(Key::Return);
    assert!(!shop.sees("The register is locked"), "{:#?}", shop.names());
    assert_eq!(shop.screen(), Screen::Orders);
    assert_eq!(pieces(&shop), [("Baguette tradition".to_owned(), 1)]);
}

#[test]
fn a_register_that_nobody_touches_locks_itself() {
    let shop = at_work();
    shop.act(|shell| {
        shell.preferences.idle_lock_minutes = 1;
        // As if the last touch were a minute ago.
        shell.status.last_touch = shell.status.last_touch.map(|mut last| {
            last.0 -= 61_000_000;
            last
        });
    });
    shop.advance(Duration::from_secs(1));
    assert!(shop.shell(|shell| shell.locked));
}
