//! Bytes that are no UTF-8: which of the old code pages they are, when that is certain.
//!
//! Windows writes 1252, an old Mac its own page, programs of the DOS time 850. All three give a letter to nearly every byte,
//! so a wrong one reads without an error and is wrong. Read in the right page, words of Western Europe look like words; in a
//! wrong one, capitals stand behind small letters and signs inside of words. What could be two is refused.
//! Must not know: rows, columns.

use encoding_rs::{MACINTOSH, WINDOWS_1252};

/// A code page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodePage {
    /// Western Europe on Windows.
    Windows1252,
    /// The Mac before Unicode.
    MacRoman,
    /// Western Europe in DOS.
    Dos850,
}

const ALL: [CodePage; 3] = [CodePage::Windows1252, CodePage::MacRoman, CodePage::Dos850];

/// Code page 850 from 0x80 on.
const DOS_850: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";

/// How often a file must look right for each time that it looks wrong, to be believed as a whole.
const RIGHT_FOR_ONE_WRONG: u64 = 20;

/// How a text looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Looks {
    right: u64,
    wrong: u64,
}

/// Looks at pieces of one file, to judge them together: rows that could be two are decided by the others.
#[derive(Debug, Default)]
pub struct Judge {
    looks: [Looks; ALL.len()],
}

impl Judge {
    /// Takes a piece into account; UTF-8 says nothing about a code page.
    pub fn look_at(&mut self, bytes: &[u8]) {
        if std::str::from_utf8(bytes).is_ok() {
            return;
        }
        for (looks, page) in self.looks.iter_mut().zip(ALL) {
            let piece = looks_of(&page.decode(bytes));
            looks.right += piece.right;
            looks.wrong += piece.wrong;
        }
    }

    /// The one page that it can be.
    pub fn verdict(&self) -> Option<CodePage> {
        let (best, page) = self.looks.iter().zip(ALL).min_by_key(|(looks, _)| looks.wrong)?;
        let believed =
            best.right >= best.wrong * RIGHT_FOR_ONE_WRONG && (best.right > 0 || page == CodePage::Windows1252);
        // Of two that look right, Windows is believed where it looks better: nobody writes the others any more.
        let alone = self.looks.iter().zip(ALL).filter(|(_, other)| *other != page).all(|(other, _)| {
            other.wrong > best.wrong || (page == CodePage::Windows1252 && best.right > other.right + 1)
        });
        (believed && alone).then_some(page)
    }
}

impl CodePage {
    /// The text of bytes.
    pub fn decode(self, bytes: &[u8]) -> String {
        match self {
            CodePage::Windows1252 => WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
            CodePage::MacRoman => MACINTOSH.decode_without_bom_handling(bytes).0.into_owned(),
            CodePage::Dos850 => {
                let letter = |byte: &u8| match byte.checked_sub(0x80) {
                    None => Some(char::from(*byte)),
                    Some(place) => DOS_850.chars().nth(usize::from(place)),
                };
                bytes.iter().filter_map(letter).collect()
            }
        }
    }
}

/// The only page that these bytes can be.
pub fn of(bytes: &[u8]) -> Option<CodePage> {
    let mut judge = Judge::default();
    judge.look_at(bytes);
    judge.verdict()
}

/// The text of bytes of this page; `None` when it makes no sense there.
pub fn read(bytes: &[u8], page: CodePage) -> Option<String> {
    let text = page.decode(bytes);
    (looks_of(&text).wrong == 0).then_some(text)
}

fn looks_of(text: &str) -> Looks {
    let letters: Vec<char> = text.chars().collect();
    let at = |place: Option<usize>| place.and_then(|place| letters.get(place)).copied().unwrap_or(' ');
    let mut looks = Looks::default();
    for (place, letter) in letters.iter().enumerate().filter(|(_, letter)| !letter.is_ascii()) {
        match judged(at(place.checked_sub(1)), *letter, at(place.checked_add(1))) {
            Some(true) => looks.right += 2,
            Some(false) => looks.wrong += 1,
            None => {}
        }
    }
    looks
}

