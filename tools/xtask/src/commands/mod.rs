//! The commands of `cargo xtask`, one file each, and the help that teaches them.

mod arrows;
mod bench;
mod first_sale;
mod freeze_api;
mod help;
mod new_plugin;
mod package;
mod postgres;
mod run;
mod shots;
mod stage;
mod test;
mod tidy;
mod windows;

use crate::failure::{Failure, Outcome};

/// One command: what it is called, what it does, how it is used.
pub(crate) struct Command {
    /// The word a developer types.
    name: &'static str,
    /// One line for the list.
    summary: &'static str,
    /// The page of `cargo xtask help NAME`.
    help: &'static str,
    /// Does it, with the arguments after the name.
    run: fn(&[String]) -> Outcome<()>,
}

/// In the order a newcomer meets them.
const COMMANDS: [Command; 13] = [
    run::COMMAND,
    shots::COMMAND,
    test::COMMAND,
    bench::COMMAND,
    stage::COMMAND,
    arrows::COMMAND,
    tidy::COMMAND,
    package::COMMAND,
    new_plugin::COMMAND,
    freeze_api::COMMAND,
    windows::COMMAND,
    postgres::COMMAND,
    help::COMMAND,
];

/// Runs the command that the arguments name; without any, teaches.
///
/// # Errors
/// The command is unknown, used wrongly, or fails.
pub fn dispatch(arguments: &[String]) -> Outcome<()> {
    let Some((name, rest)) = arguments.split_first() else {
        return (help::COMMAND.run)(&[]);
    };
    if matches!(name.as_str(), "-h" | "--help") {
        return (help::COMMAND.run)(rest);
    }
    let command = find(name)?;
    // What stands after `--` is for another program.
    let ours = rest.iter().take_while(|argument| *argument != "--");
    if ours.into_iter().any(|argument| matches!(argument.as_str(), "-h" | "--help")) {
        return (help::COMMAND.run)(std::slice::from_ref(name));
    }
    (command.run)(rest)
}

fn find(name: &str) -> Outcome<&'static Command> {
    COMMANDS
        .iter()
        .find(|command| command.name == name)
        .ok_or_else(|| Failure::usage(format!("there is no command `{name}`.")))
}

/// For commands that take no arguments.
fn no_arguments(arguments: &[String]) -> Outcome<()> {
    match arguments.first() {
        None => Ok(()),
        Some(argument) => Err(unknown(argument)),
    }
}

fn unknown(argument: &str) -> Failure {
    Failure::usage(format!("`{argument}` means nothing here."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(arguments: &[&str]) -> Vec<String> {
        arguments.iter().map(|&argument| argument.to_owned()).collect()
    }

    #[test]
    fn wrong_usage_ends_with_two_and_says_so() {
        for wrong in [
            &["fly"][..],
            &["tidy", "--fast"],
            &["arrows", "x"],
            &["run", "--data"],
            &["shots", "--out"],
            &["help", "fly"],
            &["new-plugin"],
            &["package", "--publish"],
            &["freeze-api", "--into"],
            &["freeze-api", "1.0.0"],
            &["windows", "--check", "--release"],
            &["postgres", "19"],
        ] {
            let failure = dispatch(&words(wrong)).unwrap_err();
            assert_eq!(failure.exit_code(), 2, "{wrong:?} gave {failure}");
            assert!(failure.to_string().contains("cargo xtask help"), "{failure}");
        }
    }

    #[test]
    fn every_command_teaches() {
        for command in &COMMANDS {
            assert!(command.help.contains(&format!("cargo xtask {}", command.name)), "{}", command.name);
            assert!(!command.summary.is_empty() && command.summary.len() < 90, "{}", command.name);
            dispatch(&words(&[command.name, "--help"])).unwrap();
            dispatch(&words(&["help", command.name])).unwrap();
        }
        dispatch(&[]).unwrap();
    }
}
