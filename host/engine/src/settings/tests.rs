//! Settings against a shop on the reference store.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::command::settings::SettingsCommand;
use crate::command::{Command, Reply};
use crate::error::{Code, EngineResult};
use crate::queries::fixture::TestShop;
use aurapos_domain::barcode::EmbeddedKind;

fn set(shop: &mut TestShop, key: &str, value: &str) -> EngineResult<String> {
    let command = SettingsCommand::Set { key: key.to_owned(), value: value.to_owned() };
    match shop.call(Command::Settings(command))? {
        Reply::Setting(reply) => Ok(reply.value),
        other => panic!("another reply: {other:?}"),
    }
}

#[test]
fn defaults_come_from_the_country_and_changes_stay() {
    let mut shop = TestShop::new();
    assert_eq!(get(&shop.store, "backup.weekly_years").unwrap().value, "7");
    assert_eq!(set(&mut shop, "backup.weekly_years", " 10 ").unwrap(), "10");
    assert_eq!(set(&mut shop, "rounding.all_tenders", "Yes").unwrap(), "true");
    let shop = shop.restarted();
    assert_eq!(get(&shop.store, "backup.weekly_years").unwrap().value, "10");
    let view = get(&shop.store, "rounding.all_tenders").unwrap();
    assert_eq!((view.value.as_str(), view.default.as_str()), ("true", "false"));
}

#[test]
fn a_choice_can_be_taken_back() {
    let mut shop = TestShop::new();
    set(&mut shop, "receipt.footer", "Merci !|À bientôt").unwrap();
    let reset = SettingsCommand::Reset { key: "receipt.footer".to_owned() };
    shop.call(Command::Settings(reset)).unwrap();
    assert_eq!(get(&shop.store, "receipt.footer").unwrap().value, "");
    let reset = SettingsCommand::Reset { key: "shop.name".to_owned() };
    assert_eq!(shop.call(Command::Settings(reset)).unwrap_err().code, Code::BadSetting.text());
}

#[test]
fn settings_of_the_shop_stand_in_its_row() {
    let mut shop = TestShop::new();
    assert_eq!(set(&mut shop, "shop.address", "Rue Haute 1\n1000 Bruxelles").unwrap(), "Rue Haute 1|1000 Bruxelles");
    set(&mut shop, "shop.name", "Chez Mia et fils").unwrap();
    set(&mut shop, "shop.vat_number", "be 0123.456.749").unwrap();
    let row = crate::queries::shop(&shop.store).unwrap();
    assert_eq!(row.address, ["Rue Haute 1", "1000 Bruxelles"]);
    assert_eq!((row.name.as_str(), row.vat_number.as_str()), ("Chez Mia et fils", "BE0123456749"));
    assert_eq!(shop.engine.shop().name, "Chez Mia et fils", "in force at once");
}

#[test]
fn what_is_refused() {
    let mut shop = TestShop::new();
    for (key, value, expected) in [
        (
            "backup.weekly_years",
            "0",
            "The setting backup.weekly_years can't have this value: it is a whole number from 1 to 50.",
        ),
        (
            "backup.daily_keep",
            "many",
            "The setting backup.daily_keep can't have this value: it is a whole number from 1 to 365.",
        ),
        (
            "rounding.all_tenders",
            "maybe",
            "The setting rounding.all_tenders can't have this value: it is true or false.",
        ),
        ("shop.language", "es", "The setting shop.language can't have this value: it is one of en, fr, nl, de."),
        ("shop.name", "", "The setting shop.name can't have this value: the name is empty."),
        (
            "shop.vat_number",
            "BE0123456789",
            "The setting shop.vat_number can't have this value: the check digits of BE0123456789 are wrong.",
        ),
        (
            "receipt.footer",
            "1|2|3|4|5|6|7",
            "The setting receipt.footer can't have this value: it has at most 6 lines.",
        ),
        (
            "barcode.labels",
            "21:5",
            "The setting barcode.labels can't have this value: \"21:5\" is not a layout like 21:5:5:3:weight or 28:4:5:2:price+.",
        ),
        (
            "barcode.labels",
            "21:5:5:3:weight;2:6:5:2:price",
            "The setting barcode.labels can't have this value: two layouts would read labels that begin with 2.",
        ),
    ] {
        assert_eq!(set(&mut shop, key, value).unwrap_err().message, expected, "{key} = {value}");
    }
    let error = set(&mut shop, "backup.years", "7").unwrap_err();
    assert_eq!(
        (error.code, error.next.as_str()),
        (Code::NoSuchSetting.text(), "Use one of: backup.daily_keep, backup.weekly_years.")
    );
}

#[test]
fn rights_and_the_journal() {
    let mut shop = TestShop::new();
    let entries = crate::queries::counts(&shop.store).unwrap().entries;
    set(&mut shop, "backup.daily_keep", "12").unwrap();
    set(&mut shop, "backup.daily_keep", "12").unwrap();
    assert_eq!(crate::queries::counts(&shop.store).unwrap().entries, entries + 1, "the same again is no change");
    let command = SettingsCommand::Set { key: "shop.name".to_owned(), value: "X".to_owned() };
    assert_eq!(shop.call_as(None, Command::Settings(command)).unwrap_err().code, Code::SignedOut.text());
    let cashier = crate::command::people::PeopleCommand::Add {
        name: "Tom".to_owned(),
        role: "cashier".to_owned(),
        pin: "2580".to_owned(),
    };
    shop.call(Command::People(cashier)).unwrap();
    shop.sign_in("Tom", "2580").unwrap();
    assert_eq!(set(&mut shop, "shop.name", "X").unwrap_err().code, Code::NotAllowed.text());
}

#[test]
fn every_key_is_sorted_and_takes_its_own_default() {
    let shop = crate::queries::shop(&TestShop::new().store).unwrap();
    let keys: Vec<&str> = definitions().iter().map(|definition| definition.key).collect();
    assert!(keys.is_sorted(), "{keys:?}");
    for definition in definitions().iter().filter(|definition| definition.shop.is_none()) {
        let default = definition.default_for(shop.country);
        assert_eq!(definition.normalise(&default, shop.country), Ok(default.clone()), "{}", definition.key);
        assert!(definition.description.ends_with('.'), "{}", definition.key);
    }
}

#[test]
fn scale_labels_are_read() {
    let schemes = embedded_schemes("21:5:5:3:weight; 28:4:5:2:price+").unwrap();
    assert_eq!((schemes.len(), schemes[0].kind, schemes[1].inner_check_digit), (2, EmbeddedKind::Weight, true));
    assert!(embedded_schemes("").unwrap().is_empty());
}
