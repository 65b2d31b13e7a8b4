//! Who may import whom: the architecture as a check.
//!
//! Owns the rules and their reading of `cargo metadata` and of the sources. A rule that is broken is reported with
//! the arrow and the reason, all of them at once.

mod graph;
mod rules;
mod sources;

use std::fs;

use crate::failure::{Context, Failure, Outcome};
use crate::source::{mask, test_modules, without_tests};
use crate::workspace::Workspace;

/// Checks the whole workspace; returns how many crates were looked at.
///
/// # Errors
/// All arrows that are not drawn, one a line.
pub fn check(workspace: &Workspace) -> Outcome<usize> {
    let mut problems = graph::problems(workspace);
    for rule in rules::SOURCES {
        problems.extend(check_sources(workspace, rule)?);
    }
    if problems.is_empty() {
        return Ok(workspace.members().count());
    }
    problems.sort();
    Err(Failure::refused(format!("arrows that are not drawn:\n  {}", problems.join("\n  "))))
}

/// Reads the program (not the tests) of one crate.
fn check_sources(workspace: &Workspace, rule: &rules::SourceRule) -> Outcome<Vec<String>> {
    let Some(folder) = workspace.package(rule.package).and_then(|package| package.folder.clone()) else {
        return Ok(Vec::new());
    };
    let prefix = format!("{folder}/src/");
    let files: Vec<String> =
        workspace.files()?.into_iter().filter(|file| file.starts_with(&prefix) && file.ends_with(".rs")).collect();
    let mut masked = Vec::new();
    let mut tests = Vec::new();
    for file in files {
        let source = fs::read_to_string(workspace.root.join(&file)).while_doing(&file)?;
        let code = mask(&source).code;
        let home = module_folder(&file);
        tests.extend(test_modules(&code).into_iter().map(|name| format!("{home}{name}")));
        masked.push((file, code));
    }
    let is_test =
        |file: &str| tests.iter().any(|test| file == format!("{test}.rs") || file.starts_with(&format!("{test}/")));
    Ok(masked
        .iter()
        .filter(|(file, _)| !is_test(file))
        .flat_map(|(file, code)| sources::problems(file, &without_tests(code), rule))
        .collect())
}

/// Where the submodules of a source file live, with a trailing `/`.
fn module_folder(file: &str) -> String {
    let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
    match name {
        "lib.rs" | "main.rs" | "mod.rs" => format!("{folder}/"),
        name => format!("{folder}/{}/", name.trim_end_matches(".rs")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn submodules_are_found_where_rust_looks_for_them() {
        assert_eq!(module_folder("host/domain/src/lib.rs"), "host/domain/src/");
        assert_eq!(module_folder("host/domain/src/money/mod.rs"), "host/domain/src/money/");
        assert_eq!(module_folder("host/domain/src/money.rs"), "host/domain/src/money/");
    }

    #[test]
    fn test_files_may_use_what_the_program_may_not() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path();
        let git = std::process::Command::new("git").arg("init").arg("-q").arg(root).status().unwrap();
        assert!(git.success());
        let write = |file: &str, text: &str| {
            let file = root.join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        write("host/engine/src/lib.rs", "mod clock;\n#[cfg(test)]\nmod golden;\n");
        write("host/engine/src/golden.rs", "use std::fs;\n");
        write("host/engine/src/clock.rs", "#[cfg(test)]\nuse std::fs;\nuse std::time::SystemTime;\n");
        let engine = serde_json::json!({
            "workspace_root": root, "target_directory": root, "workspace_members": ["e"], "resolve": null,
            "packages": [{"id": "e", "name": "aurapos-engine", "manifest_path": root.join("host/engine/Cargo.toml"),
                          "license": null, "targets": [], "dependencies": []}]
        });
        let workspace = Workspace::from_metadata(&engine).unwrap();
        let words = check(&workspace).unwrap_err().to_string();
        assert!(words.contains("host/engine/src/clock.rs:3"), "{words}");
        assert!(!words.contains("golden.rs") && !words.contains("clock.rs:2"), "{words}");
    }
}
