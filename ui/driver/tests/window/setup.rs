//! The wizard through the window: whole, back and forth, interrupted; a catalog with wrong rows.

use crate::support::{ask, scratch, sign_in};
use aurapos_ui::markup::Screen;
use aurapos_ui::presenter::{file_picker, wizard};
use aurapos_ui_driver::{Driver, place};
use slint::platform::Key;
use std::fs;
use std::path::Path;

fn fresh(folder: &Path) -> Driver {
    let window = Driver::open(place::host(folder), 1280, 800);
    assert_eq!(window.screen(), Screen::Wizard);
    window
}

fn step(window: &Driver) -> wizard::Step {
    window.shell(|shell| shell.wizard.step)
}

/// Names the shop; the first field has the focus.
fn name_the_shop(window: &Driver) {
    window.tap("Continue");
    assert_eq!(step(window), wizard::Step::Kind);
    window.tap("Continue");
    window.tap("Continue");
    assert_eq!(step(window), wizard::Step::Shop);
    window.type_text("Chez Nous");
    window.key(Key::Return);
    assert_eq!(step(window), wizard::Step::Catalog, "{:#?}", window.names());
}

fn name_the_manager(window: &Driver) {
    assert_eq!(step(window), wizard::Step::Manager, "{:#?}", window.names());
    window.type_text(place::MANAGER.0);
    window.key(Key::Return);
    window.type_text(place::MANAGER.1);
    window.key(Key::Return);
    window.type_text(place::MANAGER.1);
    window.key(Key::Return);
    assert_eq!(step(window), wizard::Step::Summary, "{:#?}", window.names());
}

/// Nothing of a shop is there.
fn is_bare(folder: &Path) -> bool {
    !folder.join("AuraPOS.db").exists() && !folder.join("aurapos.toml").exists()
}

#[test]
fn a_shop_with_samples_is_made_and_sells() {
    let folder = scratch();
    let window = fresh(folder.path());
    name_the_shop(&window);
    window.tap("Sample shop");
    window.tap("Continue");
    name_the_manager(&window);
    assert!(is_bare(folder.path()), "nothing is made before the last step");
    window.tap("Create the shop");
    assert_eq!(window.screen(), Screen::SignIn, "{:#?}", window.names());
    sign_in(&window);
    window.scan(crate::support::BAGUETTE);
    window.key(Key::F10);
    assert_eq!(ask(folder.path(), "SELECT total FROM sale"), "145");
}

#[test]
fn going_back_keeps_what_was_typed_and_leaving_keeps_nothing() {
    let folder = scratch();
    let window = fresh(folder.path());
    name_the_shop(&window);
    window.tap("Back");
    assert_eq!(step(&window), wizard::Step::Shop);
    assert!(window.elements().iter().any(|one| one.accessible_value().is_some_and(|text| text == "Chez Nous")));
    window.tap("Back");
    window.tap("Back");
    window.tap("Back");
    assert_eq!(step(&window), wizard::Step::Language);
    drop(window);
    assert!(is_bare(folder.path()));
    assert_eq!(fresh(folder.path()).shell(|shell| shell.wizard.answers.name.clone()), "");
}

#[test]
fn the_language_of_the_wizard_changes_at_once() {
    let folder = scratch();
    let window = fresh(folder.path());
    for (tile, word) in [("Français", "Continuer"), ("Deutsch", "Weiter"), ("English", "Continue")] {
        window.tap(tile);
        assert!(window.sees(word), "{tile}: {:#?}", window.names());
    }
}

#[test]
fn wrong_rows_of_a_catalog_are_shown_with_their_number_and_the_rest_is_taken() {
    let folder = scratch();
    let file = folder.path().join("products.csv");
    fs::write(&file, "sku,name,price,vat\nA,Apple,1.00,6\nB,,1.00,6\nC,Cherry,much,6\n").unwrap();
    let shop = folder.path().join("shop");
    let window = fresh(&shop);
    name_the_shop(&window);
    window.tap("CSV file");
    window.act(move |shell| {
        let path = file.display().to_string();
        file_picker::typed(shell, &path);
    });
    assert!(window.sees("Refused rows"), "{:#?}", window.names());
    window.tap("Refused rows");
    for row in ["3, ", "4, "] {
        assert!(window.sees(row), "{:#?}", window.names());
    }
    window.tap("Continue");
    name_the_manager(&window);
    window.tap("Create the shop");
    assert_eq!(window.screen(), Screen::SignIn, "{:#?}", window.names());
    assert_eq!(ask(&shop, "SELECT group_concat(name) FROM product"), "Apple");
}
