//! Who may import whom: the architecture as a check, between crates and between the files of one.
//!
//! Owns the rules and their reading of `cargo metadata` and of the sources. A rule that is broken is reported with
//! the arrow and the reason, all of them at once.

mod circles;
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
        let (_, program) = program_of(workspace, rule.package)?;
        problems.extend(program.iter().flat_map(|(file, code)| sources::problems(file, code, rule)));
    }
    for layered in rules::LAYERED.iter().filter(|layered| layered.untied) {
        let (folder, program) = program_of(workspace, layered.package)?;
        problems.extend(circles::problems(&folder, &program));
    }
    if problems.is_empty() {
        return Ok(workspace.members().count());
    }
    problems.sort();
    Err(Failure::refused(format!("arrows that are not drawn:\n  {}", problems.join("\n  "))))
}

/// The program (not the tests) of one crate: its files with their masked code. Nothing when there is no such crate.
fn program_of(workspace: &Workspace, package: &str) -> Outcome<(String, Vec<(String, String)>)> {
    let Some(folder) = workspace.package(package).and_then(|package| package.folder.clone()) else {
        return Ok((String::new(), Vec::new()));
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
    let program = masked.into_iter().filter(|(file, _)| !is_test(file));
    Ok((prefix, program.map(|(file, code)| (file, without_tests(&code))).collect()))
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

    /// A repository with one crate of that name in that folder.
    fn made_up(name: &str, folder: &str, files: &[(&str, &str)]) -> (tempfile::TempDir, Workspace) {
        let place = tempfile::tempdir().unwrap();
        let root = place.path();
        let git = std::process::Command::new("git").arg("init").arg("-q").arg(root).status().unwrap();
        assert!(git.success());
        for (file, text) in files {
            let file = root.join(folder).join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        let metadata = serde_json::json!({
            "workspace_root": root, "target_directory": root, "workspace_members": ["e"], "resolve": null,
            "packages": [{"id": "e", "name": name, "manifest_path": root.join(folder).join("Cargo.toml"),
                          "license": null, "targets": [], "dependencies": []}]
        });
        let workspace = Workspace::from_metadata(&metadata).unwrap();
        (place, workspace)
    }

    #[test]
    fn test_files_may_use_what_the_program_may_not() {
        let files = [
            ("src/lib.rs", "mod clock;\n#[cfg(test)]\nmod golden;\n"),
            ("src/golden.rs", "use std::fs;\n"),
            ("src/clock.rs", "#[cfg(test)]\nuse std::fs;\nuse std::time::SystemTime;\n"),
        ];
        let (_place, workspace) = made_up("aurapos-engine", "host/engine", &files);
        let words = check(&workspace).unwrap_err().to_string();
        assert!(words.contains("host/engine/src/clock.rs:3"), "{words}");
        assert!(!words.contains("golden.rs") && !words.contains("clock.rs:2"), "{words}");
    }

    #[test]
    fn the_files_of_an_untied_crate_form_no_circle() {
        let site = ("src/site.rs", "use crate::register::settings_of;\n");
        let tests = ("src/register/tests.rs", "use crate::site::Site;\n");
        let lib = ("src/lib.rs", "mod register;\nmod site;\n");
        let tied = ("src/register/mod.rs", "use crate::site::Site;\n#[cfg(test)]\nmod tests;\n");
        let circle = "host/runtime/src: a circle of files: register/mod.rs -> site.rs -> register/mod.rs";
        let (_place, workspace) = made_up("aurapos-runtime", "host/runtime", &[lib, site, tied, tests]);
        assert!(check(&workspace).unwrap_err().to_string().contains(circle));
        let untied = ("src/register/mod.rs", "#[cfg(test)]\nmod tests;\n");
        let (_place, workspace) = made_up("aurapos-runtime", "host/runtime", &[lib, site, untied, tests]);
        assert_eq!(check(&workspace), Ok(1));
    }
}
