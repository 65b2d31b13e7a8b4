//! Words that must not stand in any tracked file.

use super::Problem;
use crate::source::tokens;

/// Marks of unfinished work. Spelled in two parts so that this file does not break its own rule.
const MARKS: [&str; 2] = [concat!("TO", "DO"), concat!("FIX", "ME")];

/// Folders of one developer's machine.
const MACHINE_PATHS: [&str; 3] = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];

/// Hosts of package registries: a clone somewhere else reaches others, through its own settings.
const REGISTRY_HOSTS: [&str; 7] = [
    concat!("index.crates", ".io"),
    concat!("static.crates", ".io"),
    concat!("registry.npmjs", ".org"),
    concat!("files.pythonhosted", ".org"),
    concat!("pypi", ".org/simple"),
    concat!("deb.debian", ".org"),
    concat!("proxy.golang", ".org"),
];

/// Forbidden words in a file of any kind.
pub(super) fn problems(file: &str, text: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let mut add = |words: String| problems.push(Problem::new(file, index + 1, words));
        for mark in MARKS.iter().filter(|mark| has_word(line, mark)) {
            add(format!("{mark} marks unfinished work: finish it, or say it in the issue"));
        }
        for path in MACHINE_PATHS.iter().filter(|path| has_path(line, path)) {
            add(format!("{path} is a folder of one machine"));
        }
        for host in REGISTRY_HOSTS.iter().filter(|host| line.contains(*host)) {
            add(format!("{host} is a registry's host; name packages, not where they come from"));
        }
    }
    problems
}

/// Tests that are there and do not run, in masked code.
pub(super) fn switched_off_tests(file: &str, code: &str) -> Vec<Problem> {
    let all = tokens(code);
    let marks =
        all.windows(3).filter(|three| three[0].text == "#" && three[1].text == "[" && three[2].text == "ignore");
    marks.map(|three| Problem::new(file, three[0].line, "a test is switched off: repair or remove it")).collect()
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

/// The path itself, not one that only ends like it, such as `art/wo` + `rk/`.
fn has_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|before| is_word(before) || matches!(before, '.' | '~' | '-' | '/' | '}' | ')' | '*' | '>'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, count: usize) {
        let found = problems("a.md", text);
        assert_eq!(found.len(), count, "{text:?} gave {found:?}");
    }

    #[test]
    fn marks_are_whole_words() {
        check(&format!("// {}: later", MARKS[0]), 1);
        check(&format!("{}(mia)", MARKS[1]), 1);
        check("MASTODON TODOS todo fixme", 0);
        check(&format!("a\n{}\nb {}", MARKS[0], MARKS[1]), 2);
    }

    #[test]
    fn machine_paths_are_found_where_they_begin() {
        let [first, second, third] = MACHINE_PATHS;
        check(&format!("see {first}main"), 1);
        check(&format!("\"{second}.cargo\" and `{third}mia`"), 2);
        check(&format!("target{first}x $HOME{third}"), 0);
        check(&format!("art{first} ~{first}"), 0);
    }

    #[test]
    fn registry_hosts_are_found() {
        check(&format!("https://{}/simple", REGISTRY_HOSTS[3]), 1);
        check("from crates.io", 0);
    }

    #[test]
    fn only_attributes_switch_tests_off() {
        assert_eq!(switched_off_tests("a.rs", "#[ignore] fn a() {}").len(), 1);
        assert_eq!(switched_off_tests("a.rs", "#[ignore = \"slow\"]\nfn a() {}").len(), 1);
        assert_eq!(switched_off_tests("a.rs", "fn ignore() { x[ignore] }"), []);
    }
}
