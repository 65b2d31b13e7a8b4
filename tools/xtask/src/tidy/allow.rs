//! Exceptions to the sizes. The list may only shrink: an entry says how long the thing is now, it may not grow past
//! that, and once it is within the limit the entry has to go.

use std::fs;
use std::path::Path;

use super::Problem;
use crate::failure::{Context, Failure, Outcome};

/// More entries than this are refused, so that the list cannot grow without this line showing it in the review.
const ENTRIES_MAX: usize = 0;

/// One exception: `LINES FILE file` or `LINES FILE fn NAME`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    lines_max: usize,
    file: String,
    what: String,
}

/// Reads the list; a missing file is an empty list.
///
/// # Errors
/// A line that is no entry.
pub(super) fn read(file: &Path) -> Outcome<Vec<Entry>> {
    if !file.exists() {
        return Ok(Vec::new());
    }
    let text = fs::read_to_string(file).while_doing(file.display())?;
    let entries = parse(&text).while_doing(file.display())?;
    if entries.len() > ENTRIES_MAX {
        return Err(Failure::refused(format!(
            "{} has {} entries, more than {ENTRIES_MAX}: shorten the code instead",
            file.display(),
            entries.len()
        )));
    }
    Ok(entries)
}

fn parse(text: &str) -> Outcome<Vec<Entry>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(parse_line).collect()
}

fn parse_line(line: &str) -> Outcome<Entry> {
    let mut words = line.splitn(3, ' ');
    let (Some(lines_max), Some(file), Some(what)) = (words.next(), words.next(), words.next()) else {
        return Err(Failure::refused(format!("`{line}` is not `LINES FILE file` or `LINES FILE fn NAME`")));
    };
    let lines_max = lines_max.parse().while_doing(format!("`{line}`"))?;
    Ok(Entry { lines_max, file: file.to_owned(), what: what.to_owned() })
}

/// Takes away the problems that are allowed, and adds one for each entry that allows nothing any more.
pub(super) fn apply(problems: Vec<Problem>, entries: &[Entry], list: &str) -> Vec<Problem> {
    let allows = |entry: &Entry, problem: &Problem| {
        let Some((what, lines)) = &problem.size else {
            return false;
        };
        entry.file == problem.file && entry.what == *what && *lines <= entry.lines_max
    };
    let unused = entries.iter().filter(|entry| !problems.iter().any(|problem| allows(entry, problem)));
    let unused: Vec<Problem> = unused
        .map(|entry| {
            let Entry { lines_max, file, what } = entry;
            Problem::new(list, 0, format!("`{lines_max} {file} {what}` allows nothing any more: remove it"))
        })
        .collect();
    let refused = problems.into_iter().filter(|problem| !entries.iter().any(|entry| allows(entry, problem)));
    refused.chain(unused).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn long(what: &str, lines: usize) -> Problem {
        Problem { size: Some((what.to_owned(), lines)), ..Problem::new("a.rs", 0, "long") }
    }

    fn check(entries: &str, problems: Vec<Problem>, left: &[&str]) {
        let found = apply(problems, &parse(entries).unwrap(), "list");
        assert_eq!(found.iter().map(|problem| problem.words.as_str()).collect::<Vec<_>>(), left, "{entries}");
    }

    #[test]
    fn an_entry_allows_what_it_names_and_no_more() {
        check("# why\n\n80 a.rs fn f\n", vec![long("fn f", 80)], &[]);
        check("80 a.rs fn f", vec![long("fn f", 79)], &[]);
        check("80 a.rs fn f\n", vec![long("fn f", 81)], &["long", "`80 a.rs fn f` allows nothing any more: remove it"]);
        check("80 a.rs fn f", vec![long("fn f", 75), long("fn g", 75)], &["long"]);
        check("700 a.rs file", vec![], &["`700 a.rs file` allows nothing any more: remove it"]);
        check("", vec![Problem::new("a.rs", 1, "other")], &["other"]);
    }

    #[test]
    fn a_line_that_is_no_entry_is_refused() {
        assert!(parse("80 a.rs").is_err());
        assert!(parse("many a.rs fn f").is_err());
    }

    #[test]
    fn the_list_cannot_grow() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("allow.txt");
        assert_eq!(read(&file).unwrap(), []);
        fs::write(&file, "80 a.rs fn f\n".repeat(ENTRIES_MAX + 1)).unwrap();
        assert!(read(&file).unwrap_err().to_string().contains("more than"));
    }
}
