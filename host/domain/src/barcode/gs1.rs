//! GS1 element strings: an article's number (GTIN) among a batch, a date and more, as GS1-128, GS1 DataMatrix and GS1 QR
//! codes carry them, and as the link of a GS1 Digital Link.
//!
//! After the GS1 General Specifications, sections 3 (application identifiers), 7.8 (element strings) and 5.x (symbology
//! identifiers). Only the article's number is of interest here; what stands beside it must only be well-formed.

use super::{BarcodeError, checked};

/// Between an element of variable length and the next one: FNC1, as scanners send it.
const SEPARATOR: char = '\u{1d}';
/// Longer than any symbol holds of element strings.
const CHARACTERS_MAX: usize = 400;
/// The symbology identifiers (ISO/IEC 15424) of symbols that hold element strings: GS1-128, DataBar, GS1 DataMatrix, GS1 QR,
/// GS1 DotCode.
const GS1_SYMBOLS: [&str; 7] = ["]C1", "]e0", "]e1", "]e2", "]d2", "]Q3", "]J1"];

/// The 14 digits of the article, when the text is an element string or a link that names one. `None`: it is neither.
pub(super) fn gtin(text: &str) -> Option<Result<String, BarcodeError>> {
    if text.len() > CHARACTERS_MAX {
        return None;
    }
    let digits = if text.starts_with('(') {
        bracketed(text)?
    } else if text.contains("://") {
        linked(text)?
    } else {
        let marked = GS1_SYMBOLS.iter().find_map(|symbol| text.strip_prefix(symbol));
        let bare = marked.unwrap_or(text);
        let sure = marked.is_some() || bare.contains(SEPARATOR);
        let digits = elements(bare)?;
        // Without a mark it could be any number: then the article must come first and its check digit must be right.
        if !sure && (!bare.starts_with("01") || checked(&digits).is_err()) {
            return None;
        }
        digits
    };
    Some(checked(&digits).map(|()| digits))
}

/// The text behind a symbology identifier such as `]E0`, which some scanners are set to send before every code.
pub(super) fn without_symbology(text: &str) -> &str {
    let behind = text.strip_prefix(']').and_then(|rest| {
        let mut marks = rest.chars();
        let known = marks.next()?.is_ascii_alphabetic() && marks.next()?.is_ascii_alphanumeric();
        known.then_some(marks.as_str())
    });
    behind.filter(|code| !code.is_empty()).unwrap_or(text)
}

/// `01` and its 14 digits among elements that stand one after the other.
fn elements(text: &str) -> Option<String> {
    let mut rest = text.trim_start_matches(SEPARATOR);
    let mut found = None;
    while !rest.is_empty() {
        let identifier = rest.get(..2).filter(|two| is_digits(two))?;
        let element = match predefined_length(identifier) {
            Some(length) => rest.get(..length).filter(|element| is_digits(element))?,
            None => rest.split(SEPARATOR).next()?,
        };
        if element.len() < 3 || !element.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        if identifier == "01" {
            found.get_or_insert_with(|| element[2..].to_owned());
        }
        rest = rest[element.len()..].trim_start_matches(SEPARATOR);
    }
    found
}

/// The length of elements that need no separator, their identifier included (General Specifications, figure 7.8.5-2).
fn predefined_length(identifier: &str) -> Option<usize> {
    Some(match identifier {
        "00" => 20,
        "01" | "02" | "03" => 16,
        "04" => 18,
        "11" | "12" | "13" | "14" | "15" | "16" | "17" | "18" | "19" => 8,
        "20" => 4,
        "31" | "32" | "33" | "34" | "35" | "36" => 10,
        "41" => 16,
        _ => return None,
    })
}

/// `(01)05400000002649(17)261231`: as people read it below the bars. Batches and serials may have brackets of their own.
fn bracketed(text: &str) -> Option<String> {
    let (first, _) = text.strip_prefix('(')?.split_once(')')?;
    let (_, behind) = text.split_once("(01)")?;
    if !(2..=4).contains(&first.len()) || !is_digits(first) {
        return None;
    }
    let value = behind.split('(').next()?;
    padded(&value.replace(' ', ""))
}

/// `https://id.example/01/05400000002649/10/AB1`.
fn linked(text: &str) -> Option<String> {
    let (_, path) = text.split_once("://")?;
    let path = path.split(['?', '#']).next()?;
    let mut segments = path.split('/').skip(1);
    segments.find(|segment| *segment == "01")?;
    padded(segments.next()?)
}

/// A number of 8, 12, 13 or 14 digits in the form of 14.
fn padded(digits: &str) -> Option<String> {
    (matches!(digits.len(), 8 | 12..=14) && is_digits(digits)).then(|| format!("{digits:0>14}"))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
