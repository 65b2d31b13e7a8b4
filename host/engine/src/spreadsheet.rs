//! Text in a CSV file that a spreadsheet opens: a cell that begins like a formula is run there, so it is written as text,
//! with the apostrophe by which spreadsheets themselves mark text; reading a file takes exactly that apostrophe off again.
//!
//! A cell also begins behind a `;`: where the decimal sign is a comma, spreadsheets part a file with commas at semicolons.
//! Must not know: files, columns.

use std::borrow::Cow;

/// What a formula begins with, also in the wide forms of East Asian text. `\n` begins a new row in a careless reader.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
/// What a spreadsheet may pass over before it looks for a formula.
const PASSED_OVER: [char; 3] = ['\'', '"', ' '];

/// The text as a cell that no spreadsheet runs. [`of_cell`] gives the text again.
pub fn to_cell(text: &str) -> Cow<'_, str> {
    if !text.contains(FORMULA) {
        return Cow::Borrowed(text);
    }
    map_parts(text, |part| if begins_formula(part) { Some(format!("'{part}")) } else { None })
}

/// The text of a cell: the apostrophes that [`to_cell`], or a spreadsheet's user, put before a formula are taken off.
pub fn of_cell(cell: &str) -> Cow<'_, str> {
    if !cell.contains('\'') {
        return Cow::Borrowed(cell);
    }
    map_parts(cell, |part| part.strip_prefix('\'').filter(|rest| begins_formula(rest)).map(str::to_owned))
}

/// A code as a cell. Importing a code takes any apostrophe before it off, so one of its own gets a second one.
pub fn to_code_cell(code: &str) -> Cow<'_, str> {
    let cell = to_cell(code);
    if cell.starts_with('\'') && !begins_formula(code) { Cow::Owned(format!("'{cell}")) } else { cell }
}

/// The code of a cell. A formula that is only a text, `="00123"`, is how spreadsheets are kept from making a number of it.
pub fn of_code_cell(cell: &str) -> Cow<'_, str> {
    if let Some(text) = cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        return Cow::Borrowed(text.trim());
    }
    match cell.strip_prefix('\'') {
        // What was written for a formula, or an apostrophe by hand: one is taken off the beginning either way.
        Some(rest) => map_tail(rest),
        None => of_cell(cell),
    }
}

fn map_tail(rest: &str) -> Cow<'_, str> {
    let Some((first, others)) = rest.split_once(';') else { return Cow::Borrowed(rest.trim()) };
    Cow::Owned(format!("{first};{}", of_cell(others)))
}

fn begins_formula(part: &str) -> bool {
    part.trim_start_matches(PASSED_OVER).starts_with(FORMULA)
}

fn map_parts(text: &str, part: impl Fn(&str) -> Option<String>) -> Cow<'_, str> {
    let parts: Vec<Option<String>> = text.split(';').map(part).collect();
    if parts.iter().all(Option::is_none) {
        return Cow::Borrowed(text);
    }
    let whole = text.split(';').zip(parts).map(|(old, new)| new.unwrap_or_else(|| old.to_owned()));
    Cow::Owned(whole.collect::<Vec<_>>().join(";"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_begins_like_a_formula_is_written_as_text() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("+32 phone card", "'+32 phone card"),
            ("-20 % sticker", "'-20 % sticker"),
            ("@home mug", "'@home mug"),
            ("\t=1", "'\t=1"),
            ("＝1＋1", "'＝1＋1"),
            (" =1+1", "' =1+1"),
            ("\"=1+1\"", "'\"=1+1\""),
            ("'=1+1", "''=1+1"),
            ("Bread;=1+1", "Bread;'=1+1"),
            ("Bread; \"=1+1", "Bread;' \"=1+1"),
            ("6 inch blade", "6 inch blade"),
            ("Pralines = bon", "Pralines = bon"),
            ("'t Hoekje", "'t Hoekje"),
            ("a;b", "a;b"),
        ] {
            assert_eq!(to_cell(text), cell);
            assert_eq!(of_cell(cell), text);
        }
        assert_eq!(to_code_cell("'7"), "''7");
        assert_eq!(to_code_cell("=\"7\""), "'=\"7\"");
        assert_eq!(of_code_cell("=\"00123\""), "00123");
        assert_eq!(of_code_cell("'00123"), "00123");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_text_comes_back(text in "[-=+@'\";, a1＝]{0,12}") {
            let cell = to_cell(&text);
            prop_assert_eq!(of_cell(&cell), text.as_str());
            for part in cell.split(';') {
                prop_assert!(part.starts_with('\'') || !begins_formula(part), "{part}");
            }
            // Article numbers and codes have no space around them.
            let code = text.trim();
            let cell = to_code_cell(code);
            prop_assert_eq!(of_code_cell(&cell), code);
        }
    }
}
