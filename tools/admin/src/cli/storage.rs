//! Words for where a shop's data is.

use clap::{Args, Subcommand, ValueEnum};

pub const EXAMPLES: &str = "\
Examples:
  aurapos-admin storage migrate --to master
  aurapos-admin storage check
  aurapos-admin storage migrate --to single --yes

A register keeps its own data in its own storage all the time: moving brings a copy of the shop to the server, or takes what is
missing from there, proves that both are the same, and changes nothing else. Called off or killed it can be made again.";

/// `storage …`
#[derive(Debug, Subcommand)]
pub enum StorageCommand {
    /// Make one register the master of several, or a register of several one by itself again
    Migrate(MigrateArgs),
    /// Compare every row of this register with the shop's shared storage
    Check,
}

/// `storage migrate`
#[derive(Debug, Args)]
pub struct MigrateArgs {
    /// What the register is afterwards
    #[arg(long, value_enum)]
    pub to: Goal,
    /// A setting of the shared storage, KEY=VALUE; may be given several times [default: the server that `server init` made here]
    #[arg(long = "storage-setting", value_name = "KEY=VALUE", value_parser = super::shop::key_and_value)]
    pub settings: Vec<(String, String)>,
    /// Read secrets of the shared storage from standard input, KEY=VALUE a line
    #[arg(long = "storage-secrets-stdin", requires = "settings")]
    pub secrets_stdin: bool,
    /// With --to single: leave the shared storage although other registers use it
    #[arg(long)]
    pub yes: bool,
    /// With --to single: the shared storage is gone for good, or locked this register out. Nothing more is brought, taken or
    /// compared; what this register has stays as it is
    #[arg(long)]
    pub server_lost: bool,
}

/// What a register becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Goal {
    /// The master of several registers
    Master,
    /// A register by itself
    Single,
}
