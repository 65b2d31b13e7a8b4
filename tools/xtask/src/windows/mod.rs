//! AuraPOS for Windows, built and tried on a Debian machine without Windows (ADR 0020).
//!
//! Owns: the toolchain and its folder (`target/windows`), what is mended of Slint on the way ([`mend`]), Wine with a prefix of
//! its own ([`wine`]), the shop that is set up under it ([`shop`]), the plugins that are tried ([`plugins`]) and the picture of its window ([`screen`]). Must not know
//! how programs and plugins are laid out: that is [`crate::stage`], with another system's names.

mod mend;
mod plugins;
mod screen;
mod shop;
mod wine;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Context, Failure, Outcome};
use crate::packages::{WINDOWS_CARGO, WINDOWS_LINKER, WINDOWS_RUSTC};
use crate::process;
use crate::stage::{PLUGIN_PACKAGES, PROGRAM_PACKAGES, Profile, Staged, System, WINDOW, lay_out_in};
use crate::workspace::Workspace;

pub use plugins::try_plugins;
pub use shop::set_up;
pub use wine::Wine;

/// What the check leaves out: the window's crates, which take longer than everything else together, and the tests, which
/// look at the programs of Linux from outside.
const NOT_CHECKED: [&str; 3] = ["ui", "host/app", "tests"];

/// Where everything that is for Windows is built.
#[derive(Debug)]
pub struct Toolchain<'a> {
    workspace: &'a Workspace,
    folder: PathBuf,
    system: System,
}

impl<'a> Toolchain<'a> {
    /// The toolchain of a workspace; its packages must be there.
    #[must_use]
    pub fn of(workspace: &'a Workspace) -> Self {
        Self { workspace, folder: workspace.target_dir.join("windows"), system: System::windows() }
    }

    /// Where it builds.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A command of cargo that also builds the standard library, which nobody ships for this target with this compiler.
    fn cargo(&self, word: &str) -> Command {
        let mut command = Command::new(WINDOWS_CARGO);
        let linker = format!("CARGO_TARGET_{}_LINKER", self.system.target.to_uppercase().replace('-', "_"));
        command
            .current_dir(&self.workspace.root)
            .args([word, "-Zbuild-std=std,panic_unwind", "--target", &self.system.target])
            .env("CARGO_TARGET_DIR", &self.folder)
            // Building the standard library is for a nightly toolchain or for those who say that they know.
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTC", WINDOWS_RUSTC)
            .env(linker, WINDOWS_LINKER)
            // Those of the toolchain that runs us are not this one's.
            .env_remove("LD_LIBRARY_PATH")
            .env_remove("RUSTUP_TOOLCHAIN")
            .env_remove("RUSTC_WORKSPACE_WRAPPER");
        command
    }

    /// Type-checks every crate but those of [`NOT_CHECKED`]; a warning is a failure.
    ///
    /// # Errors
    /// Something does not compile, or compiles with a warning.
    pub fn check(&self) -> Outcome<()> {
        let mut command = self.cargo("check");
        // Its C is compiled for a check too, and nobody runs it.
        command.args(["--config", "profile.dev.package.libsqlite3-sys.opt-level=0"]);
        for package in checked(self.workspace) {
            command.args(["-p", package]);
        }
        let teed = process::tee(&mut command)?;
        if !teed.success {
            return Err(Failure::refused("what is there does not compile for Windows"));
        }
        match warned(&teed.text) {
            None => Ok(()),
            Some(line) => Err(Failure::refused(format!("there are warnings on Windows: {line}"))),
        }
    }

    /// Builds programs and plugins and lays them out; the window's program too, if it is wanted.
    ///
    /// # Errors
    /// The build or the staging fails.
    pub fn build(&self, profile: Profile, window: bool) -> Outcome<Staged> {
        let mut command = self.cargo("build");
        command.args(profile.arguments());
        let packages = PROGRAM_PACKAGES.into_iter().chain(PLUGIN_PACKAGES);
        for package in packages.chain(window.then_some(WINDOW.0)) {
            command.args(["-p", package]);
        }
        if window {
            command.env("RUSTC_WRAPPER", mend::wrapper(&self.workspace.root, &self.folder)?);
        }
        process::run(&mut command)?;
        let built = self.folder.join(&self.system.target).join(profile.folder());
        let staged = lay_out_in(self.workspace, built, self.system.clone())?;
        if window && !staged.program(WINDOW.1).is_file() {
            return Err(Failure::refused(format!("{} was not built", staged.program(WINDOW.1).display())));
        }
        Ok(staged)
    }

    /// Opens the window of a shop, waits until something is drawn in it, and keeps the picture.
    ///
    /// # Errors
    /// No window comes, or it stays empty.
    pub fn look(&self, wine: &Wine, staged: &Staged) -> Outcome<PathBuf> {
        let picture = self.folder.join("window.png");
        let display = screen::Display::open(&self.folder)?;
        let mut window = wine.window(staged, display.name())?;
        let looked = display.wait_for_colours(|| wine::has_ended(&mut window));
        let shop = looked.and_then(|picture| shop::is_held(wine, staged).map(|()| picture));
        // Whatever came of it: nothing of it stays.
        wine.end();
        let _ = window.wait();
        shop?.write(&picture)?;
        Ok(picture)
    }
}

/// The packages that are type-checked.
fn checked(workspace: &Workspace) -> Vec<&str> {
    let is_left_out = |folder: &str| {
        let mut parts = NOT_CHECKED.iter();
        parts.any(|part| folder == *part || folder.strip_prefix(part).is_some_and(|rest| rest.starts_with('/')))
    };
    let members = workspace.members().filter(|one| one.folder.as_deref().is_some_and(|folder| !is_left_out(folder)));
    members.map(|one| one.name.as_str()).collect()
}

/// The line with which cargo closes a crate's warnings.
fn warned(text: &str) -> Option<&str> {
    text.lines().find(|line| line.starts_with("warning: `") && line.contains(") generated "))
}

/// Removes a folder of an earlier run.
fn remove(folder: &Path) -> Outcome<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).while_doing(format!("removing {}", folder.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_but_the_window_and_the_tests_is_checked() {
        let workspace = Workspace::members_only().unwrap();
        let checked = checked(&workspace);
        for package in ["aurapos-runtime", "aurapos-admin", "aurapos-storage-sqlite", "xtask", "aurapos-bench"] {
            assert!(checked.contains(&package), "{package}");
        }
        for package in ["aurapos-ui", "aurapos-ui-markup", "aurapos-app", "aurapos-tests", "aurapos-compat"] {
            assert!(!checked.contains(&package), "{package}");
        }
    }

    #[test]
    fn a_warning_is_seen_and_a_note_of_cargo_is_not() {
        let line = "warning: `aurapos-runtime` (lib) generated 2 warnings";
        assert_eq!(warned(&format!("    Checking x\n{line}\n    Finished")), Some(line));
        assert_eq!(warned("warning: unused manifest key: x\n    Finished"), None);
    }
}
