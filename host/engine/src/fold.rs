//! The folded form of text: what is searched in, and what people see sorted by.
//!
//! Owns the one folding of the house, so that results agree between storages: lower case, accents off, words separated
//! by single spaces. Stored rows carry folded text; changing a rule here means folding the catalog again, so a table of
//! examples holds it still.
//! Must not know: tables, languages (a word folds the same in every one of them).

use unicode_normalization::UnicodeNormalization;

/// The searchable form of a text: compatibility-decomposed, lower case, without accents; everything that is neither a
/// letter nor a digit becomes a separator; words stand apart by one space, with none at the ends.
///
/// `fold("Crème brûlée (4×125 g)")` is `"creme brulee 4 125 g"`. Folding a folded text changes nothing.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    if text.is_ascii() {
        text.bytes().for_each(|byte| push(char::from(byte), &mut out));
    } else {
        // Lower case first: "İ" becomes "i" and a combining dot, which the decomposition then takes off.
        text.chars()
            .flat_map(char::to_lowercase)
            .nfkd()
            .filter(|c| !is_accent(*c))
            .for_each(|c| spell_out(c, &mut out));
    }
    if out.ends_with(' ') {
        out.pop();
    }
    out
}

/// Text as the store takes it: NFC, so that two ways of typing one letter are one value.
pub fn nfc(text: &str) -> String {
    if text.is_ascii() { text.to_owned() } else { text.nfc().collect() }
}

/// The longest key of a name, in bytes; 120 letters of any script fit.
const SORT_KEY_BYTES_MAX: usize = aurapos_contract::value::INDEXED_BYTES_MAX / 2;

/// The key by which people see names sorted: the folded text, or the text itself when nothing of it can be folded
/// (a name of symbols only), so that no two such names collapse into one empty key. Cut to what every engine's index
/// holds: few letters fold into many.
pub fn sort_key(text: &str) -> String {
    let mut key = fold(text);
    if key.is_empty() {
        text.trim().clone_into(&mut key);
    }
    key.truncate(key.floor_char_boundary(SORT_KEY_BYTES_MAX));
    key
}

/// The folded words of several texts, each word once: what goes into a search column. Words of 64 characters suffice
/// for every code the catalog takes, and the whole stays far below the limit of a text.
pub fn search_text<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut words: Vec<String> = Vec::new();
    for part in parts {
        for word in fold(part).split(' ').filter(|word| !word.is_empty()) {
            if !words.iter().any(|known| known == word) {
                words.push(word.to_owned());
            }
        }
    }
    words.join(" ")
}

/// Letters that no decomposition takes apart, spelled as people type them on a keyboard without them.
fn spell_out(c: char, out: &mut String) {
    let spelled = match c {
        'ß' => "ss",
        'œ' => "oe",
        'æ' => "ae",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ł' => "l",
        'þ' => "th",
        'ı' => "i",
        'ħ' => "h",
        'ŧ' => "t",
        'ŋ' => "n",
        'ĸ' => "k",
        // A final sigma is the same letter: "Οδος" typed without its end must still begin the word.
        'ς' => "σ",
        _ => return push(c, out),
    };
    out.push_str(spelled);
}

fn push(c: char, out: &mut String) {
    if c.is_alphanumeric() {
        // The decomposition can bring capitals back ("™" is "TM").
        out.extend(c.to_lowercase());
    } else if is_mark_of_a_script(c) {
        out.push(c);
    } else if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

/// Accents of the European scripts. Marks of other scripts carry vowels and stay.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

fn is_mark_of_a_script(c: char) -> bool {
    !c.is_ascii() && unicode_normalization::char::is_combining_mark(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cases: &[(&str, &str)]) {
        for (text, expected) in cases {
            assert_eq!(fold(text), *expected, "folding {text:?}");
            assert_eq!(fold(expected), *expected, "folding {text:?} twice");
        }
    }

    #[test]
    fn a_key_fits_an_index_whatever_the_letters() {
        // One letter that folds into eighteen.
        for name in ["\u{fdfa}".repeat(120), "é".repeat(10_000), "☃".repeat(10_000)] {
            let key = sort_key(&name);
            assert!(!key.is_empty() && key.len() <= SORT_KEY_BYTES_MAX, "{} bytes", key.len());
        }
    }

    #[test]
    fn words_are_lower_case_and_stand_apart_by_one_space() {
        check(&[
            ("", ""),
            ("   ", ""),
            ("Brood", "brood"),
            ("  Wit   BROOD\t800g ", "wit brood 800g"),
            ("Coca-Cola 33cl", "coca cola 33cl"),
            ("L'eau d’Orval", "l eau d orval"),
            ("A&B/C_D", "a b c d"),
            ("(1,5 l)", "1 5 l"),
            ("—", ""),
        ]);
    }

    #[test]
    fn accents_and_letters_of_the_neighbours_fold_to_what_people_type() {
        check(&[
            ("Crème brûlée (4×125 g)", "creme brulee 4 125 g"),
            ("Cre\u{301}me", "creme"),
            ("ÉÈÊË ÀÂ ÎÏ ÔÖ ÙÛÜ Ç Ñ", "eeee aa ii oo uuu c n"),
            ("Straße GROẞ", "strasse gross"),
            ("Œuf œuvre Ærø", "oeuf oeuvre aero"),
            ("Smørrebrød Łódź Đakovo", "smorrebrod lodz dakovo"),
            ("İstanbul ıspanak", "istanbul ispanak"),
            ("Jĳ Ĳsland", "jij ijsland"),
        ]);
    }

    #[test]
    fn compatibility_forms_and_other_scripts() {
        check(&[
            ("ﬁlet", "filet"),
            ("Ｆｕｌｌ", "full"),
            ("m²", "m2"),
            ("Duvel™", "duveltm"),
            ("Οδός ΟΔΟΣ", "οδοσ οδοσ"),
            ("Хлеб", "хлеб"),
            ("हिन्दी", "हिन्दी"),
            ("🍓 Fraise", "fraise"),
        ]);
    }

    #[test]
    fn a_sort_key_is_never_empty_for_a_name() {
        assert_eq!(sort_key("Éclair"), "eclair");
        assert_eq!(sort_key(" ★ "), "★");
        assert_ne!(sort_key("★"), sort_key("☆"));
    }

    #[test]
    fn search_text_has_each_word_once() {
        assert_eq!(search_text(["Pain gris", "PAIN-01", "5400000000003"]), "pain gris 01 5400000000003");
    }
}
