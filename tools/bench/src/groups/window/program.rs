//! The program with the window, started and ended.

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

    /// Its memory that is in use, in MB: all of it, also what it shares.
    pub(super) fn resident(&self) -> BenchResult<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS in /proc")?;
        let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kilobytes / 1_000.0 * 1.024)
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

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
