//! Every text of the markup is told in every language, and nothing else is in the files.
//!
//! `UPDATE_TRANSLATIONS=1 cargo test -p aurapos-ui --test translations` brings the files of `ui/lang` in line with the
//! markup: new texts are added empty (and then fail here until they are translated), texts that are gone are taken out,
//! and the pseudo-language is written anew.
#![allow(clippy::unwrap_used)]

#[path = "translations/po.rs"]
mod po;
#[path = "translations/pseudo.rs"]
mod pseudo;
#[path = "translations/scan.rs"]
mod scan;

use po::{Catalog, Entry};
use scan::{Key, Text};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The crate that compiles the markup: Slint looks for files of this name.
const DOMAIN: &str = "aurapos-ui-markup";
/// The languages people choose. English is the text in the markup.
const LANGUAGES: [(&str, &str); 3] = [
    ("de", "nplurals=2; plural=(n != 1);"),
    ("fr", "nplurals=2; plural=(n > 1);"),
    ("nl", "nplurals=2; plural=(n != 1);"),
];
/// The long language of the tests; no menu offers it.
const PSEUDO: (&str, &str) = ("qps", "nplurals=2; plural=(n != 1);");

/// Words that end in a point though their text does not.
const ABBREVIATIONS: [&str; 1] = ["MwSt."];

fn ui() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn file(language: &str) -> PathBuf {
    ui().join("lang").join(language).join("LC_MESSAGES").join(format!("{DOMAIN}.po"))
}

fn markup() -> BTreeMap<Key, Text> {
    let mut texts = BTreeMap::new();
    for path in slint_files(&ui().join("slint")) {
        let source = std::fs::read_to_string(&path).unwrap();
        let place = path.strip_prefix(ui()).unwrap().display().to_string();
        for (line, found) in scan::texts(&source).unwrap_or_else(|problem| panic!("{place}: {problem}")) {
            let known: &mut Text = texts.entry(found.key()).or_insert_with(|| found.clone());
            assert_eq!(known.plural, found.plural, "{place}:{line}: the same text is used with and without a plural");
            known.places.insert(place.clone());
        }
    }
    texts
}

