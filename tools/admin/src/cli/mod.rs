//! The words of the command line, and the help that teaches them. Names and options are a contract with scripts.

mod backup;
mod pair;
mod people;
mod plugin;
mod sale;
mod server;
mod shop;
mod storage;
mod sync;

pub use backup::{BackupCommand, Kind, Trigger};
pub use pair::{PairCommand, PairIssueArgs, PairJoinArgs, RegistersCommand};
pub use people::{DrawerCommand, OperatorCommand, Right, RoleCommand, SignIn};
pub use plugin::PluginCommand;
pub use sale::{RefundArgs, SalesCommand, SellArgs};
pub use server::{ServerCommand, ServerInitArgs, ServerTestArgs};
pub use shop::{
    Days, ExportArgs, ExportWhat, FindingsCommand, ImportCommand, InitArgs, JournalCommand, SettingsCommand,
};
pub use storage::{Goal, MigrateArgs, StorageCommand};
pub use sync::SyncCommand;

use clap::{Parser, Subcommand};
use std::path::PathBuf;

const EXAMPLES: &str = "\
A first shop, from nothing to a verified sale:
  aurapos-admin init --shop \"Corner Shop\" --manager Mia --pin 4711 --sample-data
  aurapos-admin drawer open --operator Mia --pin 4711 --float 100.00
  aurapos-admin sell --operator Mia --pin 4711 --item BOUL-001:2 --tender cash=20.00
  aurapos-admin journal verify
  aurapos-admin backup now

Exit codes: 0 done, 1 refused or failed, 2 wrong usage.
With --json standard output holds exactly one JSON document; an error is a line
{\"error\": {\"code\", \"message\", \"next\"}} on standard error.";

/// AuraPOS without a screen: set up, sell, import, verify, back up, restore.
#[derive(Debug, Parser)]
#[command(name = "aurapos-admin", version, after_help = EXAMPLES, propagate_version = true, max_term_width = 110)]
pub struct Cli {
    /// The register's data folder [env: AURAPOS_DATA] [default: this user's, $XDG_DATA_HOME/AuraPOS or %AppData%\AuraPOS]
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Answer with exactly one JSON document
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set up a shop in an empty data folder
    #[command(
        after_help = "Examples:\n  aurapos-admin --data ./shop init --shop \"Corner Shop\" --manager Mia --pin 4711 --sample-data\n  sudo aurapos-admin --data ./shop init --mode master --shop \"Corner Shop\" --manager Mia"
    )]
    Init(InitArgs),
    /// Show what this register is and how it stands
    Status,
    /// Check everything and say what to do
    Doctor,
    /// Bring a catalog in
    Import {
        #[command(subcommand)]
        what: ImportCommand,
    },
    /// Write a CSV file
    #[command(
        after_help = "Examples:\n  aurapos-admin export products catalog.csv\n  aurapos-admin export sales april.csv --from 2026-04-01 --to 2026-04-30\n  aurapos-admin export sales today.csv --day 2026-04-26\n\n\
        Sales have one row a line, and every column of amounts can be summed: total and rounding stand on the first line \
        of a sale,\nvat_base and vat_amount on the first line of each of its rates. For the books sum vat_base and \
        vat_amount by business_day\nand vat: that is the VAT of the receipts. Days are business days for sales, and \
        calendar days for the journal.\n\n\
        A file that is there already is kept unless --force is given; the data folder itself is never written into."
    )]
    Export(ExportArgs),
    /// Make one whole sale, or many from a script
    #[command(after_help = sale::SELL_EXAMPLES)]
    Sell(SellArgs),
    /// Give money back for a receipt
    #[command(
        after_help = "Examples:\n  aurapos-admin refund --operator Mia --receipt R1-1-000042 --tender cash\n  aurapos-admin refund --operator Mia --receipt R1-1-000042 --line 2:1 --tender cash"
    )]
    Refund(RefundArgs),
    /// Look at sales
    Sales {
        #[command(subcommand)]
        command: SalesCommand,
    },
    /// Open the drawer and see what is in it
    Drawer {
        #[command(subcommand)]
        command: DrawerCommand,
    },
    /// The people who sell
    Operator {
        #[command(subcommand)]
        command: OperatorCommand,
    },
    /// What a person has to look at: commits that were lost, registers that do not fit together
    Findings {
        #[command(subcommand)]
        command: FindingsCommand,
    },
    /// The journal of everything that matters
    Journal {
        #[command(subcommand)]
        command: JournalCommand,
    },
    /// Make, check, copy and restore backups
    Backup {
        #[command(subcommand)]
        command: BackupCommand,
    },
    /// What the whole shop shares, and this machine's settings file
    Settings {
        #[command(subcommand)]
        command: SettingsCommand,
    },
    /// Plugins: what is there, what is trusted, what is used
    Plugin {
        #[command(subcommand)]
        command: PluginCommand,
    },
    /// The PostgreSQL server beside the master, for shops with several registers
    #[command(after_help = server::EXAMPLES)]
    Server {
        #[command(subcommand)]
        command: ServerCommand,
    },
    /// Make a machine a register of a shop that has a server
    #[command(after_help = pair::PAIR_EXAMPLES)]
    Pair {
        #[command(subcommand)]
        command: PairCommand,
    },
    /// The registers of the shop, on the machine that has its server
    #[command(after_help = pair::REGISTERS_EXAMPLES)]
    Registers {
        #[command(subcommand)]
        command: RegistersCommand,
    },
    /// Where the shop's data is: with one register, or shared by several
    #[command(after_help = storage::EXAMPLES)]
    Storage {
        #[command(subcommand)]
        command: StorageCommand,
    },
    /// The exchange with the shop's shared storage, where there are several registers
    #[command(after_help = sync::EXAMPLES)]
    Sync {
        #[command(subcommand)]
        command: SyncCommand,
    },
    /// Print a completion script for a shell
    #[command(
        after_help = "Example:\n  aurapos-admin completions bash > ~/.local/share/bash-completion/completions/aurapos-admin"
    )]
    Completions {
        /// bash, zsh, fish, elvish or powershell
        shell: clap_complete::Shell,
    },
}
