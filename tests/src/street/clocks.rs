//! Another clock than the machine's, for one program.

use crate::shop::Shop;
use std::path::{Path, PathBuf};
use std::process::Command;

/// `libfaketime`, which `cargo xtask test` installs (package faketime).
///
/// # Panics
/// It is not there.
fn library() -> PathBuf {
    let folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"];
    let found = folders.map(|folder| Path::new(folder).join("faketime/libfaketime.so.1"));
    let found = found.into_iter().find(|library| library.exists());
    found.expect("libfaketime is needed (`cargo xtask test` installs it, package faketime)")
}

/// A command of a shop under a clock that is so far away: `+1y`, `-1y`; or as a file says that holds such a word and that may
/// change meanwhile. Clocks that measure how long something takes stay as they are.
pub fn at_clock(shop: &Shop, clock: &str, args: &[&str]) -> Command {
    let mut command = shop.command(args);
    command.env("LD_PRELOAD", library()).env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    match Path::new(clock).is_absolute() {
        true => command.env("FAKETIME_TIMESTAMP_FILE", clock).env("FAKETIME_NO_CACHE", "1"),
        false => command.env("FAKETIME", clock),
    };
    command
}
