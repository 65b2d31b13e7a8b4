//! The order of the steps.

use crate::markup::{WizardField, WizardStep};

/// A step of the wizard. Where the data is kept comes between shop and catalog, and is passed over by whoever wants the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
#[allow(missing_docs)]
pub enum Step {
    #[default]
    Language,
    Country,
    Shop,
    Storage,
    Catalog,
    Manager,
    Summary,
}

impl Step {
    /// All of them in order.
    pub const ALL: [Step; 7] =
        [Step::Language, Step::Country, Step::Shop, Step::Storage, Step::Catalog, Step::Manager, Step::Summary];

    fn place(self) -> usize {
        Step::ALL.iter().position(|step| *step == self).unwrap_or_default()
    }

    /// The step before.
    pub fn previous(self) -> Option<Step> {
        Step::ALL.get(self.place().checked_sub(1)?).copied()
    }

    /// The step after.
    pub fn next(self) -> Option<Step> {
        Step::ALL.get(self.place() + 1).copied()
    }

    /// How many steps come before.
    pub fn number(self) -> i32 {
        i32::try_from(self.place()).unwrap_or_default()
    }

    /// The fields that are asked on it.
    pub fn fields(self) -> &'static [WizardField] {
        use WizardField::{Address1, Address2, Address3, Manager, Name, Phone, Pin, PinAgain, Register, Vat};
        match self {
            Step::Shop => &[Name, Address1, Address2, Address3, Phone, Vat, Register],
            Step::Manager => &[Manager, Pin, PinAgain],
            Step::Language | Step::Country | Step::Storage | Step::Catalog | Step::Summary => &[],
        }
    }

    /// As the markup names it.
    pub fn shown(self) -> WizardStep {
        match self {
            Step::Language => WizardStep::Language,
            Step::Country => WizardStep::Country,
            Step::Shop => WizardStep::Shop,
            Step::Storage => WizardStep::Storage,
            Step::Catalog => WizardStep::Catalog,
            Step::Manager => WizardStep::Manager,
            Step::Summary => WizardStep::Summary,
        }
    }

    /// From the markup.
    pub fn of(step: WizardStep) -> Step {
        Step::ALL.into_iter().find(|one| one.shown() == step).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_in_their_order() {
        let mut way = vec![Step::default()];
        while let Some(next) = way.last().and_then(|step| step.next()) {
            way.push(next);
        }
        assert_eq!(way, Step::ALL);
        let mut back = vec![Step::Summary];
        while let Some(previous) = back.last().and_then(|step| step.previous()) {
            back.push(previous);
        }
        back.reverse();
        assert_eq!(back, Step::ALL);
        for (number, step) in Step::ALL.into_iter().enumerate() {
            assert_eq!(usize::try_from(step.number()), Ok(number));
            assert_eq!(Step::of(step.shown()), step);
        }
    }
}
