//! What every crate of ours has: a README, a licence, a header that says what it owns.

use std::fs;
use std::path::Path;

use super::Problem;
use crate::workspace::{Package, Workspace, slashed};

const README_CHARACTERS_MIN: usize = 60;

/// Crates that lack something.
pub(super) fn problems(workspace: &Workspace) -> Vec<Problem> {
    workspace.members().flat_map(|package| of_package(&workspace.root, package)).collect()
}

fn of_package(root: &Path, package: &Package) -> Vec<Problem> {
    let folder = package.folder.as_deref().unwrap_or("");
    let mut problems = Vec::new();
    if package.license.is_none() {
        problems.push(Problem::new(&format!("{folder}/Cargo.toml"), 0, "names no licence: `license.workspace = true`"));
    }
    let manifest = format!("{folder}/Cargo.toml");
    if !inherits_lints(&fs::read_to_string(root.join(&manifest)).unwrap_or_default()) {
        problems.push(Problem::new(&manifest, 0, "has lints of its own: `[lints] workspace = true`"));
    }
    let readme = format!("{folder}/README.md");
    match fs::read_to_string(root.join(&readme)) {
        Ok(text) if text.len() >= README_CHARACTERS_MIN => {}
        Ok(_) => {
            problems.push(Problem::new(&readme, 0, "says too little: what the crate owns, may import, must not know"))
        }
        Err(_) => problems.push(Problem::new(&readme, 0, "is missing: what the crate owns, may import, must not know")),
    }
    for file in &package.roots {
        let relative = slashed(file.strip_prefix(root).unwrap_or(file));
        let text = fs::read_to_string(file).unwrap_or_default();
        if !text.trim_start().starts_with("//!") {
            problems.push(Problem::new(&relative, 1, "begins without `//!`: what it owns, what it must not know"));
        }
    }
    problems
}

fn inherits_lints(manifest: &str) -> bool {
    let lints = manifest.parse::<toml::Table>().ok().and_then(|mut table| table.remove("lints"));
    lints.is_some_and(|lints| lints.get("workspace").and_then(toml::Value::as_bool) == Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_crate_lacks_everything() {
        let place = tempfile::tempdir().unwrap();
        let lib = place.path().join("lib.rs");
        fs::write(&lib, "fn main() {}").unwrap();
        let mut package = Package {
            name: "x".into(),
            folder: Some("x".into()),
            license: None,
            roots: vec![lib.clone()],
            edges: Vec::new(),
        };
        assert_eq!(of_package(place.path(), &package).len(), 4);

        fs::write(&lib, "\n//! Owns x.\n").unwrap();
        fs::create_dir(place.path().join("x")).unwrap();
        fs::write(place.path().join("x/README.md"), "x").unwrap();
        fs::write(place.path().join("x/Cargo.toml"), "[lints]\nworkspace = true\n").unwrap();
        package.license = Some("MIT".into());
        assert!(of_package(place.path(), &package)[0].words.contains("too little"));
        fs::write(place.path().join("x/README.md"), "x ".repeat(40)).unwrap();
        assert_eq!(of_package(place.path(), &package), []);
    }
}
