//! A code as people and programs show it, and the code itself: what is invisible is taken off, what only looks like a
//! space, a hyphen or a digit becomes one, and what no scanner sends is refused.

use super::BarcodeError;

/// Words for "there is no barcode", lower case, in the languages of price lists.
const NO_CODE: &[&str] = &[
    "n/a",
    "na",
    "n.a.",
    "#n/a",
    "none",
    "null",
    "nil",
    "nan",
    "no",
    "no barcode",
    "without",
    "unknown",
    "tbd",
    "todo",
    "aucun",
    "aucune",
    "sans",
    "néant",
    "s/o",
    "inconnu",
    "geen",
    "nvt",
    "n.v.t.",
    "zonder",
    "onbekend",
    "kein",
    "keine",
    "keiner",
    "ohne",
    "k.a.",
    "unbekannt",
];

/// The text without what is drawn as nothing, and with plain spaces: how an article number is compared.
pub fn visible(text: &str) -> String {
    let space = |character: char| character.is_whitespace() && !character.is_control();
    let seen = text.chars().filter(|character| !is_invisible(*character));
    let plain: String = seen.map(|character| if space(character) { ' ' } else { character }).collect();
    plain.trim().to_owned()
}

/// The code that a text shows: without invisible characters, spaces and hyphens as ASCII has them.
pub(super) fn cleaned(text: &str) -> Result<String, BarcodeError> {
    let seen: String = text.chars().filter(|character| !is_invisible(*character)).map(plain).collect();
    let code = seen.trim();
    if code.is_empty() {
        return Err(BarcodeError::Empty);
    }
    if code.chars().any(char::is_control) {
        return Err(BarcodeError::ControlCharacter);
    }
    if stands_for_none(code) {
        return Err(BarcodeError::Placeholder { text: code.chars().take(40).collect() });
    }
    match code.chars().find(|character| !is_sent(*character)) {
        Some(character) => Err(BarcodeError::Unscannable { code_point: u32::from(character) }),
        None => Ok(code.to_owned()),
    }
}

/// The digits of a code that people write in groups: `5 499000 023549`, `978-2-1234-5680-3`. `None` when there is
/// anything else in it.
pub(super) fn grouped_digits(code: &str) -> Option<String> {
    let compact: String = code.chars().filter(|character| !matches!(character, ' ' | '-')).collect();
    (!compact.is_empty() && compact.bytes().all(|byte| byte.is_ascii_digit())).then_some(compact)
}

/// Whether these are several codes: `|` and `;` stand between codes, and so does anything between two whole EANs.
pub(super) fn is_several(code: &str) -> bool {
    let whole = |part: &str| matches!(part.len(), 8 | 12..=14) && part.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = code.split([',', '/', '+', '&', ' ']).filter(|part| !part.is_empty()).peekable();
    let many = parts.next().is_some_and(whole) && parts.peek().is_some() && parts.all(whole);
    many || code.contains(['|', ';'])
}

/// `-`, `N/A`, `none`, `0000000000000`: a cell that says that there is none.
fn stands_for_none(code: &str) -> bool {
    let lower = code.to_lowercase();
    let word = lower.trim_matches(['(', ')', '[', ']', '<', '>', '"', '\'']);
    NO_CODE.contains(&word)
        || !code.chars().any(char::is_alphanumeric)
        || grouped_digits(code).is_some_and(|digits| digits.bytes().all(|byte| byte == b'0'))
}

/// Drawn as nothing: what web pages, editors and scanners' software leave around and inside of a code.
pub(crate) fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// The character of a keyboard that looks the same.
fn plain(character: char) -> char {
    match character {
        '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => '-',
        // Wide forms of East Asian text.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character),
        _ if character.is_whitespace() && !character.is_control() => ' ',
        _ => character,
    }
}

/// Whether a scanner can send it: what ASCII prints, and letters (a QR code has any).
fn is_sent(character: char) -> bool {
    character == ' ' || character.is_ascii_graphic() || (character.is_alphabetic() && !character.is_ascii())
}
