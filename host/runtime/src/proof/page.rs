//! The report as a page to print: one file without anything from elsewhere.

use super::{Became, Gap, Proof, Row};
use aurapos_contract::backup::BackupState;
use aurapos_domain::calendar::Timestamp;
use aurapos_locale::Language;
use aurapos_locale::format::{date, date_time};
use aurapos_locale::proof::Words;
use std::fmt::Write as _;

const STYLE: &str = "\
@page{size:A4 landscape;margin:12mm}\
body{font:12px/1.4 Inter,'Segoe UI',Arial,sans-serif;color:#14181f;margin:24px;max-width:1200px}\
h1{font-size:22px;margin:0 0 12px}h2{font-size:16px;margin:24px 0 8px}\
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 16px;margin:0}dt{color:#56606e}dd{margin:0;overflow-wrap:anywhere}\
table{border-collapse:collapse;width:100%}th,td{border:1px solid #7c8694;padding:4px 6px;text-align:left;vertical-align:top}\
th{background:#eceff3}tr{break-inside:avoid}thead{display:table-header-group}\
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\
.h{font:10px/1.3 ui-monospace,Consolas,monospace;overflow-wrap:anywhere;min-width:220px}\
.bad{font-weight:600;color:#c22b33}p{max-width:900px}";

pub(super) fn page(proof: &Proof, language: Language) -> String {
    let words = Words::of(language);
    let mut out = String::new();
    let code = language.code();
    let title = escaped(words.title);
    out += &format!(
        "<!DOCTYPE html>\n<html lang=\"{code}\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title} · {}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n",
        escaped(&proof.shop)
    );
    out += &facts(proof, words, language);
    out += &format!("<p>{}</p>\n<h2>{}</h2>\n", escaped(words.how), escaped(words.backups));
    out += &backups(proof, words, language);
    out += &format!("<h2>{}</h2>\n", escaped(words.gaps));
    out += &gaps(&proof.gaps, words, language);
    out += "</body>\n</html>\n";
    out
}

fn facts(proof: &Proof, words: &Words, language: Language) -> String {
    let journal = if proof.journal.ok() {
        escaped(&filled(words.journal_good, &[&proof.journal.entries.to_string()]))
    } else {
        bad(&filled(words.journal_bad, &[&proof.journal.problem_count.to_string()]))
    };
    let (life, seq, hash) = &proof.last_entry;
    let rows = [
        (words.shop, escaped(&proof.shop)),
        (words.vat_number, escaped(&proof.vat_number)),
        (words.register, escaped(&proof.register)),
        (words.made, escaped(&date_time(language, proof.local(proof.made)))),
        (words.period, escaped(&filled(words.years, &[&proof.years.to_string()]))),
        (words.journal, journal),
        (words.last_entry, format!("{}-{seq} <span class=\"h\">{}</span>", escaped(life), escaped(hash))),
    ];
    let mut out = String::from("<dl>\n");
    for (name, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(out, "<dt>{}</dt><dd>{value}</dd>", escaped(name));
    }
    out + "</dl>\n"
}

fn backups(proof: &Proof, words: &Words, language: Language) -> String {
    let heads = [words.date, words.file, words.series, words.size, words.sales, words.state, words.entry, words.hash];
    let mut out = head(&heads);
    for row in &proof.rows {
        let note = &row.note;
        let entry = match &row.entry {
            Some((life, seq, _)) => escaped(&format!("{life}-{seq}")),
            None => escaped(words.unwritten),
        };
        let bytes = if note.bytes == 0 { String::new() } else { note.bytes.to_string() };
        let _ = writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td class=\"n\">{bytes}</td><td class=\"n\">{}</td><td>{}</td>\
             <td>{entry}</td><td class=\"h\">{}</td></tr>",
            escaped(&date_time(language, proof.local(note.made))),
            escaped(&note.name),
            escaped(series(words, &note.series)),
            note.sales,
            state(proof, row, words, language),
            escaped(&note.sha256),
        );
    }
    out + "</tbody>\n</table>\n"
}

fn gaps(gaps: &[Gap], words: &Words, language: Language) -> String {
    if gaps.is_empty() {
        return format!("<p>{}</p>\n", escaped(words.no_gaps));
    }
    let mut out = head(&[words.from, words.to, words.days, words.explanation]);
    for gap in gaps {
        let why = match gap.days_sold {
            0 => escaped(words.unused),
            days => bad(&filled(words.used, &[&days.to_string()])),
        };
        let _ = writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td class=\"n\">{}</td><td>{why}</td></tr>",
            escaped(&date(language, gap.from)),
            escaped(&date(language, gap.to)),
            gap.to.days() - gap.from.days(),
        );
    }
    out + "</tbody>\n</table>\n"
}

fn head(names: &[&str]) -> String {
    let cells: String = names.iter().map(|name| format!("<th>{}</th>", escaped(name))).collect();
    format!("<table>\n<thead><tr>{cells}</tr></thead>\n<tbody>\n")
}

fn series<'a>(words: &'a Words, name: &'a str) -> &'a str {
    match name {
        "daily" => words.daily,
        "weekly" => words.weekly,
        "safety" => words.safety,
        other => other,
    }
}

fn state(proof: &Proof, row: &Row, words: &Words, language: Language) -> String {
    let day = |time: Timestamp| date(language, proof.local(time).date);
    match &row.became {
        Became::Is(BackupState::Verified) => escaped(words.verified),
        Became::Is(BackupState::Refused) => bad(words.refused),
        Became::Is(_) => escaped(words.unchecked),
        Became::Changed => bad(words.changed),
        Became::Deleted { when, reason } => escaped(&filled(words.deleted, &[&day(*when), reason])),
        Became::Missing => bad(words.missing),
        Became::Restored => escaped(&filled(words.restored, &[&day(row.time)])),
    }
}

fn bad(text: &str) -> String {
    format!("<span class=\"bad\">{}</span>", escaped(text))
}

fn filled(text: &str, values: &[&str]) -> String {
    // From the last place on: a value that holds a place itself is not filled again.
    let mut told = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        told += &rest[..at];
        let number: Option<usize> = rest[at + 1..].split('}').next().and_then(|number| number.parse().ok());
        told += number.and_then(|number| values.get(number)).copied().unwrap_or_default();
        rest = rest[at..].split_once('}').map_or("", |(_, rest)| rest);
    }
    told + rest
}

/// Text as a page shows it: whatever somebody called the shop or a file.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_typed_is_text() {
        assert_eq!(escaped("<b>\"L'Épi\" & Fils"), "&lt;b&gt;&quot;L&#39;Épi&quot; &amp; Fils");
        assert_eq!(filled("on {0}: {1}!", &["{1}", "why"]), "on {1}: why!");
        assert_eq!(filled("nothing", &["x"]), "nothing");
    }
}
