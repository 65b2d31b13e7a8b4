//! Reads what people type: money, quantities and rates, as they write them in their language.
//!
//! The language's decimal sign is always one. The other one (the point of a numeric keypad in French) is one too, unless
//! it could as well group thousands; then the text is refused and not guessed. Groups are taken where they are whole.

use crate::format::decimal_sign;
use crate::{Language, Messages};
use aurapos_domain::catalog::Unit;
use aurapos_domain::money::{Currency, Money, Quantity};

/// Why a text was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Nothing was typed.
    #[error("nothing was typed")]
    Empty,
    /// It is no number.
    #[error("this is not a number")]
    NotANumber,
    /// It could be two numbers: `1.234` kilograms in German.
    #[error("this could be two different numbers")]
    Ambiguous,
    /// More decimals than there are.
    #[error("there are at most {allowed} decimals")]
    TooManyDecimals {
        /// How many there may be.
        allowed: u8,
    },
    /// Pieces come whole.
    #[error("pieces are whole")]
    NotWhole,
    /// It does not fit.
    #[error("this is too large")]
    TooLarge,
    /// It names another currency.
    #[error("this is another currency")]
    OtherCurrency,
}

impl ParseError {
    /// What is said at the field.
    pub fn told(self, language: Language) -> String {
        let allowed = if let ParseError::TooManyDecimals { allowed } = self { allowed } else { 0 };
        let (allowed, sign) = (allowed.to_string(), decimal_sign(language).to_string());
        let code = match self {
            ParseError::Empty => "typed.empty",
            ParseError::NotANumber => "typed.not_a_number",
            ParseError::Ambiguous => "typed.ambiguous",
            ParseError::TooManyDecimals { allowed: 0 } | ParseError::NotWhole => "typed.not_whole",
            ParseError::TooManyDecimals { .. } => "typed.too_many_decimals",
            ParseError::TooLarge => "typed.too_large",
            ParseError::OtherCurrency => "typed.other_currency",
        };
        let told = Messages::new(language).sentence(code, &[("allowed", &allowed), ("sign", &sign)]);
        told.unwrap_or_else(|| self.to_string())
    }
}

/// An amount: `1 234,56 €`, `12.5`, `-0,05`.
pub fn money(language: Language, text: &str, currency: Currency) -> Result<Money, ParseError> {
    let text = plain(text);
    let digits = without_currency(&text, currency)?;
    let minor = number(language, &digits, currency.digits())?;
    Ok(Money::new(minor, currency))
}

/// A quantity of a unit: `0,684`, `0.684 kg`, `3`.
pub fn quantity(language: Language, text: &str, unit: Unit) -> Result<Quantity, ParseError> {
    let text = plain(text);
    match unit {
        Unit::Newer(_) => number(language, &text, 3).map(Quantity::from_thousandths),
        Unit::Kilogram => {
            let lower = text.to_lowercase();
            number(language, lower.strip_suffix("kg").unwrap_or(&lower).trim_end(), 3).map(Quantity::from_thousandths)
        }
        Unit::Piece => {
            let pieces = number(language, &text, 0).map_err(|error| match error {
                ParseError::TooManyDecimals { .. } => ParseError::NotWhole,
                other => other,
            })?;
            let thousandths = pieces.checked_mul(Quantity::ONE.thousandths()).ok_or(ParseError::TooLarge)?;
            Ok(Quantity::from_thousandths(thousandths))
        }
    }
}

/// A rate in basis points: `21`, `5,5 %`.
pub fn percent(language: Language, text: &str) -> Result<i64, ParseError> {
    let text = plain(text);
    number(language, text.strip_suffix('%').unwrap_or(&text).trim_end(), 2)
}

/// One kind of space, one kind of minus, nothing around.
fn plain(text: &str) -> String {
    let signs = text.chars().map(|sign| match sign {
        '\u{2212}' => '-',
        sign if sign.is_whitespace() => ' ',
        sign => sign,
    });
    signs.collect::<String>().trim().to_owned()
}

