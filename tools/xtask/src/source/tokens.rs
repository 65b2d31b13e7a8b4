//! Words and signs of masked code.

/// A word, a number, or one sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// The word, or the one character.
    pub text: &'a str,
    /// Where it begins, in bytes.
    pub offset: usize,
    /// Its line, from 1.
    pub line: usize,
}

impl Token<'_> {
    /// Whether it is a name, a keyword or a number.
    pub fn is_word(&self) -> bool {
        self.text.starts_with(|first: char| first.is_alphanumeric() || first == '_')
    }
}

/// The tokens of code in which comments and literals are blank.
pub fn tokens(code: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let (mut line, mut characters) = (1, code.char_indices().peekable());
    while let Some((offset, character)) = characters.next() {
        let is_word = |character: char| character.is_alphanumeric() || character == '_';
        let mut end = offset + character.len_utf8();
        if character == '\n' {
            line += 1;
        }
        if character.is_whitespace() {
            continue;
        }
        if is_word(character) {
            while let Some((next, _)) = characters.next_if(|&(_, next)| is_word(next)) {
                end = next + code[next..].chars().next().map_or(0, char::len_utf8);
            }
        }
        found.push(Token { text: &code[offset..end], offset, line });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_signs_with_their_lines() {
        let all = tokens("use std::fs;\n  é_1 >= 2");
        let texts: Vec<_> = all.iter().map(|token| token.text).collect();
        assert_eq!(texts, ["use", "std", ":", ":", "fs", ";", "é_1", ">", "=", "2"]);
        assert_eq!((all[5].line, all[6].line, all[6].offset), (1, 2, 15));
        assert!(all[6].is_word() && !all[2].is_word());
    }
}
