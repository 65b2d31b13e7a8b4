//! Circles of files inside one crate: whoever reads it goes down and never comes back up.
//!
//! A file needs another one when its program names a path into it that begins with `crate`, `super` or `self`. What a
//! parent re-exports counts as the parent's own. A parent that calls its children by their bare names is no arrow: it
//! declares them, and they are read together.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::source::{Token, tokens};

/// Every circle in the program of one crate, with its files in order. `folder` is that of its sources, with a trailing
/// `/`; `program` are its files with their masked code, tests left out.
pub(super) fn problems(folder: &str, program: &[(String, String)]) -> Vec<String> {
    let short = |file: &'_ usize| program[*file].0.trim_start_matches(folder).to_owned();
    let needs = needs(folder, program);
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
    for start in 0..program.len() {
        if seen.contains(&start) {
            continue;
        }
        if let Some(circle) = way_back(&needs, start) {
            let files: Vec<String> = circle.iter().chain([&start]).map(short).collect();
            problems.push(format!("{}: a circle of files: {}", folder.trim_end_matches('/'), files.join(" -> ")));
            seen.extend(circle);
        }
    }
    problems
}

/// For each file the files that it needs.
fn needs(folder: &str, program: &[(String, String)]) -> Vec<BTreeSet<usize>> {
    let module = |file: &str| module_of(file.trim_start_matches(folder));
    let files: BTreeMap<Vec<String>, usize> =
        program.iter().enumerate().map(|(index, (file, _))| (module(file), index)).collect();
    let file_of = |path: &[String]| (0..=path.len()).rev().find_map(|end| files.get(&path[..end]).copied());
    let needed = program.iter().enumerate().map(|(index, (file, code))| {
        let paths = paths(code, &module(file));
        paths.iter().filter_map(|path| file_of(path)).filter(|other| *other != index).collect()
    });
    needed.collect()
}

/// The module that a file is: `register/turn.rs` is `register::turn`, and `register/mod.rs` is `register`.
fn module_of(file: &str) -> Vec<String> {
    let mut parts: Vec<String> = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    let is_root = parts.len() == 1 && matches!(parts[0].as_str(), "lib" | "main");
    if is_root || parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    parts
}

/// The shortest way from a file back to itself, with the file at its begin and not at its end.
fn way_back(needs: &[BTreeSet<usize>], start: usize) -> Option<Vec<usize>> {
    let mut from: BTreeMap<usize, usize> = BTreeMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(file) = open.pop_front() {
        if needs[file].contains(&start) {
            let mut way = vec![file];
            while let Some(before) = way.last().and_then(|last| from.get(last)) {
                way.push(*before);
            }
            way.reverse();
            return Some(way);
        }
        for next in &needs[file] {
            if *next != start && !from.contains_key(next) {
                from.insert(*next, file);
                open.push_back(*next);
            }
        }
    }
    None
}

