//! What is typed and must not be read by anybody: PINs.

use aurapos_engine::command::TypedPin;
use std::fmt;

/// A PIN while it is typed. Its debug form says nothing about it, not even how long it is.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// How many figures were typed.
    pub fn len(&self) -> usize {
        self.0.chars().count()
    }

    /// Nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One more figure; what is none, and a figure too many, is left out.
    pub fn push(&mut self, figure: char, most: usize) {
        if figure.is_ascii_digit() && self.0.len() < most {
            self.0.push(figure);
        }
    }

    /// One figure less.
    pub fn pop(&mut self) {
        self.0.pop();
    }

    /// All of it, as a field has it.
    pub fn set(&mut self, text: &str) {
        self.0 = text.to_owned();
    }

    /// Forgets it.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// For the field that shows it as dots, and for the checks.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Hands it over and forgets it.
    pub fn take(&mut self) -> TypedPin {
        TypedPin::from(std::mem::take(&mut self.0))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn figures_only_and_never_shown() {
        let mut secret = Secret::default();
        for figure in "4a7 11234567".chars() {
            secret.push(figure, 8);
        }
        assert_eq!(secret.text(), "47112345");
        secret.pop();
        assert_eq!(secret.len(), 7);
        assert_eq!(format!("{secret:?}"), "Secret(hidden)");
        assert_eq!(secret.take().text(), "4711234");
        assert!(secret.is_empty());
    }
}
