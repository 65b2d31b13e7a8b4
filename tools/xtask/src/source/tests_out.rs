//! Tells the program from its tests, so that a rule about the program does not forbid a test its tools.

use super::functions::matching;
use super::tokens::{Token, tokens};

/// Masked code in which every item under `#[cfg(test)]` is blank.
pub fn without_tests(code: &str) -> String {
    let all = tokens(code);
    let mut kept = code.as_bytes().to_vec();
    for (start, end) in test_items(&all) {
        let last = all[end].offset + all[end].text.len();
        kept[all[start].offset..last].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
    }
    // Whole tokens were blanked, so characters stay whole.
    String::from_utf8_lossy(&kept).into_owned()
}

/// Names of modules in other files that are compiled for tests only: `#[cfg(test)] mod name;`
pub fn test_modules(code: &str) -> Vec<String> {
    let all = tokens(code);
    let mut names = Vec::new();
    for (start, end) in test_items(&all) {
        let item = &all[start..=end];
        let module = item.windows(3).find(|three| three[0].text == "mod" && three[2].text == ";");
        names.extend(module.map(|three| three[1].text.to_owned()));
    }
    names
}

/// First and last token of every item under `#[cfg(test)]`.
fn test_items(all: &[Token<'_>]) -> Vec<(usize, usize)> {
    const MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut items = Vec::new();
    let mut at = 0;
    while at + MARK.len() <= all.len() {
        let is_mark = all[at..at + MARK.len()].iter().map(|token| token.text).eq(MARK);
        if !is_mark {
            at += 1;
            continue;
        }
        let end = item_end(all, at + MARK.len());
        items.push((at, end));
        at = end + 1;
    }
    items
}

/// The `;` or closing brace that ends the item which begins at `from`.
fn item_end(all: &[Token<'_>], from: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in all.iter().enumerate().skip(from) {
        match token.text {
            "(" | "[" => depth += 1,
            ")" | "]" => depth = depth.saturating_sub(1),
            ";" if depth == 0 => return at,
            "{" if depth == 0 => return matching(all, at).unwrap_or(all.len() - 1),
            _ => {}
        }
    }
    all.len() - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: &str, left: &str) {
        let kept = without_tests(code);
        assert_eq!(kept.split_whitespace().collect::<Vec<_>>().join(" "), left, "{code}");
        assert_eq!(kept.len(), code.len());
    }

    #[test]
    fn test_items_are_blank() {
        check("use a; #[cfg(test)] mod tests { fn x() { { } } } use b;", "use a; use b;");
        check("#[cfg(test)] use a; use b;", "use b;");
        check("#[cfg(test)] #[allow(x)] fn a(y: [u8; 2]) { } fn b() {}", "fn b() {}");
        check("#[cfg(unix)] mod os; #[cfg(test)]\nmod tests {", "#[cfg(unix)] mod os;");
        check("#[cfg(test)]", "");
    }

    #[test]
    fn test_files_are_named() {
        assert_eq!(test_modules("mod a; #[cfg(test)] mod golden; #[cfg(test)] mod tests { mod x; }"), ["golden", "x"]);
    }
}
