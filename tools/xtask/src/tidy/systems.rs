//! What differs between operating systems stands in modules named `os`: whoever brings AuraPOS to another one reads those.

use super::Problem;
use crate::source::{Masked, Token, tokens, without_tests};

/// Where the program is. Tests and the tools of developers may know what they run on.
const FOLDERS: [&str; 5] = ["plugin-api/", "host/", "plugins/", "ui/", "tools/admin/"];
/// Names of systems in a condition of the compiler.
const SYSTEMS: [&str; 4] = ["unix", "windows", "target_os", "target_family"];

/// Conditions on the system, and what only one system has, outside of those modules.
pub(super) fn problems(file: &str, masked: &Masked) -> Vec<Problem> {
    let is_program = FOLDERS.iter().any(|folder| file.starts_with(folder)) && file.contains("/src/");
    let is_os = file.ends_with("/os.rs") || file.contains("/os/");
    let is_test = file.ends_with("/tests.rs") || file.contains("/tests/");
    if !is_program || is_os || is_test {
        return Vec::new();
    }
    let code = without_tests(&masked.code);
    let all = tokens(&code);
    let here = (0..all.len()).filter(|&at| asks_for_a_system(&all[at..]) || is_of_one_system(&all[at..]));
    let words = "what differs between operating systems belongs into the crate's `os` module";
    here.map(|at| Problem::new(file, all[at].line, words)).collect()
}

/// `cfg(unix)`, `cfg!(windows)`, `cfg_attr(not(target_os = ...`: a name of a system up to the closing bracket.
fn asks_for_a_system(rest: &[Token<'_>]) -> bool {
    if !matches!(rest[0].text, "cfg" | "cfg_attr") {
        return false;
    }
    let mut inside = rest[1..].iter().skip_while(|token| token.text == "!");
    if inside.next().is_none_or(|token| token.text != "(") {
        return false;
    }
    let mut depth = 1_usize;
    for token in inside {
        match token.text {
            "(" => depth += 1,
            ")" => depth -= 1,
            name if SYSTEMS.contains(&name) => return true,
            _ => {}
        }
        if depth == 0 {
            return false;
        }
    }
    false
}

/// `std::os::`
fn is_of_one_system(rest: &[Token<'_>]) -> bool {
    let words = rest.iter().map(|token| token.text).filter(|word| *word != ":" && *word != "::");
    rest[0].text == "std" && words.take(2).eq(["std", "os"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::mask;

    fn check(file: &str, source: &str, count: usize) {
        let found = problems(file, &mask(source));
        assert_eq!(found.len(), count, "{file} {source:?} gave {found:?}");
    }

    #[test]
    fn only_an_os_module_asks_for_a_system() {
        let here = "host/runtime/src/folder.rs";
        check(here, "#[cfg(unix)]\nfn f() {}", 1);
        check(here, "fn f() { if cfg!(windows) {} }", 1);
        check(here, "#[cfg(all(feature = \"x\", not(target_os = \"linux\")))]\nfn f() {}", 1);
        check(here, "use std::os::unix::fs::MetadataExt as _;", 1);
        check(here, "#[cfg(test)]\nmod tests { #[cfg(unix)] fn f() {} }", 0);
        check(here, "#[cfg(test)]\n#[cfg(unix)]\nmod tests { use std::os::fd; }", 0);
        check(here, "#[cfg(feature = \"windows\")]\nfn unix() { windows(); std::fs::os(); } // cfg(unix)", 0);
        for elsewhere in ["host/runtime/src/os/unix.rs", "tools/admin/src/os.rs", "tests/src/window.rs"] {
            check(elsewhere, "#[cfg(unix)]\nuse std::os::fd;", 0);
        }
        check("tools/xtask/src/process.rs", "#[cfg(unix)]\nfn f() {}", 0);
        check("host/app/src/host/tests.rs", "#[cfg(unix)]\nfn f() {}", 0);
    }
}
