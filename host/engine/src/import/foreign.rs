//! Whether a list that reads as Western European is more likely of elsewhere: Czech, Polish, Hungarian, Turkish, Cyrillic,
//! Greek, Japanese. Their old code pages give a letter to nearly every byte, so that the wrong one makes words without an
//! error: `Žluťoučký` becomes `Žluouèký`.
//!
//! `chardetng`, the detector of Firefox, is asked for a second opinion. It never decides: where it does not agree the file is
//! refused by name, and a person says what it is (ADR 0032). Must not know: rows, columns, Western code pages.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GBK, IBM866, ISO_8859_5, ISO_8859_6, ISO_8859_7, ISO_8859_8, KOI8_U, SHIFT_JIS,
    WINDOWS_874, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1253, WINDOWS_1255, WINDOWS_1256,
};

/// So many lines that would read otherwise make another Latin page believable: of a word alone the detector can't tell.
const LATIN_LINES_MIN: usize = 3;
/// Pages of other scripts: a line is enough.
const OTHER_SCRIPTS: [&Encoding; 16] = [
    WINDOWS_1251,
    WINDOWS_1253,
    WINDOWS_1255,
    WINDOWS_1256,
    WINDOWS_874,
    IBM866,
    ISO_8859_5,
    ISO_8859_6,
    ISO_8859_7,
    ISO_8859_8,
    KOI8_U,
    SHIFT_JIS,
    EUC_JP,
    EUC_KR,
    GBK,
    BIG5,
];

/// Lines of one file that are no UTF-8, to be judged together.
#[derive(Debug, Default)]
pub struct Suspicion {
    lines: Vec<Vec<u8>>,
}

impl Suspicion {
    /// Takes a line into account; UTF-8 says nothing about a code page.
    pub fn look_at(&mut self, line: &[u8]) {
        if std::str::from_utf8(line).is_err() {
            self.lines.push(line.to_owned());
        }
    }

