//! Freezing a release: its sources under names of their own, and a plugin built with them, for ever.
//!
//! In the checkout the copy joins the workspace and the tests of compatibility; anywhere else it is a workspace of its own
//! with that plugin, to look at. Nothing is overwritten.

use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::{CONTRACT, FROZEN_FOLDER, PLUGIN_API, RECORD_FILE, differences, package, record, version};
use crate::failure::{Context, Failure, Outcome};

/// The files that name a frozen copy, each with the text behind which it is named. Cargo and the tests read them.
const ENTRIES: [(&str, &str); 3] = [
    ("Cargo.toml", "members = [\n"),
    ("tests/compat/Cargo.toml", "[dev-dependencies]\n"),
    ("tests/compat/tests/compat/main.rs", "const PLUGINS: &[(&str, &str)] = &[\n"),
];

/// What was frozen.
#[derive(Debug, PartialEq, Eq)]
pub struct Frozen {
    /// The version.
    pub version: String,
    /// The folder of the copy.
    pub folder: PathBuf,
    /// Other files that were written or changed, from the root.
    pub changed: Vec<PathBuf>,
}

/// The names of a version in packages and files.
struct Names {
    version: String,
    /// `1-0-0`
    dashed: String,
    /// `1_0_0`
    lined: String,
}

/// Copies the API below `root` into `into`, or into its place in the checkout.
///
/// # Errors
/// The folder is there, is named after another version, or the record is not that of today's sources.
pub fn freeze(root: &Path, into: Option<&Path>) -> Outcome<Frozen> {
    let version = version(root)?;
    let own = root.join(FROZEN_FOLDER).join(format!("api-{version}"));
    let folder = into.map_or_else(|| own.clone(), Path::to_owned);
    if folder.file_name() != own.file_name() {
        let words = format!("the API is {version}: its copy is called api-{version}, not {}", folder.display());
        return Err(Failure::refused(words));
    }
    if folder.exists() {
        return Err(Failure::refused(format!("{} is there; what was frozen stays as it is", folder.display())));
    }
    let recorded = fs::read_to_string(root.join(RECORD_FILE)).while_doing(RECORD_FILE)?;
    let differences = differences(&recorded, &record(root)?);
    if differences != super::Differences::default() {
        return Err(Failure::refused(format!("{RECORD_FILE} is not up to date: cargo xtask freeze-api --record")));
    }
    let names = Names { dashed: version.replace('.', "-"), lined: version.replace('.', "_"), version };
    let workspace: Table =
        fs::read_to_string(root.join("Cargo.toml")).while_doing("Cargo.toml")?.parse().while_doing("Cargo.toml")?;
    // Everything that can be refused is refused before anything is written.
    let entries = if folder == own { entries(root, &names)? } else { Vec::new() };
    copy_crate(root, CONTRACT, &folder.join("contract"), &names, &workspace)?;
    copy_crate(root, PLUGIN_API, &folder.join("plugin-api"), &names, &workspace)?;
    let api = folder.join("plugin-api");
    write(&api.join("build.rs"), BUILD)?;
    write(
        &folder.join("rustfmt.toml"),
        "# What was released is not formatted any more.\ndisable_all_formatting = true\n",
    )?;
    let mut changed = Vec::new();
    for (file, text) in entries {
        write(&root.join(&file), &text)?;
        changed.push(file);
    }
    if folder != own {
        stand_alone(root, &folder, &names)?;
    }
    Ok(Frozen { version: names.version, folder, changed })
}

/// A layout carries its package's name.
const BUILD: &str = "\
//! A frozen API passes for `aurapos-plugin-api`: layouts carry the name of their package.

