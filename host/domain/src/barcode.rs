//! Barcodes: check digits, one canonical form to look up, and what a scale prints into an EAN.
//!
//! EAN-13 stays as it is, UPC-A and UPC-E become the EAN-13 they stand for, EAN-8 stays; of a GS1 element string the
//! article counts; anything else that a scanner can send is a free text code. So a product is found whichever way its code
//! was typed, pasted or scanned.

use std::fmt;

mod embedded;
mod gs1;
mod number;
mod shown;

pub use embedded::{EmbeddedCode, EmbeddedKind, EmbeddedScheme, SchemeError};
pub use number::is_spreadsheet_number;
pub(crate) use shown::is_invisible;
pub use shown::visible;

/// Most characters of a free text code.
pub const TEXT_CHARS_MAX: usize = 64;

/// What can be wrong with a barcode.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BarcodeError {
    /// Nothing was given.
    #[error("the barcode is empty")]
    Empty,
    /// Too many characters.
    #[error("the barcode has {chars} characters, more than {TEXT_CHARS_MAX}")]
    TooLong {
        /// How many it has.
        chars: usize,
    },
    /// A character that cannot be printed.
    #[error("the barcode contains a character that cannot be printed")]
    ControlCharacter,
    /// 8, 12, 13 or 14 digits whose last one is wrong: a digit was misread or mistyped.
    #[error("the check digit of {code} is wrong: it ends in {found} and should end in {expected}")]
    WrongCheckDigit {
        /// The code as given.
        code: String,
        /// The digit that would be right.
        expected: u8,
        /// The digit that is there.
        found: u8,
    },
    /// A spreadsheet turned the code into a number such as `5,41E+12` or `5400000000003.0`: its digits may be lost.
    #[error(
        "\"{code}\" is a barcode that a spreadsheet turned into a number: format the column as text and give its digits again"
    )]
    SpreadsheetNumber {
        /// The code as given.
        code: String,
    },
    /// A word or a sign for "none".
    #[error("\"{text}\" stands for no barcode")]
    Placeholder {
        /// The text as given.
        text: String,
    },
    /// Two codes or more in one text.
    #[error("\"{code}\" is more than one barcode")]
    Several {
        /// The text as given.
        code: String,
    },
    /// A character that no scanner sends: the product would never be found by it.
    #[error("the barcode contains a character that no scanner sends (U+{code_point:04X})")]
    Unscannable {
        /// The character.
        code_point: u32,
    },
}

/// What kind of code it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Symbology {
    Ean13,
    Ean8,
    UpcA,
    UpcE,
    /// GTIN-14 with a packaging digit of 1 to 9.
    Itf14,
    /// Any other code.
    Text,
}

/// A checked barcode.
// Private fields: `canonical` is always the form of its kind with a right check digit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Barcode {
    canonical: String,
    symbology: Symbology,
    alternative: Option<String>,
}

impl Barcode {
    /// Checks a code as typed, pasted, scanned or imported. Space around it, invisible characters and the groups in which
    /// people write digits are ignored; of a GS1 element string the article's number is the code.
    pub fn parse(text: &str) -> Result<Barcode, BarcodeError> {
        let text = text.trim();
        if let Some(article) = gs1::gtin(text) {
            return Barcode::of_digits(&article?);
        }
        let code = shown::cleaned(gs1::without_symbology(text))?;
        if let Some(article) = gs1::gtin(&code) {
            return Barcode::of_digits(&article?);
        }
        let chars = code.chars().count();
        if chars > TEXT_CHARS_MAX {
            return Err(BarcodeError::TooLong { chars });
        }
        if shown::is_several(&code) {
            return Err(BarcodeError::Several { code });
        }
        if number::is_number(&code) {
            return Err(BarcodeError::SpreadsheetNumber { code });
        }
        match shown::grouped_digits(&code) {
            Some(digits) if digits == code => Barcode::of_digits(&digits),
            Some(digits) if matches!(digits.len(), 12..=14) => Barcode::of_digits(&digits),
            // Eight digits in groups may be a number of the shop: it is an EAN-8 when its check digit says so.
            Some(digits) if digits.len() == 8 && checked(&digits).is_ok() => Barcode::of_digits(&digits),
            _ => Ok(Barcode::of(code, Symbology::Text)),
        }
    }

