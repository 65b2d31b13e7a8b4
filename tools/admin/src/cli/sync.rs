//! Words for the exchange with the shop's shared storage.

use clap::{Args, Subcommand};

pub const EXAMPLES: &str = "\
Examples:
  aurapos-admin sync status
  aurapos-admin sync now

The program that sells brings and takes everything by itself, all the time. `sync now` does it once where no program has the
register open.";

/// `sync …`
#[derive(Debug, Subcommand)]
pub enum SyncCommand {
    /// What waits to be brought to the shop, and when it last took something
    Status,
    /// Bring and take everything now, and come back when it is done
    Now(SyncNowArgs),
    /// What registers did that does not fit together
    Conflicts,
}

/// `sync now`
#[derive(Debug, Args)]
pub struct SyncNowArgs {
    /// For how long at most, in seconds
    #[arg(long, default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub seconds: u64,
}