fn main() {
    println!(\"cargo:rustc-env=CARGO_PKG_NAME=aurapos-plugin-api\");
    println!(\"cargo:rerun-if-changed=build.rs\");
}
";

fn copy_crate(root: &Path, from: &str, to: &Path, names: &Names, workspace: &Table) -> Outcome<()> {
    copy_sources(&root.join(from).join("src"), &to.join("src"))?;
    let lib = to.join("src/lib.rs");
    let text = fs::read_to_string(&lib).while_doing(lib.display())?;
    write(&lib, &with_lints_allowed(&text))?;
    let manifest = frozen_manifest(&package(root, from)?, workspace, names)?;
    write(&to.join("Cargo.toml"), &manifest)?;
    let readme = format!(
        "# {} {}\n\nOwns: nothing of its own. Read only: the sources as they were released, written by `cargo xtask \
         freeze-api`. Plugins that were built\nwith them must load for ever. See `tests/compat/README.md`.\n",
        if from == CONTRACT { "aurapos-contract" } else { "aurapos-plugin-api" },
        names.version
    );
    write(&to.join("README.md"), &readme)
}

/// Lints of later compilers find nothing in what was released.
fn with_lints_allowed(lib: &str) -> String {
    let head = lib.lines().take_while(|line| line.starts_with("//!")).map(|line| line.len() + 1).sum();
    let (head, rest) = lib.split_at(head);
    format!("{head}#![allow(warnings, clippy::all)]\n{rest}")
}

/// The manifest of a frozen crate: nothing in it is inherited but the lints, which its sources allow.
fn frozen_manifest(original: &Table, workspace: &Table, names: &Names) -> Outcome<String> {
    let missing = |what: &str| Failure::refused(format!("a manifest has no {what}"));
    let inherited = workspace.get("workspace").and_then(Value::as_table).ok_or_else(|| missing("workspace"))?;
    let from = |table: &str, key: &str| inherited.get(table).and_then(|table| table.get(key)).cloned();
    let package = original.get("package").and_then(Value::as_table).ok_or_else(|| missing("package"))?;
    let name = package.get("name").and_then(Value::as_str).ok_or_else(|| missing("name"))?;
    let mut text = format!("[package]\nname = \"{name}-{}\"\nversion = \"{}\"\n", names.dashed, names.version);
    for key in ["edition", "rust-version", "license"] {
        let value = from("package", key).ok_or_else(|| missing(key))?;
        text += &format!("{key} = {value}\n");
    }
    text += &format!("publish = false\ndescription = \"{name} as it was released.\"\n");
    text += "\n[lib]\ntest = false\ndoctest = false\n\n[lints]\nworkspace = true\n\n[dependencies]\n";
    let dependencies = original.get("dependencies").and_then(Value::as_table).ok_or_else(|| missing("dependencies"))?;
    for (key, value) in dependencies {
        let outside = || match value.get("workspace").and_then(Value::as_bool) {
            Some(true) => from("dependencies", key),
            _ => Some(value.clone()),
        };
        let value = match key.as_str() {
            "aurapos-contract" => format!("{{ package = \"{key}-{}\", path = \"../contract\" }}", names.dashed),
            _ => outside().ok_or_else(|| missing(key))?.to_string(),
        };
        text += &format!("{key} = {value}\n");
    }
    Ok(text)
}

/// The plugin of this version: the common terminal with its API.
fn plugin(names: &Names, terminal: &str) -> String {
    let (version, lined) = (&names.version, &names.lined);
    format!(
        "//! A plugin of the API {version}, as it was released.\n#![deny(unsafe_code)]\n\n\
         use aurapos_plugin_api_{lined} as api;\n\n#[path = \"{terminal}terminal.rs\"]\nmod terminal;\n\n\
         api::export_plugin! {{\n    manifest: include_str!(\"{terminal}terminal.plugin.toml\"),\n    \
         payment: terminal::terminal,\n}}\n"
    )
}

/// The files of the checkout that change, as they will be.
fn entries(root: &Path, names: &Names) -> Outcome<Vec<(PathBuf, String)>> {
    let Names { version, dashed, lined } = names;
    let lines = [
        format!("    \"tests/compat/api-{version}/contract\", \"tests/compat/api-{version}/plugin-api\",\n"),
        format!("aurapos-plugin-api-{dashed} = {{ path = \"api-{version}/plugin-api\" }}\n"),
        format!("    (\"compat_{lined}\", \"{version}\"),\n"),
    ];
    let mut found = Vec::new();
    for ((file, marker), line) in ENTRIES.iter().zip(&lines) {
        let text = fs::read_to_string(root.join(file)).while_doing(file)?;
        found.push((PathBuf::from(file), put_behind(file, &text, marker, line)?));
    }
    let example = format!("\n[[example]]\nname = \"compat_{lined}\"\ncrate-type = [\"cdylib\"]\n");
    found[1].1 += &example;
    let file = PathBuf::from(format!("tests/compat/examples/compat_{lined}.rs"));
    if root.join(&file).exists() {
        return Err(Failure::refused(format!("{} is there already", file.display())));
    }
    found.push((file, plugin(names, "../")));
    Ok(found)
}

fn put_behind(file: &str, text: &str, marker: &str, line: &str) -> Outcome<String> {
    match text.match_indices(marker).collect::<Vec<_>>().as_slice() {
        [(at, _)] => {
            let (before, after) = text.split_at(at + marker.len());
            Ok(format!("{before}{line}{after}"))
        }
        found => Err(Failure::refused(format!("{file}: `{}` stands there {} times", marker.trim_end(), found.len()))),
    }
}

/// Outside the checkout: a workspace of its own, with the plugin, at the versions of the checkout's lock file.
fn stand_alone(root: &Path, folder: &Path, names: &Names) -> Outcome<()> {
    write(
        &folder.join("Cargo.toml"),
        "[workspace]\nresolver = \"3\"\nmembers = [\"contract\", \"plugin-api\", \"plugin\"]\n\n[workspace.lints.rust]\n",
    )?;
    for file in ["terminal.rs", "terminal.plugin.toml"] {
        let text = fs::read_to_string(root.join(FROZEN_FOLDER).join(file)).while_doing(file)?;
        write(&folder.join("plugin/src").join(file), &text)?;
    }
    write(&folder.join("plugin/src/lib.rs"), &plugin(names, ""))?;
    let Names { version, dashed, .. } = names;
    let manifest = format!(
        "[package]\nname = \"compat-{dashed}\"\nversion = \"{version}\"\nedition = \"2024\"\npublish = false\n\n[lib]\n\
         crate-type = [\"cdylib\"]\n\n[dependencies]\naurapos-plugin-api-{dashed} = {{ path = \"../plugin-api\" }}\n"
    );
    write(&folder.join("plugin/Cargo.toml"), &manifest)?;
    let lock = fs::read_to_string(root.join("Cargo.lock")).while_doing("Cargo.lock")?;
    write(&folder.join("Cargo.lock"), &lock)
}

fn copy_sources(from: &Path, to: &Path) -> Outcome<()> {
    for entry in fs::read_dir(from).while_doing(from.display())? {
        let path = entry.while_doing(from.display())?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy_sources(&path, &target)?;
        } else {
            write(&target, &fs::read_to_string(&path).while_doing(path.display())?)?;
        }
    }
    Ok(())
}

fn write(file: &Path, text: &str) -> Outcome<()> {
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder).and_then(|()| fs::write(file, text)).while_doing(format!("writing {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap()
    }

    #[test]
    fn todays_api_is_frozen_whole_and_once() {
        let place = tempfile::tempdir().unwrap();
        let version = version(root()).unwrap();
        let folder = place.path().join(format!("api-{version}"));
        let frozen = freeze(root(), Some(&folder)).unwrap();
        assert_eq!((frozen.version, frozen.changed), (version, vec![]));
        let manifest: Table = fs::read_to_string(folder.join("plugin-api/Cargo.toml")).unwrap().parse().unwrap();
        assert_eq!(manifest["package"]["edition"].as_str(), Some("2024"), "nothing is inherited");
        assert_eq!(manifest["dependencies"]["abi_stable"]["version"].as_str(), Some("=0.11.3"));
        assert_eq!(manifest["dependencies"]["aurapos-contract"]["path"].as_str(), Some("../contract"));
        let [from, to] =
            [root().join("plugin-api/contract"), folder.join("contract")].map(|one| one.join("src/codec.rs"));
        assert_eq!(fs::read_to_string(from).unwrap(), fs::read_to_string(to).unwrap());
        let lib = fs::read_to_string(folder.join("contract/src/lib.rs")).unwrap();
        assert!(lib.starts_with("//!") && lib.contains("\n#![allow(warnings, clippy::all)]\n"));
        let words = freeze(root(), Some(&folder)).unwrap_err().to_string();
        assert!(words.contains("stays as it is"), "{words}");
        let words = freeze(root(), Some(&place.path().join("api-9.9.9"))).unwrap_err().to_string();
        assert!(words.contains("not") && words.contains("api-9.9.9"), "{words}");
    }

    #[test]
    fn the_checkout_has_a_place_for_the_next_release() {
        let names = Names { version: "9.8.7".into(), dashed: "9-8-7".into(), lined: "9_8_7".into() };
        let entries = entries(root(), &names).unwrap();
        let all: String = entries.iter().map(|(_, text)| text.as_str()).collect();
        for words in [
            "members = [\n    \"tests/compat/api-9.8.7/contract\", \"tests/compat/api-9.8.7/plugin-api\",\n",
            "\naurapos-plugin-api-9-8-7 = { path = \"api-9.8.7/plugin-api\" }\n",
            "\n[[example]]\nname = \"compat_9_8_7\"\n",
            "    (\"compat_9_8_7\", \"9.8.7\"),\n",
            "use aurapos_plugin_api_9_8_7 as api;",
        ] {
            assert_eq!(all.matches(words).count(), 1, "{words}");
        }
        assert!(put_behind("f", "a a", "a", "b").is_err() && put_behind("f", "c", "a", "b").is_err());
    }
}