/// Whether a letter looks right between two others; `None` when it could be or not.
fn judged(before: char, letter: char, after: char) -> Option<bool> {
    let inside = before.is_alphabetic() && after.is_alphabetic();
    match letter {
        // Only behind a vowel.
        'ß' => Some("aeiouyäöüAEIOUYÄÖÜ".contains(before)),
        // No word begins with these, and a capital stands behind no small letter.
        _ if letter.is_uppercase() && before.is_lowercase() => Some(false),
        'Ï' | 'Ë' | 'Û' | 'Ù' if !before.is_alphabetic() => None,
        'À' | 'Â' | 'Ä' | 'Ç' | 'É' | 'È' | 'Ê' | 'Ë' | 'Î' | 'Ï' | 'Ô' | 'Ö' | 'Ù' | 'Û' | 'Ü' | 'Œ' => {
            Some(true)
        }
        // A small letter between capitals is how people type who cannot find the capital.
        _ if letter.is_lowercase() && before.is_uppercase() && !after.is_lowercase() => None,
        'à' | 'â' | 'ä' | 'ç' | 'é' | 'è' | 'ê' | 'ë' | 'î' | 'ï' | 'ô' | 'ö' | 'ù' | 'û' | 'ü' | 'œ' => {
            Some(true)
        }
        // The letters of the neighbours.
        'ª' | 'º' | 'ƒ' | 'µ' | 'ﬁ' | 'ﬂ' | 'ˆ' | 'ı' => (inside || letter == 'ƒ').then_some(false),
        _ if letter.is_alphabetic() => None,
        '’' if inside => Some(true),
        // They open a quotation.
        '‚' | '„' if before.is_alphabetic() => Some(false),
        '¡' | '¿' | '…' => {
            (before.is_alphabetic() && letter != '…' || after.is_alphabetic() && letter == '…').then_some(false)
        }
        '‘' | '’' | '“' | '”' | '„' | '‚' | '«' | '»' | '‹' | '›' | '–' | '—' | '•' | '€' | '£' | '¥' | '°' | '²'
        | '³' | '¹' | '½' | '¼' | '¾' | '®' | '™' | '©' | '×' | '÷' | '±' | '·' => inside.then_some(false),
        // Typed for an apostrophe.
        '´' => (!inside).then_some(false),
        '\u{a0}' | '\u{ad}' => None,
        // Controls, frames, signs of mathematics, accents without a letter.
        _ => Some(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes_of(text: &str, page: CodePage) -> Vec<u8> {
        let byte = |letter: char| (0..=255).find(|byte| page.decode(&[*byte]).starts_with(letter));
        text.chars().map(|letter| byte(letter).unwrap_or_else(|| panic!("{letter} is not in {page:?}"))).collect()
    }

    const LIST: [&str; 14] = [
        "Crème brûlée 4x125 g",
        "Pâté de forêt",
        "Épicerie fine",
        "CAFÉ MOULU",
        "NOËL",
        "CÔTES DU RHÔNE",
        "À la carte",
        "Käse gerieben",
        "Straße",
        "Ijsthee, één liter",
        "Málaga",
        "Piñata",
        "Jambon à l'os",
        "Thé vert 20 °",
    ];

    #[test]
    fn a_list_is_read_right_in_its_own_page() {
        for page in ALL {
            let rows: Vec<Vec<u8>> = LIST.iter().map(|text| bytes_of(text, page)).collect();
            let mut judge = Judge::default();
            rows.iter().for_each(|row| judge.look_at(row));
            assert_eq!(judge.verdict(), Some(page));
            for (row, text) in rows.iter().zip(LIST) {
                assert_eq!(read(row, page).as_deref(), Some(text), "{page:?}");
            }
        }
    }

    #[test]
    fn a_row_alone_is_read_right_or_not_at_all() {
        let words =
            ["l’eau", "Bœuf bourguignon", "CRÈME", "VOILÀ", "ŒUFS", "fête", "Sür", "MAÏS", "œuf", "Kaffee für 5 €"];
        for text in LIST.into_iter().chain(words) {
            for page in ALL.into_iter().filter(|page| text.chars().all(|letter| encodable(letter, *page))) {
                let read = alone(&bytes_of(text, page));
                assert!(read.is_none() || read.as_deref() == Some(text), "{text} in {page:?}: {read:?}");
            }
        }
        // What Windows writes every day is read.
        for text in ["Crème", "Café", "Épicerie", "CAFÉ", "Käse", "Stück", "fête", "Málaga", "Piñata", "l’eau", "naïf"]
        {
            assert_eq!(alone(&bytes_of(text, CodePage::Windows1252)).as_deref(), Some(text));
        }
    }

    fn alone(bytes: &[u8]) -> Option<String> {
        read(bytes, of(bytes)?)
    }

    fn encodable(letter: char, page: CodePage) -> bool {
        (0..=255_u8).any(|byte| page.decode(&[byte]).starts_with(letter))
    }

    #[test]
    fn a_row_of_another_page_than_its_file_is_refused() {
        for (text, page) in [("Crème", CodePage::MacRoman), ("Café", CodePage::Dos850), ("brûlée", CodePage::Dos850)]
        {
            assert_eq!(read(&bytes_of(text, page), CodePage::Windows1252), None, "{text}");
        }
        assert_eq!(read(&bytes_of("Café", CodePage::Windows1252), CodePage::Dos850), None);
    }
}
