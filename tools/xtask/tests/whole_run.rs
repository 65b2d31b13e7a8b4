//! `cargo xtask stage` and `cargo xtask test` as a developer meets them, in a small workspace that is made up here.
//!
//! The packages have the names of the real ones and next to nothing in them, so that a run takes seconds.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use xtask::packed::CRATES;
use xtask::stage::{PLUGIN_PACKAGES, sha256};

const LICENCES: [&str; 2] = ["LICENSE-MIT", "LICENSE-APACHE"];

/// A workspace in a folder of its own.
struct Made {
    place: tempfile::TempDir,
}

impl Made {
    fn new() -> Self {
        let made = Self { place: tempfile::tempdir().unwrap() };
        let folders = PLUGIN_PACKAGES.map(|package| format!("plugins/{}", package.trim_start_matches("aurapos-")));
        let members = folders.join("\", \"");
        made.write(
            "Cargo.toml",
            &format!("[workspace]\nresolver = \"3\"\nmembers = [\"{members}\", \"tools/admin\", \"tools/bench\", \"host/plugin-host\", \"api/*\"]\n[workspace.lints]\n"),
        );
        made.write(".gitignore", "/target\n");
        made.write(".ci/nextest.toml", include_str!("../../../.ci/nextest.toml"));
        for (package, folder) in PLUGIN_PACKAGES.iter().zip(&folders) {
            made.package(package, folder, "[lib]\ncrate-type = [\"cdylib\", \"rlib\"]\n");
            made.write(&format!("{folder}/src/lib.rs"), "//! A plugin of nothing.\n");
            let id = folder.trim_start_matches("plugins/");
            made.write(&format!("{folder}/plugin.toml"), &format!("id = \"{id}\"\nversion = \"1.0.0\"\n"));
        }
        made.package("aurapos-admin", "tools/admin", "");
        made.write("tools/admin/src/main.rs", "//! Administers nothing.\n\nfn main() {}\n");
        made.package("aurapos-bench", "tools/bench", "");
        made.write("tools/bench/src/main.rs", BENCH);
        made.package("aurapos-plugin-host", "host/plugin-host", "");
        made.write("host/plugin-host/src/bin/aurapos-plugin-probe.rs", "//! Probes nothing.\n\nfn main() {}\n");
        made.write("host/plugin-host/src/lib.rs", LIBRARY);
        for licence in LICENCES {
            made.write(licence, "Do what you like.\n");
        }
        for package in CRATES {
            let folder = format!("api/{package}");
            made.package(package, &folder, "");
            made.write(&format!("{folder}/src/lib.rs"), "//! A crate of nothing.\n");
            LICENCES.iter().for_each(|licence| made.write(&format!("{folder}/{licence}"), "Do what you like.\n"));
        }
        made.run(Command::new("git").args(["init", "--quiet"]));
        made.run(Command::new("cargo").args(["generate-lockfile", "--offline"]));
        made
    }

    fn package(&self, name: &str, folder: &str, more: &str) {
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\nlicense = \"MIT\"\n\n[lints]\nworkspace = true\n\n{more}"
        );
        self.write(&format!("{folder}/Cargo.toml"), &manifest);
        let readme = format!("# {name}\n\nOwns nothing at all, may import nothing and must not know anything.\n");
        self.write(&format!("{folder}/README.md"), &readme);
    }

    fn write(&self, file: &str, text: &str) {
        let file = self.place.path().join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    /// Runs a command in the workspace as from a fresh shell: what cargo and nextest told this test stays behind.
    fn run(&self, command: &mut Command) -> Output {
        for (name, _) in std::env::vars() {
            let inherited = name.starts_with("CARGO") && name != "CARGO_HOME" || name.starts_with("NEXTEST");
            if inherited || name == "RUSTC" {
                command.env_remove(name);
            }
        }
        // Programs that the run asks for, so that it installs nothing on the machine of whoever runs this test.
        let programs = self.place.path().join("target/programs");
        fs::create_dir_all(&programs).unwrap();
        for name in ["cc", "sqlite3", "faketime", "ip"] {
            fs::write(programs.join(name), "").unwrap();
        }
        let inherited = std::env::var_os("PATH").unwrap();
        let path = std::env::split_paths(&inherited).chain([programs]);
        command.env("PATH", std::env::join_paths(path).unwrap()).current_dir(self.place.path());
        command.output().unwrap()
    }

    fn xtask(&self, command: &str) -> (Option<i32>, String) {
        let output = self.run(Command::new(env!("CARGO_BIN_EXE_xtask")).arg(command));
        let text = format!("{}{}", String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&output.stdout));
        (output.status.code(), text)
    }
}

