//! Finds the texts of markup: `@tr("…")`, with a context, a plural, or both.

use std::collections::BTreeSet;
use std::fmt;

/// What a text is known by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub text: String,
    pub context: String,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.context.as_str() {
            "" => write!(f, "\"{}\"", self.text),
            context => write!(f, "\"{context}\" => \"{}\"", self.text),
        }
    }
}

/// A text of the markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub context: String,
    pub text: String,
    pub plural: Option<String>,
    /// The files it is in.
    pub places: BTreeSet<String>,
}

impl Text {
    pub fn key(&self) -> Key {
        Key { text: self.text.clone(), context: self.context.clone() }
    }
}

/// The texts of a file with the lines they are in.
pub fn texts(source: &str) -> Result<Vec<(usize, Text)>, String> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(sign) = rest.chars().next() {
        let line = 1 + source[..source.len() - rest.len()].matches('\n').count();
        if rest.starts_with("//") {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
        } else if rest.starts_with("/*") {
            rest = rest.find("*/").map_or("", |end| &rest[end + 2..]);
        } else if sign == '"' {
            rest = literal(rest).ok_or(format!("line {line}: the text does not end"))?.1;
        } else if let Some(call) = rest.strip_prefix("@tr").map(str::trim_start).and_then(|call| call.strip_prefix('('))
        {
            let (text, behind) = call_of(call).ok_or(format!("line {line}: @tr without a literal text"))?;
            found.push((line, text));
            rest = behind;
        } else {
            rest = &rest[sign.len_utf8()..];
        }
    }
    Ok(found)
}

/// What stands in the brackets of a call, up to the arguments.
fn call_of(call: &str) -> Option<(Text, &str)> {
    let (mut text, mut rest) = literal(call.trim_start())?;
    let mut context = String::new();
    if let Some(behind) = rest.trim_start().strip_prefix("=>") {
        context = text;
        (text, rest) = literal(behind.trim_start())?;
    }
    let mut plural = None;
    if let Some(behind) = rest.trim_start().strip_prefix('|') {
        let (many, behind) = literal(behind.trim_start())?;
        (plural, rest) = (Some(many), behind);
    }
    Some((Text { context, text, plural, places: BTreeSet::new() }, rest))
}

/// A literal at the start, unescaped, and what is behind it.
fn literal(source: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut signs = source.strip_prefix('"')?.char_indices();
    while let Some((at, sign)) = signs.next() {
        match sign {
            '"' => return Some((text, &source[at + 2..])),
            '\\' => match signs.next()?.1 {
                'n' => text.push('\n'),
                'u' => {
                    let code: String =
                        signs.by_ref().map(|(_, sign)| sign).skip(1).take_while(|sign| *sign != '}').collect();
                    text.push(char::from_u32(u32::from_str_radix(&code, 16).ok()?)?);
                }
                other => text.push(other),
            },
            _ => text.push(sign),
        }
    }
    None
}

/// The places of a text, sorted: `{}` counts on, `{0}` and `{n}` are named, `{{` is a brace.
pub fn places(text: &str) -> Vec<String> {
    let text = text.replace("{{", "").replace("}}", "");
    let mut next = 0;
    let mut places: Vec<String> = text
        .split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}'))
        .map(|(name, _)| match name {
            "" => {
                next += 1;
                (next - 1).to_string()
            }
            name => name.to_owned(),
        })
        .collect();
    places.sort();
    places
}
