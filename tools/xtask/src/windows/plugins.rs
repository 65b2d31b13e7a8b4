//! Plugins under Wine: what is refused before it is loaded, what a trial survives, and that those of AuraPOS keep the
//! promises of their kinds.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::shop::{Admin, expect};
use super::wine::{Wine, path};
use crate::failure::{Context, Failure, Outcome};
use crate::packages::WINDOWS_LINKER;
use crate::process;
use crate::stage::{Staged, StagedPlugin, sha256, sidecar};

/// Of the files that are no plugins.
const MANIFEST: &str = "\
id = \"to-try\"
version = \"1.0.0\"
kinds = [\"printer\"]
api = \"^1\"
publisher = \"Nobody\"
name = { en = \"To try\", fr = \"À essayer\", nl = \"Om te proberen\", de = \"Zum Probieren\" }
description = { en = \"Nothing.\", fr = \"Rien.\", nl = \"Niets.\", de = \"Nichts.\" }
";

/// A library that says in every way it can that all is well, and then ends its process.
const LIAR: &str = r#"
#include <windows.h>
#include <stdio.h>
BOOL WINAPI DllMain(HINSTANCE own, DWORD reason, LPVOID reserved) {
    static const char said[] = "{\"code\":\"\",\"message\":\"\"}\n";
    DWORD written;
    if (reason != DLL_PROCESS_ATTACH) return TRUE;
    fputs(said, stdout);
    fflush(stdout);
    WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), said, sizeof said - 1, &written, NULL);
    ExitProcess(0);
}
"#;

/// A library that starts a helper and never comes back.
const HANGING: &str = r#"
#include <windows.h>
BOOL WINAPI DllMain(HINSTANCE own, DWORD reason, LPVOID reserved) {
    STARTUPINFOA start = { sizeof start };
    PROCESS_INFORMATION helper;
    char line[] = "cmd.exe /c echo here > C:\\helper.txt & ping -n 3000 127.0.0.1 & rem aurapos-helper";
    if (reason != DLL_PROCESS_ATTACH) return TRUE;
    CreateProcessA(NULL, line, NULL, NULL, FALSE, 0, NULL, NULL, &start, &helper);
    for (;;) Sleep(1000);
}
"#;
/// In the line of the helper, and in no other.
const HELPER: &str = "aurapos-helper";
/// How long a helper may take to go after the trial's end was told.
const HELPER_GOES: Duration = Duration::from_secs(5);

/// What is refused, what is survived, and what is kept.
///
/// # Errors
/// The first plugin with which it is not as it must be.
pub fn try_plugins(wine: &Wine, staged: &Staged) -> Outcome<()> {
    let admin = Admin::new(wine, staged);
    let folder = wine.drive().join("plugins to try");
    refuse_what_is_no_library(&admin, staged, &folder)?;
    survive(&admin, staged, &folder)?;
    for plugin in &staged.plugins {
        let own = path(&staged.folder.join("plugins").join(&plugin.id));
        let report = admin.ask(&["plugin", "test", &own])?;
        expect(&format!("plugin test {}", plugin.id), report["ok"].clone(), true)?;
    }
    Ok(())
}

fn make(folder: &Path) -> Outcome<()> {
    fs::create_dir_all(folder).while_doing(format!("creating {}", folder.display()))
}

fn write(file: &Path, content: impl AsRef<[u8]>) -> Outcome<()> {
    fs::write(file, content).while_doing(format!("writing {}", file.display()))
}

/// The checks before loading, on files of this kind of system.
fn refuse_what_is_no_library(admin: &Admin<'_>, staged: &Staged, folder: &Path) -> Outcome<()> {
    let read = |file: &Path| fs::read(file).while_doing(format!("reading {}", file.display()));
    let library = read(&staged.folder.join(staged.system.library_file("aurapos-payment-cash")))?;
    let program = read(&staged.program("aurapos-plugin-probe"))?;
    let cases = [
        ("cut.dll", &library[..library.len() - 1], "P-113"),
        ("program.dll", &program[..], "P-111"),
        ("elf.dll", b"\x7fELF of another system", "P-111"),
    ];
    make(folder)?;
    let manifest = folder.join("plugin.toml");
    write(&manifest, MANIFEST)?;
    for (name, bytes, code) in cases {
        let file = folder.join(name);
        write(&file, bytes)?;
        let out = path(&folder.join("out"));
        let said = admin.refused(&["plugin", "pack", &path(&manifest), &path(&file), &out])?;
        expect(&format!("pack {name}: {said}"), said.contains(code), true)?;
    }
    Ok(())
}

/// Libraries that do harm while they are tried out: the trial names them, and nothing of them stays.
fn survive(admin: &Admin<'_>, staged: &Staged, folder: &Path) -> Outcome<()> {
    for (name, source, code) in [("liar", LIAR, "P-115"), ("hanging", HANGING, "P-116")] {
        let own = packed(staged, &folder.join(name), name, source)?;
        let said = admin.refused(&["plugin", "test", &path(&own)])?;
        expect(&format!("plugin test {name}: {said}"), said.contains(code), true)?;
    }
    let here = admin.wine.drive().join("helper.txt").is_file();
    expect("the hanging library's helper was started", here, true)?;
    let start = Instant::now();
    while helper_lives()? {
        if start.elapsed() > HELPER_GOES {
            return Err(Failure::refused("a trial left a helper of its library behind"));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// A library compiled from a few lines, with its sidecar.
fn packed(staged: &Staged, folder: &Path, name: &str, source: &str) -> Outcome<PathBuf> {
    make(folder)?;
    let (text, library) = (folder.with_extension("c"), folder.join(format!("{name}.dll")));
    write(&text, source)?;
    process::run(Command::new(WINDOWS_LINKER).args(["-shared", "-s", "-o"]).arg(&library).arg(&text))?;
    let bytes = fs::read(&library).while_doing(format!("reading {}", library.display()))?;
    let (id, version, file) = ("to-try".to_owned(), "1.0.0".to_owned(), format!("{name}.dll"));
    let plugin = StagedPlugin { id, version, file, size: bytes.len() as u64, sha256: sha256(&bytes) };
    write(&folder.join("plugin.toml"), sidecar(MANIFEST, &plugin, &staged.system.target))?;
    Ok(folder.to_owned())
}

/// Whether a process of this machine has the helper's line: those of Wine are its processes.
fn helper_lives() -> Outcome<bool> {
    let processes = fs::read_dir("/proc").while_doing("looking at the processes")?;
    let lines = processes.filter_map(|entry| fs::read(entry.ok()?.path().join("cmdline")).ok());
    Ok(lines.into_iter().any(|line| String::from_utf8_lossy(&line).contains(HELPER)))
}
