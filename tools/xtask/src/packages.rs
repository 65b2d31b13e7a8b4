//! System packages: what is missing is installed where we may, and named where we may not.

use std::process::Command;

use crate::failure::{Failure, Outcome};
use crate::process;

/// A program that a command needs, and the Debian package that brings it.
pub struct Need {
    /// Any one of these programs will do.
    pub programs: &'static [&'static str],
    /// The package to install when none of them is there.
    pub package: &'static str,
    /// What it is needed for, in words for the developer.
    pub purpose: &'static str,
}

/// SQLite comes as C source and is compiled with the program.
pub const C_COMPILER: Need = Need {
    programs: &["cc", "gcc", "clang"],
    package: "gcc",
    purpose: "compiles the SQLite that AuraPOS brings along",
};
/// Somebody else's eyes on our files.
pub const SQLITE_SHELL: Need = Need {
    programs: &["sqlite3"],
    package: "sqlite3",
    purpose: "tests open databases and backups with a program that is not ours",
};
/// Another clock than the machine's.
pub const FAKETIME: Need =
    Need { programs: &["faketime"], package: "faketime", purpose: "tests start the program under a clock that jumps" };

/// Makes sure that every need is met; installs what is missing with apt-get where that is possible.
///
/// # Errors
/// Something is missing and could not be installed: says which packages to install by hand.
pub fn ensure(needs: &[&Need]) -> Outcome<()> {
    let missing: Vec<&Need> = needs.iter().copied().filter(|need| !is_met(need, process::find_program)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    for need in &missing {
        eprintln!("missing: {} ({})", need.package, need.purpose);
    }
    let mut packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    // Debian keeps the C headers apart from the compiler.
    if packages.contains(&"gcc") {
        packages.push("libc6-dev");
    }
    let Some(installer) = installer() else {
        return Err(by_hand(&packages, "apt-get cannot be used here"));
    };
    // The package list may be old or empty on a fresh machine: install first, update only when that fails.
    let install = |packages: &[&str]| {
        process::run(apt(&installer).args(["install", "-y", "--no-install-recommends"]).args(packages))
    };
    install(&packages)
        .or_else(|_| process::run(apt(&installer).arg("update")).and_then(|()| install(&packages)))
        .map_err(|failure| by_hand(&packages, &failure.to_string()))?;
    match missing.iter().find(|need| !is_met(need, process::find_program)) {
        None => Ok(()),
        Some(need) => Err(by_hand(&[need.package], "it was installed, but its program is not on the PATH")),
    }
}

fn is_met(need: &Need, find: impl Fn(&str) -> Option<std::path::PathBuf>) -> bool {
    need.programs.iter().any(|program| find(program).is_some())
}

/// The words before `apt-get`: none for root, `sudo -n` where it works without a password.
fn installer() -> Option<Vec<&'static str>> {
    process::find_program("apt-get")?;
    let quiet = |command: &mut Command| process::output_of(command).ok();
    if quiet(Command::new("id").arg("-u"))?.trim() == "0" {
        return Some(vec!["apt-get"]);
    }
    quiet(Command::new("sudo").args(["-n", "true"])).map(|_| vec!["sudo", "-n", "apt-get"])
}

fn apt(installer: &[&str]) -> Command {
    let mut command = Command::new(installer[0]);
    command.args(&installer[1..]).env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn by_hand(packages: &[&str], reason: &str) -> Failure {
    Failure::refused(format!(
        "these packages are needed and could not be installed ({reason}).\n\
         Install them yourself, on Debian or Ubuntu with: sudo apt-get install {}",
        packages.join(" ")
    ))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn any_one_of_the_programs_will_do() {
        let only_clang = |name: &str| (name == "clang").then(|| PathBuf::from("clang"));
        assert!(is_met(&C_COMPILER, only_clang));
        assert!(!is_met(&SQLITE_SHELL, only_clang));
    }

    #[test]
    fn what_is_met_installs_nothing() {
        assert_eq!(ensure(&[&Need { programs: &["sh"], package: "no-such-package", purpose: "nothing" }]), Ok(()));
    }

    #[test]
    fn the_refusal_names_the_packages() {
        let words = by_hand(&["gcc", "libc6-dev"], "no network").to_string();
        assert!(words.contains("apt-get install gcc libc6-dev") && words.contains("no network"), "{words}");
    }
}
