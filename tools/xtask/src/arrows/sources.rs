//! The rules that only the sources can answer: `std` is in no Cargo.toml.

use super::rules::SourceRule;
use crate::source::{Token, tokens};

/// Everything in the masked code of one file that the rule forbids.
pub(super) fn problems(file: &str, code: &str, rule: &SourceRule) -> Vec<String> {
    let all = tokens(code);
    let modules = std_modules(&all);
    let modules = modules.iter().filter(|token| rule.std_modules.contains(&token.text));
    let words = all.iter().filter(|token| rule.words.contains(&token.text));
    modules
        .map(|token| (token.line, format!("std::{}", token.text)))
        .chain(words.map(|token| (token.line, token.text.to_owned())))
        .map(|(line, what)| format!("{file}:{line}: {what}: {}", rule.because))
        .collect()
}

/// The modules named right after `std::`, also inside `std::{...}`.
fn std_modules<'a>(all: &[Token<'a>]) -> Vec<Token<'a>> {
    let mut found = Vec::new();
    for (at, token) in all.iter().enumerate() {
        let is_path = all.get(at + 1..at + 3).is_some_and(|signs| signs.iter().all(|sign| sign.text == ":"));
        if token.text != "std" || !is_path {
            continue;
        }
        match all.get(at + 3) {
            Some(brace) if brace.text == "{" => found.extend(first_words(&all[at + 3..])),
            Some(word) => found.push(*word),
            None => {}
        }
    }
    found
}

/// The first word of every branch of a `{a::b, c::{d}, e}` group.
fn first_words<'a>(group: &[Token<'a>]) -> Vec<Token<'a>> {
    let (mut depth, mut first, mut found) = (0_usize, false, Vec::new());
    for token in group {
        match token.text {
            "{" => {
                depth += 1;
                first = depth == 1;
            }
            "}" => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            "," => first = depth == 1,
            _ => {
                if first && token.is_word() {
                    found.push(*token);
                }
                first = false;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::mask;

    const RULE: SourceRule =
        SourceRule { package: "", std_modules: &["fs", "thread"], words: &["SystemTime"], because: "no" };

    fn check(source: &str, expected: &[&str]) {
        let found = problems("f.rs", &mask(source).code, &RULE);
        assert_eq!(found, expected.iter().map(|what| format!("f.rs:{what}: no")).collect::<Vec<_>>(), "{source}");
    }

    #[test]
    fn forbidden_names_are_found_however_they_are_imported() {
        check("use std::fs;", &["1: std::fs"]);
        check("use std::{collections::BTreeMap, fs::{self, File}, thread};", &["1: std::fs", "1: std::thread"]);
        check("fn f() {\n  ::std::thread::spawn(|| ());\n}", &["2: std::thread"]);
        check("use std::time::{Duration, SystemTime};", &["1: SystemTime"]);
        check("use std :: fs;", &["1: std::fs"]);
    }

    #[test]
    fn what_only_looks_alike_is_left_alone() {
        check("use std::{fmt, collections::{fs, thread}};", &[]);
        check("use crate::fs; let thread = 1; // std::fs\n\"std::thread\";", &[]);
        check("use std", &[]);
    }
}
