//! Weight or price inside an EAN-13, as scales of a shop print it. There is no Belgian standard, so the layout is data.
//!
//! Layout: prefix, item digits, inner check digit (optional, GS1 General Specifications 7.9), value digits, check digit.

use super::check_digit;
use crate::money::{Currency, Money, MoneyError, Quantity};

/// What the value digits mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EmbeddedKind {
    /// A weight in kilograms.
    Weight,
    /// The total price on the label.
    Price,
}

/// How the shop's scales lay out their codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbeddedScheme {
    /// First digits, for example `21`; 2x is reserved by GS1 for use inside a shop.
    pub prefix: String,
    /// Digits of the article.
    pub item_digits: u8,
    /// Digits of weight or price.
    pub value_digits: u8,
    /// How many of the value digits are decimals.
    pub decimals: u8,
    /// A check digit over the value stands before it.
    pub inner_check_digit: bool,
    /// What the value means.
    pub kind: EmbeddedKind,
}

/// What can be wrong with a scheme or a code that it matched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemeError {
    /// The prefix is not one to three digits that begin with 2 (or 02).
    #[error("the prefix \"{prefix}\" must be 1 to 3 digits beginning with 2 or 02")]
    BadPrefix {
        /// The prefix.
        prefix: String,
    },
    /// The parts are not 13 digits together.
    #[error("prefix, item, value and check digits make {digits} digits, an EAN has 13")]
    NotThirteen {
        /// How many they make.
        digits: usize,
    },
    /// More decimals than value digits, or more than the value can use (3 for weight).
    #[error("{decimals} decimals do not fit")]
    BadDecimals {
        /// The decimals.
        decimals: u8,
    },
    /// The inner check digit exists for 4 and 5 value digits only.
    #[error("an inner check digit needs 4 or 5 value digits, not {value_digits}")]
    InnerCheck {
        /// The value digits.
        value_digits: u8,
    },
    /// The inner check digit of a scanned code is wrong.
    #[error("the inner check digit of {code} is wrong")]
    WrongInnerCheck {
        /// The code.
        code: String,
    },
    /// The label's price has more decimals than the currency.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// What was read from a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbeddedCode {
    /// The article's digits.
    pub item: String,
    /// The same code with a value of nothing and its check digit: the form under which the article is in the catalog.
    pub base_code: String,
    /// What the value means.
    pub kind: EmbeddedKind,
    /// The value's digits as a number.
    pub value: i64,
    /// How many of its digits are decimals.
    pub decimals: u8,
}

impl EmbeddedCode {
    /// The weight as a quantity, when the value is one.
    pub fn weight(&self) -> Option<Quantity> {
        (self.kind == EmbeddedKind::Weight).then(|| {
            let factor = 10_i64.pow(3_u32.saturating_sub(u32::from(self.decimals)));
            Quantity::from_thousandths(self.value * factor)
        })
    }

    /// The label's price, when the value is one; fails when the currency has fewer decimals than the label.
    pub fn price(&self, currency: Currency) -> Option<Result<Money, SchemeError>> {
        (self.kind == EmbeddedKind::Price).then(|| {
            let missing = currency.digits().checked_sub(self.decimals);
            let missing = missing.ok_or(SchemeError::BadDecimals { decimals: self.decimals })?;
            Ok(Money::new(self.value * 10_i64.pow(u32::from(missing)), currency))
        })
    }
}

impl EmbeddedScheme {
    /// Fails unless the parts make a readable EAN-13.
    pub fn check(&self) -> Result<(), SchemeError> {
        let digits_only = self.prefix.bytes().all(|b| b.is_ascii_digit());
        let reserved = self.prefix.starts_with('2') || self.prefix.starts_with("02");
        if !digits_only || !reserved || self.prefix.len() > 3 {
            return Err(SchemeError::BadPrefix { prefix: self.prefix.chars().take(16).collect() });
        }
        let digits = self.value_start() + usize::from(self.value_digits) + 1;
        if digits != 13 || self.item_digits == 0 || self.value_digits == 0 {
            return Err(SchemeError::NotThirteen { digits });
        }
        if self.decimals > self.value_digits || self.decimals > 3 {
            return Err(SchemeError::BadDecimals { decimals: self.decimals });
        }
        if self.inner_check_digit && !(4..=5).contains(&self.value_digits) {
            return Err(SchemeError::InnerCheck { value_digits: self.value_digits });
        }
        Ok(())
    }

    fn item_end(&self) -> usize {
        self.prefix.len() + usize::from(self.item_digits)
    }

    fn value_start(&self) -> usize {
        self.item_end() + usize::from(self.inner_check_digit)
    }

    /// Reads a canonical EAN-13 whose check digit is right; `None` when it is not of this scheme.
    pub fn read(&self, ean13: &str) -> Result<Option<EmbeddedCode>, SchemeError> {
        self.check()?;
        let is_ean = ean13.len() == 13 && ean13.bytes().all(|b| b.is_ascii_digit());
        if !is_ean || !ean13.starts_with(&self.prefix) {
            return Ok(None);
        }
        let value_text = &ean13[self.value_start()..12];
        let value = value_text.bytes().fold(0_i64, |value, byte| value * 10 + i64::from(byte - b'0'));
        if self.inner_check_digit {
            let found = ean13.as_bytes()[self.item_end()] - b'0';
            if inner_check_digit(value_text) != Some(found) {
                return Err(SchemeError::WrongInnerCheck { code: ean13.to_owned() });
            }
        }
        Ok(Some(EmbeddedCode {
            item: ean13[self.prefix.len()..self.item_end()].to_owned(),
            base_code: self.base_code(&ean13[..self.item_end()]),
            kind: self.kind,
            value,
            decimals: self.decimals,
        }))
    }

    fn base_code(&self, prefix_and_item: &str) -> String {
        let body = format!("{prefix_and_item:0<12}");
        let check = check_digit(&body).expect("prefix and item are digits");
        format!("{body}{check}")
    }
}

/// The price check digit of GS1 for four or five value digits.
pub(super) fn inner_check_digit(value: &str) -> Option<u8> {
    // Weighting tables of the GS1 General Specifications: "2-" takes the tens off, "5+" adds and "5-" takes them.
    const TWO_MINUS: [u8; 10] = [0, 2, 4, 6, 8, 9, 1, 3, 5, 7];
    const THREE: [u8; 10] = [0, 3, 6, 9, 2, 5, 8, 1, 4, 7];
    const FIVE_PLUS: [u8; 10] = [0, 5, 1, 6, 2, 7, 3, 8, 4, 9];
    const FIVE_MINUS: [u8; 10] = [0, 5, 9, 4, 8, 3, 7, 2, 6, 1];
    let weighted = |tables: &[[u8; 10]]| -> u8 {
        value.bytes().zip(tables).map(|(byte, table)| table[usize::from(byte - b'0')]).sum()
    };
    match value.len() {
        4 => Some((weighted(&[TWO_MINUS, TWO_MINUS, THREE, FIVE_MINUS]) % 10) * 3 % 10),
        5 => {
            let sum = weighted(&[FIVE_PLUS, TWO_MINUS, FIVE_MINUS, FIVE_PLUS, TWO_MINUS]) % 10;
            let wanted = (10 - sum) % 10;
            (0..10).find(|digit| FIVE_MINUS[usize::from(*digit)] == wanted)
        }
        _ => None,
    }
}