/// The markup of the program; the gallery of widgets is one for developers and speaks English.
fn slint_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.file_stem().is_some_and(|name| name == "gallery") {
            continue;
        }
        if path.is_dir() {
            files.extend(slint_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "slint") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The file of a language as it should be: exactly the texts of the markup, with the translations that are there.
fn in_line(texts: &BTreeMap<Key, Text>, known: &Catalog, plurals: &str) -> Catalog {
    let entry = |(key, text): (&Key, &Text)| {
        let empty = || vec![String::new(); if text.plural.is_some() { 2 } else { 1 }];
        let told = known.entries.get(key).map(|entry| entry.told.clone());
        let told = told.filter(|told| told.len() == empty().len()).unwrap_or_else(empty);
        let places = text.places.iter().cloned().collect();
        (key.clone(), Entry { plural: text.plural.clone(), told, places })
    };
    Catalog { plurals: plurals.to_owned(), entries: texts.iter().map(entry).collect() }
}

fn pseudo_of(texts: &BTreeMap<Key, Text>) -> Catalog {
    let mut catalog = in_line(texts, &Catalog::default(), PSEUDO.1);
    for (key, entry) in &mut catalog.entries {
        let english = std::iter::once(&key.text).chain(&entry.plural);
        entry.told = english.map(|text| pseudo::long(text)).collect();
    }
    catalog
}

#[test]
fn every_text_is_told_in_every_language() {
    let texts = markup();
    let update = std::env::var_os("UPDATE_TRANSLATIONS").is_some();
    let mut problems = Vec::new();
    for (language, plurals) in LANGUAGES {
        let known = po::read(&file(language)).unwrap();
        if update {
            po::write(&file(language), language, &in_line(&texts, &known, plurals)).unwrap();
        }
        let known = po::read(&file(language)).unwrap();
        assert_eq!(known.plurals, plurals, "{language}: Plural-Forms");
        problems.extend(judge(language, &texts, &known));
    }
    let pseudo = pseudo_of(&texts);
    if update {
        po::write(&file(PSEUDO.0), PSEUDO.0, &pseudo).unwrap();
    }
    // Where a text stands may change without the file: only what is read counts.
    let read = |catalog: Catalog| -> BTreeMap<Key, Vec<String>> {
        catalog.entries.into_iter().map(|(key, entry)| (key, entry.told)).collect()
    };
    if read(po::read(&file(PSEUDO.0)).unwrap()) != read(pseudo) {
        problems.push("qps: out of date".to_owned());
    }
    assert!(
        problems.is_empty(),
        "UPDATE_TRANSLATIONS=1 adds new texts and takes out old ones; then translate what is empty:\n{}",
        problems.join("\n")
    );
}

fn judge(language: &str, texts: &BTreeMap<Key, Text>, known: &Catalog) -> Vec<String> {
    let mut problems = Vec::new();
    for (key, text) in texts {
        let Some(entry) = known.entries.get(key) else {
            problems.push(format!("{language}: missing: {key} ({})", text.places.first().map_or("", String::as_str)));
            continue;
        };
        if entry.plural != text.plural || entry.told.len() != 1 + usize::from(text.plural.is_some()) {
            problems.push(format!("{language}: other plural: {key}"));
            continue;
        }
        let english = [Some(&key.text), text.plural.as_ref()];
        for (told, english) in entry.told.iter().zip(english.into_iter().flatten()) {
            problems.extend(judge_one(english, told).map(|why| format!("{language}: {why}: {key} -> \"{told}\"")));
        }
    }
    let unused = known.entries.keys().filter(|key| !texts.contains_key(key));
    problems.extend(unused.map(|key| format!("{language}: unused: {key}")));
    problems
}

fn judge_one(english: &str, told: &str) -> Option<&'static str> {
    let ends = |text: &str| text.chars().last().filter(|sign| matches!(sign, '.' | ':' | '…' | '?' | '!' | ','));
    if told.is_empty() {
        Some("not translated")
    } else if scan::places(told) != scan::places(english) {
        Some("other places")
    } else if told.trim() != told {
        Some("spaces around")
    } else if ends(told) != ends(english) && !(ends(english).is_none() && ABBREVIATIONS.contains(&told)) {
        Some("other end")
    } else {
        None
    }
}

#[test]
fn the_pseudo_language_is_long_and_keeps_places() {
    assert_eq!(pseudo::long("Search"), "[Šéàŕçĥ ····]");
    for english in
        ["OK", "Search", "Page {} of {}", "{n} plugins need attention", "Nothing was stored: try it again later."]
    {
        let told = pseudo::long(english);
        assert_eq!(scan::places(&told), scan::places(english));
        assert!(told.chars().count() * 10 >= english.chars().count() * 14, "{told}");
    }
}

#[test]
fn the_scanner_reads_markup() {
    let source = r#"
        // @tr("a comment")
        text: @tr("Sale"); /* @tr("no") */ url: "http://x"; text: @tr ( "ctx" => "a \"b\" \u{2026}" );
        t: @tr("{n} line" | "{n} lines" % count(1)); u: @tr("{0}: {1}", a, b); v: "@tr(\"text\")";
    "#;
    let found = scan::texts(source).unwrap();
    let keys: Vec<(String, String, Option<String>)> =
        found.into_iter().map(|(_, text)| (text.context, text.text, text.plural)).collect();
    let plain = |context: &str, text: &str| (context.to_owned(), text.to_owned(), None);
    assert_eq!(keys[0], plain("", "Sale"));
    assert_eq!(keys[1], plain("ctx", "a \"b\" …"));
    assert_eq!(keys[2], (String::new(), "{n} line".to_owned(), Some("{n} lines".to_owned())));
    assert_eq!(keys[3], plain("", "{0}: {1}"));
    assert_eq!(keys.len(), 4);
    assert!(scan::texts("@tr(text)").is_err());
    assert_eq!(scan::places("{} {} {n} {{}}"), ["0", "1", "n"]);
}
