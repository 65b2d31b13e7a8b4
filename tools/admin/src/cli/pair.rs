//! Words for pairing registers of other machines, and for looking after them.

use clap::{Args, Subcommand};
use std::path::PathBuf;

pub const PAIR_EXAMPLES: &str = "\
Examples, on the master and then on the other machine:
  aurapos-admin pair issue --register-name Bar
  aurapos-admin --data ./bar pair join ABCD-EFGH-JKLM-NPQR-STUV --address 192.168.1.10

The same with a file, carried on a stick:
  aurapos-admin pair issue --out /media/stick/bar.json
  aurapos-admin --data ./bar pair join /media/stick/bar.json

A pairing is used once, and in time. Each register gets a code that no other one has or had.";

pub const REGISTERS_EXAMPLES: &str = "\
Examples:
  aurapos-admin registers list
  aurapos-admin registers rename R2 Terrace
  aurapos-admin registers revoke R2 --yes
  aurapos-admin registers readmit R2 --yes

All of them are for the owner of the machine with the server, on that machine.";

/// `pair …`
#[derive(Debug, Subcommand)]
pub enum PairCommand {
    /// On the master: make a pairing for one register, as a code to type or a file to carry
    Issue(PairIssueArgs),
    /// On a machine without a shop: join with a pairing of the master
    Join(PairJoinArgs),
}

/// `pair issue`
#[derive(Debug, Args)]
pub struct PairIssueArgs {
    /// Code of the register, such as R2 [default: the next one that nobody has or had]
    #[arg(long)]
    pub register: Option<String>,
    /// What the register is called
    #[arg(long, value_name = "NAME", default_value = "")]
    pub register_name: String,
    /// A name or address of this machine by which the register reaches it; may be given several times [default: those it listens at]
    #[arg(long, value_name = "ADDRESS")]
    pub address: Vec<String>,
    /// For how many hours it can be used, 1 to 168
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u64).range(1..=168))]
    pub hours: u64,
    /// Write the pairing into a new file, for its owner alone, instead of showing its code
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `pair join`
#[derive(Debug, Args)]
pub struct PairJoinArgs {
    /// The file that the master wrote, or the code that it shows; - reads either from standard input
    #[arg(value_name = "FILE_OR_CODE")]
    pub pairing: String,
    /// Name or address of the master; needed with a code [default: those in the file]
    #[arg(long, value_name = "HOST")]
    pub address: Option<String>,
    /// Port [default: that in the file, or 5432]
    #[arg(long)]
    pub port: Option<u16>,
    /// Database [default: that in the file, or aurapos]
    #[arg(long)]
    pub database: Option<String>,
    /// What this register is called [default: as the pairing says]
    #[arg(long, value_name = "NAME", default_value = "")]
    pub register_name: String,
    /// Don't ask the neighbours for the master when it is not where it should be
    #[arg(long)]
    pub no_search: bool,
}

/// `registers …`
#[derive(Debug, Subcommand)]
pub enum RegistersCommand {
    /// Show the registers of the shop: who they are, when each was last there
    List,
    /// Lock a register out at once; its code is not given again
    Revoke {
        /// Code of the register
        register: String,
        /// Do it without asking
        #[arg(long)]
        yes: bool,
    },
    /// Let a register in again that was locked out, so that it brings what it had not sent
    Readmit {
        /// Code of the register
        register: String,
        /// Do it without asking
        #[arg(long)]
        yes: bool,
    },
    /// Call a register something else
    Rename {
        /// Code of the register
        register: String,
        /// Its new name
        name: String,
    },
}
