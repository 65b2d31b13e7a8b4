#![allow(clippy::unwrap_used)]
use super::*;
use std::collections::BTreeSet;

/// Longer ones do not fit into a message over the screen.
const LONGEST: usize = 160;

/// The codes that a source names, as it writes them: between quotes, or at the start of a line.
fn named_in(source: &'static str, start: &str) -> BTreeSet<&'static str> {
    let found =
        source.match_indices(start).filter(|(at, _)| matches!(source[..*at].chars().last(), None | Some('"' | '\n')));
    let code = |at: usize| {
        let rest = &source[at..];
        &rest[..rest.find(|sign: char| !sign.is_ascii_alphanumeric() && sign != '-').unwrap_or(rest.len())]
    };
    let codes = found.map(|(at, _)| code(at));
    codes.filter(|code| code.len() >= 5 && code.ends_with(|sign: char| sign.is_ascii_digit())).collect()
}

#[test]
fn every_code_of_the_program_is_told() {
    let lists = [
        (include_str!("../../../engine/src/error_codes.txt"), "AP-", 50),
        (include_str!("../../../runtime/src/error.rs"), "AP-", 12),
        (include_str!("../../../runtime/src/settings/error.rs"), "AP-02", 5),
        (include_str!("../../../runtime/src/secrets.rs"), "AP-02", 4),
        (include_str!("../../../plugin-host/src/refusal.rs"), "P-1", 50),
        (include_str!("../../../server/src/error.rs"), "AP-06", 22),
        (include_str!("../../../server/src/pair/error.rs"), "AP-06", 14),
        (include_str!("../../../server/src/diagnosis/finding.rs"), "AP-07", 31),
    ];
    for (source, start, least) in lists {
        let codes = named_in(source, start);
        assert!(codes.len() >= least, "only {} codes {start} were found", codes.len());
        for code in codes {
            for language in Language::ALL {
                assert!(sentence(language, code, &[]).is_some(), "{code} is missing");
            }
        }
    }
    assert_eq!(sentence(Language::Dutch, "AP-9999", &[]), None);
}

#[test]
fn tables_are_whole() {
    let mut seen = BTreeSet::new();
    for (code, texts) in rows() {
        assert!(seen.insert(code), "{code} stands twice");
        for (index, (sentence, next)) in texts.iter().enumerate() {
            for text in [sentence, next] {
                check(code, text);
                assert!(!text.contains('{'), "{code}: a plain sentence has no places: {text}");
            }
            assert_ne!(sentence, next, "{code}");
            for (before, after) in &texts[..index] {
                assert!(sentence != before && next != after, "{code}: \"{sentence}\" or \"{next}\" is not translated");
            }
        }
    }
    for row in named_rows() {
        assert!(seen.contains(&row.code) && !row.facts.is_empty(), "{}", row.code);
        let places: BTreeSet<String> = (0..row.facts.len()).map(|place| format!("{{{place}}}")).collect();
        let different: BTreeSet<&str> = row.sentences.into_iter().collect();
        assert_eq!(different.len(), 4, "{} is translated", row.code);
        for text in row.sentences {
            check(row.code, text);
            let found = text.split('{').skip(1).map(|part| format!("{{{}}}", part.split_once('}').unwrap().0));
            assert_eq!(found.collect::<BTreeSet<String>>(), places, "{}: {text}", row.code);
        }
    }
}

fn check(code: &str, text: &str) {
    assert!(text.trim() == text && text.len() > 5 && text.ends_with('.'), "{code}: \"{text}\" is no sentence");
    assert!(text.chars().count() <= LONGEST, "{code}: \"{text}\" is too long");
    assert!(!text.contains('\u{a0}'), "{code}: no-break spaces are put in later: {text}");
}

#[test]
fn facts_are_named_when_they_are_known() {
    let told = |language, args: &[&str]| sentence(language, "AP-5002", args).unwrap().sentence;
    assert_eq!(told(Language::English, &["Mia", "Refunds"]), "Mia does not have the right “Refunds”.");
    assert_eq!(told(Language::French, &["{1}", "a"]), "{1} n'a pas le droit «\u{a0}a\u{a0}».");
    assert_eq!(told(Language::English, &["Mia"]), "You may not do this.");
    assert_eq!(facts("AP-5002"), ["operator", "right"]);
    assert!(facts("AP-9002").is_empty());
}
