//! `cargo xtask freeze-api`: what the API of a release was, for ever.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Command, unknown};
use crate::api::{FROZEN_FOLDER, RECORD_FILE, differences, freeze, record};
use crate::failure::{Context, Failure, Outcome};
use crate::workspace::Workspace;

pub(super) const COMMAND: Command = Command {
    name: "freeze-api",
    summary: "keep the plugin API of a release, so that every later host is tried with it",
    help: "cargo xtask freeze-api [--into FOLDER]\n\
        cargo xtask freeze-api --record\n\n\
        At a release: copies aurapos-contract and aurapos-plugin-api into tests/compat/api-VERSION, under names of their\n\
        own, and adds them and a plugin built with them to the tests of compatibility. Nothing is overwritten.\n\
        \x20 --into FOLDER  elsewhere, as a workspace of its own with the plugin; FOLDER is called api-VERSION\n\
        \x20 --record       writes down every number, name and type of today's API in tests/compat/api.txt. Once a release\n\
        \x20                is frozen, only growth is written: for anything else the API needs its next major version",
    run,
};

fn run(arguments: &[String]) -> Outcome<()> {
    let workspace = Workspace::members_only()?;
    match arguments {
        [] => tell(&workspace.root, None),
        [flag] if flag == "--record" => write_record(&workspace.root),
        [flag, folder] if flag == "--into" => {
            let folder = std::path::absolute(folder).while_doing(folder)?;
            tell(&workspace.root, Some(&folder))
        }
        [flag] if flag == "--into" => Err(Failure::usage("--into needs a folder.")),
        [first, ..] => Err(unknown(first)),
    }
}

fn tell(root: &Path, into: Option<&Path>) -> Outcome<()> {
    let frozen = freeze(root, into)?;
    println!("API {} is frozen in {}", frozen.version, frozen.folder.display());
    for file in &frozen.changed {
        println!("  {}", file.display());
    }
    Ok(())
}

fn write_record(root: &Path) -> Outcome<()> {
    let (file, now) = (root.join(RECORD_FILE), record(root)?);
    let before = fs::read_to_string(&file).unwrap_or_default();
    let found = differences(&before, &now);
    let released = released(root, &now)?;
    if let (Some(released), false) = (&released, found.broken.is_empty()) {
        let words = format!("{} was released: append only.\n  {}", released.display(), found.broken.join("\n  "));
        return Err(Failure::refused(words));
    }
    fs::write(&file, now).while_doing(format!("writing {}", file.display()))?;
    println!("{RECORD_FILE}: {} new, {} changed", found.appended.len(), found.broken.len());
    Ok(())
}

/// A frozen copy of the same major version as this record.
fn released(root: &Path, record: &str) -> Outcome<Option<PathBuf>> {
    let version = record.lines().find_map(|line| line.strip_prefix("api ")).unwrap_or_default();
    let same = format!("api-{}.", version.split('.').next().unwrap_or_default());
    let folder = root.join(FROZEN_FOLDER);
    for entry in fs::read_dir(&folder).while_doing(folder.display())? {
        let path = entry.while_doing(folder.display())?.path();
        if path.is_dir() && path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&same)) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_release_only_growth_is_written_down() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path();
        let write = |file: &str, text: &str| {
            let file = root.join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        let package = |version: &str| format!("[package]\nname = \"x\"\nversion = \"{version}\"\n");
        let contract = |fields: &str| format!("wire_struct! {{ pub struct A {{ {fields} }} }}");
        for folder in ["plugin-api", "plugin-api/contract"] {
            write(&format!("{folder}/Cargo.toml"), &package("1.0.0"));
        }
        write("plugin-api/src/abi.rs", "pub const OK: Status = 0;");
        write("plugin-api/contract/src/lib.rs", &contract("1 => a: i64,"));
        write("tests/compat/README.md", "");
        write_record(root).unwrap();
        write("plugin-api/contract/src/lib.rs", &contract("1 => a: u64,"));
        write_record(root).unwrap();
        write("tests/compat/api-1.0.0/README.md", "");
        write("plugin-api/contract/src/lib.rs", &contract("1 => a: u64, 2 => b: bool,"));
        write_record(root).unwrap();
        write("plugin-api/contract/src/lib.rs", &contract("1 => a: u32, 2 => b: bool,"));
        let words = write_record(root).unwrap_err().to_string();
        assert!(words.contains("append only") && words.contains("`1 a: u64` became `1 a: u32`"), "{words}");
        assert!(fs::read_to_string(root.join(RECORD_FILE)).unwrap().contains("1 a: u64"), "nothing was written");
        write("plugin-api/Cargo.toml", &package("2.0.0"));
        assert!(write_record(root).unwrap_err().to_string().contains("aurapos-contract is 1.0.0"));
        write("plugin-api/contract/Cargo.toml", &package("2.0.0"));
        write_record(root).unwrap();
    }
}