/// Takes the sign or code of the currency off, wherever it stands; the minus stays before the digits.
fn without_currency(text: &str, currency: Currency) -> Result<String, ParseError> {
    let (negative, rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest.trim_start()));
    let is_name = |sign: char| sign.is_alphabetic() || matches!(sign, '€' | '$' | '£' | '¥');
    let before = &rest[..rest.len() - rest.trim_start_matches(is_name).len()];
    let behind = &rest[rest.trim_end_matches(is_name).len()..];
    if before.len() == rest.len() {
        return Err(if rest.is_empty() && !negative { ParseError::Empty } else { ParseError::NotANumber });
    }
    let symbol = crate::format::symbol(currency);
    for name in [before, behind] {
        if !name.is_empty() && name != symbol && !name.eq_ignore_ascii_case(currency.code()) {
            let known = matches!(name, "€" | "$" | "£" | "¥") || Currency::from_code(&name.to_uppercase()).is_ok();
            return Err(if known { ParseError::OtherCurrency } else { ParseError::NotANumber });
        }
    }
    if !before.is_empty() && !behind.is_empty() {
        return Err(ParseError::NotANumber);
    }
    let digits = rest[before.len()..rest.len() - behind.len()].trim();
    match (negative, digits.strip_prefix('-')) {
        (true, Some(_)) => Err(ParseError::NotANumber),
        (true, None) => Ok(format!("-{digits}")),
        (false, _) => Ok(digits.to_owned()),
    }
}

/// Reads a number as an integer of `10^-decimals`.
fn number(language: Language, text: &str, decimals: u8) -> Result<i64, ParseError> {
    if text.is_empty() {
        return Err(ParseError::Empty);
    }
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest.trim_start()));
    if !digits.chars().all(|sign| sign.is_ascii_digit() || matches!(sign, '.' | ',' | ' '))
        || !digits.contains(|sign: char| sign.is_ascii_digit())
    {
        return Err(ParseError::NotANumber);
    }
    let (whole, behind) = match decimal_at(language, digits, decimals)? {
        Some(at) => (&digits[..at], &digits[at + 1..]),
        None => (digits, ""),
    };
    // Zeros too many are no harm, but three digits may have been meant as thousands.
    let behind = if behind.len() == 3 { behind } else { behind.trim_end_matches('0') };
    let whole = ungrouped(whole)?;
    if !behind.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ParseError::NotANumber);
    }
    if behind.len() > usize::from(decimals) {
        return Err(ParseError::TooManyDecimals { allowed: decimals });
    }
    let padding = std::iter::repeat_n(b'0', usize::from(decimals) - behind.len());
    let mut value: i64 = 0;
    for byte in whole.bytes().chain(behind.bytes()).chain(padding) {
        let digit = i64::from(byte - b'0');
        let signed = if negative { -digit } else { digit };
        value = value.checked_mul(10).and_then(|value| value.checked_add(signed)).ok_or(ParseError::TooLarge)?;
    }
    Ok(value)
}

/// Where the decimal sign stands, if there is one.
fn decimal_at(language: Language, digits: &str, decimals: u8) -> Result<Option<usize>, ParseError> {
    let Some(last) = digits.rfind(['.', ',']) else { return Ok(None) };
    let sign = &digits[last..=last];
    let mixed = digits.contains('.') && digits.contains(',');
    let (before, behind) = (&digits[..last], &digits[last + 1..]);
    if before.contains(sign) {
        // Twice the same: groups, or nonsense that is found when they are read.
        return if mixed { Err(ParseError::NotANumber) } else { Ok(None) };
    }
    if mixed || sign.starts_with(decimal_sign(language)) {
        return Ok(Some(last));
    }
    // The other language's decimal sign, or a group of thousands?
    let group = behind.len() == 3 && matches!(before.len(), 1..=3) && !before.starts_with('0');
    match (group, decimals) {
        (false, _) => Ok(Some(last)),
        (true, 0..=2) => Ok(None),
        (true, _) => Err(ParseError::Ambiguous),
    }
}

/// The digits of a whole number whose thousands may be grouped.
fn ungrouped(whole: &str) -> Result<String, ParseError> {
    let Some(sign) = whole.chars().find(|sign| !sign.is_ascii_digit()) else { return Ok(whole.to_owned()) };
    let groups: Vec<&str> = whole.split(sign).collect();
    let first = groups.first().map_or(0, |group| group.len());
    let fits = matches!(first, 1..=3) && groups[1..].iter().all(|group| group.len() == 3);
    if !fits || !groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(ParseError::NotANumber);
    }
    Ok(groups.concat())
}

#[cfg(test)]
mod tests;
