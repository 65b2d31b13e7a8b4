//! The crates that a plugin's author builds on, packed as a registry would have them.
//!
//! Owns: which crates those are, what each must bring along, and how they are packed and unpacked. Must not know: what
//! is done with them; nothing is ever published from here.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Context, Failure, Outcome};
use crate::process;
use crate::workspace::Workspace;

/// In the order in which they need each other.
pub const CRATES: [&str; 3] = ["aurapos-contract", "aurapos-plugin-api", "aurapos-plugin-testkit"];

/// What lies in each beside its sources: the texts of both licences, since a packed crate comes without this repository.
const BROUGHT_ALONG: [&str; 4] = ["Cargo.toml", "README.md", "LICENSE-MIT", "LICENSE-APACHE"];

/// The texts that every crate has a copy of, as they stand at the root of this repository.
const LICENCES: [&str; 2] = ["LICENSE-MIT", "LICENSE-APACHE"];

/// One packed crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The file `NAME-VERSION.crate`.
    pub file: PathBuf,
}

/// Whether the packed crates are built, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Their content is looked at: a second.
    Content,
    /// They are built from what was packed and nothing else: a minute.
    Build,
}

/// Packs all of them into `package/` below a target folder, which may be another than the workspace's.
///
/// # Errors
/// Cargo refuses, a crate lacks its README or a licence or has another text of it, or (with [`Proof::Build`]) a packed
/// crate does not build.
pub fn pack(workspace: &Workspace, target_dir: &Path, proof: Proof) -> Outcome<Vec<Packed>> {
    let packed = CRATES.iter().map(|name| expected(workspace, target_dir, name)).collect::<Outcome<Vec<_>>>()?;
    let command = || {
        let mut command = process::cargo();
        // What is not committed yet is packed as well: who tries a change wants to see that one.
        command.current_dir(&workspace.root).args(["package", "--allow-dirty", "--target-dir"]).arg(target_dir);
        for name in CRATES {
            command.args(["-p", name]);
        }
        if proof == Proof::Content {
            command.arg("--no-verify");
        }
        command
    };
    offline_first(command)?;
    packed.iter().try_for_each(check_content)?;
    Ok(packed)
}

/// Runs a cargo that needs no registry where everything is known already, and asks the registry only otherwise.
///
/// # Errors
/// It fails both ways: what it said the second time.
pub fn offline_first(command: impl Fn() -> Command) -> Outcome<()> {
    if process::output_of(command().arg("--offline")).is_ok() {
        return Ok(());
    }
    process::output_of(&mut command()).map(drop)
}

/// Name and version as `Cargo.toml` has them, and the file that cargo is going to write.
fn expected(workspace: &Workspace, target_dir: &Path, name: &str) -> Outcome<Packed> {
    let folder = workspace
        .package(name)
        .and_then(|package| package.folder.as_deref())
        .ok_or_else(|| Failure::refused(format!("no package {name} in this workspace")))?;
    let folder = workspace.root.join(folder);
    for licence in LICENCES {
        let read = |folder: &Path| fs::read(folder.join(licence)).while_doing(folder.join(licence).display());
        if read(&folder)? != read(&workspace.root)? {
            let words = "is not the text at the root of this repository: copy it again";
            return Err(Failure::refused(format!("{} {words}", folder.join(licence).display())));
        }
    }
    let manifest = folder.join("Cargo.toml");
    let table: toml::Table =
        fs::read_to_string(&manifest).while_doing(manifest.display())?.parse().while_doing(manifest.display())?;
    let version = table.get("package").and_then(|package| package.get("version")).and_then(toml::Value::as_str);
    let version = version
        .ok_or_else(|| Failure::refused(format!("{} has no version of its own", manifest.display())))?
        .to_owned();
    let file = target_dir.join("package").join(format!("{name}-{version}.crate"));
    Ok(Packed { name: name.to_owned(), version, file })
}

