//! Settings: the language and the colours at once and for good, what the shop refuses, the receipt as it is typed.

use crate::support::{Shop, sample};
use aurapos_ui::host::ThemeChoice;
use aurapos_ui::markup::{ScanKind, Screen, Settings, SettingsFault, SettingsField, SettingsPage, Theme};
use aurapos_ui::presenter::{settings, sign_in};
use aurapos_ui_driver::{Driver, place};
use slint::platform::Key;
use slint::{ComponentHandle, Model};

const BAGUETTE: &str = "5400000010064";

/// The settings of the sample shop, shown to its manager.
fn shown() -> Shop {
    let shop = sample();
    shop.type_text(place::MANAGER.1);
    shop.key(Key::Return);
    shop.act(|shell| shell.go(Screen::Settings));
    shop
}

fn global(shop: &Shop) -> Settings<'_> {
    shop.window().global::<Settings>()
}

/// Puts a text into a field, as whoever reads the screen aloud does.
fn fill(shop: &Shop, field: &str, text: &str) {
    let fields = shop.find(field);
    let input = fields
        .iter()
        .find(|element| element.accessible_role() == Some(i_slint_backend_testing::AccessibleRole::TextInput));
    input.unwrap_or_else(|| panic!("no field {field}: {:#?}", shop.names())).set_accessible_value(text);
    shop.settle();
}

fn paper(shop: &Shop) -> Vec<String> {
    global(shop).get_paper().iter().map(|line| line.left.to_string()).collect()
}

#[test]
fn a_language_counts_at_once_and_after_a_restart() {
    let shop = shown();
    assert!(shop.sees("Appearance") && !shop.sees("Weergave"));
    shop.tap("Language");
    shop.tap("Nederlands");
    assert!(shop.sees("Instellingen") && shop.sees("Verkoop"), "{:?}", shop.names());
    assert!(!shop.sees("Appearance"), "{:?}", shop.names());
    let Shop { window, folder } = shop;
    drop(window);
    let window = Driver::open(place::host(folder.path()), 1280, 800);
    assert_eq!(window.shell(|shell| shell.language.code()), "nl");
    window.act(|shell| shell.go(Screen::Settings));
    assert!(window.sees("Instellingen"), "{:?}", window.names());
}

#[test]
fn the_language_of_the_shop_is_followed() {
    let shop = shown();
    shop.tap("Language");
    shop.tap("Français");
    shop.act(|shell| settings::machine::choose_language(shell, 0));
    assert_eq!(shop.shell(|shell| shell.language.code()), "en");
    shop.tap("Shop");
    shop.act(|shell| settings::choose_receipt_language(shell, 3));
    assert_eq!(shop.shell(|shell| shell.language.code()), "en", "not before it is saved");
    shop.tap("Save");
    assert_eq!(shop.shell(|shell| shell.language.code()), "de");
}

#[test]
fn colours_change_at_once_and_are_kept() {
    let shop = shown();
    shop.tap("Appearance");
    shop.tap("Dark");
    assert!(shop.window().global::<Theme>().get_dark());
    shop.tap("Light");
    assert!(!shop.window().global::<Theme>().get_dark());
    shop.tap("Dark");
    shop.tap("Less motion");
    let Shop { window, folder } = shop;
    drop(window);
    let window = Driver::open(place::host(folder.path()), 1280, 800);
    let kept = window.shell(|shell| (shell.preferences.theme, shell.preferences.reduced_motion));
    assert_eq!(kept, (ThemeChoice::Dark, true));
    assert!(window.window().global::<Theme>().get_dark());
}

#[test]
fn what_is_wrong_is_told_at_its_field_and_what_is_right_is_in_force() {
    let shop = shown();
    fill(&shop, "Name of the shop", "Chez Mia");
    fill(&shop, "VAT number", "BE0123456748");
    shop.tap("Save");
    assert_eq!(global(&shop).get_vat_entry().fault, SettingsFault::VatDigits);
    assert!(shop.sees("The check digits do not fit"), "{:?}", shop.names());
    assert_eq!(shop.shell(|shell| shell.facts.as_ref().unwrap().shop_name.clone()), "Épicerie du Parc");
    fill(&shop, "VAT number", "BE 0123.456.749");
    shop.tap("Save");
    assert_eq!(global(&shop).get_vat_entry().fault, SettingsFault::None);
    assert_eq!(global(&shop).get_vat(), "BE0123456749", "as the shop has it");
    assert!(!global(&shop).get_dirty());
    assert_eq!(shop.shell(|shell| shell.facts.as_ref().unwrap().shop_name.clone()), "Chez Mia");
    shop.tap("Backups");
    fill(&shop, "Days of daily backups", "400");
    shop.tap("Save");
    assert_eq!(global(&shop).get_daily_keep_entry().fault, SettingsFault::Number);
    shop.tap("Days of daily backups: back to the default");
    assert_eq!(global(&shop).get_daily_keep(), "10");
    assert!(!global(&shop).get_dirty(), "that is what the shop has");
}

#[test]
fn the_receipt_shows_what_is_typed_and_leaving_asks_for_it() {
    let shop = shown();
    shop.tap("Receipts");
    assert!(paper(&shop).contains(&"Épicerie du Parc".to_owned()), "{:?}", paper(&shop));
    fill(&shop, "Last lines of the receipt", "Merci !\nÀ bientôt");
    let rows = paper(&shop);
    assert!(rows.contains(&"Merci !".to_owned()) && rows.contains(&"À bientôt".to_owned()), "{rows:?}");
    shop.key(Key::Escape);
    assert_eq!(shop.screen(), Screen::Settings);
    assert!(shop.sees("Save the changes?"), "{:?}", shop.names());
    shop.tap("Stay here");
    assert!(!shop.sees("Save the changes?"));
    shop.tap("Back");
    shop.act(settings::save_and_leave);
    assert_ne!(shop.screen(), Screen::Settings);
    shop.act(|shell| shell.go(Screen::Settings));
    let stored = shop.shell(|shell| shell.settings.text(SettingsField::Footer).to_owned());
    assert_eq!(stored, "Merci !\nÀ bientôt");
    assert_eq!(global(&shop).get_page(), SettingsPage::Receipts, "where one was");
}

#[test]
fn a_scan_is_tried_out_and_sells_nothing() {
    let shop = shown();
    shop.tap("Keys and scanner");
    shop.scan(BAGUETTE);
    assert_eq!(global(&shop).get_scan_kind(), ScanKind::Product);
    assert_eq!(global(&shop).get_scan_code(), BAGUETTE);
    shop.scan("5400000999994");
    assert_eq!(global(&shop).get_scan_kind(), ScanKind::Unknown);
    shop.scan("5400000999995");
    assert_eq!(global(&shop).get_scan_kind(), ScanKind::WrongCheckDigit);
    assert_eq!(shop.shell(sign_in::ticket_lines), 0);
    assert_eq!(shop.screen(), Screen::Settings);
}
