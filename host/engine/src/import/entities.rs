//! Letters as HTML writes them (`&#8217;`, `&eacute;`): web shops export names the way they show them.

/// The names that editors of web shops write by themselves; the rest are numbers.
const NAMED: &[(&str, char)] = &[
    ("amp", '&'),
    ("quot", '"'),
    ("apos", '\''),
    ("lt", '<'),
    ("gt", '>'),
    ("nbsp", '\u{a0}'),
    ("rsquo", '’'),
    ("lsquo", '‘'),
    ("rdquo", '”'),
    ("ldquo", '“'),
    ("laquo", '«'),
    ("raquo", '»'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("hellip", '…'),
    ("deg", '°'),
    ("euro", '€'),
    ("frac12", '½'),
    ("times", '×'),
    ("eacute", 'é'),
    ("egrave", 'è'),
    ("ecirc", 'ê'),
    ("euml", 'ë'),
    ("agrave", 'à'),
    ("acirc", 'â'),
    ("auml", 'ä'),
    ("ccedil", 'ç'),
    ("icirc", 'î'),
    ("iuml", 'ï'),
    ("ocirc", 'ô'),
    ("ouml", 'ö'),
    ("ugrave", 'ù'),
    ("ucirc", 'û'),
    ("uuml", 'ü'),
    ("oelig", 'œ'),
    ("szlig", 'ß'),
    ("Eacute", 'É'),
    ("Egrave", 'È'),
    ("Agrave", 'À'),
    ("Ccedil", 'Ç'),
    ("Auml", 'Ä'),
    ("Ouml", 'Ö'),
    ("Uuml", 'Ü'),
    ("OElig", 'Œ'),
];
/// The longest of them.
const NAME_BYTES_MAX: usize = 8;

/// The text with its letters; what is no such letter stays.
pub fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let name = rest.split_once(';').map(|(name, _)| name).filter(|name| name.len() <= NAME_BYTES_MAX);
        match name.and_then(|name| Some((name, letter(name)?))) {
            Some((name, letter)) => {
                out.push(letter);
                rest = &rest[name.len() + 1..];
            }
            None => out.push('&'),
        }
    }
    out.push_str(rest);
    out.trim().to_owned()
}

fn letter(name: &str) -> Option<char> {
    let number = name.strip_prefix('#').and_then(|number| match number.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => number.parse().ok(),
    });
    let named = || NAMED.iter().find(|(known, _)| *known == name).map(|(_, letter)| *letter);
    number.and_then(char::from_u32).or_else(named)
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn letters_of_html_are_letters() {
        for (text, expected) in [
            ("Pain d&#8217;épices", "Pain d’épices"),
            ("Fish &amp; chips", "Fish & chips"),
            ("Caf&eacute; &#x2014; 5&nbsp;&euro;", "Café — 5\u{a0}€"),
            ("A&B; C & D", "A&B; C & D"),
            ("&", "&"),
            ("&;&#;&#xZZ;&#1114112;&unknown;", "&;&#;&#xZZ;&#1114112;&unknown;"),
            ("&amp;amp;", "&amp;"),
        ] {
            assert_eq!(decoded(text), expected);
        }
    }
}
