//! `cargo xtask package`: the crates that a plugin's author needs, packed and proved.

use super::{Command, unknown};
use crate::failure::Outcome;
use crate::packed::{Proof, pack};
use crate::workspace::Workspace;

pub(super) const COMMAND: Command = Command {
    name: "package",
    summary: "the crates that a plugin is built on, packed and proved",
    help: "cargo xtask package [--no-build]\n\n\
        Packs aurapos-contract, aurapos-plugin-api and aurapos-plugin-testkit as a registry would have them, into\n\
        \x20 target/package/NAME-VERSION.crate\n\
        and builds each from what was packed, with nothing of this checkout in reach. Nothing is published.\n\
        \x20 --no-build  looks at their content only: README, licences, no file from outside (a second, as `test` does)",
    run,
};

fn run(arguments: &[String]) -> Outcome<()> {
    let proof = match arguments {
        [] => Proof::Build,
        [flag] if flag == "--no-build" => Proof::Content,
        [first, ..] => return Err(unknown(first)),
    };
    let workspace = Workspace::members_only()?;
    for packed in pack(&workspace, &workspace.target_dir, proof)? {
        println!("{} {}  {}", packed.name, packed.version, packed.file.display());
    }
    Ok(())
}
