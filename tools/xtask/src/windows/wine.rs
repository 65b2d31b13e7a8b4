//! Wine, with a Windows of its own in a folder that is made anew for each run.
//!
//! Debian's Wine 8 lacks one function that Rust's standard library asks every Windows since 7 for: `ProcessPrng`. A library
//! of three lines gives it, in that Wine's own system folder: it is never beside the programs, and nobody ships it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::failure::{Context, Failure, Outcome};
use crate::packages::WINDOWS_LINKER;
use crate::process;
use crate::stage::{Staged, WINDOW};

const PRNG: &str = "\
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length); /* RtlGenRandom */
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length) {
    return SystemFunction036(data, (ULONG)length);
}
";

/// What stands where a variable of the environment must not reach the programs.
const OWN: [&str; 3] = ["AURAPOS_DATA", "AURAPOS_PIN", "SLINT_BACKEND"];

/// A Windows that ends with this.
#[derive(Debug)]
pub struct Wine {
    prefix: PathBuf,
}

impl Wine {
    /// Makes a Windows in `folder/wine`, without what an earlier run left there.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn begin(folder: &Path) -> Outcome<Self> {
        let wine = Self { prefix: folder.join("wine") };
        if wine.prefix.exists() {
            wine.end();
        }
        super::remove(&wine.prefix)?;
        fs::create_dir_all(&wine.prefix).while_doing(format!("creating {}", wine.prefix.display()))?;
        // What it says of 32 bits and of a display is no trouble; that it made a system folder shows whether it went well.
        let made = process::output_of(wine.command("wineboot").arg("-i"));
        let system = wine.prefix.join("drive_c/windows/system32");
        if !system.is_dir() {
            let why = made.err().map_or_else(String::new, |failure| format!(": {failure}"));
            return Err(Failure::refused(format!("Wine makes no Windows in {}{why}", wine.prefix.display())));
        }
        let source = folder.join("prng.c");
        fs::write(&source, PRNG).while_doing(format!("writing {}", source.display()))?;
        let mut compile = Command::new(WINDOWS_LINKER);
        compile.args(["-shared", "-O1", "-s", "-o"]).arg(system.join("bcryptprimitives.dll")).arg(&source);
        process::run(compile.arg("-ladvapi32"))?;
        Ok(wine)
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env("WINEPREFIX", &self.prefix)
            .env("WINEDEBUG", "-all")
            // No window that asks to download what no program here needs.
            .env("WINEDLLOVERRIDES", "mscoree=;mshtml=")
            // Words on the command line are UTF-8.
            .env("LC_ALL", "C.UTF-8")
            .env_remove("DISPLAY");
        for name in OWN {
            command.env_remove(name);
        }
        command
    }

    /// A program of Windows, with its words.
    pub(super) fn program(&self, file: &Path) -> Command {
        let mut command = self.command("wine");
        command.arg(file);
        command
    }

    /// Starts the window's program on a display.
    pub(super) fn window(&self, staged: &Staged, display: &str) -> Outcome<Child> {
        let mut command = self.program(&staged.program(WINDOW.1));
        command.env("DISPLAY", display).stdin(Stdio::null());
        eprintln!("$ {}", process::shown(&command));
        command.spawn().while_doing("starting the window")
    }

    /// A folder of this Windows, as this machine sees it: `users/...`.
    pub(super) fn drive(&self) -> PathBuf {
        self.prefix.join("drive_c")
    }

    /// Ends whatever still runs in it.
    pub(super) fn end(&self) {
        // An error says that nothing runs.
        let _ = process::output_of(self.command("wineserver").arg("-k"));
        let _ = process::output_of(self.command("wineserver").arg("-w"));
    }
}

impl Drop for Wine {
    fn drop(&mut self) {
        self.end();
    }
}

/// The path under which Windows sees a file of this machine.
pub(super) fn path(file: &Path) -> String {
    format!("Z:{}", file.display()).replace('/', "\\")
}

/// Whether a program has ended, and how, in words.
pub(super) fn has_ended(child: &mut Child) -> Option<String> {
    match child.try_wait() {
        Ok(None) => None,
        Ok(Some(status)) => Some(status.to_string()),
        Err(error) => Some(error.to_string()),
    }
}
