//! Screens take their looks from the tokens: a colour of its own would be wrong in the other theme.

use super::Problem;
use crate::source::mask;

/// Where the tokens are used and none is made.
const SCREENS: &str = "ui/slint/screens/";

/// What only a token may give a value, with the global that holds it.
const SIZES: [(&str, &str); 3] = [("font-size", "Type"), ("padding", "Space"), ("spacing", "Space")];

/// What is left between two lines of text that belong together is no step of the scale.
const HAIRLINE_MAX: f32 = 2.0;

/// Functions and names that make a colour.
const COLOURS: [&str; 5] = ["rgb(", "rgba(", "hsv(", "oklch(", "Colors."];

/// Literal colours, font sizes and paddings in a screen.
pub(super) fn problems(file: &str, text: &str) -> Vec<Problem> {
    if !file.starts_with(SCREENS) || !file.ends_with(".slint") {
        return Vec::new();
    }
    let mut problems = Vec::new();
    // Comments and texts of markup are written as those of Rust.
    for (index, line) in mask(text).code.lines().enumerate() {
        let mut add = |words: String| problems.push(Problem::new(file, index + 1, words));
        if let Some(colour) = colour(line) {
            add(format!("{colour} is a colour of its own: take one from Theme, which knows both themes"));
        }
        for (name, global) in SIZES.iter().filter(|(name, _)| has_literal(line, name)) {
            add(format!("{name} is a number here: take it from {global}"));
        }
    }
    problems
}

fn colour(line: &str) -> Option<String> {
    let hexadecimal = line.match_indices('#').find_map(|(at, _)| {
        let digits: String = line[at + 1..].chars().take_while(char::is_ascii_alphanumeric).collect();
        let is_colour = digits.len() >= 3 && digits.chars().all(|digit| digit.is_ascii_hexdigit());
        is_colour.then(|| format!("#{digits}"))
    });
    let word = |name: &&&str| {
        line.match_indices(**name)
            .any(|(at, _)| !line[..at].ends_with(|before: char| before.is_alphanumeric() || before == '-'))
    };
    hexadecimal.or_else(|| COLOURS.iter().find(word).map(|name| name.trim_end_matches(['(', '.']).to_owned()))
}

/// Whether a property of this name, or one of its sides (`padding-left`), is set to a number of its own.
fn has_literal(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let is_inside =
            line[..at].ends_with(|before: char| before.is_alphanumeric() || matches!(before, '-' | '.' | '_'));
        let side =
            line[at + name.len()..].trim_start_matches(|letter: char| letter.is_ascii_lowercase() || letter == '-');
        let Some(value) = side.trim_start().strip_prefix(':').filter(|_| !is_inside) else {
            return false;
        };
        let value = value.trim_start();
        let unit = value.trim_start_matches(|sign: char| sign.is_ascii_digit() || sign == '.');
        let is_distance = value[..value.len() - unit.len()].parse::<f32>().is_ok_and(|number| number > HAIRLINE_MAX);
        // With its unit: `2 * Space.xl` is a token still.
        is_distance && unit.starts_with(|letter: char| letter.is_ascii_alphabetic())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, count: usize) {
        let found = problems("ui/slint/screens/sale.slint", line);
        assert_eq!(found.len(), count, "{line:?} gave {found:?}");
    }

    #[test]
    fn literals_are_found() {
        check("background: #F6F7F9;", 1);
        check("color: x ? #fff : Theme.text;", 1);
        check("color: Colors.red; border-color: rgba(0, 0, 0, 0.5);", 1);
        check("Text { font-size: 14px; padding: 8px }", 2);
        check("padding-left:12px;\nspacing : 4px;", 2);
    }

    #[test]
    fn tokens_and_what_only_looks_alike_are_left_alone() {
        check(
            "background: Theme.bg; font-size: Type.body; padding: Space.l; spacing: 2px; padding-top: 2 * Space.xl;",
            0,
        );
        check("// #F6F7F9, font-size: 14px\ntext: \"#123456\"; /* rgb(1,2,3) */", 0);
        check("text: @tr(\"Order #{}\", id); width: 120px; letter-spacing: 2px; x: root.padding;", 0);
        check("padding: root.wide ? Space.l : Space.m; to-rgb(x); property <length> padding-x: Space.s;", 0);
        assert_eq!(problems("ui/slint/design/theme.slint", "bg: #F6F7F9;"), []);
    }
}
