//! Words for backups.

use clap::{Subcommand, ValueEnum};
use std::path::PathBuf;

/// Series of a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    Daily,
    Weekly,
}

/// What a run stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Trigger {
    Close,
    Start,
    Tick,
}

/// `backup …`
#[derive(Debug, Subcommand)]
pub enum BackupCommand {
    /// Make one now, whether it is due or not
    Now {
        /// Series it belongs to
        #[arg(long, value_enum, default_value = "daily")]
        kind: Kind,
    },
    /// All of them, newest first
    List,
    /// Read one whole and check it as a shop
    Verify {
        /// Name from the list, or a file
        name: String,
    },
    /// Put one in the place of the present data, which is kept aside
    #[command(
        after_help = "The present state is first saved as AuraPOS_avant_restauration_*. The shop opens as the same shop in a new\n\
        incarnation: no receipt number is given twice.\n\nExample:\n  aurapos-admin backup restore AuraPOS_backup_20260426_180042.db --yes"
    )]
    Restore {
        /// Name from the list, or a file
        name: String,
        /// Yes, replace the present data
        #[arg(long)]
        yes: bool,
    },
    /// Copy one elsewhere, read it back and compare
    Copy {
        /// Name from the list
        name: String,
        /// Folder or new file
        dest: PathBuf,
    },
    /// Delete one
    Delete {
        /// Name from the list
        name: String,
        /// Yes, delete it
        #[arg(long)]
        yes: bool,
    },
    /// Do what is due, as the register does by itself
    Run {
        /// Why
        #[arg(long, value_enum, default_value = "tick")]
        trigger: Trigger,
        /// Go by this time instead of the clock's
        #[arg(long, value_name = "TIME")]
        now: Option<String>,
    },
}
