//! The program `aurapos`.

use aurapos_app::{args::Args, program};
use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    program::run(&Args::parse())
}
