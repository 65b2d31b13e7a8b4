//! The rules about files that no compiler checks, each with the reason in its message.
//!
//! Owns the walk over all tracked files. Each rule is a plain function from a file's text to problems.

mod allow;
mod crates;
mod markup;
mod sizes;
mod systems;
mod unsafe_code;
mod words;

use std::fs;

use crate::failure::{Context, Failure, Outcome};
use crate::source::mask;
use crate::workspace::Workspace;

/// Where the exceptions stand.
const ALLOW_FILE: &str = "tools/xtask/tidy-allow.txt";

/// Frozen copies of released APIs: what was released is not tidied any more, or it would prove nothing.
const RELEASED: &str = "tests/compat/api-";

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Problem {
    /// The file, relative to the root.
    file: String,
    /// The line, from 1; 0 when the whole file is meant.
    line: usize,
    /// For sizes: what is too long and how long it is, so that an exception can name it.
    size: Option<(String, usize)>,
    /// What is wrong and what to do.
    words: String,
}

impl Problem {
    fn new(file: &str, line: usize, words: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, size: None, words: words.into() }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => write!(formatter, "{}: {}", self.file, self.words),
            line => write!(formatter, "{}:{line}: {}", self.file, self.words),
        }
    }
}

/// Checks every tracked file; returns how many were read.
///
/// # Errors
/// All problems, one a line.
pub fn check(workspace: &Workspace) -> Outcome<usize> {
    let files = workspace.files()?;
    let mut problems = crates::problems(workspace);
    let mut read = 0;
    for file in &files {
        let bytes = fs::read(workspace.root.join(file)).while_doing(file)?;
        // What is no text (images, databases, cut libraries in fixtures) has no lines to look at.
        let Ok(text) = String::from_utf8(bytes) else {
            continue;
        };
        if text.contains('\0') {
            continue;
        }
        read += 1;
        problems.extend(of_file(file, &text));
    }
    let allowed = allow::read(&workspace.root.join(ALLOW_FILE))?;
    let mut problems = allow::apply(problems, &allowed, ALLOW_FILE);
    if problems.is_empty() {
        return Ok(read);
    }
    problems.sort();
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    Err(Failure::refused(format!("{} problems:\n  {}", lines.len(), lines.join("\n  "))))
}

/// Every rule that looks at one file.
fn of_file(file: &str, text: &str) -> Vec<Problem> {
    let mut problems = words::problems(file, text);
    problems.extend(sizes::whole_file(file, text));
    problems.extend(markup::problems(file, text));
    if file.ends_with(".rs") && !file.starts_with(RELEASED) {
        let masked = mask(text);
        problems.extend(sizes::each_function(file, &masked.code));
        problems.extend(words::switched_off_tests(file, &masked.code));
        problems.extend(unsafe_code::problems(file, &masked));
        problems.extend(systems::problems(file, &masked));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_in_order_has_no_problem() {
        assert_eq!(of_file("host/domain/src/money.rs", "//! Money.\n\nfn sum() {}\n"), []);
    }

    #[test]
    fn every_rule_looks_at_every_file() {
        let long: String = "fn long() {\n".to_owned() + &"    step();\n".repeat(80) + "}\n";
        let mark = concat!("TO", "DO");
        let source =
            format!("{long}#[ignore]\nfn x() {{}}\n// {mark}: later\nunsafe fn y() {{}}\n#[cfg(unix)]\nfn z() {{}}\n");
        let found = of_file("host/domain/src/money.rs", &source);
        let rules = ["82 lines", "switched off", "unfinished", "unsafe", "operating systems"];
        for words in rules {
            assert!(found.iter().any(|problem| problem.words.contains(words)), "{words}: {found:?}");
        }
        assert_eq!(found.len(), rules.len(), "{found:?}");
        assert_eq!(of_file("tests/compat/api-1.0.0/src/lib.rs", &long), []);
    }
}
