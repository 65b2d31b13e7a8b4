//! `cargo xtask help`: the list of commands, and one page for each.

use super::{COMMANDS, Command, find};
use crate::failure::{Failure, Outcome};

pub(super) const COMMAND: Command = Command {
    name: "help",
    summary: "this list, or the page of one command",
    help: "cargo xtask help [COMMAND]\n\nWithout a command, lists them all.",
    run,
};

fn run(arguments: &[String]) -> Outcome<()> {
    match arguments {
        [] => print!("{}", overview()),
        [name] => println!("{}", find(name)?.help),
        _ => return Err(Failure::usage("help takes one command at most.")),
    }
    Ok(())
}

fn overview() -> String {
    let mut text = String::from("cargo xtask COMMAND: everything about this repository beyond `cargo build`.\n\n");
    let width = COMMANDS.iter().map(|command| command.name.len()).max().unwrap_or(0);
    for Command { name, summary, .. } in &COMMANDS {
        text.push_str(&format!("  {name:width$}  {summary}\n"));
    }
    text.push_str(
        "\nNew here? `cargo xtask run --sample` opens the register in a sample shop;\n\
         `cargo xtask test` is everything a change has to pass, in the order in which failures are cheapest.\n\
         `cargo xtask help COMMAND` tells more about one of them.\n",
    );
    text
}
