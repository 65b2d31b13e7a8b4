//! Plain decimals: an optional minus, digits, and a dot with decimals. No grouping, no exponent, no currency sign.

use super::MoneyError;

/// Reads a decimal as an integer of `10^-digits`. `"12.5"` with two digits is 1250.
pub(super) fn parse(text: &str, digits: u8) -> Result<i64, MoneyError> {
    let shown = || text.chars().take(40).collect::<String>();
    let not_a_number = || MoneyError::NotANumber { text: shown() };
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, decimals) = match unsigned.split_once('.') {
        Some((_, "")) => return Err(not_a_number()),
        Some(parts) => parts,
        None => (unsigned, ""),
    };
    if whole.is_empty() || !whole.bytes().chain(decimals.bytes()).all(|b| b.is_ascii_digit()) {
        return Err(not_a_number());
    }
    if decimals.len() > usize::from(digits) {
        return Err(MoneyError::TooManyDecimals { text: shown(), allowed: digits });
    }
    let padding = usize::from(digits) - decimals.len();
    let mut value: i64 = 0;
    for digit in whole.bytes().chain(decimals.bytes()).chain(std::iter::repeat_n(b'0', padding)) {
        let digit = i64::from(digit - b'0');
        let signed = if negative { -digit } else { digit };
        value = value.checked_mul(10).and_then(|v| v.checked_add(signed)).ok_or(MoneyError::Overflow)?;
    }
    Ok(value)
}

/// Writes an integer of `10^-digits` with all its decimals.
pub(super) fn format(value: i64, digits: u8) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let unit = 10_u64.pow(u32::from(digits));
    let magnitude = value.unsigned_abs();
    if digits == 0 {
        return format!("{sign}{magnitude}");
    }
    let width = usize::from(digits);
    format!("{sign}{}.{:0width$}", magnitude / unit, magnitude % unit)
}
