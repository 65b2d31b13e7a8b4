//! Declarations of the API, read from masked code: `wire_struct!`, `wire_enum!`, `capability!`, and the layouts of `abi.rs`.
//!
//! The macros have one form, and rustc has read it before: what is not understood here is refused, never skipped.

use crate::failure::{Failure, Outcome};
use crate::source::{Token, tokens};

/// One declaration: its title, and a line for each part.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Declaration {
    /// Orders the record: layouts, capabilities, structs, enums.
    pub(super) group: u8,
    pub(super) title: String,
    pub(super) lines: Vec<String>,
}

impl Declaration {
    pub(super) fn text(&self) -> String {
        let lines: String = self.lines.iter().map(|line| format!("  {line}\n")).collect();
        format!("\n{}\n{lines}", self.title)
    }
}

/// Everything that the contract declares in one file.
pub(super) fn of_the_contract(code: &str) -> Outcome<Vec<Declaration>> {
    let all = tokens(code);
    let mut found = Vec::new();
    for at in 0..all.len() {
        let read = match all[at].text {
            "wire_struct" => wire_struct,
            "wire_enum" => wire_enum,
            "capability" => capability,
            _ => continue,
        };
        // A call: `name! {`. The macros' own text has no `!` there, or a `(`.
        let is_call = all.get(at + 1..at + 3).is_some_and(|signs| signs[0].text == "!" && signs[1].text == "{");
        if is_call {
            let mut body = Reader { all: &all[at + 2..], at: 0 };
            let mut inside = body.group()?;
            found.push(read(&mut inside)?);
        }
    }
    Ok(found)
}

/// The traits, the root and the numbers of `abi.rs`.
pub(super) fn of_the_layouts(code: &str) -> Outcome<Vec<Declaration>> {
    let all = tokens(code);
    let mut found = Vec::new();
    let mut numbers = Vec::new();
    for at in 0..all.len() {
        let words = [all[at].text, all.get(at + 1).map_or("", |next| next.text)];
        let mut rest = Reader { all: &all[at..], at: 2 };
        match words {
            ["pub", "trait"] => {
                let title = format!("abi trait {}", joined(rest.until("{")));
                let lines = members(&mut rest.group()?, &[";", "{"])?;
                found.push(Declaration { group: 0, title, lines });
            }
            ["pub", "struct"] => {
                let title = format!("abi struct {}", joined(rest.until("{")));
                let lines = members(&mut rest.group()?, &[","])?;
                found.push(Declaration { group: 0, title, lines });
            }
            ["pub", "const"] => numbers.push(joined(rest.until(";"))),
            _ => {}
        }
    }
    found.push(Declaration { group: 0, title: "abi numbers".to_owned(), lines: numbers });
    Ok(found)
}

/// Tokens that are read in order.
struct Reader<'t, 'c> {
    all: &'t [Token<'c>],
    at: usize,
}

impl<'t, 'c> Reader<'t, 'c> {
    fn peek(&self) -> &'c str {
        self.all.get(self.at).map_or("", |token| token.text)
    }

    fn next(&mut self) -> &'c str {
        let text = self.peek();
        self.at += 1;
        text
    }

    /// Takes a token that must be there.
    fn expect(&mut self, text: &str) -> Outcome<()> {
        let line = self.all.get(self.at).or(self.all.last()).map_or(0, |token| token.line);
        match self.next() {
            found if found == text => Ok(()),
            found => Err(Failure::refused(format!("line {line}: `{found}` where `{text}` was expected"))),
        }
    }

    /// Takes a token if it is there.
    fn take(&mut self, text: &str) -> bool {
        let here = self.peek() == text;
        self.at += usize::from(here);
        here
    }

    /// Takes `=>`.
    fn arrow(&mut self) -> Outcome<()> {
        self.expect("=").and_then(|()| self.expect(">"))
    }

    /// Takes what stands before a sign outside all brackets.
    fn until(&mut self, sign: &str) -> &'t [Token<'c>] {
        let (start, mut depth) = (self.at, 0_i32);
        while let Some(token) = self.all.get(self.at) {
            if depth == 0 && token.text == sign {
                break;
            }
            let after_a_dash = self.at > 0 && self.all[self.at - 1].text == "-";
            match token.text {
                "(" | "[" | "{" | "<" => depth += 1,
                ">" if after_a_dash => {}
                ")" | "]" | "}" | ">" => depth -= 1,
                _ => {}
            }
            self.at += 1;
        }
        &self.all[start..self.at.min(self.all.len())]
    }

    /// Takes a bracketed group and reads inside it.
    fn group(&mut self) -> Outcome<Reader<'t, 'c>> {
        let (open, close) = match self.peek() {
            "{" => ("{", "}"),
            "(" => ("(", ")"),
            _ => ("[", "]"),
        };
        self.expect(open)?;
        let (start, mut depth) = (self.at, 1_i32);
        while depth > 0 {
            match self.next() {
                "" => return Err(Failure::refused(format!("a `{open}` is never closed"))),
                text if text == open => depth += 1,
                text if text == close => depth -= 1,
                _ => {}
            }
        }
        Ok(Reader { all: &self.all[start..self.at - 1], at: 0 })
    }

    fn attributes(&mut self) -> Outcome<Vec<String>> {
        let mut found = Vec::new();
        while self.take("#") {
            found.push(format!("#[{}] ", joined(self.group()?.all)));
        }
        Ok(found)
    }

    fn is_over(&self) -> bool {
        self.at >= self.all.len()
    }
}