/// Every path in the masked code of a module that begins with `crate`, `super` or `self`, from the crate's root.
fn paths(code: &str, module: &[String]) -> Vec<Vec<String>> {
    let all = tokens(code);
    let (mut found, mut inner, mut depth, mut at) = (Vec::new(), Inner::default(), 0_usize, 0);
    while let Some(token) = all.get(at) {
        match token.text {
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                inner.close(depth);
            }
            "mod" if is(&all, at + 2, "{") => inner.open(depth, all[at + 1].text),
            "crate" | "super" | "self" if begins_path(&all, at) => {
                let here = module.iter().cloned().chain(inner.names()).collect();
                at = follow(&all, at, here, &mut found);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// The modules written out inside a file, around the place that is read.
#[derive(Default)]
struct Inner(Vec<(usize, String)>);

impl Inner {
    fn open(&mut self, depth: usize, name: &str) {
        self.0.push((depth, name.to_owned()));
    }

    fn close(&mut self, depth: usize) {
        self.0.retain(|(opened, _)| *opened < depth);
    }

    fn names(&self) -> impl Iterator<Item = String> + '_ {
        self.0.iter().map(|(_, name)| name.clone())
    }
}

fn is(all: &[Token<'_>], at: usize, text: &str) -> bool {
    all.get(at).is_some_and(|token| token.text == text)
}

fn is_path_sign(all: &[Token<'_>], at: usize) -> bool {
    is(all, at, ":") && is(all, at + 1, ":")
}

/// Not `self.name`, and not the place of a visibility: `pub(in crate::register)`.
fn begins_path(all: &[Token<'_>], at: usize) -> bool {
    let is_visibility = at >= 2 && is(all, at - 1, "in") && is(all, at - 2, "(");
    is_path_sign(all, at + 1) && !is_visibility
}

/// Notes the path, or the group of them, that begins at `at` when seen from `path`; answers where it ends.
fn follow(all: &[Token<'_>], mut at: usize, mut path: Vec<String>, found: &mut Vec<Vec<String>>) -> usize {
    loop {
        match all.get(at).map(|token| token.text) {
            Some("{") => return follow_group(all, at + 1, &path, found),
            Some("crate") => path.clear(),
            Some("super") => drop(path.pop()),
            Some("self") => {}
            Some(name) if all[at].is_word() => path.push(name.to_owned()),
            // `*`, the generics of a function, a name that a macro puts here: all of them are what stands before.
            _ => break,
        }
        at += 1;
        if !is_path_sign(all, at) {
            break;
        }
        at += 2;
    }
    found.push(path);
    at
}

/// The rest of a group after its `{`.
fn follow_group(all: &[Token<'_>], mut at: usize, path: &[String], found: &mut Vec<Vec<String>>) -> usize {
    while let Some(token) = all.get(at) {
        at = match token.text {
            "}" => return at + 1,
            // The new name of `name as other`.
            "as" => at + 2,
            _ if token.is_word() => follow(all, at, path.to_vec(), found),
            "*" => {
                found.push(path.to_vec());
                at + 1
            }
            _ => at + 1,
        };
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{mask, without_tests};

    /// `files` are `name: text`; `expected` the circles, by the names of their files.
    fn check(files: &[(&str, &str)], expected: &[&str]) {
        let program: Vec<(String, String)> = files
            .iter()
            .map(|(file, text)| (format!("host/made/src/{file}"), without_tests(&mask(text).code)))
            .collect();
        let found = problems("host/made/src/", &program);
        let expected: Vec<String> =
            expected.iter().map(|circle| format!("host/made/src: a circle of files: {circle}")).collect();
        assert_eq!(found, expected, "{files:?}");
    }

    #[test]
    fn a_circle_is_named_by_its_files_in_order() {
        let site = ("site.rs", "use crate::register::settings_of;");
        check(&[site, ("register.rs", "use crate::site::Site;")], &["site.rs -> register.rs -> site.rs"]);
        check(&[site, ("register.rs", "pub fn settings_of() {}")], &[]);
        let backup = ("backup.rs", "fn f() { crate::site::open(); }");
        check(
            &[backup, site, ("register.rs", "fn f() -> crate::backup::Backups {}")],
            &["backup.rs -> site.rs -> register.rs -> backup.rs"],
        );
        // Who only looks into a circle is no part of it, and of two circles both are told.
        let above = ("above.rs", "use crate::site::Site;");
        let register = ("register.rs", "use crate::{ids, site::Site};");
        let ids = [("ids.rs", "use crate::zone::Zone;"), ("zone.rs", "use crate::ids;")];
        check(
            &[above, site, register, ids[0], ids[1]],
            &["site.rs -> register.rs -> site.rs", "ids.rs -> zone.rs -> ids.rs"],
        );
    }

    #[test]
    fn a_path_is_understood_however_it_is_written() {
        let back = ("a/low.rs", "use crate::a::top::Top;");
        let circle = ["a/low.rs -> a/top.rs -> a/low.rs"];
        for needs in [
            "use super::low::Low;",
            "use super::{high, low::{self, Low}};",
            "use super::{\n    low as deep,\n};",
            "use crate::{b, a::{low::*}};",
            "type T = Vec<super::low::Low>;",
            "fn f() { crate::a::low::make::<u8>() }",
            "macro_rules! m { () => { $crate::a::low::make() } }",
            "mod inner { use super::super::low::Low; }",
            "mod inner { mod deep {} fn f() {} use super::super::low::Low; }",
        ] {
            check(&[back, ("a/top.rs", needs), ("a/mod.rs", "mod low; mod top;")], &circle);
        }
        for needs_not in [
            "// use super::low::Low;",
            "//! [`super::low`]\n/// [`crate::a::low`]\nfn f() {}",
            "const TEXT: &str = \"super::low::Low\";",
            "pub(in super::low) fn f(&self) { self.low() }",
            "mod inner { use super::low::Low; }",
            "mod inner {} use other::{low, super_low as low};",
            "use super::{high as low};",
            "use super",
            "use super::{",
        ] {
            check(&[back, ("a/top.rs", needs_not), ("a/mod.rs", "mod low; mod top;")], &[]);
        }
    }

    #[test]
    fn what_tests_import_does_not_count() {
        let site = ("site.rs", "use crate::register::settings_of;");
        let tests = "#[cfg(test)]\nmod tests { use super::*; use crate::site::Site; }";
        check(&[site, ("register.rs", tests)], &[]);
        check(&[site, ("register.rs", "#[cfg(test)]\nuse crate::site::Site;\nfn f() {}")], &[]);
    }

    #[test]
    fn what_a_parent_re_exports_is_the_parents() {
        let parent = ("register/mod.rs", "mod turn; mod open; pub use turn::Wheel;");
        let open = ("register/open.rs", "use super::Wheel;");
        let turn = ("register/turn.rs", "use super::open::Open;");
        check(&[parent, open, turn], &[]);
        let site = ("site.rs", "use crate::register::Wheel;");
        check(&[parent, open, turn, site], &[]);
        let above = ("register/mod.rs", "mod turn; pub use turn::Wheel; use crate::site::Site;");
        check(&[above, turn, open, site], &["register/mod.rs -> site.rs -> register/mod.rs"]);
        let beside = [("register.rs", above.1), site];
        check(&beside, &["register.rs -> site.rs -> register.rs"]);
        // The root is a parent like any other.
        let root = ("lib.rs", "mod low; pub use crate::low::Low; pub const MAX: u8 = 1;");
        check(&[root, ("low.rs", "use crate::MAX;")], &["lib.rs -> low.rs -> lib.rs"]);
        check(&[("lib.rs", "mod low; pub use low::Low;"), ("low.rs", "use crate::{MAX, other};")], &[]);
    }
}
