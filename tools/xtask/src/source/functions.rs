//! Where functions begin and end.

use super::tokens::{Token, tokens};

/// A function with a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The line of its `fn`, from 1.
    pub line: usize,
    /// Lines from its `fn` to its closing brace.
    pub lines: usize,
}

/// All functions with bodies in masked code, inner ones too.
pub fn functions(code: &str) -> Vec<Function> {
    let all = tokens(code);
    let mut found = Vec::new();
    for (at, token) in all.iter().enumerate() {
        if token.text != "fn" {
            continue;
        }
        let Some(name) = name_after(&all[at + 1..]) else {
            continue;
        };
        let Some(open) = body_start(&all, at + 1) else {
            continue;
        };
        let Some(close) = matching(&all, open) else {
            continue;
        };
        found.push(Function { name, line: token.line, lines: all[close].line - token.line + 1 });
    }
    found
}

/// `None` for function pointer types: `fn(u8) -> u8`.
fn name_after(rest: &[Token<'_>]) -> Option<String> {
    let [first, ..] = rest else { return None };
    match first.text {
        "$" => rest.get(1).map(|name| format!("${}", name.text)),
        // A raw name: `r#move`.
        "r" if rest.get(1).is_some_and(|sign| sign.text == "#") => rest.get(2).map(|name| name.text.to_owned()),
        name if first.is_word() => Some(name.to_owned()),
        _ => None,
    }
}

/// The opening brace of the body; `None` for a declaration that ends with `;`.
fn body_start(all: &[Token<'_>], from: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in all.iter().enumerate().skip(from) {
        match token.text {
            "(" | "[" => depth += 1,
            ")" | "]" => depth = depth.saturating_sub(1),
            "{" if depth == 0 => return Some(at),
            ";" if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// The closing brace that belongs to the opening one.
pub(super) fn matching(all: &[Token<'_>], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in all.iter().enumerate().skip(open) {
        match token.text {
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::mask;
    use super::*;

    fn check(source: &str, expected: &[(&str, usize, usize)]) {
        let found = functions(&mask(source).code);
        let found: Vec<_> = found.iter().map(|one| (one.name.as_str(), one.line, one.lines)).collect();
        assert_eq!(found, expected, "{source}");
    }

    #[test]
    fn lines_run_from_fn_to_closing_brace() {
        check("fn a() {}", &[("a", 1, 1)]);
        check("\npub async fn a(\n    x: u8,\n) -> u8\nwhere\n    u8: Copy,\n{\n    x\n}\n", &[("a", 2, 8)]);
        check("fn a() {\n    fn b() {\n    }\n}\nfn c() {\n}", &[("a", 1, 4), ("b", 2, 2), ("c", 5, 2)]);
    }

    #[test]
    fn braces_in_literals_and_comments_do_not_count() {
        check("fn a() {\n  \"}\";\n  '}';\n  // }\n  /* } */\n  r#\"}\"#;\n  format!(\"{{\");\n}", &[("a", 1, 8)]);
        check("fn a<'x>(s: &'x str) {\n  let c = '{';\n}\nfn b() {\n}", &[("a", 1, 3), ("b", 4, 2)]);
    }

    #[test]
    fn what_has_no_body_is_no_function() {
        check("trait T {\n  fn a(&self) -> [u8; 4];\n  fn b(&self) {\n  }\n}", &[("b", 3, 2)]);
        check("type F = fn(u8) -> u8; struct S { f: unsafe extern \"C\" fn() }", &[]);
        check("fn a(f: fn(u8), x: [u8; { 1 }]) {\n}", &[("a", 1, 2)]);
    }

    #[test]
    fn macros_and_closures_are_followed() {
        check("macro_rules! m { ($name:ident) => { fn $name() {\n } } }", &[("$name", 1, 2)]);
        check("fn a() {\n  let f = || {\n  };\n  match x { _ => {} }\n}", &[("a", 1, 5)]);
        check("fn r#move() {\n}", &[("move", 1, 2)]);
    }

    #[test]
    fn a_source_that_breaks_off_has_no_function() {
        check("fn a() { {", &[]);
        check("fn", &[]);
        check("fn a(", &[]);
    }
}
