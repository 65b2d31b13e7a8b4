//! Tells code from comments and literals.

/// A source in two copies of the same length and lines.
#[derive(Debug, PartialEq, Eq)]
pub struct Masked {
    /// Comments and the insides of literals are blanks.
    pub code: String,
    /// Everything but comments is blanks.
    pub comments: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Code,
    Comment,
    Literal,
}

/// Splits a source into its code and its comments. A source that ends inside a literal or comment is taken as it is.
pub fn mask(source: &str) -> Masked {
    let bytes = source.as_bytes();
    let mut parts = vec![Part::Code; bytes.len()];
    let mut at = 0;
    while at < bytes.len() {
        let (part, end) = piece(source, at);
        parts[at..end].fill(part);
        at = end;
    }
    Masked { code: keep(bytes, &parts, Part::Code), comments: keep(bytes, &parts, Part::Comment) }
}

/// The piece that begins at `at`: what it is and where it ends.
fn piece(source: &str, at: usize) -> (Part, usize) {
    let bytes = source.as_bytes();
    let rest = &bytes[at..];
    if rest.starts_with(b"//") {
        let length = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
        return (Part::Comment, at + length);
    }
    if rest.starts_with(b"/*") {
        return (Part::Comment, block_comment_end(bytes, at));
    }
    match rest[0] {
        b'"' => (Part::Literal, quoted_end(bytes, at + 1, b'"')),
        b'\'' => match character_end(source, at) {
            Some(end) => (Part::Literal, end),
            None => (Part::Code, at + 1),
        },
        // A whole word at once, so that the `r` of `for` is never taken for the start of a raw string.
        byte if is_word(byte) => word_or_literal(bytes, at),
        _ => (Part::Code, at + 1),
    }
}

/// A word, or the literal that a prefix word (`r`, `b`, `c`, `br`, `cr`) begins.
fn word_or_literal(bytes: &[u8], at: usize) -> (Part, usize) {
    let end = at + bytes[at..].iter().position(|&byte| !is_word(byte)).unwrap_or(bytes.len() - at);
    let next = bytes.get(end).copied();
    match (&bytes[at..end], next) {
        (b"r" | b"br" | b"cr", Some(b'"' | b'#')) => match raw_end(bytes, end) {
            Some(end) => (Part::Literal, end),
            None => (Part::Code, end),
        },
        (b"b" | b"c", Some(b'"')) => (Part::Literal, quoted_end(bytes, end + 1, b'"')),
        (b"b", Some(b'\'')) => (Part::Literal, quoted_end(bytes, end + 1, b'\'')),
        _ => (Part::Code, end),
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

/// Block comments nest.
fn block_comment_end(bytes: &[u8], start: usize) -> usize {
    let (mut at, mut depth) = (start, 0);
    while at < bytes.len() {
        if bytes[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if bytes[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    bytes.len()
}

fn quoted_end(bytes: &[u8], mut at: usize, quote: u8) -> usize {
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The end of a raw string whose `#` or `"` is at `at`; `None` for a raw identifier such as `r#type`.
fn raw_end(bytes: &[u8], at: usize) -> Option<usize> {
    let hashes = bytes[at..].iter().take_while(|&&byte| byte == b'#').count();
    if bytes.get(at + hashes) != Some(&b'"') {
        return None;
    }
    let mut closing = vec![b'"'];
    closing.resize(1 + hashes, b'#');
    let body = at + hashes + 1;
    let found = bytes[body..].windows(closing.len()).position(|window| window == closing);
    Some(found.map_or(bytes.len(), |offset| body + offset + closing.len()))
}

/// The end of a character literal that begins at `at`; `None` for a lifetime or a loop label.
fn character_end(source: &str, at: usize) -> Option<usize> {
    let rest = &source[at + 1..];
    let first = rest.chars().next()?;
    if first == '\\' {
        return Some(quoted_end(source.as_bytes(), at + 1, b'\''));
    }
    rest[first.len_utf8()..].starts_with('\'').then(|| at + 1 + first.len_utf8() + 1)
}

/// The bytes of one part; blanks for the others, line ends always kept.
fn keep(bytes: &[u8], parts: &[Part], part: Part) -> String {
    let kept = bytes.iter().zip(parts).map(|(&byte, &is)| if is == part || byte == b'\n' { byte } else { b' ' });
    // Pieces end at character boundaries; a stray byte could only come from a literal cut by the end of the file.
    String::from_utf8_lossy(&kept.collect::<Vec<u8>>()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `code` is what must be left of `source`, runs of blanks as one.
    fn check(source: &str, code: &str) {
        let masked = mask(source);
        assert_eq!(masked.code.len(), source.len(), "{source}");
        assert_eq!(masked.code.lines().count(), source.lines().count(), "{source}");
        let left = masked.code.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(left, code, "{source}");
    }

    #[test]
    fn literals_and_comments_are_blank() {
        check("let a = \"{ // no }\"; b", "let a = ; b");
        check(r#"let a = "quote \" {"; b"#, "let a = ; b");
        check(r##"let a = r#"raw " } "#; b"##, "let a = ; b");
        check("let a = r\"back\\\"; b", "let a = ; b");
        check("let a = br##\"x\"# y\"##; b", "let a = ; b");
        check("let a = b\"{\"; let c = c\"{\"; b", "let a = ; let c = ; b");
        check("let a = '{'; let b = '\\''; let c = b'}'; d", "let a = ; let b = ; let c = ; d");
        check("let a = '\\u{7d}'; let e = 'é'; d", "let a = ; let e = ; d");
        check("a // { \n b", "a b");
        check("a /* { /* nested } */ still */ b", "a b");
        check("for\"x\" in y", "for in y");
    }

    #[test]
    fn lifetimes_labels_and_raw_names_are_code() {
        check("fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}");
        check("'outer: loop { break 'outer; }", "'outer: loop { break 'outer; }");
        check("let r#type = r; let b = br;", "let r#type = r; let b = br;");
        check("x::<'_, u8>()", "x::<'_, u8>()");
    }

    #[test]
    fn a_source_that_breaks_off_is_no_panic() {
        for source in ["\"", "'", "'\\", "/*", "r#\"", "b'", "\"\\", "r#", "é'"] {
            let _ = mask(source);
        }
    }

    #[test]
    fn comments_are_kept_apart() {
        let masked = mask("unsafe { x } // SAFETY: \"why\"\nlet y = \"// SAFETY: no\";");
        assert_eq!(masked.comments.lines().next().map(str::trim), Some("// SAFETY: \"why\""));
        assert_eq!(masked.comments.lines().nth(1).map(str::trim), Some(""));
    }
}
