//! Everything a shop owner or a script needs without a screen.
//!
//! Owns: the words of the command line ([`cli`]), what is written and with which exit code ([`output`]), one module per
//! group of commands ([`commands`]). Must not know: databases, plugin files, threads of the register; those are
//! `aurapos-runtime`'s.

mod amounts;
mod cli;
mod commands;
mod output;
mod table;

use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let as_json = cli.json;
    let outcome = commands::run(cli);
    output::finish(&outcome, as_json)
}

/// Help and version go to standard output with 0; wrong usage is an error in the form that was asked for.
fn usage(error: &clap::Error) -> ExitCode {
    let asked_json = std::env::args_os().any(|argument| argument == "--json");
    if error.use_stderr() && asked_json {
        let text = error.render().to_string();
        let message = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        let failure = output::Failure::usage(message, "See `aurapos-admin --help`.");
        return output::finish(&Err(failure), true);
    }
    // Nobody reads it: the exit code still tells.
    let _ = error.print();
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}
