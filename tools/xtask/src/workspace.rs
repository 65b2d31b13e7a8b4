//! This repository as the tools see it: its root, its packages from `cargo metadata`, its files from git.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::failure::{Context, Failure, Outcome};
use crate::process;

/// Which of its tables a dependency stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `[dependencies]`
    Normal,
    /// `[build-dependencies]`
    Build,
    /// `[dev-dependencies]`
    Dev,
}

/// One arrow from a package to another, by package name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The package that is imported.
    pub to: String,
    /// For what.
    pub kind: Kind,
}

/// A package of the workspace, or one that it depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its name in Cargo.toml.
    pub name: String,
    /// Its folder relative to the root with `/`, for members of the workspace; `None` for anything from outside.
    pub folder: Option<String>,
    /// The licence it names.
    pub license: Option<String>,
    /// Whether it builds any program or library (not only tests), with its source files.
    pub roots: Vec<PathBuf>,
    /// Whom it imports.
    pub edges: Vec<Edge>,
}

/// The workspace and everything it depends on.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// The folder of the workspace's Cargo.toml.
    pub root: PathBuf,
    /// Where cargo puts what it builds; honours `CARGO_TARGET_DIR`.
    pub target_dir: PathBuf,
    /// Members and outside packages.
    pub packages: Vec<Package>,
}

impl Workspace {
    /// Asks `cargo metadata` about members only, which is quick.
    ///
    /// # Errors
    /// Cargo refuses, or we are not inside the workspace.
    pub fn members_only() -> Outcome<Self> {
        Self::ask(&["--no-deps"])
    }

    /// Asks `cargo metadata` for the whole graph, outside packages included.
    ///
    /// # Errors
    /// Cargo refuses, or we are not inside the workspace.
    pub fn whole() -> Outcome<Self> {
        Self::ask(&[])
    }

    fn ask(arguments: &[&str]) -> Outcome<Self> {
        let mut command = process::cargo();
        command.args(["metadata", "--format-version", "1", "--quiet"]).args(arguments);
        let text = process::output_of(&mut command)?;
        let value: Value = serde_json::from_str(&text).while_doing("reading cargo metadata")?;
        Self::from_metadata(&value)
    }

    /// Reads the JSON of `cargo metadata --format-version 1`.
    ///
    /// # Errors
    /// A field that every version of that format has is missing.
    pub fn from_metadata(metadata: &Value) -> Outcome<Self> {
        let root = PathBuf::from(text(metadata, "workspace_root")?);
        let target_dir = PathBuf::from(text(metadata, "target_directory")?);
        let members: Vec<&str> = list(metadata, "workspace_members")?.iter().filter_map(Value::as_str).collect();
        let described = list(metadata, "packages")?;
        let name_of = |id: &str| {
            described.iter().find(|package| package["id"] == id).and_then(|package| package["name"].as_str())
        };
        let nodes = metadata["resolve"]["nodes"].as_array();
        let mut packages = Vec::new();
        for package in described {
            let id = text(package, "id")?;
            let member = members.contains(&id);
            let mut edges = if member { declared_edges(package)? } else { Vec::new() };
            let node = nodes.and_then(|nodes| nodes.iter().find(|node| node["id"] == id));
            edges.extend(node.map(|node| resolved_edges(node, name_of)).unwrap_or_default());
            edges.sort_by(|left, right| (&left.to, left.kind).cmp(&(&right.to, right.kind)));
            edges.dedup();
            packages.push(Package {
                name: text(package, "name")?.to_owned(),
                folder: if member { Some(folder(&root, text(package, "manifest_path")?)) } else { None },
                license: package["license"].as_str().map(str::to_owned),
                roots: target_roots(package)?,
                edges,
            });
        }
        Ok(Self { root, target_dir, packages })
    }

    /// The packages that are our own.
    pub fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.folder.is_some())
    }

    /// The package of that name, ours first.
    pub fn package(&self, name: &str) -> Option<&Package> {
        self.members()
            .find(|package| package.name == name)
            .or_else(|| self.packages.iter().find(|package| package.name == name))
    }

    /// Every file that git tracks or would track, relative to the root with `/`.
    ///
    /// # Errors
    /// Git is missing or refuses.
    pub fn files(&self) -> Outcome<Vec<String>> {
        let mut command = Command::new("git");
        command.current_dir(&self.root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        let listed = process::output_of(&mut command)?;
        let mut files: Vec<String> = listed
            .split('\0')
            .filter(|path| !path.is_empty() && self.root.join(path).is_file())
            .map(str::to_owned)
            .collect();
        files.sort();
        files.dedup();
        Ok(files)
    }
}