/// Tokens as one text: a space where two words would run together, behind `,` `;` `=` and a single `:`, and around `->`.
fn joined(all: &[Token<'_>]) -> String {
    let sign = |at: usize, text: &str| all.get(at).is_some_and(|token| token.text == text);
    let mut text = String::new();
    for (at, token) in all.iter().enumerate() {
        let is_arrow = token.text == "-" && sign(at + 1, ">");
        let spaced = at > 0
            && match all[at - 1].text {
                "," | ";" | "=" => true,
                ":" => token.text != ":" && !(at > 1 && sign(at - 2, ":")),
                ">" if at > 1 && sign(at - 2, "-") => true,
                ">" => token.is_word(),
                _ if all[at - 1].is_word() => token.is_word(),
                _ => false,
            };
        text += if spaced || is_arrow || token.text == "=" { " " } else { "" };
        text += token.text;
    }
    // The trailing comma of a list over several lines is the formatter's.
    text.replace(", )", ")")
}

fn wire_struct(body: &mut Reader<'_, '_>) -> Outcome<Declaration> {
    body.attributes()?;
    body.expect("pub")?;
    let strict = body.take("strict");
    body.expect("struct")?;
    let title = format!("{}struct {}", if strict { "strict " } else { "" }, body.next());
    let mut lines = Vec::new();
    if body.take(",") {
        if body.take("version") {
            lines.push(format!("version {}", body.next()));
        } else {
            joined(body.until("{"));
        }
    }
    let mut fields = body.group()?;
    while !fields.is_over() {
        fields.attributes()?;
        let number = fields.next();
        let since = if fields.take("since") { format!(" since {}", fields.next()) } else { String::new() };
        fields.arrow()?;
        lines.push(format!("{number}{since} {}", joined(fields.until(","))));
        fields.expect(",")?;
    }
    Ok(Declaration { group: 2, title, lines })
}

fn wire_enum(body: &mut Reader<'_, '_>) -> Outcome<Declaration> {
    body.attributes()?;
    body.expect("pub")?;
    let strict = body.take("strict");
    body.expect("enum")?;
    let name = body.next();
    let title = match (strict, body.take("or")) {
        (true, false) => format!("strict enum {name}"),
        (false, true) => format!("enum {name} or {}", body.next()),
        _ => return Err(Failure::refused(format!("enum {name}: either strict or with a fallback"))),
    };
    let (mut lines, mut variants) = (Vec::new(), body.group()?);
    while !variants.is_over() {
        variants.attributes()?;
        let number = variants.next();
        let mut older = String::new();
        if variants.take("since") {
            older = format!(" since {}", variants.next());
            variants.expect("as")?;
            older += &format!(" as {}", variants.next());
        }
        variants.arrow()?;
        lines.push(format!("{number}{older} {}", variants.next()));
        variants.expect(",")?;
    }
    Ok(Declaration { group: 3, title, lines })
}

fn capability(body: &mut Reader<'_, '_>) -> Outcome<Declaration> {
    body.attributes()?;
    body.expect("pub")?;
    body.expect("trait")?;
    let name = body.next();
    let head = joined(body.until("{"));
    let kind = head.rsplit_once("kind ").map(|(_, kind)| kind);
    let kind = kind.ok_or_else(|| Failure::refused(format!("capability {name} has no kind")))?;
    let title = format!("capability {name} kind {kind}");
    let (mut lines, mut methods) = (Vec::new(), body.group()?);
    while !methods.is_over() {
        methods.attributes()?;
        let number = methods.next();
        methods.arrow()?;
        methods.expect("fn")?;
        let name = methods.next();
        let arguments = joined(methods.group()?.all);
        let arguments = arguments.trim_start_matches("&self").trim_start_matches(',').trim_start();
        methods.expect("-")?;
        methods.expect(">")?;
        let answer = joined(methods.until("["));
        let how = joined(methods.group()?.all);
        methods.until(";");
        methods.expect(";")?;
        lines.push(format!("{number} {name}({arguments}) -> {answer} [{how}]"));
    }
    Ok(Declaration { group: 1, title, lines })
}

/// Methods of a trait or fields of a struct, with the attributes that decide about the layout.
fn members(body: &mut Reader<'_, '_>, ends: &[&str]) -> Outcome<Vec<String>> {
    let mut lines = Vec::new();
    while !body.is_over() {
        let attributes = body.attributes()?.concat();
        let start = body.at;
        let nearest = |body: &mut Reader<'_, '_>, end: &&str| {
            body.at = start;
            body.until(end);
            body.at
        };
        body.at = ends.iter().map(|end| nearest(body, end)).min().unwrap_or(start);
        let text = joined(&body.all[start..body.at]);
        if body.peek() == "{" {
            body.group()?;
            lines.push(format!("{attributes}{text} default"));
        } else {
            body.next();
            lines.push(format!("{attributes}{text}"));
        }
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::mask;

    fn check(source: &str, title: &str, lines: &[&str]) {
        let found = of_the_contract(&mask(source).code).unwrap();
        let [one] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(
            (one.title.as_str(), one.lines.iter().map(String::as_str).collect::<Vec<_>>()),
            (title, lines.to_vec())
        );
    }

    #[test]
    fn structs_and_enums() {
        let plain = "wire_struct! {\n/// 1 => no: field,\n#[must_use]\npub struct A, debug by hand {\n/// B.\n1 => b: \
            Option<Vec<u8>>,\n}}";
        check(plain, "struct A", &["1 b: Option<Vec<u8>>"]);
        let strict = "wire_struct! { pub strict struct A, version 3 { 1 => a: i64, 2 since 3 => b: Vec<(u32, B)>, } }";
        check(strict, "strict struct A", &["version 3", "1 a: i64", "2 since 3 b: Vec<(u32, B)>"]);
        check(
            "wire_enum! { pub enum A or B { 0 => B, 2 since 7 as B => C, } }",
            "enum A or B",
            &["0 B", "2 since 7 as B C"],
        );
        check("wire_enum! { pub strict enum A { 1 => B, } }", "strict enum A", &["1 B"]);
    }

    #[test]
    fn methods() {
        let source = "capability! { pub trait P, table T, client C, layer L, kind 4 {
            1 => fn a(&self) -> Box<dyn Q> [Main, Read, Never];
            2 => fn b(&self, ref x: [u8], val y: Uuid; host, progress) -> () [Long, Long, Freely, always]
                default { Err(no(\"}\", [1; 2])) };
        } }";
        let lines = [
            "1 a() -> Box<dyn Q> [Main, Read, Never]",
            "2 b(ref x: [u8], val y: Uuid; host, progress) -> () [Long, Long, Freely, always]",
        ];
        check(source, "capability P kind 4", &lines);
    }

    #[test]
    fn layouts() {
        let source = "pub const OK: Status = 0;
            #[sabi_trait] pub trait A: Send { #[sabi(last_prefix_field)] fn a(&self, x: &mut RVec<u8>,) -> u32; fn b(&self) -> u8 { 0 } }
            pub struct R { pub m: extern \"C\" fn() -> RStr<'static>, #[sabi(x)] pub k: u64, }";
        let found = of_the_layouts(&mask(source).code).unwrap();
        let text: Vec<String> = found.iter().map(Declaration::text).collect();
        let expected = [
            "\nabi trait A: Send\n  #[sabi(last_prefix_field)] fn a(&self, x: &mut RVec<u8>) -> u32\n  fn b(&self) -> u8 default\n",
            "\nabi struct R\n",
            "\nabi numbers\n  OK: Status = 0\n",
        ];
        assert_eq!(text[0], expected[0]);
        assert!(text[1].starts_with(expected[1]) && text[1].contains("#[sabi(x)] pub k: u64"), "{}", text[1]);
        assert_eq!(text[2], expected[2]);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for source in [
            "wire_struct! { pub struct A { one => b: i64 } }",
            "wire_enum! { pub enum A { 1 => B, } }",
            "wire_enum! { pub strict enum A { 1 => B(u8), } }",
            "capability! { pub trait P { } }",
            "wire_struct! { pub struct A {",
        ] {
            assert!(of_the_contract(source).is_err(), "{source}");
        }
        assert_eq!(of_the_contract("macro_rules! wire_struct { } $crate::wire_struct!(@ x)").unwrap(), []);
    }
}