    /// A code as the catalog has it. One that a newer rule reads otherwise or refuses is still the product's: free text.
    pub fn stored(code: &str) -> Barcode {
        let read = Barcode::parse(code).ok().filter(|read| read.canonical == code);
        read.unwrap_or_else(|| Barcode::of(code.to_owned(), Symbology::Text))
    }

    fn of_digits(code: &str) -> Result<Barcode, BarcodeError> {
        match code.len() {
            13 => checked(code).map(|()| Barcode::ean13(code.to_owned(), Symbology::Ean13)),
            12 => checked(code).map(|()| Barcode::ean13(format!("0{code}"), Symbology::UpcA)),
            14 => checked(code).map(|()| match code.strip_prefix('0') {
                Some(ean) => Barcode::ean13(ean.to_owned(), Symbology::Ean13),
                None => Barcode::of(code.to_owned(), Symbology::Itf14),
            }),
            8 => eight_digits(code),
            _ => Ok(Barcode::of(code.to_owned(), Symbology::Text)),
        }
    }

    /// Thirteen digits; with five zeros before it, it can be an EAN-8 in a longer field, as GS1 codes carry it.
    fn ean13(canonical: String, symbology: Symbology) -> Barcode {
        let alternative = canonical.strip_prefix("00000").map(str::to_owned);
        Barcode { canonical, symbology, alternative }
    }

    fn of(canonical: String, symbology: Symbology) -> Barcode {
        Barcode { canonical, symbology, alternative: None }
    }

    /// The form that is stored and looked up.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// What kind of code it is.
    pub const fn symbology(&self) -> Symbology {
        self.symbology
    }

    /// A second form to look up when the first finds nothing: eight digits can be right both as EAN-8 and as UPC-E, and an
    /// EAN-8 can stand behind five zeros.
    pub fn alternative(&self) -> Option<&str> {
        self.alternative.as_deref()
    }
}

impl fmt::Display for Barcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.canonical)
    }
}

/// The check digit of GS1 codes for the digits before it: weights 3 and 1 from the right.
///
/// Returns `None` when a character is not a digit.
pub fn check_digit(digits: &str) -> Option<u8> {
    let mut sum = 0_u32;
    for (index, byte) in digits.bytes().rev().enumerate() {
        let digit = byte.is_ascii_digit().then(|| u32::from(byte - b'0'))?;
        sum += digit * if index % 2 == 0 { 3 } else { 1 };
    }
    Some(((10 - sum % 10) % 10) as u8)
}

fn checked(code: &str) -> Result<(), BarcodeError> {
    let (digits, last) = code.split_at(code.len() - 1);
    let expected = check_digit(digits).expect("the caller saw only digits");
    let found = last.as_bytes()[0] - b'0';
    if expected == found {
        Ok(())
    } else {
        Err(BarcodeError::WrongCheckDigit { code: code.to_owned(), expected, found })
    }
}

fn eight_digits(code: &str) -> Result<Barcode, BarcodeError> {
    let ean8 = checked(code);
    let upc_e = upc_e_to_ean13(code).filter(|ean| checked(ean).is_ok());
    match (ean8, upc_e) {
        (Ok(()), alternative) => Ok(Barcode { canonical: code.to_owned(), symbology: Symbology::Ean8, alternative }),
        (Err(_), Some(ean)) => Ok(Barcode::of(ean, Symbology::UpcE)),
        (Err(error), None) => Err(error),
    }
}

/// The EAN-13 that a UPC-E of number system 0 or 1 stands for; its check digit is that of the long form.
fn upc_e_to_ean13(code: &str) -> Option<String> {
    let (system, check) = (&code[..1], &code[7..]);
    if system != "0" && system != "1" {
        return None;
    }
    let d = &code[1..7];
    let body = match &d[5..6] {
        "0" | "1" | "2" => format!("{}{}0000{}", &d[..2], &d[5..6], &d[2..5]),
        "3" => format!("{}00000{}", &d[..3], &d[3..5]),
        "4" => format!("{}00000{}", &d[..4], &d[4..5]),
        last => format!("{}0000{}", &d[..5], last),
    };
    Some(format!("0{system}{body}{check}"))
}

#[cfg(test)]
mod tests;
