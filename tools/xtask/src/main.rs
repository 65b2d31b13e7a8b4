//! `cargo xtask`: everything a developer does with this repository beyond `cargo build`.
//!
//! Owns the list of commands and their help; the work is done by the library beside it.

use std::process::ExitCode;

use xtask::failure::Failure;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match xtask::commands::dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if failure != Failure::Told {
                eprintln!("{failure}");
            }
            ExitCode::from(failure.exit_code())
        }
    }
}
