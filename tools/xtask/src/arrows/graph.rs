//! The rules that `cargo metadata` can answer.

use std::collections::BTreeSet;

use super::rules::{ALLOWED, CLOSED, FREE_FOLDERS, OWNERS, PLUGIN_FOLDER, PLUGIN_MAY, PLUGIN_TESTS_MAY};
use crate::workspace::{Edge, Kind, Package, Workspace};

/// Every arrow that is not drawn.
pub(super) fn problems(workspace: &Workspace) -> Vec<String> {
    let mut problems = Vec::new();
    for package in workspace.members().filter(|package| !is_free(package)) {
        problems.extend(internal(workspace, package));
        problems.extend(foreign(package));
    }
    problems.extend(closed(workspace));
    problems
}

fn is_free(package: &Package) -> bool {
    let Some(folder) = &package.folder else {
        return false;
    };
    FREE_FOLDERS.iter().any(|free| folder == free || folder.starts_with(&format!("{free}/")))
}

/// Arrows between our own crates.
fn internal(workspace: &Workspace, package: &Package) -> Vec<String> {
    let ours = |edge: &&Edge| workspace.members().any(|member| member.name == edge.to);
    let is_plugin = package.folder.as_deref().is_some_and(|folder| folder.starts_with(PLUGIN_FOLDER));
    let drawn = ALLOWED.iter().find(|arrows| arrows.from == package.name).map(|arrows| arrows.to);
    let Some(may) = drawn.or(is_plugin.then_some(PLUGIN_MAY)) else {
        return vec![format!("{}: a new crate; draw its arrows in tools/xtask/src/arrows/rules.rs", package.name)];
    };
    let allowed = |edge: &&Edge| match edge.kind {
        Kind::Normal | Kind::Build => may.contains(&edge.to.as_str()),
        // The tests of a plugin see what its author would have; those of the host may use any helper of ours.
        Kind::Dev => !is_plugin || PLUGIN_TESTS_MAY.contains(&edge.to.as_str()),
    };
    let refused = package.edges.iter().filter(ours).filter(|edge| !allowed(edge));
    refused
        .map(|edge| format!("{} -> {}{}: it may import {}", package.name, edge.to, suffix(edge.kind), or_nothing(may)))
        .collect()
}

fn or_nothing(names: &[&str]) -> String {
    if names.is_empty() { "none of our crates".to_owned() } else { format!("only {}", names.join(", ")) }
}

fn suffix(kind: Kind) -> &'static str {
    match kind {
        Kind::Normal => "",
        Kind::Build => " (build)",
        Kind::Dev => " (dev)",
    }
}

/// Crates from outside that only their owners may name.
fn foreign(package: &Package) -> Vec<String> {
    let mut problems = Vec::new();
    for owner in OWNERS.iter().filter(|owner| !owner.owners.contains(&package.name.as_str())) {
        for edge in package.edges.iter().filter(|edge| edge.to == owner.of) {
            if edge.kind != Kind::Dev || !owner.in_tests {
                let suffix = suffix(edge.kind);
                problems.push(format!("{} -> {}{suffix}: {}", package.name, owner.of, owner.because));
            }
        }
    }
    problems
}

/// What must not be reached however long the way.
fn closed(workspace: &Workspace) -> Vec<String> {
    let mut problems = Vec::new();
    for rule in CLOSED {
        let reached = reachable(workspace, rule.from);
        for never in rule.never.iter().filter(|never| reached.contains(**never)) {
            problems.push(format!("{} reaches {never}, which it must not know even through others", rule.from));
        }
    }
    problems
}

