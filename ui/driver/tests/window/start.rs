//! Opening.

use crate::support::{at_work, sample};
use aurapos_ui::markup::Screen;
use aurapos_ui_driver::{Driver, place};

#[test]
fn a_shop_opens_at_the_sign_in() {
    let shop = sample();
    assert_eq!(shop.screen(), Screen::SignIn);
}

#[test]
fn an_empty_folder_opens_the_wizard_and_stays_empty() {
    let folder = tempfile::tempdir().unwrap();
    let window = Driver::open(place::host(folder.path()), 1280, 800);
    assert_eq!(window.screen(), Screen::Wizard);
    assert!(!folder.path().join("AuraPOS.db").exists());
}

#[test]
fn the_drawer_that_is_open_is_said_to_be_open() {
    let shop = at_work();
    shop.act(|shell| shell.go(Screen::More));
    let told = shop.whole().words();
    assert!(told.iter().any(|words| words.text.starts_with("Open · ")), "{told:#?}");
}