const BENCH: &str = r#"//! Measures nothing.

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    println!("measured {}", words.join(" "));
}
"#;

const LIBRARY: &str = r#"//! One of a kind.

/// One.
///
/// ```
/// assert_eq!(aurapos_plugin_host::one(), 1);
/// ```
pub fn one() -> u8 {
    1
}

#[cfg(test)]
mod tests {
    #[test]
    fn one_is_one() {
        assert_eq!(super::one(), 1);
    }
}
"#;

fn table(file: &Path) -> toml::Table {
    fs::read_to_string(file).unwrap().parse().unwrap()
}

#[test]
fn staging_lays_every_plugin_beside_the_programs() {
    let made = Made::new();
    let (code, text) = made.xtask("stage");
    assert_eq!(code, Some(0), "{text}");
    let folder = made.place.path().join("target/debug");
    let lock = table(&folder.join("builtin.lock"));
    let plugins = lock["plugin"].as_array().unwrap();
    assert_eq!(plugins.len(), PLUGIN_PACKAGES.len());
    for plugin in plugins {
        let own = folder.join("plugins").join(plugin["id"].as_str().unwrap());
        let artifact = &table(&own.join("plugin.toml"))["artifact"];
        let library = fs::read(own.join(plugin["file"].as_str().unwrap())).unwrap();
        assert_eq!(plugin["sha256"].as_str(), Some(sha256(&library).as_str()));
        for key in ["file", "size", "sha256"] {
            assert_eq!(artifact[key], plugin[key]);
        }
    }
    // A plugin that can no longer be staged stops it, by name, and the last good layout stays.
    made.write("plugins/payment-cash/plugin.toml", "no-id = 1\n");
    let (code, text) = made.xtask("stage");
    assert_eq!(code, Some(1));
    assert!(text.contains("payment-cash/plugin.toml") && text.contains("no id"), "{text}");
    assert_eq!(table(&folder.join("builtin.lock")), lock);
}

#[test]
fn a_run_ends_with_its_count_and_says_what_failed() {
    let made = Made::new();
    let (code, text) = made.xtask("test");
    assert_eq!(code, Some(0), "{text}");
    assert!(text.ends_with("\n2 passed, 0 failed\n"), "{text}");
    assert!(!text.contains("FAILED") && text.contains("\nmeasured --smoke\n"), "{text}");

    // One rule broken for the cheap steps, one for the tests: both are told, and nothing stops in between.
    made.write(
        "host/plugin-host/src/lib.rs",
        &LIBRARY.replace("    1\n", "        2\n").replace("//! One of a kind.\n", ""),
    );
    let (code, text) = made.xtask("test");
    assert_eq!(code, Some(1), "{text}");
    assert!(text.ends_with("\n0 passed, 2 failed\n"), "{text}");
    for step in ["format", "tidy", "tests", "doctests"] {
        assert!(text.contains(&format!("=== {step}: FAILED")), "{step}: {text}");
    }
    assert!(text.contains("=== clippy: ok") && text.contains("=== arrows: ok"), "{text}");

    // A licence that went astray is told before anything is built.
    made.write("api/aurapos-contract/LICENSE-MIT", "Do what we like.\n");
    let (code, text) = made.xtask("package");
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("aurapos-contract/LICENSE-MIT"), "{text}");

    // What does not compile leaves nothing to test, and says so.
    made.write("host/plugin-host/src/lib.rs", "//! Broken.\n\npub fn one() -> u8 {}\n");
    let (code, text) = made.xtask("test");
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("did not run") && text.ends_with("\n0 passed, 0 failed\n"), "{text}");
}
