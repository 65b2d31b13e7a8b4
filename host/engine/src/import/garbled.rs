//! Text that was saved in one encoding and read in another, before it came into this file: `CrÃ¨me`, `Å“ufs`, `Cr√®me`.
//!
//! UTF-8 read in an old code page becomes two or three letters that stand together in no word of Europe. What is lost that
//! way is refused and never mended by guessing: a name that was wrong twice cannot be known.

/// The first of the two letters that a letter of UTF-8 becomes in Windows-1252: accented letters (`Ã`), signs (`Â`),
/// Eastern Europe (`Ä`, `Å`), Greek (`Î`, `Ï`), Cyrillic (`Ð`, `Ñ`).
const LEADS: &str = "ÃÂÄÅÎÏÐÑ";
/// What the second one can be, besides U+0080 to U+00BF.
const UPPER_HALF: &str = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ";
/// The signs among what a second half can be on an old Mac.
const MAC_SIGNS: &str = "†°¢£§•¶®©™´¨≠∞±≤≥¥µ∂∑∏π∫ªºΩ";
/// Quotation marks that may stand behind a word in capitals, and what opened them.
const QUOTES: [(char, &str); 7] =
    [('»', "«"), ('”', "“„”"), ('“', "„"), ('’', "‘’"), ('›', "‹›"), ('‹', "›"), ('‘', "‚")];

/// Whether a text was read in a wrong encoding.
pub fn is_garbled(text: &str) -> bool {
    if text.is_ascii() {
        return false;
    }
    let letters: Vec<char> = text.chars().collect();
    (0..letters.len()).any(|place| is_garbled_at(&letters, place))
}

fn is_garbled_at(letters: &[char], place: usize) -> bool {
    let at = |place: Option<usize>| place.and_then(|place| letters.get(place)).copied().unwrap_or(' ');
    let (before, letter) = (at(place.checked_sub(1)), letters[place]);
    let (next, third) = (at(place.checked_add(1)), at(place.checked_add(2)));
    let continues = |letter: char| matches!(letter, '\u{80}'..='\u{bf}') || UPPER_HALF.contains(letter);
    match letter {
        '\u{fffd}' => true,
        // UTF-8 in code page 850 is full of frames, on an old Mac of roots.
        '\u{2500}'..='\u{259f}' => true,
        '√' | '¬' | '≈' => before.is_alphabetic() || next.is_alphabetic() || MAC_SIGNS.contains(next),
        'Œ' | 'œ' => (next.is_alphabetic() && !next.is_ascii()) || MAC_SIGNS.contains(next),
        '–' | '—' if MAC_SIGNS.contains(next) => true,
        // The apple of an old Mac.
        '\u{f8ff}' => true,
        '‚' => before.is_alphabetic() || "ÄÇÅÜ".contains(next),
        // An accent of three bytes: quotation marks, dashes, the euro.
        'â' => "€„‚†ˆ˜".contains(next) && (continues(third) || next == '€') || next == '\u{80}',
        'ð' | 'Ð' if next.is_alphabetic() && !next.is_ascii() => true,
        'ð' => next == '\u{9f}',
        // The same three bytes in DOS.
        'Ô' => next == 'Ç' || (next.is_lowercase() && !next.is_ascii()),
        'ï' => next == '»' && third == '¿',
        'ã' => "‚ƒ\u{81}".contains(next),
        // Behind a small letter or a digit there is no such capital; alone it is an "à" whose second half was a space.
        'Ã' | 'Â' if before.is_lowercase() || before.is_ascii_digit() => true,
        'Ã' if !before.is_alphabetic() && !next.is_alphabetic() => true,
        'Â' if !before.is_alphabetic() && (next == '\u{a0}' || next == ' ') => true,
        // A capital and a fixed space may end a word, such as "MAÇÃ 1 kg", and be none: "Å koda".
        _ if LEADS.contains(letter) && next == '\u{a0}' => !before.is_alphabetic() && third.is_alphabetic(),
        _ if LEADS.contains(letter) && continues(next) => !is_quoted(letters, place, before, next, third),
        // An old Mac's or DOS' letters read as Windows writes them.
        'ƒ' if next.is_alphabetic() || MAC_SIGNS.contains(next) => true,
        '\u{80}'..='\u{9f}' | '†' | '‡' | 'ˆ' | '‰' | '˜' | '¤' | '¦' | '¨' | '¯' | '¸' => {
            before.is_alphabetic() && next.is_alphabetic()
        }
        'Ž' | 'Š' => before.is_lowercase(),
        _ => false,
    }
}

/// Whether a capital only ends a word in quotation marks: `«MAÇû`.
fn is_quoted(letters: &[char], place: usize, before: char, closing: char, behind: char) -> bool {
    let opened = QUOTES
        .iter()
        .find(|(quote, _)| *quote == closing)
        .is_some_and(|(_, openers)| letters[..place].iter().any(|letter| openers.contains(*letter)));
    opened && before.is_uppercase() && !behind.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::code_page::CodePage;

    const WORDS: [&str; 40] = [
        "Crème",
        "Œufs frais",
        "œufs",
        "Pain – gris",
        "Sauce à dip",
        "À la carte",
        "Noël",
        "NOËL",
        "brûlé",
        "BRÛLÉ",
        "Île flottante",
        "maïs",
        "Öl",
        "Über",
        "Größe",
        "Stück",
        "ÄPFEL",
        "één",
        "reünie",
        "10 € pièce",
        "l’eau",
        "“Extra”",
        "Jus… frais",
        "5 °C",
        "½ litre",
        "m²",
        "Zürich",
        "Łódź",
        "Škoda",
        "Žatec",
        "šunka",
        "ΟΔΟΣ",
        "Хлеб",
        "ñandú",
        "Ñu",
        "Ça va",
        "«Brut»",
        "café™",
        "🍓 Fraise",
        "Voilà",
    ];

    #[test]
    fn words_are_believed() {
        let others = [
            "«MAÇû",
            "‚MAÇÑ‘",
            "Âme",
            "Château",
            "SÃO",
            "MAÇÃ\u{a0}1 kg",
            "Ø\u{a0}28 cm",
            "Ångström",
            "„SPAß“",
            "Åre",
            "PATÄ",
            "Ñ",
            "ÎLE",
            "Ä 5",
            "CAFÉ…",
            "Café…»",
            "Brand®",
            "l´eau 5",
            "¼ Brie",
            "10 £",
            "«É»",
            "Éclair — 5",
        ];
        for text in WORDS.into_iter().chain(others) {
            assert!(!is_garbled(text), "{text}");
        }
    }

    #[test]
    fn the_same_words_read_wrong_are_known() {
        for text in WORDS {
            for page in [CodePage::Windows1252, CodePage::MacRoman, CodePage::Dos850] {
                let once = page.decode(text.as_bytes());
                assert!(is_garbled(&once), "{text} in {page:?}: {once}");
                let twice = page.decode(once.as_bytes());
                assert!(is_garbled(&twice), "{text} twice in {page:?}: {twice}");
            }
        }
    }

    #[test]
    fn spaces_that_were_lost_do_not_hide_it() {
        for text in
            ["Sauce Ã dip", "VoilÃ", "Ã la carte", "2Â kg", "10 Â°C", "Moutarde Â ", "CrÃ¨me", "MAÃ‰", "Cr\u{fffd}me"]
        {
            assert!(is_garbled(text), "{text}");
        }
    }

    #[test]
    fn old_letters_read_as_windows_are_known() {
        for text in ["CafŽ", "Crˆme", "p‰té", "Caf\u{8e}s"] {
            assert!(is_garbled(text), "{text}");
        }
    }
}
