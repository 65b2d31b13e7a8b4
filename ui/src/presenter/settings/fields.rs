//! The settings of the shop that have a field: their keys, how they are typed, what is wrong with them.
//!
//! The rules are the engine's own, asked field by field, so that each fault stands at its field before anything is sent.

use crate::markup::{SettingsFault, SettingsField, SettingsPage};
use aurapos_domain::catalog::{CatalogError, check_name};
use aurapos_domain::country::{CountryProfile, VatNumberError};
use aurapos_engine::settings::{Kind, embedded_schemes, find};

/// Every field, by its place in the arrays of the screen.
pub const ALL: [SettingsField; 11] = [
    SettingsField::Name,
    SettingsField::Address,
    SettingsField::Phone,
    SettingsField::Vat,
    SettingsField::ReceiptLanguage,
    SettingsField::Footer,
    SettingsField::RoundAll,
    SettingsField::DailyKeep,
    SettingsField::WeeklyYears,
    SettingsField::Labels,
    SettingsField::DayBegins,
];

/// Most lines of a field that has several, as the engine takes them.
const LINES_MAX: usize = 6;
/// Most layouts of scale labels, as the engine takes them.
const LAYOUTS_MAX: usize = 10;

/// The engine's name of it.
pub fn key(field: SettingsField) -> &'static str {
    match field {
        SettingsField::Name => "shop.name",
        SettingsField::Address => "shop.address",
        SettingsField::Phone => "shop.phone",
        SettingsField::Vat => "shop.vat_number",
        SettingsField::ReceiptLanguage => "shop.language",
        SettingsField::Footer => "receipt.footer",
        SettingsField::RoundAll => "rounding.all_tenders",
        SettingsField::DailyKeep => "backup.daily_keep",
        SettingsField::WeeklyYears => "backup.weekly_years",
        SettingsField::Labels => "barcode.labels",
        SettingsField::DayBegins => "day.begins",
    }
}

/// The page it stands on.
pub fn page(field: SettingsField) -> SettingsPage {
    match field {
        SettingsField::Footer | SettingsField::RoundAll => SettingsPage::Receipts,
        SettingsField::DailyKeep | SettingsField::WeeklyYears => SettingsPage::Backups,
        SettingsField::Labels => SettingsPage::Scales,
        _ => SettingsPage::Shop,
    }
}

/// It has a default to go back to. What stands in the shop's own row has none.
pub fn has_default(field: SettingsField) -> bool {
    find(key(field)).is_ok_and(|definition| definition.shop.is_none())
}

/// The separator of a value with several parts; on the screen each has a line of its own.
fn separator(field: SettingsField) -> Option<char> {
    match field {
        SettingsField::Address | SettingsField::Footer => Some('|'),
        SettingsField::Labels => Some(';'),
        _ => None,
    }
}

/// A value as it is shown.
pub fn shown(field: SettingsField, value: &str) -> String {
    match separator(field) {
        Some(separator) => parts(value, separator).join("\n"),
        None => value.to_owned(),
    }
}

/// What was typed as it is sent.
pub fn sent(field: SettingsField, text: &str) -> String {
    match separator(field) {
        Some(separator) => parts(text, separator).join(&separator.to_string()),
        None => text.trim().to_owned(),
    }
}

/// The lines of a text; empty ones are left out.
pub fn lines(text: &str) -> Vec<String> {
    parts(text, '|').into_iter().map(str::to_owned).collect()
}

