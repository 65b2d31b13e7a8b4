//! The program with the window, started and ended.

use crate::report::{Figure, Goal};
use crate::screen::Screen;
use crate::{Bench, BenchResult};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longer than the program ever takes to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// `aurapos` on a display. Dropped, it is killed.
#[derive(Debug)]
pub(super) struct Program(Child);

impl Program {
    /// Starts it on a data folder, in English.
    pub(super) fn start(bench: &Bench, screen: &Screen, folder: &Path) -> BenchResult<Program> {
        let program = bench.programs.join("aurapos");
        if !program.exists() {
            return Err(format!("{} is missing: build aurapos-app", program.display()).into());
        }
        let mut command = Command::new(program);
        for name in ["AURAPOS_DATA", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "SLINT_BACKEND", "SLINT_SCALE_FACTOR"] {
            command.env_remove(name);
        }
        let command = command.env("DISPLAY", screen.name()).arg("--data").arg(folder).args(["--lang", "en"]);
        Ok(Program(command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?))
    }

    /// Its memory as the kernel counts it (proc(5), `smaps_rollup`).
    pub(super) fn memory(&self) -> BenchResult<Memory> {
        let rollup = std::fs::read_to_string(format!("/proc/{}/smaps_rollup", self.0.id()))?;
        let megabytes = |name: &str| -> BenchResult<f64> {
            let line = rollup.lines().find_map(|line| line.strip_prefix(name)).ok_or(format!("no {name} in /proc"))?;
            let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
            Ok(kilobytes / 1_000.0 * 1.024)
        };
        Ok(Memory {
            resident: megabytes("Rss:")?,
            proportional: megabytes("Pss:")?,
            private: megabytes("Private_Clean:")? + megabytes("Private_Dirty:")?,
            written: megabytes("Private_Dirty:")?,
        })
    }

    /// Asks it to end, as the system does, and waits for it.
    pub(super) fn end(mut self) -> BenchResult<()> {
        Command::new("kill").arg(self.0.id().to_string()).status()?;
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Some(status) = self.0.try_wait()? {
                return if status.success() { Ok(()) } else { Err(format!("aurapos ended with {status}").into()) };
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Err("aurapos does not end".into())
    }
}

/// Memory that is in use, in MB.
#[derive(Debug, Clone, Copy)]
pub(super) struct Memory {
    /// All of it, also what other programs use as well.
    pub resident: f64,
    /// The same, with what is shared by halves, thirds and so on.
    pub proportional: f64,
    /// What nobody else uses, the program's code among it.
    pub private: f64,
    /// Of that what it wrote: what the system cannot simply drop and read again.
    pub written: f64,
}

impl Memory {
    /// The figures of one moment.
    pub(super) fn figures(self, when: &str, goal: Goal) -> [Figure; 4] {
        let figure =
            |what: &str, value, goal| Figure::alone("window", format!("{what} memory {when}"), value, "MB", goal);
        [
            figure("proportional", self.proportional, goal),
            figure("private", self.private, Goal::Shown),
            figure("private, written", self.written, Goal::Shown),
            figure("resident", self.resident, Goal::Shown),
        ]
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
