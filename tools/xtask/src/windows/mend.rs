//! One line of Slint that ends the register on some screens of Windows.
//!
//! Slint 1.18.1 waits between two frames for what the screen's refresh rate says, and divides by that rate. Windows gives 0
//! or 1 for "the hardware's default", which virtual machines and remote sessions have: the program panics, or draws once a
//! second. No hook of Slint or winit stands between the two. So the crate is compiled from a copy in which such a rate is
//! none, for which it takes 60 Hz; the copy is made from the registry's source, refused when the line is no longer the one
//! that is known, and never kept in the repository. Goes when Slint minds it itself.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::failure::{Context, Failure, Outcome};
use crate::packages::WINDOWS_CARGO;
use crate::process;

const PACKAGE: &str = "i-slint-backend-winit";
const FILE: &str = "frame_throttle.rs";
const BEFORE: &str = ".and_then(|monitor| monitor.refresh_rate_millihertz())\n";
const AFTER: &str =
    ".and_then(|monitor| monitor.refresh_rate_millihertz())\n            .filter(|rate| *rate > 1000)\n";

/// Makes the copy and the program that cargo calls in the compiler's stead; gives the latter.
///
/// # Errors
/// The package is not there, its line is another one, or the folder cannot be written.
pub(super) fn wrapper(root: &Path, folder: &Path) -> Outcome<PathBuf> {
    let source = source(root)?;
    let name = source.file_name().ok_or_else(|| Failure::refused(format!("{} is no folder", source.display())))?;
    let copy = folder.join("mended").join(name);
    copy_folder(&source, &copy)?;
    let wrapper = folder.join("mended/rustc.sh");
    write(&wrapper, script(&copy.join("lib.rs")).as_bytes())?;
    // What may be run is said by each system in its own way: as another program of it.
    let runnable = fs::metadata(WINDOWS_CARGO).map(|cargo| cargo.permissions());
    runnable
        .and_then(|runnable| fs::set_permissions(&wrapper, runnable))
        .while_doing(format!("making {} a program", wrapper.display()))?;
    Ok(wrapper)
}

/// The text with the line changed, which must stand there exactly once.
fn mended(text: &str) -> Outcome<String> {
    if text.matches(BEFORE).count() != 1 {
        return Err(Failure::refused(format!(
            "{PACKAGE} is another one than the one that is known: look whether {FILE} still divides by a refresh rate of 0"
        )));
    }
    Ok(text.replace(BEFORE, AFTER))
}

/// Gives the compiler another file for this one crate, and everything else as it is.
fn script(library: &Path) -> String {
    format!(
        "#!/bin/sh\n# Written by `cargo xtask windows`: see tools/xtask/src/windows/mend.rs.\n\
         case \" $* \" in *' --crate-name i_slint_backend_winit '*) ;; *) exec \"$@\" ;; esac\n\
         for argument do\n    shift\n    case $argument in */{PACKAGE}-*/lib.rs) argument='{}' ;; esac\n    set -- \"$@\" \"$argument\"\ndone\n\
         exec \"$@\"\n",
        library.display()
    )
}

/// Where cargo keeps the package's source.
fn source(root: &Path) -> Outcome<PathBuf> {
    let mut command = process::cargo();
    command.current_dir(root).args(["metadata", "--format-version", "1", "--quiet"]);
    let metadata: Value =
        serde_json::from_str(&process::output_of(&mut command)?).while_doing("reading cargo metadata")?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let manifest = packages.filter(|one| one["name"] == PACKAGE).find_map(|one| one["manifest_path"].as_str());
    let folder = manifest.and_then(|manifest| Path::new(manifest).parent());
    folder.map(Path::to_owned).ok_or_else(|| Failure::refused(format!("nothing here depends on {PACKAGE}")))
}

/// Copies a folder, with the one file changed.
fn copy_folder(from: &Path, to: &Path) -> Outcome<()> {
    let doing = || format!("copying {}", from.display());
    fs::create_dir_all(to).while_doing(doing())?;
    for entry in fs::read_dir(from).while_doing(doing())? {
        let entry = entry.while_doing(doing())?;
        let target = to.join(entry.file_name());
        if entry.file_type().while_doing(doing())?.is_dir() {
            copy_folder(&entry.path(), &target)?;
            continue;
        }
        let content = fs::read(entry.path()).while_doing(doing())?;
        if entry.file_name() == FILE {
            write(&target, mended(&String::from_utf8(content).while_doing(doing())?)?.as_bytes())?;
        } else {
            write(&target, &content)?;
        }
    }
    Ok(())
}

/// Only what differs is written: what has a new date is compiled again.
fn write(file: &Path, content: &[u8]) -> Outcome<()> {
    if fs::read(file).is_ok_and(|present| present == content) {
        return Ok(());
    }
    fs::write(file, content).while_doing(format!("writing {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_changed_once_or_refused() {
        let text = format!("let rate = monitor\n            {BEFORE}            .unwrap_or(60000) as u64;\n");
        let changed = mended(&text).unwrap();
        assert!(changed.contains(".filter(|rate| *rate > 1000)\n            .unwrap_or(60000)"), "{changed}");
        for other in [String::new(), text.repeat(2), changed.replace("refresh_rate", "rate")] {
            assert!(mended(&other).unwrap_err().to_string().contains(PACKAGE), "{other}");
        }
    }

    #[test]
    fn the_slint_of_this_workspace_is_the_one_that_is_known() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let text = fs::read_to_string(source(&root).unwrap().join(FILE)).unwrap();
        assert!(mended(&text).is_ok());
    }

    #[test]
    fn only_the_one_crate_is_compiled_from_elsewhere() {
        let place = tempfile::tempdir().unwrap();
        let script_file = place.path().join("rustc.sh");
        write(&script_file, script(Path::new("/mended/lib.rs")).as_bytes()).unwrap();
        let said = |words: &[&str]| {
            process::output_of(std::process::Command::new("sh").arg(&script_file).args(["echo"]).args(words)).unwrap()
        };
        let path = "/registry/i-slint-backend-winit-1.18.1/lib.rs";
        let words = ["--crate-name", "i_slint_backend_winit", "--edition=2024", path, "--cfg", "a=\"b c\""];
        assert_eq!(said(&words), "--crate-name i_slint_backend_winit --edition=2024 /mended/lib.rs --cfg a=\"b c\"\n");
        let other = ["--crate-name", "i_slint_core", "/registry/i-slint-core-1.18.1/lib.rs"];
        assert_eq!(said(&other), "--crate-name i_slint_core /registry/i-slint-core-1.18.1/lib.rs\n");
    }
}
