//! Two records of the API: what was appended, and what was changed that never may.

use std::collections::BTreeMap;

/// What a later record has beyond an earlier one, and where it contradicts it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Growth: a new declaration or a new line.
    pub appended: Vec<String>,
    /// A change of what older sides know.
    pub broken: Vec<String>,
}

/// Compares an earlier record with a later one.
pub fn differences(before: &str, after: &str) -> Differences {
    let (before, after) = (blocks(before), blocks(after));
    let mut found = Differences::default();
    for (title, lines) in &before {
        match after.get(title) {
            None => found.broken.push(format!("{title}: is gone, or is something else now")),
            Some(now) => in_one(title, lines, now, &mut found),
        }
    }
    found.appended.extend(after.keys().filter(|title| !before.contains_key(*title)).map(|title| (*title).to_owned()));
    found
}

/// Titles with their lines.
fn blocks(text: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut title = "";
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_prefix("  ") {
            Some(part) => found.entry(title).or_default().push(part),
            None => {
                title = if line.starts_with("api ") { "api" } else { line };
                let lines = found.entry(title).or_default();
                lines.extend(line.strip_prefix("api "));
            }
        }
    }
    found
}

fn in_one(title: &str, before: &[&str], after: &[&str], found: &mut Differences) {
    // The places in a layout are its numbers.
    let in_order = ["abi trait", "abi struct", "api"].iter().any(|ordered| title.starts_with(ordered));
    for (place, line) in before.iter().enumerate() {
        let now = if in_order { after.get(place) } else { after.iter().find(|now| key(now) == key(line)) };
        match now {
            Some(now) if now == line => {}
            Some(now) if title == "api" || has_grown(line, now) => found.appended.push(format!("{title}: {now}")),
            Some(now) => found.broken.push(format!("{title}: `{line}` became `{now}`")),
            None => found.broken.push(format!("{title}: `{line}` is gone")),
        }
    }
    let is_new = |(place, line): &(usize, &&str)| {
        if in_order { *place >= before.len() } else { before.iter().all(|known| key(known) != key(line)) }
    };
    found.appended.extend(after.iter().enumerate().filter(is_new).map(|(_, line)| format!("{title}: {line}")));
}

/// What a line is known by: its number.
fn key(line: &str) -> &str {
    line.split_whitespace().next().unwrap_or_default()
}

/// Whether a line may become the other: a strict struct's version rises, a method gets an argument behind the last one.
fn has_grown(before: &str, after: &str) -> bool {
    let version = |line: &str| line.strip_prefix("version ").and_then(|number| number.parse::<u64>().ok());
    if let (Some(before), Some(after)) = (version(before), version(after)) {
        return after > before;
    }
    let (Some((before, answer)), Some((after, answer_now))) = (before.rsplit_once(") -> "), after.rsplit_once(") -> "))
    else {
        return false;
    };
    let split = |line: &str| {
        let (arguments, lent) = line.split_once(';').unwrap_or((line, ""));
        (arguments.to_owned(), lent.trim().to_owned())
    };
    let ((arguments, lent), (arguments_now, lent_now)) = (split(before), split(after));
    let joint = if arguments.ends_with('(') { "" } else { "," };
    answer == answer_now && lent == lent_now && arguments_now.starts_with(&format!("{arguments}{joint}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "# words\n\napi 1.0.0\n\nabi trait A\n  fn a()\n\ncapability P kind 3\n  1 a(ref x: X; progress) -> () [M]\n  \
        2 b() -> u8 [M]\n\nstrict struct S\n  version 1\n  1 a: i64\n  2 b: bool\n\nenum E or F\n  0 F\n  1 G\n";

    fn check(change: (&str, &str), appended: usize, broken: &[&str]) {
        assert_eq!(BEFORE.matches(change.0).count(), 1, "{change:?}");
        let found = differences(BEFORE, &BEFORE.replace(change.0, change.1));
        assert_eq!((found.appended.len(), found.broken.len()), (appended, broken.len()), "{change:?}: {found:?}");
        for (words, broken) in broken.iter().zip(&found.broken) {
            assert!(broken.contains(words), "{change:?}: {found:?}");
        }
    }

    #[test]
    fn growth_is_no_break() {
        check(("  1 G", "  1 G\n  2 since 1 as G H"), 1, &[]);
        check(("  version 1\n", "  version 2\n  3 since 2 c: bool\n"), 2, &[]);
        check(("  fn a()", "  fn a()\n  fn b() default"), 1, &[]);
        check(("X; progress", "X, val y: Y; progress"), 1, &[]);
        check(("b() ->", "b(val y: Y) ->"), 1, &[]);
        check(("\nenum E", "\nstruct T\n  1 a: i64\n\nenum E"), 1, &[]);
        check(("api 1.0.0", "api 1.1.0"), 1, &[]);
        check(("# words", "# other words"), 0, &[]);
    }

    #[test]
    fn every_other_change_is_one() {
        check(("  1 a: i64", "  1 a: u64"), 0, &["`1 a: i64` became `1 a: u64`"]);
        check(("  2 b: bool", "  3 b: bool"), 1, &["`2 b: bool` is gone"]);
        check(("  2 b: bool", "  2 c: bool"), 0, &["became"]);
        check(("  2 b: bool", "  2 since 2 b: bool"), 0, &["became"]);
        check(("  1 G", "  1 H"), 0, &["became"]);
        check(("enum E or F", "enum E or G"), 1, &["E or F: is gone"]);
        check(("strict struct S", "struct S"), 1, &["strict struct S: is gone"]);
        check(("kind 3", "kind 4"), 1, &["kind 3: is gone"]);
        check(("X; progress", "X"), 0, &["became"]);
        check(("ref x: X", "val y: Y, ref x: X"), 0, &["became"]);
        check(("ref x: X", "ref x: Xy"), 0, &["became"]);
        check(("[M]\n  2", "[N]\n  2"), 0, &["became"]);
        check(("b() -> u8", "b() -> u16"), 0, &["became"]);
        check(("  fn a()", "  fn b()\n  fn a()"), 1, &["became"]);
        check(("  version 1\n", "  version 0\n"), 0, &["became"]);
    }
}
