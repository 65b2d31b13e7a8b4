//! What was typed into the wizard, and what is wrong with it.
//!
//! The rules are those by which the engine makes the shop, asked field by field, so that each fault stands at its field.

use super::Step;
use crate::markup::{FieldFault, WizardFaults, WizardField};
use crate::presenter::secret::Secret;
use aurapos_domain::catalog::{CatalogError, check_name};
use aurapos_domain::country::{CountryProfile, VatNumberError};
use aurapos_domain::ids::RegisterCode;
use aurapos_domain::people::PinError;
use aurapos_engine::people::pin::check_new_pin;
use aurapos_engine::setup::NewShop;
use aurapos_locale::Language;
use std::collections::BTreeMap;

/// What was typed. Its debug form shows no PIN.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Answers {
    country: usize,
    pub name: String,
    pub address: [String; 3],
    pub phone: String,
    pub vat: String,
    pub register: String,
    /// `None`: the language of the screens.
    pub receipt_language: Option<Language>,
    pub manager: String,
    pub pin: Secret,
    pub pin_again: Secret,
}

impl Default for Answers {
    fn default() -> Self {
        Answers {
            country: 0,
            name: String::new(),
            address: Default::default(),
            phone: String::new(),
            vat: String::new(),
            register: "R1".to_owned(),
            receipt_language: None,
            manager: String::new(),
            pin: Secret::default(),
            pin_again: Secret::default(),
        }
    }
}

/// What is wrong, by field.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Faults {
    found: BTreeMap<usize, FieldFault>,
}

fn key(field: WizardField) -> usize {
    field as usize
}

impl Faults {
    /// What is wrong with a field.
    pub fn of(&self, field: WizardField) -> FieldFault {
        self.found.get(&key(field)).copied().unwrap_or_default()
    }

    /// A field was changed.
    pub fn clear(&mut self, field: WizardField) {
        self.found.remove(&key(field));
        if field == WizardField::Pin {
            self.clear(WizardField::PinAgain);
        }
    }

    /// Takes what was found on a step in the place of what was known of it.
    pub fn take(&mut self, step: Step, found: Vec<(WizardField, FieldFault)>) {
        for field in step.fields() {
            self.found.remove(&key(*field));
        }
        self.found.extend(found.into_iter().map(|(field, fault)| (key(field), fault)));
    }

    /// Nothing on this step is wrong.
    pub fn none_of(&self, step: Step) -> bool {
        step.fields().iter().all(|field| self.of(*field) == FieldFault::None)
    }

    /// As the markup shows them.
    pub fn shown(&self) -> WizardFaults {
        WizardFaults {
            name: self.of(WizardField::Name),
            address1: self.of(WizardField::Address1),
            address2: self.of(WizardField::Address2),
            address3: self.of(WizardField::Address3),
            phone: self.of(WizardField::Phone),
            vat: self.of(WizardField::Vat),
            register: self.of(WizardField::Register),
            manager: self.of(WizardField::Manager),
            pin: self.of(WizardField::Pin),
            pin_again: self.of(WizardField::PinAgain),
        }
    }
}

impl Answers {
    /// The country that was chosen.
    pub fn country(&self) -> Option<&'static CountryProfile> {
        CountryProfile::offered().nth(self.country)
    }

    /// Its place among those that are offered.
    pub fn country_place(&self) -> usize {
        self.country
    }

    /// Another country.
    pub fn choose_country(&mut self, place: usize) {
        if CountryProfile::offered().nth(place).is_some() {
            self.country = place;
        }
    }

    /// A field was typed in.
    pub fn set(&mut self, field: WizardField, text: &str) {
        let place = match field {
            WizardField::Name => &mut self.name,
            WizardField::Address1 => &mut self.address[0],
            WizardField::Address2 => &mut self.address[1],
            WizardField::Address3 => &mut self.address[2],
            WizardField::Phone => &mut self.phone,
            WizardField::Vat => &mut self.vat,
            WizardField::Register => &mut self.register,
            WizardField::Manager => &mut self.manager,
            WizardField::Pin => return self.pin.set(text),
            WizardField::PinAgain => return self.pin_again.set(text),
        };
        text.clone_into(place);
    }

    /// What is wrong on a step.
    pub fn check(&self, step: Step) -> Vec<(WizardField, FieldFault)> {
        let fields = step.fields().iter().map(|field| (*field, self.fault(*field)));
        fields.filter(|(_, fault)| *fault != FieldFault::None).collect()
    }

    fn fault(&self, field: WizardField) -> FieldFault {
        match field {
            WizardField::Name => required(&self.name),
            WizardField::Address1 => optional(&self.address[0]),
            WizardField::Address2 => optional(&self.address[1]),
            WizardField::Address3 => optional(&self.address[2]),
            WizardField::Phone => optional(&self.phone),
            WizardField::Vat => self.vat_fault(),
            WizardField::Register => match RegisterCode::parse(self.register.trim()) {
                Ok(_) => FieldFault::None,
                Err(_) if self.register.trim().is_empty() => FieldFault::Empty,
                Err(_) => FieldFault::RegisterForm,
            },
            WizardField::Manager => match required(&self.manager) {
                FieldFault::None if !self.manager.chars().any(char::is_alphanumeric) => FieldFault::Empty,
                fault => fault,
            },
            WizardField::Pin => match check_new_pin(self.pin.text()) {
                Ok(()) => FieldFault::None,
                Err(PinError::Form) => FieldFault::PinForm,
                Err(PinError::Repeated) => FieldFault::PinRepeated,
                Err(PinError::InARow) => FieldFault::PinInARow,
            },
            WizardField::PinAgain if self.pin == self.pin_again => FieldFault::None,
            WizardField::PinAgain => FieldFault::PinDiffers,
        }
    }

    fn vat_fault(&self) -> FieldFault {
        let Some(country) = self.country().filter(|_| !self.vat.trim().is_empty()) else { return FieldFault::None };
        match country.vat_number.normalise(self.vat.trim()) {
            Ok(_) => FieldFault::None,
            Err(VatNumberError::Form { .. }) => FieldFault::VatForm,
            Err(VatNumberError::CheckDigits { .. }) => FieldFault::VatDigits,
        }
    }

    /// The language of the receipts.
    pub fn receipts(&self, screens: Language) -> Language {
        self.receipt_language.unwrap_or(screens)
    }

    /// What the engine is asked for.
    pub fn new_shop(&self, screens: Language) -> NewShop {
        let address = self.address.iter().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty());
        NewShop {
            name: self.name.trim().to_owned(),
            country: self.country().map(|country| country.code.to_owned()).unwrap_or_default(),
            language: self.receipts(screens).code().to_owned(),
            address: address.collect(),
            phone: self.phone.trim().to_owned(),
            vat_number: self.vat.trim().to_owned(),
            register: self.register.trim().to_owned(),
            manager: self.manager.trim().to_owned(),
            pin: self.pin.text().to_owned(),
            ..NewShop::default()
        }
    }
}