/// Everything below a package through normal and build dependencies.
fn reachable<'a>(workspace: &'a Workspace, from: &'a str) -> BTreeSet<&'a str> {
    let (mut reached, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(name) = open.pop() {
        // By name: two versions of a crate are one to these rules.
        for package in workspace.packages.iter().filter(|package| package.name == name) {
            for edge in package.edges.iter().filter(|edge| edge.kind != Kind::Dev) {
                if reached.insert(edge.to.as_str()) {
                    open.push(&edge.to);
                }
            }
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// A workspace of `name @ folder -> dependency, dev:dependency`; without a folder the package is from outside.
    fn made_up(lines: &[&str]) -> Workspace {
        let packages = lines.iter().map(|line| {
            let (left, right) = line.split_once("->").unwrap_or((line, ""));
            let (name, folder) = left.split_once('@').map_or((left, None), |(name, folder)| (name, Some(folder)));
            let edge = |word: &str| match word.split_once(':') {
                Some(("dev", to)) => Edge { to: to.to_owned(), kind: Kind::Dev },
                Some((_, to)) => Edge { to: to.to_owned(), kind: Kind::Build },
                None => Edge { to: word.to_owned(), kind: Kind::Normal },
            };
            Package {
                name: name.trim().to_owned(),
                folder: folder.map(|folder| folder.trim().to_owned()),
                license: None,
                roots: Vec::new(),
                edges: right.split_whitespace().map(edge).collect(),
            }
        });
        Workspace { root: PathBuf::new(), target_dir: PathBuf::new(), packages: packages.collect() }
    }

    /// The house as it is drawn; every case adds to it or replaces a line.
    const HOUSE: [&str; 14] = [
        "aurapos-contract @ plugin-api/contract -> uuid",
        "aurapos-plugin-api @ plugin-api -> aurapos-contract abi_stable",
        "aurapos-plugin-testkit @ plugin-api/testkit -> aurapos-contract",
        "aurapos-domain @ host/domain -> sha2 dev:proptest",
        "aurapos-engine @ host/engine -> aurapos-domain aurapos-contract dev:aurapos-plugin-testkit",
        "aurapos-locale @ host/locale -> aurapos-domain aurapos-contract",
        "aurapos-plugin-host @ host/plugin-host -> aurapos-plugin-api aurapos-contract libloading",
        "aurapos-runtime @ host/runtime -> aurapos-engine aurapos-plugin-host dev:rusqlite",
        "aurapos-storage-sqlite @ plugins/storage-sqlite -> aurapos-plugin-api rusqlite dev:aurapos-plugin-testkit",
        "aurapos-ui-markup @ ui/markup -> slint build:slint-build",
        "aurapos-ui @ ui -> aurapos-ui-markup aurapos-engine aurapos-locale slint dev:i-slint-backend-testing",
        "aurapos-app @ host/app -> aurapos-ui aurapos-runtime slint dev:rusqlite",
        "aurapos-tests @ tests -> aurapos-runtime abi_stable rusqlite",
        "xtask @ tools/xtask -> serde_json",
    ];

    fn check(changed: &[&str], expected: &[&str]) {
        let name = |line: &str| line.split_whitespace().next().unwrap_or("").to_owned();
        let kept = HOUSE.iter().filter(|line| !changed.iter().any(|other| name(other) == name(line)));
        let lines: Vec<&str> = kept.chain(changed).copied().collect();
        let found = problems(&made_up(&lines));
        assert_eq!(found.len(), expected.len(), "{changed:?} gave {found:?}");
        for words in expected {
            assert!(found.iter().any(|problem| problem.contains(words)), "{changed:?} gave {found:?}");
        }
    }

    #[test]
    fn the_house_as_drawn_stands() {
        check(&[], &[]);
    }

    #[test]
    fn every_forbidden_arrow_is_caught() {
        check(&["aurapos-contract @ plugin-api/contract -> aurapos-domain"], &["aurapos-contract -> aurapos-domain"]);
        check(&["aurapos-domain @ host/domain -> aurapos-contract"], &["aurapos-domain -> aurapos-contract"]);
        check(&["aurapos-domain @ host/domain -> build:aurapos-contract"], &["aurapos-contract (build)"]);
        check(&["aurapos-locale @ host/locale -> aurapos-engine"], &["aurapos-locale -> aurapos-engine"]);
        check(
            &["aurapos-plugin-host @ host/plugin-host -> aurapos-engine"],
            &["aurapos-plugin-host -> aurapos-engine"],
        );
        check(
            &["aurapos-runtime @ host/runtime -> aurapos-storage-sqlite"],
            &["aurapos-runtime -> aurapos-storage-sqlite"],
        );
        check(&["xtask @ tools/xtask -> aurapos-domain"], &["xtask -> aurapos-domain"]);
        let testkit = "aurapos-plugin-testkit @ plugin-api/testkit -> aurapos-contract aurapos-plugin-api";
        check(&[testkit], &["aurapos-plugin-testkit -> aurapos-plugin-api"]);
        // Directly, and by what it then reaches, also for who stands above it.
        let engine = "aurapos-engine @ host/engine -> aurapos-domain aurapos-plugin-api";
        let reached = ["engine reaches aurapos-plugin-api", "engine reaches abi_stable"];
        let above = ["ui reaches aurapos-plugin-api", "ui reaches abi_stable"];
        check(&[engine], &[&["aurapos-engine -> aurapos-plugin-api"], &reached[..], &above[..]].concat());
    }

    #[test]
    fn plugins_know_the_api_only() {
        let cash = "aurapos-payment-cash @ plugins/payment-cash ->";
        check(&[&format!("{cash} aurapos-plugin-api dev:aurapos-plugin-testkit")], &[]);
        check(&[&format!("{cash} aurapos-contract")], &["aurapos-payment-cash -> aurapos-contract"]);
        check(&[&format!("{cash} aurapos-engine")], &["aurapos-payment-cash -> aurapos-engine"]);
        check(&[&format!("{cash} dev:aurapos-domain")], &["aurapos-payment-cash -> aurapos-domain (dev)"]);
        check(&[&format!("{cash} aurapos-plugin-testkit")], &["aurapos-payment-cash -> aurapos-plugin-testkit"]);
        check(&[&format!("{cash} dev:abi_stable")], &["aurapos-payment-cash -> abi_stable (dev)"]);
    }

    #[test]
    fn outside_crates_stay_with_their_owners() {
        check(&["xtask @ tools/xtask -> abi_stable"], &["xtask -> abi_stable: plugin-api hides it"]);
        check(&["xtask @ tools/xtask -> libloading"], &["xtask -> libloading"]);
        check(&["aurapos-runtime @ host/runtime -> rusqlite"], &["aurapos-runtime -> rusqlite"]);
    }

    #[test]
    fn the_window_knows_the_shop_and_the_shop_knows_no_window() {
        check(&["aurapos-ui-markup @ ui/markup -> slint aurapos-domain"], &["aurapos-ui-markup -> aurapos-domain"]);
        let runtime = ["aurapos-ui -> aurapos-runtime", "aurapos-ui reaches aurapos-runtime"];
        let below = ["reaches aurapos-plugin-host", "reaches aurapos-plugin-api", "reaches abi_stable"];
        check(&["aurapos-ui @ ui -> aurapos-runtime"], &[&runtime[..], &below[..]].concat());
        check(&["aurapos-ui @ ui -> slint dev:aurapos-runtime"], &[]);
        check(&["aurapos-ui @ ui -> rusqlite"], &["aurapos-ui -> rusqlite", "aurapos-ui reaches rusqlite"]);
        check(&["aurapos-app @ host/app -> aurapos-ui aurapos-plugin-host"], &["aurapos-app -> aurapos-plugin-host"]);
        let runtime = "aurapos-runtime @ host/runtime -> aurapos-engine slint";
        check(&[runtime], &["aurapos-runtime -> slint", "aurapos-runtime reaches slint"]);
        check(&["xtask @ tools/xtask -> dev:slint"], &["xtask -> slint (dev)"]);
        // Slint itself may do what the screens may not.
        check(&["slint -> libloading"], &[]);
    }

    #[test]
    fn a_long_way_to_a_forbidden_crate_is_a_way() {
        check(&["sha2 -> digest", "digest -> serde"], &["aurapos-domain reaches serde"]);
        check(
            &["uuid -> libloading"],
            &[
                "aurapos-contract reaches libloading",
                "aurapos-engine reaches libloading",
                "aurapos-locale reaches libloading",
            ],
        );
        check(&["proptest -> serde"], &[]);
    }

    #[test]
    fn a_new_crate_has_to_draw_its_arrows() {
        check(&["aurapos-cloud @ host/cloud -> uuid"], &["aurapos-cloud: a new crate"]);
        check(
            &[
                "aurapos-bench @ tools/bench -> rusqlite aurapos-runtime",
                "aurapos-hostile @ tests/hostile -> abi_stable",
            ],
            &[],
        );
    }
}
