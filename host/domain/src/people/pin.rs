//! PINs: four to eight digits, and not the ones that everybody tries first.

use std::fmt;

/// What can be wrong with a PIN. The PIN itself never stands in the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// Not four to eight digits.
    #[error("a PIN has {} to {} digits and nothing else", Pin::DIGITS_MIN, Pin::DIGITS_MAX)]
    Form,
    /// One digit repeated, such as 0000.
    #[error("a PIN of one repeated digit is guessed at once; choose another")]
    Repeated,
    /// Digits in a row, such as 1234 or 9876.
    #[error("a PIN of digits in a row is guessed at once; choose another")]
    InARow,
}

/// A PIN as it was typed. Its debug form does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Pin(String);

impl Pin {
    /// Fewest digits.
    pub const DIGITS_MIN: usize = 4;
    /// Most digits.
    pub const DIGITS_MAX: usize = 8;

    /// Takes a PIN that somebody signs in with; only its form is checked.
    pub fn parse(text: &str) -> Result<Pin, PinError> {
        let fits = (Self::DIGITS_MIN..=Self::DIGITS_MAX).contains(&text.len());
        if fits && text.bytes().all(|b| b.is_ascii_digit()) { Ok(Pin(text.to_owned())) } else { Err(PinError::Form) }
    }

    /// Takes a PIN that somebody chooses; refuses the ones that are guessed at once.
    pub fn choose(text: &str) -> Result<Pin, PinError> {
        let pin = Pin::parse(text)?;
        let steps: Vec<i16> = text.as_bytes().windows(2).map(|pair| i16::from(pair[1]) - i16::from(pair[0])).collect();
        if steps.iter().all(|step| *step == 0) {
            Err(PinError::Repeated)
        } else if steps.iter().all(|step| *step == 1) || steps.iter().all(|step| *step == -1) {
            Err(PinError::InARow)
        } else {
            Ok(pin)
        }
    }

    /// The digits, for hashing.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(hidden)")
    }
}
