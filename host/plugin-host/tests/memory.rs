//! Memory that was freed goes back to the system. One test alone: it looks at the whole process.
#![cfg(all(target_os = "linux", target_env = "gnu"))]
#![allow(clippy::unwrap_used)]

use aurapos_plugin_host::{PluginHost, PluginHostOptions, give_memory_back};
use std::fs;
use std::hint::black_box;
use std::thread;

/// Memory of this process that is no file, in KiB (`proc_pid_smaps(5)`).
fn anonymous_kib() -> u64 {
    let told = fs::read_to_string("/proc/self/smaps_rollup").unwrap();
    let line = told.lines().find(|line| line.starts_with("Anonymous:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn what_a_thread_freed_is_not_kept_because_something_large_was_freed_before() {
    let place = tempfile::tempdir().unwrap();
    let options = PluginHostOptions { look_only: true, ..PluginHostOptions::in_folders(place.path(), place.path()) };
    let _host = PluginHost::open(options);
    let kept = thread::spawn(|| {
        // Glibc lets every arena keep eight megabytes from here on, unless it is told otherwise.
        drop(black_box(vec![1_u8; 4 << 20]));
        let before = anonymous_kib();
        // Nothing is asked for after them: what lies at an arena's end is out of reach of `malloc_trim`.
        let pages: Vec<Vec<u8>> = (0..1_500).map(|_| black_box(vec![1_u8; 4_000])).collect();
        drop(pages);
        give_memory_back();
        anonymous_kib().saturating_sub(before)
    });
    let kept = kept.join().unwrap();
    assert!(kept < 1_000, "{kept} KiB of 6,000 are kept");
}