    /// What the file looks like, when that is not Western Europe.
    pub fn verdict(&self) -> Option<&'static Encoding> {
        if self.lines.is_empty() {
            return None;
        }
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        for line in &self.lines {
            detector.feed(line, false);
            detector.feed(b"\n", false);
        }
        detector.feed(b"", true);
        let guess = detector.guess(None, Utf8Detection::Deny);
        if guess == WINDOWS_1252 {
            return self.is_hungarian().then_some(WINDOWS_1250);
        }
        let differs = |line: &&Vec<u8>| {
            guess.decode_without_bom_handling(line).0 != WINDOWS_1252.decode_without_bom_handling(line).0
        };
        let lines = self.lines.iter().filter(differs).count();
        let needed = if OTHER_SCRIPTS.contains(&guess) { 1 } else { LATIN_LINES_MIN };
        (lines >= needed).then_some(guess)
    }

    /// Hungarian differs from the West in two letters only, which the detector does not weigh enough: an `ő` reads as `õ`.
    /// Portuguese has that, and nearly always `ã` or `ç` beside it.
    fn is_hungarian(&self) -> bool {
        let has = |bytes: &[u8]| self.lines.iter().flatten().any(|byte| bytes.contains(byte));
        // õ and Õ; ã, Ã, ç and Ç of Windows-1252.
        has(b"\xf5\xd5") && !has(b"\xe3\xc3\xe7\xc7")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::WINDOWS_1254;

    /// Names of shops of that country, as its Windows writes them.
    const LISTS: [(&str, &Encoding, &str); 10] = [
        (
            "cs",
            WINDOWS_1250,
            "Žluťoučký sýr|Kuřecí řízek|Rohlík tukový|Máslo čerstvé|Pivo světlé výčepní|Vejce čerstvá",
        ),
        ("pl", WINDOWS_1250, "Chleb żytni|Masło świeże|Śmietana gęsta|Ser żółty|Kiełbasa śląska|Sok jabłkowy"),
        ("hu", WINDOWS_1250, "Friss tojás|Fűszeres kolbász|Őszibarack|Tejföl 20%|Túró rudi|Szőlő"),
        ("ro", WINDOWS_1250, "Pâine albă|Brânză de vaci|Smântână|Ţuică de prune|Roşii"),
        ("ru", WINDOWS_1251, "Хлеб ржаной|Молоко|Масло сливочное|Сыр российский|Колбаса варёная"),
        ("bg", WINDOWS_1251, "Хляб|Прясно мляко|Сирене|Яйца|Шунка"),
        ("tr", WINDOWS_1254, "Taze süt|Şeker|Çay bardağı|Ekmek kızartma|Yoğurt|Zeytinyağı|Kıyma|Sığır eti|İçme suyu"),
        ("el", WINDOWS_1253, "Ψωμί|Γάλα|Τυρί φέτα|Αυγά|Ελαιόλαδο"),
        ("ja", SHIFT_JIS, "りんごジュース|食パン|牛乳|チーズ|日本酒|醤油"),
        ("uk", WINDOWS_1251, "Хліб житній|Молоко|Олія соняшникова|Яйця курячі|Їжа дитяча"),
    ];
    const WESTERN: [&str; 10] = [
        "Crème brûlée|Pâté de forêt|Épicerie fine|Café moulu|Noël|Côtes du Rhône|À la carte|Bœuf haché|Maïs doux",
        "Käse gerieben|Straße|Brötchen|Äpfel|Gemüse|Weißwein|Öl|Süßstoff|Würstchen",
        "Ijsthee, één liter|Crème fraîche|Geïmporteerde olijven|Coöperatie melk|Kaas belegen",
        "Piñata|Málaga dulce|Jamón ibérico|Azúcar|Piña|Plátano|Ñoquis|Limón",
        "Caffè macinato|Tè verde|Ragù|Baccalà|Purè",
        "Pão|Maçã|Feijão|Açúcar|Limões|Requeijão|Água",
        "Kött|Smör|Ägg|Bröd|Mjölk|Vitlök|Rågbröd",
        "Rugbrød|Smør|Æg|Mælk|Æble|Rødkål",
        "Þorskur|Mjólk|Brauð|Smjör|Ýsa|Kjöt|Súrmjólk|Rúgbrauð",
        "Näkkileipä|Hyytelö|Jäätelö|Ruisleipä",
    ];

    fn verdict<'a>(names: impl Iterator<Item = &'a str>, page: &'static Encoding) -> Option<&'static Encoding> {
        let mut suspicion = Suspicion::default();
        for name in names {
            let (bytes, _, lost) = page.encode(name);
            assert!(!lost, "{name} is not in {}", page.name());
            suspicion.look_at(&bytes);
        }
        suspicion.verdict()
    }

    #[test]
    fn lists_of_elsewhere_are_known() {
        for (language, page, names) in LISTS {
            assert_eq!(verdict(names.split('|'), page), Some(page), "{language}");
        }
    }

    #[test]
    fn lists_and_words_of_the_west_are_left_alone() {
        for names in WESTERN {
            assert_eq!(verdict(names.split('|'), WINDOWS_1252), None, "{names}");
            // A word alone says nothing against the West, but for a Portuguese one that could be Hungarian.
            for name in names.split('|').filter(|name| *name != "Limões") {
                assert_eq!(verdict(std::iter::once(name), WINDOWS_1252), None, "{name}");
            }
        }
        assert_eq!(verdict(["Limões"].into_iter(), WINDOWS_1252), Some(WINDOWS_1250));
        assert_eq!(verdict(["Pain", "Šunka".get(2..).unwrap_or_default()].into_iter(), WINDOWS_1252), None, "ASCII");
    }

    #[test]
    fn one_line_of_another_script_is_enough() {
        assert_eq!(verdict(["Хлеб ржаной"].into_iter(), WINDOWS_1251), Some(WINDOWS_1251));
        assert_eq!(verdict(["りんごジュース"].into_iter(), SHIFT_JIS), Some(SHIFT_JIS));
    }
}
