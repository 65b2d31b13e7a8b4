//! As whom each command acts: a person of the shop with their rights, or the owner of this machine.
//!
//! Whoever may write the data folder owns the machine: they can read the database and change the settings without this
//! program, so that it asks them for no PIN. What a person does in the shop is done as that person, and the journal names
//! them; where it names nobody, it was the machine's owner. See ADR 0022.

use crate::cli::{
    BackupCommand, Command, DrawerCommand, FindingsCommand, ImportCommand, JournalCommand, OperatorCommand,
    PairCommand, PluginCommand, RegistersCommand, RoleCommand, SalesCommand, ServerCommand, SettingsCommand, SignIn,
    StorageCommand, SyncCommand,
};
use crate::output::Failure;

/// As whom a command acts.
#[derive(Debug, Clone, Copy)]
pub enum Acts<'a> {
    /// As a person of the shop; without one it is refused.
    Person(&'a SignIn),
    /// As a person where one is named; otherwise as the owner of this machine, who gets what its line says.
    PersonOrOwner(&'a SignIn),
    /// As the owner of this machine.
    Owner,
}

/// As whom a command acts. A new one does not compile without its line.
pub fn of(command: &Command) -> Acts<'_> {
    match command {
        // There is nobody yet, and afterwards it refuses to run.
        Command::Init(_) => Acts::Owner,
        Command::Status | Command::Doctor | Command::Export(_) | Command::Completions { .. } => Acts::Owner,
        Command::Sales { command: SalesCommand::List { .. } | SalesCommand::Show { .. } } => Acts::Owner,
        Command::Journal { command: JournalCommand::Verify } => Acts::Owner,
        Command::Findings { command } => match command {
            FindingsCommand::List { .. } | FindingsCommand::Show { .. } => Acts::Owner,
            FindingsCommand::Resolve { who, .. } => Acts::Person(who),
        },
        // The journal then names nobody.
        Command::Import { what: ImportCommand::Products { who, .. } } => Acts::PersonOrOwner(who),
        // A script names somebody in each line, or leaves it to the option.
        Command::Sell(args) if args.script.is_some() => Acts::PersonOrOwner(&args.who),
        Command::Sell(args) => Acts::Person(&args.who),
        Command::Refund(args) => Acts::Person(&args.who),
        Command::Drawer { command } => match command {
            DrawerCommand::Open { who, .. } | DrawerCommand::Loan { who, .. } | DrawerCommand::Pickup { who, .. } => {
                Acts::Person(who)
            }
            // Blind without a person: scripts of cashiers ask it.
            DrawerCommand::Status { who } => Acts::PersonOrOwner(who),
        },
        Command::Operator { command } => of_people(command),
        Command::Backup { command } => of_backups(command),
        Command::Settings { command } => match command {
            SettingsCommand::Set { who, .. } => Acts::Person(who),
            SettingsCommand::Get { .. }
            | SettingsCommand::List
            | SettingsCommand::UseLastGood
            | SettingsCommand::WriteDefault { .. } => Acts::Owner,
        },
        Command::Storage { command: StorageCommand::Migrate(_) | StorageCommand::Check } => Acts::Owner,
        Command::Sync { command: SyncCommand::Status | SyncCommand::Now(_) | SyncCommand::Conflicts } => Acts::Owner,
        // A server is the machine's: whoever may write the data folder, and root for what is the system's.
        Command::Server { command } => match command {
            ServerCommand::Init(_)
            | ServerCommand::Start { .. }
            | ServerCommand::Stop { .. }
            | ServerCommand::Status { .. }
            | ServerCommand::Test(_) => Acts::Owner,
        },
        Command::Pair { command } => of_pairing(command),
        Command::Registers { command } => of_registers(command),
        Command::Plugin { command } => match command {
            PluginCommand::List
            | PluginCommand::Show { .. }
            | PluginCommand::Install { .. }
            | PluginCommand::Trust { .. }
            | PluginCommand::Enable { .. }
            | PluginCommand::Disable { .. }
            | PluginCommand::Remove { .. }
            | PluginCommand::Settings { .. }
            | PluginCommand::SetSecret { .. }
            | PluginCommand::UnsetSecret { .. }
            | PluginCommand::Test { .. }
            | PluginCommand::TestCases { .. }
            | PluginCommand::Pack { .. } => Acts::Owner,
        },
    }
}

