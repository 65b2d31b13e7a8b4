//! Small words: shell quoting, plurals, what the command line's parser says.

use crate::cli::Cli;
pub use aurapos_master::shell_word as shell;
use clap::CommandFactory as _;

/// `1 row`, `2 rows`.
pub fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// An advice whose commands are for the folder that a program is called with: `aurapos-admin doctor` becomes
/// `aurapos-admin --data shop doctor`. What names a folder already, and what is done on the master, stays.
pub fn for_folder(advice: &str, program: &str) -> String {
    let mut parts = advice.split('`');
    let mut told = parts.next().unwrap_or_default().to_owned();
    let mut rest: Vec<&str> = parts.collect();
    rest.reverse();
    let mut in_command = true;
    while let Some(part) = rest.pop() {
        told.push('`');
        let elsewhere = rest.last().is_some_and(|after| after.trim_start().starts_with("on the master"));
        let (sudo, command) = part.strip_prefix("sudo ").map_or(("", part), |command| ("sudo ", command));
        match command.strip_prefix("aurapos-admin ") {
            Some(what) if in_command && !elsewhere && !what.starts_with("--data") => {
                told += &format!("{sudo}{program} {what}");
            }
            _ => told += part,
        }
        in_command = !in_command;
    }
    told
}

/// What the parser of the command line says, without its usage lines, in one paragraph.
pub fn one_paragraph(rendered: &str) -> String {
    let said = rendered.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:"));
    let said = said.filter(|line| !line.is_empty() && !line.starts_with("For more information"));
    said.collect::<Vec<_>>().join(" ").trim_start_matches("error: ").to_owned()
}

/// The command that was begun: `aurapos-admin backup restore`.
pub fn command_of(arguments: &[String]) -> String {
    let program = Cli::command();
    let (mut command, mut names) = (&program, vec!["aurapos-admin".to_owned()]);
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        if argument == "--data" {
            arguments.next();
        } else if let Some(below) = command.find_subcommand(argument) {
            command = below;
            names.push(below.get_name().to_owned());
        } else if !argument.starts_with('-') {
            break;
        }
    }
    names.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    #[test]
    fn words_come_back_whole_from_a_shell() {
        for (word, quoted) in [
            ("Mia", "Mia"),
            ("./shop", "./shop"),
            ("Jean Luc", "'Jean Luc'"),
            ("", "''"),
            ("O'Hara; x", "'O'\\''Hara; x'"),
        ] {
            assert_eq!(shell(word), quoted);
        }
    }

    #[test]
    fn an_advice_names_the_folder_that_was_named() {
        for (advice, told) in [
            ("`aurapos-admin doctor` tells more.", "`aurapos-admin --data x doctor` tells more."),
            ("Run `sudo aurapos-admin server init`.", "Run `sudo aurapos-admin --data x server init`."),
            ("See `aurapos-admin pair issue` on the master.", "See `aurapos-admin pair issue` on the master."),
            ("`aurapos-admin --data y doctor`", "`aurapos-admin --data y doctor`"),
            ("`a`, then `aurapos-admin b`; aurapos-admin c", "`a`, then `aurapos-admin --data x b`; aurapos-admin c"),
            ("", ""),
        ] {
            assert_eq!(for_folder(advice, "aurapos-admin --data x"), told);
        }
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!((count(1, "row", "rows"), count(0, "row", "rows")), ("1 row".to_owned(), "0 rows".to_owned()));
    }

    /// What is missing and what is possible stands in the one message that scripts get.
    #[test]
    fn wrong_usage_names_what_is_missing_and_possible() {
        let check = |line: &str, told: &[&str], command: &str| {
            let arguments: Vec<String> = line.split(' ').map(str::to_owned).collect();
            let program = ["aurapos-admin".to_owned()];
            let error = Cli::try_parse_from(program.iter().chain(&arguments)).unwrap_err();
            let message = one_paragraph(&error.render().to_string());
            told.iter().for_each(|word| assert!(message.contains(word), "{word}: {message}"));
            assert!(!message.contains('\n') && !message.contains("Usage:"), "{message}");
            assert_eq!(command_of(&arguments), command);
        };
        check("sell --operator Mia", &["--item", "--tender"], "aurapos-admin sell");
        check("--data sell backup now --kind x", &["daily", "weekly"], "aurapos-admin backup now");
        check("export nothing file.csv", &["products", "stock"], "aurapos-admin export");
        check("no-such-command", &["no-such-command"], "aurapos-admin");
    }
}
