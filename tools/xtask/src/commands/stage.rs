//! `cargo xtask stage`: builds the programs and lays the first-party plugins beside them.

use super::{Command, unknown};
use crate::failure::Outcome;
use crate::stage::{Profile, Staged, build_and_lay_out};
use crate::workspace::Workspace;

pub(super) const COMMAND: Command = Command {
    name: "stage",
    summary: "build the programs and lay the first-party plugins beside them",
    help: "cargo xtask stage [--release]\n\n\
        Builds aurapos-admin, aurapos-plugin-probe and the plugins that come with AuraPOS, and lays out\n\
        \x20 target/<profile>/plugins/<id>/plugin.toml and the library beside it\n\
        \x20 target/<profile>/builtin.lock           the hashes by which the host trusts them\n\
        `run` and `test` do this themselves; type it after changing a plugin that a register of yours uses.\n\
        CARGO_TARGET_DIR is honoured. A running register keeps the files it has open.",
    run,
};

fn run(arguments: &[String]) -> Outcome<()> {
    let profile = match arguments {
        [] => Profile::Debug,
        [flag] if flag == "--release" => Profile::Release,
        [first, ..] => return Err(unknown(first)),
    };
    let staged = build_and_lay_out(&Workspace::members_only()?, profile)?;
    tell(&staged);
    Ok(())
}

/// One line a plugin, for the developer.
pub(super) fn tell(staged: &Staged) {
    println!("Staged in {}:", staged.folder.display());
    for plugin in &staged.plugins {
        println!("  plugins/{}/{}  {} bytes", plugin.id, plugin.file, plugin.size);
    }
}
