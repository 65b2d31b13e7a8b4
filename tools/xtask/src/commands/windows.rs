//! `cargo xtask windows`: AuraPOS for Windows, built on Linux and tried under Wine.

use std::time::Instant;

use super::{Command, unknown};
use crate::failure::Outcome;
use crate::packages::{self, WINDOWS_BUILD, WINDOWS_RUN};
use crate::stage::Profile;
use crate::windows::{Toolchain, Wine, set_up, try_plugins};
use crate::workspace::Workspace;

use super::stage::tell;

pub(super) const COMMAND: Command = Command {
    name: "windows",
    summary: "build for Windows, and sell under Wine; --check only type-checks",
    help: "cargo xtask windows [--check | --terminal] [--release]\n\n\
        Installs a compiler for Windows and Wine where it may, builds the programs and plugins, lays them out in\n\
        target/windows/x86_64-pc-windows-gnu/<profile>, and tries them in a Windows that Wine makes anew: sets a shop up,\n\
        opens the drawer, sells, backs up, restores, verifies, tries plugins out, good and bad, and opens the window at\n\
        its PIN pad. The picture of the window is target/windows/window.png.\n\
        \x20 --check     only type-checks every crate but the window's; warnings are failures. What CI runs first\n\
        \x20 --terminal  without the window, which takes many times longer to build than everything else\n\
        \x20 --release   as it would be shipped\n\
        What Wine cannot prove is said in README.md.",
    run,
};

/// What the command line asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Check,
    Trial { window: bool, profile: Profile },
}

fn wish(arguments: &[String]) -> Outcome<Wish> {
    let (mut check, mut window, mut profile) = (false, true, Profile::Debug);
    for argument in arguments {
        match argument.as_str() {
            "--check" if arguments.len() == 1 => check = true,
            "--terminal" => window = false,
            "--release" => profile = Profile::Release,
            _ => return Err(unknown(argument)),
        }
    }
    Ok(if check { Wish::Check } else { Wish::Trial { window, profile } })
}

fn run(arguments: &[String]) -> Outcome<()> {
    match wish(arguments)? {
        Wish::Check => step("windows: check", || {
            packages::ensure(WINDOWS_BUILD)?;
            Toolchain::of(&Workspace::members_only()?).check()
        }),
        Wish::Trial { window, profile } => trial(window, profile),
    }
}

fn trial(window: bool, profile: Profile) -> Outcome<()> {
    packages::ensure(WINDOWS_BUILD.iter().chain(WINDOWS_RUN))?;
    let workspace = Workspace::members_only()?;
    let toolchain = Toolchain::of(&workspace);
    let staged = step("build", || toolchain.build(profile, window))?;
    tell(&staged);
    let wine = step("a Windows of its own", || Wine::begin(toolchain.folder()))?;
    step("a shop, its sales, its backup", || set_up(&wine, &staged))?;
    step("plugins, good and bad", || try_plugins(&wine, &staged))?;
    if window {
        let picture = step("the window", || toolchain.look(&wine, &staged))?;
        println!("The window: {}", picture.display());
    }
    println!("Done: AuraPOS for Windows is in {}", staged.folder.display());
    Ok(())
}

/// One step, named and timed.
fn step<T>(name: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    println!("=== {name}");
    let start = Instant::now();
    let result = work();
    let how = if result.is_ok() { "ok" } else { "FAILED" };
    println!("=== {name}: {how}, {:.1} s", start.elapsed().as_secs_f32());
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wished(arguments: &[&str]) -> Outcome<Wish> {
        wish(&arguments.iter().map(|&word| word.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn a_check_is_a_check_and_nothing_else() {
        assert_eq!(wished(&["--check"]), Ok(Wish::Check));
        assert_eq!(wished(&[]), Ok(Wish::Trial { window: true, profile: Profile::Debug }));
        let both = Wish::Trial { window: false, profile: Profile::Release };
        assert_eq!(wished(&["--terminal", "--release"]), Ok(both));
        for wrong in [&["--check", "--release"][..], &["--fast"], &["--terminal", "--check"]] {
            assert_eq!(wished(wrong).unwrap_err().exit_code(), 2, "{wrong:?}");
        }
    }
}
