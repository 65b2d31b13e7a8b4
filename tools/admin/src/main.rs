//! Everything a shop owner or a script needs without a screen.
//!
//! Owns: the words of the command line ([`cli`]), what is written and with which exit code ([`output`]), one module per
//! group of commands ([`commands`]). Must not know: databases, plugin files, threads of the register; those are
//! `aurapos-runtime`'s.

mod amounts;
mod cli;
mod commands;
mod os;
mod output;
mod table;
mod words;

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
        let message = words::one_paragraph(&error.render().to_string());
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let next = format!("See `{} --help`.", words::command_of(&arguments));
        return output::finish(&Err(output::Failure::usage(message, next)), true);
    }
    // Nobody reads it: the exit code still tells.
    let _ = error.print();
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}
