//! `unsafe` stands at the wall only, and each use says why it is sound.

use super::Problem;
use crate::source::{Masked, Token, tokens};

/// Where unsafe code may stand: the ABI mirror, the plugin host, and the tests that attack them.
const FOLDERS: [&str; 5] =
    ["plugin-api/src/", "plugin-api/tests/", "plugin-api/examples/", "host/plugin-host/", "tests/"];

/// How far above its `unsafe` the reason may stand: a statement may begin some lines earlier.
const STATEMENT_LINES_MAX: usize = 4;

/// Unsafe code in the wrong place or without its reason.
pub(super) fn problems(file: &str, masked: &Masked) -> Vec<Problem> {
    let all = tokens(&masked.code);
    let mut problems = Vec::new();
    for (at, token) in all.iter().enumerate().filter(|(_, token)| token.text == "unsafe") {
        let rest = &all[at + 1..];
        if !FOLDERS.iter().any(|folder| file.starts_with(folder)) {
            problems.push(Problem::new(file, token.line, "unsafe belongs to plugin-api and plugin-host only"));
        } else if needs_reason(rest) && !has_reason(masked, token.line) {
            problems.push(Problem::new(file, token.line, "unsafe without `// SAFETY:` and why it is sound"));
        }
    }
    problems
}

/// A function pointer type promises nothing and does nothing.
fn needs_reason(rest: &[Token<'_>]) -> bool {
    let mut words = rest.iter().filter(|token| token.text != "extern").take(2).map(|token| token.text);
    !(words.next() == Some("fn") && words.next() == Some("("))
}

/// A reason on the line itself, or above it within the statement and the comments and attributes before that.
fn has_reason(masked: &Masked, line: usize) -> bool {
    let code: Vec<&str> = masked.code.lines().collect();
    let comments: Vec<&str> = masked.comments.lines().collect();
    let says_why = |index: usize| {
        comments.get(index).is_some_and(|comment| comment.contains("SAFETY:") || comment.contains("# Safety"))
    };
    let mut code_lines = 0;
    for index in (0..line).rev() {
        if says_why(index) {
            return true;
        }
        let text = code.get(index).map_or("", |text| text.trim());
        let is_attribute = text.starts_with('#');
        if !text.is_empty() && !is_attribute {
            code_lines += 1;
        }
        if code_lines > STATEMENT_LINES_MAX {
            return false;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::mask;

    fn check(file: &str, source: &str, count: usize) {
        let found = problems(file, &mask(source));
        assert_eq!(found.len(), count, "{file} {source:?} gave {found:?}");
    }

    #[test]
    fn unsafe_stands_at_the_wall_only() {
        let sound = "// SAFETY: x lives as long as the process.\nunsafe { x() }";
        check("plugin-api/src/export.rs", sound, 0);
        check("host/plugin-host/src/load.rs", sound, 0);
        check("tests/hostile/src/lib.rs", sound, 0);
        check("plugin-api/contract/src/lib.rs", sound, 1);
        check("host/engine/src/lib.rs", sound, 1);
        check("tools/bench/src/main.rs", "// unsafe\n\"unsafe\" #![deny(unsafe_code)]", 0);
    }

    #[test]
    fn every_unsafe_says_why() {
        let here = "plugin-api/src/lib.rs";
        check(here, "unsafe { x() }", 1);
        check(here, "unsafe { x() } // SAFETY: y", 0);
        check(here, "// SAFETY: y\n// and z\n#[allow(unsafe_code)]\nlet a = f(\n  unsafe { x() },\n);", 0);
        check(here, "// SAFETY: far\na;\nb;\nc;\nd;\ne;\nunsafe { x() }", 1);
        check(here, "/// # Safety\n/// never null\n#[inline]\nunsafe fn f() {}", 0);
        check(here, "unsafe impl Send for X {}", 1);
        check(here, "#[unsafe(no_mangle)]\nfn f() {}", 1);
        check(here, "type F = unsafe extern \"C\" fn(u8); struct S { f: unsafe fn() }", 0);
        check(here, "// SAFETY: the first\nunsafe { a() }\n\n\n\n\nb;\nc;\nd;\ne;\nf;\nunsafe { c() }", 1);
    }
}
