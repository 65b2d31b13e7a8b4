//! Reads and writes the `.po` files: only what Slint reads of the format.

use crate::scan::Key;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::Path;

/// A file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalog {
    /// The header's `Plural-Forms`.
    pub plurals: String,
    pub entries: BTreeMap<Key, Entry>,
}

/// A text in the language: one form, or the two of a plural.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    pub plural: Option<String>,
    pub told: Vec<String>,
    pub places: Vec<String>,
}

/// Reads a file; one that is not there is empty.
pub fn read(path: &Path) -> io::Result<Catalog> {
    let text = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Catalog::default()),
        read => read?,
    };
    let mut catalog = Catalog::default();
    for block in text.split("\n\n") {
        let Some((key, entry)) = entry(block)
            .map_err(|line| io::Error::new(io::ErrorKind::InvalidData, format!("{}: {line}", path.display())))?
        else {
            continue;
        };
        if key.text.is_empty() {
            let header = entry.told.concat();
            let plurals = header.lines().find_map(|line| line.strip_prefix("Plural-Forms: "));
            catalog.plurals = plurals.unwrap_or_default().to_owned();
        } else if let Some(twice) = catalog.entries.insert(key.clone(), entry) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("{}: {key} stands twice: {twice:?}", path.display()),
            ));
        }
    }
    Ok(catalog)
}

fn entry(block: &str) -> Result<Option<(Key, Entry)>, String> {
    let mut key = Key { text: String::new(), context: String::new() };
    let mut entry = Entry::default();
    let mut seen = false;
    let mut last = "";
    for line in block.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(comment) = line.strip_prefix('#') {
            if comment.starts_with(',') && comment.contains("fuzzy") {
                return Err(format!("Slint leaves out what is fuzzy: {block}"));
            }
            entry
                .places
                .extend(comment.strip_prefix(": ").iter().flat_map(|places| places.split(' ')).map(str::to_owned));
            continue;
        }
        let (word, quoted) = if line.starts_with('"') { (last, line) } else { line.split_once(' ').ok_or(line)? };
        let goes_on = line.starts_with('"');
        let text = unquoted(quoted).ok_or(line)?;
        (last, seen) = (word, true);
        match word {
            "msgctxt" => key.context.push_str(&text),
            "msgid" => key.text.push_str(&text),
            "msgid_plural" => entry.plural.get_or_insert_default().push_str(&text),
            _ if !word.starts_with("msgstr") => return Err(line.to_owned()),
            _ if goes_on => entry.told.last_mut().ok_or(line)?.push_str(&text),
            _ => entry.told.push(text),
        }
    }
    Ok(seen.then_some((key, entry)))
}

fn unquoted(quoted: &str) -> Option<String> {
    let mut text = String::new();
    let mut signs = quoted.strip_prefix('"')?.strip_suffix('"')?.chars();
    while let Some(sign) = signs.next() {
        text.push(match sign {
            '\\' => match signs.next()? {
                'n' => '\n',
                other => other,
            },
            sign => sign,
        });
    }
    Some(text)
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

/// Writes a file, in the order of the texts.
pub fn write(path: &Path, language: &str, catalog: &Catalog) -> io::Result<()> {
    let mut out = String::from("msgid \"\"\nmsgstr \"\"\n");
    for line in [
        format!("Language: {language}"),
        "Content-Type: text/plain; charset=UTF-8".to_owned(),
        format!("Plural-Forms: {}", catalog.plurals),
    ] {
        let _ = writeln!(out, "{}", quoted(&format!("{line}\n")));
    }
    for (key, entry) in &catalog.entries {
        let _ = writeln!(out, "\n#: {}", entry.places.join(" "));
        if !key.context.is_empty() {
            let _ = writeln!(out, "msgctxt {}", quoted(&key.context));
        }
        let _ = writeln!(out, "msgid {}", quoted(&key.text));
        if let Some(plural) = &entry.plural {
            let _ = writeln!(out, "msgid_plural {}", quoted(plural));
        }
        for (form, told) in entry.told.iter().enumerate() {
            let word = if entry.plural.is_some() { format!("msgstr[{form}]") } else { "msgstr".to_owned() };
            let _ = writeln!(out, "{word} {}", quoted(told));
        }
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, out)
}