fn declared_edges(package: &Value) -> Outcome<Vec<Edge>> {
    let mut edges = Vec::new();
    for dependency in list(package, "dependencies")? {
        edges.push(Edge { to: text(dependency, "name")?.to_owned(), kind: kind(&dependency["kind"]) });
    }
    Ok(edges)
}

fn resolved_edges<'a>(node: &Value, name_of: impl Fn(&str) -> Option<&'a str>) -> Vec<Edge> {
    let mut edges = Vec::new();
    for dependency in node["deps"].as_array().into_iter().flatten() {
        let Some(to) = dependency["pkg"].as_str().and_then(&name_of) else {
            continue;
        };
        for entry in dependency["dep_kinds"].as_array().into_iter().flatten() {
            edges.push(Edge { to: to.to_owned(), kind: kind(&entry["kind"]) });
        }
    }
    edges
}

fn kind(value: &Value) -> Kind {
    match value.as_str() {
        Some("dev") => Kind::Dev,
        Some("build") => Kind::Build,
        _ => Kind::Normal,
    }
}

fn target_roots(package: &Value) -> Outcome<Vec<PathBuf>> {
    let is_product = |target: &&Value| {
        let kinds = target["kind"].as_array();
        kinds
            .into_iter()
            .flatten()
            .any(|kind| !matches!(kind.as_str(), Some("test" | "bench" | "example" | "custom-build")))
    };
    Ok(list(package, "targets")?
        .iter()
        .filter(is_product)
        .filter_map(|target| target["src_path"].as_str())
        .map(PathBuf::from)
        .collect())
}

fn folder(root: &Path, manifest: &str) -> String {
    let parent = Path::new(manifest).parent().unwrap_or(Path::new(""));
    slashed(parent.strip_prefix(root).unwrap_or(parent))
}

/// A relative path with `/` on every system.
pub fn slashed(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn text<'a>(value: &'a Value, key: &str) -> Outcome<&'a str> {
    value[key].as_str().ok_or_else(|| Failure::refused(format!("cargo metadata has no text `{key}`")))
}

fn list<'a>(value: &'a Value, key: &str) -> Outcome<&'a Vec<Value>> {
    value[key].as_array().ok_or_else(|| Failure::refused(format!("cargo metadata has no list `{key}`")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn made_up() -> Value {
        json!({
            "workspace_root": "/shop",
            "target_directory": "/elsewhere",
            "workspace_members": ["path+a"],
            "packages": [
                {"id": "path+a", "name": "a", "manifest_path": "/shop/host/a/Cargo.toml", "license": "MIT",
                 "targets": [{"kind": ["lib"], "src_path": "/shop/host/a/src/lib.rs"}, {"kind": ["test"], "src_path": "/shop/t.rs"}],
                 "dependencies": [{"name": "b", "kind": null, "optional": true}, {"name": "c", "kind": "dev"}]},
                {"id": "reg+b", "name": "b", "manifest_path": "/registry/b/Cargo.toml", "license": null,
                 "targets": [], "dependencies": [{"name": "not-resolved", "kind": null}]},
                {"id": "reg+c", "name": "c", "manifest_path": "/registry/c/Cargo.toml", "license": null,
                 "targets": [], "dependencies": []}
            ],
            "resolve": {"nodes": [
                {"id": "path+a", "deps": [{"pkg": "reg+c", "dep_kinds": [{"kind": "dev"}]}]},
                {"id": "reg+b", "deps": [{"pkg": "reg+c", "dep_kinds": [{"kind": "build"}, {"kind": null}]}]}
            ]}
        })
    }

    #[test]
    fn declared_and_resolved_arrows_are_both_seen() {
        let workspace = Workspace::from_metadata(&made_up()).unwrap();
        let edge = |to: &str, kind| Edge { to: to.to_owned(), kind };
        assert_eq!(workspace.package("a").unwrap().edges, [edge("b", Kind::Normal), edge("c", Kind::Dev)]);
        assert_eq!(workspace.package("b").unwrap().edges, [edge("c", Kind::Normal), edge("c", Kind::Build)]);
        assert_eq!(workspace.package("a").unwrap().folder.as_deref(), Some("host/a"));
        assert_eq!(workspace.package("a").unwrap().roots, [PathBuf::from("/shop/host/a/src/lib.rs")]);
        assert_eq!(workspace.package("b").unwrap().folder, None);
        assert_eq!(workspace.target_dir, PathBuf::from("/elsewhere"));
    }

    #[test]
    fn a_missing_field_is_named() {
        let mut metadata = made_up();
        metadata["target_directory"] = Value::Null;
        let failure = Workspace::from_metadata(&metadata).unwrap_err();
        assert!(failure.to_string().contains("target_directory"), "{failure}");
    }
}
