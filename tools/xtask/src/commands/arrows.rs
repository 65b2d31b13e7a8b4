//! `cargo xtask arrows`: who may import whom, among crates and among files.

use super::{Command, no_arguments};
use crate::arrows;
use crate::failure::Outcome;
use crate::workspace::Workspace;

pub(super) const COMMAND: Command = Command {
    name: "arrows",
    summary: "check who imports whom, against the design",
    help: "cargo xtask arrows\n\n\
        Reads `cargo metadata` and the sources, and refuses an import that the architecture does not draw:\n\
        between our crates, from our crates to outside ones, and of clocks, threads, files and sockets where\n\
        a crate must not know them. In the crates whose files are read from top to bottom it refuses a circle of\n\
        files as well, by their names in order: put what both sides need into a file of its own below them.\n\
        Tests are left out, what a parent module re-exports counts as the parent. The rules stand in\n\
        tools/xtask/src/arrows/rules.rs; a new arrow needs an ADR that says why.",
    run,
};

fn run(arguments: &[String]) -> Outcome<()> {
    no_arguments(arguments)?;
    let workspace = Workspace::whole()?;
    let checked = arrows::check(&workspace)?;
    println!("arrows: {checked} crates import only what they may");
    Ok(())
}
