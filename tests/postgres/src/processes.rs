//! Looking at processes and ending them, the children of a server among them.

use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a process may take to go after it was killed.
const GOES: Duration = Duration::from_secs(20);

/// Sends a signal; that nobody is there any more is as good.
pub(crate) fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        // It may have ended by itself.
        let _ = kill_process(pid, signal);
    }
}

/// State and parent of a process; `None` when there is none.
fn status(pid: u32) -> Option<(char, u32)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name before stands in brackets and may hold anything.
    let mut rest = text.rsplit_once(") ")?.1.split(' ');
    Some((rest.next()?.chars().next()?, rest.next()?.parse().ok()?))
}

/// Whether it runs: who is dead and not yet waited for does not.
pub(crate) fn lives(pid: u32) -> bool {
    status(pid).is_some_and(|(state, _)| state != 'Z' && state != 'X')
}

/// The command line of a process.
pub(crate) fn command_line(pid: u32) -> String {
    String::from_utf8_lossy(&fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default()).replace('\0', " ")
}

/// The children of a process.
pub(crate) fn children(parent: u32) -> Vec<u32> {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|&pid| status(pid).is_some_and(|(_, of)| of == parent)).collect()
}

/// Waits until none of them runs.
pub(crate) fn wait_until_gone(pids: &[u32]) {
    let start = Instant::now();
    while pids.iter().any(|&pid| lives(pid)) {
        assert!(start.elapsed() < GOES, "a server's process does not go: {pids:?}");
        sleep(Duration::from_millis(2));
    }
}
