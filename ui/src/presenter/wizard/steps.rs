//! The order of the steps.

use crate::markup::{WizardField, WizardKind, WizardStep};

/// A step of the wizard. Where the data is kept comes between shop and catalog, and is passed over by whoever wants the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
#[allow(missing_docs)]
pub enum Step {
    #[default]
    Language,
    Kind,
    Join,
    Country,
    Shop,
    Storage,
    Catalog,
    Manager,
    Summary,
}

impl Step {
    /// All of them.
    pub const ALL: [Step; 9] = [
        Step::Language,
        Step::Kind,
        Step::Join,
        Step::Country,
        Step::Shop,
        Step::Storage,
        Step::Catalog,
        Step::Manager,
        Step::Summary,
    ];

    /// The steps of a new shop, in order.
    const NEW: [Step; 8] = [
        Step::Language,
        Step::Kind,
        Step::Country,
        Step::Shop,
        Step::Storage,
        Step::Catalog,
        Step::Manager,
        Step::Summary,
    ];

    /// The steps of whoever joins a shop: what that is, the master knows.
    const JOIN: [Step; 3] = [Step::Language, Step::Kind, Step::Join];

    /// The steps of a kind of register, in order.
    pub const fn way(kind: WizardKind) -> &'static [Step] {
        match kind {
            WizardKind::Single | WizardKind::Master => &Step::NEW,
            WizardKind::Slave => &Step::JOIN,
        }
    }

    fn place(self, way: &[Step]) -> usize {
        way.iter().position(|step| *step == self).unwrap_or_default()
    }

    /// The step before.
    pub fn previous(self, way: &[Step]) -> Option<Step> {
        way.get(self.place(way).checked_sub(1)?).copied()
    }

    /// The step after.
    pub fn next(self, way: &[Step]) -> Option<Step> {
        way.get(self.place(way) + 1).copied()
    }

    /// How many steps of a way come before it, whether it is one of them or not.
    pub fn number(self, way: &[Step]) -> i32 {
        let before = way.iter().filter(|step| **step <= self).count();
        i32::try_from(before.saturating_sub(1)).unwrap_or_default()
    }

    /// The fields that are asked on it.
    pub fn fields(self) -> &'static [WizardField] {
        use WizardField::{Address1, Address2, Address3, Manager, Name, Phone, Pin, PinAgain, Register, Vat};
        match self {
            Step::Shop => &[Name, Address1, Address2, Address3, Phone, Vat, Register],
            Step::Manager => &[Manager, Pin, PinAgain],
            Step::Language
            | Step::Kind
            | Step::Join
            | Step::Country
            | Step::Storage
            | Step::Catalog
            | Step::Summary => &[],
        }
    }

    /// As the markup names it.
    pub fn shown(self) -> WizardStep {
        match self {
            Step::Language => WizardStep::Language,
            Step::Kind => WizardStep::Kind,
            Step::Join => WizardStep::Join,
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
        for kind in [WizardKind::Single, WizardKind::Master, WizardKind::Slave] {
            let way = Step::way(kind);
            let mut forth = vec![Step::default()];
            while let Some(next) = forth.last().and_then(|step| step.next(way)) {
                forth.push(next);
            }
            assert_eq!(forth, way);
            let mut back: Vec<Step> = way.last().copied().into_iter().collect();
            while let Some(previous) = back.last().and_then(|step| step.previous(way)) {
                back.push(previous);
            }
            back.reverse();
            assert_eq!(back, way);
            for (number, step) in way.iter().enumerate() {
                assert_eq!(usize::try_from(step.number(way)), Ok(number));
            }
            assert!(way.is_sorted(), "what was reached is told by the order");
        }
        assert_eq!(Step::Join.number(Step::way(WizardKind::Single)), 1, "of another way: as far as both go");
        for step in Step::ALL {
            assert_eq!(Step::of(step.shown()), step);
        }
    }
}
