//! Files and functions that a reader can hold in the head.

use super::Problem;
use crate::source::functions;

const RUST_LINES_MAX: usize = 600;
const FUNCTION_LINES_MAX: usize = 70;
const SLINT_LINES_MAX: usize = 300;

/// A file that grew too long.
pub(super) fn whole_file(file: &str, text: &str) -> Option<Problem> {
    let limit = match file.rsplit('.').next() {
        Some("rs") => RUST_LINES_MAX,
        Some("slint") => SLINT_LINES_MAX,
        _ => return None,
    };
    let lines = text.lines().count();
    (lines > limit).then(|| too_long(file, 0, "file", lines, limit, "split it by what its parts own"))
}

/// Functions that grew too long.
pub(super) fn each_function(file: &str, code: &str) -> Vec<Problem> {
    functions(code)
        .into_iter()
        .filter(|function| function.lines > FUNCTION_LINES_MAX)
        .map(|function| {
            let what = format!("fn {}", function.name);
            too_long(file, function.line, &what, function.lines, FUNCTION_LINES_MAX, "branches here, work in leaves")
        })
        .collect()
}

fn too_long(file: &str, line: usize, what: &str, lines: usize, limit: usize, advice: &str) -> Problem {
    let words = format!("{what} has {lines} lines, more than {limit}: {advice}");
    Problem { size: Some((what.to_owned(), lines)), ..Problem::new(file, line, words) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(count: usize) -> String {
        "x\n".repeat(count)
    }

    #[test]
    fn the_limits_are_exact() {
        assert_eq!(whole_file("a.rs", &lines(600)), None);
        assert!(whole_file("a.rs", &lines(601)).is_some());
        assert_eq!(whole_file("a.slint", &lines(300)), None);
        assert!(whole_file("a.slint", &lines(301)).is_some());
        assert_eq!(whole_file("a.csv", &lines(100_000)), None);
        let function = |lines: usize| format!("fn f() {{\n{}}}\n", "x;\n".repeat(lines - 2));
        assert_eq!(each_function("a.rs", &function(70)), []);
        let found = each_function("a.rs", &function(71));
        assert_eq!(found[0].size, Some(("fn f".to_owned(), 71)));
    }
}
