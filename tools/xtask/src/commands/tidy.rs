//! `cargo xtask tidy`: the rules about files that no compiler checks.

use super::{Command, no_arguments};
use crate::failure::Outcome;
use crate::tidy;
use crate::workspace::Workspace;

pub(super) const COMMAND: Command = Command {
    name: "tidy",
    summary: "check sizes, headers, unsafe code, marks and paths in every tracked file",
    help: "cargo xtask tidy\n\n\
        Refuses: Rust files over 600 lines, functions over 70, .slint files over 300; a crate without a README,\n\
        a `//!` header or a licence; `unsafe` outside plugin-api, plugin-host and tests, or without a SAFETY\n\
        comment; a screen with a colour, font size or padding of its own; marks of unfinished work and switched-off tests; paths and registry hosts of one machine.\n\
        Known exceptions stand in tools/xtask/tidy-allow.txt, which may only get shorter.",
    run,
};

fn run(arguments: &[String]) -> Outcome<()> {
    no_arguments(arguments)?;
    let workspace = Workspace::members_only()?;
    let checked = tidy::check(&workspace)?;
    println!("tidy: {checked} files are in order");
    Ok(())
}