fn check_content(packed: &Packed) -> Outcome<()> {
    let listed = process::output_of(Command::new("tar").arg("-tzf").arg(&packed.file))?;
    let lacks = lacking(&listed, packed);
    if lacks.is_empty() {
        return Ok(());
    }
    Err(Failure::refused(format!("{} lacks {}", packed.file.display(), lacks.join(", "))))
}

/// What the list of a packed crate does not name.
fn lacking(listed: &str, packed: &Packed) -> Vec<&'static str> {
    let top = format!("{}-{}/", packed.name, packed.version);
    let has = |file: &str| listed.lines().any(|line| line.strip_prefix(&top) == Some(file));
    BROUGHT_ALONG.into_iter().filter(|file| !has(file)).collect()
}

/// Unpacks crates into a folder, each under its name without the version: `vendor/aurapos-contract`.
///
/// # Errors
/// A crate cannot be read, or there is something under its name already.
pub fn unpack(packed: &[Packed], folder: &Path) -> Outcome<()> {
    fs::create_dir_all(folder).while_doing(format!("making {}", folder.display()))?;
    for Packed { name, version, file } in packed {
        // `m`: every packed file has one old date, by which cargo would take another version for the one it has built.
        process::output_of(Command::new("tar").arg("-xmzf").arg(file).arg("-C").arg(folder))?;
        let own = folder.join(name);
        if own.exists() {
            return Err(Failure::refused(format!("{} is there already", own.display())));
        }
        fs::rename(folder.join(format!("{name}-{version}")), &own).while_doing(own.display())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed() -> Packed {
        Packed { name: "a".into(), version: "1.0.0".into(), file: PathBuf::from("a-1.0.0.crate") }
    }

    #[test]
    fn a_crate_without_its_licences_is_named() {
        let check = |listed: &str, expected: &[&str]| assert_eq!(lacking(listed, &packed()), expected, "{listed}");
        check("a-1.0.0/Cargo.toml\na-1.0.0/README.md\na-1.0.0/LICENSE-MIT\na-1.0.0/LICENSE-APACHE\n", &[]);
        check("a-1.0.0/Cargo.toml\na-1.0.0/src/README.md\na-1.0.0/LICENSE-MIT\n", &["README.md", "LICENSE-APACHE"]);
        check("b-1.0.0/Cargo.toml\n", &BROUGHT_ALONG);
    }

    #[test]
    fn a_crate_is_unpacked_under_its_name_and_over_nothing() {
        let place = tempfile::tempdir().unwrap();
        let inside = place.path().join("a-1.0.0");
        fs::create_dir(&inside).unwrap();
        fs::write(inside.join("Cargo.toml"), "x").unwrap();
        let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_153_704_088);
        fs::File::options().write(true).open(inside.join("Cargo.toml")).unwrap().set_modified(old).unwrap();
        let file = place.path().join("a-1.0.0.crate");
        process::output_of(Command::new("tar").arg("-czf").arg(&file).arg("-C").arg(place.path()).arg("a-1.0.0"))
            .unwrap();
        let packed = Packed { file, ..packed() };
        let vendor = place.path().join("vendor");
        unpack(std::slice::from_ref(&packed), &vendor).unwrap();
        assert_eq!(fs::read_to_string(vendor.join("a/Cargo.toml")).unwrap(), "x");
        assert!(
            fs::metadata(vendor.join("a/Cargo.toml")).unwrap().modified().unwrap() > old,
            "cargo would not build it"
        );
        assert!(unpack(&[packed], &vendor).unwrap_err().to_string().contains("there already"));
    }

    #[test]
    fn what_fails_offline_is_tried_with_the_registry() {
        let shell = |script: &'static str| {
            move || {
                let mut command = Command::new("sh");
                command.args(["-c", script, "sh"]);
                command
            }
        };
        // `$1` is `--offline` or nothing.
        offline_first(shell("test \"$1\" = --offline")).unwrap();
        offline_first(shell("test -z \"$1\"")).unwrap();
        let failure = offline_first(shell("echo \"said $1.\" >&2; exit 1")).unwrap_err().to_string();
        assert!(failure.ends_with("said ."), "{failure}");
    }
}
