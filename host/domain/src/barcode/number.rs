//! Codes that a spreadsheet turned into numbers.

/// Digits before decimals of nothing from which on it was a code: `1001.0` may be somebody's article number.
const CODE_DIGITS_MIN: usize = 7;

/// Whether a code, or an article number, was turned into a number by a spreadsheet: `5,41E+12`, `5.40E12`,
/// `5400000000003.0`. Without a sign or decimals an `E` is a letter: `220E01` is a good article number.
pub fn is_spreadsheet_number(code: &str) -> bool {
    is_exponential(code) || whole_of(code).is_some_and(|whole| whole.len() >= CODE_DIGITS_MIN)
}

/// The same for what can be nothing but a barcode: any number with decimals of nothing, and groups of thousands.
pub(super) fn is_number(code: &str) -> bool {
    is_spreadsheet_number(code) || whole_of(code).is_some() || is_grouped(code)
}

fn is_exponential(code: &str) -> bool {
    let unsigned = code.strip_prefix(['-', '+']).unwrap_or(code);
    let Some((mantissa, exponent)) = unsigned.split_once(['E', 'e']) else { return false };
    let (mantissa, exponent) = (mantissa.trim_end(), exponent.trim_start());
    let decimal = match mantissa.split_once([',', '.']) {
        Some((whole, decimals)) if is_digits(whole) && is_digits(decimals) => true,
        None if is_digits(mantissa) => false,
        _ => return false,
    };
    match exponent.strip_prefix('+') {
        Some(power) => is_digits(power),
        None => decimal && is_digits(exponent.strip_prefix('-').unwrap_or(exponent)),
    }
}

/// The digits before decimals that are all zero.
fn whole_of(code: &str) -> Option<&str> {
    let (whole, decimals) = code.split_once([',', '.'])?;
    (is_digits(whole) && is_digits(decimals) && decimals.bytes().all(|byte| byte == b'0')).then_some(whole)
}

/// `5,400,000,000,003`, `5'400'000'000'003`.
fn is_grouped(code: &str) -> bool {
    [",", ".", "'", "’"].into_iter().any(|separator| {
        let mut groups = code.split(separator);
        let first = groups.next().unwrap_or_default();
        let rest: Vec<&str> = groups.collect();
        is_digits(first)
            && first.len() <= 3
            && rest.len() >= 2
            && rest.iter().all(|group| group.len() == 3 && is_digits(group))
    })
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