fn parts(text: &str, separator: char) -> Vec<&str> {
    text.split([separator, '\n']).map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// What is wrong with what was typed.
pub fn fault(field: SettingsField, text: &str, country: &CountryProfile) -> SettingsFault {
    let Ok(definition) = find(key(field)) else { return SettingsFault::None };
    if definition.normalise(&sent(field, text), country).is_ok() {
        return SettingsFault::None;
    }
    match definition.kind {
        Kind::Text { .. } => line_fault(text),
        Kind::Lines => lines_fault(text),
        Kind::VatNumber => match country.vat_number.normalise(text.trim()) {
            Err(VatNumberError::CheckDigits { .. }) => SettingsFault::VatDigits,
            _ => SettingsFault::VatForm,
        },
        Kind::Int { .. } => SettingsFault::Number,
        Kind::ScaleLabels => labels_fault(text),
        // Its own form stands beside "Write it like …".
        Kind::Morning => SettingsFault::VatForm,
        // Chosen, not typed: the engine's own sentence.
        Kind::Bool | Kind::Choice(_) => SettingsFault::Told,
    }
}

fn line_fault(text: &str) -> SettingsFault {
    match check_name(text) {
        Ok(()) => SettingsFault::None,
        Err(CatalogError::NameEmpty) => SettingsFault::Empty,
        Err(CatalogError::NameTooLong { .. }) => SettingsFault::TooLong,
        Err(_) => SettingsFault::BadSign,
    }
}

fn lines_fault(text: &str) -> SettingsFault {
    let lines = lines(text);
    if lines.len() > LINES_MAX {
        return SettingsFault::TooManyLines;
    }
    let faults = lines.iter().map(|line| line_fault(line));
    faults.into_iter().find(|fault| *fault != SettingsFault::None).unwrap_or(SettingsFault::BadSign)
}

fn labels_fault(text: &str) -> SettingsFault {
    let layouts = parts(text, ';');
    if layouts.iter().any(|layout| embedded_schemes(layout).is_err()) {
        SettingsFault::LabelForm
    } else if layouts.len() > LAYOUTS_MAX {
        SettingsFault::TooManyLines
    } else {
        SettingsFault::LabelOverlap
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_field_is_a_setting_of_the_engine_and_every_setting_has_a_field() {
        let keys: Vec<&str> = ALL.into_iter().map(key).collect();
        for definition in aurapos_engine::settings::definitions() {
            assert!(keys.contains(&definition.key), "{} has no field", definition.key);
        }
        assert!(ALL.iter().enumerate().all(|(place, field)| *field as usize == place));
        assert!(keys.iter().all(|key| find(key).is_ok()));
    }

    #[test]
    fn values_go_to_the_screen_and_back() {
        for (field, value, text) in [
            (SettingsField::Address, "Rue Haute 1|1000 Bruxelles", "Rue Haute 1\n1000 Bruxelles"),
            (SettingsField::Labels, "21:5:5:3:weight;28:4:5:2:price+", "21:5:5:3:weight\n28:4:5:2:price+"),
            (SettingsField::Footer, "", ""),
            (SettingsField::DailyKeep, "10", "10"),
        ] {
            assert_eq!(shown(field, value), text);
            assert_eq!(sent(field, text), value);
        }
        assert_eq!(sent(SettingsField::Footer, " Merci ! \n\n À bientôt | "), "Merci !|À bientôt");
        assert_eq!(sent(SettingsField::Name, "  Chez Mia "), "Chez Mia");
    }

    #[test]
    fn every_fault_is_told_at_its_field() {
        use SettingsFault as Fault;
        use SettingsField as Field;
        let long = "x".repeat(121);
        let belgium = CountryProfile::find("BE").unwrap();
        for (field, text, expected) in [
            (Field::Name, "Chez Mia", Fault::None),
            (Field::Name, "  ", Fault::Empty),
            (Field::Name, long.as_str(), Fault::TooLong),
            (Field::Name, "a\u{7}b", Fault::BadSign),
            (Field::Phone, "", Fault::None),
            (Field::Address, "1\n2\n3\n4\n5\n6\n7", Fault::TooManyLines),
            (Field::Address, "1\n\n2\n\n3", Fault::None),
            (Field::Footer, long.as_str(), Fault::TooLong),
            (Field::Vat, "BE 0123.456.749", Fault::None),
            (Field::Vat, "BE0123456748", Fault::VatDigits),
            (Field::Vat, "12", Fault::VatForm),
            (Field::DailyKeep, "0", Fault::Number),
            (Field::DailyKeep, "", Fault::Number),
            (Field::WeeklyYears, "51", Fault::Number),
            (Field::WeeklyYears, "10", Fault::None),
            (Field::DayBegins, "13:00", Fault::VatForm),
            (Field::DayBegins, "6:30", Fault::None),
            (Field::Labels, "", Fault::None),
            (Field::Labels, "21:5:5:3:weight\n28:4:5:2:price+", Fault::None),
            (Field::Labels, "21:5:5:weight", Fault::LabelForm),
            (Field::Labels, "21:5:5:3:weight\n21:5:5:2:price", Fault::LabelOverlap),
            (Field::RoundAll, "true", Fault::None),
            (Field::ReceiptLanguage, "nl", Fault::None),
        ] {
            assert_eq!(fault(field, text, belgium), expected, "{field:?} {text:?}");
        }
    }
}
