//! One module per group of commands. Each gives one [`Answer`] or one [`Failure`].

mod acts;
mod backup;
mod context;
mod doctor;
mod drawer;
mod export;
mod findings;
mod import;
mod init;
mod init_storage;
mod interrupt;
mod journal;
mod operator;
mod pair;
mod plugin;
mod plugin_given;
mod plugin_settings;
mod plugin_test;
mod progress;
mod proof;
mod registers;
mod role;
mod sale_view;
mod sales;
mod script;
mod sell;
mod server;
mod server_test;
mod settings;
mod standing;
mod status;
mod storage;
mod sync;

use crate::cli::{
    BackupCommand, Cli, Command, DrawerCommand, FindingsCommand, ImportCommand, JournalCommand, OperatorCommand,
    StorageCommand, SyncCommand,
};
use crate::cli::{PairCommand, PluginCommand, RegistersCommand, ServerCommand, SettingsCommand};
use crate::output::{Answer, Failure, Outcome};
use aurapos_runtime::settings::{MachineSettings, Mode};
use clap::CommandFactory as _;
use context::Context;

/// Does what was asked.
pub fn run(cli: Cli) -> Outcome {
    if let Command::Completions { shell } = &cli.command {
        return completions(*shell);
    }
    if let acts::Acts::Person(who) = acts::of(&cli.command)
        && who.operator.is_none()
    {
        return Err(acts::nobody());
    }
    let context = Context::new(cli.data, cli.json)?;
    let answer = on_the_master(&context, &cli.command).and_then(|()| carry_out(&context, &cli.command));
    let answer = answer.map_err(|failure| Failure { next: context.advice(&failure.next), ..failure })?;
    let answer = if changes(&cli.command) && acts::as_owner(&cli.command) { answer.by_the_owner() } else { answer };
    // Whoever can't be told must still not do it twice.
    let untold = answer.done.is_empty() && changes(&cli.command);
    Ok(if untold { answer.done("it is done") } else { answer })
}

/// What is done where the shop's server is, and not on a register that joined it.
fn on_the_master(context: &Context, command: &Command) -> Result<(), Failure> {
    let there = match command {
        Command::Server { command } => !matches!(command, ServerCommand::Test(_)),
        Command::Pair { command } => matches!(command, PairCommand::Issue(_)),
        Command::Registers { .. } => true,
        _ => false,
    };
    let settings = MachineSettings::read(&context.folder).ok().filter(|settings| there && settings.mode == Mode::Slave);
    let Some(settings) = settings else { return Ok(()) };
    let register = settings.register.as_deref().unwrap_or("This register");
    let message = format!("{register} joined a shop: its server is on the master, not on this machine");
    Err(Failure::new("AP-0609", message, "Run it on the master; `sync status` tells how this register stands with it."))
}

/// Whether a command changes something when it succeeds, as opposed to one that looks.
fn changes(command: &Command) -> bool {
    match command {
        Command::Init(_) | Command::Sell(_) | Command::Refund(_) => true,
        Command::Status | Command::Doctor | Command::Export(_) | Command::Sales { .. } => false,
        Command::Journal { .. } | Command::Completions { .. } => false,
        Command::Import { what: ImportCommand::Products { dry_run, .. } } => !dry_run,
        Command::Storage { command } => matches!(command, StorageCommand::Migrate(_)),
        Command::Sync { command } => matches!(command, SyncCommand::Now(_)),
        Command::Findings { command } => matches!(command, FindingsCommand::Resolve { .. }),
        Command::Drawer { command } => !matches!(command, DrawerCommand::Status { .. }),
        Command::Operator { command } => !matches!(command, OperatorCommand::List | OperatorCommand::Roles),
        Command::Backup { command } => !matches!(
            command,
            BackupCommand::List
                | BackupCommand::Verify { .. }
                | BackupCommand::Plan { .. }
                | BackupCommand::Proof { .. }
        ),
        Command::Settings { command } => !matches!(command, SettingsCommand::Get { .. } | SettingsCommand::List),
        Command::Server { command } => match command {
            ServerCommand::Status { renew } => *renew,
            ServerCommand::Test(_) => false,
            ServerCommand::Init(_) | ServerCommand::Start { .. } | ServerCommand::Stop { .. } => true,
        },
        Command::Pair { .. } => true,
        Command::Registers { command } => !matches!(command, RegistersCommand::List),
        Command::Plugin { command } => {
            let looks = matches!(command, PluginCommand::List | PluginCommand::Show { .. });
            !looks && !matches!(command, PluginCommand::Settings { .. } | PluginCommand::Test { .. })
        }
    }
}

fn carry_out(context: &Context, command: &Command) -> Outcome {
    match command {
        Command::Init(args) => init::init(context, args),
        Command::Status => status::status(context),
        Command::Doctor => doctor::doctor(context),
        Command::Import { what } => import::import(context, what),
        Command::Export(args) => export::export(context, args),
        Command::Sell(args) => sell::sell(context, args),
        Command::Refund(args) => sell::refund(context, args),
        Command::Sales { command } => sales::sales(context, command),
        Command::Drawer { command } => drawer::drawer(context, command),
        Command::Operator { command } => operator::operator(context, command),
        Command::Findings { command } => findings::findings(context, command),
        Command::Journal { command: JournalCommand::Verify } => journal::verify(context),
        Command::Backup { command } => backup::backup(context, command),
        Command::Settings { command } => settings::settings(context, command),
        Command::Plugin { command } => plugin::plugin(context, command),
        Command::Server { command } => server::server(context, command),
        Command::Storage { command } => storage::storage(context, command),
        Command::Sync { command } => sync::sync(context, command),
        Command::Pair { command } => pair::pair(context, command),
        Command::Registers { command } => registers::registers(context, command),
        Command::Completions { .. } => Ok(Answer::silent(true)),
    }
}

fn completions(shell: clap_complete::Shell) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "aurapos-admin", &mut script);
    let text = String::from_utf8_lossy(&script).trim_end().to_owned();
    Ok(Answer::new(serde_json::json!({"shell": shell.to_string(), "script": text}), text))
}

/// An answer of the engine that does not belong to the question.
fn unexpected(reply: &aurapos_runtime::engine::command::Reply) -> Failure {
    let kind = format!("{reply:?}");
    let kind = kind.split([' ', '(', '{']).next().unwrap_or_default().to_owned();
    Failure::new("AP-9002", format!("the engine answered with {kind}, which was not asked for"), "Tell support.")
}
