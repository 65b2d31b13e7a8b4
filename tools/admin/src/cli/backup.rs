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
    /// What a run would make and delete now, and why. Changes nothing
    Plan {
        /// Why it would run
        #[arg(long, value_enum, default_value = "tick")]
        trigger: Trigger,
        /// Go by this time instead of the clock's
        #[arg(long, value_name = "TIME")]
        now: Option<String>,
    },
    /// Write the report on backups for an inspector: a page to print (.html) or a table (.csv)
    #[command(
        after_help = "Each backup of the legal period with its date, size, hash, journal entry and what became of it, and every time\n\
        without one. The journal is walked from its beginning to its end for it.\n\nExample:\n  aurapos-admin backup proof backups-2026.html --language fr"
    )]
    Proof {
        /// The file to write: its ending says which form
        file: PathBuf,
        /// Language of the page: en, fr, nl, de [default: the shop's]
        #[arg(long)]
        language: Option<String>,
        /// Write over a file that is there
        #[arg(long)]
        force: bool,
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