fn required(text: &str) -> FieldFault {
    match check_name(text) {
        Ok(()) => FieldFault::None,
        Err(CatalogError::NameEmpty) => FieldFault::Empty,
        Err(CatalogError::NameTooLong { .. }) => FieldFault::TooLong,
        Err(_) => FieldFault::BadSign,
    }
}

fn optional(text: &str) -> FieldFault {
    if text.trim().is_empty() { FieldFault::None } else { required(text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aurapos_engine::setup;

    fn filled() -> Answers {
        let mut answers = Answers::default();
        for (field, text) in [
            (WizardField::Name, "Épicerie du Parc"),
            (WizardField::Address1, "Rue du Parc 12"),
            (WizardField::Address2, "1000 Bruxelles"),
            (WizardField::Vat, "BE 0123.456.749"),
            (WizardField::Manager, "Lucie"),
            (WizardField::Pin, "4711"),
            (WizardField::PinAgain, "4711"),
        ] {
            answers.set(field, text);
        }
        answers
    }

    #[test]
    fn what_is_right_here_is_right_for_the_engine() {
        let answers = filled();
        assert!(Step::ALL.into_iter().all(|step| answers.check(step).is_empty()));
        assert_eq!(setup::check(&answers.new_shop(Language::French)), Ok(()));
        assert_eq!(answers.new_shop(Language::French).language, "fr");
    }

    #[test]
    fn every_fault_stands_at_its_field_and_is_the_engines_too() {
        use FieldFault as F;
        use WizardField as W;
        let long = "x".repeat(121);
        for (field, text, fault) in [
            (W::Name, "  ", F::Empty),
            (W::Name, long.as_str(), F::TooLong),
            (W::Name, "a\u{7}b", F::BadSign),
            (W::Address2, long.as_str(), F::TooLong),
            (W::Phone, "1\n2", F::BadSign),
            (W::Vat, "BE0123456748", F::VatDigits),
            (W::Vat, "0123", F::VatForm),
            (W::Register, "r1", F::RegisterForm),
            (W::Register, "", F::Empty),
            (W::Manager, "", F::Empty),
            (W::Pin, "123", F::PinForm),
            (W::Pin, "1111", F::PinRepeated),
            (W::Pin, "1234", F::PinInARow),
        ] {
            let mut answers = filled();
            answers.set(field, text);
            let found: Vec<_> = Step::ALL.into_iter().flat_map(|step| answers.check(step)).collect();
            assert_eq!(found.first(), Some(&(field, fault)), "{text:?}");
            assert!(setup::check(&answers.new_shop(Language::English)).is_err(), "the engine takes {text:?}");
        }
        let mut answers = filled();
        answers.set(W::PinAgain, "4712");
        assert_eq!(answers.check(Step::Manager), [(W::PinAgain, F::PinDiffers)]);
    }

    #[test]
    fn faults_go_with_the_next_letter_and_with_the_country() {
        let mut answers = filled();
        answers.set(WizardField::Vat, "LU12345613");
        let mut faults = Faults::default();
        faults.take(Step::Shop, answers.check(Step::Shop));
        assert_eq!(faults.of(WizardField::Vat), FieldFault::VatForm);
        assert!(!faults.none_of(Step::Shop) && faults.none_of(Step::Manager));
        answers.choose_country(1);
        faults.take(Step::Shop, answers.check(Step::Shop));
        assert!(faults.none_of(Step::Shop), "Luxembourg takes it");
        answers.choose_country(9);
        assert_eq!(answers.country_place(), 1, "there is no such country");
        faults.take(Step::Manager, vec![(WizardField::PinAgain, FieldFault::PinDiffers)]);
        faults.clear(WizardField::Pin);
        assert!(faults.none_of(Step::Manager));
    }

    #[test]
    fn no_pin_is_shown() {
        assert!(!format!("{:?}", filled()).contains("4711"));
    }
}