/// Whoever may write the data folder may copy and delete what lies in it.
fn of_backups(command: &BackupCommand) -> Acts<'_> {
    match command {
        BackupCommand::Now { .. }
        | BackupCommand::List
        | BackupCommand::Verify { .. }
        | BackupCommand::Restore { .. }
        | BackupCommand::Copy { .. }
        | BackupCommand::Delete { .. }
        | BackupCommand::Plan { .. }
        | BackupCommand::Proof { .. }
        | BackupCommand::Run { .. } => Acts::Owner,
    }
}

/// Who belongs to the shop's server is the machine's, too: its socket lets its owner in. Who joins has no shop yet.
fn of_pairing(command: &PairCommand) -> Acts<'_> {
    match command {
        PairCommand::Issue(_) | PairCommand::Join(_) => Acts::Owner,
    }
}

/// The same for those who belong to it.
fn of_registers(command: &RegistersCommand) -> Acts<'_> {
    match command {
        RegistersCommand::List
        | RegistersCommand::Revoke { .. }
        | RegistersCommand::Readmit { .. }
        | RegistersCommand::Rename { .. } => Acts::Owner,
    }
}

/// Commands about operators and roles.
fn of_people(command: &OperatorCommand) -> Acts<'_> {
    match command {
        OperatorCommand::List | OperatorCommand::Roles => Acts::Owner,
        OperatorCommand::Role { command: RoleCommand::Set { who, .. } | RoleCommand::Remove { who, .. } } => {
            Acts::Person(who)
        }
        OperatorCommand::Add { who, .. }
        | OperatorCommand::Disable { who, .. }
        | OperatorCommand::Enable { who, .. }
        | OperatorCommand::SetRole { who, .. } => Acts::Person(who),
        // Only the sole manager, only when locked out; the journal then names nobody.
        OperatorCommand::ResetPin { who, .. } => Acts::PersonOrOwner(who),
    }
}

/// Whether a command acts as the owner of this machine: what it changes, it says so. A script of sales never does: each
/// line names somebody.
pub fn as_owner(command: &Command) -> bool {
    match of(command) {
        // There is nobody yet who could be named.
        Acts::Owner if matches!(command, Command::Init(_) | Command::Pair { command: PairCommand::Join(_) }) => false,
        // An author's tools: they touch no shop.
        Acts::Owner
            if matches!(
                command,
                Command::Plugin { command: PluginCommand::Pack { .. } | PluginCommand::TestCases { .. } }
            ) =>
        {
            false
        }
        Acts::Owner => true,
        Acts::PersonOrOwner(who) => who.operator.is_none() && !matches!(command, Command::Sell(_)),
        Acts::Person(_) => false,
    }
}

