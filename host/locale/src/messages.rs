//! Sentences for operators by their name, in each language: what a form or a preview says of a field, a row, a label. What the table does not know, the caller shows in English.
//!
//! Errors of the engine and the program have theirs in [`crate::errors`]. A sentence names the thing. `{name}` stands for an argument of the caller, already formatted.

use crate::Language;

mod reasons;
mod table;

/// The sentences of one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Messages {
    language: Language,
}

impl Messages {
    /// The sentences of a language.
    pub const fn new(language: Language) -> Messages {
        Messages { language }
    }

    /// The sentence of a code with its arguments put in; `None` when the table has no such code.
    ///
    /// A place without an argument stays as it is, so that a forgotten one is seen and not silently empty.
    pub fn sentence(&self, code: &str, arguments: &[(&str, &str)]) -> Option<String> {
        let (_, sentences) = rows().find(|(known, _)| *known == code)?;
        let spaced = crate::format::spaced(self.language, sentences[self.language.column()]);
        let mut rest = spaced.as_str();
        let mut text = String::with_capacity(rest.len());
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let Some((name, behind)) = after.split_once('}') else {
                text.push('{');
                rest = after;
                continue;
            };
            match arguments.iter().find(|(known, _)| *known == name) {
                // Put in as it is: a brace in a product's name is not a place.
                Some((_, value)) => text.push_str(value),
                None => text.extend(["{", name, "}"]),
            }
            rest = behind;
        }
        text.push_str(rest);
        Some(text)
    }
}

fn rows() -> impl Iterator<Item = &'static (&'static str, [&'static str; 4])> {
    table::CODES.iter().chain(reasons::REASONS)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::collections::BTreeSet;

    fn places(sentence: &str) -> BTreeSet<&str> {
        sentence.split('{').skip(1).map(|part| part.split_once('}').unwrap().0).collect()
    }

    #[test]
    fn no_language_misses_a_code_or_a_place() {
        let mut seen = BTreeSet::new();
        for (code, sentences) in rows() {
            assert!(seen.insert(code), "{code} is there twice");
            for (language, sentence) in Language::ALL.iter().zip(sentences) {
                assert!(
                    sentence.trim().len() > 5 && sentence.trim() == *sentence,
                    "{code} in {language}: \"{sentence}\""
                );
                assert_eq!(places(sentence), places(sentences[0]), "{code} in {language} has the places of English");
                assert!(sentence.ends_with(['.', '?']), "{code} in {language} is a sentence");
            }
            let different: BTreeSet<&str> = sentences.iter().copied().collect();
            assert_eq!(different.len(), 4, "{code} is translated");
        }
        assert!(seen.len() >= 50);
    }

    #[test]
    fn arguments_are_put_in() {
        fn check(language: Language, code: &str, arguments: &[(&str, &str)], expected: Option<&str>) {
            assert_eq!(Messages::new(language).sentence(code, arguments).as_deref(), expected);
        }
        let remains = [("amount", "€ 3,00")];
        check(Language::English, "sale.not_settled", &remains, Some("€ 3,00 is still to be paid."));
        check(Language::Dutch, "sale.not_settled", &remains, Some("Er moet nog € 3,00 betaald worden."));
        check(Language::English, "sale.not_settled", &[], Some("{amount} is still to be paid."));
        check(Language::English, "sale.not_settled", &[("amount", "{amount}")], Some("{amount} is still to be paid."));
        check(Language::English, "no.such.code", &[], None);
    }
}
