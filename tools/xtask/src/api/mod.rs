//! The plugin API as bytes and layouts see it: written down, compared, frozen.
//!
//! [`record`] reads the macros of the contract and the layouts of the plugin API into a text of one line for each number;
//! [`differences`] says whether a later text only appends to an earlier one; [`freeze`] copies the sources of a release.
//! Must not know what any of it means: only that a number, a name and a type belong together for ever.

mod compare;
mod declarations;
mod freeze;

pub use compare::{Differences, differences};
pub use freeze::{Frozen, freeze};

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Context, Failure, Outcome};
use crate::source::{mask, without_tests};
use declarations::Declaration;

/// Where the record of today's API stands, from the root.
pub const RECORD_FILE: &str = "tests/compat/api.txt";

/// Where the frozen copies lie, each in `api-VERSION`.
pub const FROZEN_FOLDER: &str = "tests/compat";

const CONTRACT: &str = "plugin-api/contract";
const PLUGIN_API: &str = "plugin-api";

const HEADER: &str = "\
# The plugin API as bytes and layouts see it, read from the sources by `cargo xtask freeze-api --record`.
# Append only: a number keeps its name and its type for ever. Value and RowBatch are encoded by hand: they have tests of their
# own bytes in the contract.
";

/// The record of the API in the sources below `root`.
///
/// # Errors
/// A source cannot be read, or has a declaration that is not understood.
pub fn record(root: &Path) -> Outcome<String> {
    let mut declarations = Vec::new();
    for file in sources(&root.join(CONTRACT).join("src"))? {
        declarations.extend(declarations::of_the_contract(&code(&file)?).while_doing(file.display())?);
    }
    let layouts = root.join(PLUGIN_API).join("src/abi.rs");
    declarations.extend(declarations::of_the_layouts(&code(&layouts)?).while_doing(layouts.display())?);
    declarations.sort_by(|left, right| (left.group, &left.title).cmp(&(right.group, &right.title)));
    if let Some(pair) = declarations.windows(2).find(|pair| pair[0].title == pair[1].title) {
        return Err(Failure::refused(format!("`{}` is declared twice", pair[0].title)));
    }
    let version = version(root)?;
    let blocks: String = declarations.iter().map(Declaration::text).collect();
    Ok(format!("{HEADER}\napi {version}\n{blocks}"))
}

/// The version of the API: that of both crates.
///
/// # Errors
/// They differ, or cannot be read.
pub fn version(root: &Path) -> Outcome<String> {
    let [contract, api] = [CONTRACT, PLUGIN_API].map(|folder| package(root, folder));
    let of = |manifest: Outcome<toml::Table>| -> Outcome<String> {
        let version = manifest?.get("package").and_then(|package| package.get("version")?.as_str().map(str::to_owned));
        version.ok_or_else(|| Failure::refused("a crate of the API names no version of its own"))
    };
    let (contract, api) = (of(contract)?, of(api)?);
    if contract != api {
        return Err(Failure::refused(format!("aurapos-contract is {contract} and aurapos-plugin-api {api}")));
    }
    Ok(api)
}

fn package(root: &Path, folder: &str) -> Outcome<toml::Table> {
    let file = root.join(folder).join("Cargo.toml");
    fs::read_to_string(&file).while_doing(file.display())?.parse().while_doing(file.display())
}

/// The sources below a folder, tests left out.
fn sources(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).while_doing(folder.display())? {
        let path = entry.while_doing(folder.display())?.path();
        if path.is_dir() {
            found.extend(sources(&path)?);
        } else if path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn code(file: &Path) -> Outcome<String> {
    Ok(without_tests(&mask(&fs::read_to_string(file).while_doing(file.display())?).code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn todays_api_is_the_one_that_was_recorded() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
        let recorded = fs::read_to_string(root.join(RECORD_FILE)).unwrap();
        let found = differences(&recorded, &record(root).unwrap());
        assert!(
            found.broken.is_empty(),
            "append only: what was released keeps its number, name and type. Before the first release: cargo xtask \
             freeze-api --record\n  {}",
            found.broken.join("\n  ")
        );
        assert!(
            found.appended.is_empty(),
            "the API grew; write it down: cargo xtask freeze-api --record\n  {}",
            found.appended.join("\n  ")
        );
    }
}