/// Nobody is named where somebody has to be.
pub fn nobody() -> Failure {
    Failure::usage("this is done as a person of the shop", "Give --operator NAME, and --pin or AURAPOS_PIN.")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::cli::Cli;
    use clap::{CommandFactory as _, Parser as _};

    /// Every command as it is typed, with `1`: a person, `2`: a person or the owner, `0`: the owner.
    const TABLE: &[(&str, u8)] = &[
        ("init --shop S --manager M", 0),
        ("status", 0),
        ("doctor", 0),
        ("import products a.csv", 2),
        ("export sales a.csv", 0),
        ("sell --item A --tender cash", 1),
        ("sell --script -", 2),
        ("refund --receipt R1-1-000001 --tender cash", 1),
        ("sales list", 0),
        ("sales show R1-1-000001", 0),
        ("drawer open --float 1", 1),
        ("drawer loan 1", 1),
        ("drawer pickup 1", 1),
        ("drawer status", 2),
        ("operator add Ben", 1),
        ("operator list", 0),
        ("operator roles", 0),
        ("operator role set shift", 1),
        ("operator role remove shift", 1),
        ("operator disable Ben", 1),
        ("operator enable Ben", 1),
        ("operator set-role Ben manager", 1),
        ("operator reset-pin Ben", 2),
        ("findings list", 0),
        ("findings show a", 0),
        ("findings resolve a", 1),
        ("journal verify", 0),
        ("backup now", 0),
        ("backup list", 0),
        ("backup verify a", 0),
        ("backup restore a", 0),
        ("backup copy a b", 0),
        ("backup delete a", 0),
        ("backup plan", 0),
        ("backup proof a.csv", 0),
        ("backup run", 0),
        ("settings get a", 0),
        ("settings set a b", 1),
        ("settings list", 0),
        ("settings use-last-good", 0),
        ("settings write-default", 0),
        ("plugin list", 0),
        ("plugin show a", 0),
        ("plugin install a", 0),
        ("plugin trust a", 0),
        ("plugin enable a", 0),
        ("plugin disable a", 0),
        ("plugin remove a", 0),
        ("plugin settings a", 0),
        ("plugin set-secret a b", 0),
        ("plugin unset-secret a b", 0),
        ("plugin test a", 0),
        ("plugin test-cases a --suite s --word w", 0),
        ("plugin pack a b c", 0),
        ("server init", 0),
        ("server start", 0),
        ("server stop", 0),
        ("server status", 0),
        ("server test a", 0),
        ("storage migrate --to master", 0),
        ("storage check", 0),
        ("sync status", 0),
        ("sync now", 0),
        ("sync conflicts", 0),
        ("pair issue", 0),
        ("pair join a", 0),
        ("registers list", 0),
        ("registers revoke R2", 0),
        ("registers readmit R2", 0),
        ("registers rename R2 Bar", 0),
        ("completions bash", 0),
    ];

    #[test]
    fn every_command_says_as_whom_it_acts() {
        for (words, expected) in TABLE {
            let cli = Cli::try_parse_from(["aurapos-admin"].into_iter().chain(words.split(' '))).unwrap();
            let found = match of(&cli.command) {
                Acts::Owner => 0,
                Acts::Person(_) => 1,
                Acts::PersonOrOwner(_) => 2,
            };
            assert_eq!(found, *expected, "{words}");
            // Whoever acts as nobody of the shop takes no name of one, so that it does not look as if they did.
            let named = format!("{words} --operator Ben");
            let named = Cli::try_parse_from(["aurapos-admin"].into_iter().chain(named.split(' ')));
            assert_eq!(named.is_ok(), *expected != 0, "{words}");
        }
    }

    #[test]
    fn every_command_stands_in_the_table() {
        fn leaves(command: &clap::Command, path: &str, found: &mut Vec<String>) {
            for one in command.get_subcommands().filter(|one| one.get_name() != "help") {
                let path = format!("{path} {}", one.get_name()).trim().to_owned();
                if one.has_subcommands() { leaves(one, &path, found) } else { found.push(path) }
            }
        }
        let mut found = Vec::new();
        leaves(&Cli::command(), "", &mut found);
        for leaf in &found {
            let known = TABLE.iter().any(|(words, _)| *words == leaf || words.starts_with(&format!("{leaf} ")));
            assert!(known, "{leaf} is missing in the table");
        }
        assert_eq!(found.len() + 1, TABLE.len(), "sell stands twice: {found:?}");
    }

    #[test]
    fn no_pin_shows_in_a_debug_form() {
        for words in [
            "init --shop S --manager M --pin 48151",
            "drawer open --float 1 --operator Ben --pin 48151",
            "operator add Ben --new-pin 48151",
            "operator reset-pin Ben --new-pin 48151 --operator Mia --pin 48151",
            "sell --script - --operator Mia --pin 48151",
        ] {
            let cli = Cli::try_parse_from(["aurapos-admin"].into_iter().chain(words.split(' '))).unwrap();
            assert!(!format!("{cli:?}").contains("48151"), "{words}");
        }
    }
}
